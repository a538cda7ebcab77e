//! The screens as they are drawn, with their styles, at the sizes that matter.

mod around;
mod hits;
mod hostile;
mod locked;
mod screens;
mod table;
mod unsent;

use std::fmt::Write as _;

use ratatui::{Terminal, backend::TestBackend, buffer::Buffer, style::Modifier};
use redtag_protocol::{
    entity::EntityRef,
    event::{Actor, Happening, What},
    ids::{DeviceId, PersonId},
    inspection::{Answer, AnswerValue, InspectionWrite},
    ipc::{Quarantined, SyncState, TimelineEntry},
    lifecycle::{State as Stage, Verb},
    op::{Edit, Refusal, RefusalCode, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
};

use crate::{
    app::{
        Message,
        fixture::{self, Client},
    },
    theme::Theme,
};

/// The text, and below it every run of a style that is not the plain one.
fn picture(buffer: &Buffer) -> String {
    let mut out = String::new();
    let mut styles = String::new();
    let area = buffer.area;
    for y in 0..area.height {
        let mut line = String::new();
        let mut run: Option<(u16, String)> = None;
        for x in 0..=area.width {
            let cell = (x < area.width).then(|| &buffer[(x, y)]);
            let style = cell.map_or(String::new(), |cell| {
                line.push_str(cell.symbol());
                let mut style = String::new();
                if cell.fg != ratatui::style::Color::Reset {
                    write!(style, "{:?} ", cell.fg).unwrap();
                }
                if cell.bg != ratatui::style::Color::Reset {
                    write!(style, "on {:?} ", cell.bg).unwrap();
                }
                if cell.modifier != Modifier::empty() {
                    write!(style, "{:?}", cell.modifier).unwrap();
                }
                style.trim().to_owned()
            });
            let goes_on = run.as_ref().is_some_and(|(_, known)| *known == style);
            if !goes_on {
                if let Some((from, known)) = run.take()
                    && !known.is_empty()
                {
                    writeln!(styles, "{y:>3}: {from}..{x} {known}").unwrap();
                }
                run = Some((x, style));
            }
        }
        writeln!(out, "{}", line.trim_end()).unwrap();
    }
    format!("{out}---\n{styles}")
}

#[expect(
    clippy::large_types_passed_by_value,
    reason = "a test makes its theme where it names it"
)]
fn drawn(client: &mut Client, width: u16, height: u16, theme: Theme) -> Buffer {
    client.send(Message::Resize { width, height });
    client.settle();
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal
        .draw(|frame| super::draw(frame, &client.state, &theme))
        .unwrap();
    terminal.backend().buffer().clone()
}

fn shot(name: &str, client: &mut Client) {
    let colour = Theme::new(true, false);
    for (width, height) in [(80, 24), (60, 20), (200, 50)] {
        let buffer = drawn(client, width, height, colour);
        insta::assert_snapshot!(format!("{name}_{width}x{height}"), picture(&buffer));
    }
    let mono = drawn(client, 80, 24, Theme::new(false, true));
    insta::assert_snapshot!(format!("{name}_mono_ascii"), picture(&mono));
}

fn not_saved(client: &mut Client) {
    client.open();
    client.keys("<Tab>g");
    let (ask, _): (u64, Vec<Edit>) = client.sent().unwrap();
    let failure = redtag_protocol::ipc::Failure::new(
        redtag_protocol::ipc::FailureCode::Internal,
        "the disk is full; free some room and try again",
    );
    client.reply(ask, Err(crate::link::Error::Failed(failure)));
    client.keys("<Up>");
}

fn client() -> Client {
    let mut client = Client::new(Role::Technician, fixture::CAR);
    fixture::filled(&mut client.bench);
    client
}

fn entry(n: u64, who: &str, what: What, verdict: Verdict, sync: SyncState) -> TimelineEntry {
    let actor = Actor::Person {
        person: fixture::person(),
        device: DeviceId::from_parts(7, [7; 10]),
        number: n,
    };
    let stamp = Stamp(fixture::NOW.0 - n * 7_000_000);
    let waits = sync != SyncState::Acknowledged;
    TimelineEntry {
        seq: (!waits).then_some(Seq(90 - n)),
        who: who.to_owned(),
        actor,
        happening: Some(Happening {
            actor,
            stamp,
            accepted: (!waits).then_some(stamp),
            entity: EntityRef::Inspection(fixture::ticket()),
            verdict,
            what,
        }),
        sync,
    }
}

fn tread(value: &str) -> InspectionWrite {
    let answer = Answer::value(AnswerValue::Measured(value.parse().unwrap()));
    InspectionWrite::Answer {
        point: "tyres.tread.lf".parse().unwrap(),
        answer: Some(answer),
    }
}

