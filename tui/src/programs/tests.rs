use super::*;

#[test]
fn a_call_can_carry_a_role_before_its_arguments() {
    let call = Call::exactly("redtagd", Path::new("/opt/redtag-all"), ["daemon".into()]);
    let mut command = call.command().unwrap();
    command.arg("run");
    assert_eq!(command.get_program(), "/opt/redtag-all");
    assert_eq!(command.get_args().collect::<Vec<_>>(), ["daemon", "run"]);
}

#[test]
fn programs_are_found_on_path_and_missing_ones_named() {
    let shell = Call::named("sh").command().unwrap();
    assert!(Path::new(shell.get_program()).is_absolute());
    let missing = Call::named("redtag-that-is-nowhere").command().unwrap_err();
    assert!(missing.to_string().contains("redtag-that-is-nowhere"));
}
