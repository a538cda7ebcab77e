//! What may be done next and why not, earlier revisions, and the timeline by point.

use ratatui::{Terminal, backend::TestBackend};
use redtag_protocol::{
    entity::EntityRef,
    event::{Actor, Happening, What},
    field::Register,
    ids::{DeviceId, PersonId},
    inspection::InspectionWrite,
    ipc::{SentBack, SyncState, TimelineEntry},
    lifecycle::{State as Stage, Verb},
    op::{Edit, Verdict},
    role::Role,
    stamp::Seq,
};

use crate::{
    app::{
        Layer, Screen,
        fixture::{CAR, Client, NOW, filled, member, person, ticket},
    },
    theme::Theme,
};

fn moved(client: &mut Client, verb: Verb, from: Stage, reason: Option<&str>) {
    client.bench.apply(&[Edit::Move {
        id: ticket(),
        verb,
        from,
        reason: reason.map(ToOwned::to_owned),
    }]);
}

#[test]
fn what_a_role_may_not_do_is_shown_with_who_may() {
    let mut client = Client::new(Role::Technician, CAR);
    filled(&mut client.bench);
    moved(&mut client, Verb::Submit, Stage::InProgress, None);
    client.open();
    client.keys("m");
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    let told: Vec<_> = menu
        .items
        .iter()
        .map(|it| format!("{}: {}", it.label, it.detail))
        .collect();
    assert_eq!(
        told,
        [
            "Return: not yours: an owner or a dispatcher",
            "Approve: not yours: an owner or a dispatcher",
            "Void: not yours: an owner",
        ]
    );
    client.keys("2");
    let words = client.state.said.as_ref().unwrap().words.clone();
    assert!(words.contains("not a technician"), "{words}");
    assert!(client.sent().is_none());
}

#[test]
fn an_earlier_revision_is_read_as_it_was() {
    let mut client = Client::new(Role::Owner, CAR);
    filled(&mut client.bench);
    moved(&mut client, Verb::Submit, Stage::InProgress, None);
    moved(&mut client, Verb::Approve, Stage::Submitted, None);
    client.open();
    client.keys("h");
    assert!(
        client
            .state
            .said
            .as_ref()
            .unwrap()
            .words
            .contains("never reopened")
    );
    moved(
        &mut client,
        Verb::Reopen,
        Stage::Approved,
        Some("the brakes again"),
    );
    client.bench.apply(&[Edit::Inspection {
        id: ticket(),
        write: InspectionWrite::Note {
            point: "tyres.tread.lf".parse().unwrap(),
            note: Some("fitted a new one".to_owned()),
        },
    }]);
    let id = ticket();
    client.state.ask_inspection(id);
    client.send(crate::app::Message::Clock);
    client.settle();
    client.keys("h");
    let Some(Screen::Past(past)) = client.state.above.last() else {
        panic!("no earlier revision");
    };
    let view = client.state.inspection().unwrap().view.as_ref().unwrap();
    let shown = past.shown(view).unwrap();
    assert_eq!((shown.revision, shown.state.value), (0, Stage::Approved));
    let then = &shown.results[&"tyres.tread.lf".parse().unwrap()];
    assert_eq!(
        then.note(),
        Some("Inner shoulder worn; check the alignment.")
    );
    client.keys("g<Esc>");
    assert!(client.sent().is_none());
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Inspection(_))
    ));
}

fn entry(n: u64, point: &str) -> TimelineEntry {
    let actor = Actor::Person {
        person: person(),
        device: DeviceId::from_parts(7, [7; 10]),
        number: n,
    };
    TimelineEntry {
        seq: Some(Seq(n)),
        who: "Sam Rivera".to_owned(),
        actor,
        happening: Some(Happening {
            actor,
            stamp: NOW,
            accepted: Some(NOW),
            entity: EntityRef::Inspection(ticket()),
            verdict: Verdict::Applied,
            what: What::Inspection {
                before: None,
                after: InspectionWrite::Note {
                    point: point.parse().unwrap(),
                    note: Some(format!("note {n}")),
                },
            },
        }),
        sync: SyncState::Acknowledged,
    }
}

