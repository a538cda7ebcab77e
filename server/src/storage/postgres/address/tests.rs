use std::fs;

use super::*;

const PASSWORD: &str = "hush-hush";

fn parse(url: &str) -> Result<Address, AddressError> {
    Address::parse(url, None, None)
}

/// The words of a refusal, which show no password.
fn refused(url: &str) -> String {
    let error = parse(url).unwrap_err();
    let words = format!("{error} {error:?}");
    for piece in ["hush", "secret"] {
        assert!(!words.contains(piece), "{words}");
    }
    error.to_string()
}

/// A self-signed authority, as a file.
fn authority() -> tempfile::NamedTempFile {
    let key = rcgen::generate_simple_self_signed(["db.example".to_owned()]).unwrap();
    let file = tempfile::NamedTempFile::new().unwrap();
    fs::write(file.path(), key.cert.pem()).unwrap();
    file
}

#[test]
fn a_url_becomes_what_the_driver_takes_and_never_shows_the_password() {
    let url = format!("postgres://app:{PASSWORD}@127.0.0.1:6543/redtag");
    let address = parse(&url).unwrap();
    assert_eq!(address.config().get_user(), Some("app"));
    assert_eq!(address.config().get_password(), Some(PASSWORD.as_bytes()));
    assert_eq!(address.config().get_ports(), [6543]);
    assert_eq!(
        address.config().get_application_name(),
        Some("redtag-server")
    );
    assert_eq!(address.config().get_connect_timeout(), Some(&CONNECT));
    assert_eq!(address.config().get_tcp_user_timeout(), Some(&UNANSWERED));
    assert_eq!(address.place(), "127.0.0.1:6543/redtag");
    assert_eq!(address.database(), "redtag");
    assert!(!format!("{address:?}").contains("hush"));
}

#[test]
fn each_host_is_asked_alone_with_all_that_was_said() {
    let rest = "connect_timeout=7&tcp_user_timeout=8&keepalives=0&keepalives_idle=9\
        &keepalives_interval=10&keepalives_retries=11&target_session_attrs=read-write\
        &channel_binding=require&load_balance_hosts=random&sslnegotiation=direct\
        &application_name=mine&sslmode=verify-full";
    let file = authority();
    let url = |place: &str| {
        let ca = file.path().display();
        format!("postgres://app:{PASSWORD}@{place}/redtag?sslrootcert={ca}&{rest}")
    };
    let both = parse(&url("one.example:1,two.example:2")).unwrap();
    for (at, place) in ["one.example:1", "two.example:2"].into_iter().enumerate() {
        assert_eq!(both.alone(at), *parse(&url(place)).unwrap().config());
    }
    let short = parse(&format!("postgres://app:{PASSWORD}@127.0.0.1/redtag")).unwrap();
    assert_eq!(short.alone(0), *short.config());
}

#[test]
fn this_machine_needs_no_tls_and_any_other_does() {
    let file = authority();
    let ca = file.path().display();
    for (url, encrypted) in [
        ("postgres://a@localhost/db", false),
        ("postgres://a@127.0.0.9/db", false),
        ("postgres://a@[::1]/db", false),
        ("postgresql://a@%2Frun%2Fpostgresql/db", false),
        ("postgres://a@/db?host=/run/postgresql", false),
        (
            "postgres://a@/db?host=/run/postgresql&sslmode=require",
            false,
        ),
        ("postgres://a@localhost/db?sslmode=prefer", false),
        (&format!("postgres://a@localhost/db?sslrootcert={ca}"), true),
        (
            &format!("postgres://a@localhost/db?sslmode=verify-full&sslrootcert={ca}"),
            true,
        ),
        (
            &format!("postgres://a@db.example/db?sslrootcert={ca}"),
            true,
        ),
        (
            &format!("postgres://a@10.0.0.1/db?sslmode=require&sslrootcert={ca}"),
            true,
        ),
        (
            &format!("postgres://a@localhost,db.example/db?sslrootcert={ca}"),
            true,
        ),
        (
            &format!("postgres://a@localhost.example/db?sslrootcert={ca}"),
            true,
        ),
    ] {
        let address = parse(url).unwrap();
        assert_eq!(address.is_encrypted(), encrypted, "{url}");
        let mode = address.config().get_ssl_mode();
        assert_eq!(mode == SslMode::Require, encrypted, "{url}");
        assert_eq!(mode == SslMode::Disable, !encrypted, "{url}");
    }
    let words = Address::parse("postgres://a@db.example/db", Some(file.path()), None).unwrap();
    assert!(format!("{words:?}").contains("authority in /"));
}

