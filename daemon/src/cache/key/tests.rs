use super::*;

const ID: &str = "019a2b3c-4d5e-7f60-8a9b-0c1d2e3f4a5b";

#[test]
fn a_known_kind_is_compact_and_another_keeps_its_words() {
    let known = Key::of("vehicle", ID);
    assert_eq!(known.entity().unwrap().to_string(), format!("vehicle {ID}"));
    for (kind, id) in [
        ("hologram", ID),
        ("vehicle", "x"),
        ("vehicle", &ID.to_uppercase()),
    ] {
        let other = Key::of(kind, id);
        assert_eq!(other, Key::Other(format!("{kind}\0{id}")), "{kind} {id}");
    }
}

#[test]
fn keys_come_back_as_what_they_were() {
    let conn = rusqlite::Connection::open_in_memory().unwrap();
    for key in [Key::of("template", ID), Key::of("hologram", "h-1")] {
        let back: Key = conn
            .query_row("SELECT ?1", [&key], |row| row.get(0))
            .unwrap();
        assert_eq!(back, key);
    }
}
