use redtag_protocol::lifecycle::State;

use super::*;
use crate::testing;

#[test]
fn near_keys_come_nearest_first_and_at_most_three() {
    let keys = [
        "tyres.tread.lf",
        "tyres.tread.rf",
        "lights.horn",
        "tyres.age",
    ];
    let found = near("tyres.tred.lf", keys.into_iter());
    assert_eq!(found.first(), Some(&"tyres.tread.lf"));
    assert!(!found.contains(&"lights.horn"));
    assert_eq!(near("horn", keys.into_iter()), ["lights.horn"]);
    assert_eq!(near("zzzz", keys.into_iter()), Vec::<&str>::new());
}

#[test]
fn the_newest_active_version_is_taken() {
    let old = testing::template();
    let mut new = old.clone();
    new.version = 3;
    let mut draft = old.clone();
    (draft.version, draft.state) = (4, TemplateState::Draft);
    let all = [old, new, draft];
    assert_eq!(template(&all, "bicycle-service").unwrap().version, 3);
    let unknown = template(&all, "bike").unwrap_err();
    assert!(unknown.words.contains("bicycle-service"), "{unknown:?}");
    let closed = template(&all[2..], "bicycle-service").unwrap_err();
    assert!(closed.words.contains("no new inspections"), "{closed:?}");
}

#[test]
fn people_are_found_by_name_whatever_the_case() {
    let members = testing::view(State::Draft).members;
    let account = testing::account();
    let who = |text| person(&members, Some(&account), text, "--to");
    assert_eq!(who("me").unwrap(), Some(account.person));
    assert_eq!(who("none").unwrap(), None);
    assert_eq!(who("dora desk").unwrap(), Some(members[1].id));
    let unknown = who("Nobody Here").unwrap_err();
    assert!(
        unknown.words.contains("Dora Desk") && unknown.words.starts_with("--to"),
        "{unknown:?}"
    );
}

#[test]
fn one_name_for_two_is_told_apart_by_id() {
    let mut members = testing::view(State::Draft).members;
    members[1].name = members[0].name.clone();
    let both = person(&members, None, "Tess Tester", "--to").unwrap_err();
    assert!(both.words.contains(&members[1].id.to_string()), "{both:?}");
}

#[test]
fn marks_are_the_same_however_they_are_written() {
    assert!(same_mark("ab-12 3c", "AB123C"));
    assert!(!same_mark("AB123", "AB124"));
}
