use super::*;

#[test]
fn the_most_explicit_place_wins() {
    let env = |pairs: &'static [(&'static str, &'static str)]| {
        move |name: &str| {
            let found = pairs.iter().find(|(key, _)| *key == name);
            found.map(|(_, value)| OsString::from(value))
        }
    };
    let both = env(&[("REDTAG_HOME", "/home"), ("STATE_DIRECTORY", "/state")]);
    let named = Path::new("/named");
    assert_eq!(data(Some(named), &both).unwrap(), named);
    assert_eq!(data(None, &both).unwrap(), Path::new("/home/server"));
    let systemd = env(&[("REDTAG_HOME", ""), ("STATE_DIRECTORY", "/state")]);
    assert_eq!(data(None, &systemd).unwrap(), Path::new("/state"));
    let relative = data(Some(Path::new("here")), &both).unwrap();
    assert!(relative.is_absolute());
}
