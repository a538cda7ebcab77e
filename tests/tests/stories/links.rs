//! Somebody is invited by a link, chooses a password in a browser, and works; later they have forgotten
//! it.

use anyhow::{Context as _, Result, ensure};
use redtag_tests::harness::{Browser, Device, ENTER, Ground, Scripts, Stack};
use serde_json::Value;

use crate::{
    letting_in::fits,
    story::{Story, stories},
};

pub(crate) const STORIES: &[Story] = stories![somebody_is_invited_forgets_and_works_again,];

const EMAIL: &str = "nina@example.com";
const FIRST: &str = "a bicycle in the rain";
const SECOND: &str = "a bicycle in the sun";

fn somebody_is_invited_forgets_and_works_again(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (shop, url) = (stack.shop().to_string(), stack.url());
    let link = |deed: &[&str]| -> Result<String> {
        let who = ["--shop", &shop, "--email", EMAIL, "--public-url", &url];
        let told = stack.operator(&[&["member"], deed, &who, &["--json"]].concat(), "")?;
        let told: Value = serde_json::from_str(&told)?;
        Ok(told["link"].as_str().context("no link")?.to_owned())
    };
    let browser = Browser::open(ground, Scripts::Off)?;

    let invited = link(&["invite", "--name", "Nina", "--role", "technician"])?;
    browser.go(&invited)?;
    browser.reads("Test Garage (technician)")?;
    ensure!(browser.focus()? == "password", "{}", browser.focus()?);
    browser.keys("#password", "password1")?;
    browser.keys("#again", &format!("password1{ENTER}"))?;
    browser.reads("everybody knows")?;
    browser.keys("#password", FIRST)?;
    browser.keys("#again", FIRST)?;
    browser.click("button")?;
    browser.reads("Your password is set")?;
    browser.go(&invited)?;
    browser.reads("This link is not good")?;

    let mut bench = Device::new(ground, "ninas")?;
    bench.start()?;
    let login = ["login", &url, "--email", EMAIL, "--password-stdin"];
    bench.run_with(&login, FIRST)?.done()?;
    bench.online()?;
    bench.new_inspection("ABC-1234")?;
    bench.settled()?;

    browser.go(&link(&["reset"])?)?;
    browser.reads("you asked for a new password")?;
    browser.keys("#password", SECOND)?;
    browser.keys("#again", SECOND)?;
    browser.click("button")?;
    browser.reads("Your password is set")?;
    // The bench has lost nothing, and signs in with the new one.
    bench.run_with(&login, FIRST)?.refused(1)?;
    bench.run_with(&login, SECOND)?.done()?;
    bench.online()?;
    bench.new_inspection("ABC-1235")?;
    bench.settled()?;

    let log = stack.log();
    for secret in ["rtlink_", FIRST, SECOND, EMAIL] {
        ensure!(!log.contains(secret), "“{secret}” is in the log: {log}");
    }
    // The pages are as narrow as the narrowest telephone, which only a script can measure.
    drop(browser);
    let browser = Browser::open(ground, Scripts::On)?;
    browser.go(&link(&["reset"])?)?;
    fits(&browser)
}
