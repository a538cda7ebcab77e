//! Made-up documents of a shop, as the API would send them: the same for the same seed.

use redtag_protocol::{
    entity::{self, Entity},
    ids::TemplateId,
    template::{Kind, Template, TemplateState},
};

/// The shipped templates.
const TEMPLATES: [&str; 3] = [
    include_str!("../../../assets/templates/vehicle-multipoint.toml"),
    include_str!("../../../assets/templates/bicycle-service.toml"),
    include_str!("../../../assets/templates/truck-pretrip.toml"),
];

const MAKES: [&str; 8] = [
    "Toyota", "Ford", "Honda", "Škoda", "Kia", "BMW", "Volvo", "Citroën",
];

const SYLLABLES: [&str; 24] = [
    "bra", "ke", "wor", "en", "le", "ak", "ti", "re", "oil", "sea", "fro", "nt", "pad", "sus",
    "gas", "ket", "hos", "cla", "bol", "rust", "lam", "ring", "noi", "cor",
];

/// Numbers that look random.
#[derive(Debug, Clone)]
pub(crate) struct Draw(u64);

impl Draw {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 11
    }

    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.next() % limit
    }

    fn of<'a>(&mut self, all: &[&'a str]) -> &'a str {
        all[usize::try_from(self.below(all.len() as u64)).unwrap()]
    }

    /// Words of which few make up most of the text, as in any language.
    pub(crate) fn words(&mut self, count: u64) -> String {
        let words: Vec<String> = (0..count).map(|_| self.word()).collect();
        words.join(" ")
    }

    fn word(&mut self) -> String {
        // The rank is spread evenly over its logarithm, which is Zipf's law.
        let octave = self.below(14);
        let rank = (1 << octave) + self.below(1 << octave);
        let mut letters = Draw::new(rank * 0x5851_f42d);
        (0..=rank.ilog2() / 4)
            .map(|_| letters.of(&SYLLABLES))
            .collect()
    }
}

/// A shop that makes documents.
#[derive(Debug)]
pub(crate) struct Shop {
    pub(crate) draw: Draw,
    pub(crate) templates: Vec<Template>,
    people: Vec<String>,
    devices: Vec<String>,
    seq: u64,
    now: u64,
    count: u64,
}

impl Shop {
    pub(crate) fn new(seed: u64) -> Self {
        let mut shop = Self {
            draw: Draw::new(seed),
            templates: Vec::new(),
            people: Vec::new(),
            devices: Vec::new(),
            seq: 100,
            now: 1_690_000_000_000,
            count: 0,
        };
        shop.now += shop.draw.below(1 << 36);
        shop.people = (0..12).map(|_| shop.id()).collect();
        shop.devices = (0..8).map(|_| shop.id()).collect();
        for file in TEMPLATES {
            let id: TemplateId = shop.id().parse().unwrap();
            let file = Template::parse_toml(file, "a shipped template").unwrap();
            shop.templates
                .push(file.into_template(id, 1, TemplateState::Active));
        }
        shop
    }

    fn id(&mut self) -> String {
        let (millis, random) = (self.now, (self.draw.next(), self.draw.next()));
        format!(
            "{:08x}-{:04x}-7{:03x}-{:04x}-{:012x}",
            millis >> 16,
            millis & 0xffff,
            random.0 & 0xfff,
            0x8000 | (random.0 >> 12 & 0x3fff),
            random.1 & 0xffff_ffff_ffff
        )
    }

    fn person(&mut self) -> String {
        let which = usize::try_from(self.draw.below(12)).unwrap();
        self.people[which].clone()
    }

