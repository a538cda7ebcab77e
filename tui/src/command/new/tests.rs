use std::collections::BTreeMap;

use redtag_protocol::{
    customer::Customer,
    ids::CustomerId,
    ipc::{Reply, Request},
    lifecycle::State,
    stamp::Stamp,
    vehicle::{Vehicle, VehicleWrite},
};

use super::*;
use crate::{
    command::fault::Exit,
    link::Link,
    testing::{self, register},
};

fn args() -> Args {
    Args {
        template: "bicycle-service".to_owned(),
        customer: Some("Ada Example".to_owned()),
        ..Args::default()
    }
}

fn edits(subject: &Subject, args: &Args) -> Result<(Vec<Edit>, Vec<String>), Fault> {
    let mut maker = ids::Maker::new(Stamp(1))?;
    let (mut edits, mut remarks) = (Vec::new(), Vec::new());
    subject.edits(args, &mut maker, &mut edits, &mut remarks)?;
    Ok((edits, remarks))
}

fn known_vehicle() -> Vehicle {
    testing::view(State::Draft).vehicle.unwrap()
}

fn known_customer() -> Customer {
    Customer {
        id: CustomerId::from_bytes([6; 16]),
        name: register("Ada Example".to_owned()),
        phones: register(Vec::new()),
        emails: register(Vec::new()),
        consent: register(false),
        merged: None,
        aliases: BTreeMap::new(),
        deletion: None,
        conflicts: BTreeMap::new(),
        unknown: serde_json::Map::new(),
    }
}

#[test]
fn what_is_not_known_is_made_and_belongs_together() {
    let subject = Subject {
        vehicle: None,
        customer: None,
    };
    let args = Args {
        vin: Some("1HGCM82633A004352".parse().unwrap()),
        ..args()
    };
    let (edits, _) = edits(&subject, &args).unwrap();
    let [
        Edit::CreateCustomer { id, .. },
        Edit::CreateVehicle {
            customer,
            year,
            make,
            ..
        },
    ] = &edits[..]
    else {
        panic!("{edits:?}");
    };
    assert_eq!(customer, &Some(*id));
    // Proposed from the VIN itself.
    assert_eq!(*year, Some(2003));
    assert_eq!(make.as_deref(), Some("Honda"));
}

#[test]
fn what_is_known_is_used_and_only_linked() {
    let subject = Subject {
        vehicle: Some(known_vehicle()),
        customer: Some(known_customer()),
    };
    let args = Args {
        serial: Some("WTU 123".to_owned()),
        plate: Some("XX-1".to_owned()),
        ..args()
    };
    let (edits, remarks) = edits(&subject, &args).unwrap();
    assert!(matches!(
        &edits[..],
        [Edit::Vehicle { write: VehicleWrite::Customer { customer, linked: true }, .. }]
            if *customer == known_customer().id
    ));
    assert!(
        remarks.iter().any(|it| it.contains("XX-1")) && !remarks.join(" ").contains("“WTU 123”"),
        "{remarks:?}"
    );
}

#[test]
fn without_a_customer_the_vehicles_only_one_is_meant() {
    let mut vehicle = known_vehicle();
    let nameless = Args {
        customer: None,
        ..args()
    };
    let subject = |vehicle: &Vehicle| Subject {
        vehicle: Some(vehicle.clone()),
        customer: None,
    };
    let (none, remarks) = edits(&subject(&vehicle), &nameless).unwrap();
    assert_eq!(none, []);
    assert!(remarks.join(" ").contains("nobody yet"), "{remarks:?}");
    vehicle
        .customers
        .insert(known_customer().id, register(true));
    let (edits, _) = edits(&subject(&vehicle), &nameless).unwrap();
    assert_eq!(edits, []);
}

#[test]
fn a_new_customer_can_be_reached_and_a_known_one_stays() {
    let args = Args {
        phone: vec![" +1 555 0100 ".to_owned()],
        email: vec!["ada@example.com".to_owned()],
        ..args()
    };
    let subject = |customer| Subject {
        vehicle: Some(known_vehicle()),
        customer,
    };
    let (made, _) = edits(&subject(None), &args).unwrap();
    assert!(matches!(
        &made[..],
        [Edit::CreateCustomer { phones, emails, .. }, Edit::Vehicle { .. }]
            if phones == &["+1 555 0100"] && emails == &["ada@example.com"]
    ));
    let (_, remarks) = edits(&subject(Some(known_customer())), &args).unwrap();
    assert!(remarks.join(" ").contains("ada@example.com"), "{remarks:?}");
}

#[test]
fn a_new_serial_number_needs_its_kind() {
    let subject = Subject {
        vehicle: None,
        customer: Some(known_customer()),
    };
    let args = Args {
        serial: Some("X9".to_owned()),
        ..args()
    };
    let fault = edits(&subject, &args).unwrap_err();
    assert!(fault.words.contains("--kind"), "{fault:?}");
}

#[test]
fn a_check_digit_binds_only_where_it_does() {
    let with = |vin: &str, unchecked_vin| {
        vin_remarks(&Args {
            vin: Some(vin.parse().unwrap()),
            unchecked_vin,
            ..args()
        })
    };
    assert_eq!(with("1HGCM82633A004352", false), Ok(Vec::new()));
    let wrong = with("1HGCM82633A123456", false).unwrap_err();
    assert_eq!(wrong.exit, Exit::Usage);
    assert!(wrong.words.contains("is 3 and should be 7"), "{wrong:?}");
    assert_eq!(with("1HGCM82633A123456", true).unwrap().len(), 1);
    assert_eq!(with("WP0ZZZ99ZTS392124", false).unwrap().len(), 1);
}

#[tokio::test]
async fn an_id_is_asked_for_and_not_looked_for_among_the_first() {
    // As the daemon does: an id finds its document, nothing lists only the newest.
    let daemon = testing::Daemon::new(|request| {
        Some(Ok(match request {
            Request::Vehicles { text, .. } if *text == known_vehicle().id.to_string() => {
                Reply::Vehicles(vec![known_vehicle()])
            }
            Request::Customers { text, .. } if *text == known_customer().id.to_string() => {
                Reply::Customers(vec![known_customer()])
            }
            Request::Vehicles { .. } => Reply::Vehicles(Vec::new()),
            _ => Reply::Customers(Vec::new()),
        }))
    });
    let args = Args {
        vehicle: Some(known_vehicle().id.to_string()),
        customer: Some(known_customer().id.to_string()),
        ..args()
    };
    let line = Line::over(Link::open(daemon.options()).0);
    let found = Subject::find(&args, &line).await.unwrap();
    assert!(found.vehicle.is_some() && found.customer.is_some());
}
