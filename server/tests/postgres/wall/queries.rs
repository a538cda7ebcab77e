//! Every query of the server, robbed of what names the shop.
//!
//! Each text of the one list is run as it is, without its shop, and without any condition at all,
//! with the keys of another shop's rows, in two databases: one holds two shops, one the asking shop
//! alone. Through the wall both must look the same. Past it they do not, which shows that the query
//! would have told.

mod values;

use redtag_server::storage::{postgres::texts, sql};
use tokio_postgres::Client;

pub(super) use self::values::bind;
use super::world::{self, ASKING, OTHER, Scope, said};
use crate::{ground::Database, runtime};

/// What spans shops, and what stands around every transaction. Whatever else is in the list must be
/// of shops.
const SHARED: [&str; 29] = [
    "BEGIN_READ",
    "BEGIN_WRITE",
    "COMMIT",
    "SETTINGS",
    "EPOCH",
    "EPOCH_DRAW",
    "PERSON",
    "PERSON_BY_EMAIL",
    "PERSON_CREATE",
    "PERSON_PASSWORD",
    "PAIRING_CREATE",
    "PAIRING",
    "PAIRING_BY_CODE",
    "PAIRING_POLLED",
    "PAIRING_DECIDE",
    "PAIRING_FETCHED",
    "PAIRINGS_UNFETCHED",
    "PAIRINGS_FORGET",
    "PERSON_REHASH",
    "IDENTITY",
    "IDENTITY_LINK",
    "IDENTITIES_UNLINK",
    "SECOND_FACTOR",
    "SECOND_FACTOR_BEGIN",
    "SECOND_FACTOR_CHANGE",
    "SECOND_FACTOR_REMOVE",
    "SECRET_KEEP",
    "SECRET",
    "SECRETS",
];

/// Queries that name no shop: it is not known yet, or there are several. The policy alone decides.
const NAMELESS: [&str; 8] = [
    "SHOPS",
    "MEMBERSHIPS",
    "SESSION",
    "SESSION_ADVANCE",
    "SESSION_DEVICE",
    "SESSION_END",
    "SESSIONS_END_ALL",
    "SESSIONS_END_BY",
];

/// All that are of shops, those of a move with them.
pub(super) fn all() -> impl Iterator<Item = (String, &'static str)> {
    let lists = [sql::control::ALL, sql::shop::ALL, sql::hosted::ALL];
    let served = lists.into_iter().flatten();
    let served = served.filter(|(name, _)| !SHARED.contains(name));
    served
        .map(|(name, text)| ((*name).to_owned(), *text))
        .chain(texts::of_a_move())
}

pub(super) fn foreign_rows() {
    runtime().block_on(async {
        let both = Database::fresh().await;
        let alone = Database::fresh().await;
        both.sql(&(ASKING.rows() + &OTHER.rows()));
        // It is the wall that is looked at, and not what the triggers refuse besides.
        for database in [&both, &alone] {
            database.sql("ALTER TABLE payload DISABLE TRIGGER payload_only_emptied");
        }
        alone.sql(&ASKING.rows());
        let world = World {
            app: world::app(&both).await,
            admin: world::admin(&both).await,
            alone: world::app(&alone).await,
            role: both.app.clone(),
        };
        world.is_full().await;
        let mut asked = 0;
        for (name, text) in all() {
            if text.starts_with("INSERT") {
                world.refuses(&name, text).await;
            } else {
                world.hides(&name, text).await;
            }
            asked += 1;
        }
        assert!(asked >= 88, "{asked} queries are not all there are");
    });
}

struct World {
    app: Client,
    /// In the same database, past the wall.
    admin: Client,
    /// Where there is no other shop.
    alone: Client,
    role: String,
}

/// What came of a statement: the rows it read, or how many it wrote.
type Came = Result<(u64, Vec<String>), String>;

impl World {
    /// Nothing is proven by an empty table.
    async fn is_full(&self) {
        for table in world::tables_of_shops(&self.admin).await {
            let column = if table == "shop" { "id" } else { "shop" };
            let count = format!("SELECT count(DISTINCT {column}) FROM {table}");
            let shops: i64 = self.admin.query_one(&count, &[]).await.unwrap().get(0);
            assert_eq!(shops, 2, "{table} needs a row of each shop");
        }
    }

