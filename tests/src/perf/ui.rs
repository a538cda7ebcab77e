//! U1 to U5: how long a person at the keyboard waits, and what that costs the terminal, the processor
//! and the memory, with a large shop in the cache.

mod echo;
mod idle;
mod keys;
mod line;
mod saved;
mod search;
mod start;

use std::env;

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{
    ids::ShopId,
    ipc::{BoardQuery, BoardRow, Connection, Reply, Request, SignIn},
    role::Role,
};

pub(super) use self::echo::play;
use self::line::Line;
use super::{Plan, bootstrap, corpus, report::Row};
use crate::harness::{Client, Device, PASSWORD, Stack, within};

/// A shop of any size is whole before this is over.
const PATIENCE: std::time::Duration = std::time::Duration::from_mins(20);

/// The window of all of it.
const ROWS: u16 = 24;
const COLUMNS: u16 = 80;

/// One shop after the other measurement: the shop takes minutes to make, so all share it.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Row>> {
    let inspections = plan.shop(if plan.quick { 2_000 } else { 100_000 });
    plan.say(format_args!("U: making a shop of {inspections}"));
    let mut stack = Stack::new(env::current_exe()?)?;
    let empty = empty_shop(&stack)?;
    let _seeded = corpus::seed(&mut stack, inspections, corpus::OPEN)?;
    let mut full = Device::new(stack.ground(), "full")?;
    full.start()?;
    bootstrap::sign_in(&mut full.client()?, &stack, &stack.url())?;
    whole(&full, inspections)?;
    let mut bare = Device::new(stack.ground(), "bare")?;
    bare.start()?;
    sign_in(&mut bare.client()?, &stack, empty)?;
    level(&bare)?;
    let shop = format!("{inspections} inspections in the cache");
    let mut rows = Vec::new();
    if plan.wants("U1") {
        rows.extend(start::measure(plan, &full, &bare, &shop)?);
    }
    if plan.wants("U2") {
        rows.extend(keys::measure(plan, &full, &shop)?);
    }
    if plan.wants("U3") {
        rows.extend(search::measure(plan, &full, &shop)?);
    }
    if plan.wants("U4") || plan.wants("U5") {
        rows.extend(idle::measure(plan, &full, &shop)?);
    }
    // Last, for it leaves edits behind, and works with the line cut.
    if plan.wants("U2s") {
        stack.stop()?;
        rows.extend(saved::measure(plan, stack.ground().path(), &full, &shop)?);
    }
    Ok(rows)
}

/// A shop without any inspection, on the same API.
fn empty_shop(stack: &Stack) -> Result<ShopId> {
    let made = stack.operator(&["shop", "create", "Empty Garage", "--json"], "")?;
    let made: serde_json::Value = serde_json::from_str(&made)?;
    let shop: ShopId = made["shop"].as_str().context("no shop")?.parse()?;
    stack.add_member(shop, "empty@example.com", "Nobody Yet", Role::Technician)?;
    Ok(shop)
}

fn sign_in(client: &mut Client, stack: &Stack, shop: ShopId) -> Result<()> {
    let reply = client.must(Request::SignIn(SignIn {
        url: stack.url(),
        email: "empty@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        code: None,
        enroll: None,
        shop: Some(shop),
        insecure_storage: true,
        ca: None,
        forget_pin: false,
    }))?;
    match reply {
        Reply::Account(_) => Ok(()),
        other => bail!("an account was expected, not {other:?}"),
    }
}

/// Waits until the bench has the shop, its search included.
fn whole(bench: &Device, inspections: usize) -> Result<()> {
    let mut client = bench.client()?;
    let wanted = u64::try_from(inspections)?;
    within(PATIENCE, "the bench to have the shop", || {
        let page = board(&mut client, "")?;
        ensure!(page.1 >= wanted, "{} of {wanted}", page.1);
        let status = client.status()?;
        ensure!(!status.filling && status.indexed.is_none(), "{status:?}");
        Ok(())
    })?;
    level(bench)
}

fn level(bench: &Device) -> Result<()> {
    let mut client = bench.client()?;
    within(PATIENCE, "the bench to be level", || {
        let status = client.status()?;
        let online = status.connection == Connection::Online;
        ensure!(
            online && !status.filling && status.waiting + status.sent == 0,
            "{status:?}"
        );
        Ok(())
    })
}

/// The first rows of everything that matches, and how many inspections there are.
fn board(client: &mut Client, text: &str) -> Result<(Vec<BoardRow>, u64)> {
    let query = BoardQuery {
        text: text.to_owned(),
        limit: 50,
        ..BoardQuery::default()
    };
    match client.must(Request::Board(query))? {
        Reply::Board(page) => Ok((page.rows, page.total)),
        other => bail!("a board was expected, not {other:?}"),
    }
}

/// The client of a bench on its board with everything, drawn and still.
fn on_the_board(bench: &Device) -> Result<Line> {
    let mut line = Line::open(&bench.command("tui"), ROWS, COLUMNS)?;
    // Once the connection is told, there is nothing more to come.
    line.wait_for("line")?;
    line.strike("4")?;
    line.still()?;
    Ok(line)
}
