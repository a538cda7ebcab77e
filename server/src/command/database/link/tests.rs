use super::*;

fn served(url: &str, database: &str, role: &str, password: Option<&str>) -> String {
    let mut link = Link::read(url);
    database.clone_into(&mut link.database);
    let password = password.map(SecretString::from);
    link.sign_in(role, password.as_ref());
    link.to_string()
}

#[test]
fn the_app_roles_url_goes_where_the_administrators_went() {
    let cases = [
        (
            "postgres://root:secret@db.example:6432/postgres?sslrootcert=/etc/ca.pem",
            "postgres://redtag_app:pw@db.example:6432/redtag?sslrootcert=/etc/ca.pem",
        ),
        (
            "postgresql://db.example/?user=root&password=secret&dbname=postgres",
            "postgresql://redtag_app:pw@db.example/redtag",
        ),
        (
            "postgres://root@/postgres?host=/run/postgresql&port=5433",
            "postgres://redtag_app:pw@/redtag?host=/run/postgresql&port=5433",
        ),
        (
            "postgres://root@one,two:6432/postgres",
            "postgres://redtag_app:pw@one,two:6432/redtag",
        ),
        (
            "postgres://root@%2Frun%2Fpostgresql",
            "postgres://redtag_app:pw@%2Frun%2Fpostgresql/redtag",
        ),
    ];
    for (given, served_by) in cases {
        assert_eq!(served(given, "redtag", "redtag_app", Some("pw")), served_by);
    }
}

#[test]
fn what_stands_in_a_name_or_password_does_not_end_it() {
    let url = served("postgres://a@host/b", "a/b?c", "d@e:f", Some("g/h#i%é"));
    assert_eq!(
        url,
        "postgres://d%40e%3Af:g%2Fh%23i%25%C3%A9@host/a%2Fb%3Fc"
    );
    let config: tokio_postgres::Config = url.parse().unwrap();
    assert_eq!(config.get_user(), Some("d@e:f"));
    assert_eq!(config.get_password(), Some("g/h#i%é".as_bytes()));
    assert_eq!(config.get_dbname(), Some("a/b?c"));
}

#[test]
fn without_a_new_password_none_is_written() {
    let url = served("postgres://root:secret@host/b", "b", "app", None);
    assert_eq!(url, "postgres://app@host/b");
}
