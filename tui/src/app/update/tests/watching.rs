//! An open inspection is followed by what the daemon tells of it; the whole is read where that
//! cannot be.

use redtag_protocol::{
    entity::EntityRef,
    grade::Condition,
    ids::InspectionId,
    inspection::{Answer, InspectionWrite},
    ipc::{self, Difference, InspectionView, Push, Request, WATCHED},
    lifecycle::{State, Verb},
    op::Edit,
    role::Role,
    stamp::Seq,
    template::{Kind, Point},
};

use crate::{
    app::{
        Message,
        fixture::{CAR, Client, ticket},
    },
    link::Event,
};

/// A client that has the inspection on its screen.
fn open() -> Client {
    let mut client = Client::new(Role::Technician, CAR);
    client.bench.apply(&[Edit::Move {
        id: ticket(),
        verb: Verb::Start,
        from: State::Draft,
        reason: None,
    }]);
    client.settle();
    client.open();
    client
}

fn shown(client: &Client) -> &InspectionView {
    client.state.inspection().unwrap().view.as_ref().unwrap()
}

/// What the daemon tells when somebody else answers a point.
fn told(client: &mut Client, from: u64) -> Message {
    let before = client.bench.view();
    let open = |point: &&Point| {
        let answered = before.inspection.answer(&point.key).is_some();
        matches!(point.kind, Kind::Condition) && !answered
    };
    let mut points = before.template.points().map(|(_, point)| point);
    client.bench.apply(&[Edit::Inspection {
        id: ticket(),
        write: InspectionWrite::Answer {
            point: points.find(open).unwrap().key.clone(),
            answer: Some(Answer::condition(Condition::Green)),
        },
    }]);
    let before = before.inspection;
    let now = client.bench.view();
    let (inspection, gone) = ipc::difference(&before, &now.inspection).unwrap();
    assert!(inspection.results.len() <= 1);
    let difference = Difference {
        from,
        to: from + 1,
        version: Seq(now.version.0 + 1),
        inspection,
        gone,
        counts: now.counts,
        verbs: now.verbs,
        sync: now.sync,
        waiting: now.waiting,
        pending: now.pending,
    };
    changed(Some(difference))
}

fn changed(difference: Option<Difference>) -> Message {
    Message::Link(Event::Push(Push::Changed {
        documents: vec![EntityRef::Inspection(ticket())],
        difference: difference.map(Box::new),
    }))
}

/// The inspections that are asked for.
fn asked(client: &Client) -> Vec<InspectionId> {
    let id = |(_, request): &(u64, Request)| match request {
        Request::Watch { id } | Request::Inspection { id } => Some(*id),
        _ => None,
    };
    client.asked.iter().filter_map(id).collect()
}

#[test]
fn what_became_of_it_is_shown_without_asking() {
    let mut client = open();
    let telling = shown(&client).telling;
    for step in 0..3 {
        let message = told(&mut client, telling + step);
        client.send(message);
        assert!(asked(&client).is_empty(), "{step}");
        assert_eq!(shown(&client).inspection, client.bench.view().inspection);
    }
    assert_eq!(shown(&client).counts.green, 3);
}

#[test]
fn what_goes_on_from_another_telling_is_read_whole() {
    let mut client = open();
    let telling = shown(&client).telling;
    let missed = told(&mut client, telling + 1);
    client.send(missed);
    assert_eq!(asked(&client), [ticket()]);
    assert_eq!(shown(&client).counts.green, 0);
    client.settle();
    assert_eq!(shown(&client).counts.green, 1);
    // What it holds already changes nothing.
    client
        .state
        .inspection_mut()
        .unwrap()
        .told
        .as_mut()
        .unwrap()
        .telling = telling + 5;
    let old = told(&mut client, telling + 1);
    client.send(old);
    assert!(asked(&client).is_empty());
    assert_eq!(shown(&client).counts.green, 1);
    // A change of which nothing is told.
    client.send(changed(None));
    assert_eq!(asked(&client), [ticket()]);
    client.settle();
    assert_eq!(shown(&client).counts.green, 2);
}

#[test]
fn the_daemon_hears_when_it_is_not_on_the_screen_any_more() {
    let mut client = open();
    assert_eq!(client.state.watched, Some(ticket()));
    client.keys("t");
    client.settle();
    assert_eq!(client.state.watched, Some(ticket()), "below its timeline");
    client.keys("<Esc><Esc>");
    assert!(client.state.above.is_empty());
    let ended = |(_, it): &(u64, Request)| matches!(it, Request::Unwatch);
    assert!(client.asked.iter().any(ended));
    assert_eq!(client.state.watched, None);
}

#[test]
fn an_older_daemon_is_asked_as_ever() {
    let mut client = Client::new(Role::Technician, CAR);
    client.state.ipc = WATCHED - 1;
    client.settle();
    client.open();
    client.send(changed(None));
    let watch = |(_, it): &(u64, Request)| matches!(it, Request::Watch { .. });
    assert!(!client.asked.iter().any(watch));
    assert_eq!(asked(&client), [ticket()]);
}
