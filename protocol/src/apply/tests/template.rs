//! Templates: written down, offered, closed.

use super::shop::{Bench, CARS, ShopUnderTest};
use crate::{
    apply::versions,
    entity::EntityRef,
    ids::{InspectionId, TemplateId},
    lifecycle::{State, Verb},
    op::{Edit, RefusalCode},
    role::Role,
    stamp::Seq,
    template::{Template, TemplateState},
};

const TEXT: &str = r#"
key = "trailer"
name = "Trailer"
[[section]]
key = "lights"
label = "Lights"
[[section.point]]
key = "lights.tail"
label = "Tail lamps"
"#;

fn id(n: u8) -> TemplateId {
    TemplateId::from_bytes([n; 16])
}

fn draft(n: u8, text: &str) -> Edit {
    Edit::DraftTemplate {
        id: id(n),
        text: text.to_owned(),
    }
}

fn publish(n: u8, instead_of: Option<u8>) -> Edit {
    Edit::PublishTemplate {
        id: id(n),
        instead_of: instead_of.map(id),
    }
}

fn close(n: u8, from: TemplateState) -> Edit {
    Edit::CloseTemplate { id: id(n), from }
}

fn template(shop: &ShopUnderTest, n: u8) -> Template {
    shop.world.template(id(n)).unwrap().clone()
}

fn dispatcher() -> Bench {
    Bench::new(1, Role::Dispatcher)
}

#[test]
fn a_version_follows_the_one_before_and_takes_its_place_when_it_is_offered() {
    let mut shop = ShopUnderTest::new();
    let bench = dispatcher();
    shop.accepted(&bench, Seq(0), draft(1, TEXT));
    shop.accepted(&bench, Seq(0), publish(1, None));
    let changed = TEXT.replace("Tail lamps", "Tail and plate lamps");
    shop.accepted(&bench, Seq(0), draft(2, &changed));
    assert_eq!(template(&shop, 2).version, 2);
    assert_eq!(template(&shop, 2).state, TemplateState::Draft);
    assert_eq!(template(&shop, 1).state, TemplateState::Active);
    shop.accepted(&bench, Seq(0), publish(2, Some(1)));
    assert_eq!(template(&shop, 2).state, TemplateState::Active);
    assert_eq!(template(&shop, 1).state, TemplateState::Closing);
    // Other templates are left alone.
    let others = shop.world.clone();
    let untouched = others
        .templates()
        .filter(|it| it.key.as_str() != "trailer")
        .all(|it| it.state == TemplateState::Active);
    assert!(untouched);
    // And back again.
    shop.accepted(&bench, Seq(0), publish(1, Some(2)));
    assert_eq!(template(&shop, 1).state, TemplateState::Active);
    assert_eq!(template(&shop, 2).state, TemplateState::Closing);
}

#[test]
fn one_that_is_closed_takes_no_new_inspections_and_then_none_at_all() {
    let mut shop = ShopUnderTest::new();
    let bench = dispatcher();
    shop.accepted(&bench, Seq(0), draft(1, TEXT));
    shop.accepted(&bench, Seq(0), publish(1, None));
    let mut from = TemplateState::Active;
    for state in [TemplateState::Closing, TemplateState::Closed] {
        // Two may do the same at once.
        shop.accepted(&bench, Seq(0), close(1, from));
        shop.accepted(&bench, Seq(0), close(1, from));
        assert_eq!(template(&shop, 1).state, state);
        from = state;
    }
}

#[test]
fn closing_lasts_as_long_as_an_inspection_runs() {
    let bench = Bench::new(1, Role::Owner);
    let drafted = |shop: &mut ShopUnderTest| {
        let text = CARS.to_owned();
        shop.accepted(&bench, Seq(0), Edit::DraftTemplate { id: id(2), text });
        let first = shop.template().id;
        let edit = Edit::PublishTemplate {
            id: id(2),
            instead_of: Some(first),
        };
        (first, edit)
    };
    // The one that was loaded runs.
    let mut shop = ShopUnderTest::new();
    let (first, publish) = drafted(&mut shop);
    shop.world.run(first, None);
    shop.accepted(&bench, Seq(0), publish);
    assert_eq!(shop.template().state, TemplateState::Closing);
    let void = Edit::Move {
        id: shop.inspection,
        verb: Verb::Void,
        from: State::Draft,
        reason: Some("a mistake".to_owned()),
    };
    // Another that was not loaded runs on.
    let mut other = shop.clone();
    let elsewhere = InspectionId::from_bytes([7; 16]);
    other.world.run(first, Some(elsewhere));
    other.accepted(&bench, Seq(0), void.clone());
    assert_eq!(other.template().state, TemplateState::Closing);
    shop.accepted(&bench, Seq(0), void);
    assert_eq!(shop.template().state, TemplateState::Closed);
    // Nothing runs.
    let mut shop = ShopUnderTest::new();
    let what = EntityRef::Inspection(shop.inspection);
    shop.accepted(&bench, shop.seq, Edit::Delete { what });
    let (first, publish) = drafted(&mut shop);
    shop.world.run(first, None);
    let mut closed = shop.clone();
    closed.accepted(
        &bench,
        Seq(0),
        Edit::CloseTemplate {
            id: first,
            from: TemplateState::Active,
        },
    );
    assert_eq!(closed.template().state, TemplateState::Closed);
    shop.accepted(&bench, Seq(0), publish);
    assert_eq!(shop.template().state, TemplateState::Closed);
}

