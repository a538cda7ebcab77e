use super::*;

#[test]
fn every_value_stands_in_a_line_with_its_origin_where_that_is_wanted() {
    let setting = |key: &str, value: &str, origin: &str| Setting {
        key: key.to_owned(),
        value: value.to_owned(),
        origin: origin.to_owned(),
    };
    let settings = [
        setting("log.keep", "5", "REDTAG_LOG_KEEP"),
        setting("network.ca", "", "default"),
    ];
    let told = render(&settings, true);
    let lines: Vec<Vec<&str>> = told
        .lines()
        .map(|it| it.split_whitespace().collect())
        .collect();
    assert_eq!(lines[0], ["log.keep", "=", "5", "#", "REDTAG_LOG_KEEP"]);
    assert_eq!(
        lines[1],
        ["network.ca", "=", "#", "not", "set", "#", "default"]
    );
    assert!(!render(&settings, false).contains("REDTAG"));
}
