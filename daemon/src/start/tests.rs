use std::path::Path;

use super::*;

fn parse(line: &str) -> Result<Cli, clap::Error> {
    Cli::try_parse_from(line.split(' '))
}

#[test]
fn the_command_line_is_as_promised() {
    let Command::Run(run) = parse("redtagd run --system --config /etc/x.toml")
        .unwrap()
        .command;
    assert!(run.system);
    assert_eq!(run.config.as_deref(), Some(Path::new("/etc/x.toml")));
    let Command::Run(run) = parse("redtagd run").unwrap().command;
    assert!(!run.system);
    assert!(run.config.is_none());
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    for line in [
        "redtagd",
        "redtagd dance",
        "redtagd run --dance",
        "redtagd run --log-level loud",
    ] {
        assert_eq!(parse(line).unwrap_err().exit_code(), 2, "{line}");
    }
    assert_eq!(parse("redtagd --version").unwrap_err().exit_code(), 0);
}
