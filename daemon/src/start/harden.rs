//! What keeps keys out of other hands before the first one is read.

use rustix::{
    fs::Mode,
    process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit, umask},
};

/// New files are the owner's only; no core dump, and no debugger of the same user, shows keys.
pub(super) fn process() {
    umask(Mode::RWXG | Mode::RWXO);
    let none = Rlimit {
        current: Some(0),
        maximum: Some(0),
    };
    // Either may be forbidden by a container. Then it is as it was, and the daemon still runs.
    let _ = setrlimit(Resource::Core, none);
    let _ = set_dumpable_behavior(DumpableBehavior::NotDumpable);
}