#[test]
fn only_of_versions_that_may_be_over_with_it_is_asked_what_runs_on_them() {
    let mut shop = ShopUnderTest::new();
    let bench = Bench::new(1, Role::Owner);
    let first = shop.template().id;
    for n in [2, 3] {
        let text = CARS.to_owned();
        shop.accepted(&bench, Seq(0), Edit::DraftTemplate { id: id(n), text });
    }
    let edit = Edit::PublishTemplate {
        id: id(2),
        instead_of: Some(first),
    };
    let asked = |shop: &ShopUnderTest, edit: &Edit| {
        let mut asked = versions(edit, &shop.world);
        asked.sort_unstable();
        asked.dedup();
        asked
    };
    let mut expected = [first, id(2)];
    expected.sort_unstable();
    assert_eq!(asked(&shop, &edit), expected, "the other draft is not");
    shop.world.run(first, None);
    let what = EntityRef::Inspection(shop.inspection);
    shop.accepted(&bench, shop.seq, Edit::Delete { what });
    shop.accepted(&bench, Seq(0), edit);
    assert_eq!(shop.template().state, TemplateState::Closed);
    let close = close(2, TemplateState::Active);
    assert_eq!(asked(&shop, &close), [id(2)], "nor is what is closed");
}

#[test]
fn one_that_was_seen_offered_and_was_replaced_meanwhile_is_closed_for_good() {
    let mut shop = ShopUnderTest::new();
    let bench = dispatcher();
    shop.accepted(&bench, Seq(0), draft(1, TEXT));
    shop.accepted(&bench, Seq(0), publish(1, None));
    shop.accepted(&bench, Seq(0), draft(2, TEXT));
    // As older programs left it, whether anything runs on it or not.
    shop.accepted(&bench, Seq(0), publish(2, Some(1)));
    assert_eq!(template(&shop, 1).state, TemplateState::Closing);
    shop.world.run(id(1), None);
    shop.accepted(&bench, Seq(0), close(1, TemplateState::Active));
    assert_eq!(template(&shop, 1).state, TemplateState::Closed);
}

#[test]
fn nobodys_publication_is_taken_back_by_who_has_not_seen_it() {
    let mut shop = ShopUnderTest::new();
    let bench = dispatcher();
    shop.accepted(&bench, Seq(0), draft(1, TEXT));
    shop.accepted(&bench, Seq(0), publish(1, None));
    shop.accepted(&bench, Seq(0), draft(2, TEXT));
    shop.accepted(&bench, Seq(0), draft(3, TEXT));
    shop.accepted(&bench, Seq(0), publish(3, Some(1)));
    // Written down when the first one was still offered, or none at all.
    for seen in [Some(1), None] {
        let refusal = shop.refused(&bench, Seq(0), publish(2, seen));
        assert_eq!(refusal.code, RefusalCode::WrongState);
        assert!(refusal.words.contains("version 3"), "{}", refusal.words);
    }
    // Meant for the draft.
    let refusal = shop.refused(&bench, Seq(0), close(3, TemplateState::Draft));
    assert_eq!(refusal.code, RefusalCode::WrongState);
    assert_eq!(template(&shop, 3).state, TemplateState::Active);
    // Who publishes what is offered already has what they wanted.
    shop.accepted(&bench, Seq(0), publish(3, Some(1)));
    assert_eq!(template(&shop, 3).state, TemplateState::Active);
}

#[test]
fn what_cannot_be_read_is_refused_with_its_line() {
    let mut shop = ShopUnderTest::new();
    let broken = TEXT.replace("label = \"Tail lamps\"", "labl = \"Tail lamps\"");
    let refusal = shop.refused(&dispatcher(), Seq(0), draft(1, &broken));
    assert_eq!(refusal.code, RefusalCode::Invalid);
    assert!(refusal.words.contains("line 9"), "{}", refusal.words);
}

#[test]
fn a_technician_may_not_and_what_is_there_stays() {
    let mut shop = ShopUnderTest::new();
    let technician = Bench::new(2, Role::Technician);
    for edit in [
        draft(1, TEXT),
        publish(1, None),
        close(1, TemplateState::Active),
    ] {
        let refusal = shop.refused(&technician, Seq(0), edit);
        assert_eq!(refusal.code, RefusalCode::NotAllowed);
    }
    assert!(shop.world.entity(&EntityRef::Template(id(1))).is_none());
    shop.accepted(&dispatcher(), Seq(0), draft(1, TEXT));
    let again = shop.refused(&dispatcher(), Seq(0), draft(1, TEXT));
    assert_eq!(again.code, RefusalCode::Exists);
    let unknown = publish(9, None);
    let refusal = shop.refused(&dispatcher(), Seq(0), unknown);
    assert_eq!(refusal.code, RefusalCode::NotFound);
}
