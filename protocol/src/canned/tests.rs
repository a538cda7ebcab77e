use super::*;
use crate::{
    ids::TemplateId,
    template::{Template, TemplateState},
};

const CARS: &str = include_str!("../../../assets/templates/vehicle-multipoint.toml");

fn template() -> Template {
    let file = Template::parse_toml(CARS, "vehicle-multipoint.toml").unwrap();
    file.into_template(TemplateId::from_parts(1, [1; 10]), 1, TemplateState::Active)
}

fn note(text: &str) -> Canned {
    Canned {
        text: text.to_owned(),
        condition: None,
        recommendation: None,
        unknown: Map::new(),
    }
}

fn id(n: u64) -> CannedId {
    CannedId::from_parts(n, [1; 10])
}

fn texts(kept: &[(CannedId, Kept)], point: &str) -> Vec<(Near, String)> {
    let kept = kept.iter().map(|(id, kept)| (id, kept));
    let found = lookup(&template(), kept, &point.parse().unwrap());
    found
        .into_iter()
        .map(|it| (it.near, it.note.text.chars().take(12).collect()))
        .collect()
}

#[test]
fn the_point_comes_before_its_section_and_that_before_everywhere() {
    let kept = |n, scope, text| {
        (
            id(n),
            Kept {
                scope,
                note: note(text),
            },
        )
    };
    let key = || "vehicle-multipoint".parse().unwrap();
    let all = [
        kept(1, Scope::Shop, "everywhere"),
        kept(
            2,
            Scope::Section {
                template: key(),
                section: "lights".parse().unwrap(),
            },
            "of lights",
        ),
        kept(
            3,
            Scope::Point {
                template: key(),
                point: "lights.horn".parse().unwrap(),
            },
            "older horn",
        ),
        kept(
            4,
            Scope::Point {
                template: key(),
                point: "lights.horn".parse().unwrap(),
            },
            "newer horn",
        ),
        kept(
            5,
            Scope::Point {
                template: "truck-pretrip".parse().unwrap(),
                point: "lights.horn".parse().unwrap(),
            },
            "another template's",
        ),
        kept(6, Scope::Unknown, "of a newer program"),
    ];
    let told = |near, text: &str| (near, text.to_owned());
    assert_eq!(
        texts(&all, "lights.horn"),
        [
            told(Near::Point, "newer horn"),
            told(Near::Point, "older horn"),
            told(Near::Point, "Horn gives n"),
            told(Near::Section, "of lights"),
            told(Near::Section, "Bulb out."),
            told(Near::Shop, "everywhere"),
            told(Near::Shop, "Not safe to "),
            told(Near::Shop, "Worn, still "),
            told(Near::Shop, "Could not be"),
        ]
    );
    assert_eq!(texts(&all, "no.such"), []);
}

#[test]
fn a_template_file_says_at_which_line_a_canned_note_is_wrong() {
    let wrong = |bad: &str| {
        let text = CARS.replacen("text = \"Horn gives no sound.\"", bad, 1);
        let line = CARS.lines().position(|it| it.contains("Horn gives no"));
        let error = Template::parse_toml(&text, "t.toml").unwrap_err();
        assert_eq!(error.line, line.unwrap() + 1, "{error}");
        error.reason
    };
    assert!(wrong("text = \"\"").contains("empty"));
    assert!(wrong("txt = \"x\"").contains("txt"));
    let long = "x".repeat(MAX_TEXT + 1);
    assert!(wrong(&format!("text = \"{long}\"")).contains("characters"));
}

#[test]
fn a_scope_of_a_newer_program_does_not_make_the_shop_unreadable() {
    let body = r#"{"scope":{"at":"bay","bay":"4"},"note":{"text":"x","colour":"blue"}}"#;
    let kept: Kept = serde_json::from_str(body).unwrap();
    assert_eq!(kept.scope, Scope::Unknown);
    assert_eq!(kept.note.unknown["colour"], "blue");
}
