//! The outbox.

use super::{drawn, picture, table::SCREENS};
use crate::{app::Layer, theme::Theme};

#[test]
fn a_passphrase_is_never_on_the_screen() {
    let (_, begin, set) = SCREENS
        .iter()
        .find(|(name, ..)| *name == "outbox_export")
        .unwrap();
    let mut client = begin();
    set(&mut client);
    let Some(Layer::Editor(editor)) = client.state.layers.last() else {
        panic!("no passphrase is asked for");
    };
    assert_eq!(editor.input.text(), "sesame");
    let typed = drawn(&mut client, 80, 24, Theme::new(true, false));
    assert!(!picture(&typed).contains("sesame"));
}
