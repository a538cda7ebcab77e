use ratatui::style::Style;

use super::{Rank, Row, fitting};

#[test]
fn what_matters_least_goes_first_and_the_order_stays() {
    let row = |rank, label| Row::words(rank, label, String::new(), Style::new());
    let rows = [
        row(Rank::Answer, "answer"),
        row(Rank::Rule, "limits"),
        row(Rank::More, "more limits"),
        row(Rank::Before, "last time"),
        row(Rank::Written, "note"),
        row(Rank::Missing, "missing"),
        row(Rank::Later, "photos"),
    ];
    let kept = |room| -> (Vec<&str>, bool) {
        let (kept, cut) = fitting(&rows, room);
        (kept.iter().map(|row| row.label).collect(), cut)
    };
    assert_eq!(kept(7).0.len(), 7);
    assert!(!kept(7).1);
    assert_eq!(
        kept(5),
        (
            vec!["answer", "limits", "last time", "note", "missing"],
            true
        )
    );
    assert_eq!(kept(3), (vec!["answer", "note", "missing"], true));
    assert_eq!(kept(0), (Vec::new(), true));
}
