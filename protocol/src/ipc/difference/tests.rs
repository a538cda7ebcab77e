//! Whatever became of an inspection, who follows has what who reads the whole has.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::{
    ids::{TemplateId, VehicleId},
    inspection::any,
    lifecycle::State,
    shop::Settings,
    stamp::Stamp,
    template::{Template, TemplateState},
};

const BICYCLES: &str = include_str!("../../../../assets/templates/bicycle-service.toml");

fn view(inspection: Inspection, telling: u64) -> InspectionView {
    let file = Template::parse_toml(BICYCLES, "bicycle-service.toml").unwrap();
    let id = TemplateId::from_parts(1, [1; 10]);
    InspectionView {
        inspection,
        version: Seq(telling),
        template: file.into_template(id, 1, TemplateState::Active),
        vehicle: None,
        customer: None,
        members: Vec::new(),
        previous: BTreeMap::new(),
        counts: Counts::default(),
        verbs: Vec::new(),
        settings: Settings::default(),
        sync: SyncState::Acknowledged,
        waiting: telling,
        pending: BTreeSet::new(),
        quarantined: Vec::new(),
        drafts: BTreeMap::new(),
        sent_back: None,
        telling,
    }
}

fn told(before: &Inspection, to: &InspectionView) -> Option<Difference> {
    let (inspection, gone) = difference(before, &to.inspection)?;
    Some(Difference {
        from: to.telling - 1,
        to: to.telling,
        version: to.version,
        inspection,
        gone,
        counts: to.counts,
        verbs: to.verbs.clone(),
        sync: to.sync,
        waiting: to.waiting,
        pending: to.pending.clone(),
    })
}

/// What a client reads from the socket.
fn sent(it: &Difference) -> Difference {
    serde_json::from_str(&serde_json::to_string(it).unwrap()).unwrap()
}

proptest! {
    #[test]
    fn who_follows_has_what_who_reads_the_whole_has(before in any(), mut now in any()) {
        // Of one inspection that nobody moved.
        now.state.value = before.state.value;
        now.revision = before.revision;
        now.customer.clone_from(&before.customer);
        let mut whole = view(now, 8);
        // What is told beside the inspection is another, too: nothing of it may be forgotten.
        whole.counts.green += 1;
        whole.verbs = vec![Verb::Submit];
        whole.sync = SyncState::Waiting;
        whole.pending = BTreeSet::from(["bay".to_owned()]);
        let mut shown = view(before.clone(), 7);
        let difference = told(&before, &whole).unwrap();
        prop_assert_eq!(shown.follow(sent(&difference)), Followed::Taken);
        prop_assert_eq!(&shown, &whole);
        prop_assert_eq!(shown.follow(sent(&difference)), Followed::Old);
        prop_assert_eq!(&shown, &whole);
    }

    #[test]
    fn what_did_not_change_is_not_told(it in any()) {
        let (changed, gone) = difference(&it, &it).unwrap();
        prop_assert!(changed.results.is_empty() && gone.is_empty());
    }

    #[test]
    fn where_more_than_the_inspection_may_be_another_the_whole_is_to_be_read(it in any()) {
        let mut vehicle = it.clone();
        vehicle.vehicle = VehicleId::from_bytes([9; 16]);
        let mut template = it.clone();
        template.template.id = TemplateId::from_bytes([9; 16]);
        let mut moved = it.clone();
        moved.state.value = State::Returned;
        let mut revision = it.clone();
        revision.revision += 1;
        let mut customer = it.clone();
        customer.customer = Some(crate::field::Register {
            value: Some(crate::ids::CustomerId::from_bytes([9; 16])),
            writer: it.created,
        });
        for other in [vehicle, template, moved, revision, customer] {
            prop_assert!(difference(&it, &other).is_none());
        }
        // Whoever wrote the state once more has moved nothing.
        let mut again = it.clone();
        again.state.writer.stamp = Stamp(1);
        prop_assert!(difference(&it, &again).is_some());
    }

    #[test]
    fn who_missed_one_takes_none(before in any(), now in any()) {
        let mut now = now;
        now.state.value = before.state.value;
        now.revision = before.revision;
        now.customer.clone_from(&before.customer);
        let difference = told(&before, &view(now, 8)).unwrap();
        let mut shown = view(before.clone(), 6);
        let stood = shown.clone();
        prop_assert_eq!(shown.follow(difference.clone()), Followed::Missed);
        prop_assert_eq!(&shown, &stood);
        let mut other = view(before, 7);
        other.inspection.id = InspectionId::from_bytes([9; 16]);
        prop_assert_eq!(other.follow(difference), Followed::Missed);
    }
}
