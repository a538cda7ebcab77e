//! Templates in the person's own editor, offered and closed.

use redtag_protocol::{
    ipc::{Failure, FailureCode, Push},
    op::Edit,
    role::Role,
    template::{Template, TemplateState},
};

use crate::{
    app::{
        Layer, Message, Screen,
        fixture::{CAR, Client},
    },
    link::{Error, Event},
};

fn client(role: Role) -> Client {
    let mut client = Client::new(role, CAR);
    client.settle();
    client.keys("t");
    client.settle();
    client
}

/// What the editor was given.
fn begun(client: &mut Client) -> String {
    client.keys("e");
    client.composed.last().unwrap().0.clone()
}

fn back(client: &mut Client, text: &str) {
    client.send(Message::Composed {
        file: Some("/editing/it.toml".to_owned()),
        text: Ok(text.to_owned()),
    });
}

fn menu(client: &Client) -> String {
    match client.state.layers.last() {
        Some(Layer::Menu(menu)) => {
            let labels: Vec<_> = menu.items.iter().map(|it| it.label.as_str()).collect();
            let note = menu.note.clone().unwrap_or_default();
            format!("{} | {note} | {}", menu.title, labels.join(", "))
        }
        other => panic!("no menu: {other:?}"),
    }
}

fn standing(client: &Client) -> TemplateState {
    let mut all = client.bench.world.templates();
    all.next().unwrap().state
}

fn said(client: &Client) -> &str {
    client.state.said.as_ref().map_or("", |it| &it.words)
}

#[test]
fn what_is_written_is_checked_published_and_its_file_removed() {
    let mut client = client(Role::Dispatcher);
    let text = begun(&mut client);
    let first = Template::parse_toml(&text, "it").unwrap();
    // While the editor has it, it is not handed over again.
    client.keys("e");
    assert_eq!(client.composed.len(), 1);
    back(&mut client, &text.replace("Odometer", "Mileage"));
    let asked = menu(&client);
    assert!(asked.contains("one change"), "{asked}");
    client.keys("2");
    let Some((ask, edits)) = client.sent() else {
        panic!("nothing was sent");
    };
    let [
        Edit::DraftTemplate { id, text },
        Edit::PublishTemplate { id: published, .. },
    ] = edits.as_slice()
    else {
        panic!("{edits:?}");
    };
    assert_eq!(id, published);
    let after = Template::parse_toml(text, "it").unwrap();
    assert_eq!(after.sections[0].points[0].label, "Mileage");
    assert_eq!(after.key, first.key);
    assert!(client.removed.is_empty());
    let id = *id;
    let reply = client
        .answer_for(redtag_protocol::ipc::Request::Edit { edits })
        .unwrap();
    client.reply(ask, Ok(reply));
    assert_eq!(client.removed, ["/editing/it.toml"]);
    assert!(
        said(&client).contains("saved on this machine"),
        "{}",
        said(&client)
    );
    assert!(client.state.composing.is_none());
    // What was written is what is marked.
    client.settle();
    let Some(Screen::Templates(screen)) = client.state.above.last() else {
        panic!("the templates are gone");
    };
    assert_eq!(screen.marked().map(|it| it.id), Some(id));
}

#[test]
fn what_cannot_be_read_is_shown_with_its_line_and_nothing_of_it_is_lost() {
    let mut client = client(Role::Owner);
    let text = begun(&mut client);
    let broken = text.replacen("label = ", "labl = ", 1);
    let line = broken
        .lines()
        .position(|it| it.starts_with("labl"))
        .unwrap()
        + 1;
    back(&mut client, &broken);
    let asked = menu(&client);
    assert!(asked.contains("cannot be taken"), "{asked}");
    assert!(asked.contains("labl = "), "{asked}");
    client.keys("<Enter>");
    let (again, file, at) = client.composed.last().unwrap().clone();
    assert_eq!(again, broken);
    assert_eq!(file.as_deref(), Some("/editing/it.toml"));
    // The error names the line of the table or the one of the field in it.
    assert!(at.is_some_and(|at| at <= line && at > 0), "{at:?}");
    // Left for later, and taken up again.
    back(&mut client, &broken);
    client.keys("<Esc>e");
    assert_eq!(client.composed.len(), 3);
    assert!(client.removed.is_empty());
    back(&mut client, &text);
    assert!(
        said(&client).contains("nothing changed"),
        "{}",
        said(&client)
    );
    assert_eq!(client.removed, ["/editing/it.toml"]);
    assert!(client.sent_nothing());
}

#[test]
fn what_is_refused_or_cannot_be_edited_stays_in_its_file() {
    let mut client = client(Role::Owner);
    let text = begun(&mut client);
    back(&mut client, &text.replace("Odometer", "Mileage"));
    client.keys("1");
    let (ask, edits) = client.sent().unwrap();
    assert!(matches!(edits.as_slice(), [Edit::DraftTemplate { .. }]));
    let failure = Failure::new(FailureCode::Invalid, "not today");
    client.reply(ask, Err(Error::Failed(failure)));
    assert!(
        said(&client).contains("/editing/it.toml"),
        "{}",
        said(&client)
    );
    assert_eq!(client.state.unsaved.at_risk(), 0);
    client.keys("e");
    assert!(client.composed.last().unwrap().0.contains("Mileage"));
    client.send(Message::Composed {
        file: Some("/editing/it.toml".to_owned()),
        text: Err("the editor ended with 1".to_owned()),
    });
    assert!(
        said(&client).contains("/editing/it.toml"),
        "{}",
        said(&client)
    );
    assert!(client.removed.is_empty());
    // Who leaves now is told.
    client.keys("<C-c>");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    assert!(!client.quit);
}

#[test]
fn what_is_given_up_is_gone() {
    let mut client = client(Role::Owner);
    let text = begun(&mut client);
    back(&mut client, &text.replace("Odometer", "Mileage"));
    client.keys("5");
    assert_eq!(client.removed, ["/editing/it.toml"]);
    assert!(client.state.composing.is_none());
    assert!(client.sent_nothing());
}

#[test]
fn a_version_is_closed_and_offered_again_after_a_question() {
    let mut client = client(Role::Dispatcher);
    client.keys("p");
    assert!(said(&client).contains("already"), "{}", said(&client));
    client.keys("cn");
    assert!(client.sent_nothing());
    client.keys("cy");
    client.settle();
    assert_eq!(standing(&client), TemplateState::Closing);
    let documents = Vec::new();
    client.send(Message::Link(Event::Push(Push::Changed {
        documents,
        difference: None,
    })));
    client.settle();
    client.keys("py");
    client.settle();
    assert_eq!(standing(&client), TemplateState::Active);
}

#[test]
fn a_technician_may_look_and_is_told_so() {
    let mut client = client(Role::Technician);
    client.keys("epc");
    assert!(client.composed.is_empty());
    assert!(client.state.layers.is_empty());
    assert!(
        said(&client).contains("may look, not do this"),
        "{}",
        said(&client)
    );
}
