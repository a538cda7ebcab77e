//! Duplicates that were merged: whoever asks for one, in a list or by its id, gets the one that stays,
//! with the history of all.

use redtag_protocol::ids::CustomerId;

use super::*;
use crate::view;

/// Chains longer than anybody makes by hand.
const LAST: u8 = 12;

fn car(which: u8) -> VehicleId {
    VehicleId::from_bytes(bytes(0x80 + which))
}

fn person(which: u8) -> CustomerId {
    CustomerId::from_bytes(bytes(0xa0 + which))
}

/// Each car is its own person's and was here once; then each is merged into the next, persons too.
fn chain() -> Bench {
    let mut bench = Bench::filled();
    let owner = json!({"id": me(), "name": "Ada", "role": "owner"});
    let line = raw("member", &me().to_string(), 11, owner.to_string());
    bench.pull(vec![line], 11, false);
    for which in 0..=LAST {
        let edits = vec![
            Edit::CreateCustomer {
                id: person(which),
                name: "Alma Testwell".to_owned(),
                phones: Vec::new(),
                emails: Vec::new(),
                consent: false,
            },
            Edit::CreateVehicle {
                id: car(which),
                kind: VehicleKind::Car,
                vin: None,
                plate: Some("MERGE 1".to_owned()),
                serial: None,
                year: None,
                make: None,
                model: None,
                customer: Some(person(which)),
            },
            Edit::CreateInspection {
                id: InspectionId::from_bytes(bytes(0xc0 + which)),
                template: template(),
                vehicle: car(which),
                customer: Some(person(which)),
                assignee: None,
                bay: None,
                concern: None,
                provisional: format!("~K7-{which}"),
            },
        ];
        bench.store().save(edits, now(u64::from(which))).unwrap();
    }
    for which in 0..LAST {
        let (id, into) = (car(which), car(which + 1));
        bench.save(Edit::MergeVehicles { id, into }, 100 + u64::from(which));
        let (id, into) = (person(which), person(which + 1));
        bench.save(Edit::MergeCustomers { id, into }, 100 + u64::from(which));
    }
    bench
}

#[test]
fn a_merged_vehicle_leads_to_the_one_that_stays_with_the_visits_of_all() {
    let mut bench = chain();
    for which in [0, 5, LAST] {
        let found = view::vehicle(bench.store(), car(which)).unwrap();
        assert_eq!(found.vehicle.id, car(LAST));
        assert_eq!(found.visited, u64::from(LAST) + 1);
        assert_eq!(found.visits.len(), usize::from(LAST) + 1);
        let owners: Vec<_> = found.customers.iter().map(|it| it.id).collect();
        assert_eq!(owners, [person(LAST)]);
        assert_eq!(found.alike, []);
        let found = view::vehicles(bench.store(), &car(which).to_string(), 9).unwrap();
        let found: Vec<_> = found.iter().map(|it| it.id).collect();
        assert_eq!(found, [car(LAST)], "by its id");
    }
    let found = view::vehicles(bench.store(), "merge", 9).unwrap();
    let found: Vec<_> = found.iter().map(|it| it.id).collect();
    assert_eq!(found, [car(LAST)]);
}

#[test]
fn a_merged_customer_leads_to_the_one_that_stays_with_vehicles_and_visits_of_all() {
    let mut bench = chain();
    for which in [0, 5, LAST] {
        let found = view::customer(bench.store(), person(which)).unwrap();
        assert_eq!(found.customer.id, person(LAST));
        assert_eq!(found.visited, u64::from(LAST) + 1);
        let vehicles: Vec<_> = found.vehicles.iter().map(|it| it.id).collect();
        assert_eq!(vehicles, [car(LAST)]);
        assert_eq!(found.alike, []);
        let found = view::customers(bench.store(), &person(which).to_string(), 9).unwrap();
        let found: Vec<_> = found.iter().map(|it| it.id).collect();
        assert_eq!(found, [person(LAST)], "by its id");
    }
    let found = view::customers(bench.store(), "testwell", 9).unwrap();
    let found: Vec<_> = found.iter().map(|it| it.id).collect();
    assert_eq!(found, [person(LAST)]);
}
