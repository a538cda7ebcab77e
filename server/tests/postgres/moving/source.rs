//! An embedded server's data with something in every table: the demo shop, a second one, and one
//! whose making never came to an end.

use std::{fmt::Write as _, path::Path, sync::Arc};

use redtag_protocol::{
    entity::EntityRef,
    ids::{CustomerId, DeviceId, KeyCopyId, PassId, PersonId, SessionId, ShopId},
    role::Role,
};
use redtag_server::{
    core::{
        members,
        shops::{self, Templates},
    },
    demo,
    keys::{ServerKeys, Wrapping, random},
    storage::{
        Author, Changes, Control as _, Credentials as _, Device, Identity, KeyCopies as _, KeyCopy,
        Logged, Pairing, Pairings as _, Pass, Person, SecondFactor, Secret, Session, ShopRow,
        Shops as _, StorageError, Wrap,
        sqlite::{Alone, Options, SqliteStorage},
    },
};
use rusqlite::{Connection, named_params};
use tempfile::TempDir;

use super::{Database, NOW};

pub(super) struct Source {
    dir: TempDir,
    keys: Arc<ServerKeys>,
    pub(super) demo: ShopId,
    pub(super) second: ShopId,
    pub(super) half: ShopId,
    pub(super) person: PersonId,
    pub(super) device: DeviceId,
    pub(super) sessions: Vec<SessionId>,
    pub(super) waiting: [u8; 32],
    pub(super) copy: KeyCopyId,
}

impl Source {
    /// One whose master key is the database's.
    pub(super) async fn new(database: &Database) -> Self {
        let dir = TempDir::new().unwrap();
        let storage = open(dir.path(), &database.keys).await.unwrap();
        let demo = demo::seed(&storage, NOW, "hash").await.unwrap().shop;
        Self::around(database, dir, storage, demo).await
    }

    /// The same with a shop in the place of the demo in which nothing has happened yet.
    pub(super) async fn small(database: &Database) -> Self {
        let dir = TempDir::new().unwrap();
        let storage = open(dir.path(), &database.keys).await.unwrap();
        let first = shops::create(&storage, "First", Templates::Shipped, NOW);
        let first = first.await.unwrap();
        Self::around(database, dir, storage, first).await
    }

    async fn around(
        database: &Database,
        dir: TempDir,
        storage: SqliteStorage,
        demo: ShopId,
    ) -> Self {
        let second = shops::create(&storage, "Zürich’s second", Templates::Shipped, NOW);
        let half = ShopRow {
            id: ShopId::from_parts(NOW.0, random()),
            name: "half made".to_owned(),
            created: NOW,
        };
        let mut it = Self {
            dir,
            keys: database.keys.clone(),
            demo,
            second: second.await.unwrap(),
            half: half.id,
            person: PersonId::from_parts(NOW.0, random()),
            device: DeviceId::from_parts(NOW.0, random()),
            sessions: Vec::new(),
            waiting: random(),
            copy: KeyCopyId::from_parts(NOW.0, random()),
        };
        storage.shop_create(half).await.unwrap();
        it.people(&storage).await;
        it.waits(&storage).await;
        it.outcomes(&storage).await;
        drop(storage);
        it.tombstones();
        it
    }

    async fn waits(&self, storage: &SqliteStorage) {
        let waiting = Pairing {
            secret: self.waiting,
            code: random(),
            client: "a client".to_owned(),
            name: "bénch 2".to_owned(),
            device: DeviceId::from_parts(NOW.0, random()),
            device_key: None,
            address: "2001:db8::".to_owned(),
            created: NOW,
            pause: 5,
            polled: None,
            decided: None,
            session: None,
            fetched: None,
        };
        storage.pairing_create(waiting).await.unwrap();
        let session = Some(SessionId::from_parts(NOW.0, random()));
        let decided = storage.pairing_decide(self.waiting, session, NOW);
        assert!(decided.await.unwrap());
    }

