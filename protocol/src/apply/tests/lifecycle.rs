//! Moves, late edits and revisions.

use super::shop::{Bench, ShopUnderTest, answer, note};
use crate::{
    grade::Condition,
    inspection::{Answer, AnswerValue, InspectionWrite},
    lifecycle::{State, Verb},
    op::{Edit, RefusalCode, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
    template::{Demand, Occasion},
};

fn people() -> (Bench, Bench, Bench) {
    (
        Bench::new(1, Role::Technician),
        Bench::new(2, Role::Dispatcher),
        Bench::new(3, Role::Owner),
    )
}

fn submitted() -> ShopUnderTest {
    let mut shop = ShopUnderTest::new();
    let (technician, ..) = people();
    shop.step(&technician, Verb::Start).unwrap();
    shop.step(&technician, Verb::Submit).unwrap();
    shop
}

#[test]
fn a_ticket_lives_from_draft_to_closed() {
    let mut shop = submitted();
    let (_, dispatcher, _) = people();
    for (verb, state) in [
        (Verb::Approve, State::Approved),
        (Verb::Publish, State::Published),
        (Verb::Decide, State::Decided),
        (Verb::Close, State::Closed),
    ] {
        shop.step(&dispatcher, verb).unwrap();
        assert_eq!(shop.inspection().state.value, state);
    }
}

#[test]
fn two_who_move_alike_agree_and_two_who_move_differently_do_not() {
    let mut shop = submitted();
    let (_, dispatcher, owner) = people();
    let from = State::Submitted;
    let approve = |id| Edit::Move {
        id,
        verb: Verb::Approve,
        from,
        reason: None,
    };
    let send_back = |id| Edit::Move {
        id,
        verb: Verb::Return,
        from,
        reason: Some("again".to_owned()),
    };
    let id = shop.inspection;
    assert_eq!(
        shop.accepted(&dispatcher, Seq(0), approve(id)),
        Verdict::Applied
    );
    assert_eq!(shop.accepted(&owner, Seq(0), approve(id)), Verdict::Applied);
    let refusal = shop.refused(&owner, Seq(0), send_back(id));
    assert_eq!(refusal.code, RefusalCode::WrongState);
    assert!(refusal.words.contains("approved"), "{}", refusal.words);
}

#[test]
fn a_late_edit_is_kept_and_changes_nothing_visible() {
    let mut shop = submitted();
    let (technician, dispatcher, _) = people();
    let id = shop.inspection;
    let before = shop.inspection();
    let base = shop.seq;
    let verdict = shop.accepted(&technician, base, note(id, "lights.horn", "late"));
    assert_eq!(verdict, Verdict::ConflictKept);
    let after = shop.inspection();
    assert_eq!(after.results, before.results);
    assert_eq!(after.late.len(), 1);
    // Whoever may review takes it up by name, once the work is open again; a technician may not.
    shop.step(&dispatcher, Verb::Return).unwrap();
    let settles = vec![after.late[0].writer.op()];
    let write = after.late[0].write.clone();
    let settle = Edit::SettleInspection { id, write, settles };
    let base = shop.seq;
    let refusal = shop.refused(&technician, base, settle.clone());
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
    shop.accepted(&dispatcher, base, settle);
    let settled = shop.inspection();
    assert!(settled.late.is_empty());
    assert_eq!(
        settled.results[&"lights.horn".parse().unwrap()].note(),
        Some("late")
    );
}

#[test]
fn a_reason_is_asked_for_where_the_table_says_so() {
    let mut shop = submitted();
    let (_, dispatcher, _) = people();
    let id = shop.inspection;
    let silent = |reason: Option<&str>| Edit::Move {
        id,
        verb: Verb::Return,
        from: State::Submitted,
        reason: reason.map(str::to_owned),
    };
    for reason in [None, Some("  ")] {
        let refusal = shop.refused(&dispatcher, Seq(0), silent(reason));
        assert_eq!(refusal.code, RefusalCode::Invalid);
    }
}

#[test]
fn a_required_note_holds_the_submission_and_names_the_point() {
    let mut shop = ShopUnderTest::new();
    let (technician, ..) = people();
    shop.step(&technician, Verb::Start).unwrap();
    let id = shop.inspection;
    let needy = shop.demand("lights.horn", Demand::Note, Occasion::Red);
    let base = shop.seq;
    let red = Answer::condition(Condition::Red);
    shop.accepted(&technician, base, answer(id, needy.key.as_str(), red));
    let refusal = shop.step(&technician, Verb::Submit).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::Incomplete);
    assert!(refusal.words.contains(&needy.label), "{}", refusal.words);
    let base = shop.seq;
    shop.accepted(&technician, base, note(id, needy.key.as_str(), "said"));
    shop.step(&technician, Verb::Submit).unwrap();
}