    /// A query or a change, in all its forms, for whomever it is run.
    async fn hides(&self, name: &str, text: &str) {
        let without_shop = without_shop(text);
        assert_eq!(
            without_shop == text,
            NAMELESS.contains(&name),
            "{name} names no shop: {text}"
        );
        let bare = bare(text);
        let before = self.rows_of_other().await;
        for text in [text, &without_shop, &bare] {
            for scope in [Scope::Shop, Scope::Person, Scope::Session] {
                let with_both = run(&self.app, scope, text).await;
                let alone = run(&self.alone, scope, text).await;
                assert_eq!(with_both, alone, "{name} for {scope:?}: {text}");
            }
            let nobody = run(&self.app, Scope::Nobody, text).await;
            assert_eq!(nobody, Ok((0, Vec::new())), "{name} for nobody: {text}");
            let every = run(&self.app, Scope::EveryShop, text).await;
            if !(text.starts_with("SELECT") && text.contains(" FROM shop")) {
                assert_eq!(every, Ok((0, Vec::new())), "{name} for all shops: {text}");
            }
            if !text.starts_with("SELECT") {
                self.changes_nothing_of_other(text, &before).await;
            }
        }
        let walled = run(&self.app, Scope::Shop, &bare).await.unwrap();
        let open = run(&self.admin, Scope::Shop, &bare).await.unwrap();
        assert!(walled.0 < open.0, "{name} has nothing to hide: {bare}");
    }

    /// A change, looked at past the wall before it is rolled back.
    async fn changes_nothing_of_other(&self, text: &str, before: &[String]) {
        let admin = &self.admin;
        admin.batch_execute("BEGIN").await.unwrap();
        let role = format!("SET LOCAL ROLE {}", self.role);
        admin.batch_execute(&role).await.unwrap();
        Scope::Shop.say(admin).await;
        let (text, values) = bind(text, OTHER);
        let statement = admin.prepare(&text).await.unwrap();
        let values = values.of(statement.params());
        let values: Vec<_> = values.iter().map(|it| &**it as _).collect();
        admin.execute(&statement, &values).await.unwrap();
        admin.batch_execute("RESET ROLE").await.unwrap();
        assert_eq!(self.rows_of_other().await, before, "{text}");
        admin.batch_execute("ROLLBACK").await.unwrap();
    }

    async fn rows_of_other(&self) -> Vec<String> {
        let mut rows = Vec::new();
        for table in world::tables_of_shops(&self.admin).await {
            let column = if table == "shop" { "id" } else { "shop" };
            let text = format!(
                "SELECT to_jsonb(it)::text FROM {table} AS it WHERE {column} = $1::text::uuid \
                 ORDER BY 1"
            );
            let found = self.admin.query(&text, &[&OTHER.id("shop")]).await.unwrap();
            rows.extend(found.iter().map(|row| row.get::<_, String>(0)));
        }
        rows
    }

    /// An insertion for the other shop is refused, whether the row is there or not, and for whomever
    /// the transaction is.
    async fn refuses(&self, name: &str, text: &str) {
        let mut answers = Vec::new();
        for client in [&self.app, &self.alone] {
            for scope in [
                Scope::Shop,
                Scope::Person,
                Scope::Session,
                Scope::EveryShop,
                Scope::Nobody,
            ] {
                answers.push(run(client, scope, text).await);
            }
        }
        for answer in &answers {
            let words = answer.as_ref().expect_err(name);
            assert!(words.starts_with("42501"), "{name}: {words}");
            assert_eq!(answer, &answers[0], "{name}");
        }
    }
}

/// Runs a text for somebody, with the other shop's keys, and rolls back.
async fn run(client: &Client, scope: Scope, text: &str) -> Came {
    client.batch_execute("BEGIN").await.unwrap();
    scope.say(client).await;
    let came = answer(client, text).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    came
}

async fn answer(client: &Client, text: &str) -> Came {
    let (numbered, values) = bind(text, OTHER);
    let reads = text.starts_with("SELECT");
    let asked = if reads {
        format!("SELECT to_jsonb(it)::text FROM ({numbered}) AS it ORDER BY 1")
    } else {
        numbered
    };
    let statement = client.prepare(&asked).await;
    let statement = statement.unwrap_or_else(|error| panic!("{asked}: {error:?}"));
    let values = values.of(statement.params());
    let values: Vec<_> = values.iter().map(|it| &**it as _).collect();
    let refused = |error: tokio_postgres::Error| {
        let it = said(&error);
        format!("{} {}", it.code().code(), it.message())
    };
    if !reads {
        let written = client.execute(&statement, &values).await.map_err(refused)?;
        return Ok((written, Vec::new()));
    }
    let rows = client.query(&statement, &values).await.map_err(refused)?;
    let rows: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    Ok((rows.len() as u64, rows))
}

