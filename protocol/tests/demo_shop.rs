//! The demo shop's data: whole, invented, and gradable to the last value.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "the helpers of a test fail it"
)]

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{
    grade::{Condition, Grade, Need, References, grade_between},
    ids::{ChoiceKey, TemplateId},
    lifecycle::{State, Verb},
    money::Cents,
    role::Role,
    template::{Kind, Point, Rule, Template, TemplateState},
    units::{Decimal, Quantity},
    vehicle::VehicleKind,
    vin::{CheckDigit, Vin},
};
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Shop {
    #[serde(rename = "shop")]
    named: Named,
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
    assert!(shop.named.name.contains("demo"));
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

/// Every point named must be of the kind that takes what is said of it.
fn fits(visit: &Visit, template: &Template) {
    let points: Vec<&Point> = template.points().map(|(_, point)| point).collect();
    let place = |key: &str| {
        let found = points.iter().position(|point| point.key.as_str() == key);
        found.unwrap_or_else(|| panic!("{} has no point {key}", template.key))
    };
    let end = visit.unanswered_from.as_deref().map_or(usize::MAX, place);
    let kind = |key: &str| {
        assert!(place(key) < end, "{key} is unanswered");
        &points[place(key)].kind
    };
    for key in visit.yellow.iter().chain(&visit.red).chain(&visit.na) {
        assert!(matches!(kind(key), Kind::Condition), "{key}");
    }
    for (key, pick) in &visit.picks {
        let Kind::Choice { options } = kind(key) else {
            panic!("{key}")
        };
        assert!(
            options.iter().any(|option| option.value == *pick),
            "{key} = {pick}"
        );
    }
    for key in visit.signed.keys() {
        assert!(matches!(kind(key), Kind::Signature { .. }), "{key}");
    }
    for key in visit
        .red
        .iter()
        .filter(|key| !points[place(key)].requires.is_empty())
    {
        assert!(visit.notes.contains_key(key), "{key} needs a note");
    }
    for key in visit.notes.keys() {
        kind(key);
    }
    for line in &visit.lines {
        kind(&line.point);
        assert!(!line.text.is_empty() && line.labour.checked_add(line.parts).is_some());
    }
    for (key, answer) in &visit.choices {
        let choice = template.choice(&key.parse().unwrap()).unwrap();
        assert!(choice.takes(answer), "{key} = {answer}");
    }
    assert!(
        visit.values.is_empty() || visit.state != State::Draft,
        "a draft has no answers"
    );
    assert!(
        visit
            .values
            .keys()
            .all(|key| matches!(kind(key), Kind::Measurement(_)))
    );
}

#[test]
fn points_are_those_of_the_templates() {
    let (shop, templates) = (shop(), templates());
    let mut known = BTreeSet::new();
    for (_, point) in templates.values().flat_map(Template::points) {
        known.extend(point.minimum_key());
        known.insert(point.key.clone());
    }
    for vehicle in &shop.vehicle {
        for visit in &vehicle.visit {
            fits(visit, &templates[&visit.template]);
        }
        for key in vehicle.references.keys() {
            assert!(
                known.contains(&key.parse().unwrap()),
                "no template has {key}"
            );
        }
    }
}

/// The condition of a value, none for an odometer that is read for the first time.
fn condition(
    vehicle: &Vehicle,
    visit: &Visit,
    point: &Point,
    value: &Quantity,
    previous: Option<&Quantity>,
    template: &Template,
) -> Option<Condition> {
    let Kind::Measurement(measurement) = &point.kind else {
        panic!("{}", point.key)
    };
    let of_vehicle = |key: &str| vehicle.references.get(key).map(|known| &known.0);
    let looks_back = measurement
        .cases
        .iter()
        .any(|case| case.rule == Rule::DeltaToPrevious);
    let references = References {
        value: if looks_back {
            previous
        } else {
            of_vehicle(point.key.as_str())
        },
        low: point.minimum_key().and_then(|key| of_vehicle(key.as_str())),
    };
    let choice = |asked: &ChoiceKey| {
        template.answer(asked, visit.choices.get(asked.as_str()).map(String::as_str))
    };
    match grade_between(measurement, value, references, &choice) {
        Ok(Grade::Graded { condition, .. }) => Some(condition),
        Ok(Grade::Needs(Need::Previous)) if previous.is_none() => None,
        other => panic!("{}: {} = {value}: {other:?}", vehicle.model, point.key),
    }
}

#[test]
fn every_value_is_graded() {
    let (shop, templates) = (shop(), templates());
    let mut seen = BTreeMap::<Option<char>, usize>::new();
    for vehicle in &shop.vehicle {
        let mut previous = BTreeMap::<&str, Quantity>::new();
        for visit in &vehicle.visit {
            let template = &templates[&visit.template];
            for (key, text) in &visit.values {
                let point = template.point(&key.parse().unwrap()).unwrap();
                let Kind::Measurement(measurement) = &point.kind else {
                    panic!("{key}")
                };
                let value = text.parse().unwrap_or_else(|_| {
                    Quantity::new(text.parse::<Decimal>().unwrap(), measurement.unit)
                });
                let last = previous.insert(key, value);
                let found = condition(vehicle, visit, point, &value, last.as_ref(), template);
                *seen.entry(found.map(Condition::letter)).or_default() += 1;
            }
        }
    }
    for letter in ['G', 'Y', 'R'] {
        assert!(
            seen.get(&Some(letter)).is_some_and(|count| *count > 10),
            "{seen:?}"
        );
    }
}
