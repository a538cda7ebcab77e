//! Reads it, of either form. The table may stand behind the fields that need it, so these are kept
//! as they came until the whole body is read.

use std::{collections::BTreeMap, fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor, value::StrDeserializer},
};
use serde_json::{Map, Value};

use super::{Author, NoWriter, Short, Table};
use crate::{
    field::{Conflict, Register, Side, Writer},
    ids::{ChoiceKey, CustomerId, DeviceId, InspectionId, LineId, PersonId, PointKey, VehicleId},
    inspection::{
        Answer, Inspection, InspectionWrite, PastRevision, PointResult, Recommendation, TemplateRef,
    },
    lifecycle::State,
    stamp::{Seq, Stamp},
};

/// An [`Inspection`] whose writers are as they came.
#[derive(Deserialize)]
pub(in crate::inspection) struct Body {
    id: InspectionId,
    #[serde(default)]
    number: Option<u64>,
    provisional: String,
    template: TemplateRef,
    vehicle: VehicleId,
    created: Writer,
    #[serde(default)]
    writers: Vec<Author>,
    state: Set<State>,
    #[serde(default)]
    revision: u32,
    #[serde(default)]
    customer: Option<Set<Option<CustomerId>>>,
    #[serde(default)]
    assignee: Option<Set<Option<PersonId>>>,
    #[serde(default)]
    bay: Option<Set<Option<String>>>,
    #[serde(default)]
    concern: Option<Set<Option<String>>>,
    #[serde(default)]
    choices: Pairs<ChoiceKey, Set<Option<String>>>,
    #[serde(default)]
    results: Results,
    #[serde(default)]
    conflicts: Pairs<String, Sides>,
    #[serde(default)]
    late: Vec<Late>,
    #[serde(default)]
    past: Vec<Past>,
    #[serde(default)]
    deletion: Option<Told>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// A [`Register`].
#[derive(Deserialize)]
struct Set<T> {
    v: T,
    w: Told,
}

/// A [`Side`].
#[derive(Deserialize)]
struct Late {
    write: InspectionWrite,
    writer: Told,
}

/// A [`Conflict`].
#[derive(Deserialize)]
struct Sides {
    sides: Vec<Late>,
}

type Results = Pairs<PointKey, Point>;

/// A [`PointResult`].
#[derive(Deserialize)]
struct Point {
    #[serde(default)]
    answer: Option<Set<Option<Answer>>>,
    #[serde(default)]
    note: Option<Set<Option<String>>>,
    #[serde(default)]
    lines: Pairs<LineId, Set<Option<Recommendation>>>,
    #[serde(flatten)]
    unknown: Map<String, Value>,
}

/// A [`PastRevision`].
#[derive(Deserialize)]
struct Past {
    revision: u32,
    state: Set<State>,
    ended: Stamp,
    results: Results,
}

/// A writer of either form.
enum Told {
    Full(Writer),
    Short(Short),
}

/// A map in the order it came: a tree is built once, from what has its writers.
struct Pairs<K, T>(Vec<(K, T)>);

/// What becomes of a part once the table is known.
trait Whole {
    type Of;
    fn whole(self, table: &Table) -> Result<Self::Of, NoWriter>;
}

impl TryFrom<Body> for Inspection {
    type Error = NoWriter;

