use crate::{
    ids::TemplateId,
    template::{Template, TemplateState},
};

const SHIPPED: [&str; 3] = [
    include_str!("../../../../assets/templates/vehicle-multipoint.toml"),
    include_str!("../../../../assets/templates/bicycle-service.toml"),
    include_str!("../../../../assets/templates/truck-pretrip.toml"),
];

fn read(text: &str) -> Template {
    let file = Template::parse_toml(text, "the template").unwrap();
    file.into_template(TemplateId::from_bytes([1; 16]), 1, TemplateState::Draft)
}

#[test]
fn what_is_written_says_the_same_when_it_is_read() {
    for text in SHIPPED {
        let template = read(text);
        assert_eq!(read(&template.to_toml()), template);
    }
}

#[test]
fn whatever_a_text_holds_it_stays_one() {
    let template = read(
        r#"
        key = "odd"
        name = "Quotes \" and \\ and 'single' and #"
        canned = [{ text = "two\nlines \u20ac", work = "w", labour = 5, parts = 0 }]
        [[section]]
        key = "a"
        label = "A = [b]"
        [[section.point]]
        key = "a.choice"
        label = "{ x }"
        kind = "choice"
        options = [{ value = "y", label = "Yes", condition = "green" }, { value = "n", label = "No" }]
        requires = [{ action = true, when = "yellow_or_red" }, { signature = "driver" }]
        [[section.point]]
        key = "a.signed"
        label = "Signed"
        kind = "signature"
        role = "driver"
        statement = "It is so."
        graded = true
        "#,
    );
    assert_eq!(read(&template.to_toml()), template);
}
