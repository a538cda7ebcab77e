use super::*;

const fn kin(parent: i32, group: i32, session: i32) -> Kin {
    Kin {
        parent,
        group,
        session,
    }
}

/// Whether process 9 is awaited among these.
fn awaited(processes: &[(i32, Kin)]) -> bool {
    let of = |pid| {
        let found = processes.iter().find(|(own, _)| *own == pid);
        found.map(|(_, kin)| *kin)
    };
    is_awaited(of(9).unwrap(), of)
}

#[test]
fn a_name_may_hold_anything() {
    let stat = "9 (a) S 1 (2) 3) S 8 9 7 34816 9 4194304";
    assert_eq!(Kin::parse(stat), Some(kin(8, 9, 7)));
    assert_eq!(Kin::parse("9 (redtag) S 8 0 0 0"), Some(kin(8, 0, 0)));
    assert_eq!(Kin::parse("9 (redtag) S 8"), None);
    assert_eq!(Kin::parse(""), None);
}

#[test]
fn the_own_process_is_found() {
    let own = Kin::of("self").unwrap();
    assert!(own.parent >= 0 && own.group >= 0 && own.session >= 0);
    assert_eq!(Kin::of("0"), None);
}

#[test]
fn a_shell_waits_for_its_job_also_with_programs_between() {
    let shell = (7, kin(1, 7, 7));
    assert!(awaited(&[(9, kin(7, 9, 7)), shell]));
    assert!(awaited(&[(9, kin(8, 8, 7)), (8, kin(7, 8, 7)), shell]));
}

#[test]
fn nobody_waits_for_the_first_of_a_session() {
    let server = (7, kin(1, 7, 5));
    assert!(!awaited(&[(9, kin(7, 9, 9)), server]));
    // Whoever could have waited is gone, or cannot be seen.
    assert!(!awaited(&[(9, kin(7, 9, 9))]));
    assert!(!awaited(&[(9, kin(0, 9, 9))]));
}

#[test]
fn what_lies_outside_of_a_container_is_no_process_and_does_no_harm() {
    // The session began outside, and so did its group: by numbers both are 0.
    assert!(!awaited(&[(9, kin(7, 9, 9)), (7, kin(0, 0, 0))]));
    assert!(!awaited(&[(9, kin(7, 9, 9)), (7, kin(0, 7, 0))]));
    // A shell that came in from outside, and its job.
    assert!(awaited(&[(9, kin(7, 9, 0)), (7, kin(0, 7, 0))]));
    assert!(!awaited(&[(9, kin(7, 0, 0)), (7, kin(0, 0, 0))]));
}