    async fn people(&mut self, storage: &SqliteStorage) {
        let (person, shop) = (self.person, self.second);
        let row = Person {
            id: person,
            email: "Zoe@Example.com".to_owned(),
            name: "Zoë Ratchet".to_owned(),
            password: "$argon2id$v=19$x".to_owned(),
            created: NOW,
        };
        storage.person_create(row).await.unwrap();
        members::put(storage, shop, person, "Zoë Ratchet", Role::Owner, NOW)
            .await
            .unwrap();
        storage.membership_add(person, self.half).await.unwrap();
        let device = Device {
            id: self.device,
            shop,
            person,
            name: "bench\t1".to_owned(),
            created: NOW,
            destroyed: None,
        };
        storage.device_register(device).await.unwrap();
        for generation in 1..4 {
            let session = Session {
                id: SessionId::from_parts(NOW.0, random()),
                person,
                shop,
                device: self.device,
                device_key: Some(random()),
                generation,
                created: NOW,
                used: NOW,
                ended: (generation == 2).then_some(NOW),
                revoked: None,
            };
            self.sessions.push(session.id);
            storage.session_create(session).await.unwrap();
        }
        let factor = SecondFactor {
            person,
            version: 1,
            wrapped: random::<48>().to_vec(),
            confirmed: Some(NOW),
            step: 7,
            codes: vec![random(), random()],
            created: NOW,
        };
        storage.second_factor_put(factor).await.unwrap();
        let identity = Identity {
            issuer: "https://id.example".to_owned(),
            subject: "a subject".to_owned(),
            person,
            created: NOW,
        };
        assert!(storage.identity_link(identity).await.unwrap());
        let revoked = self.sessions[0];
        let (at, device) = (NOW, self.device);
        storage.session_revoke(shop, revoked, at).await.unwrap();
        storage.device_destroyed(shop, device, at).await.unwrap();
        for person in [None, Some(person)] {
            let pass = Pass {
                shop,
                id: PassId::from_parts(NOW.0, random()),
                kind: "kiosk".to_owned(),
                person,
                digest: random(),
                name: "Bühne 3".to_owned(),
                gives: "viewer".to_owned(),
                created: NOW,
                expires: NOW,
                used: None,
                ended: person.map(|_| NOW),
            };
            storage.pass_create(pass).await.unwrap();
        }
        let copy = KeyCopy {
            shop,
            id: self.copy,
            person: self.person,
            device: self.device,
            wrapped: random::<60>().to_vec(),
            created: NOW,
        };
        assert!(storage.key_copy_put(copy).await.unwrap());
        for (name, purpose) in [("Beta", "test"), ("alpha", "test"), ("ä", "other")] {
            let secret = Secret {
                name: name.to_owned(),
                purpose: purpose.to_owned(),
                wrapped: random::<60>().to_vec(),
                created: NOW,
            };
            storage.secret_keep(secret).await.unwrap();
        }
    }

    /// An operation that was taken and one that was refused, with nothing of a document.
    async fn outcomes(&self, storage: &SqliteStorage) {
        let refused = EntityRef::Customer(CustomerId::from_parts(NOW.0, random()));
        let log = |number, refused| Logged {
            number,
            digest: random(),
            outcome: format!("{{\"number\":{number},\"words\":\"naïve\"}}").into(),
            refused,
        };
        let mut transaction = storage.begin(self.second).await.unwrap();
        let head = transaction.head();
        let changes = Changes {
            log: vec![log(1, None), log(2, Some(refused))],
            author: Some(Author {
                device: self.device,
                last: 2,
                at: NOW,
            }),
            ..Changes::default()
        };
        transaction.write(changes).await.unwrap();
        transaction.commit(head).await.unwrap();
    }

    /// As deletions leave them.
    fn tombstones(&self) {
        let file = self.sql(self.second);
        let shop = self.second.as_bytes();
        let seq: i64 = file
            .query_row("SELECT seq FROM head", [], |row| row.get(0))
            .unwrap();
        for version in 1..=3_i64 {
            let insert = "INSERT INTO tombstone (shop, kind, id, version, at) \
                 VALUES (:shop, 'customer', :id, :version, 5)";
            let id: [u8; 16] = random();
            let values = named_params! {":shop": shop, ":id": id, ":version": seq + version};
            file.execute(insert, values).unwrap();
        }
    }

    /// A shop's file past the engine.
    pub(super) fn sql(&self, shop: ShopId) -> Connection {
        let wrapping: &Wrapping = &self.keys.wrapping;
        let control = keyed(
            &self.path().join("control.db"),
            self.keys.control.as_slice(),
        );
        let wrapped: Vec<u8> = control
            .query_row(
                "SELECT wrapped_key FROM shop WHERE id = :id",
                named_params! {":id": shop.as_bytes()},
                |row| row.get(0),
            )
            .unwrap();
        let key = Wrap::unwrap(wrapping, shop, &wrapped).unwrap();
        let file = self.path().join("shops").join(format!("{shop}.db"));
        keyed(&file, key.as_slice())
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// As a server opens it.
    pub(super) async fn open(&self) -> Result<SqliteStorage, StorageError> {
        open(self.path(), &self.keys).await
    }

    pub(super) fn options(&self) -> Options {
        options(self.path(), &self.keys)
    }

    /// As a move opens it.
    pub(super) async fn alone(&self) -> Alone {
        Alone::take(self.options()).await.unwrap()
    }
}

fn options(dir: &Path, keys: &ServerKeys) -> Options {
    Options {
        dir: dir.to_owned(),
        control_key: keys.control.clone(),
        wrap: keys.wrapping.clone(),
    }
}

async fn open(dir: &Path, keys: &ServerKeys) -> Result<SqliteStorage, StorageError> {
    SqliteStorage::open(options(dir, keys)).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "past the engine, which has no way to write what nothing writes yet"
)]
fn keyed(file: &Path, key: &[u8]) -> Connection {
    let connection = Connection::open(file).unwrap();
    let mut digits = String::new();
    for byte in key {
        write!(digits, "{byte:02x}").unwrap();
    }
    let key = format!("x'{digits}'");
    connection
        .pragma_update_and_check(None, "key", key, |_| Ok(()))
        .unwrap();
    connection
}
