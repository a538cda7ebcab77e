//! A bench, or somebody else's program, is let in by a person with a browser.

use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;
use redtag_tests::harness::{
    Browser, Device, ENTER, Ground, PASSWORD, Page, Process, Screen, Scripts, Stack, TAB,
    code_shown, eventually, program,
};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_bench_is_let_in_from_a_page,
    a_person_with_chromium_lets_a_bench_in,
    a_person_without_script_or_mouse_lets_a_bench_in,
    a_program_of_somebody_elses_is_let_in_and_renews,
];

/// Debian's `OAuth` client, in a language of its own.
const CLIENT: &str = include_str!("../../outside/client.py");

/// A bench whose person has typed `redtag login URL` and nothing else.
pub(crate) fn asking(stack: &Stack) -> Result<(Device, Screen, String)> {
    let mut bench = Device::new(stack.ground(), "bench")?;
    bench.start()?;
    let mut login = bench.command("tui");
    login.args(["login", &stack.url()]);
    let mut screen = Screen::open(&login, 50, 80)?;
    screen.wait_for("Waiting for you")?;
    let shown = screen.contents();
    ensure!(
        shown.contains(&format!("{}/device", stack.url())),
        "{shown}"
    );
    ensure!(shown.contains('▀'), "no QR code: {shown}");
    let code = code_shown(&shown)?.to_owned();
    Ok((bench, screen, code))
}

/// The bench has heard of it, and works.
pub(crate) fn works(bench: &Device, mut screen: Screen) -> Result<()> {
    screen.wait_for("Signed in to Test Garage")?;
    ensure!(screen.ended()?.success(), "{}", screen.contents());
    bench.online()?;
    bench.new_inspection("ABC-1234")?;
    bench.settled()
}

fn email(role: Role) -> String {
    format!("{role}@example.com")
}

fn a_bench_is_let_in_from_a_page(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, screen, code) = asking(&stack)?;
    allow(&stack, &code)?;
    works(&bench, screen)?;
    // Signing in anew goes on with the account that is there, and what is unsent in it.
    let mut login = bench.command("tui");
    login.args(["login", &stack.url()]);
    let mut again = Screen::open(&login, 50, 80)?;
    again.wait_for("Waiting for you")?;
    let shown = again.contents();
    allow(&stack, code_shown(&shown)?)?;
    again.wait_for("Signed in to Test Garage")?;
    ensure!(again.ended()?.success(), "{}", again.contents());
    let accounts = bench.json(&["accounts"])?;
    ensure!(
        accounts["accounts"]
            .as_array()
            .is_some_and(|it| it.len() == 1),
        "{accounts}"
    );
    bench.new_inspection("ABC-1235")?;
    bench.settled()
}

/// What a person does on the pages, in a browser as simple as can be.
fn allow(stack: &Stack, code: &str) -> Result<()> {
    let mut page = Page::open(&stack.url(), "/device")?;
    let (who, shop) = (email(Role::Technician), stack.shop().to_string());
    page.let_in(code, &who, PASSWORD, &shop)
}

fn a_person_with_chromium_lets_a_bench_in(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, screen, code) = asking(&stack)?;
    let browser = Browser::open(ground, Scripts::On)?;
    browser.go(&format!("{}/device", stack.url()))?;
    fits(&browser)?;
    browser.keys("#code", &code)?;
    browser.click("button")?;
    browser.reads("as you are")?;
    fits(&browser)?;
    browser.keys("#email", &email(Role::Technician))?;
    browser.keys("#password", "not the right one")?;
    browser.click("button")?;
    browser.reads("The e-mail address or the password is wrong")?;
    fits(&browser)?;
    browser.keys("#password", PASSWORD)?;
    browser.click("button")?;
    browser.reads("Test Garage (technician)")?;
    fits(&browser)?;
    browser.click("button[value=yes]")?;
    browser.reads("It is let in")?;
    fits(&browser)?;
    works(&bench, screen)
}

/// Nothing is wider than the narrowest telephone, and the style is in force, which the policy would
/// forbid any other.
pub(crate) fn fits(browser: &Browser) -> Result<()> {
    let wide = browser.look("return document.documentElement.scrollWidth")?;
    ensure!(wide.as_f64().is_some_and(|it| it <= 320.0), "{wide} wide");
    let styled =
        browser.look("return getComputedStyle(document.querySelector('main')).maxWidth")?;
    ensure!(styled == "544px", "{styled}");
    let targets = browser.look(
        "return [...document.querySelectorAll('button, input:not([type=hidden]):not([type=radio])')]
            .every(it => it.getBoundingClientRect().height >= 44)",
    )?;
    ensure!(targets == true, "something is too small for a finger");
    Ok(())
}

fn a_person_without_script_or_mouse_lets_a_bench_in(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let (bench, screen, code) = asking(&stack)?;
    let browser = Browser::open(ground, Scripts::Off)?;
    browser.go(&format!("{}/device", stack.url()))?;
    // What is to be typed first has the keyboard.
    ensure!(browser.focus()? == "code", "{}", browser.focus()?);
    browser.keys("#code", &format!("{}{ENTER}", code.to_lowercase()))?;
    browser.reads("Password")?;
    ensure!(browser.focus()? == "email", "{}", browser.focus()?);
    browser.keys("#email", &format!("{}{TAB}", email(Role::Technician)))?;
    ensure!(browser.focus()? == "password", "{}", browser.focus()?);
    browser.keys("#password", &format!("{PASSWORD}{ENTER}"))?;
    browser.reads("Test Garage (technician)")?;
    browser.keys("input[type=radio]", TAB)?;
    ensure!(browser.focus()? == "word", "{}", browser.focus()?);
    browser.keys("button[value=yes]", ENTER)?;
    browser.reads("It is let in")?;
    works(&bench, screen)
}

/// What the client of somebody else's needs and this machine has not.
pub(crate) fn no_client() -> Option<String> {
    let has = python().is_some();
    (!has)
        .then(|| "needs authlib (Debian: apt install python3-authlib python3-requests)".to_owned())
}

/// A Python with the client; where several are installed, Debian's own may be the one.
fn python() -> Option<&'static str> {
    let knows = |name: &&str| {
        let mut asked = Command::new(name);
        asked.args(["-c", "import authlib, requests"]);
        asked.stdout(Stdio::null()).stderr(Stdio::null());
        asked.status().is_ok_and(|status| status.success())
    };
    ["python3", "/usr/bin/python3"].into_iter().find(knows)
}

fn a_program_of_somebody_elses_is_let_in_and_renews(ground: &Ground) -> Result<()> {
    ensure!(program("python3").is_some(), "needs python3");
    let stack = Stack::on(ground)?;
    let mut command = Command::new(python().context("needs authlib")?);
    command.args(["-c", CLIENT, &stack.url(), &stack.shop().to_string()]);
    command.env("HOME", ground.path());
    // It speaks plain HTTP to this machine, which it would otherwise refuse.
    command.env("AUTHLIB_INSECURE_TRANSPORT", "1");
    let log = ground.path().join("client.log");
    let mut client = Process::start(command, "the client", &log)?;
    let code = client.first_line()?;
    allow(&stack, code.trim())?;
    let status = client.wait()?;
    ensure!(status.success(), "{status}: {}", client.log());
    eventually("the sign-in to have ended", || {
        let log = stack.log();
        ensure!(log.contains("an old refresh token was used"), "{log}");
        Ok(())
    })
}