    fn try_from(it: Body) -> Result<Self, NoWriter> {
        let table = Table {
            created: it.created,
            others: it.writers,
        };
        Ok(Self {
            id: it.id,
            number: it.number,
            provisional: it.provisional,
            template: it.template,
            vehicle: it.vehicle,
            created: it.created,
            state: it.state.whole(&table)?,
            revision: it.revision,
            customer: it.customer.whole(&table)?,
            assignee: it.assignee.whole(&table)?,
            bay: it.bay.whole(&table)?,
            concern: it.concern.whole(&table)?,
            choices: it.choices.whole(&table)?,
            results: it.results.whole(&table)?,
            conflicts: it.conflicts.whole(&table)?,
            late: it.late.whole(&table)?,
            past: it.past.whole(&table)?,
            deletion: it.deletion.whole(&table)?,
            unknown: it.unknown,
        })
    }
}

impl Whole for Told {
    type Of = Writer;
    fn whole(self, table: &Table) -> Result<Writer, NoWriter> {
        match self {
            Self::Full(writer) => Ok(writer),
            Self::Short(short) => table.whole(short),
        }
    }
}

impl<T> Whole for Set<T> {
    type Of = Register<T>;
    fn whole(self, table: &Table) -> Result<Register<T>, NoWriter> {
        Ok(Register {
            value: self.v,
            writer: self.w.whole(table)?,
        })
    }
}

impl Whole for Late {
    type Of = Side<InspectionWrite>;
    fn whole(self, table: &Table) -> Result<Self::Of, NoWriter> {
        Ok(Side {
            write: self.write,
            writer: self.writer.whole(table)?,
        })
    }
}

impl Whole for Sides {
    type Of = Conflict<InspectionWrite>;
    fn whole(self, table: &Table) -> Result<Self::Of, NoWriter> {
        Ok(Conflict {
            sides: self.sides.whole(table)?,
        })
    }
}

impl Whole for Point {
    type Of = PointResult;
    fn whole(self, table: &Table) -> Result<PointResult, NoWriter> {
        Ok(PointResult {
            answer: self.answer.whole(table)?,
            note: self.note.whole(table)?,
            lines: self.lines.whole(table)?,
            unknown: self.unknown,
        })
    }
}

impl Whole for Past {
    type Of = PastRevision;
    fn whole(self, table: &Table) -> Result<PastRevision, NoWriter> {
        Ok(PastRevision {
            revision: self.revision,
            state: self.state.whole(table)?,
            ended: self.ended,
            results: self.results.whole(table)?,
        })
    }
}

impl<T: Whole> Whole for Option<T> {
    type Of = Option<T::Of>;
    fn whole(self, table: &Table) -> Result<Self::Of, NoWriter> {
        self.map(|it| it.whole(table)).transpose()
    }
}

impl<T: Whole> Whole for Vec<T> {
    type Of = Vec<T::Of>;
    fn whole(self, table: &Table) -> Result<Self::Of, NoWriter> {
        self.into_iter().map(|it| it.whole(table)).collect()
    }
}

impl<K: Ord, T: Whole> Whole for Pairs<K, T> {
    type Of = BTreeMap<K, T::Of>;
    fn whole(self, table: &Table) -> Result<Self::Of, NoWriter> {
        let mut map = BTreeMap::new();
        for (key, it) in self.0 {
            map.insert(key, it.whole(table)?);
        }
        Ok(map)
    }
}

impl<K, T> Default for Pairs<K, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, K: Deserialize<'de>, T: Deserialize<'de>> Deserialize<'de> for Pairs<K, T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Listing<K, T>(PhantomData<(K, T)>);
        impl<'de, K: Deserialize<'de>, T: Deserialize<'de>> Visitor<'de> for Listing<K, T> {
            type Value = Pairs<K, T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut all = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    all.push(entry);
                }
                Ok(Pairs(all))
            }
        }
        from.deserialize_map(Listing(PhantomData))
    }
}

impl<'de> Deserialize<'de> for Told {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Telling;
        impl<'de> Visitor<'de> for Telling {
            type Value = Told;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a writer, a list of four or five")
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Told, A::Error> {
                let seq: Option<Whole64> = next(&mut list, 0)?;
                Ok(match next(&mut list, 1)? {
                    Who::Device(device) => Told::Full(Writer {
                        seq: seq.map(Whole64::unsigned).transpose()?.map(Seq),
                        device,
                        number: next(&mut list, 2)?,
                        stamp: next(&mut list, 3)?,
                        person: next(&mut list, 4)?,
                    }),
                    Who::Place(place) => Told::Short(Short(
                        seq.map(Whole64::signed).transpose()?,
                        place,
                        next(&mut list, 2)?,
                        next(&mut list, 3)?,
                    )),
                })
            }
        }
        from.deserialize_seq(Telling)
    }
}

fn next<'de, A: SeqAccess<'de>, T: Deserialize<'de>>(
    list: &mut A,
    place: usize,
) -> Result<T, A::Error> {
    let found = list.next_element()?;
    found.ok_or_else(|| Error::invalid_length(place, &"a writer, a list of four or five"))
}

/// The second value of a writer, by which the forms are told apart.
enum Who {
    Device(DeviceId),
    Place(usize),
}

impl<'de> Deserialize<'de> for Who {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Naming;
        impl Visitor<'_> for Naming {
            type Value = Who;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a device or a place among the writers")
            }
            fn visit_str<E: Error>(self, text: &str) -> Result<Who, E> {
                DeviceId::deserialize(StrDeserializer::new(text)).map(Who::Device)
            }
            fn visit_u64<E: Error>(self, place: u64) -> Result<Who, E> {
                usize::try_from(place).map(Who::Place).map_err(E::custom)
            }
        }
        from.deserialize_any(Naming)
    }
}

/// A whole number, before it is known whether it may be negative.
#[derive(Clone, Copy)]
enum Whole64 {
    Unsigned(u64),
    Negative(i64),
}

impl Whole64 {
    fn unsigned<E: Error>(self) -> Result<u64, E> {
        match self {
            Self::Unsigned(it) => Ok(it),
            Self::Negative(_) => Err(E::custom("a place in the order is not negative")),
        }
    }

    fn signed<E: Error>(self) -> Result<i64, E> {
        match self {
            Self::Unsigned(it) => i64::try_from(it).map_err(E::custom),
            Self::Negative(it) => Ok(it),
        }
    }
}

impl<'de> Deserialize<'de> for Whole64 {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Counting;
        impl Visitor<'_> for Counting {
            type Value = Whole64;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a whole number")
            }
            fn visit_u64<E: Error>(self, it: u64) -> Result<Whole64, E> {
                Ok(Whole64::Unsigned(it))
            }
            fn visit_i64<E: Error>(self, it: i64) -> Result<Whole64, E> {
                u64::try_from(it).map_or(Ok(Whole64::Negative(it)), |it| self.visit_u64(it))
            }
        }
        from.deserialize_any(Counting)
    }
}
