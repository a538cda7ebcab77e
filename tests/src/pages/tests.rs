use super::*;

#[test]
fn every_program_and_subcommand_has_a_page_and_every_shell_its_completions() {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path()).unwrap();
    for page in [
        "redtag/redtag.1",
        "redtag/redtag-daemon-install.1",
        "redtag/redtag-config-show.1",
        "redtag/redtagd.1",
        "redtag/redtagd-run.1",
        "redtag-server/redtag-server.1",
        "redtag-server/redtag-server-serve.1",
    ] {
        let text = fs::read_to_string(dir.path().join(page)).unwrap();
        assert!(text.contains(".SH NAME"), "{page}: {text}");
    }
    for completion in [
        "redtag.bash",
        "_redtag",
        "redtag.fish",
        "redtagd.bash",
        "_redtag-server",
    ] {
        let path = dir.path().join("completions").join(completion);
        assert!(fs::metadata(&path).unwrap().len() > 100, "{completion}");
    }
}
