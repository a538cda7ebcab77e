use super::*;

#[test]
fn json_keeps_hostile_text_and_cannot_steer_a_terminal() {
    let hostile = "a\u{1b}[31m\u{9b}2J\u{202e}\u{e0041}\n";
    let json = serde_json::to_string(hostile).unwrap();
    let safe = escaped(&json);
    assert!(safe.is_ascii(), "{safe}");
    assert_eq!(serde_json::from_str::<String>(&safe).unwrap(), hostile);
}

#[test]
fn columns_stand_under_each_other_whatever_the_script() {
    let row = |cells: [&str; 2]| cells.map(str::to_owned).to_vec();
    let text = table(&[row(["車", "x"]), row(["ab\u{1b}[1mc", "y"])]);
    assert_eq!(text, "車   x\nabc  y\n");
}

#[test]
fn only_what_may_be_cut_is_cut() {
    let row = |cells: [&str; 3]| cells.map(str::to_owned).to_vec();
    let rows = [row(["keep this whole", "車車車車車", "end"])];
    assert_eq!(fitted(&rows, 27, &[1]), "keep this whole  車車…  end\n");
    assert_eq!(fitted(&rows, 10, &[1]), "keep this whole  車…   end\n");
}

#[test]
fn programs_get_instants_with_milliseconds() {
    assert_eq!(instant(Stamp(1_500)), "1970-01-01T00:00:01.500Z");
}
