//! Who may not, what is not there, and where one cannot sign in: each with its own words.

use std::{fs, path::Path};

use anyhow::{Context as _, Result, bail};
use redtag_protocol::{
    api::{error::code, ops},
    grade::Condition,
    ipc::Connection,
    op::{Operation, RefusalCode, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
};
use redtag_tests::{
    harness::{Api, Device, Ground, PASSWORD, Proxy, Stack, Tls, condition, eventually},
    now,
};
use reqwest::StatusCode;
use serde_json::{Value, json};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_viewer_looks_and_changes_nothing,
    a_technician_does_not_review,
    another_shops_things_are_not_there,
    nobody_is_let_in_without_a_token_that_holds,
    every_way_not_to_sign_in_has_its_own_words,
    a_certificate_is_believed_only_where_it_was_handed_over,
    what_cannot_be_read_is_refused_with_the_field_and_the_remedy,
    the_api_describes_itself,
];

/// Why the first operation of a batch was refused.
fn code_of(answer: &ops::Answer) -> Result<RefusalCode> {
    match &answer.outcomes[0].outcome {
        ops::Outcome::Refused { refusal } => Ok(refusal.code),
        other @ ops::Outcome::Accepted { .. } => bail!("it was taken: {other:?}"),
    }
}

fn a_viewer_looks_and_changes_nothing(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("VIEW 1")?;
    bench.settled()?;
    let looking = stack.bench("looking", Role::Viewer)?;
    looking.sees(id, "the inspection", |_| true)?;

    let ticket = id.to_string();
    let set = looking.run(&["set", &ticket, "lights.horn", "--condition", "red"])?;
    let words = set.refused(6)?;
    assert!(words.contains("viewer"), "{words}");
    let new = [
        "new",
        "--template",
        "vehicle-multipoint",
        "--plate",
        "NEW 1",
        "--customer",
        "Nobody",
    ];
    looking.run(&new)?.refused(6)?;
    looking.run(&["move", &ticket, "start"])?.refused(6)?;
    assert_eq!(looking.client()?.status()?.waiting, 0, "nothing was saved");
    assert!(looking.client()?.find(&ticket)?.verbs.is_empty());

    // Past the client, with the API alone: an outcome and no status, for only an outcome takes an
    // operation out of an outbox.
    let session = stack.session(Role::Viewer)?;
    let operation = Operation {
        number: 1,
        group: 1,
        stamp: Stamp(now()),
        base: Seq(0),
        seen: None,
        schema: SCHEMA,
        edit: condition(id, "lights.horn", Condition::Red)?,
    };
    let answer: ops::Answer = stack.api()?.push(&session, &[operation])?.ok()?;
    assert_eq!(code_of(&answer)?, RefusalCode::NotAllowed);
    let horn = "lights.horn".parse()?;
    let known = stack.api()?.inspection(&session, id)?;
    assert!(known.answer(&horn).is_none());
    Ok(())
}

fn a_technician_does_not_review(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("ROLE 1")?.to_string();
    bench.run(&["move", &id, "start"])?.done()?;
    bench
        .run(&["move", &id, "void", "--reason", "typed twice"])?
        .refused(6)?;
    // The same past the client.
    let session = stack.session(Role::Technician)?;
    let operation: Operation = serde_json::from_value(json!({
        "number": 1, "group": 1, "stamp": now(), "base": 0, "schema": SCHEMA,
        "edit": {"do": "move", "id": id, "verb": "void", "from": "in_progress", "reason": "so"},
    }))?;
    bench.settled()?;
    let answer = stack.api()?.push(&session, &[operation])?;
    let answer: ops::Answer = answer.ok()?;
    assert_eq!(code_of(&answer)?, RefusalCode::NotAllowed);
    Ok(())
}

