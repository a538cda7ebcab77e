//! Keys of what is open above a screen.

use crossterm::event::{KeyCode, KeyEvent};
use redtag_protocol::lifecycle::Verb;

use super::{
    accounts, canned, card, composing, conflicts, details, drafts, editor, export, form,
    inspection, jump, moves, narrow, outbox, palette, remember, standing, stroke, subject, work,
};
use crate::{
    app::{Confirm, Deed, Layer, Pick, Standing, State},
    keys::Action,
};

/// Does what a key says to the front layer.
pub(super) fn act(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    match state.layers.last() {
        Some(Layer::Help { .. }) => help(state, action),
        Some(Layer::Menu(_)) => menu(state, action, key),
        Some(Layer::Editor(_)) => edit(state, action, key),
        Some(Layer::Confirm(_)) => confirm(state, action),
        Some(Layer::Unsaved { .. }) => unsaved(state, action),
        Some(Layer::Palette(_)) => palette::act(state, action, key),
        Some(Layer::Standing { .. }) => standing::act(state, action),
        Some(Layer::Canned(_)) => canned::act(state, action, key),
        Some(Layer::Work(_)) => work::act(state, action, key),
        None => {}
    }
}

fn help(state: &mut State, action: Option<Action>) {
    let page = state.height.saturating_sub(6).max(1);
    let Some(Layer::Help { scroll, .. }) = state.layers.last_mut() else {
        return;
    };
    match action {
        Some(Action::Up) => *scroll = scroll.saturating_sub(1),
        Some(Action::Down) => *scroll = scroll.saturating_add(1),
        Some(Action::PageUp) => *scroll = scroll.saturating_sub(page),
        Some(Action::PageDown) => *scroll = scroll.saturating_add(page),
        Some(Action::Back) => drop(state.layers.pop()),
        _ => {}
    }
}

fn menu(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let Some(Layer::Menu(menu)) = state.layers.last_mut() else {
        return;
    };
    let last = menu.items.len().saturating_sub(1);
    match action {
        Some(Action::Up) => menu.selected = menu.selected.saturating_sub(1),
        Some(Action::Down) => menu.selected = (menu.selected + 1).min(last),
        Some(Action::Back) => drop(state.layers.pop()),
        Some(Action::Enter) => {
            let at = menu.selected;
            pick(state, at);
        }
        Some(Action::Digit) => {
            let number = match key.code {
                KeyCode::Char(c) => c.to_digit(10).and_then(|it| usize::try_from(it).ok()),
                _ => None,
            };
            if let Some(at) = number.and_then(|it| it.checked_sub(1))
                && at <= last
            {
                pick(state, at);
            }
        }
        _ => {}
    }
}

/// Takes a line of the menu in front.
pub(super) fn pick(state: &mut State, at: usize) {
    let Some(Layer::Menu(menu)) = state.layers.pop() else {
        return;
    };
    let Some(item) = menu.items.into_iter().nth(at) else {
        return;
    };
    match item.pick {
        Pick::Move(verb) => moves::choose(state, verb),
        Pick::Question(key) => details::question(state, &key, false),
        Pick::Option {
            choice,
            option,
            then_take,
        } => details::answered(state, choice, option, then_take),
        Pick::Answer { point, answer } => {
            stroke::answer(state, &point, Some(*answer), Vec::new());
            inspection::go_on(state);
        }
        Pick::Write(writing) => details::write(state, writing),
        Pick::ChooseAssignee => details::choose_assignee(state),
        Pick::Export(number) => export::to_file(state, number),
        Pick::Assign(person) => details::assign(state, person),
        Pick::Missing(point, demand) => moves::go_to_missing(state, &point, &demand),
        Pick::Why(words) => state.say(words),
        Pick::Work(point, line) => work::edit(state, &point, line),
        Pick::KeepCanned(kept) => canned::keep(state, *kept),
        Pick::Narrow(by) => narrow::take(state, by),
        Pick::Sort(sort) => narrow::order(state, sort),
        Pick::Hit(hit) => jump::go(state, hit),
        Pick::Account(account) => accounts::choose(state, *account),
        Pick::Composed(what) => composing::choose(state, what),
    }
}

