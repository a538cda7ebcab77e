//! Pages are atomic: a process that dies while it takes one leaves the cache as it was before.

use super::Violation;
use crate::bench::Mark;

pub(crate) fn check(before: &Mark, after: &Mark) -> Result<(), Violation> {
    if before == after {
        return Ok(());
    }
    let cursor = before.cursor == after.cursor;
    let copies = before.copies == after.copies;
    Err(Violation::new(
        "pages are atomic",
        format!(
            "a page that was not committed left its trace: cursor as before {cursor}, documents as before {copies}"
        ),
    ))
}

pub(crate) fn can_fail() {
    let mark = |cursor: &str, documents: u8| Mark {
        cursor: Some(cursor.to_owned()),
        copies: (0..documents)
            .map(|it| (("customer".to_owned(), it.to_string()), (1, Vec::new())))
            .collect(),
    };
    assert!(check(&mark("a", 1), &mark("a", 1)).is_ok());
    assert!(check(&mark("a", 1), &mark("a", 2)).is_err());
    assert!(check(&mark("a", 1), &mark("b", 1)).is_err());
}
