use super::*;

#[test]
fn a_text_is_read_back_and_no_altered_one_fits() {
    let (shop, id) = (
        ShopId::from_parts(1, [1; 10]),
        PassId::from_parts(2, [2; 10]),
    );
    let (text, kept) = mint(ENROLMENT, shop, id);
    let read_back = read(ENROLMENT, &format!(" {}\n", &*text)).unwrap();
    assert_eq!((read_back.shop, read_back.id), (shop, id));
    assert!(read_back.fits(&kept));
    let (_, other) = mint(ENROLMENT, shop, id);
    assert!(!read_back.fits(&other));
    assert!(!format!("{read_back:?}").contains(&text[60..]));
    for at in ENROLMENT.len()..text.len() {
        let mut altered = text.as_bytes().to_vec();
        altered[at] = if altered[at] == b'A' { b'B' } else { b'A' };
        let altered = String::from_utf8(altered).unwrap();
        let same = read(ENROLMENT, &altered)
            .is_some_and(|it| it.shop == shop && it.id == id && it.fits(&kept));
        assert!(!same, "{at}");
    }
    for text in [
        "",
        "rtenrol_",
        "rtenrol_AAAA",
        &text[1..],
        &text[..text.len() - 1],
    ] {
        assert!(read(ENROLMENT, text).is_none(), "{text}");
    }
}