/// Without what names the shop, as if it had been forgotten.
fn without_shop(text: &str) -> String {
    let mut bare = text.to_owned();
    for table in ["", "event.", "shop.", "membership."] {
        bare = bare.replace(&format!(" {table}shop = :shop"), " true");
    }
    bare = bare.replace("payload.shop = event.shop", "true");
    let of_shops = bare.contains("FROM shop ") || bare.starts_with("UPDATE shop ");
    if of_shops {
        bare = bare
            .replace("id = :id", "true")
            .replace("id = :shop", "true");
    }
    bare
}

/// Without any condition, on rows or on which belong together, and without an end.
fn bare(text: &str) -> String {
    let mut rest = text;
    let mut bare = String::new();
    while let Some(at) = [" WHERE ", " ON ", " LIMIT "]
        .iter()
        .filter_map(|word| rest.find(word))
        .min()
    {
        let (kept, condition) = rest.split_at(at);
        bare.push_str(kept);
        if condition.starts_with(" ON ") {
            bare.push_str(" ON true");
        }
        rest = &condition[end(condition)..];
    }
    bare.push_str(rest);
    bare
}

/// Where a condition ends: at what follows it, or with the parenthesis in which it stands. What stands
/// in parentheses inside it is part of it.
fn end(condition: &str) -> usize {
    let words = [" JOIN ", " WHERE ", " ORDER BY ", " FOR UPDATE", " LIMIT "];
    let mut depth = 0_u32;
    for (at, it) in condition.char_indices() {
        match it {
            '(' => depth += 1,
            ')' if depth == 0 => return at,
            ')' => depth -= 1,
            ' ' if at > 0
                && depth == 0
                && words.iter().any(|word| condition[at..].starts_with(word)) =>
            {
                return at;
            }
            _ => {}
        }
    }
    condition.len()
}

/// Without a setting, and with one that an earlier transaction left behind, nothing is seen.
pub(super) async fn nothing_said(database: Database) {
    database.sql(&(ASKING.rows() + &OTHER.rows()));
    let app = world::app(&database).await;
    let tables = world::tables_of_shops(&app).await;
    for round in ["never said", "said before"] {
        for table in &tables {
            let count = format!("SELECT count(*) FROM {table}");
            let seen: i64 = app.query_one(&count, &[]).await.unwrap().get(0);
            assert_eq!(seen, 0, "{table}, {round}");
        }
        app.batch_execute("BEGIN").await.unwrap();
        for scope in [Scope::Shop, Scope::Person, Scope::Session, Scope::EveryShop] {
            scope.say(&app).await;
        }
        app.batch_execute("COMMIT").await.unwrap();
    }
}

/// Whoever signs in is found before the shop is known: their own rows, in all their shops.
pub(super) async fn own(database: Database) {
    let (shop, person) = (OTHER.id("shop"), ASKING.id("person"));
    database.sql(&(ASKING.rows() + &OTHER.rows()));
    // Who works in both shops sees both, and of the second nothing but their own.
    database.sql(&format!(
        "INSERT INTO membership VALUES ('{shop}', '{person}')"
    ));
    let app = world::app(&database).await;
    let seen = [
        (Scope::Shop, "shop", 1),
        (Scope::Shop, "membership", 1),
        (Scope::Shop, "session", 1),
        (Scope::Person, "shop", 2),
        (Scope::Person, "membership", 2),
        (Scope::Person, "session", 1),
        (Scope::Person, "device", 0),
        (Scope::Person, "document", 0),
        (Scope::Session, "shop", 0),
        (Scope::Session, "membership", 0),
        (Scope::Session, "session", 1),
        (Scope::Session, "document", 0),
        (Scope::EveryShop, "shop", 2),
        (Scope::EveryShop, "membership", 0),
        (Scope::EveryShop, "session", 0),
        (Scope::EveryShop, "document", 0),
    ];
    for (scope, table, expected) in seen {
        app.batch_execute("BEGIN").await.unwrap();
        scope.say(&app).await;
        let count = format!("SELECT count(*) FROM {table}");
        let count: i64 = app.query_one(&count, &[]).await.unwrap().get(0);
        assert_eq!(count, expected, "{scope:?} sees {table}");
        app.batch_execute("ROLLBACK").await.unwrap();
    }
}
