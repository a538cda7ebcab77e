use proptest::prelude::*;

use super::*;

const GOOD: &str = r#"
key = "small"
name = "Small"

[[choice]]
key = "size"
label = "Size"
options = [{ value = "s", label = "Small" }, { value = "l", label = "Large" }]

[[section]]
key = "one"
label = "One"

[[section.point]]
key = "one.look"
label = "Look"

[[section.point]]
key = "one.depth"
label = "Depth"
kind = "measurement"
unit = "mm"
units = ["in"]
case = [
  { when = { choice = "size", is = ["s"] }, warn = { at_most = "4" }, fail = { below = "3" } },
  { warn = { at_most = "5" }, fail = { below = "4" } },
]

[[section.point]]
key = "one.pick"
label = "Pick"
kind = "choice"
options = [{ value = "a", label = "A", condition = "red" }, { value = "b", label = "B" }]

[[section.point]]
key = "one.sign"
label = "Sign"
kind = "signature"
role = "driver"
statement = "So it is."
"#;

fn refused(text: &str) -> TemplateFileError {
    match Template::parse_toml(text, "shop.toml") {
        Ok(_) => panic!("was taken:\n{text}"),
        Err(error) => error,
    }
}

#[test]
fn a_good_file_is_taken() {
    let file = Template::parse_toml(GOOD, "good.toml").unwrap();
    assert_eq!(file.sections[0].points.len(), 4);
    let id = TemplateId::from_bytes([1; 16]);
    let template = file.into_template(id, 3, TemplateState::Draft);
    assert_eq!(
        (template.version, template.state),
        (3, TemplateState::Draft)
    );
    let size = "size".parse().unwrap();
    assert_eq!(template.answer(&size, None), None);
    assert_eq!(template.answer(&size, Some("s")).as_deref(), Some("s"));
    let point = template.point(&"one.depth".parse().unwrap()).unwrap();
    let Kind::Measurement(measurement) = &point.kind else {
        panic!("{point:?}")
    };
    assert!(measurement.accepts(Unit::Inch) && !measurement.accepts(Unit::Psi));
    let json = serde_json::to_value(point).unwrap();
    assert_eq!(
        (&json["kind"], &json["unit"]),
        (&"measurement".into(), &"mm".into())
    );
    assert_eq!(json["cases"][1]["rule"]["by"], "absolute");
    assert_eq!(json["cases"][1]["fail"]["low"]["value"], "4");
}

/// Each mistake: what is replaced, by what, and a piece of the reason.
const MISTAKES: &[(&str, &str, &str)] = &[
    (
        "name = \"Small\"",
        "name = \"Small\"\ncolour = 1",
        "unknown field `colour`",
    ),
    (
        "label = \"Look\"",
        "label = \"Look\"\nlabel2 = 1",
        "unknown field",
    ),
    ("name = \"Small\"", "name = \"\"", "name is empty"),
    (
        "name = \"Small\"",
        "name = \"Sm\\u001ball\"",
        "hidden character (U+001B)",
    ),
    (
        "label = \"Look\"",
        "label = \"Lo\\u202eok\"",
        "hidden character (U+202E)",
    ),
    (
        "key = \"one.look\"",
        "key = \"two.look\"",
        "must begin with “one.”",
    ),
    (
        "key = \"one.look\"",
        "key = \"oneX.look\"",
        "is not a point key",
    ),
    (
        "key = \"one.look\"",
        "key = \"one.depth\"",
        "“one.depth” is there twice",
    ),
    ("key = \"size\"", "key = \"Size\"", "is not a choice key"),
    (
        "choice = \"size\"",
        "choice = \"colour\"",
        "“colour” is not defined",
    ),
    ("is = [\"s\"]", "is = [\"m\"]", "“m” is no answer"),
    ("is = [\"s\"]", "is = []", "names no answer"),
    ("unit = \"mm\"", "unit = \"furlong\"", "unknown variant"),
    (
        "units = [\"in\"]",
        "units = [\"psi\"]",
        "does not measure what",
    ),
    ("units = [\"in\"]", "units = [\"mm\"]", "there twice"),
    (
        "below = \"3\"",
        "below = \"4.5\"",
        "must lie beyond the warn limit",
    ),
    (
        "fail = { below = \"3\" }",
        "fail = { at_most = \"4\" }",
        "must lie beyond",
    ),
    (
        "fail = { below = \"3\" }",
        "fail = { below = \"3\", above = \"3\", at_most = \"1\" }",
        "not both",
    ),
    (
        "fail = { below = \"3\" }",
        "fail = { below = \"3\", above = \"2\" }",
        "below the high limit",
    ),
    (
        "fail = { below = \"3\" }",
        "fail = { below = \"3\", unit = \"psi\" }",
        "does not measure",
    ),
    ("below = \"3\"", "below = 3.0", "invalid type"),
    ("below = \"3\"", "below = \"3x\"", "no place in a number"),
    (
        "  { warn = { at_most = \"5\" }, fail = { below = \"4\" } },\n",
        "",
        "have no case",
    ),
    (
        "  { when =",
        "  { warn = {} },\n  { when =",
        "must be the last",
    ),
    (
        "kind = \"choice\"",
        "kind = \"text\"",
        "“options” does not belong",
    ),
    ("kind = \"choice\"", "kind = \"poem\"", "unknown variant"),
    ("value = \"b\"", "value = \"a\"", "“a” is there twice"),
    (
        "role = \"driver\"",
        "role = \"The Driver\"",
        "the role must be a plain",
    ),
    ("statement = \"So it is.\"", "", "needs its statement"),
    ("unit = \"mm\"\nunits", "units", "needs its unit"),
    (
        "{ at_most = \"5\" }",
        "{ at_most = \"5\" }, of = \"placard\"",
        "belongs to a rule",
    ),
    (
        "{ at_most = \"5\" }",
        "{ at_most = \"5\" }, rule = \"delta_to_reference\"",
        "needs “of”",
    ),
    (
        "{ at_most = \"5\" }",
        "{ at_most = \"5\" }, assumed = \"1\"",
        "only delta_to_reference",
    ),
    (
        "label = \"Look\"",
        "label = \"Look\"\nrequires = [{ photos = 0 }]",
        "1 to 50",
    ),
    (
        "label = \"Look\"",
        "label = \"Look\"\nrequires = [{}]",
        "is one of note",
    ),
    (
        "label = \"Size\"",
        "label = \"Size\"\ndefault = \"xl\"",
        "not one of the options",
    ),
];

