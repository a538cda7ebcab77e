//! A person signs in with an account of somebody else's: at a provider that is a program of its own, on
//! another site, in a real browser.

use std::{
    fs,
    net::{Ipv4Addr, TcpListener, TcpStream},
    os::unix::fs::PermissionsExt as _,
    process::Command,
};

use anyhow::{Result, ensure};
use redtag_tests::harness::{
    Browser, Ground, Process, Scripts, Stack, eventually, no_browser, program,
};

use crate::{
    letting_in::{asking, fits, works},
    story::{Story, stories},
};

pub(crate) const STORIES: &[Story] = stories![a_person_signs_in_at_a_provider_and_lets_a_bench_in,];

/// `PyPI`'s, as it comes.
const PROVIDER: &str = "oidc-provider-mock";

/// What the story needs and this machine has not.
pub(crate) fn no_provider() -> Option<String> {
    let has = program(PROVIDER).is_some();
    let missing = (!has)
        .then(|| format!("needs {PROVIDER} on the PATH (PyPI: pip install {PROVIDER}, in a venv)"));
    missing.or_else(no_browser)
}

fn a_person_signs_in_at_a_provider_and_lets_a_bench_in(ground: &Ground) -> Result<()> {
    let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?
        .local_addr()?
        .port();
    let mut command = Command::new(PROVIDER);
    let known =
        r#"{"sub": "tims-account", "email": "Technician@example.com", "email_verified": true}"#;
    let strange = r#"{"sub": "evas-account", "email": "technician@example.com"}"#;
    command.args(["--port", &port.to_string(), "--require-nonce", "true"]);
    command.args(["--user-claims", known, "--user-claims", strange]);
    command.env("HOME", ground.path());
    let log = ground.path().join("provider.log");
    let _provider = Process::start(command, "the provider", &log)?;
    eventually("the provider", || {
        Ok(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).map(drop)?)
    })?;
    let mut stack = Stack::on(ground)?;
    ensure!(stack.stop()?.success(), "{}", stack.log());
    let secret = ground.path().join("oidc.secret");
    fs::write(&secret, "a client's secret\n")?;
    fs::set_permissions(&secret, fs::Permissions::from_mode(0o600))?;
    // By name: for a browser that is another site than the API's address.
    let issuer = format!("http://localhost:{port}");
    stack.say("REDTAG_SERVER_PUBLIC_URL", &stack.url());
    stack.say("REDTAG_SERVER_OIDC_ISSUER", &issuer);
    stack.say("REDTAG_SERVER_OIDC_CLIENT_ID", "redtag");
    stack.say(
        "REDTAG_SERVER_OIDC_CLIENT_SECRET_FILE",
        &secret.to_string_lossy(),
    );
    stack.say("REDTAG_SERVER_OIDC_NAME", "Example ID");
    stack.start()?;

    let (bench, screen, code) = asking(&stack)?;
    let browser = Browser::open(ground, Scripts::On)?;
    let to_provider = || -> Result<()> {
        browser.go(&format!("{}/device", stack.url()))?;
        browser.keys("#code", &code)?;
        browser.click("button")?;
        browser.reads("Sign in with Example ID")?;
        fits(&browser)?;
        browser.click("form[action='/device/openid'] button")?;
        browser.reads("Authorize")
    };
    // Whose address nobody has looked at is nobody, and learns nothing.
    to_provider()?;
    browser.click("button[value='evas-account']")?;
    browser.reads("Nobody here has that account")?;
    to_provider()?;
    browser.click("button[value='tims-account']")?;
    browser.reads("Test Garage (technician)")?;
    fits(&browser)?;
    browser.click("button[value=yes]")?;
    browser.reads("It is let in")?;
    works(&bench, screen)?;
    let log = stack.log();
    for secret in ["a client's secret", "tims-account", "state=", "technician@"] {
        ensure!(!log.contains(secret), "“{secret}” is in the log: {log}");
    }
    Ok(())
}
