use redtag_protocol::{
    entity::EntityRef,
    field::OpRef,
    ids::{DeviceId, InspectionId, PersonId},
    ipc::{Choice, ConflictSort, SideView},
    lifecycle::State,
    stamp::Stamp,
};

use super::*;
use crate::{
    command::{fault::Exit, shape::ConflictsShape},
    testing::{self, Daemon},
};

fn side(number: u64, words: &str, who: &str, own: bool, shown: bool) -> SideView {
    SideView {
        op: OpRef {
            device: DeviceId::from_bytes([if own { 1 } else { 2 }; 16]),
            number,
        },
        write: None,
        words: words.to_owned(),
        who: who.to_owned(),
        person: PersonId::from_bytes([3; 16]),
        at: Stamp(1_700_000_000_000),
        seq: None,
        own,
        shown,
    }
}

fn inspection() -> InspectionId {
    testing::view(State::InProgress).inspection.id
}

fn view(field: &str, title: &str, sort: ConflictSort) -> ConflictView {
    let write = |mut side: SideView| {
        side.write = Some(redtag_protocol::ipc::AnyWrite::Inspection(
            redtag_protocol::inspection::InspectionWrite::Bay { bay: None },
        ));
        side
    };
    ConflictView {
        entity: EntityRef::Inspection(inspection()),
        label: "#1042".to_owned(),
        subject: "2017 Honda Pilot".to_owned(),
        field: field.to_owned(),
        title: title.to_owned(),
        sort,
        sides: vec![
            write(side(8, "red", "Ana Nova", false, true)),
            write(side(5, "green", "Sam Rivera", true, false)),
        ],
        pending: false,
    }
}

fn views() -> Vec<ConflictView> {
    vec![
        view("answer:frame.cracks", "Cracks: answer", ConflictSort::Field),
        view("note:frame.cracks", "Cracks: note", ConflictSort::Late),
    ]
}

#[test]
fn both_values_are_listed_with_who_wrote_them() {
    insta::assert_snapshot!(list::render(&views(), 120), @r"
    WHERE  FIELD                WHAT       STANDS          KEPT BESIDE IT
    #1042  answer:frame.cracks  conflict   red (Ana Nova)  green (Sam Rivera)
    #1042  note:frame.cracks    came late  red (Ana Nova)  green (Sam Rivera)
    2 things to settle; nothing is lost. `redtag conflicts settle WHERE FIELD --take SIDE` says which stands.
    ");
    assert_eq!(list::render(&[], 80), "Nothing is to be settled.\n");
}

#[test]
fn one_is_shown_whole() {
    let text = show::render(&views()[0]);
    let text = text.replace(
        &crate::command::output::moment(Stamp(1_700_000_000_000)),
        "THEN",
    );
    insta::assert_snapshot!(text, @r"
    #1042, 2017 Honda Pilot: Cracks: answer (answer:frame.cracks)
      two benches wrote it without knowing of each other
      1  stands  red    Ana Nova    THEN  another bench
      2  kept    green  Sam Rivera  THEN  this bench
    ");
}

#[test]
fn programs_get_names_for_the_sides_that_settle_takes() {
    let views = views();
    let shape = serde_json::to_value(ConflictsShape::new(&views)).unwrap();
    let side = shape["conflicts"][0]["sides"][1]["side"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(shape["conflicts"][0]["sides"][0]["stands"], true);
    assert_eq!(shape["conflicts"][1]["sort"], "late");
    let (_, choice, _) = settle::choose(&views[..1], Some(&side)).unwrap();
    assert_eq!(choice, Choice::Side(views[0].sides[1].op));
}

#[test]
fn a_side_is_named_by_number_by_whose_it_is_or_by_name() {
    let views = views();
    for (named, at) in [
        ("1", 0),
        ("2", 1),
        ("mine", 1),
        ("theirs", 0),
        ("ana", 0),
        ("Sam Rivera", 1),
    ] {
        let (_, choice, words) = settle::choose(&views[..1], Some(named)).unwrap();
        let side = &views[0].sides[at];
        assert_eq!(choice, Choice::Side(side.op), "{named}");
        assert!(words.contains(&side.words), "{words}");
    }
    for named in ["0", "3", "somebody"] {
        let wrong = settle::choose(&views[..1], Some(named)).unwrap_err();
        assert_eq!(wrong.exit, Exit::Usage, "{named}");
    }
    let (_, choice, _) = settle::choose(&views, None).unwrap();
    assert_eq!(choice, Choice::Present);
}

#[test]
fn a_field_is_named_as_shortly_as_it_can_be() {
    let named = |field: &str| find::of_field(views(), field).map(|it| it[0].field.clone());
    assert_eq!(named("answer:frame.cracks").unwrap(), "answer:frame.cracks");
    assert_eq!(named("cracks: NOTE").unwrap(), "note:frame.cracks");
    let wrong = named("frame.cracks").unwrap_err();
    assert!(
        wrong
            .words
            .contains("answer:frame.cracks, note:frame.cracks"),
        "{wrong:?}"
    );
    let one = find::of_field(views()[1..].to_vec(), "frame.cracks").unwrap();
    assert_eq!(one[0].field, "note:frame.cracks");
    let none = named("bay").unwrap_err();
    assert!(none.words.contains("to settle are"), "{none:?}");
    let whole = view("", "the whole inspection", ConflictSort::Deletion);
    assert_eq!(find::of_field(vec![whole], "deletion").unwrap().len(), 1);
}

#[tokio::test]
async fn settling_asks_for_what_was_chosen() {
    let mut daemon = Daemon::new(|request| {
        Some(Ok(match request {
            Request::Conflicts { .. } => Reply::Conflicts(views()),
            Request::Find { .. } => Reply::Inspection(Box::new(testing::view(State::InProgress))),
            _ => Reply::Saved {
                first: 6,
                last: 6,
                inspection: None,
            },
        }))
    });
    let line = Line::over(crate::link::Link::open(daemon.options()).0);
    // As it was called before it had a number.
    let args = SettleArgs {
        ticket: "~K7-3".to_owned(),
        field: "answer:frame.cracks".to_owned(),
        take: Some("mine".to_owned()),
        keep: false,
        format: Format { json: true },
    };
    settle::run(&args, &line).await.unwrap();
    let asked = loop {
        if let Request::Settle {
            entity,
            field,
            choice,
        } = daemon.requests.recv().await.unwrap().request
        {
            break (entity, field, choice);
        }
    };
    let own = views()[0].sides[1].op;
    let entity = EntityRef::Inspection(inspection());
    assert_eq!(
        asked,
        (entity, "answer:frame.cracks".to_owned(), Choice::Side(own))
    );
}
