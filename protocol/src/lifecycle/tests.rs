use std::collections::BTreeSet;

use super::*;

#[test]
fn every_verb_has_its_own_row() {
    assert_eq!(RULES.len(), Verb::ALL.len());
    for verb in Verb::ALL {
        assert_eq!(verb.rule().verb, verb);
        assert_eq!(verb.as_str().parse(), Ok(verb));
    }
}

#[test]
fn every_state_can_be_reached_from_a_draft_and_only_a_draft_is_first() {
    let mut reached = BTreeSet::from([State::Draft]);
    loop {
        let before = reached.len();
        for rule in RULES {
            if rule.from.iter().any(|from| reached.contains(from)) {
                reached.insert(rule.to);
            }
        }
        if reached.len() == before {
            break;
        }
    }
    assert_eq!(reached, BTreeSet::from(State::ALL));
    assert!(RULES.iter().all(|rule| rule.to != State::Draft));
}

/// The table of the product's description, written out once more by hand: what each role may do in
/// each state. A change of the rules must be made in both places.
#[test]
fn state_by_verb_by_role() {
    let table = [
        (State::Draft, "start", "", "void"),
        (State::InProgress, "submit", "", "void"),
        (State::Submitted, "", "return approve", "void"),
        (State::Returned, "resume", "", "void"),
        (State::Approved, "", "return publish", "void reopen"),
        (State::Published, "", "decide", "void reopen"),
        (State::Decided, "", "close", "void reopen"),
        (State::Closed, "", "", "reopen"),
        (State::Void, "", "", "reopen"),
    ];
    for (state, technician, dispatcher, owner) in table {
        let words = |text: &'static str| text.split_whitespace();
        let expected = |role| -> BTreeSet<&str> {
            match role {
                Role::Viewer => BTreeSet::new(),
                Role::Technician => words(technician).collect(),
                Role::Dispatcher => words(technician).chain(words(dispatcher)).collect(),
                Role::Owner => words(technician)
                    .chain(words(dispatcher))
                    .chain(words(owner))
                    .collect(),
            }
        };
        for role in Role::ALL {
            let verbs: BTreeSet<&str> = state.verbs(role).map(Verb::as_str).collect();
            assert_eq!(verbs, expected(role), "{state} {role}");
        }
    }
}

#[test]
fn only_work_in_hand_takes_edits() {
    let open: Vec<State> = State::ALL
        .into_iter()
        .filter(|state| state.takes_edits())
        .collect();
    assert_eq!(open, [State::Draft, State::InProgress, State::Returned]);
}
