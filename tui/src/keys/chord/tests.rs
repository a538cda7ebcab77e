use super::{Chord, names};
use crate::keys::Place;

#[test]
fn every_key_of_the_table_can_be_written_as_it_is_shown() {
    for place in Place::ALL {
        for chord in place.bindings().iter().flat_map(|it| it.chords) {
            let name = chord.name(true);
            assert_eq!(name.parse(), Ok(*chord), "{name}");
        }
    }
}

#[test]
fn keys_are_written_as_people_do() {
    for (one, other) in [
        ("ctrl-p", "Ctrl+P"),
        ("c-p", "Ctrl-p"),
        ("A-enter", "Alt-Return"),
        ("shift-tab", "BackTab"),
        ("pagedown", "PgDn"),
        ("shift-n", "N"),
        ("Ctrl--", "ctrl+-"),
    ] {
        let (one, other): (Chord, Chord) = (one.parse().unwrap(), other.parse().unwrap());
        assert_eq!(one, other);
    }
    assert_ne!("n".parse::<Chord>(), "N".parse::<Chord>());
    assert_eq!("-".parse::<Chord>().unwrap().name(true), "-");
}

#[test]
fn what_no_terminal_can_tell_is_refused_with_a_reason() {
    for (text, reason) in [
        ("Ctrl-I", "Tab"),
        ("ctrl-m", "Enter"),
        ("Hyper-x", "hyper"),
        ("Shift-Up", "Shift"),
        ("nn", "no key"),
        ("", "no key"),
        ("F99", "no key"),
        ("\u{1b}", "no key"),
    ] {
        let error = text.parse::<Chord>().unwrap_err().to_string();
        assert!(error.contains(reason), "{text:?}: {error}");
    }
}

#[test]
fn several_are_shown_one_after_the_other() {
    let chords: Vec<Chord> = ["n", "Ctrl-N"].map(|it| it.parse().unwrap()).to_vec();
    assert_eq!(names(&chords, true), "n Ctrl-N");
}
