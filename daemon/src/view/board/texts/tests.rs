use proptest::prelude::*;

use super::*;

#[test]
fn what_a_rule_tells_is_stored_once() {
    let mut texts = Texts::default();
    for text in [
        "ABC 1234\n1HGCM82633A004352",
        "Ada O'Neil-Smith",
        "lift 2",
        "",
    ] {
        let before = texts.bytes.len();
        let at = texts.put(Text::default(), text);
        assert_eq!(texts.bytes.len() - before, text.len());
        assert_eq!(texts.text(at), text);
        assert_eq!(texts.folded(at), fold(text).as_bytes());
    }
    let at = texts.put(Text::default(), "Zoë McÁng");
    assert_eq!(texts.text(at), "Zoë McÁng");
    assert_eq!(texts.folded(at), b"zoe mcang");
}

#[test]
fn a_text_that_stays_takes_no_more_room() {
    let mut texts = Texts::default();
    let at = texts.put(Text::default(), "Škoda");
    let room = texts.bytes.len();
    let again = texts.put(at, "Škoda");
    assert_eq!((texts.bytes.len(), texts.wasted), (room, 0));
    let other = texts.put(again, "Fiat");
    assert_eq!(texts.text(other), "Fiat");
    assert_eq!(texts.wasted, room);
    let long = "ä".repeat(40_000);
    let at = texts.put(Text::default(), &long);
    assert_eq!(texts.text(at).len(), MOST);
}

proptest! {
    #[test]
    fn any_text_comes_back(all in proptest::collection::vec(".{0,20}", 1..20)) {
        let mut texts = Texts::default();
        let at: Vec<Text> = all.iter().map(|it| texts.put(Text::default(), it)).collect();
        let mut other = Texts::default();
        for (at, text) in at.into_iter().zip(&all) {
            prop_assert_eq!(&texts.text(at), text);
            let carried = other.carry(&texts, at);
            prop_assert_eq!(&other.text(carried), text);
            let folded = fold(text);
            prop_assert_eq!(other.folded(carried), folded.as_bytes());
        }
    }
}
