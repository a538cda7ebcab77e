//! Templates: written down, offered, closed.

use super::shop::{Bench, ShopUnderTest};
use crate::{
    entity::EntityRef,
    ids::TemplateId,
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
    shop.accepted(&bench, Seq(0), Edit::PublishTemplate { id: id(1) });
    let changed = TEXT.replace("Tail lamps", "Tail and plate lamps");
    shop.accepted(&bench, Seq(0), draft(2, &changed));
    assert_eq!(template(&shop, 2).version, 2);
    assert_eq!(template(&shop, 2).state, TemplateState::Draft);
    assert_eq!(template(&shop, 1).state, TemplateState::Active);
    shop.accepted(&bench, Seq(0), Edit::PublishTemplate { id: id(2) });
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
    shop.accepted(&bench, Seq(0), Edit::PublishTemplate { id: id(1) });
    assert_eq!(template(&shop, 1).state, TemplateState::Active);
    assert_eq!(template(&shop, 2).state, TemplateState::Closing);
}

#[test]
fn one_that_is_closed_takes_no_new_inspections_and_then_none_at_all() {
    let mut shop = ShopUnderTest::new();
    let bench = dispatcher();
    shop.accepted(&bench, Seq(0), draft(1, TEXT));
    shop.accepted(&bench, Seq(0), Edit::PublishTemplate { id: id(1) });
    for state in [TemplateState::Closing, TemplateState::Closed] {
        shop.accepted(&bench, Seq(0), Edit::CloseTemplate { id: id(1) });
        assert_eq!(template(&shop, 1).state, state);
    }
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
        Edit::PublishTemplate { id: id(1) },
        Edit::CloseTemplate { id: id(1) },
    ] {
        let refusal = shop.refused(&technician, Seq(0), edit);
        assert_eq!(refusal.code, RefusalCode::NotAllowed);
    }
    assert!(shop.world.entity(&EntityRef::Template(id(1))).is_none());
    shop.accepted(&dispatcher(), Seq(0), draft(1, TEXT));
    let again = shop.refused(&dispatcher(), Seq(0), draft(1, TEXT));
    assert_eq!(again.code, RefusalCode::Exists);
    let unknown = Edit::PublishTemplate { id: id(9) };
    let refusal = shop.refused(&dispatcher(), Seq(0), unknown);
    assert_eq!(refusal.code, RefusalCode::NotFound);
}
