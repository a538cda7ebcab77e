use std::{io, path::Path};

use super::*;

/// What a connection gives that is in the queue of a daemon when it dies.
#[test]
fn a_daemon_that_dies_while_one_connects_is_tried_again() {
    let refused = |kind: io::ErrorKind| why(Path::new("/run/x.sock"), &kind.into());
    let reset = refused(io::ErrorKind::ConnectionReset);
    assert!(reset.gone && !reset.absent);
    let none = refused(io::ErrorKind::ConnectionRefused);
    assert!(none.absent && !none.gone);
    let foreign = refused(io::ErrorKind::PermissionDenied);
    assert!(!foreign.absent && !foreign.gone);
}
