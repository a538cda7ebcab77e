use super::major;

#[test]
fn versions_are_read_as_the_program_tells_them() {
    let debian = "postgres (PostgreSQL) 15.14 (Debian 15.14-0+deb12u1)\n";
    assert_eq!(major(debian), Some(15));
    assert_eq!(major("postgres (PostgreSQL) 17.0"), Some(17));
    assert_eq!(major("postgres (PostgreSQL) 18beta1"), Some(18));
    assert_eq!(major("postgres (PostgreSQL) 18"), Some(18));
    assert_eq!(major("postgres (EnterpriseDB) 16.1"), None);
    assert_eq!(major(""), None);
}
