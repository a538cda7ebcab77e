//! Writes it.

use std::collections::BTreeMap;

use serde::{
    Serialize, Serializer,
    ser::{SerializeMap, SerializeSeq, SerializeStruct},
};

use super::Table;
use crate::{
    field::{Conflict, Register, Side, Writer},
    inspection::{Inspection, InspectionWrite, PastRevision, PointResult},
};

/// A part of it, in which writers are told from a table.
trait Part {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error>;
}

struct Told<'a, T: ?Sized>(&'a T, &'a Table);

impl<T: Part + ?Sized> Serialize for Told<'_, T> {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        self.0.write(self.1, into)
    }
}

impl Serialize for Inspection {
    fn serialize<S: Serializer>(&self, into: S) -> Result<S::Ok, S::Error> {
        // Whole, so that a field that is forgotten here does not compile.
        let Self {
            id,
            number,
            provisional,
            template,
            vehicle,
            created,
            state,
            revision,
            customer,
            assignee,
            bay,
            concern,
            choices,
            results,
            conflicts,
            late,
            past,
            deletion,
            unknown,
        } = self;
        let table = self.table();
        let mut map = into.serialize_map(None)?;
        map.serialize_entry("id", id)?;
        if let Some(number) = number {
            map.serialize_entry("number", number)?;
        }
        map.serialize_entry("provisional", provisional)?;
        map.serialize_entry("template", template)?;
        map.serialize_entry("vehicle", vehicle)?;
        map.serialize_entry("created", created)?;
        if !table.others.is_empty() {
            map.serialize_entry("writers", &table.others)?;
        }
        map.serialize_entry("state", &Told(state, &table))?;
        map.serialize_entry("revision", revision)?;
        entry(&mut map, "customer", customer.as_ref(), &table)?;
        entry(&mut map, "assignee", assignee.as_ref(), &table)?;
        entry(&mut map, "bay", bay.as_ref(), &table)?;
        entry(&mut map, "concern", concern.as_ref(), &table)?;
        entries(&mut map, "choices", choices, &table)?;
        entries(&mut map, "results", results, &table)?;
        entries(&mut map, "conflicts", conflicts, &table)?;
        if !late.is_empty() {
            map.serialize_entry("late", &Told(late.as_slice(), &table))?;
        }
        if !past.is_empty() {
            map.serialize_entry("past", &Told(past.as_slice(), &table))?;
        }
        entry(&mut map, "deletion", deletion.as_ref(), &table)?;
        for (key, value) in unknown {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

fn entry<M: SerializeMap, T: Part>(
    map: &mut M,
    key: &'static str,
    value: Option<&T>,
    table: &Table,
) -> Result<(), M::Error> {
    match value {
        Some(value) => map.serialize_entry(key, &Told(value, table)),
        None => Ok(()),
    }
}

fn entries<M: SerializeMap, K: Serialize, T: Part>(
    map: &mut M,
    key: &'static str,
    values: &BTreeMap<K, T>,
    table: &Table,
) -> Result<(), M::Error> {
    entry(map, key, (!values.is_empty()).then_some(values), table)
}

impl Part for Writer {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        match table.shorten(self) {
            Some(short) => short.serialize(into),
            // Nobody is left out of the table; one who were would still be told.
            None => self.serialize(into),
        }
    }
}

impl<T: Serialize> Part for Register<T> {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        let mut register = into.serialize_struct("Register", 2)?;
        register.serialize_field("v", &self.value)?;
        register.serialize_field("w", &Told(&self.writer, table))?;
        register.end()
    }
}

impl Part for Side<InspectionWrite> {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        let mut side = into.serialize_struct("Side", 2)?;
        side.serialize_field("write", &self.write)?;
        side.serialize_field("writer", &Told(&self.writer, table))?;
        side.end()
    }
}

impl Part for Conflict<InspectionWrite> {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        let mut conflict = into.serialize_struct("Conflict", 1)?;
        conflict.serialize_field("sides", &Told(self.sides.as_slice(), table))?;
        conflict.end()
    }
}

impl Part for PointResult {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        let PointResult {
            answer,
            note,
            lines,
            unknown,
        } = self;
        let mut map = into.serialize_map(None)?;
        entry(&mut map, "answer", answer.as_ref(), table)?;
        entry(&mut map, "note", note.as_ref(), table)?;
        entries(&mut map, "lines", lines, table)?;
        for (key, value) in unknown {
            map.serialize_entry(key, value)?;
        }
        map.end()
    }
}

impl Part for PastRevision {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        let PastRevision {
            revision,
            state,
            ended,
            results,
        } = self;
        let mut past = into.serialize_struct("PastRevision", 4)?;
        past.serialize_field("revision", revision)?;
        past.serialize_field("state", &Told(state, table))?;
        past.serialize_field("ended", ended)?;
        past.serialize_field("results", &Told(results, table))?;
        past.end()
    }
}

impl<T: Part> Part for [T] {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        let mut list = into.serialize_seq(Some(self.len()))?;
        for it in self {
            list.serialize_element(&Told(it, table))?;
        }
        list.end()
    }
}

impl<K: Serialize, T: Part> Part for BTreeMap<K, T> {
    fn write<S: Serializer>(&self, table: &Table, into: S) -> Result<S::Ok, S::Error> {
        let mut map = into.serialize_map(Some(self.len()))?;
        for (key, it) in self {
            map.serialize_entry(key, &Told(it, table))?;
        }
        map.end()
    }
}

impl Inspection {
    /// Everybody who wrote a part of it.
    fn table(&self) -> Table {
        let mut table = Table {
            created: self.created,
            others: Vec::new(),
        };
        let mut name = |writer: &Writer| table.name(writer);
        self.every_writer(&mut name);
        table
    }

    /// Those of the fields, and with them those of what is kept beside the fields.
    fn every_writer(&self, each: &mut impl FnMut(&Writer)) {
        use crate::merge::Fields;
        self.writers().for_each(&mut *each);
        let sides = self.conflicts.values().flat_map(|it| &it.sides);
        sides.chain(&self.late).for_each(|side| each(&side.writer));
        for past in &self.past {
            each(&past.state.writer);
            let results = past.results.values();
            results.flat_map(PointResult::writers).for_each(&mut *each);
        }
        self.deletion.iter().for_each(each);
    }
}
