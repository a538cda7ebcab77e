//! Bodies as the board reads them: fields that it does not need are skipped over, texts borrowed.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use redtag_protocol::{
    field::Writer,
    ids::{CustomerId, InspectionId, PersonId, TemplateId, VehicleId},
    inspection::Answer,
    lifecycle::State,
    vehicle::VehicleKind,
};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use super::{Forms, LeanCustomer, LeanInspection, LeanTouch, LeanVehicle, name};

/// A text, borrowed from the body where it has no escapes.
#[derive(Deserialize)]
struct Text<'a>(#[serde(borrow)] Cow<'a, str>);

/// A field's value without who wrote it.
#[derive(Deserialize)]
struct Set<T> {
    v: T,
}

type Field<T> = Option<Set<Option<T>>>;

fn text(field: Field<Text<'_>>) -> Cow<'_, str> {
    field
        .and_then(|it| it.v)
        .map_or(Cow::Borrowed(""), |it| it.0)
}

fn value<T>(field: Field<T>) -> Option<T> {
    field.and_then(|it| it.v)
}

/// How many entries a map or list has.
#[derive(Default)]
struct Count(u32);

impl<'de> Deserialize<'de> for Count {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Counting;
        impl<'de> Visitor<'de> for Counting {
            type Value = Count;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map or a list")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Count, A::Error> {
                let mut found = 0;
                while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {
                    found += 1;
                }
                Ok(Count(found))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Count, A::Error> {
                let mut found = 0;
                while list.next_element::<IgnoredAny>()?.is_some() {
                    found += 1;
                }
                Ok(Count(found))
            }
        }
        input.deserialize_any(Counting)
    }
}

/// A map as a list, in the order it came.
struct Pairs<'a, T>(Vec<(Cow<'a, str>, T)>);

impl<T> Default for Pairs<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de: 'a, 'a, T: Deserialize<'de>> Deserialize<'de> for Pairs<'a, T> {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        struct Listing<'a, T>(std::marker::PhantomData<(&'a (), T)>);
        impl<'de: 'a, 'a, T: Deserialize<'de>> Visitor<'de> for Listing<'a, T> {
            type Value = Pairs<'a, T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all: Vec<(Cow<'a, str>, T)> = Vec::with_capacity(64);
                while let Some((key, value)) = map.next_entry::<Text<'a>, T>()? {
                    // Of two entries with one key the later counts; ours come in order.
                    match all.last().map(|(last, _)| last.cmp(&key.0)) {
                        None | Some(std::cmp::Ordering::Less) => all.push((key.0, value)),
                        _ => match all.iter_mut().find(|(other, _)| *other == key.0) {
                            Some(entry) => entry.1 = value,
                            None => all.push((key.0, value)),
                        },
                    }
                }
                Ok(Pairs(all))
            }
        }
        input.deserialize_map(Listing(std::marker::PhantomData))
    }
}

#[derive(Deserialize)]
struct CustomerBody<'a> {
    id: CustomerId,
    #[serde(borrow)]
    name: Set<Text<'a>>,
    #[serde(borrow)]
    phones: Set<Vec<Text<'a>>>,
    #[serde(borrow)]
    emails: Set<Vec<Text<'a>>>,
    #[serde(default)]
    merged: Option<Set<CustomerId>>,
    #[serde(default)]
    conflicts: Count,
    #[serde(default)]
    deletion: Option<IgnoredAny>,
}

pub(super) fn customer(body: &str) -> Option<LeanCustomer<'_>> {
    let it: CustomerBody<'_> = serde_json::from_str(body).ok()?;
    let contact: Vec<Cow<'_, str>> = it
        .phones
        .v
        .into_iter()
        .chain(it.emails.v)
        .map(|it| it.0)
        .collect();
    Some(LeanCustomer {
        id: it.id,
        name: it.name.v.0,
        contact: contact.join("\n").into(),
        merged: it.merged.map(|it| it.v),
        conflicts: it.conflicts.0 + u32::from(it.deletion.is_some()),
    })
}

#[derive(Deserialize)]
struct VehicleBody<'a> {
    id: VehicleId,
    #[serde(default)]
    kind: VehicleKind,
    #[serde(borrow, default)]
    vin: Field<Text<'a>>,
    #[serde(borrow, default)]
    plate: Field<Text<'a>>,
    #[serde(borrow, default)]
    serial: Field<Text<'a>>,
    #[serde(default)]
    year: Field<u16>,
    #[serde(borrow, default)]
    make: Field<Text<'a>>,
    #[serde(borrow, default)]
    model: Field<Text<'a>>,
    #[serde(default)]
    customers: BTreeMap<CustomerId, Set<bool>>,
    #[serde(default)]
    merged: Option<Set<VehicleId>>,
    #[serde(default)]
    conflicts: Count,
    #[serde(default)]
    deletion: Option<IgnoredAny>,
}