fn another_shops_things_are_not_there(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let other = stack.add_shop("Other Garage")?;
    stack.add_member(other, "only-there@example.com", "Only There", Role::Owner)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("WALL 1")?;
    bench.settled()?;

    // Over HTTP: the shop itself is not there for who does not belong to it.
    let api = stack.api()?;
    let stranger = api.sign_in("only-there@example.com", PASSWORD, None)?;
    assert_eq!(stranger.shop, other);
    let mine = stack.shop();
    for path in [
        format!("/v1/shops/{mine}/changes"),
        format!("/v1/shops/{mine}/live"),
    ] {
        let answer = api.get(&path, Some(&stranger))?;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}: {answer:?}");
        assert_eq!(answer.refused()?.error, code::NOT_FOUND);
    }
    let path = format!("/v1/shops/{mine}/ops");
    let empty = json!({"device": stranger.device, "ops": []});
    let answer = api.post(&path, Some(&stranger), &empty)?;
    assert_eq!(answer.status, StatusCode::NOT_FOUND, "{answer:?}");

    // An operation on the other shop's inspection, handed in at one's own shop.
    let operation = Operation {
        number: 1,
        group: 1,
        stamp: Stamp(now()),
        base: Seq(0),
        seen: None,
        schema: SCHEMA,
        edit: condition(id, "lights.horn", Condition::Red)?,
    };
    let answer: ops::Answer = api.push(&stranger, &[operation])?.ok()?;
    assert_eq!(code_of(&answer)?, RefusalCode::NotFound);
    let text = String::from_utf8(
        api.get(&format!("/v1/shops/{other}/changes"), Some(&stranger))?
            .body,
    )?;
    assert!(!text.contains(&id.to_string()) && !text.contains("WALL 1"));

    // On a bench of the other shop.
    let mut there = Device::new(stack.ground(), "there")?;
    there.start()?;
    let url = stack.url();
    let login = [
        "login",
        &url,
        "--email",
        "only-there@example.com",
        "--password-stdin",
    ];
    there.run_with(&login, PASSWORD)?.done()?;
    there.online()?;
    let words = there.run(&["show", &id.to_string()])?.refused(1)?;
    assert!(!words.is_empty());
    there
        .run(&["set", &id.to_string(), "lights.horn", "--condition", "red"])?
        .refused(1)?;
    Ok(())
}

fn nobody_is_let_in_without_a_token_that_holds(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let api = stack.api()?;
    let path = format!("/v1/shops/{}/changes", stack.shop());
    let none = api.get(&path, None)?;
    assert_eq!(none.status, StatusCode::UNAUTHORIZED);
    assert_eq!(none.refused()?.error, code::UNAUTHORIZED);
    let mut session = stack.session(Role::Owner)?;
    session
        .access
        .replace_range(session.access.len() - 4.., "AAAA");
    let altered = api.get(&path, Some(&session))?;
    assert_eq!(altered.status, StatusCode::UNAUTHORIZED);
    Ok(())
}

fn every_way_not_to_sign_in_has_its_own_words(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let mut bench = Device::new(stack.ground(), "bench")?;
    bench.start()?;
    let login = |url: &str, email: &str, password: &str| {
        let arguments = ["login", url, "--email", email, "--password-stdin"];
        bench.run_with(&arguments, password)
    };
    let url = stack.url();
    let address = "technician@example.com";
    let mut said = Vec::new();
    let mut hear = |outcome: redtag_tests::harness::Outcome, code: i32, word: &str| -> Result<()> {
        let words = outcome.refused(code)?;
        assert!(words.contains(word), "“{word}” is not in: {words}");
        assert!(!said.contains(&words), "twice the same words: {words}");
        said.push(words);
        Ok(())
    };
    hear(login(&url, address, "wrong password")?, 1, "password")?;
    let unknown = login(&url, "nobody@example.com", "wrong password")?;
    assert_eq!(
        unknown.code, 1,
        "an unknown address is told nothing else: {}",
        unknown.err
    );
    hear(
        login("http://192.0.2.1:7420", address, PASSWORD)?,
        1,
        "https",
    )?;
    hear(login("ftp://example.com", address, PASSWORD)?, 1, "ftp")?;
    let closed = {
        let proxy = Proxy::before(stack.address())?;
        proxy.url()
    };
    hear(login(&closed, address, PASSWORD)?, 4, "reached")?;
    hear(login(&url, address, "")?, 2, "--password-stdin")?;
    let not_signed_in = bench.run(&["list"])?;
    hear(not_signed_in, 3, "login")?;
    assert!(bench.client()?.status()?.account.is_none());
    Ok(())
}

/// A certificate for this name by nobody in particular, and its key.
fn certificate(directory: &Path, name: &str) -> Result<Tls> {
    let made = rcgen::generate_simple_self_signed([name.to_owned()])?;
    let tls = Tls {
        certificate: directory.join("cert.pem"),
        key: directory.join("key.pem"),
    };
    fs::write(&tls.certificate, made.cert.pem())?;
    fs::write(&tls.key, made.signing_key.serialize_pem())?;
    Ok(tls)
}

