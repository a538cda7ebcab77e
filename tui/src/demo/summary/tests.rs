use super::*;

#[test]
fn it_holds_only_where_every_check_did_and_the_script_came_to_its_end() {
    let mut summary = Summary::new();
    summary.end(&Ok(()));
    assert!(!summary.held(), "nothing was checked");

    summary.check("one", true, "");
    summary.end(&Ok(()));
    assert!(summary.held());

    summary.end(&Err(Fault::error("interrupted")));
    assert!(!summary.held());
    assert_eq!(summary.stopped.as_deref(), Some("interrupted"));

    summary.check("two", false, "seen");
    summary.end(&Ok(()));
    assert!(!summary.held());
    let json = serde_json::to_value(&summary).unwrap();
    assert_eq!(json["checks"][1]["what"], "two");
    assert_eq!(json["checks"][1]["ok"], false);
    assert_eq!(json["checks"][1]["seen"], "seen");
}
