//! A shop that demands a second factor: who has none makes one before anything else, and signs in with
//! it from then on. The bench keeps nothing of it.

use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;
use redtag_server::testing::shown;
use redtag_tests::harness::{Device, Ground, Stack};
use serde_json::Value;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![a_shop_demands_a_second_factor_and_gets_one,];

const PASSWORD: &str = "a long password";

fn a_shop_demands_a_second_factor_and_gets_one(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let shop = stack.shop().to_string();
    let demand = [
        "shop",
        "settings",
        "--shop",
        &shop,
        "--demand-second-factor",
        "on",
    ];
    let told = stack.operator(&demand, "")?;
    ensure!(told.contains("no owner or dispatcher"), "{told}");
    let (email, url) = ("olga@example.com", stack.url());
    let person = [
        "member",
        "add",
        "--shop",
        &shop,
        "--email",
        email,
        "--name",
        "Olga",
        "--role",
        "owner",
        "--password-stdin",
    ];
    stack.operator(&person, PASSWORD)?;
    // Who is no owner or dispatcher is not asked.
    stack.bench("tims", Role::Technician)?;

    let mut bench = Device::new(ground, "olgas")?;
    bench.start()?;
    let login = ["login", &url, "--email", email, "--password-stdin"];
    let refused = bench.run_with(&login, PASSWORD)?.refused(1)?;
    ensure!(refused.contains("second-factor enrol"), "{refused}");

    let who = [
        "--url",
        &url,
        "--email",
        email,
        "--password-stdin",
        "--json",
    ];
    let ask = |deed: &[&str]| -> Result<Value> {
        let all = [&["second-factor"], deed, &who[..]].concat();
        Ok(serde_json::from_str(
            &bench.run_with(&all, PASSWORD)?.done()?,
        )?)
    };
    let begun = ask(&["enrol"])?;
    let secret = begun["secret"].as_str().context("no secret")?;
    let code = shown(
        secret,
        SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs(),
    );
    let confirmed = ask(&["confirm", "--code", &code])?;
    let codes = confirmed["codes"].as_array().context("no codes")?;
    ensure!(codes.len() == 10, "{confirmed}");
    let recovery = |n: usize| codes[n].as_str().unwrap_or_default();

    let refused = bench.run_with(&login, PASSWORD)?.refused(2)?;
    ensure!(refused.contains("--totp"), "{refused}");
    let with = |code| [&login[..], &["--totp", code]].concat();
    // Whoever saw the code that confirmed has nothing.
    bench.run_with(&with(&code), PASSWORD)?.refused(1)?;
    bench.run_with(&with(recovery(0)), PASSWORD)?.done()?;
    bench.run_with(&with(recovery(0)), PASSWORD)?.refused(1)?;
    let stands = bench.json(&["second-factor", "status"])?;
    ensure!(
        stands["recovery_codes"] == 9 && stands["demanded"] == true,
        "{stands}"
    );
    bench
        .run_with(
            &[
                "second-factor",
                "remove",
                "--code",
                recovery(1),
                "--password-stdin",
            ],
            PASSWORD,
        )?
        .refused(1)?;

    // The secret went by and is nowhere.
    for text in [secret, recovery(2), PASSWORD] {
        let found = ground.files_with(&bench.home(), text.as_bytes())?;
        ensure!(found.is_empty(), "“{text}” lies in clear in {found:?}");
    }
    Ok(())
}