#[test]
fn weaker_modes_are_refused_off_the_host() {
    for mode in ["disable", "allow", "prefer"] {
        for host in [
            "db.example",
            "10.0.0.1",
            "localhost,db.example",
            "127.0.0.1.example",
        ] {
            let words = refused(&format!("postgres://a:hush@{host}/db?sslmode={mode}"));
            assert!(
                words.contains(&format!("sslmode={mode} would send")),
                "{words}"
            );
        }
    }
    assert!(refused("postgres://a:hush@localhost/db?sslmode=off").contains("verify-full"));
    assert!(refused("postgres://a@db.example/db?host=/run/postgresql").contains("name one kind"));
}

#[test]
fn a_bad_url_gets_words_without_what_it_may_hold() {
    for (url, wanted) in [
        ("", "begins with postgres://"),
        ("mysql://a:hush@host/db", "begins with postgres://"),
        ("host=db.example password=hush", "begins with postgres://"),
        ("postgres://a:hush", "`port`"),
        ("postgres://a:hush/db", "cannot be used"),
        ("postgres://a:hu@hush@host/db", "%40"),
        ("postgres://a:hu@hush?secret=1@host/db", "%40"),
        ("postgres://hush/secret@host/db", "%40"),
        ("postgres://a:hush@/db", "no host"),
        ("postgres://a:hush@,host/db", "no host"),
        ("postgres://a:hush@localhost", "no database"),
        ("postgres://a:hush@localhost/", "no database"),
        (
            "postgres://a:hush@localhost:port/db",
            "cannot be used: invalid value for option `port`",
        ),
        ("postgres://a:hush@localhost:1,127.0.0.1:99999/db", "`port`"),
        (
            "postgres://a:hush@localhost/db?connect_timeout=soon",
            "`connect_timeout`",
        ),
        (
            "postgres://a:hush@localhost/db?passfile=secret",
            "not taken: passfile;",
        ),
        (
            "postgres://a:hush@localhost/db?service=secret",
            "not taken: service",
        ),
        ("postgres://localhost/db?secret=1", "not taken;"),
        (
            "postgres://a@localhost/db?password=x&secret=1",
            "not taken;",
        ),
        (
            "postgres://a@localhost/db?options=-c%20role%3Dsecret",
            "not taken: options",
        ),
        (
            "postgres://a@db.example/db?hostaddr=10.0.0.1",
            "not taken: hostaddr",
        ),
        ("postgres://a@-bad-host-/db", "no host name"),
        ("postgres://a@db.example/db?sslrootcert=", "names no file"),
        (
            "postgres://a@db.example/db?sslrootcert=/none/there",
            "/none/there cannot be used",
        ),
        (
            "postgres://a@db.example/db?sslrootcert=/dev/null",
            "there is none in it",
        ),
    ] {
        let words = refused(url);
        assert!(words.contains(wanted), "{url}: {words}");
    }
}

#[test]
fn one_authority_and_one_password_stand() {
    let file = authority();
    let url = format!(
        "postgres://a@db.example/db?sslrootcert={}",
        file.path().display()
    );
    let two = Address::parse(&url, Some(file.path()), None).unwrap_err();
    assert!(matches!(two, AddressError::TwoAuthorities));
    let url = "postgres://a:first@localhost/db";
    let password = |address: &Address| address.config().get_password().map(<[u8]>::to_vec);
    let second = || Some(SecretString::from("second"));
    let named = Address::parse(url, None, second()).unwrap();
    assert_eq!(password(&named).unwrap(), b"second");
    let fallback = parse(url).unwrap().or_password(second());
    assert_eq!(password(&fallback).unwrap(), b"first");
    let none = parse("postgres://a@localhost/db").unwrap();
    assert_eq!(password(&none), None);
    assert_eq!(password(&none.or_password(second())).unwrap(), b"second");
}

#[test]
fn of_several_hosts_the_one_that_writes_is_meant() {
    let file = authority();
    let parse = |url: &str| Address::parse(url, Some(file.path()), None).unwrap();
    let several = parse("postgres://a@one.example,two.example:5433/db");
    assert_eq!(
        several.config().get_target_session_attrs(),
        TargetSessionAttrs::ReadWrite
    );
    assert_eq!(several.place(), "one.example:5432,two.example:5433/db");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_said_in_words() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    drop(taken);
    let url = format!("postgres://a:{PASSWORD}@127.0.0.1:{port}/db");
    let Err(error) = parse(&url).unwrap().connect().await else {
        panic!("nobody listens there");
    };
    assert!(error.is_transient());
    let words = error.to_string();
    assert!(words.contains("cannot be reached"), "{words}");
    assert!(words.contains(&format!("127.0.0.1:{port}/db")), "{words}");
    assert!(!words.contains("hush"), "{words}");
}

#[test]
fn a_socket_s_place_does_not_run_into_the_database_s_name() {
    let address = parse("postgres://app@/redtag?host=/tmp/pg&port=6543").unwrap();
    assert_eq!(address.place(), "/tmp/pg port 6543, database redtag");
}
