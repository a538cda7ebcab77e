use tokio_postgres::error::SqlState;

use super::{Fault, judge};

#[test]
fn every_code_that_can_come_has_its_word() {
    let words = [
        ("23505", Fault::Constraint),
        ("23503", Fault::Constraint),
        ("23514", Fault::Constraint),
        // Our own triggers.
        ("23000", Fault::Constraint),
        ("22021", Fault::Constraint),
        ("22003", Fault::Constraint),
        ("54000", Fault::Constraint),
        ("40001", Fault::Busy),
        ("40P01", Fault::Busy),
        ("55P03", Fault::Busy),
        ("57014", Fault::Busy),
        ("53300", Fault::Busy),
        ("08006", Fault::Lost),
        ("08P01", Fault::Lost),
        ("57P01", Fault::Lost),
        ("57P02", Fault::Lost),
        ("57P03", Fault::Lost),
        ("57P05", Fault::Lost),
        ("25P03", Fault::Lost),
        ("25P04", Fault::Lost),
        ("25006", Fault::Lost),
        ("53100", Fault::Full),
        ("42501", Fault::Walled),
        // An unknown column, a transaction that failed before.
        ("42703", Fault::Other),
        ("25P02", Fault::Other),
        ("28P01", Fault::Other),
    ];
    for (code, word) in words {
        assert_eq!(judge(&SqlState::from_code(code)), word, "{code}");
    }
}
