use super::*;

#[test]
fn a_place_is_read_as_it_was_written_and_nothing_else_is_one() {
    let place = Place {
        seq: Seq(20),
        hash: [1, 2, 3, 4, 5, 6, 7, 8],
    };
    let text = place.to_string();
    assert_eq!((text.len(), text.parse()), (22, Ok(place)));
    for other in [
        "",
        "AAAA",
        &text[1..],
        &format!("{text}AA"),
        "?AAAAAAAAAAAAAAAAAAAAA",
    ] {
        assert_eq!(other.parse::<Place>(), Err(PlaceError), "{other}");
    }
}
