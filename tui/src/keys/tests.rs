use std::fmt::Write as _;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use redtag_protocol::role::{Permission, Role};

use super::{Action, Binding, Keymap, Place};

/// The table of keys as the documentation shows it.
fn document() -> String {
    let mut out = String::from(
        "# The keys of the full-screen client\n\nMade from the table of keys in `tui/src/keys/`; `?` or F1 shows those of the place you are in.\nEvery one but the digits can be another: `redtag config keys` prints the table as TOML, and what you put into\n`client.toml` (`redtag config path`) under the name in the last column goes before it, as in\n`[keys.board]` `new = [\"n\", \"Insert\"]`. What is spelled wrong or would mean two things at one place is said\nwith its line and left out; the rest holds.\n",
    );
    for place in Place::ALL {
        writeln!(
            out,
            "\n## {}\n\n| key | what it does | name |\n|---|---|---|",
            place.name()
        )
        .unwrap();
        for binding in place.bindings() {
            writeln!(
                out,
                "| {} | {} | {} |",
                binding.keys(false).replace('|', "\\|"),
                binding.words,
                if binding.is_fixed() {
                    String::new()
                } else {
                    format!("`{}.{}`", place.id(), binding.action.id())
                }
            )
            .unwrap();
        }
    }
    out
}

#[test]
fn the_documentation_shows_the_keys_that_there_are() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../assets/docs/keys.md");
    if std::env::var_os("REDTAG_WRITE_DOCS").is_some() {
        std::fs::write(path, document()).unwrap();
    }
    let shown = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        shown == document(),
        "assets/docs/keys.md is behind the table of keys; make it anew: REDTAG_WRITE_DOCS=1 cargo test -p redtag keys"
    );
}

fn key(code: KeyCode) -> KeyEvent {
    KeyEvent::new(code, KeyModifiers::NONE)
}

fn binding(place: Place, key: &KeyEvent) -> Option<&'static Binding> {
    Keymap::default().find(place, key)
}

#[test]
fn no_key_means_two_things_at_one_place() {
    for place in Place::ALL {
        let bindings = place.bindings();
        for (at, one) in bindings.iter().enumerate() {
            for other in &bindings[at + 1..] {
                for chord in one.chords {
                    assert!(
                        !other.chords.contains(chord),
                        "{}: {} is “{}” and “{}”",
                        place.name(),
                        chord.name(false),
                        one.words,
                        other.words
                    );
                }
            }
        }
    }
}

#[test]
fn caps_lock_does_not_change_a_condition_but_shift_can_mean_more() {
    let green = binding(Place::Inspection, &key(KeyCode::Char('G'))).unwrap();
    assert_eq!(green.hint, Some("green"));
    let previous = binding(Place::Inspection, &key(KeyCode::Char('O'))).unwrap();
    assert_eq!(previous.action, Action::PreviousOpen);
}

#[test]
fn a_viewer_is_not_offered_what_a_viewer_may_not_do() {
    let keys = Keymap::default();
    let all = keys.offered(Place::Inspection, Some(Role::Viewer));
    let all: Vec<_> = all.map(|it| it.binding).collect();
    assert!(all.iter().all(|binding| binding.needs == Permission::Read));
    assert!(all.iter().any(|binding| binding.action == Action::Timeline));
}

#[test]
fn keys_are_named_for_people() {
    let digits = binding(Place::Inspection, &key(KeyCode::Char('7'))).unwrap();
    assert_eq!(digits.keys(false), "0-9 . , - +");
    let up = binding(Place::Board, &key(KeyCode::Up)).unwrap();
    assert_eq!(up.keys(false), "↑ k");
    assert_eq!(up.keys(true), "Up k");
    let newline = binding(
        Place::Editor,
        &KeyEvent::new(KeyCode::Char('j'), KeyModifiers::CONTROL),
    );
    assert_eq!(newline.unwrap().keys(true), "Alt-Enter Ctrl-J");
}

#[test]
fn at_one_place_a_name_means_one_action_and_every_name_is_plain() {
    for place in Place::ALL {
        let mut seen = Vec::new();
        for binding in place.bindings().iter().filter(|it| !it.is_fixed()) {
            let id = binding.action.id();
            let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
            assert!(!id.is_empty() && id.chars().all(plain), "{id}");
            assert!(!seen.contains(&id), "{}: {id} twice", place.id());
            seen.push(id);
        }
    }
    assert_eq!(Action::NextGroup.id(), "next-group");
    assert_eq!(Action::Tab(0).id(), "tab-1");
}

#[test]
fn a_letter_of_everywhere_is_typed_where_one_types() {
    let colon = key(KeyCode::Char(':'));
    for place in Place::ALL {
        let found = binding(place, &colon).map(|it| it.action);
        assert_eq!(
            found,
            (!place.types()).then_some(Action::Palette),
            "{place:?}"
        );
    }
}
