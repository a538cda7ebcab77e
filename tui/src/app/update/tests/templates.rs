//! The templates as they are listed: in parts, and with those that the API refused.

use redtag_protocol::{
    ids::TemplateId,
    ipc::Request,
    role::Role,
    template::{Template, TemplateState},
};

use crate::app::{
    Screen, TemplatesScreen,
    fixture::{CAR, Client},
};

/// So many versions beside the one that there is, none of them taken.
fn client(more: u8) -> Client {
    let mut client = Client::new(Role::Owner, CAR);
    client.settle();
    let one = client.bench.world.templates().next().unwrap().clone();
    client.refused = (1..=more).map(|n| refused(&one, n)).collect();
    client
}

fn refused(one: &Template, n: u8) -> Template {
    let mut it = one.clone();
    it.id = TemplateId::from_parts(9, [n; 10]);
    it.version = 1 + u32::from(n);
    it.state = TemplateState::Active;
    it
}

fn screen(client: &Client) -> &TemplatesScreen {
    match client.state.above.last() {
        Some(Screen::Templates(screen)) => screen,
        other => panic!("no templates: {other:?}"),
    }
}

fn offsets(client: &Client) -> Vec<u32> {
    let asked = client.asked.iter().filter_map(|(_, it)| match it {
        Request::TemplatePage { offset } => Some(*offset),
        _ => None,
    });
    asked.collect()
}

/// Answers what is asked first.
fn answer(client: &mut Client) {
    let (ask, request) = client.asked.remove(0);
    let reply = client.answer_for(request);
    client.reply(ask, reply);
}

#[test]
fn what_comes_in_parts_is_shown_once_all_of_it_is_here() {
    let mut client = client(4);
    client.part = 2;
    client.keys("t");
    for offset in [0, 2, 4] {
        assert_eq!(offsets(&client), [offset]);
        assert!(screen(&client).all.is_none());
        answer(&mut client);
    }
    assert!(offsets(&client).is_empty());
    let all = screen(&client).all.as_ref().unwrap();
    let versions: Vec<u32> = all.iter().map(|it| it.version).collect();
    assert_eq!(versions, [5, 4, 3, 2, 1]);
    assert!(client.state.gathered.is_empty());
}

#[test]
fn where_there_are_others_by_now_it_begins_anew() {
    let mut client = client(4);
    client.part = 3;
    client.keys("t");
    answer(&mut client);
    assert_eq!(offsets(&client), [3]);
    let one = client.refused[0].clone();
    client.refused.push(refused(&one, 7));
    answer(&mut client);
    assert_eq!(offsets(&client), [0]);
    client.settle();
    assert_eq!(screen(&client).all.as_ref().unwrap().len(), 6);
}

#[test]
fn who_asks_anew_meanwhile_gets_what_there_is_then() {
    let mut client = client(2);
    client.part = 2;
    client.keys("t");
    // Asked again before the first part is here.
    super::super::templates::look(&mut client.state);
    client.settle();
    assert_eq!(screen(&client).all.as_ref().unwrap().len(), 3);
    assert!(client.state.gathered.is_empty());
}

#[test]
fn a_daemon_of_before_the_parts_is_asked_for_all() {
    let mut client = client(0);
    client.state.ipc = 7;
    client.keys("t");
    assert!(
        client
            .asked
            .iter()
            .any(|(_, it)| matches!(it, Request::Templates)),
        "{:?}",
        client.asked
    );
    client.settle();
    assert_eq!(screen(&client).all.as_ref().unwrap().len(), 1);
}

#[test]
fn a_refused_version_says_so_and_is_offered_to_nobody() {
    let mut client = client(1);
    client.keys("t");
    client.settle();
    let marked = screen(&client).marked().unwrap().clone();
    assert!(screen(&client).is_refused(&marked));
    assert_ne!(screen(&client).offered(&marked.key), Some(marked.id));
    for key in ["p", "c"] {
        client.keys(key);
        assert!(client.state.layers.is_empty(), "{key}");
        let said = client.state.said.take().map(|it| it.words);
        assert!(said.is_some_and(|it| it.contains("refused")), "{key}");
    }
    // Nor does a new inspection begin with it.
    client.keys("<Esc>n");
    client.settle();
    let form = client.state.form_mut().unwrap();
    let offered = form.templates.as_ref().unwrap();
    assert!(offered.iter().all(|it| it.id != marked.id));
}
