//! The demo shop's data: whole, invented, and gradable to the last value.

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{
    grade::{Condition, Grade, Need, References, grade_between},
    ids::TemplateId,
    lifecycle::{State, Verb},
    money::Cents,
    role::Role,
    template::{Kind, Rule, Template, TemplateState},
    units::{Decimal, Quantity},
    vehicle::VehicleKind,
    vin::{CheckDigit, Vin},
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shop {
    shop: Named,
    member: Vec<Member>,
    customer: Vec<Customer>,
    vehicle: Vec<Vehicle>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Member {
    key: String,
    name: String,
    email: String,
    role: Role,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Customer {
    key: String,
    name: String,
    phones: Vec<String>,
    emails: Vec<String>,
    consent: bool,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vehicle {
    kind: VehicleKind,
    make: String,
    model: String,
    year: u16,
    vin: Option<Vin>,
    plate: Option<String>,
    serial: Option<String>,
    customers: Vec<String>,
    #[serde(default)]
    references: BTreeMap<String, Typed>,
    visit: Vec<Visit>,
}

/// A quantity as one text, as people type it.
#[derive(Deserialize)]
#[serde(try_from = "String")]
struct Typed(Quantity);

impl TryFrom<String> for Typed {
    type Error = redtag_protocol::units::QuantityError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse().map(Self)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Visit {
    template: String,
    hours_ago: u32,
    state: State,
    assignee: Option<String>,
    bay: Option<String>,
    concern: Option<String>,
    reason: Option<String>,
    #[serde(default)]
    choices: BTreeMap<String, String>,
    #[serde(default)]
    values: BTreeMap<String, String>,
    #[serde(default)]
    picks: BTreeMap<String, String>,
    #[serde(default)]
    signed: BTreeMap<String, String>,
    #[serde(default)]
    yellow: Vec<String>,
    #[serde(default)]
    red: Vec<String>,
    #[serde(default)]
    na: Vec<String>,
    unanswered_from: Option<String>,
    #[serde(default)]
    notes: BTreeMap<String, String>,
    #[serde(default)]
    lines: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    point: String,
    text: String,
    labour: Cents,
    parts: Cents,
}

const TEXT: &str = include_str!("../../assets/demo/shop.toml");

fn shop() -> Shop {
    toml::from_str(TEXT).unwrap_or_else(|error| panic!("{error}"))
}

fn templates() -> BTreeMap<String, Template> {
    [
        include_str!("../../assets/templates/vehicle-multipoint.toml"),
        include_str!("../../assets/templates/bicycle-service.toml"),
        include_str!("../../assets/templates/truck-pretrip.toml"),
    ]
    .into_iter()
    .map(|text| {
        let file = Template::parse_toml(text, "shipped").unwrap();
        let id = TemplateId::from_bytes([1; 16]);
        (
            file.key.to_string(),
            file.into_template(id, 1, TemplateState::Active),
        )
    })
    .collect()
}

#[test]
fn people_and_vehicles_are_invented_and_whole() {
    let shop = shop();
    assert!(
        TEXT.lines().count() <= 2500,
        "{} lines",
        TEXT.lines().count()
    );
    assert!(shop.shop.name.contains("demo"));
    let roles: Vec<Role> = shop.member.iter().map(|member| member.role).collect();
    assert_eq!(
        roles
            .iter()
            .filter(|role| **role == Role::Technician)
            .count(),
        3
    );
    assert!(Role::ALL.iter().all(|role| roles.contains(role)));
    let example = |mail: &str| mail.ends_with("@example.com") || mail.ends_with(".example.com");
    assert!(
        shop.member
            .iter()
            .all(|m| example(&m.email) && !m.name.is_empty())
    );
    assert!(shop.customer.len() >= 40 && shop.vehicle.len() >= 45);
    for customer in &shop.customer {
        assert!(
            customer.emails.iter().all(|mail| example(mail)),
            "{}",
            customer.name
        );
        let invented = |phone: &String| phone.starts_with("555-01") && phone.len() == 8;
        assert!(customer.phones.iter().all(invented), "{}", customer.name);
    }
    assert!(shop.customer.iter().any(|c| c.consent) && shop.customer.iter().any(|c| !c.consent));
    let known: BTreeSet<&str> = shop.customer.iter().map(|c| c.key.as_str()).collect();
    assert_eq!(known.len(), shop.customer.len());
    let mut vins = BTreeSet::new();
    for vehicle in &shop.vehicle {
        let name = format!("{} {} {}", vehicle.year, vehicle.make, vehicle.model);
        assert!(
            vehicle
                .customers
                .iter()
                .all(|key| known.contains(key.as_str())),
            "{name}"
        );
        assert!(
            !vehicle.customers.is_empty() && !vehicle.visit.is_empty(),
            "{name}"
        );
        match (&vehicle.vin, vehicle.kind) {
            (Some(vin), VehicleKind::Car | VehicleKind::Truck) => {
                assert_eq!(vin.check(), CheckDigit::Valid, "{name}");
                // For trucks the VIN's year may be 30 years off, see `Vin::model_year`.
                let year = vin
                    .model_year()
                    .filter(|_| vehicle.kind == VehicleKind::Car);
                assert!(year.is_none_or(|year| year == vehicle.year), "{name}");
                assert!(vin.maker().is_some() && vehicle.plate.is_some(), "{name}");
                assert!(vins.insert(vin.clone()), "{name}");
            }
            (None, VehicleKind::Bicycle | VehicleKind::Equipment) => {
                assert!(vehicle.serial.is_some(), "{name}");
            }
            _ => panic!("{name}: VIN or serial does not fit its kind"),
        }
    }
}

#[test]
fn visits_are_in_order_and_in_every_state() {
    let shop = shop();
    let members: BTreeSet<&str> = shop.member.iter().map(|m| m.key.as_str()).collect();
    let mut states = BTreeSet::new();
    for vehicle in &shop.vehicle {
        let ages: Vec<u32> = vehicle.visit.iter().map(|visit| visit.hours_ago).collect();
        assert!(ages.is_sorted_by(|older, newer| older > newer), "{ages:?}");
        for visit in &vehicle.visit {
            states.insert(visit.state);
            let assigned = visit
                .assignee
                .as_ref()
                .is_none_or(|key| members.contains(key.as_str()));
            assert!(assigned, "{:?}", visit.assignee);
            let explained = [State::Returned, State::Decided, State::Void].contains(&visit.state);
            assert_eq!(visit.reason.is_some(), explained, "{:?}", visit.state);
            assert_eq!(visit.bay.is_some(), visit.state != State::Draft);
            assert!(visit.concern.as_ref().is_none_or(|text| !text.is_empty()));
        }
        let open = vehicle
            .visit
            .iter()
            .rev()
            .skip(1)
            .all(|visit| visit.state == State::Closed);
        assert!(open, "only the last visit may be open");
    }
    let all = Verb::ALL.into_iter().flat_map(|verb| {
        let rule = verb.rule();
        rule.from.iter().copied().chain([rule.to])
    });
    for state in all {
        assert!(states.contains(&state), "no visit is {state}");
    }
}

#[test]
fn every_value_is_graded() {
    let (shop, templates) = (shop(), templates());
    let mut seen = BTreeMap::<char, usize>::new();
    for vehicle in &shop.vehicle {
        let mut previous = BTreeMap::<String, Quantity>::new();
        for visit in &vehicle.visit {
            let template = &templates[&visit.template];
            let place = |key: &str| {
                let found = template
                    .points()
                    .position(|(_, point)| point.key.as_str() == key);
                found.unwrap_or_else(|| panic!("{} has no point {key}", template.key))
            };
            let end = visit.unanswered_from.as_deref().map_or(usize::MAX, place);
            for key in visit.values.keys() {
                assert!(place(key) < end && visit.state != State::Draft, "{key}");
            }
            for (key, answer) in &visit.choices {
                let choice = template.choice(&key.parse().unwrap()).unwrap();
                assert!(choice.takes(answer), "{key} = {answer}");
            }
            for key in visit
                .notes
                .keys()
                .chain(visit.lines.iter().map(|line| &line.point))
            {
                assert!(place(key) < end, "{key}");
            }
            for line in &visit.lines {
                assert!(!line.text.is_empty() && line.labour.checked_add(line.parts).is_some());
            }
            let points: BTreeMap<_, _> = template
                .points()
                .map(|(_, point)| (point.key.as_str(), point))
                .collect();
            for key in visit.yellow.iter().chain(&visit.red).chain(&visit.na) {
                assert!(place(key) < end, "{key}");
                assert!(
                    matches!(points[key.as_str()].kind, Kind::Condition),
                    "{key}"
                );
            }
            for (key, pick) in &visit.picks {
                let Kind::Choice { options } = &points[key.as_str()].kind else {
                    panic!("{key}")
                };
                assert!(
                    options.iter().any(|option| option.value == *pick),
                    "{key} = {pick}"
                );
            }
            for key in visit.signed.keys() {
                assert!(
                    matches!(points[key.as_str()].kind, Kind::Signature { .. }),
                    "{key}"
                );
            }
            for key in visit
                .red
                .iter()
                .filter(|key| !points[key.as_str()].requires.is_empty())
            {
                assert!(visit.notes.contains_key(key), "{key} needs a note");
            }
            for (key, text) in &visit.values {
                let Kind::Measurement(measurement) = &points[key.as_str()].kind else {
                    panic!("{key} takes no value")
                };
                let value = text.parse::<Quantity>().unwrap_or_else(|_| {
                    Quantity::new(text.parse::<Decimal>().unwrap(), measurement.unit)
                });
                let back = measurement
                    .cases
                    .iter()
                    .any(|case| case.rule == Rule::DeltaToPrevious);
                let of_vehicle = |key: &str| vehicle.references.get(key).map(|known| &known.0);
                let references = References {
                    value: if back {
                        previous.get(key)
                    } else {
                        of_vehicle(key)
                    },
                    low: of_vehicle(&format!("{key}.min")),
                };
                let choice = |asked: &redtag_protocol::ids::ChoiceKey| {
                    let given = visit.choices.get(asked.as_str()).map(String::as_str);
                    template.answer(asked, given)
                };
                match grade_between(measurement, &value, references, &choice) {
                    Ok(Grade::Graded { condition, .. }) => {
                        *seen.entry(condition.letter()).or_default() += 1;
                    }
                    Ok(Grade::Needs(Need::Previous)) if !previous.contains_key(key) => {}
                    other => panic!("{} {key} = {text}: {other:?}", vehicle.model),
                }
                previous.insert(key.clone(), value);
            }
        }
        for key in vehicle.references.keys() {
            let known = templates
                .values()
                .flat_map(Template::points)
                .any(|(_, point)| {
                    let minimum = point
                        .minimum_key()
                        .is_some_and(|minimum| minimum.as_str() == key);
                    point.key.as_str() == key || minimum
                });
            assert!(known, "no template has {key}");
        }
    }
    for condition in [Condition::Green, Condition::Yellow, Condition::Red] {
        assert!(
            seen.get(&condition.letter())
                .is_some_and(|count| *count > 10),
            "{seen:?}"
        );
    }
}
