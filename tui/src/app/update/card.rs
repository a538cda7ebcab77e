//! Keys of the form in which a vehicle or customer is written down, and what becomes of it.

use crossterm::event::KeyEvent;
use redtag_protocol::ipc::{Likeness, Reply, Request};

use super::subject;
use crate::{
    app::{Card, Confirm, Deed, Item, Layer, Purpose, Screen, Standing, State},
    keys::{Action, Place},
    link::Error,
};

/// Opens it.
pub(super) fn open(state: &mut State, card: Card) {
    state.above.push(Screen::Card(Box::new(card)));
    compare(state);
}

/// Does what a key says; keys without a meaning type.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let Some(card) = state.card_mut() else { return };
    if card.saving.is_some() && action != Some(Action::Back) {
        return;
    }
    // Whoever goes on typing saves anew, and is told.
    let waited = std::mem::take(&mut card.waits);
    match action {
        Some(Action::Up) => card.step(false),
        Some(Action::Enter) if card.item().is_none() => save(state),
        Some(Action::Down | Action::Enter) => leave_field(state),
        Some(Action::Save) => save(state),
        Some(Action::Next) if card.item().is_some_and(Item::cycles) => card.cycle(true),
        Some(Action::Previous) if card.item().is_some_and(Item::cycles) => card.cycle(false),
        Some(Action::Back) => back(state),
        _ => {
            card.problem = None;
            if card.item() == Some(Item::Vin) {
                card.vin_accepted = false;
            }
            if let Some(input) = card.input_mut() {
                input.key(key);
            }
        }
    }
    let still = |card: &Card| !card.waits && card.saving.is_none();
    if waited && action != Some(Action::Back) && state.card_mut().is_some_and(|card| still(card)) {
        let key = state.keys.key(Place::Card, Action::Save, true);
        let key = key.map_or_else(String::new, |key| format!("; {key} saves it"));
        state.say(format!("what you wrote is not saved yet{key}"));
    }
}

/// A field was clicked, or what saves, which is the last.
pub(super) fn click(state: &mut State, at: usize) {
    let Some(card) = state.card_mut() else { return };
    if card.saving.is_some() {
        return;
    }
    card.waits = false;
    if card.at != at {
        if card.item() == Some(Item::Vin) {
            card.propose();
        }
        card.at = at.min(card.fields.len());
        return compare(state);
    }
    match card.item() {
        None => save(state),
        Some(item) if item.cycles() => card.cycle(true),
        Some(_) => {}
    }
}

/// Pasted or scanned text goes into the field.
pub(super) fn paste(state: &mut State, text: &str) {
    if let Some(input) = state.card_mut().and_then(Card::input_mut) {
        input.paste(text.trim());
    }
}

/// To the next field; what the former says is compared with what is there.
fn leave_field(state: &mut State) {
    let Some(card) = state.card_mut() else { return };
    if card.item() == Some(Item::Vin) {
        card.propose();
    }
    card.step(true);
    compare(state);
}

/// Asks what may be the same.
fn compare(state: &mut State) {
    let Some(card) = state.card_mut() else { return };
    let to = card.likeness();
    if is_unknown(&to) {
        card.alike.clear();
        return;
    }
    state.ask(Purpose::Alike(Box::new(to.clone())), Request::Alike(to));
}

/// Whether there is nothing to compare by.
fn is_unknown(it: &Likeness) -> bool {
    it.marks.is_empty() && it.name.is_none() && it.contacts.is_empty()
}

/// Takes what may be the same.
pub(super) fn compared(state: &mut State, to: Likeness, result: Result<Reply, Error>) {
    let Some(card) = state.card_mut() else { return };
    let latest = card.likeness() == to;
    if latest {
        card.compared = Some(to);
    }
    let waited = latest && std::mem::take(&mut card.waits);
    let Ok(Reply::Alike {
        vehicles,
        customers,
    }) = result
    else {
        // A daemon that compares nothing warns of nothing.
        if waited {
            save(state);
        }
        return;
    };
    let mut words: Vec<String> = Vec::new();
    words.extend(vehicles.iter().map(|it| {
        let mark = it.mark().unwrap_or_default();
        format!("{}  {mark}", it.title())
    }));
    words.extend(customers.iter().map(|it| {
        let phone = it.phones.value.first().or(it.emails.value.first());
        let phone = phone.map_or("", String::as_str);
        format!("{}  {phone}", it.name.value)
    }));
    let before = std::mem::replace(&mut card.alike, words);
    if !waited {
        return;
    }
    if card.alike.is_empty() || card.alike == before {
        // There is none, or it stood there already.
        return save(state);
    }
    let mut lines = vec!["There is one already that may be the same:".to_owned()];
    lines.extend(card.alike.iter().take(4).cloned());
    state.layers.push(Layer::Confirm(Confirm {
        title: "Save as a new one all the same?".to_owned(),
        lines,
        deed: Deed::SaveAlike,
    }));
}

