use super::{User, nobody};

#[test]
fn nobody_is_found_among_the_users() {
    let line = "nobody:x:65534:65533:nobody:/nonexistent:/usr/sbin/nologin";
    let found = User {
        uid: 65_534,
        gid: 65_533,
    };
    assert_eq!(nobody(line), Some(found));
    assert_eq!(nobody("nobody2:x:1:1::/:/bin/sh"), None);
    assert_eq!(nobody("root:x:0:0:root:/root:/bin/bash"), None);
    assert_eq!(nobody("nobody:x:minus:1"), None);
}
