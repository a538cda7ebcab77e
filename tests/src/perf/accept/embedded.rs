//! The embedded engine beside bare files.

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
};

use anyhow::{Context as _, Result};
use redtag_protocol::ids::ShopId;
use redtag_server::{
    core::push::Recent,
    storage::{
        ShopKey, Storage, Wrap, WrapError,
        sqlite::{Options, SqliteStorage},
    },
};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::{
    BATCH, BENCHES, SHOPS, TARGET, Timing, bare, ours,
    scene::{Bench, Copy, Group},
    settle,
};
use crate::{
    perf::report::{Row, Values},
    random,
};

/// One shop and many, single edits and batches.
pub(super) fn measure(timing: Timing) -> Result<Vec<Row>> {
    let ground = TempDir::new()?;
    let keys = Arc::new(Keys::default());
    let control = ShopKey::from(random::<32>()?);
    let ours = ground.path().join("ours");
    let runtime = Runtime::new()?;
    let open = || {
        let options = Options {
            dir: ours.clone(),
            control_key: control.clone(),
            wrap: keys.clone(),
        };
        anyhow::Ok(Arc::new(runtime.block_on(SqliteStorage::open(options))?) as Arc<dyn Storage>)
    };
    let storage = open()?;
    let (one, many) = runtime.block_on(scene(&*storage))?;
    // Closed, so that the copies are whole.
    drop(storage);
    let mut rows = Vec::new();
    for (name, groups) in [("1 shop", vec![one]), ("50 shops", many)] {
        let bare = ground.path().join(name);
        std::fs::create_dir(&bare)?;
        let floor = groups
            .iter()
            .map(|group| floor(group, &ours, &bare, &keys))
            .collect::<Result<Vec<_>>>()?;
        let (storage, recent) = (open()?, Arc::new(Recent::default()));
        let mut benches: Vec<Bench> = groups.into_iter().flat_map(|it| it.benches).collect();
        for batch in [1, BATCH] {
            let mut rates = Values::default();
            for _ in 0..timing.rounds {
                settle();
                let ours = ours::run(&runtime, &storage, &recent, &mut benches, batch, timing)?;
                settle();
                let floor = bare::run(&floor, batch, timing)?;
                rates.pair(ours, floor);
            }
            let what = format!(
                "embedded, {name}, {} benches, {batch} operations a push; floor: the same \
                 statements on bare SQLCipher files",
                benches.len()
            );
            rows.push(rates.rates("P1", what, "ops/s").reaching(TARGET));
        }
    }
    Ok(rows)
}

async fn scene(storage: &dyn Storage) -> Result<(Group, Vec<Group>)> {
    let copy = Copy::read(storage).await?;
    let one = copy.group(storage, BENCHES).await?;
    let mut many = Vec::new();
    for _ in 0..SHOPS {
        many.push(copy.group(storage, 1).await?);
    }
    Ok((one, many))
}

fn floor(group: &Group, ours: &Path, bare: &Path, keys: &Keys) -> Result<bare::Shop> {
    let shop = group.samples.first().context("no bench")?.sender.shop;
    let file = format!("{shop}.db");
    let from = ours.join("shops").join(&file);
    bare::Shop::copy(&from, &bare.join(file), keys.of(shop)?, &group.samples)
}

/// Keeps the shops' keys as they are, so that the floor can open their files too.
#[derive(Default)]
struct Keys(Mutex<HashMap<ShopId, ShopKey>>);

impl Keys {
    fn of(&self, shop: ShopId) -> Result<ShopKey> {
        let keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.get(&shop).cloned().context("a shop without a key")
    }
}

impl Wrap for Keys {
    fn wrap(&self, shop: ShopId, key: &ShopKey) -> Result<Vec<u8>, WrapError> {
        let mut keys = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        keys.insert(shop, key.clone());
        Ok(key.to_vec())
    }

    fn unwrap(&self, shop: ShopId, wrapped: &[u8]) -> Result<ShopKey, WrapError> {
        let key: [u8; 32] = wrapped.try_into().map_err(|_| WrapError { shop })?;
        Ok(ShopKey::from(key))
    }
}
