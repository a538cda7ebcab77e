use redtag_protocol::{
    grade::Condition,
    inspection::{Answer, AnswerValue},
    template::{Template, TemplateState},
};

use super::told;

const CAR: &str = include_str!("../../../../assets/templates/vehicle-multipoint.toml");

#[test]
fn answers_are_told_in_peoples_words() {
    assert_eq!(told(None, &Answer::condition(Condition::Yellow)), "yellow");
    let none = Answer::condition(Condition::NotApplicable);
    assert_eq!(told(None, &none), "not applicable");
    let by_default = Answer {
        by_default: true,
        ..Answer::condition(Condition::Green)
    };
    assert_eq!(told(None, &by_default), "green by default");
}

#[test]
fn a_chosen_option_is_told_by_its_label() {
    let file = Template::parse_toml(CAR, "template.toml").unwrap();
    let id = redtag_protocol::ids::TemplateId::from_parts(1, [1; 10]);
    let mut template = file.into_template(id, 1, TemplateState::Active);
    let point = &mut template.sections[0].points[0];
    point.kind = redtag_protocol::template::Kind::Choice {
        options: vec![redtag_protocol::template::PointOption {
            value: "low_beam".to_owned(),
            label: "Low beam".to_owned(),
            condition: None,
        }],
    };
    let answer = Answer::value(AnswerValue::Chosen("low_beam".to_owned()));
    assert_eq!(told(Some(&*point), &answer), "Low beam");
    assert_eq!(told(None, &answer), "low_beam");
}
