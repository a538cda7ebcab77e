//! The template's questions, and concern, bay and assignee.

use redtag_protocol::{
    ids::{ChoiceKey, PersonId},
    inspection::InspectionWrite,
    op::Edit,
    role::{Permission, Role},
    shop::Member,
};

use super::{editor, inspection, stroke, value};
use crate::app::{Layer, Menu, MenuItem, Pick, State, Writing};

/// Shows the template's questions, or at once the options of the only one.
pub(super) fn questions(state: &mut State) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let all = &view.template.choices;
    match all.as_slice() {
        [] => state.say("this template asks no questions"),
        [one] => {
            let key = one.key.clone();
            question(state, &key, false);
        }
        many => {
            let items = many.iter().map(|choice| {
                let chosen = view
                    .template
                    .answer(&choice.key, view.inspection.choice(&choice.key));
                let label = chosen.as_ref().and_then(|chosen| {
                    let option = choice.options.iter().find(|it| it.value == *chosen)?;
                    Some(option.label.clone())
                });
                MenuItem {
                    label: choice.label.clone(),
                    detail: label.unwrap_or_else(|| "not answered".to_owned()),
                    pick: Pick::Question(choice.key.clone()),
                }
            });
            let menu = Menu {
                title: "Questions of the template".to_owned(),
                note: Some("The answers select the limits of some points.".to_owned()),
                items: items.collect(),
                selected: 0,
            };
            state.layers.push(Layer::Menu(menu));
        }
    }
}

/// Shows the options of a question; with `then_take` the value that is being typed waits for it.
pub(super) fn question(state: &mut State, key: &ChoiceKey, then_take: bool) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let Some(choice) = view.template.choice(key) else {
        return;
    };
    let chosen = view.template.answer(key, view.inspection.choice(key));
    let items: Vec<MenuItem> = choice
        .options
        .iter()
        .map(|option| MenuItem {
            label: option.label.clone(),
            detail: if chosen.as_ref() == Some(&option.value) {
                "holds now".to_owned()
            } else {
                String::new()
            },
            pick: Pick::Option {
                choice: key.clone(),
                option: option.value.clone(),
                then_take,
            },
        })
        .collect();
    let selected = choice
        .options
        .iter()
        .position(|option| chosen.as_ref() == Some(&option.value));
    let note = then_take.then(|| "The limits of this point depend on it.".to_owned());
    let menu = Menu {
        title: choice.label.clone(),
        note,
        items,
        selected: selected.unwrap_or(0),
    };
    state.layers.push(Layer::Menu(menu));
}

/// A question was answered.
pub(super) fn answered(state: &mut State, choice: ChoiceKey, option: String, then_take: bool) {
    let id = match stroke::may_fill(state) {
        Ok(id) => id,
        Err(words) => return state.say(words),
    };
    let words = format!("{choice}: {option}");
    let write = InspectionWrite::Choice {
        choice,
        option: Some(option),
    };
    stroke::make(state, words, vec![Edit::Inspection { id, write }]);
    if then_take {
        value::take(state);
    }
}

/// Shows what can be changed about the inspection as a whole.
pub(super) fn open(state: &mut State) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let unset = || "none".to_owned();
    let assignee = view
        .inspection
        .assignee()
        .map_or("nobody".to_owned(), |id| {
            name(view, id).unwrap_or_else(|| "somebody".to_owned())
        });
    let mut items = vec![
        MenuItem {
            label: "Concern".to_owned(),
            detail: view
                .inspection
                .concern()
                .map_or_else(unset, ToOwned::to_owned),
            pick: Pick::Write(Writing::Concern),
        },
        MenuItem {
            label: "Bay".to_owned(),
            detail: view.inspection.bay().map_or_else(unset, ToOwned::to_owned),
            pick: Pick::Write(Writing::Bay),
        },
    ];
    let note = if inspection::may_assign(state) {
        items.push(MenuItem {
            label: "Assignee".to_owned(),
            detail: assignee,
            pick: Pick::ChooseAssignee,
        });
        None
    } else {
        Some(format!("Assigned to {assignee}; a dispatcher assigns."))
    };
    state.layers.push(Layer::Menu(Menu {
        title: "About this inspection".to_owned(),
        note,
        items,
        selected: 0,
    }));
}

fn name(view: &redtag_protocol::ipc::InspectionView, id: PersonId) -> Option<String> {
    let member = view.members.iter().find(|member| member.id == id)?;
    Some(member.name.clone())
}

/// Shows who may be given the work.
pub(super) fn choose_assignee(state: &mut State) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let now = view.inspection.assignee();
    let mut items = vec![MenuItem {
        label: "Nobody".to_owned(),
        detail: String::new(),
        pick: Pick::Assign(None),
    }];
    // Whoever only looks does no work, unless it was given to them before.
    let takes = |member: &&Member| {
        !member.removed && (member.role.may(Permission::Fill) || Some(member.id) == now)
    };
    let mut members: Vec<&Member> = view.members.iter().filter(takes).collect();
    members.sort_by_key(|member| (member.role != Role::Technician, member.name.to_lowercase()));
    items.extend(members.into_iter().map(|member| MenuItem {
        label: member.name.clone(),
        detail: member.role.to_string(),
        pick: Pick::Assign(Some(member.id)),
    }));
    let selected = items
        .iter()
        .position(|item| matches!(item.pick, Pick::Assign(person) if person == now));
    state.layers.push(Layer::Menu(Menu {
        title: "Who does the work".to_owned(),
        note: None,
        items,
        selected: selected.unwrap_or(0),
    }));
}

/// The work is given to somebody, or to nobody.
pub(super) fn assign(state: &mut State, person: Option<PersonId>) {
    let Some(screen) = state.inspection() else {
        return;
    };
    let who = person.and_then(|id| name(screen.view.as_ref()?, id));
    let words = format!("assignee: {}", who.as_deref().unwrap_or("nobody"));
    let id = screen.id;
    let write = InspectionWrite::Assignee { person };
    stroke::make(state, words, vec![Edit::Inspection { id, write }]);
}

/// A text about the inspection as a whole is to be typed.
pub(super) fn write(state: &mut State, writing: Writing) {
    let Some(view) = state.inspection().and_then(|it| it.view.as_ref()) else {
        return;
    };
    let (title, text) = match &writing {
        Writing::Bay => ("Bay", view.inspection.bay()),
        _ => ("What the customer complains of", view.inspection.concern()),
    };
    let text = text.unwrap_or_default().to_owned();
    editor::open(state, title.to_owned(), None, &text, writing);
}
