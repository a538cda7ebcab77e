use super::*;

fn exit(code: FailureCode) -> Exit {
    Fault::from(link::Error::Failed(Failure::new(code, "no"))).exit
}

#[test]
fn scripts_can_tell_failures_apart() {
    assert_eq!(exit(FailureCode::NotSignedIn), Exit::NotSignedIn);
    assert_eq!(exit(FailureCode::Offline), Exit::Offline);
    assert_eq!(exit(FailureCode::NotAllowed), Exit::NotAllowed);
    for other in [
        FailureCode::Invalid,
        FailureCode::NotFound,
        FailureCode::Unsent,
        FailureCode::NoSecretStore,
        FailureCode::Remote,
        FailureCode::Internal,
    ] {
        assert_eq!(exit(other), Exit::Error);
    }
    let gone = link::Error::NotSent("no daemon runs".into());
    assert_eq!(
        Fault::from(gone),
        Fault::new(Exit::NoDaemon, "no daemon runs")
    );
    let broke = link::Error::Unanswered("gone".into());
    assert_eq!(Fault::from(broke).exit, Exit::NoDaemon);
}

#[test]
fn a_refused_edit_tells_when_it_was_the_role() {
    let mut failure = Failure::new(FailureCode::Invalid, "a viewer may not do this");
    failure.refusal = Some(RefusalCode::NotAllowed);
    assert_eq!(Fault::from(failure).exit, Exit::NotAllowed);
}

#[test]
fn a_reader_that_has_seen_enough_is_no_fault() {
    let fault = Fault::from(io::Error::from(io::ErrorKind::BrokenPipe));
    assert_eq!(fault, Fault::new(Exit::Done, ""));
}