fn a_certificate_is_believed_only_where_it_was_handed_over(ground: &Ground) -> Result<()> {
    let tls = certificate(ground.path(), "127.0.0.1")?;
    let mut stack = Stack::with_tls(ground, tls.clone())?;
    assert!(stack.url().starts_with("https://"));
    let mut bench = Device::new(ground, "bench")?;
    bench.start()?;
    let (url, shop) = (stack.url(), stack.shop().to_string());
    let login = [
        "login",
        &url,
        "--email",
        "technician@example.com",
        "--password-stdin",
    ];
    let words = bench.run_with(&login, PASSWORD)?;
    assert_ne!(words.code, 0);
    assert!(words.err.contains("certificate"), "{}", words.err);

    let wrong_name = url.replace("127.0.0.1", "localhost");
    let ca = tls.certificate.display().to_string();
    let mut with_ca = login.to_vec();
    with_ca.extend(["--ca", &ca, "--shop", &shop]);
    with_ca[1] = &wrong_name;
    let words = bench.run_with(&with_ca, PASSWORD)?;
    assert_ne!(words.code, 0);
    assert!(words.err.contains("another name"), "{}", words.err);

    with_ca[1] = &url;
    bench.run_with(&with_ca, PASSWORD)?.done()?;
    bench.online()?;
    let id = bench.new_inspection("TLS 1")?;
    bench.settled()?;
    bench.sees(id, "its number", |view| view.inspection.number.is_some())?;
    // And after a restart, without being told again, wherever the file is by then.
    fs::remove_file(&tls.certificate)?;
    assert!(bench.stop()?.success());
    bench.start()?;
    bench.online()?;

    // The shop's certificate is another: believed once it is handed over, and then kept.
    stack.stop()?;
    certificate(ground.path(), "127.0.0.1")?;
    stack.start()?;
    eventually("the bench to distrust the new certificate", || match bench
        .client()?
        .status()?
        .connection
    {
        Connection::Offline { why, .. } if why.contains("--ca FILE") => Ok(()),
        other => bail!("{other:?}"),
    })?;
    bench.run_with(&with_ca, PASSWORD)?.done()?;
    bench.online()?;
    fs::remove_file(&tls.certificate)?;
    assert!(bench.stop()?.success());
    bench.start()?;
    bench.online()?;
    // A new sign-in needs no file either.
    let mut again = login.to_vec();
    again.extend(["--shop", &shop]);
    bench.run_with(&again, PASSWORD)?.done()?;
    bench.online()
}

fn what_cannot_be_read_is_refused_with_the_field_and_the_remedy(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("BAD 1")?.to_string();
    let hear = |arguments: &[&str], code: i32, word: &str| -> Result<()> {
        let words = bench.run(arguments)?.refused(code);
        let words = words.with_context(|| format!("{arguments:?}"))?;
        assert!(words.contains(word), "{arguments:?} said {words}");
        Ok(())
    };
    hear(
        &["set", &id, "lights.hron", "--condition", "red"],
        1,
        "lights.hron",
    )?;
    hear(
        &["set", &id, "lights.horn", "--condition", "purple"],
        2,
        "purple",
    )?;
    hear(
        &["set", &id, "tyres.tread.lf", "--value", "5 parsec"],
        2,
        "parsec",
    )?;
    hear(&["show", "not-an-id"], 1, "not-an-id")?;
    let new = [
        "new",
        "--template",
        "vehicle-multipoint",
        "--vin",
        "1M8GDM9AXKPO42788",
    ];
    hear(&new, 2, "O")?;
    let new = ["new", "--template", "no-such", "--plate", "X 1"];
    hear(&new, 1, "no-such")?;
    assert_eq!(
        bench.json(&["show", &id])?["counts"]["answered"],
        0,
        "nothing half-written"
    );

    let api = stack.api()?;
    let answer = api.post("/v1/sign-in", None, &json!({"email": "x", "pass": "y"}))?;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    assert!(answer.refused()?.message.contains("pass"));
    let session = stack.session(Role::Owner)?;
    let path = format!("/v1/shops/{}/changes?cursor=nonsense", stack.shop());
    let answer = api.get(&path, Some(&session))?;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{answer:?}");
    assert!(answer.refused()?.message.contains("cursor"));

    // A template file with an error is refused whole, with file, line and reason.
    let file = stack.ground().path().join("bad.toml");
    fs::write(
        &file,
        "key = \"mine\"\nname = \"Mine\"\n\n[[section]]\nkey = \"a\"\nlable = \"A\"\n",
    )?;
    let (shop, path) = (stack.shop().to_string(), file.display().to_string());
    let outcome = stack.try_operator(&["template", "import", "--shop", &shop, &path], "")?;
    let words = String::from_utf8(outcome.stderr)?;
    assert!(!outcome.status.success());
    assert!(
        words.contains("bad.toml") && words.contains("lable"),
        "{words}"
    );
    assert!(words.contains('6') || words.contains("line"), "{words}");
    Ok(())
}

fn the_api_describes_itself(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let served: Value = stack.api()?.get("/v1/openapi.json", None)?.ok()?;
    let command = stack.ground().command("server").arg("openapi").output()?;
    let printed: Value = serde_json::from_slice(&command.stdout)?;
    assert_eq!(served, printed);
    assert!(
        served["openapi"]
            .as_str()
            .is_some_and(|it| it.starts_with("3.1"))
    );
    let api = Api::at(&stack.url())?;
    for path in ["/healthz", "/readyz", "/v1/version"] {
        assert!(api.get(path, None)?.status.is_success(), "{path}");
    }
    assert_eq!(api.get("/v1/no-such", None)?.status, StatusCode::NOT_FOUND);
    Ok(())
}
