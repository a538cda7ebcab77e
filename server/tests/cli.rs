//! The program as an operator meets it: what it prints, what it refuses, and how it ends.

#![expect(
    clippy::unwrap_used,
    reason = "a test ends where it cannot go on, in its helpers too"
)]

mod program;

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use self::program::{Bench, NOBODY, Serving, add, done, program, refused, shop};

#[test]
fn a_shop_is_set_up_and_its_members_come_and_go() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    done(
        home,
        &add(&shop, "ann@example.com", "owner"),
        "correct horse\n",
    );
    done(
        home,
        &add(&shop, "bob@example.com", "viewer"),
        "correct horse\n",
    );
    let list = ["member", "list", "--shop", &shop, "--json"];
    let members: Value = serde_json::from_str(&done(home, &list, "")).unwrap();
    assert_eq!(members.as_array().unwrap().len(), 2);
    let remove = |email| ["member", "remove", "--shop", &shop, "--email", email];
    done(home, &remove("bob@example.com"), "");
    let members: Value = serde_json::from_str(&done(home, &list, "")).unwrap();
    assert_eq!(members[0]["email"], "ann@example.com");
    assert_eq!(members[0]["role"], "owner");
    let (code, words) = refused(home, &remove("ann@example.com"), "");
    assert_eq!(code, 1);
    assert!(words.contains("last owner"), "{words}");
    let (_, words) = refused(home, &remove("nobody@example.com"), "");
    assert!(words.contains("nobody@example.com"), "{words}");
}

#[test]
fn adding_somebody_who_is_known_says_what_was_changed() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let add = |role, input| done(home, &add(&shop, "ann@example.com", role), input);
    assert_eq!(
        add("viewer", "correct horse\n"),
        "Ann <ann@example.com> is viewer now\n"
    );
    assert_eq!(
        add("technician", "battery staple\n"),
        "Ann <ann@example.com> was viewer, is technician now; the password was replaced, older \
         sign-ins ended\n"
    );
    assert_eq!(
        add("technician", "battery staple\n"),
        "Ann <ann@example.com> is technician as before; the password is the same as before\n"
    );
    let renamed = [
        "member",
        "add",
        "--shop",
        &shop,
        "--email",
        "ann@example.com",
        "--name",
        "Anna",
        "--role",
        "technician",
    ];
    assert_eq!(
        done(home, &renamed, ""),
        "Anna <ann@example.com> is technician as before; was called Ann\n"
    );
}

#[test]
fn a_lost_shop_id_is_found_again() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let empty = done(home, &["shop", "list"], "");
    assert!(empty.contains("shop create"), "{empty}");
    let shop = shop(home);
    done(
        home,
        &add(&shop, "ann@example.com", "owner"),
        "correct horse\n",
    );
    let listed = done(home, &["shop", "list"], "");
    assert_eq!(listed, format!("{shop}  A shop, 1 member\n"));
    let listed: Value = serde_json::from_str(&done(home, &["shop", "list", "--json"], "")).unwrap();
    assert_eq!(
        listed,
        json!([{"shop": shop, "name": "A shop", "members": 1}])
    );
}

#[test]
fn what_is_chosen_for_a_shop_is_shown_and_changed() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let settings = |more: &[&str]| {
        let all = [&["shop", "settings", "--shop", &shop, "--json"], more].concat();
        let told = done(home, &all, "");
        serde_json::from_str::<Value>(&told).unwrap()["demand_photos"].clone()
    };
    assert_eq!(settings(&[]), json!(false));
    assert_eq!(settings(&["--demand-photos", "on"]), json!(true));
    assert_eq!(settings(&["--demand-photos", "on"]), json!(true));
    assert_eq!(settings(&[]), json!(true));
    assert_eq!(settings(&["--demand-photos", "off"]), json!(false));
    let codes = |more: &[&str]| {
        let all = [&["shop", "settings", "--shop", &shop, "--json"], more].concat();
        serde_json::from_str::<Value>(&done(home, &all, "")).unwrap()
    };
    let all = |photos: bool, codes: bool, factor: bool| {
        json!({
            "demand_photos": photos, "device_codes": codes, "demand_second_factor": factor,
        })
    };
    assert_eq!(codes(&[]), all(false, true, false));
    let both = all(true, false, false);
    let set = ["--device-codes", "off", "--demand-photos", "on"];
    assert_eq!(codes(&set), both);
    assert_eq!(codes(&[]), both);
    let set = ["--demand-second-factor", "on"];
    assert_eq!(codes(&set), all(true, false, true));
}

