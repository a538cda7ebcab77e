use super::*;

#[test]
fn an_editor_that_knows_lines_begins_at_the_wrong_one() {
    let at = |editor: &str| arguments(editor, "/a/b.toml", Some(7));
    assert_eq!(at("/usr/bin/vim -n"), ["+7", "/a/b.toml"]);
    assert_eq!(at("hx"), ["/a/b.toml:7"]);
    assert_eq!(at("code --wait"), ["/a/b.toml"]);
    assert_eq!(arguments("vim", "/a/b.toml", None), ["/a/b.toml"]);
}

#[test]
fn what_the_editor_left_is_not_written_over() {
    let folder = tempfile::tempdir().unwrap();
    let text = |file| Text {
        name: "trailer".to_owned(),
        words: "new".to_owned(),
        file,
        line: None,
    };
    let inner = folder.path().join("editing");
    let file = written(&inner, &text(None)).unwrap();
    assert_eq!(fs::read_to_string(&file).unwrap(), "new");
    fs::write(&file, "edited").unwrap();
    let again = written(&inner, &text(Some(file.clone()))).unwrap();
    assert_eq!(again, file);
    assert_eq!(fs::read_to_string(&file).unwrap(), "edited");
    remove(&file);
    // One that was removed by somebody is written anew.
    assert_ne!(written(&inner, &text(Some(file.clone()))).unwrap(), file);
}
