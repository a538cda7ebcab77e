use anyhow::anyhow;

use super::words;

#[test]
fn each_cause_is_said_once() {
    let error = anyhow!("no such file").context("a.key cannot be read: no such file; go on");
    assert_eq!(words(&error), "a.key cannot be read: no such file; go on");
    let error = anyhow!("no such file").context("a.key cannot be read");
    assert_eq!(words(&error), "a.key cannot be read: no such file");
    let error = anyhow!("one").context("two").context("three");
    assert_eq!(words(&error), "three: two: one");
}

#[test]
fn no_two_arguments_of_a_command_are_one() {
    super::command_line().debug_assert();
}