#[test]
fn what_makes_no_sense_is_refused_by_name_and_changes_nothing() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let list = ["member", "list", "--shop", &shop, "--json"];
    let input = "correct horse\n";
    for (args, input, code, word) in [
        (add("x", "a@example.com", "owner"), input, 2, "shop id"),
        (add(&shop, "a@example.com", "boss"), input, 2, "technician"),
        (add(&shop, "ann", "owner"), input, 1, "e-mail address"),
        (
            add(&shop, "a b@example.com", "owner"),
            input,
            1,
            "e-mail address",
        ),
        (
            add(&shop, "a@example.com", "owner"),
            "short\n",
            1,
            "too short",
        ),
        (
            add(&shop, "a@example.com", "owner"),
            "one line\ntwo\n",
            1,
            "one line",
        ),
        (add(NOBODY, "a@example.com", "owner"), input, 1, "no shop"),
        (vec!["member", "list", "--shop", NOBODY], "", 1, "no shop"),
        (vec!["shop", "create", ""], "", 1, "the name is empty"),
        (vec!["shop", "create"], "", 2, "NAME"),
        (vec!["shop", "create", "--demo"], "", 2, "password-stdin"),
        (
            vec!["template", "publish", "--shop", &shop, "Nope"],
            "",
            2,
            "template key",
        ),
        (
            vec!["template", "publish", "--shop", &shop, "nope"],
            "",
            1,
            "nope",
        ),
        (
            vec!["member", "list", "--shop", &shop, "--database", "x"],
            "",
            1,
            "postgres://",
        ),
        (vec!["fly"], "", 2, "fly"),
    ] {
        let (found, words) = refused(home, &args, input);
        assert_eq!(found, code, "{args:?}: {words}");
        assert!(words.contains(word), "{args:?}: {words}");
        assert_eq!(done(home, &list, "").trim(), "[]", "{args:?}");
    }
    let without = add(&shop, "a@example.com", "owner");
    let (_, words) = refused(home, &without[..without.len() - 1], "");
    assert!(words.contains("--password-stdin"), "{words}");
}

#[test]
fn a_database_that_cannot_be_used_is_told_in_words_without_its_password() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let away = format!("postgres://a:hush@127.0.0.1:{port}/redtag");
    for (url, words) in [
        ("", "postgres://"),
        ("mysql://a:hush@localhost/redtag", "postgres://"),
        ("postgres://a:hu@hush@localhost/redtag", "%40"),
        ("postgres://a:hush@localhost", "names no database"),
        ("postgres://a:hush@localhost/redtag?colour=hush", "colour"),
        (
            "postgres://a:hush@db.example/redtag?sslmode=disable",
            "unprotected",
        ),
        (&away, "cannot be reached"),
    ] {
        for command in [
            &["serve", "--listen", "127.0.0.1:0"][..],
            &["shop", "list"],
            &["shop", "create", "A shop"],
            &["member", "list", "--shop", NOBODY],
            &["template", "publish", "--shop", NOBODY, "key"],
        ] {
            let args = [command, &["--database", url]].concat();
            let (code, said) = refused(home, &args, "");
            assert_eq!(code, 1, "{args:?}: {said}");
            assert!(said.contains(words), "{args:?}: {said}");
            assert!(!said.contains("hush"), "{args:?}: {said}");
        }
    }
    let (code, said) = refused(home, &["shop", "list", "--database-ca", "x"], "");
    assert_eq!(code, 2);
    assert!(said.contains("--database <URL>"), "{said}");
    let mut help = program(home, &["serve", "--help"]);
    let help = help.env("REDTAG_SERVER_DATABASE", &away).output().unwrap();
    assert!(!String::from_utf8(help.stdout).unwrap().contains("hush"));
    assert!(!home.join("server").exists(), "nothing was made");
}

#[test]
fn a_template_with_an_error_is_refused_whole_and_a_better_one_is_published() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../assets/templates/bicycle-service.toml"
    );
    let text = fs::read_to_string(shipped).unwrap();
    let (good, bad) = (home.join("good.toml"), home.join("bad.toml"));
    fs::write(&good, text.replacen("name = \"", "name = \"Our ", 1)).unwrap();
    fs::write(&bad, format!("{text}\ncolour = \"red\"\n")).unwrap();
    let (good, bad) = (good.to_str().unwrap(), bad.to_str().unwrap());
    let import = |file| ["template", "import", "--shop", &shop, file];
    let (code, words) = refused(
        home,
        &["template", "import", "--shop", &shop, good, bad],
        "",
    );
    assert_eq!(code, 1);
    let line = format!("bad.toml, line {}", text.lines().count() + 2);
    assert!(words.contains(&line) && words.contains("colour"), "{words}");
    assert!(done(home, &import(shipped), "").contains("version 1 already"));
    let draft = done(home, &import(good), "");
    assert!(
        draft.contains("version 2 is a draft"),
        "the refused import took nothing: {draft}"
    );
    let publish = ["template", "publish", "--shop", &shop, "bicycle-service"];
    assert!(done(home, &publish, "").contains("version 2 is offered"));
    let (_, words) = refused(home, &[&publish[..], &["--version", "9"]].concat(), "");
    assert!(words.contains("no version 9"), "{words}");
}

