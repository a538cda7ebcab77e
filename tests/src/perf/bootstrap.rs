//! W1: how fast an empty bench has the whole shop.

mod corpus;

use std::{env, time::Instant};

use anyhow::{Context as _, Result, bail, ensure};
use redtag_protocol::{
    ipc::{Reply, Request, SignIn},
    role::Role,
};

use super::{
    floor::Bare,
    report::{Pairs, Row},
};
use crate::harness::{Client, Device, PASSWORD, Stack, eventually};

/// A page of the floor: so many documents are one durable commit.
const PAGE: usize = 500;

/// From the answer to the sign-in until the cache of a new bench holds every document, events
/// included; the floor puts the same documents' bytes, and no events, into a bare SQLCipher file.
pub(super) fn measure(quick: bool) -> Result<Vec<Row>> {
    let (inspections, rounds) = if quick { (200, 2) } else { (3_000, 3) };
    let stack = Stack::new(env::current_exe()?)?;
    let session = stack.session(Role::Owner)?;
    let api = stack.api()?;
    corpus::fill(&api, &session, inspections)?;
    let copy = api.copy(&session)?;
    let mut bytes = 0;
    let documents: Vec<_> = copy
        .documents
        .iter()
        .map(|document| {
            bytes += document.body.get().len();
            (document.id.as_bytes(), document.body.get().as_bytes())
        })
        .collect();
    let mut pairs = Pairs::default();
    for round in 0..rounds {
        let mut bench = Device::new(stack.ground(), &format!("bench{round}"))?;
        bench.start()?;
        let mut client = bench.client()?;
        sign_in(&mut client, &stack)?;
        let began = Instant::now();
        let whole = u64::try_from(documents.len())?;
        eventually("the first copy", || {
            let status = client.status()?;
            let there = !status.filling && status.documents >= whole;
            ensure!(there, "{} of {whole} documents", status.documents);
            Ok(())
        })
        .with_context(|| bench.log())?;
        pairs.ours(began.elapsed());

        let path = stack.ground().path().join(format!("floor{round}.db"));
        let mut bare = Bare::make(&path)?;
        let began = Instant::now();
        for page in documents.chunks(PAGE) {
            bare.insert(page.iter().copied())?;
        }
        pairs.floor(began.elapsed());
    }
    let what = format!(
        "{} documents of {} bytes on average and {} events into an empty cache; floor: the same \
         documents into a bare SQLCipher file, {PAGE} a commit",
        documents.len(),
        bytes / documents.len().max(1),
        copy.events.len(),
    );
    let count = f64::from(u32::try_from(documents.len())?);
    Ok(vec![pairs.rates("W1", what, "docs/s", count)])
}

fn sign_in(client: &mut Client, stack: &Stack) -> Result<()> {
    let reply = client.must(Request::SignIn(SignIn {
        url: stack.url(),
        email: "technician@example.com".to_owned(),
        password: PASSWORD.to_owned(),
        shop: Some(stack.shop()),
        insecure_storage: true,
        ca: None,
    }))?;
    match reply {
        Reply::Account(_) => Ok(()),
        other => bail!("an account was expected, not {other:?}"),
    }
}
