use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::{Keymap, Override};
use crate::keys::{Action, Chord, Place};

fn other(place: Place, action: Action, chords: &[&str]) -> Override {
    Override {
        place,
        action,
        chords: chords.iter().map(|it| it.parse().unwrap()).collect(),
    }
}

fn means(map: &Keymap, place: Place, chord: &str) -> Option<Action> {
    let chord: Chord = chord.parse().unwrap();
    map.find(place, &chord.event()).map(|it| it.action)
}

#[test]
fn other_keys_go_before_the_tables_own_and_the_rest_stays() {
    let (map, refused) = Keymap::with(&[
        other(Place::Board, Action::New, &["Insert", "Ctrl-N"]),
        other(Place::Board, Action::Sync, &[]),
    ]);
    assert_eq!(refused, []);
    assert_eq!(means(&map, Place::Board, "Insert"), Some(Action::New));
    assert_eq!(means(&map, Place::Board, "Ctrl-N"), Some(Action::New));
    assert_eq!(means(&map, Place::Board, "n"), None);
    assert_eq!(means(&map, Place::Board, "s"), None);
    assert_eq!(means(&map, Place::Board, "q"), Some(Action::Quit));
}

#[test]
fn two_keys_may_change_places() {
    let (map, refused) = Keymap::with(&[
        other(Place::Board, Action::New, &["s"]),
        other(Place::Board, Action::Sync, &["n"]),
    ]);
    assert_eq!(refused, []);
    assert_eq!(means(&map, Place::Board, "s"), Some(Action::New));
    assert_eq!(means(&map, Place::Board, "n"), Some(Action::Sync));
}

#[test]
fn a_key_that_would_mean_two_things_is_refused_and_the_rest_holds() {
    let (map, refused) = Keymap::with(&[
        other(Place::Board, Action::New, &["q"]),
        other(Place::Board, Action::Sync, &["Ctrl-R"]),
        other(Place::Inspection, Action::Note, &["F1"]),
        other(Place::Everywhere, Action::Palette, &["g"]),
    ]);
    let lines: Vec<usize> = refused.iter().map(|(at, _)| *at).collect();
    assert_eq!(lines, [0, 2, 3]);
    assert!(refused[0].1.contains("leave Redtag"), "{refused:?}");
    assert_eq!(means(&map, Place::Board, "n"), Some(Action::New));
    assert_eq!(means(&map, Place::Board, "q"), Some(Action::Quit));
    assert_eq!(means(&map, Place::Board, "Ctrl-R"), Some(Action::Sync));
    assert_eq!(means(&map, Place::Board, "Ctrl-P"), Some(Action::Palette));
}

#[test]
fn letters_stay_letters_where_one_types_and_a_way_out_stays() {
    let (map, refused) = Keymap::with(&[
        other(Place::Editor, Action::Enter, &["s"]),
        other(Place::Everywhere, Action::Quit, &[]),
    ]);
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0].1.contains("typed"), "{refused:?}");
    let ctrl_c = KeyEvent::new(KeyCode::Char('c'), KeyModifiers::CONTROL);
    let found = map.find(Place::Editor, &ctrl_c).map(|it| it.action);
    assert_eq!(found, Some(Action::Quit));
}

#[test]
fn every_default_can_be_said_again_without_a_word() {
    let all: Vec<Override> = Place::ALL
        .into_iter()
        .flat_map(|place| {
            let own = place.bindings().iter().filter(|it| !it.is_fixed());
            own.map(move |it| Override {
                place,
                action: it.action,
                chords: it.chords.to_vec(),
            })
        })
        .collect();
    let (_, refused) = Keymap::with(&all);
    assert_eq!(refused, []);
}

#[test]
fn the_numeric_pads_enter_is_enter_except_where_it_is_a_new_line() {
    let map = Keymap::default();
    for place in [Place::Value, Place::Board, Place::GoTo, Place::Card] {
        assert_eq!(
            means(&map, place, "Ctrl-J"),
            means(&map, place, "Enter"),
            "{place:?}"
        );
        assert!(means(&map, place, "Ctrl-J").is_some());
    }
    assert_eq!(means(&map, Place::Editor, "Ctrl-J"), Some(Action::NewLine));
    let (map, _) = Keymap::with(&[other(Place::Board, Action::Sync, &["Ctrl-J"])]);
    assert_eq!(means(&map, Place::Board, "Ctrl-J"), Some(Action::Sync));
}
