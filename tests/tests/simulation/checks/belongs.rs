//! A membership that has ended is over at once: nobody acts in a shop, or is told anything of it,
//! without belonging to it then.

use std::collections::BTreeSet;

use redtag_protocol::ids::PersonId;

use super::Violation;

const NAME: &str = "who does not belong to a shop has no part in it";

/// What an event says.
pub(crate) enum Told {
    /// A person belongs to the shop from here on, or no longer.
    Member(PersonId, bool),
    /// A person did something.
    Acts(PersonId),
}

/// `events`: of one shop, in its order, with their places.
pub(crate) fn check(events: impl Iterator<Item = (u64, Told)>) -> Result<(), Violation> {
    let mut members = BTreeSet::new();
    for (seq, told) in events {
        match told {
            Told::Member(person, true) => {
                members.insert(person);
            }
            Told::Member(person, false) => {
                members.remove(&person);
            }
            Told::Acts(person) if !members.contains(&person) => {
                return Err(Violation::new(NAME, format!("{person} acts at {seq}")));
            }
            Told::Acts(_) => {}
        }
    }
    Ok(())
}

/// Whether somebody may be told something: `belongs`, at that moment.
pub(crate) fn let_in(belongs: bool, person: &str) -> Result<(), Violation> {
    if belongs {
        return Ok(());
    }
    Err(Violation::new(NAME, format!("{person} is let in")))
}

pub(crate) fn can_fail() {
    let person = PersonId::from_parts(1, [1; 10]);
    let told = |events: &[(bool, bool)]| {
        let event = |(at, (acts, belongs)): (usize, &(bool, bool))| {
            let told = if *acts {
                Told::Acts(person)
            } else {
                Told::Member(person, *belongs)
            };
            (at as u64, told)
        };
        check(events.iter().enumerate().map(event))
    };
    let (acts, comes, goes) = ((true, true), (false, true), (false, false));
    assert!(told(&[comes, acts, goes, comes, acts]).is_ok());
    assert!(told(&[acts]).is_err());
    assert!(told(&[comes, acts, goes, acts]).is_err());
}

pub(crate) fn let_in_can_fail() {
    assert!(let_in(true, "p").is_ok());
    assert!(let_in(false, "p").is_err());
}
