use super::*;
use crate::testing;

#[test]
fn an_account_that_cannot_be_opened_is_said_with_why() {
    let mut account = testing::account();
    assert!(!render(&[account.clone()]).contains("Note"));
    account.shut = Some("cannot be opened: its key is gone".to_owned());
    assert!(render(&[account]).contains("Note: cannot be opened: its key is gone"));
}
