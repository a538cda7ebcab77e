use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::Input;

fn strike(input: &mut Input, code: KeyCode) {
    assert!(input.key(&KeyEvent::new(code, KeyModifiers::NONE)));
}

#[test]
fn what_a_person_sees_as_one_character_is_deleted_whole() {
    let mut input = Input::line("ae\u{301}");
    strike(&mut input, KeyCode::Backspace);
    assert_eq!(input.text(), "a");
}

#[test]
fn pasted_text_is_text() {
    let mut input = Input::line("");
    input.paste("a\u{1b}[31mb\nc\u{202e}d");
    assert_eq!(input.text(), "ab cd");
    let mut note = Input::lines("");
    note.paste("a\r\nb");
    assert_eq!(note.text(), "a\nb");
}

#[test]
fn a_line_has_an_end_and_keeps_to_it() {
    let mut input = Input::line(&"x".repeat(500));
    assert_eq!(input.text().len(), 200);
    strike(&mut input, KeyCode::Char('y'));
    assert_eq!(input.text().len(), 200);
}

#[test]
fn the_cursor_moves_between_lines_by_column() {
    let mut input = Input::lines("first\nse\nthird");
    strike(&mut input, KeyCode::Up);
    assert_eq!(input.before(), "first\nse");
    strike(&mut input, KeyCode::Up);
    assert_eq!(input.before(), "fi");
    strike(&mut input, KeyCode::Up);
    assert_eq!(input.before(), "");
    strike(&mut input, KeyCode::Down);
    strike(&mut input, KeyCode::Down);
    strike(&mut input, KeyCode::Down);
    assert_eq!(input.before(), "first\nse\nthird");
}

#[test]
fn words_and_lines_are_cut() {
    let mut input = Input::line("left front tyre");
    assert!(input.key(&KeyEvent::new(KeyCode::Char('w'), KeyModifiers::CONTROL)));
    assert_eq!(input.text(), "left front ");
    assert!(input.key(&KeyEvent::new(KeyCode::Char('u'), KeyModifiers::CONTROL)));
    assert_eq!(input.text(), "");
}
