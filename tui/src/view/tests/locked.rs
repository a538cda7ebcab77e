//! Nothing of a locked account is on the screen.

use std::collections::BTreeSet;

use redtag_protocol::ipc::Lock;

use super::{drawn, table};
use crate::{app::fixture::Client, theme::Theme};

fn words(client: &mut Client, width: u16, height: u16) -> BTreeSet<String> {
    let buffer = drawn(client, width, height, Theme::new(true, false));
    let text: String = buffer
        .content
        .iter()
        .map(ratatui::buffer::Cell::symbol)
        .collect();
    let words = text.split(|c: char| !c.is_alphanumeric());
    words.filter(|it| it.len() > 2).map(str::to_owned).collect()
}

#[test]
fn what_was_shown_is_not_drawn_while_it_is_locked() {
    for (name, begin, set) in table::SCREENS {
        if *name == "locked" {
            continue;
        }
        let mut client = begin();
        set(&mut client);
        let shown = words(&mut client, 80, 24);
        let mut locked = begin();
        set(&mut locked);
        table::lock(&mut locked);
        let left = words(&mut locked, 80, 24);
        // The person's own name and address are what the door says; the rest are words of its own.
        let account = locked.state.locked.as_ref().unwrap().accounts[0].clone();
        let own = format!(
            "{} {} Locked PIN Enter open another account Tab Down",
            account.name, account.email
        );
        let own: BTreeSet<&str> = own.split(|c: char| !c.is_alphanumeric()).collect();
        let kept: Vec<&String> = left.intersection(&shown).collect();
        let kept: Vec<_> = kept
            .into_iter()
            .filter(|it| !own.contains(it.as_str()))
            .collect();
        assert!(kept.is_empty(), "{name}: {kept:?}");
    }
}

#[test]
fn the_door_says_what_the_matter_is() {
    for (lock, said) in [
        (Lock::Waiting { seconds: 30 }, "seconds"),
        (Lock::Spent, "password"),
        (Lock::Lapsed, "network"),
    ] {
        let (_, begin, _) = table::SCREENS[0];
        let mut client = begin();
        table::lock(&mut client);
        client.state.locked.as_mut().unwrap().accounts[0].lock = Some(lock);
        let shown = words(&mut client, 80, 24);
        assert!(shown.contains(said), "{shown:?}");
    }
}
