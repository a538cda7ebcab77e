//! Of a template at most one version is offered; nobody's publication is taken back, and no version
//! closed, by who has not seen how it stood; what is closing is so because inspections run on it. What
//! the timeline tells of each version is what its document says at the end.

use std::collections::BTreeMap;

use redtag_protocol::{field::OpRef, ids::TemplateId, op::Edit, template::TemplateState};

use super::Violation;

const NAME: &str = "nobody's publication is taken back unseen";

/// A version came to a state, as the timeline tells it.
#[derive(Debug, Clone)]
pub(crate) struct Turned {
    pub(crate) id: TemplateId,
    pub(crate) after: TemplateState,
    /// By which operation; none for an operator's command.
    pub(crate) by: Option<OpRef>,
    /// What that asked for, where it is known.
    pub(crate) edit: Option<Edit>,
}

/// A version's document at the end.
#[derive(Debug, Clone)]
pub(crate) struct Stands {
    pub(crate) key: String,
    pub(crate) state: TemplateState,
    /// Whether an unfinished inspection runs on it.
    pub(crate) runs: bool,
}

type States = BTreeMap<TemplateId, TemplateState>;

/// `turned`: in the shop's order.
pub(crate) fn check(
    turned: &[Turned],
    stands: &BTreeMap<TemplateId, Stands>,
) -> Result<(), Violation> {
    let key = |id: &TemplateId| stands.get(id).map(|it| it.key.as_str());
    let offered = |states: &States, of: &TemplateId| -> Vec<TemplateId> {
        let active = states.iter().filter(|it| *it.1 == TemplateState::Active);
        let ids = active.map(|(id, _)| *id);
        ids.filter(|id| key(id) == key(of)).collect()
    };
    let mut now = States::new();
    // As it was before the edit whose events come.
    let mut before = States::new();
    let mut by = None;
    for it in turned {
        if it.by.is_none() || it.by != by {
            before.clone_from(&now);
            by = it.by;
        }
        now.insert(it.id, it.after);
        if offered(&now, &it.id).len() > 1 {
            return Err(fault(it, "offers a second version of one template"));
        }
        match &it.edit {
            Some(Edit::PublishTemplate { id, instead_of }) if *id == it.id => {
                let mut others = offered(&before, id).into_iter();
                let unseen = others.find(|other| other != id && Some(*other) != *instead_of);
                if let Some(other) = unseen {
                    return Err(fault(
                        it,
                        &format!("takes back {other}, which it had not seen"),
                    ));
                }
            }
            Some(Edit::CloseTemplate { id, from }) if *id == it.id => {
                let stood = before.get(id);
                if stood != Some(from) && stood != Some(&it.after) {
                    return Err(fault(it, &format!("closes what was {stood:?} by then")));
                }
            }
            _ => {}
        }
    }
    for (id, it) in stands {
        if now.get(id) != Some(&it.state) {
            let words = format!("{id} is {it:?} and was told to be {:?}", now.get(id));
            return Err(Violation::new(NAME, words));
        }
        if it.state == TemplateState::Closing && !it.runs {
            let words = format!("{id} is closing, and nothing runs on it");
            return Err(Violation::new(NAME, words));
        }
    }
    Ok(())
}

fn fault(turned: &Turned, how: &str) -> Violation {
    Violation::new(NAME, format!("{turned:?} {how}"))
}

pub(crate) fn can_fail() {
    use TemplateState::{Active, Closed, Closing, Draft};
    let id = |n: u8| TemplateId::from_parts(1, [n; 10]);
    let told = |edit: &Edit, number, turned: &[(u8, TemplateState)]| -> Vec<Turned> {
        let device = redtag_protocol::ids::DeviceId::from_parts(1, [1; 10]);
        let each = turned.iter().map(|(n, after)| Turned {
            id: id(*n),
            after: *after,
            by: Some(OpRef { device, number }),
            edit: Some(edit.clone()),
        });
        each.collect()
    };
    let publish = |instead_of: Option<u8>, turned: &[(u8, TemplateState)]| {
        let instead_of = instead_of.map(id);
        told(
            &Edit::PublishTemplate {
                id: id(2),
                instead_of,
            },
            9,
            turned,
        )
    };
    let close = |from, after| {
        let edit = Edit::CloseTemplate { id: id(1), from };
        told(&edit, 9, &[(1, after)])
    };
    // The first is offered by an operator, and there is a draft.
    let holds = |then: Vec<Turned>, first, second, runs| {
        let begin = [(1, Active), (2, Draft)].map(|(n, after)| Turned {
            id: id(n),
            after,
            by: None,
            edit: None,
        });
        let stands = [(1, first, runs), (2, second, false)].map(|(n, state, runs)| {
            let key = "bike".to_owned();
            (id(n), Stands { key, state, runs })
        });
        check(&[begin.to_vec(), then].concat(), &stands.into()).is_ok()
    };
    assert!(holds(Vec::new(), Active, Draft, false));
    assert!(
        !holds(Vec::new(), Active, Active, false),
        "unlike its document"
    );
    let instead = [(1, Closed), (2, Active)];
    assert!(holds(publish(Some(1), &instead), Closed, Active, false));
    assert!(
        !holds(publish(None, &instead), Closed, Active, false),
        "unseen"
    );
    let second = publish(Some(1), &[(2, Active)]);
    assert!(!holds(second, Active, Active, false), "two are offered");
    assert!(holds(close(Active, Closed), Closed, Draft, false));
    assert!(!holds(close(Draft, Closed), Closed, Draft, false), "unseen");
    assert!(holds(close(Active, Closing), Closing, Draft, true));
    assert!(
        !holds(close(Active, Closing), Closing, Draft, false),
        "nothing runs"
    );
}