/// What may be the same was looked at, and this is another one.
pub(super) fn save_alike(state: &mut State) {
    save(state);
}

/// Checks what can be checked, and saves.
fn save(state: &mut State) {
    let moment = state.moment;
    let Some(card) = state.card_mut() else { return };
    let (_, edits) = match card.edits(&moment) {
        Ok(made) => made,
        Err((item, words)) => {
            card.go(item);
            card.problem = Some((item, words));
            return;
        }
    };
    if edits.is_empty() {
        state.above.pop();
        return state.say("nothing was changed");
    }
    if let Some((true, words)) = card.vin_words()
        && !card.vin_accepted
    {
        state.layers.push(Layer::Confirm(Confirm {
            title: "Save this VIN all the same?".to_owned(),
            lines: vec![words],
            deed: Deed::AcceptVin,
        }));
        return;
    }
    // Straight from the field nobody has seen yet what may be the same.
    let to = card.likeness();
    if card.is_new() && !is_unknown(&to) && card.compared.as_ref() != Some(&to) {
        card.waits = true;
        return compare(state);
    }
    let what = match (card.is_new(), card.is_vehicle()) {
        (true, true) => "new vehicle",
        (true, false) => "new customer",
        (false, true) => "vehicle",
        (false, false) => "customer",
    };
    let name = match card.text(Item::Name) {
        "" => card.text(Item::Plate),
        name => name,
    };
    let words = format!("{what} {name}").trim_end().to_owned();
    let unsaved = state.unsaved.push(words, edits);
    if let Some(card) = state.card_mut() {
        card.saving = Some(unsaved);
    }
}

/// The VIN was looked at and stands.
pub(super) fn accept_vin(state: &mut State) {
    if let Some(card) = state.card_mut() {
        card.vin_accepted = true;
        save(state);
    }
}

fn back(state: &mut State) {
    let Some(card) = state.card_mut() else { return };
    if card.saving.is_none() && card.is_touched() {
        state.layers.push(Layer::Confirm(Confirm {
            title: "Leave the form?".to_owned(),
            lines: vec!["What you have entered would be lost.".to_owned()],
            deed: Deed::LeaveForm,
        }));
    } else {
        state.above.pop();
    }
}

/// An edit is durable: if it is the card's, the card gives way to what it made.
pub(super) fn saved(state: &mut State, edit: u64) -> bool {
    let Some(at) = card_of(state, edit) else {
        return false;
    };
    let made = state.unsaved.iter().find(|it| it.id == edit);
    let key = made.and_then(|it| Some(it.edits.first()?.target()));
    let words = made.map(|it| it.words.clone()).unwrap_or_default();
    state.above.truncate(at);
    state.unsaved.forget_saved(None);
    state.say(format!("{words}: saved on this machine"));
    let from_vehicle = matches!(
        state.above.last(),
        Some(Screen::Finder(finder)) if matches!(finder.sought, crate::app::Sought::OwnerOf(_))
    );
    if from_vehicle {
        // The new customer is the owner: back to the vehicle.
        state.above.pop();
        subject::look(state);
    } else if matches!(state.above.last(), Some(Screen::Subject(_))) {
        subject::look(state);
    } else if let Some(key) = key {
        subject::open(state, key);
    }
    true
}

/// An edit was refused: if it is the card's, it is open again with what was typed.
pub(super) fn refused(state: &mut State, edit: u64, words: &str) -> bool {
    if card_of(state, edit).is_none() {
        return false;
    }
    if let Some(card) = state.card_mut() {
        card.saving = None;
        let item = card
            .item()
            .or_else(|| card.fields.first().map(|it| it.item));
        card.problem = item.map(|item| (item, format!("not saved: {words}")));
        if let Some(item) = item {
            card.go(item);
        }
    }
    // The card holds all of it.
    state.unsaved.discard(edit);
    true
}

/// It is not known whether the card's edit was saved: the person looks, and it is among what is not
/// saved.
pub(super) fn lost(state: &mut State, edit: u64) {
    if let Some(at) = card_of(state, edit) {
        state.above.truncate(at);
    }
    state.unsaved.becomes(
        edit,
        Standing::Unconfirmed("the daemon did not answer".to_owned()),
    );
}

fn card_of(state: &State, edit: u64) -> Option<usize> {
    let is = |screen: &Screen| matches!(screen, Screen::Card(it) if it.saving == Some(edit));
    state.above.iter().position(is)
}

impl State {
    /// The card that is open.
    pub(crate) fn card_mut(&mut self) -> Option<&mut Card> {
        self.above.iter_mut().rev().find_map(|screen| match screen {
            Screen::Card(card) => Some(card.as_mut()),
            _ => None,
        })
    }
}
