//! Templates written in a person's own editor, in a real terminal.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    ipc::{Reply, Request},
    role::Role,
    template::{Template, TemplateState},
};
use redtag_tests::harness::{Device, Ground, Screen, Stack, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_template_is_written_published_and_closed_in_ones_own_editor,
    an_editor_that_fails_and_a_role_that_may_not_change_nothing,
];

/// Does to the file what is typed, and counts, so that one sees that it was called again.
const EDITOR: &str = r#"
count=$(cat "$0.count" 2>/dev/null || echo 0)
count=$((count + 1))
echo "$count" > "$0.count"
echo "EDITOR $count HAS IT"
read -r what
case "$what" in
  wrong) sed -i 's/^label = "Horn"/labl = "Horn"/' "$1" ;;
  right) sed -i 's/^labl = "Horn"/label = "Horn, both tones"/' "$1" ;;
esac
"#;

fn opened(bench: &Device, editor: &str) -> Result<Screen> {
    let mut command = bench.command("tui");
    command.env("TERM", "xterm-256color").env("EDITOR", editor);
    let mut screen = Screen::open(&command, 24, 80)?;
    screen.wait_for("WRITE 1")?;
    screen.keys("t")?;
    // The last of the three, which is the one that the editor knows.
    screen.wait_for("bicycle-service")?;
    screen.keys("\x1b[F")?;
    screen.wait_for("vehicle-multipoint")?;
    Ok(screen)
}

fn version(bench: &Device, number: u32) -> Result<Template> {
    let Reply::Templates(all) = bench.client()?.must(Request::Templates)? else {
        anyhow::bail!("no templates");
    };
    all.into_iter()
        .find(|it| it.key.as_str() == "vehicle-multipoint" && it.version == number)
        .with_context(|| format!("there is no version {number}"))
}

fn reaches(bench: &Device, number: u32, state: TemplateState) -> Result<Template> {
    eventually(&format!("version {number} to be {state:?}"), || {
        let it = version(bench, number)?;
        ensure!(it.state == state, "{:?}", it.state);
        Ok(it)
    })
}

fn a_template_is_written_published_and_closed_in_ones_own_editor(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let desk = stack.bench("desk", Role::Dispatcher)?;
    desk.new_inspection("WRITE 1")?;
    let script = ground.path().join("editor.sh");
    fs::write(&script, EDITOR)?;
    let mut screen = opened(&desk, &format!("sh {}", script.display()))?;
    screen.keys("e")?;
    screen.wait_for("EDITOR 1 HAS IT")?;
    screen.keys("wrong\r")?;
    screen.wait_for("cannot be taken yet")?;
    screen.wait_for("labl = \"Horn\"")?;
    screen.keys("\r")?;
    screen.wait_for("EDITOR 2 HAS IT")?;
    screen.keys("right\r")?;
    screen.wait_for("one change")?;
    screen.keys("2")?;
    // Another bench has it, and the one before takes no new inspections.
    let written = reaches(&bench, 2, TemplateState::Active)?;
    ensure!(
        written
            .points()
            .any(|(_, it)| it.label == "Horn, both tones")
    );
    reaches(&bench, 1, TemplateState::Closing)?;
    screen.wait_for("version 2")?;
    let left: Vec<_> = fs::read_dir(desk.home().join("state/editing"))?.collect();
    ensure!(left.is_empty(), "{left:?}");
    // What ran goes on as it was; what is begun now takes the new one.
    let shown = desk.json(&["list"])?;
    ensure!(shown.to_string().contains("WRITE 1"), "{shown}");
    let new = bench.new_inspection("WRITE 2")?;
    bench.sees(new, "the new version", |it| it.template.version == 2)?;
    // The mark is on the new version.
    screen.wait_for("asks")?;
    screen.keys("c")?;
    screen.wait_for("Close version 2")?;
    screen.keys("y")?;
    reaches(&bench, 2, TemplateState::Closing)?;
    screen.keys("\x03")?;
    screen.ended()?;
    screen.is_restored()
}

fn an_editor_that_fails_and_a_role_that_may_not_change_nothing(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let desk = stack.bench("desk", Role::Owner)?;
    bench.new_inspection("WRITE 1")?;
    let mut screen = opened(&bench, "true")?;
    screen.keys("e")?;
    screen.wait_for("a technician may look, not do this")?;
    screen.keys("\x03")?;
    screen.ended()?;
    let mut screen = opened(&desk, "no-such-editor-here")?;
    screen.keys("e")?;
    screen.wait_for("no editor called")?;
    screen.keys("\x03")?;
    screen.ended()?;
    screen.is_restored()?;
    let kept = fs::read_dir(desk.home().join("state/editing"))?.count();
    ensure!(kept == 0, "{kept} files");
    ensure!(version(&desk, 2).is_err());
    Ok(())
}
