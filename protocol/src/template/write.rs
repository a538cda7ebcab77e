//! Writes the file form of a template, as a person would: read back, it says the same. Comments of
//! the file that it was once read from are not kept.

use std::fmt::Write as _;

use serde::Serialize;

use super::{
    Canned, Case, ChoiceOption, DeltaIn, Demand, Kind, Limits, Occasion, Point, PointOption,
    Requirement, Rule, Template,
};

pub(super) fn write(template: &Template) -> String {
    let mut out = String::new();
    let mut head = Fields::default();
    head.put("key", &template.key);
    head.put("name", &template.name);
    head.list("canned", template.canned.iter().map(canned));
    head.lines(&mut out);
    for choice in &template.choices {
        out.push_str("\n[[choice]]\n");
        let mut fields = Fields::default();
        fields.put("key", &choice.key);
        fields.put("label", &choice.label);
        fields.maybe("default", choice.default.as_ref());
        fields.list("options", choice.options.iter().map(answer));
        fields.lines(&mut out);
    }
    for section in &template.sections {
        out.push_str("\n[[section]]\n");
        let mut fields = Fields::default();
        fields.put("key", &section.key);
        fields.put("label", &section.label);
        fields.list("canned", section.canned.iter().map(canned));
        fields.lines(&mut out);
        for one in &section.points {
            out.push_str("\n[[section.point]]\n");
            point(one).lines(&mut out);
        }
    }
    out
}

/// Names with their values, as lines or as a table within a line.
#[derive(Default)]
struct Fields(Vec<(&'static str, String)>);

impl Fields {
    fn put(&mut self, name: &'static str, value: &impl Serialize) {
        self.0.push((name, literal(value)));
    }

    fn maybe(&mut self, name: &'static str, value: Option<&impl Serialize>) {
        if let Some(value) = value {
            self.put(name, value);
        }
    }

    /// A table; nothing where it is empty.
    fn table(&mut self, name: &'static str, table: Self) {
        if !table.0.is_empty() {
            self.0.push((name, table.inline()));
        }
    }

    /// Tables: one stands in the line, several have a line each; nothing where there are none.
    fn list(&mut self, name: &'static str, tables: impl Iterator<Item = Self>) {
        let tables: Vec<String> = tables.map(Self::inline).collect();
        match tables.as_slice() {
            [] => {}
            [one] => self.0.push((name, format!("[{one}]"))),
            many => {
                self.0
                    .push((name, format!("[\n  {},\n]", many.join(",\n  "))));
            }
        }
    }

    fn lines(self, out: &mut String) {
        for (name, value) in self.0 {
            // Writing to a text cannot fail.
            let _ = writeln!(out, "{name} = {value}");
        }
    }

    fn inline(self) -> String {
        let fields: Vec<String> = self
            .0
            .into_iter()
            .map(|(name, value)| format!("{name} = {value}"))
            .collect();
        format!("{{ {} }}", fields.join(", "))
    }
}

/// A text, number, truth or list of texts: in JSON each is what it is in TOML, but for the one
/// character that JSON leaves bare.
fn literal(value: &impl Serialize) -> String {
    // None of the types here can fail to be written.
    let json = serde_json::to_string(value).unwrap_or_default();
    json.replace('\u{7f}', "\\u007f")
}

fn canned(it: &Canned) -> Fields {
    let mut fields = Fields::default();
    fields.put("text", &it.text);
    fields.maybe("condition", it.condition.as_ref());
    if let Some(work) = &it.recommendation {
        fields.put("work", &work.text);
        fields.put("labour", &work.labour);
        fields.put("parts", &work.parts);
    }
    fields
}

fn answer(it: &ChoiceOption) -> Fields {
    let mut fields = Fields::default();
    fields.put("value", &it.value);
    fields.put("label", &it.label);
    fields
}

fn option(it: &PointOption) -> Fields {
    let mut fields = Fields::default();
    fields.put("value", &it.value);
    fields.put("label", &it.label);
    fields.maybe("condition", it.condition.as_ref());
    fields
}

fn point(it: &Point) -> Fields {
    let mut fields = Fields::default();
    fields.put("key", &it.key);
    fields.put("label", &it.label);
    match &it.kind {
        Kind::Condition => {}
        Kind::Measurement(measurement) => {
            fields.put("kind", &"measurement");
            fields.put("unit", &measurement.unit);
            if !measurement.units.is_empty() {
                fields.put("units", &measurement.units);
            }
            fields.list("case", measurement.cases.iter().map(case));
        }
        Kind::Choice { options } => {
            fields.put("kind", &"choice");
            fields.list("options", options.iter().map(option));
        }
        Kind::Text => fields.put("kind", &"text"),
        Kind::Signature {
            role,
            statement,
            graded,
        } => {
            fields.put("kind", &"signature");
            fields.put("role", role);
            fields.put("statement", statement);
            if *graded {
                fields.put("graded", graded);
            }
        }
    }
    fields.maybe("hint", it.hint.as_ref());
    fields.list("requires", it.requires.iter().map(requirement));
    fields.list("canned", it.canned.iter().map(canned));
    fields
}

fn case(it: &Case) -> Fields {
    let mut fields = Fields::default();
    if let Some(when) = &it.when {
        let mut table = Fields::default();
        table.put("choice", &when.choice);
        table.put("is", &when.is);
        fields.table("when", table);
    }
    match &it.rule {
        Rule::Absolute => {}
        Rule::DeltaToPrevious => fields.put("rule", &"delta_to_previous"),
        Rule::WithinReference { of } => {
            fields.put("rule", &"within_reference");
            fields.put("of", of);
        }
        Rule::DeltaToReference {
            of,
            measure,
            assumed,
        } => {
            fields.put("rule", &"delta_to_reference");
            fields.put("of", of);
            if *measure != DeltaIn::default() {
                fields.put("measure", measure);
            }
            fields.maybe("assumed", assumed.as_ref());
        }
    }
    fields.table("warn", limits(&it.warn));
    fields.table("fail", limits(&it.fail));
    fields.maybe("source", it.source.as_ref());
    fields
}

/// A file has one unit and one norm for both ends; so has everything that was read from one.
fn limits(it: &Limits) -> Fields {
    let mut fields = Fields::default();
    if let Some(low) = &it.low {
        let name = if low.inclusive { "at_most" } else { "below" };
        fields.put(name, &low.value);
    }
    if let Some(high) = &it.high {
        let name = if high.inclusive { "at_least" } else { "above" };
        fields.put(name, &high.value);
    }
    if let Some(one) = it.low.as_ref().or(it.high.as_ref()) {
        fields.maybe("unit", one.unit.as_ref());
        fields.maybe("source", one.source.as_ref());
    }
    fields
}

fn requirement(it: &Requirement) -> Fields {
    let mut fields = Fields::default();
    match &it.what {
        Demand::Note => fields.put("note", &true),
        Demand::Photo { count } => fields.put("photos", count),
        Demand::Action => fields.put("action", &true),
        Demand::Signature { role } => fields.put("signature", role),
    }
    if it.when != Occasion::Always {
        fields.put("when", &it.when);
    }
    fields
}

#[cfg(test)]
mod tests;