#[test]
fn the_timeline_is_filtered_by_point_and_leads_back_to_it() {
    let mut client = Client::new(Role::Technician, CAR);
    client.timeline = vec![
        entry(3, "tyres.tread.lf"),
        entry(2, "lights.horn"),
        entry(1, "tyres.tread.lf"),
    ];
    client.open();
    client.keys("t");
    client.settle();
    let shown = |client: &mut Client| {
        let screen = client.state.timeline_mut().unwrap();
        screen
            .shown()
            .iter()
            .map(|it| it.seq.unwrap().0)
            .collect::<Vec<_>>()
    };
    assert_eq!(shown(&mut client), [3, 2, 1]);
    client.keys("<End>f");
    assert_eq!(shown(&mut client), [3, 1]);
    assert_eq!(client.state.timeline_mut().unwrap().selected, 1);
    client.keys("f");
    assert_eq!(shown(&mut client), [3, 2, 1]);
    // The point one came from: the odometer, of which nothing is told.
    client.keys("p");
    assert_eq!(shown(&mut client), [0; 0]);
    client.keys("f<Home><Down><Enter>");
    let screen = client.state.inspection().unwrap();
    assert_eq!(screen.point().unwrap().key.as_str(), "lights.horn");
}

#[test]
fn work_that_is_somebody_elses_is_not_offered_to_submit() {
    let mut client = Client::new(Role::Technician, CAR);
    filled(&mut client.bench);
    client.open();
    let screen = client.state.inspection_mut().unwrap();
    let inspection = &mut screen.told.as_mut().unwrap().inspection;
    inspection.assignee = Some(Register {
        value: Some(PersonId::from_parts(8, [8; 10])),
        writer: inspection.created,
    });
    client.state.lay_over();
    client.keys("m");
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    let submit = menu.items.iter().find(|it| it.label == "Submit").unwrap();
    assert_eq!(submit.detail, "not yours: it is assigned to somebody else");
    client.keys("1");
    let words = client.state.said.as_ref().unwrap().words.clone();
    assert!(words.contains("who must submit it"), "{words}");
    assert!(client.sent().is_none() && client.state.layers.is_empty());
}

#[test]
fn why_it_was_returned_stands_there_while_it_is_worked_on_again() {
    let mut client = Client::new(Role::Technician, CAR);
    filled(&mut client.bench);
    moved(&mut client, Verb::Submit, Stage::InProgress, None);
    client.bench.role = Role::Dispatcher;
    let why = Some("measure the rear tyres again");
    moved(&mut client, Verb::Return, Stage::Submitted, why);
    client.bench.role = Role::Technician;
    client.bench.sent_back = Some(SentBack {
        verb: Verb::Return,
        who: "Dana Park".to_owned(),
        reason:
            "measure the rear tyres again, they read thicker than at the last visit; 3.1 mm in \
                 the first line, less in the second"
                .to_owned(),
    });
    client.open();
    client.keys("m");
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    let note = menu.note.clone().unwrap();
    let words = "returned by Dana Park: “measure the rear tyres again";
    assert!(note.starts_with(words), "{note}");
    client.keys("<Esc>");
    // It is read to its end also where it is longer than a line.
    let buffer = drawn(&client);
    assert!(buffer.contains(words), "{buffer}");
    assert!(buffer.contains("in the second”"), "{buffer}");
    // The first answer takes the work up again.
    client.keys("g");
    client.settle();
    assert_eq!(client.bench.inspection().state.value, Stage::InProgress);
    assert!(drawn(&client).contains(words));
}

fn drawn(client: &Client) -> String {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let theme = Theme::new(true, false);
    terminal
        .draw(|frame| crate::view::draw(frame, &client.state, &theme))
        .unwrap();
    terminal.backend().to_string()
}

#[test]
fn a_timeline_that_comes_to_the_front_again_is_asked_for_again() {
    let mut client = Client::new(Role::Technician, CAR);
    client.timeline = vec![entry(1, "lights.horn")];
    client.open();
    client.keys("t");
    client.settle();
    client.keys("!");
    client.settle();
    client.timeline.insert(0, entry(2, "lights.horn"));
    client.keys("<Esc>");
    client.settle();
    let shown = client.state.timeline_mut().unwrap().shown().len();
    assert_eq!(shown, 2);
}

#[test]
fn work_is_given_to_those_who_do_it_technicians_first() {
    let mut client = Client::new(Role::Dispatcher, CAR);
    client.open();
    let screen = client.state.inspection_mut().unwrap();
    let view = screen.view.as_mut().unwrap();
    let names = [
        ("Zoe", Role::Technician),
        ("Ben", Role::Owner),
        ("Vic", Role::Viewer),
        ("Ada", Role::Technician),
    ];
    view.members = (10..)
        .zip(names)
        .map(|(n, (name, role))| member(PersonId::from_parts(n, [1; 10]), name, role))
        .collect();
    client.keys("e3");
    let Some(Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    let labels: Vec<&str> = menu.items.iter().map(|it| it.label.as_str()).collect();
    assert_eq!(labels, ["Nobody", "Ada", "Zoe", "Ben"]);
}