    fn writer(&mut self, by: (&str, &str)) -> String {
        self.seq += 1;
        self.now += 4_000;
        let (seq, now) = (self.seq, self.now);
        format!(r#"[{seq},"{}",{},{now},"{}"]"#, by.0, seq - 50, by.1)
    }

    fn by(&mut self) -> (String, String) {
        let which = usize::try_from(self.draw.below(8)).unwrap();
        (self.devices[which].clone(), self.person())
    }

    fn register(&mut self, by: &(String, String), value: &str) -> String {
        let writer = self.writer((&by.0, &by.1));
        format!(r#"{{"v":{value},"w":{writer}}}"#)
    }

    /// The id and body of a vehicle.
    pub(crate) fn vehicle(&mut self) -> (String, String) {
        let id = self.id();
        let mut signs = |count: u64| -> String {
            let sign = |_| {
                let at = usize::try_from(self.draw.below(33)).unwrap();
                char::from(b"ABCDEFGHJKLMNPRSTUVWXYZ0123456789"[at])
            };
            (0..count).map(sign).collect()
        };
        let (vin, plate) = (signs(17), format!("{} {}", signs(3), signs(4)));
        let (make, model) = (self.draw.of(&MAKES), self.draw.below(40));
        let year = 1995 + self.draw.below(30);
        let by = self.by();
        let vin = self.register(&by, &format!("\"{vin}\""));
        let plate = self.register(&by, &format!("\"{plate}\""));
        let year = self.register(&by, &year.to_string());
        let make = self.register(&by, &format!("\"{make}\""));
        let model = self.register(&by, &format!("\"Model {model}\""));
        let body = format!(
            r#"{{"id":"{id}","kind":"car","vin":{vin},"plate":{plate},"year":{year},"make":{make},"model":{model}}}"#
        );
        (id, body)
    }

    /// The id and body of a customer.
    pub(crate) fn customer(&mut self) -> (String, String) {
        let id = self.id();
        let (first, last) = (self.draw.word(), self.draw.word());
        let phone = 1_000_000 + self.draw.below(8_000_000);
        let by = self.by();
        let name = self.register(&by, &format!("\"{} {}\"", capital(&first), capital(&last)));
        let phones = self.register(&by, &format!("[\"+1 555 {phone}\"]"));
        let emails = self.register(&by, &format!("[\"{first}.{last}@example.com\"]"));
        let consent = self.register(&by, "true");
        let body = format!(
            r#"{{"id":"{id}","name":{name},"phones":{phones},"emails":{emails},"consent":{consent}}}"#
        );
        (id, body)
    }

    /// The id and body of an inspection by a template, with so many points answered.
    pub(crate) fn inspection(
        &mut self,
        template: usize,
        points: usize,
        vehicle: &str,
        customer: Option<&str>,
    ) -> (String, String) {
        let id = self.id();
        self.count += 1;
        let number = self.count;
        let template = self.templates[template].clone();
        let (device, person) = self.by();
        let by = (device.as_str(), person.as_str());
        let created = self.writer(by);
        let mut results: Vec<(String, String)> = Vec::new();
        for (_, point) in template.points().take(points) {
            let answer = self.answer(&point.kind);
            let writer = self.writer(by);
            let mut result = format!(r#""answer":{{"v":{answer},"w":{writer}}}"#);
            if self.draw.below(8) == 0 {
                let count = 6 + self.draw.below(20);
                let note = self.draw.words(count);
                let writer = self.writer(by);
                let noted = format!(r#","note":{{"v":"{note}","w":{writer}}}"#);
                result += &noted;
            }
            results.push((point.key.to_string(), result));
        }
        results.sort();
        let results: Vec<String> = results
            .into_iter()
            .map(|(key, result)| format!(r#""{key}":{{{result}}}"#))
            .collect();
        let state = if number.is_multiple_of(50) {
            "in_progress"
        } else {
            "closed"
        };
        let concern = self.draw.words(10);
        let customer = customer.map_or("null".to_owned(), |id| format!("\"{id}\""));
        let (key, bay) = (&template.key, self.draw.below(8));
        let (state, customer, assignee) = (self.writer(by), (customer, self.writer(by)), state);
        let (given, placed, told) = (self.writer(by), self.writer(by), self.writer(by));
        let body = format!(
            r#"{{"id":"{id}","number":{number},"provisional":"~K7-{number}","template":{{"id":"{}","key":"{key}","version":1}},"vehicle":"{vehicle}","created":{created},"state":{{"v":"{assignee}","w":{state}}},"revision":0,"customer":{{"v":{},"w":{}}},"assignee":{{"v":"{person}","w":{given}}},"bay":{{"v":"Lift {bay}","w":{placed}}},"concern":{{"v":"{concern}","w":{told}}},"results":{{{}}}}}"#,
            template.id,
            customer.0,
            customer.1,
            results.join(",")
        );
        // Put together as the first programs wrote it, and written as this one does.
        let written = Entity::from_body(entity::Kind::Inspection, &body).unwrap();
        (id, written.to_body().unwrap())
    }

    fn answer(&mut self, kind: &Kind) -> String {
        match kind {
            Kind::Measurement(measurement) => {
                let unit = serde_json::to_string(&measurement.unit).unwrap();
                let (whole, tenth) = (self.draw.below(12), self.draw.below(10));
                format!(r#"{{"value":{{"measured":{{"value":"{whole}.{tenth}","unit":{unit}}}}}}}"#)
            }
            Kind::Choice { options } => {
                format!(r#"{{"value":{{"chosen":"{}"}}}}"#, options[0].value)
            }
            Kind::Text => format!(r#"{{"value":{{"text":"{}"}}}}"#, self.draw.words(8)),
            _ => match self.draw.below(20) {
                0 => r#"{"condition":"red"}"#,
                1 | 2 => r#"{"condition":"yellow"}"#,
                3 => r#"{"condition":"not_applicable"}"#,
                4..=8 => r#"{"condition":"green","by_default":true}"#,
                _ => r#"{"condition":"green"}"#,
            }
            .to_owned(),
        }
    }

    /// The payload of an event at an inspection.
    pub(crate) fn event(&mut self, inspection: &str) -> String {
        let (device, person) = self.by();
        self.seq += 1;
        self.now += 4_000;
        let (number, now, accepted) = (self.seq - 50, self.now, self.now + self.draw.below(900));
        let what = match self.draw.below(10) {
            0 => r#"{"what":"created"}"#.to_owned(),
            1 => {
                r#"{"what":"moved","verb":"start","from":"draft","to":"in_progress","reason":null}"#
                    .to_owned()
            }
            which => {
                let points: Vec<_> = self.templates[usize::try_from(which % 3).unwrap()]
                    .points()
                    .map(|(_, point)| (point.key.to_string(), point.kind.clone()))
                    .collect();
                let at = usize::try_from(self.draw.below(points.len() as u64)).unwrap();
                let (point, kind) = &points[at];
                let answer = self.answer(kind);
                if which == 2 {
                    let note = self.draw.words(12);
                    format!(
                        r#"{{"what":"inspection","before":null,"after":{{"field":"note","point":"{point}","note":"{note}"}}}}"#
                    )
                } else {
                    format!(
                        r#"{{"what":"inspection","before":null,"after":{{"field":"answer","point":"{point}","answer":{answer}}}}}"#
                    )
                }
            }
        };
        format!(
            r#"{{"actor":{{"person":{{"person":"{person}","device":"{device}","number":{number}}}}},"stamp":{now},"accepted":{accepted},"entity":{{"kind":"inspection","id":"{inspection}"}},"verdict":"applied","what":{what}}}"#
        )
    }
}

fn capital(word: &str) -> String {
    let (first, rest) = word.split_at(1);
    format!("{}{rest}", first.to_uppercase())
}