#[test]
fn a_mistake_refuses_the_file_with_its_line() {
    for (good, bad, reason) in MISTAKES {
        assert!(GOOD.contains(good), "{good}");
        let error = refused(&GOOD.replacen(good, bad, 1));
        assert!(error.reason.contains(reason), "{bad}: {error}");
        assert!(error.line > 1, "{bad}: {error}");
        assert!(
            !error.to_string().chars().any(char::is_control),
            "{bad}: {error:?}"
        );
    }
}

#[test]
fn the_line_is_that_of_the_point() {
    let text = GOOD.replacen("key = \"one.pick\"", "key = \"one.look\"", 1);
    let line = 1 + text
        .lines()
        .collect::<Vec<_>>()
        .iter()
        .rposition(|l| l.contains("one.look"))
        .unwrap();
    let error = refused(&text);
    assert_eq!(error.line, line);
    let words = format!(
        "shop.toml, line {line}: the point “one.look” is there twice; nothing of the file was taken"
    );
    assert_eq!(error.to_string(), words);
}

#[test]
fn empty_templates_and_sections_are_refused() {
    let none = refused("key = \"small\"\nname = \"Small\"");
    assert!(none.reason.contains("no sections"), "{none}");
    let empty = format!("{GOOD}\n[[section]]\nkey = \"two\"\nlabel = \"Two\"\n");
    assert!(refused(&empty).reason.contains("“two” has no points"));
    let twice = format!("{GOOD}\n[[section]]\nkey = \"one\"\nlabel = \"Two\"\n");
    assert!(refused(&twice).reason.contains("“one” is there twice"));
}

#[test]
fn percentages_need_a_scale_with_a_zero() {
    let rule =
        r#"{ at_most = "5" }, rule = "delta_to_reference", of = "rated", measure = "percent""#;
    let percent = GOOD.replacen(r#"{ at_most = "5" }"#, rule, 1);
    assert!(Template::parse_toml(&percent, "shop.toml").is_ok());
    let warm = percent.replacen("unit = \"mm\"\nunits = [\"in\"]", "unit = \"degC\"", 1);
    assert!(refused(&warm).reason.contains("no percentages"));
    let assumed = percent.replacen("\"percent\"", "\"percent\", assumed = \"0\"", 1);
    assert!(refused(&assumed).reason.contains("above nought"));
    let unit = percent.replacen(
        "fail = { below = \"4\" }",
        "fail = { below = \"4\", unit = \"in\" }",
        1,
    );
    assert!(refused(&unit).reason.contains("no other unit"));
}

#[test]
fn requirements_hold_on_their_occasion() {
    let yellow = Some(Condition::Yellow);
    assert!(Occasion::Always.holds(None));
    assert!(Occasion::YellowOrRed.holds(yellow) && !Occasion::YellowOrRed.holds(None));
    assert!(Occasion::Red.holds(Some(Condition::Red)) && !Occasion::Red.holds(yellow));
}

proptest! {
    /// A file cut or spoilt anywhere is taken or refused, never a panic, and never with a
    /// control character in the reason.
    #[test]
    fn a_spoilt_file_never_panics(at in 0..GOOD.len(), piece in "\\PC{0,4}|[\"{}=\\[\\]\n\u{1b}]{1,3}") {
        prop_assume!(GOOD.is_char_boundary(at));
        let spoilt = format!("{}{piece}{}", &GOOD[..at], &GOOD[at..]);
        for text in [spoilt.as_str(), &GOOD[..at]] {
            if let Err(error) = Template::parse_toml(text, "shop.toml") {
                prop_assert!(!error.to_string().chars().any(char::is_control), "{:?}", error);
            }
        }
    }
}
