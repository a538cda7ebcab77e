use super::*;

#[test]
fn a_pin_is_four_to_twelve_digits_and_does_not_print_itself() {
    for (text, fits) in [
        ("123", false),
        ("1234", true),
        ("000000000000", true),
        ("0000000000000", false),
        ("12a4", false),
        ("١٢٣٤", false),
        ("", false),
    ] {
        assert_eq!(Pin(text.to_owned()).unfit().is_none(), fits, "{text}");
    }
    assert_eq!(format!("{:?}", Pin("4711".to_owned())), "Pin(…)");
}
