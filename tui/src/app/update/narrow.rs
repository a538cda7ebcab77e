//! Narrowing and ordering the board.

use redtag_protocol::{
    ipc::{BoardSort, Facets, Reply, Request},
    lifecycle::State as Stage,
};

use crate::{
    app::{Layer, Menu, MenuItem, Narrowing, Pick, Purpose, State, Tab, sort_words},
    link::Error,
};

/// Asks what there is to choose from.
pub(super) fn open(state: &mut State) {
    let request = Request::Facets {
        states: state.board.tab.states().to_vec(),
        mine: state.board.tab == Tab::Mine,
    };
    state.ask(Purpose::Facets, request);
}

/// Offers what there is.
pub(super) fn answered(state: &mut State, result: Result<Reply, Error>) {
    let facets = match result {
        Ok(Reply::Facets(facets)) => facets,
        Ok(_) => return,
        Err(error) => return state.complain(error.to_string()),
    };
    if !state.layers.is_empty() || !state.above.is_empty() {
        // The person has gone on.
        return;
    }
    let note = state.board.narrow.words();
    state.layers.push(Layer::Menu(Menu {
        title: "Show only".to_owned(),
        note: note.map(|words| format!("now: {words}")),
        items: items(facets),
        selected: 0,
    }));
}

fn items(facets: Facets) -> Vec<MenuItem> {
    let item = |label: String, count: u64, by: Narrowing| MenuItem {
        label,
        detail: count.to_string(),
        pick: Pick::Narrow(by),
    };
    let mut items = vec![MenuItem {
        label: "everything".to_owned(),
        detail: String::new(),
        pick: Pick::Narrow(Narrowing::All),
    }];
    let states = facets.states.into_iter();
    items.extend(states.map(|(state, count)| {
        let label = Stage::words(state).to_owned();
        item(label, count, Narrowing::State(state))
    }));
    let bays = facets.bays.into_iter();
    items.extend(bays.map(|(bay, count)| {
        let label = bay
            .as_ref()
            .map_or("no bay".to_owned(), |it| format!("bay {it}"));
        item(label, count, Narrowing::Bay(bay))
    }));
    let people = facets.people.into_iter();
    items.extend(people.map(|(who, count)| {
        let label = who.as_ref().map_or("nobody’s", |(_, name)| name.as_str());
        item(label.to_owned(), count, Narrowing::Who(who.clone()))
    }));
    items
}

/// Shows only that.
pub(super) fn take(state: &mut State, by: Narrowing) {
    state.board.narrow.take(by);
    state.board.restart();
}

/// Offers the orders.
pub(super) fn orders(state: &mut State) {
    let items = BoardSort::ALL.map(|sort| MenuItem {
        label: sort_words(sort).to_owned(),
        detail: String::new(),
        pick: Pick::Sort(sort),
    });
    let now = state.board.sort;
    state.layers.push(Layer::Menu(Menu {
        title: "Order".to_owned(),
        note: None,
        items: items.into(),
        selected: BoardSort::ALL.iter().position(|it| *it == now).unwrap_or(0),
    }));
}

/// Shows the board in this order.
pub(super) fn order(state: &mut State, sort: BoardSort) {
    state.board.sort = sort;
    state.board.restart();
}
