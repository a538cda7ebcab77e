//! Once all has healed every queue drains without a new write, and poison in front of it is no
//! obstacle: what is refused lies in quarantine and waits no more.

use super::Violation;

pub(crate) fn check(
    name: &str,
    waiting: u64,
    quiet: bool,
    left: bool,
    state: &str,
) -> Result<(), Violation> {
    if left || (waiting == 0 && quiet) {
        return Ok(());
    }
    Err(Violation::new(
        "queues drain",
        format!("{name} has {waiting} waiting and is not level with the API: {state}"),
    ))
}

pub(crate) fn can_fail() {
    assert!(check("b", 0, true, false, "").is_ok());
    assert!(check("b", 3, true, true, "").is_ok());
    assert!(check("b", 3, true, false, "").is_err());
    assert!(check("b", 0, false, false, "").is_err());
}