pub(super) fn vehicle(body: &str) -> Option<LeanVehicle<'_>> {
    let it: VehicleBody<'_> = serde_json::from_str(body).ok()?;
    let year = value(it.year);
    let (make, model) = (value(it.make), value(it.model));
    let joined = name(
        year,
        make.as_ref().map(|it| it.0.as_ref()),
        model.as_ref().map(|it| it.0.as_ref()),
        it.kind.as_str(),
    );
    Some(LeanVehicle {
        id: it.id,
        year,
        name: joined.into_owned().into(),
        plate: text(it.plate),
        vin: text(it.vin),
        serial: text(it.serial),
        merged: it.merged.map(|it| it.v),
        conflicts: it.conflicts.0 + u32::from(it.deletion.is_some()),
        owners: it
            .customers
            .into_iter()
            .filter(|(_, linked)| linked.v)
            .map(|(id, _)| id)
            .collect(),
    })
}

/// An entry of the table of writers, of which only the person counts here.
struct Named(PersonId);

impl<'de> Deserialize<'de> for Named {
    fn deserialize<D: Deserializer<'de>>(input: D) -> Result<Self, D::Error> {
        type Author = (IgnoredAny, PersonId, IgnoredAny);
        Author::deserialize(input).map(|it| Self(it.1))
    }
}

#[derive(Deserialize)]
struct TemplateBody {
    id: TemplateId,
}

#[derive(Default, Deserialize)]
struct Answered {
    #[serde(default)]
    answer: Field<Answer>,
}

#[derive(Deserialize)]
struct InspectionBody<'a> {
    id: InspectionId,
    #[serde(default)]
    number: Option<u64>,
    #[serde(borrow)]
    provisional: Cow<'a, str>,
    template: TemplateBody,
    vehicle: VehicleId,
    created: Writer,
    #[serde(default)]
    writers: Vec<Named>,
    state: Set<State>,
    #[serde(default)]
    revision: u32,
    #[serde(default)]
    customer: Field<CustomerId>,
    #[serde(default)]
    assignee: Field<PersonId>,
    #[serde(borrow, default)]
    bay: Field<Text<'a>>,
    #[serde(borrow, default)]
    choices: Pairs<'a, Set<Option<Text<'a>>>>,
    #[serde(borrow, default)]
    results: Pairs<'a, Answered>,
    #[serde(default)]
    conflicts: Count,
    #[serde(default)]
    late: Count,
    #[serde(default)]
    deletion: Option<IgnoredAny>,
}

pub(super) fn inspection<'a>(body: &'a str, forms: &Forms) -> Option<LeanInspection<'a>> {
    let it: InspectionBody<'_> = serde_json::from_str(body).ok()?;
    let counts = forms.form(it.template.id).map(|form| {
        let chosen = |(key, set): (_, Set<Option<Text<'a>>>)| Some((key, set.v?.0));
        let choices: Vec<_> = it.choices.0.into_iter().filter_map(chosen).collect();
        let given = |(key, result): (_, Answered)| Some((key, value(result.answer)?));
        let answers: Vec<_> = it.results.0.into_iter().filter_map(given).collect();
        form.counts(&answers, &choices)
    });
    let others: Vec<PersonId> = it.writers.iter().map(|it| it.0).collect();
    Some(LeanInspection {
        touched: LeanTouch::read(body, it.created, &others),
        id: it.id,
        number: it.number,
        provisional: it.provisional,
        template: it.template.id,
        vehicle: it.vehicle,
        customer: value(it.customer),
        assignee: value(it.assignee),
        bay: text(it.bay),
        state: it.state.v,
        revision: it.revision,
        created: it.created.stamp,
        counts,
        conflicts: it.conflicts.0 + u32::from(it.deletion.is_some()),
        late: it.late.0,
    })
}

/// The texts of an inspection that are searched word by word.
#[derive(Deserialize)]
struct TextsBody<'a> {
    #[serde(borrow, default)]
    concern: Field<Text<'a>>,
    #[serde(borrow, default)]
    results: Pairs<'a, Said<'a>>,
}

#[derive(Default, Deserialize)]
struct Said<'a> {
    #[serde(borrow, default)]
    answer: Option<Set<Option<SaidAnswer<'a>>>>,
    #[serde(borrow, default)]
    note: Field<Text<'a>>,
    #[serde(borrow, default)]
    lines: Pairs<'a, Set<Option<Recommended<'a>>>>,
}

#[derive(Deserialize)]
struct SaidAnswer<'a> {
    #[serde(borrow, default)]
    value: Option<SaidValue<'a>>,
}

#[derive(Deserialize)]
struct SaidValue<'a> {
    #[serde(borrow, default)]
    text: Option<Text<'a>>,
}

#[derive(Deserialize)]
struct Recommended<'a> {
    #[serde(borrow)]
    text: Cow<'a, str>,
}

/// Appends what is searched word by word of an inspection's body, a line each: the concern, notes,
/// answers in words and recommended work. False where the body cannot be read.
pub fn texts(body: &str, into: &mut String) -> bool {
    let Ok(it) = serde_json::from_str::<TextsBody<'_>>(body) else {
        return false;
    };
    let mut line = |text: &str| {
        into.push_str(text);
        into.push('\n');
    };
    let concern = text(it.concern);
    if !concern.is_empty() {
        line(&concern);
    }
    for (_, said) in it.results.0 {
        let answer = said.answer.and_then(|it| it.v).and_then(|it| it.value);
        if let Some(text) = answer.and_then(|it| it.text) {
            line(&text.0);
        }
        if let Some(note) = value(said.note) {
            line(&note.0);
        }
        for (_, recommended) in said.lines.0 {
            if let Some(it) = recommended.v {
                line(&it.text);
            }
        }
    }
    true
}