fn edit(state: &mut State, action: Option<Action>, key: &KeyEvent) {
    let Some(Layer::Editor(editor)) = state.layers.last_mut() else {
        return;
    };
    match action {
        Some(Action::Enter) => editor::save(state),
        // Where there is one line, it is the numeric pad's Enter.
        Some(Action::NewLine) if !editor.input.takes_lines() => editor::save(state),
        Some(Action::NewLine) => {
            editor.input.new_line();
            drafts::keep(state);
        }
        Some(Action::Back) => {
            // A long text is not thrown away by one key.
            let much = editor.input.text() != editor.was && editor.input.text().len() > 20;
            if much {
                state.layers.push(Layer::Confirm(Confirm {
                    title: "Leave this text?".to_owned(),
                    lines: vec!["What you have typed would be lost.".to_owned()],
                    deed: Deed::LeaveText,
                }));
            } else {
                let writing = editor.writing.clone();
                state.layers.pop();
                drafts::forget(state, &writing);
            }
        }
        Some(Action::NextGroup) => editor.step(true),
        Some(Action::PreviousGroup) => editor.step(false),
        // The canned notes stand below the last line.
        Some(Action::Down) if editor.marked.is_some() || editor.input.at_last_line() => {
            editor.step(true);
        }
        Some(Action::Up) if editor.marked.is_some() => editor.step(false),
        Some(Action::Keep) => canned::ask_scope(state),
        _ => {
            editor.problem = None;
            if editor.input.key(key) {
                editor.marked = None;
                editor.sought = false;
            }
            drafts::keep(state);
        }
    }
}

fn confirm(state: &mut State, action: Option<Action>) {
    if !matches!(action, Some(Action::Yes | Action::No)) {
        return;
    }
    let Some(Layer::Confirm(asked)) = state.layers.pop() else {
        return;
    };
    match (action, asked.deed) {
        (Some(Action::Yes), Deed::Quit) => remember::leave(state),
        (Some(Action::Yes), Deed::LeaveForm) => drop(state.above.pop()),
        (Some(Action::Yes), Deed::LeaveText) => {
            if let Some(Layer::Editor(editor)) = state.layers.pop() {
                drafts::forget(state, &editor.writing);
            }
        }
        (Some(Action::Yes), Deed::LookedAtAll) => remember::look_at_all(state),
        (Some(Action::Yes), Deed::DropCanned(id)) => canned::drop_one(state, id),
        (Some(Action::Yes), Deed::AllGreen(section)) => inspection::all_green(state, section),
        (Some(Action::Yes), Deed::Submit) => moves::make(state, Verb::Submit, None),
        (_, Deed::Submit) => moves::to_first_open(state),
        (Some(Action::Yes), Deed::CreateAnyway) => form::create_anyway(state),
        (Some(Action::Yes), Deed::DiscardStroke(number)) => outbox::discard(state, number),
        (Some(Action::Yes), Deed::AcceptVin) => card::accept_vin(state),
        (Some(Action::Yes), Deed::SaveAlike) => card::save_alike(state),
        (Some(Action::Yes), Deed::Merge(duplicate)) => subject::merge(state, duplicate),
        (Some(Action::Yes), Deed::Publish(id)) => composing::publish(state, id),
        (Some(Action::Yes), Deed::Close(id)) => composing::close(state, id),
        (Some(Action::Yes), Deed::TakeSide(number)) => conflicts::settle(state, Some(number)),
        (Some(Action::Yes), Deed::Discard(id)) => {
            state.unsaved.discard(id);
            state.lay_over();
        }
        _ => {}
    }
}

/// Shows what is not saved.
pub(super) fn show_unsaved(state: &mut State) {
    let open = |layer: &Layer| matches!(layer, Layer::Unsaved { .. });
    if state.layers.iter().any(open) {
        return;
    }
    if state.unsaved.at_risk() == 0 {
        return state.say("everything that you entered is saved on this machine");
    }
    state.layers.push(Layer::Unsaved { selected: 0 });
}

fn unsaved(state: &mut State, action: Option<Action>) {
    let listed: Vec<(u64, String, bool)> = state
        .unsaved
        .iter()
        .filter(|edit| !matches!(edit.standing, Standing::Saved(_)))
        .map(|edit| (edit.id, edit.words.clone(), edit.is_stuck()))
        .collect();
    let Some(Layer::Unsaved { selected }) = state.layers.last_mut() else {
        return;
    };
    let last = listed.len().saturating_sub(1);
    *selected = (*selected).min(last);
    let marked = listed.get(*selected).cloned();
    match (action, marked) {
        (Some(Action::Up), _) => *selected = selected.saturating_sub(1),
        (Some(Action::Down), _) => *selected = (*selected + 1).min(last),
        (Some(Action::Back), _) => drop(state.layers.pop()),
        (Some(Action::Retry), Some((id, _, true))) => {
            state.unsaved.becomes(id, Standing::Queued);
            state.lay_over();
            if state.unsaved.stuck().next().is_none() {
                state.layers.pop();
            }
        }
        (Some(Action::Discard), Some((id, words, true))) => {
            state.layers.push(Layer::Confirm(Confirm {
                title: "Give this edit up?".to_owned(),
                lines: vec![words, "It is nowhere else.".to_owned()],
                deed: Deed::Discard(id),
            }));
        }
        (Some(Action::Retry | Action::Discard), Some(_)) => {
            state.say("it is on its way; wait for the daemon");
        }
        _ => {}
    }
}
