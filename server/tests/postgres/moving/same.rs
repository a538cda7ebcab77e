//! What was moved is the same, seen through the contract and in the schema.

use std::collections::{BTreeMap, BTreeSet};

use redtag_protocol::{entity::Kind, ids::ShopId, stamp::Seq};
use redtag_server::storage::{
    PageLimit, Shops as _, Storage,
    transfer::{
        Done,
        table::{self, EVERYONES, META, SHOPS},
    },
};

use super::{Database, source::Source, whole};

pub(super) async fn listed(database: Database) {
    // What is about the database itself and not about what is in it.
    let left = ["arrival", "refinery_schema_history"];
    let columns = database.sql(
        "SELECT table_name, column_name, data_type, is_nullable FROM information_schema.columns \
         WHERE table_schema = 'redtag'",
    );
    let mut there = BTreeSet::new();
    for line in columns.lines() {
        let parts: Vec<_> = line.split('|').collect();
        let &[table, column, kind, nullable] = parts.as_slice() else {
            panic!("{line}");
        };
        let kind = match kind {
            "uuid" => table::Kind::Id,
            "bytea" => table::Kind::Bytes,
            "bigint" | "smallint" => table::Kind::Number,
            "text" => table::Kind::Text,
            _ if left.contains(&table) => continue,
            other => panic!("{table}.{column} is of the type {other}, which is not moved"),
        };
        if !left.contains(&table) {
            there.insert(format!("{table}.{column} {kind:?} {}", nullable == "YES"));
        }
    }
    let mut here = BTreeSet::new();
    for table in [&META].into_iter().chain(EVERYONES).chain(SHOPS) {
        for it in table.columns {
            here.insert(format!(
                "{}.{} {:?} {}",
                table.name, it.name, it.kind, it.nullable
            ));
        }
    }
    assert_eq!(here, there);
}

pub(super) async fn answers(database: Database) {
    let source = Source::new(&database).await;
    let old = source.open().await.unwrap();
    let before = everything(&old, &source).await;
    drop(old);
    let alone = source.alone().await;
    let Done::Moved(moved) = whole(&alone, &database).await.unwrap() else {
        panic!("it was never moved before");
    };
    drop(alone);
    let filled: BTreeSet<_> = moved
        .shops
        .iter()
        .flat_map(|(_, tables)| tables)
        .chain(&moved.everyones)
        .filter(|it| it.rows > 0)
        .map(|it| it.table)
        .collect();
    let all = [&META].into_iter().chain(EVERYONES).chain(SHOPS);
    assert_eq!(
        filled,
        all.map(|it| it.name).collect(),
        "something in every table"
    );
    let left_out: Vec<_> = moved.left_out.iter().map(|it| it.id).collect();
    assert_eq!(left_out, [source.half]);
    let new = database.open().await;
    let after = everything(&new, &source).await;
    for (what, before) in before {
        assert!(after.get(&what) == Some(&before), "{what}");
    }
    assert!(new.head(source.half).await.is_err());
}

/// All that the contract lets one see, by what was asked.
async fn everything(storage: &impl Storage, source: &Source) -> BTreeMap<String, String> {
    let mut seen = BTreeMap::new();
    let mut see = |what: String, it: &dyn std::fmt::Debug| seen.insert(what, format!("{it:?}"));
    see("epoch".to_owned(), &storage.epoch());
    see("shops".to_owned(), &storage.shops().await.unwrap());
    let person = storage.person_by_email("zoe@example.com".to_owned()).await;
    let person = person.unwrap().unwrap();
    see(
        "person".to_owned(),
        &(person.id, person.email, person.name, person.password),
    );
    let memberships = storage.memberships(source.person).await.unwrap();
    see("memberships".to_owned(), &memberships);
    let device = storage.device(source.second, source.device).await.unwrap();
    see("device".to_owned(), &device);
    for id in &source.sessions {
        see(
            format!("session {id}"),
            &storage.session(*id).await.unwrap(),
        );
    }
    let waiting = storage.pairing(source.waiting).await.unwrap();
    let said = waiting
        .as_ref()
        .map(|it| (it.code, &it.client, &it.name, &it.address, it.session));
    see("pairing".to_owned(), &(said, &waiting));
    let factor = storage.second_factor(source.person).await.unwrap();
    let codes = factor.as_ref().map(|it| (it.step, &it.wrapped, &it.codes));
    see("second factor".to_owned(), &(codes, &factor));
    let (issuer, subject) = ("https://id.example", "a subject");
    let identity = storage.identity(issuer.to_owned(), subject.to_owned());
    see("identity".to_owned(), &identity.await.unwrap());
    let passes = storage.passes(source.second).await.unwrap();
    let digests: Vec<_> = passes.iter().map(|it| (&it.digest, &it.name)).collect();
    see("passes".to_owned(), &(digests, &passes));
    let copy = storage.key_copy(source.second, source.copy).await.unwrap();
    let wrapped = copy.as_ref().map(|it| (&it.wrapped, it.shop));
    see("key copy".to_owned(), &(wrapped, &copy));
    for purpose in ["test", "other"] {
        let secrets = storage.secrets(purpose.to_owned()).await.unwrap();
        let secrets: Vec<_> = secrets
            .iter()
            .map(|it| (&it.name, &it.wrapped, it.created))
            .collect();
        see(format!("secrets for {purpose}"), &secrets);
    }
    for shop in [source.demo, source.second] {
        let head = storage.head(shop).await.unwrap();
        see(format!("{shop} head"), &head);
        for after in [
            0,
            1,
            17,
            head.seq.0 / 2,
            head.seq.0.saturating_sub(1),
            head.seq.0,
        ] {
            let pages = pages(storage, shop, Seq(after)).await;
            see(format!("{shop} pages after {after}"), &pages);
            let hash = storage.hash_at(shop, Seq(after)).await.unwrap();
            see(format!("{shop} chain at {after}"), &hash);
        }
        for kind in Kind::ALL {
            see(
                format!("{shop} {kind}"),
                &storage.list(shop, kind).await.unwrap(),
            );
        }
        let mut transaction = storage.begin(shop).await.unwrap();
        let outcomes = transaction.outcomes(source.device, 0, 100).await.unwrap();
        see(format!("{shop} outcomes"), &outcomes);
        let keys: Vec<_> = outcomes.iter().filter_map(|it| it.refused).collect();
        let refused = transaction.refused_creations(source.device, keys).await;
        see(format!("{shop} refused"), &refused.unwrap());
        let last = transaction.last_number(source.device).await.unwrap();
        see(format!("{shop} last number"), &last);
    }
    seen
}

async fn pages(storage: &impl Storage, shop: ShopId, mut after: Seq) -> Vec<String> {
    let limit = PageLimit {
        seqs: 150,
        bytes: 100_000,
    };
    let mut pages = Vec::new();
    loop {
        let page = storage.page(shop, after, limit).await.unwrap();
        after = page.upto;
        let more = page.more;
        pages.push(format!("{page:?}"));
        if !more {
            return pages;
        }
    }
}
