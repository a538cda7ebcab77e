//! W6: the API under many live benches.

mod generator;

use std::{env, fs, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};
use redtag_postgres::{Cluster, Config};
use redtag_protocol::{
    api::changes::Document,
    ids::{InspectionId, ShopId, VehicleId},
    lifecycle::{State, Verb},
    op::{Edit, Operation, SCHEMA},
    role::Role,
    stamp::{Seq, Stamp},
    vehicle::VehicleKind,
};

pub(super) use self::generator::play;
use self::generator::{Load, Place, Seen};
use super::{
    Plan, process,
    report::{Bound, Pairs, Row, Values},
};
use crate::{
    harness::{Database, Ground, Process, Stack},
    now, random,
};

/// Shops, and benches in all of them.
const SHOPS: usize = 20;
const BENCHES: usize = 500;

/// Edits in a second, over all shops.
const EDITS: u32 = 50;

/// From the hint until the pull is whole, in milliseconds, for the slowest but one in a hundred.
const TARGET: f64 = 250.0;

/// Each engine alone.
pub(super) fn measure(plan: &Plan) -> Result<Vec<Row>> {
    let ground = Ground::new(env::current_exe()?)?;
    let mut rows = under(plan, &ground, "embedded", Database::embedded())?;
    if let Err(missing) = redtag_postgres::found() {
        rows.push(Row::without("W6", format!("PostgreSQL: {missing}")));
        return Ok(rows);
    }
    let cluster = Cluster::start(&Config {
        durable: true,
        connections: 120,
        ..Config::default()
    })?;
    let ground = Ground::new(env::current_exe()?)?;
    let database = Database::in_cluster(&ground, &cluster)?;
    rows.extend(under(plan, &ground, "PostgreSQL", database)?);
    Ok(rows)
}

fn under(plan: &Plan, ground: &Ground, engine: &str, database: Database) -> Result<Vec<Row>> {
    plan.say(format_args!("W6 {engine}: making {SHOPS} shops"));
    let stack = Stack::over(ground, database)?;
    let places = (0..SHOPS)
        .map(|count| place(&stack, count))
        .collect::<Result<Vec<_>>>()?;
    let load = Load {
        url: stack.url(),
        places,
        benches: BENCHES / SHOPS,
        edits: EDITS,
        seconds: if plan.quick { 8 } else { 30 },
    };
    let pid = stack.pid()?;
    let alone = process::anonymous(pid)?;
    plan.say(format_args!(
        "W6 {engine}: {BENCHES} benches, {} s",
        load.seconds
    ));
    let peak = process::Peak::of(pid);
    let before = process::worked(pid)?;
    let seen = run(ground, &load)?;
    let worked = process::worked(pid)? - before;
    let peak = peak.end()?;
    report(engine, &load, &seen, worked, peak - alone)
}

/// Lets the generator work in a process of its own.
fn run(ground: &Ground, load: &Load) -> Result<Seen> {
    let file = ground.path().join("load.json");
    fs::write(&file, serde_json::to_vec(load)?)?;
    let mut command = Command::new(env::current_exe()?);
    command.arg("crowd").arg(&file);
    let log = ground.path().join("crowd.log");
    let mut crowd = Process::start(command, "the generator", &log)?;
    let said = crowd.first_line_within(Duration::from_secs(load.seconds + 120))?;
    serde_json::from_str(&said).with_context(|| crowd.log())
}

fn report(engine: &str, load: &Load, seen: &Seen, worked: f64, memory: f64) -> Result<Vec<Row>> {
    let wanted = u64::from(load.edits) * load.seconds;
    let seconds = f64::from(u32::try_from(load.seconds)?);
    let mut delays = Pairs::default();
    for micros in &seen.delays {
        delays.ours(Duration::from_micros(*micros));
    }
    let what = format!(
        "{engine}: from the hint until the pull is whole, {BENCHES} live benches of {SHOPS} shops, \
         {} of {wanted} edits in {seconds} s, {} errors{}; the generator used {:.0} % of a core",
        seen.edits,
        seen.errors.len(),
        seen.errors
            .first()
            .map_or(String::new(), |it| format!(" ({it})")),
        seen.worked / seconds * 100.0,
    );
    let mut row = delays.times("W6", what).bounded(Bound::SlowAtMost, TARGET);
    let whole = seen.errors.is_empty() && seen.edits * 100 >= wanted * 95;
    row.met = row.met.map(|met| met && whole);
    let benches = f64::from(u32::try_from(BENCHES)?);
    let (mut cpu, mut kib) = (Values::default(), Values::default());
    cpu.ours(worked * 1e3 / seconds / benches);
    kib.ours(memory * 1024.0 / benches);
    let what = format!("{engine}: work of the API for a live bench in a second, edits included");
    let cpu = cpu.costs("W6", what, "ms");
    let what = format!("{engine}: memory of the API for a live bench");
    Ok(vec![row, cpu, kib.costs("W6", what, "KiB")])
}

/// A shop with a person in it and an inspection to be edited.
fn place(stack: &Stack, count: usize) -> Result<Place> {
    let name = format!("Garage {count}");
    let made = stack.operator(&["shop", "create", &name, "--json"], "")?;
    let made: serde_json::Value = serde_json::from_str(&made)?;
    let shop: ShopId = made["shop"].as_str().context("no shop")?.parse()?;
    let email = format!("owner{count}@example.com");
    stack.add_member(shop, &email, "Owner", Role::Owner)?;
    let api = stack.api()?;
    let session = api.sign_in(&email, crate::harness::PASSWORD, Some(shop))?;
    let copy = api.copy(&session)?;
    let key = "\"vehicle-multipoint\"";
    let is_ours = |it: &&Document| it.kind == "template" && it.body.get().contains(key);
    let template = copy.documents.iter().find(is_ours);
    let template = template.context("the shop has no template")?.id.parse()?;
    let (vehicle, inspection) = (
        VehicleId::from_parts(now(), random()?),
        InspectionId::from_parts(now(), random()?),
    );
    let edits = [
        Edit::CreateVehicle {
            id: vehicle,
            kind: VehicleKind::Car,
            vin: None,
            plate: Some("CROWD 1".to_owned()),
            serial: None,
            year: None,
            make: None,
            model: None,
            customer: None,
        },
        Edit::CreateInspection {
            id: inspection,
            template,
            vehicle,
            customer: None,
            assignee: None,
            bay: None,
            concern: None,
            provisional: "~C1-1".to_owned(),
        },
        Edit::Move {
            id: inspection,
            verb: Verb::Start,
            from: State::Draft,
            reason: None,
        },
    ];
    let mut number = 0;
    let operations = edits.map(|edit| {
        number += 1;
        Operation {
            number,
            group: number,
            stamp: Stamp(now()),
            base: Seq(0),
            seen: None,
            schema: SCHEMA,
            edit,
        }
    });
    let answer = api.push(&session, &operations)?;
    ensure!(answer.status.is_success(), "{answer:?}");
    Ok(Place {
        shop,
        token: session.access,
        device: session.device,
        inspection,
        number,
    })
}
