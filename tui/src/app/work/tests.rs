use super::*;

#[test]
fn money_is_typed_in_whole_units_with_either_mark_or_in_cents() {
    let cents = |text: &str| amount(text).map(Cents::get);
    assert_eq!(cents("45"), Ok(4_500));
    assert_eq!(cents(" 45.5 "), Ok(4_550));
    assert_eq!(cents("45,50"), Ok(4_550));
    assert_eq!(cents("4550c"), Ok(4_550));
    assert_eq!(cents("4550 ct"), Ok(4_550));
    assert_eq!(cents(""), Ok(0));
    assert!(cents("-1").is_err());
    assert!(cents("1.234").is_err());
    assert!(cents("c").is_err());
    assert!(cents("abc").is_err());
}