#[test]
fn another_technicians_work_is_not_mine_to_submit() {
    let mut shop = ShopUnderTest::new();
    let (technician, dispatcher, _) = people();
    shop.step(&technician, Verb::Start).unwrap();
    let member = crate::shop::Member {
        id: dispatcher.person,
        name: "D. Ispatch".to_owned(),
        role: Role::Dispatcher,
        removed: false,
        unknown: serde_json::Map::new(),
    };
    shop.world
        .insert(std::sync::Arc::new(crate::entity::Entity::Member(member)));
    let write = InspectionWrite::Assignee {
        person: Some(dispatcher.person),
    };
    let (base, id) = (shop.seq, shop.inspection);
    shop.accepted(&dispatcher, base, Edit::Inspection { id, write });
    let refusal = shop.step(&technician, Verb::Submit).unwrap_err();
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
    shop.step(&dispatcher, Verb::Submit).unwrap();
}

#[test]
fn reopening_keeps_the_old_revision_and_takes_its_signatures_out_of_the_new() {
    let mut shop = ShopUnderTest::new();
    let (technician, dispatcher, owner) = people();
    shop.step(&technician, Verb::Start).unwrap();
    let id = shop.inspection;
    let signature = Answer {
        condition: Some(Condition::Green),
        ..Answer::value(AnswerValue::Signed {
            name: "T. Ester".into(),
            at: Stamp(5),
        })
    };
    let base = shop.seq;
    shop.accepted(
        &technician,
        base,
        answer(id, "finish.road_test", signature.clone()),
    );
    shop.accepted(
        &technician,
        base,
        answer(id, "lights.horn", Answer::condition(Condition::Green)),
    );
    shop.step(&technician, Verb::Submit).unwrap();
    shop.step(&dispatcher, Verb::Approve).unwrap();
    shop.step(&owner, Verb::Reopen).unwrap();
    let inspection = shop.inspection();
    assert_eq!(
        (inspection.revision, inspection.state.value),
        (1, State::InProgress)
    );
    let road_test = "finish.road_test".parse().unwrap();
    assert_eq!(inspection.answer(&road_test), None);
    assert!(inspection.answer(&"lights.horn".parse().unwrap()).is_some());
    let past = &inspection.past[0];
    assert_eq!(past.state.value, State::Approved);
    assert_eq!(past.results[&road_test].answer(), Some(&signature));
}

#[test]
fn settling_is_no_way_round_the_end_of_the_work() {
    let mut shop = submitted();
    let (technician, dispatcher, _) = people();
    let id = shop.inspection;
    let write = InspectionWrite::Note {
        point: "lights.horn".parse().unwrap(),
        note: Some("afterwards".to_owned()),
    };
    let settles = Vec::new();
    let settle = Edit::SettleInspection { id, write, settles };
    let before = shop.inspection();
    for person in [&technician, &dispatcher] {
        let base = shop.seq;
        let verdict = shop.accepted(person, base, settle.clone());
        assert_eq!(verdict, Verdict::ConflictKept);
    }
    let after = shop.inspection();
    assert_eq!(after.results, before.results);
    assert_eq!(after.late.len(), 2);
}

#[test]
fn a_settlement_of_one_field_drops_no_late_edit_of_another() {
    let mut shop = submitted();
    let (technician, dispatcher, _) = people();
    let id = shop.inspection;
    let base = shop.seq;
    shop.accepted(&technician, base, note(id, "lights.horn", "late"));
    let late = shop.inspection().late;
    let write = InspectionWrite::Bay {
        bay: Some("2".to_owned()),
    };
    let settles = vec![late[0].writer.op()];
    let base = shop.seq;
    let settle = Edit::SettleInspection { id, write, settles };
    shop.accepted(&dispatcher, base, settle);
    assert_eq!(shop.inspection().late, late);
}

#[test]
fn assigning_by_way_of_a_settlement_needs_the_same_role_and_a_member() {
    let mut shop = submitted();
    let (technician, dispatcher, _) = people();
    let id = shop.inspection;
    let write = InspectionWrite::Assignee {
        person: Some(technician.person),
    };
    let settles = Vec::new();
    let settle = Edit::SettleInspection { id, write, settles };
    let base = shop.seq;
    let refusal = shop.refused(&technician, base, settle.clone());
    assert_eq!(refusal.code, RefusalCode::NotAllowed);
    // This shop knows no members.
    let refusal = shop.refused(&dispatcher, base, settle);
    assert_eq!(refusal.code, RefusalCode::NotFound);
}
