//! Text from outside that wants to steer the terminal.

use redtag_protocol::{
    event::What,
    inspection::InspectionWrite,
    ipc::SyncState,
    lifecycle::{State as Stage, Verb},
    merge::Fields as _,
    op::Verdict,
    vehicle::VehicleWrite,
};

use super::{client, drawn, entry, picture};
use crate::{
    app::{
        Message,
        fixture::{self, Client},
    },
    theme::Theme,
};

/// What outside text may hold: colours, titles, clipboard, bidi overrides, C1, BEL, zero width.
const HOSTILE: &str =
    "A\u{1b}[31mB\u{1b}]0;owned\u{7}C\u{202e}D\u{9b}2JE\u{7}F\u{200b}G\rH\tI\u{2066}";

fn assert_clean(client: &mut Client, place: &str) {
    for (width, height) in [(80, 24), (200, 50)] {
        let buffer = drawn(client, width, height, Theme::new(true, false));
        for cell in buffer.content() {
            let hidden = cell
                .symbol()
                .chars()
                .find(|c| redtag_protocol::text::is_hidden(*c));
            assert_eq!(hidden, None, "{place}");
        }
        assert!(!picture(&buffer).contains("[31m"), "{place}");
        assert!(!picture(&buffer).contains("owned"), "{place}");
    }
}

#[test]
fn hostile_text_never_reaches_the_screen() {
    let mut client = client();
    // As a document that a careless peer let in would hold it: the rules refuse such a text.
    let mut view = client.bench.view();
    client.open();
    view.template.name = HOSTILE.to_owned();
    view.template.sections[0].label = HOSTILE.to_owned();
    for point in &mut view.template.sections[0].points {
        point.label = HOSTILE.to_owned();
        point.hint = Some(HOSTILE.to_owned());
    }
    view.members[0].name = HOSTILE.to_owned();
    if let Some(customer) = &mut view.customer {
        customer.name.value = HOSTILE.to_owned();
    }
    let writer = view.inspection.created;
    let hostile = |write| redtag_protocol::field::Side { write, writer };
    if let Some(vehicle) = &mut view.vehicle {
        let plate = Some(HOSTILE.to_owned());
        vehicle.put(hostile_vehicle(VehicleWrite::Plate { plate }, writer));
    }
    view.inspection.put(hostile(InspectionWrite::Concern {
        concern: Some(HOSTILE.to_owned()),
    }));
    view.inspection.put(hostile(InspectionWrite::Note {
        point: "arrival.odometer".parse().unwrap(),
        note: Some(HOSTILE.to_owned()),
    }));
    let screen = client.state.inspection_mut().unwrap();
    screen.told = Some(Box::new(view));
    client.state.lay_over();
    assert_clean(&mut client, "inspection");
    client.keys("e");
    assert_clean(&mut client, "details");
    client.keys("<Esc>n");
    assert_clean(&mut client, "note");
    client.keys("<Esc>");
    client.timeline = vec![entry(
        1,
        HOSTILE,
        What::Moved {
            verb: Verb::Void,
            from: Stage::Draft,
            to: Stage::Void,
            reason: Some(HOSTILE.to_owned()),
        },
        Verdict::Applied,
        SyncState::Acknowledged,
    )];
    client.keys("t");
    assert_clean(&mut client, "timeline");
    client.keys("<Esc><Esc>n");
    client.send(Message::Paste(HOSTILE.to_owned()));
    assert_clean(&mut client, "form");
    client.keys("<Esc>");
    client.outbox = fixture::outbox();
    client.conflicts = fixture::conflicts();
    for row in &mut client.outbox {
        row.label = HOSTILE.to_owned();
        if let Some(refusal) = &mut row.refusal {
            refusal.words = HOSTILE.to_owned();
        }
    }
    for view in &mut client.conflicts {
        view.label = HOSTILE.to_owned();
        view.title = HOSTILE.to_owned();
        view.subject = HOSTILE.to_owned();
        for side in &mut view.sides {
            side.words = HOSTILE.to_owned();
            side.who = HOSTILE.to_owned();
        }
    }
    client.keys("w");
    client.settle();
    assert_clean(&mut client, "outbox");
    client.keys("x");
    assert_clean(&mut client, "giving up");
    client.keys("n!");
    client.settle();
    assert_clean(&mut client, "to settle");
    client.state.complain(HOSTILE);
    assert_clean(&mut client, "message");
}

fn hostile_vehicle(
    write: VehicleWrite,
    writer: redtag_protocol::field::Writer,
) -> redtag_protocol::field::Side<VehicleWrite> {
    redtag_protocol::field::Side { write, writer }
}

#[test]
fn hostile_names_of_vehicles_and_customers_never_reach_the_screen() {
    use crate::app::{Listed, Screen, Told};
    let mut client = client();
    client.settle();
    client.keys("v");
    client.settle();
    let writer = client.bench.view().inspection.created;
    let spoil = |vehicle: &mut redtag_protocol::vehicle::Vehicle| {
        for write in [
            VehicleWrite::Plate {
                plate: Some(HOSTILE.to_owned()),
            },
            VehicleWrite::Make {
                make: Some(HOSTILE.to_owned()),
            },
        ] {
            vehicle.put(hostile_vehicle(write, writer));
        }
    };
    let Some(Screen::Finder(screen)) = client.state.above.last_mut() else {
        panic!("no list");
    };
    if let Some(Listed::Vehicles(all)) = &mut screen.found {
        all.iter_mut().for_each(spoil);
    }
    assert_clean(&mut client, "vehicles");
    client.keys("<Enter>");
    client.settle();
    let Some(Screen::Subject(screen)) = client.state.above.last_mut() else {
        panic!("no vehicle");
    };
    if let Some(Told::Vehicle(view)) = &mut screen.told {
        spoil(&mut view.vehicle);
        view.customers[0].name.value = HOSTILE.to_owned();
        view.trends[screen.trend].label = HOSTILE.to_owned();
        view.alike = vec![view.vehicle.clone()];
        view.visits[0].template = HOSTILE.to_owned();
    }
    assert_clean(&mut client, "vehicle");
    client.keys("e");
    client.send(Message::Paste(HOSTILE.to_owned()));
    client.state.card_mut().unwrap().alike = vec![HOSTILE.to_owned()];
    assert_clean(&mut client, "card");
    client.keys("<Esc>y<Esc><Esc>g");
    client.send(Message::Paste(HOSTILE.to_owned()));
    assert_clean(&mut client, "going to");
    client.keys("<Enter>");
    client.settle();
    assert_clean(&mut client, "not there");
}
