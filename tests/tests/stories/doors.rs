//! Ways in and out besides a password that stays: a kiosk's token, a new password, a sign-in that is
//! taken from a device.

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::role::Role;
use redtag_tests::harness::{Device, Ground, PASSWORD, Stack, eventually};

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    a_kiosk_is_let_in_once_by_its_token,
    a_new_password_and_a_revocation_end_other_sign_ins,
];

fn a_kiosk_is_let_in_once_by_its_token(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let shop = stack.shop().to_string();
    let made = [
        "kiosk",
        "token",
        "--shop",
        &shop,
        "--role",
        "technician",
        "--name",
        "Bay 3",
    ];
    let token = stack.operator(&made, "")?;
    let owner = [
        "kiosk", "token", "--shop", &shop, "--role", "owner", "--name", "Bay 3",
    ];
    ensure!(!stack.try_operator(&owner, "")?.status.success());
    let mut kiosk = Device::new(ground, "kiosk")?;
    kiosk.start()?;
    let url = stack.url();
    let login = ["login", &url, "--enroll", "-"];
    kiosk.run_with(&login, &token)?.done()?;
    let id = kiosk.new_inspection("KIOSK 1")?;
    kiosk.settled()?;
    let known = stack
        .api()?
        .inspection(&stack.session(Role::Technician)?, id)?;
    ensure!(known.id == id);
    let accounts = kiosk.json(&["accounts"])?;
    ensure!(accounts.to_string().contains("Bay 3"), "{accounts}");
    // It is up, here and elsewhere.
    let mut other = Device::new(ground, "other")?;
    other.start()?;
    let refused = other.run_with(&login, &token)?.refused(1)?;
    ensure!(refused.contains("enrolment token"), "{refused}");
    for needle in [token.trim(), "rtenrol_"] {
        let found = ground.files_with(&kiosk.home(), needle.as_bytes())?;
        ensure!(found.is_empty(), "“{needle}” lies in clear in {found:?}");
    }
    Ok(())
}

fn a_new_password_and_a_revocation_end_other_sign_ins(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let here = stack.bench("here", Role::Technician)?;
    let there = stack.bench("there", Role::Technician)?;
    let both = format!("{PASSWORD}\na sentence of my own\n");
    here.run_with(&["password", "--passwords-stdin"], &both)?
        .done()?;
    let told = here
        .run_with(&["password", "--passwords-stdin"], &both)?
        .refused(1)?;
    ensure!(told.contains("wrong"), "{told}");
    eventually("the other bench to be signed out", || {
        let status = there.json(&["status"])?;
        ensure!(status.to_string().contains("sign in"), "{status}");
        Ok(())
    })?;
    here.online()?;

    // Signed in anew, and revoked by the shop.
    let email = "technician@example.com";
    let url = stack.url();
    let login = ["login", &url, "--email", email, "--password-stdin"];
    there.run_with(&login, "a sentence of my own")?.done()?;
    let listed = here.json(&["sessions"])?;
    let listed = listed.as_array().context("no list")?;
    ensure!(listed.len() == 2, "{listed:?}");
    let other = listed
        .iter()
        .find(|it| it["own"] != true)
        .context("no other")?;
    let id = other["id"].as_str().context("no id")?;
    let shop = stack.shop().to_string();
    let told = stack.operator(&["session", "list", "--shop", &shop], "")?;
    ensure!(told.contains(id), "{told}");
    stack.operator(&["session", "revoke", "--shop", &shop, id], "")?;
    eventually("the sign-in to be gone from the list", || {
        let left = here.json(&["sessions"])?;
        ensure!(left.as_array().is_some_and(|it| it.len() == 1), "{left}");
        Ok(())
    })?;
    eventually("the revoked bench to hear of it", || {
        let told = there.run(&["status"])?;
        let all = format!("{}{}", told.out, told.err);
        ensure!(all.contains("was revoked"), "{all}");
        Ok(())
    })?;
    eventually("the API to hear that the key is gone", || {
        ensure!(
            stack.log().contains("has destroyed its key"),
            "{}",
            stack.log()
        );
        Ok(())
    })
}