fn happened() -> Vec<TimelineEntry> {
    let note = InspectionWrite::Note {
        point: "lights.horn".parse().unwrap(),
        note: Some("sounds weak\nwhen wet".to_owned()),
    };
    let written = |before: Option<&str>, after: InspectionWrite| What::Inspection {
        before: before.map(tread),
        after,
    };
    let moved = What::Moved {
        verb: Verb::Return,
        from: Stage::Submitted,
        to: Stage::Returned,
        reason: Some("measure the rear tyres again".to_owned()),
    };
    let (acknowledged, waiting) = (SyncState::Acknowledged, SyncState::Waiting);
    let (applied, kept) = (Verdict::Applied, Verdict::ConflictKept);
    let sam = "Sam Rivera";
    vec![
        entry(
            0,
            sam,
            written(Some("6/32 in"), tread("3.5/32 in")),
            applied,
            waiting,
        ),
        entry(1, sam, written(None, note), applied, acknowledged),
        entry(
            2,
            "Ana Nova",
            written(Some("6/32 in"), tread("4/32 in")),
            kept,
            acknowledged,
        ),
        entry(3, "Lee Park", moved, applied, acknowledged),
        entry(20, sam, What::Created, applied, acknowledged),
    ]
}

#[test]
fn conflicts_and_refusals_are_told_beside_the_point() {
    let mut client = client();
    let mut view = client.bench.view();
    client.open();
    let writer = view.inspection.created;
    let side = |value: &str, person| redtag_protocol::field::Side {
        write: tread(value),
        writer: redtag_protocol::field::Writer { person, ..writer },
    };
    let ana = PersonId::from_parts(8, [8; 10]);
    view.members
        .push(fixture::member(ana, "Ana Nova", Role::Technician));
    let sides = vec![side("3.5/32 in", fixture::person()), side("4/32 in", ana)];
    view.inspection.conflicts.insert(
        "answer:tyres.tread.lf".to_owned(),
        redtag_protocol::field::Conflict { sides },
    );
    view.quarantined.push(Quarantined {
        number: 9,
        group: 9,
        edit: Edit::Inspection {
            id: fixture::ticket(),
            write: tread("2/32 in"),
        },
        stamp: fixture::NOW,
        refusal: Refusal::new(RefusalCode::NotAllowed, "a viewer may not do this"),
    });
    client.state.inspection_mut().unwrap().told = Some(Box::new(view));
    client.state.lay_over();
    client.keys("<Tab><Tab><Tab><Tab>");
    let buffer = drawn(&mut client, 80, 24, Theme::new(true, false));
    insta::assert_snapshot!("conflict_80x24", picture(&buffer));
    // Whoever moves it on is told.
    client.keys("m");
    let Some(crate::app::Layer::Menu(menu)) = client.state.layers.last() else {
        panic!("no menu");
    };
    let note = menu.note.clone().unwrap();
    assert!(
        note.contains("1 field is in conflict: both values are kept"),
        "{note}"
    );
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(48))]

    /// Whatever is struck, in whatever window, with a daemon that answers late or not at all.
    #[test]
    fn no_keys_and_no_window_make_it_panic(
        strokes in proptest::collection::vec((0_usize..55, proptest::bool::weighted(0.4)), 1..120),
        size in (1_u16..140, 1_u16..60),
        template in 0_usize..3,
    ) {
        const KEYS: [&str; 55] = [
            "g", "y", "r", "x", "0", "1", "2", "3", "4", "9", ".", ",", "-", "n", "a", "f", "u",
            "c", "o", "O", "m", "e", "t", "s", "?", "q", "/", "j", "k", "z", "w", "!", "U", "é", "漢", "<Enter>",
            "<Enter>", "<Enter>", "<Esc>", "<Up>", "<Down>", "<Left>", "<Right>", "<Home>", "<End>",
            "<Tab>", "<Tab>", "<BackTab>", "<Backspace>", "<F1>", "<F2>", "<PgDn>", "<A-Enter>",
            "<C-s>", "<C-c>",
        ];
        let texts = [fixture::CAR, fixture::TRUCK, fixture::BICYCLE];
        let mut client = Client::new(Role::Owner, texts[template]);
        client.outbox = fixture::outbox();
        client.conflicts = fixture::conflicts();
        client.open();
        for (key, settles) in strokes {
            client.keys(KEYS[key]);
            if settles {
                client.settle();
            }
        }
        let _ = drawn(&mut client, size.0, size.1, Theme::new(true, false));
        let _ = drawn(&mut client, 80, 24, Theme::new(false, true));
    }
}

#[test]
fn a_window_that_is_too_small_says_so() {
    let mut client = client();
    let buffer = drawn(&mut client, 40, 10, Theme::new(true, false));
    assert!(picture(&buffer).contains("at least 60"));
    // Nothing panics at any size.
    for (width, height) in [(1, 1), (59, 30), (100, 19), (60, 20), (300, 80)] {
        drawn(&mut client, width, height, Theme::new(true, false));
    }
}
