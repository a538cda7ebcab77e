use super::*;

#[test]
fn an_id_has_one_spelling() {
    let id = ShopId::from_parts(1_700_000_000_000, [7; 10]);
    assert_eq!(id.to_string().parse::<ShopId>(), Ok(id));
    assert!(id.to_string().replace('-', "").parse::<ShopId>().is_err());
    let error = "\u{1b}[2Jx"
        .parse::<InspectionId>()
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("inspection id") && !error.contains('\u{1b}'),
        "{error}"
    );
}

#[test]
fn a_device_code_is_a_letter_and_a_digit() {
    for byte in 0..=255 {
        let code = DeviceId::from_parts(0, [byte; 10]).code();
        assert!(
            code.len() == 2 && !code.contains(['I', 'O', '0', '1']),
            "{code}"
        );
    }
}

#[test]
fn keys_are_plain_words() {
    assert!("tyres.tread.lf".parse::<PointKey>().is_ok());
    for bad in [
        "",
        "Tyres",
        "a..b",
        ".a",
        "a b",
        "../etc",
        "a/b",
        "-a",
        &"x".repeat(81),
    ] {
        assert!(bad.parse::<PointKey>().is_err(), "{bad}");
    }
}