#[test]
fn it_serves_says_where_and_ends_at_sigterm_without_a_secret_in_its_log() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    done(
        home,
        &add(&shop, "ann@example.com", "owner"),
        "correct horse\n",
    );
    let serving = Serving::start(home);
    let (code, words) = refused(home, &["serve", "--listen", "127.0.0.1:0"], "");
    assert_eq!(code, 1);
    assert!(words.contains("already serves"), "{words}");
    // Beside the running server.
    done(
        home,
        &add(&shop, "bob@example.com", "viewer"),
        "correct horse\n",
    );
    let bench = Bench::of(&serving.url);
    let body = bench.sign_in("bob@example.com", "correct horse");
    assert_eq!(bench.changes(&body), 200);
    // The same password again changes nothing; another one ends what stands on the old.
    let again = add(&shop, "bob@example.com", "viewer");
    done(home, &again, "correct horse\n");
    assert_eq!(bench.changes(&body), 200);
    done(home, &again, "battery staple\n");
    assert_eq!(bench.changes(&body), 401);
    bench.sign_in("bob@example.com", "battery staple");
    let log = serving.stop();
    assert!(log.contains("signed in"), "{log}");
    let tokens = &body["tokens"];
    for secret in [
        "correct horse",
        "bob@example.com",
        tokens["access_token"].as_str().unwrap(),
        tokens["refresh_token"].as_str().unwrap(),
    ] {
        assert!(!log.contains(secret), "{log}");
    }
    assert!(log.contains("beside the data"), "{log}");
    let left = fs::read_dir(home.join("server")).unwrap();
    let left: Vec<_> = left.map(|entry| entry.unwrap().file_name()).collect();
    assert!(!left.iter().any(|name| name == "control.sock"), "{left:?}");
}

#[test]
fn plain_http_is_for_this_machine_only() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let (code, words) = refused(home, &["serve", "--listen", "0.0.0.0:0"], "");
    assert_eq!(code, 1);
    assert!(
        words.contains("--tls-cert") && words.contains("--trusted-proxy"),
        "{words}"
    );
    assert!(!home.join("server").exists(), "nothing was made");
    for (args, word) in [
        (["serve", "--tls-cert", "x"], "tls-key"),
        (["serve", "--listen", "here"], "listen"),
        (["serve", "--trusted-proxy", "x"], "network"),
        (["serve", "--public-url", "redtag"], "whole"),
    ] {
        let (code, words) = refused(home, &args, "");
        assert_eq!(code, 2, "{words}");
        assert!(words.contains(word), "{words}");
    }
}

#[test]
fn a_lost_or_wrong_master_key_changes_nothing() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let shop = shop(home);
    let list = ["member", "list", "--shop", &shop];
    let key = home.join("server/master.key");
    let aside = home.join("aside");
    fs::rename(&key, &aside).unwrap();
    let (_, words) = refused(home, &list, "");
    assert!(words.contains("no master key"), "{words}");
    fs::copy(&aside, &key).unwrap();
    fs::write(&key, [9; 32]).unwrap();
    let (_, words) = refused(home, &list, "");
    assert!(words.contains("cannot be read"), "{words}");
    fs::remove_file(&key).unwrap();
    let named = [&list[..], &["--key-file", aside.to_str().unwrap()]].concat();
    assert!(done(home, &named, "").contains("nobody yet"));
}

#[test]
fn a_second_demo_is_refused_before_anything_is_made() {
    let home = TempDir::new().unwrap();
    let home = home.path();
    let demo = ["shop", "create", "--demo", "--password-stdin"];
    done(home, &demo, "correct horse\n");
    let before = done(home, &["shop", "list"], "");
    assert_eq!(before.lines().count(), 1, "{before}");
    let (code, words) = refused(home, &demo, "correct horse\n");
    assert_eq!(code, 1);
    assert!(words.contains("nothing was made"), "{words}");
    assert_eq!(done(home, &["shop", "list"], ""), before);
}

#[test]
fn nothing_is_made_in_another_users_directory() {
    let home = TempDir::new().unwrap();
    // A directory of somebody else's: whoever may give one away does, others are not root.
    let given = std::os::unix::fs::chown(home.path(), Some(801), None).is_ok();
    let dir = if given {
        home.path()
    } else {
        Path::new("/usr/share")
    };
    let data = dir.to_str().unwrap();
    for args in [
        vec!["serve", "--listen", "127.0.0.1:0"],
        vec!["shop", "list"],
    ] {
        let args = [args, vec!["--data", data]].concat();
        let (code, words) = refused(home.path(), &args, "");
        assert_eq!(code, 1, "{words}");
        assert!(words.contains(" belongs to "), "{words}");
        assert!(words.contains("sudo -u "), "{words}");
    }
    if given {
        assert_eq!(fs::read_dir(dir).unwrap().count(), 0);
    }
}

#[test]
fn the_openapi_document_is_printed_whole() {
    let home = TempDir::new().unwrap();
    let document = done(home.path(), &["openapi"], "");
    let document: Value = serde_json::from_str(&document).unwrap();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["paths"]["/v1/shops/{shop}/ops"]["post"].is_object());
}
