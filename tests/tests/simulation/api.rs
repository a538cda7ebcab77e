//! The API's process: the server's own rules over the model store, with the little of the routes
//! that decides who is let in.

use std::{collections::BTreeMap, sync::Arc};

use futures_util::FutureExt as _;
use redtag_protocol::{
    api::{
        changes::Cursor,
        ops::{Answer, Batch},
    },
    ids::{DeviceId, PersonId, SessionId, ShopId},
    stamp::{Seq, Stamp},
};
use redtag_server::{
    core::{
        self,
        changes::{self, Reader},
        devices,
        push::{PushError, Recent, Sender, push},
    },
    storage::{
        Control as _, Device, Session, Shops as _, Storage, StorageError,
        memory::{Disk, Everything, Fault, MemoryStorage},
    },
};
use redtagd::{cache::Held, core::Trouble};

/// Why a call was not answered as it wished.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fail {
    /// The process is down, or died of it: nobody answers.
    Dead,
    Unauthorized,
    NotAMember,
    OtherDevice,
    TooLarge,
    SignedOut,
    /// 429 or 503 with a time.
    Later(u64),
    /// Any other fault.
    Broken(&'static str),
}

impl From<Fail> for Trouble {
    fn from(fail: Fail) -> Self {
        match fail {
            Fail::Dead => Self::Passing("nobody answers".to_owned()),
            Fail::Broken(words) => Self::Passing(words.to_owned()),
            Fail::Unauthorized => Self::Unauthorized,
            Fail::NotAMember => Self::Left("not a member any more".to_owned()),
            Fail::OtherDevice => Self::OtherDevice,
            Fail::TooLarge => Self::TooLarge,
            Fail::SignedOut => Self::SignedOut("sign in again".to_owned()),
            Fail::Later(seconds) => Self::RetryAfter(seconds),
        }
    }
}

impl From<StorageError> for Fail {
    fn from(error: StorageError) -> Self {
        match error {
            StorageError::Lost => Self::Broken("the database's line broke"),
            _ => Self::Broken("the storage failed"),
        }
    }
}

/// An access token: what the signed text says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) person: PersonId,
    pub(crate) shop: ShopId,
    pub(crate) session: SessionId,
    /// In milliseconds of the API's clock.
    pub(crate) until: u64,
}

/// A running process.
pub(crate) struct Process {
    pub(crate) storage: MemoryStorage,
    recent: Recent,
}

/// The machine that the API runs on.
pub(crate) struct Api {
    pub(crate) disk: Disk,
    pub(crate) process: Option<Process>,
    pub(crate) backups: Vec<Everything>,
    /// Pages that are being sent.
    pub(crate) readers: BTreeMap<u64, Reader>,
    pub(crate) restores: u64,
    /// Counts the process's lives: what was begun in one is not gone on with in the next.
    pub(crate) lives: u64,
    /// How long an access token lives, in milliseconds.
    pub(crate) lifetime: u64,
}

/// The futures of the model store are ready at once.
pub(crate) fn ready<T>(work: impl Future<Output = T>) -> T {
    work.now_or_never()
        .expect("the model store makes nobody wait while one call runs at a time")
}

impl Api {
    pub(crate) fn new(epoch: u64, lifetime: u64) -> Self {
        let mut api = Self {
            disk: Disk::new(epoch),
            process: None,
            backups: Vec::new(),
            readers: BTreeMap::new(),
            restores: 0,
            lives: 0,
            lifetime,
        };
        api.start();
        api
    }

    pub(crate) fn start(&mut self) {
        self.lives += 1;
        self.process = Some(Process {
            storage: self.disk.open(),
            recent: Recent::default(),
        });
    }

    /// The process ends, and with it all that it did not write down.
    pub(crate) fn stop(&mut self) {
        self.process = None;
        self.readers.clear();
    }

    pub(crate) fn plan(&self, fault: Option<Fault>) {
        if let Some(process) = &self.process {
            process.storage.plan(fault);
        }
    }

    fn process(&self) -> Result<&Process, Fail> {
        self.process.as_ref().ok_or(Fail::Dead)
    }

    /// Does a call, and sees whether the process lived through it.
    pub(crate) fn call<T>(
        &mut self,
        work: impl FnOnce(&Process) -> Result<T, Fail>,
    ) -> Result<T, Fail> {
        let process = self.process()?;
        let done = work(process);
        if process.storage.is_dead() {
            self.stop();
            return Err(Fail::Dead);
        }
        done
    }

    pub(crate) fn head(&self, shop: ShopId) -> Seq {
        self.disk
            .look(|all| all.content(shop).map_or(Seq(0), |it| it.head.seq))
    }

    /// A person signs in on a device.
    pub(crate) fn sign_in(
        &mut self,
        (person, shop, device): (PersonId, ShopId, DeviceId),
        id: SessionId,
        now: u64,
    ) -> Result<Access, Fail> {
        let until = now + self.lifetime;
        self.call(|it| {
            let storage = &it.storage;
            ready(core::author(storage, shop, person))?.ok_or(Fail::NotAMember)?;
            register(storage, (person, shop, device), now)?;
            ready(storage.session_create(Session {
                id,
                person,
                shop,
                device,
                device_key: Some([0; 32]),
                generation: 1,
                created: Stamp(now),
                used: Stamp(now),
                ended: None,
                revoked: None,
            }))?;
            Ok(Access {
                person,
                shop,
                session: id,
                until,
            })
        })
    }

    /// A new access token.
    pub(crate) fn refresh(&mut self, id: SessionId, now: u64) -> Result<Access, Fail> {
        let until = now + self.lifetime;
        self.call(|it| {
            let session = ready(it.storage.session(id))?;
            let session = session
                .filter(|it| it.ended.is_none())
                .ok_or(Fail::SignedOut)?;
            Ok(Access {
                person: session.person,
                shop: session.shop,
                session: id,
                until,
            })
        })
    }

    pub(crate) fn register(
        &mut self,
        access: Access,
        asked: &[Held],
        now: u64,
    ) -> Result<Vec<devices::Held>, Fail> {
        let device = asked.first().expect("its own comes first").device;
        let asked: Vec<_> = asked
            .iter()
            .map(|it| (it.device, Some(it.next())))
            .collect();
        self.call(|it| {
            admit(&it.storage, access, now)?;
            register(&it.storage, (access.person, access.shop, device), now)?;
            if !ready(it.storage.session_device(access.session, device))? {
                return Err(Fail::Unauthorized);
            }
            Ok(ready(devices::held(&it.storage, access.shop, &asked))?)
        })
    }

    /// The guard alone: whether somebody is let in, and on which device.
    pub(crate) fn admit(&mut self, access: Access, now: u64) -> Result<DeviceId, Fail> {
        self.call(|it| admit(&it.storage, access, now))
    }

    /// A push of somebody who was let in on this device.
    pub(crate) fn push(
        &mut self,
        access: Access,
        (device, body): (DeviceId, &[u8]),
        now: u64,
    ) -> Result<(Answer, Option<Seq>), Fail> {
        self.call(|it| {
            let batch: Batch =
                serde_json::from_slice(body).map_err(|_| Fail::Broken("not a batch"))?;
            if batch.device != device {
                return Err(Fail::OtherDevice);
            }
            let sender = Sender {
                person: access.person,
                shop: access.shop,
                device,
            };
            let pushed = push(&it.storage, &it.recent, sender, &batch.ops, Stamp(now));
            let pushed = ready(pushed).map_err(|error| match error {
                PushError::NotAMember => Fail::NotAMember,
                PushError::TooLarge => Fail::TooLarge,
                PushError::Storage(error) => error.into(),
                PushError::Unreadable { .. } | PushError::Unordered { .. } => {
                    Fail::Broken("a batch that makes no sense")
                }
            })?;
            Ok((pushed.answer, pushed.seq))
        })
    }

    /// Begins to send a page; its pieces come by [`Self::piece`].
    pub(crate) fn pull(
        &mut self,
        access: Access,
        cursor: Option<&str>,
        (limit, now): (Option<u32>, u64),
    ) -> Result<Reader, Fail> {
        self.call(|it| {
            admit(&it.storage, access, now)?;
            let cursor: Option<Cursor> = cursor
                .map(str::parse)
                .transpose()
                .map_err(|_| Fail::Broken("not a cursor"))?;
            let storage: Arc<dyn Storage> = Arc::new(it.storage.clone());
            let tip = ready(storage.tip(access.shop))?;
            let news = it.recent.news();
            let reader = changes::begin_at(storage, news, access.shop, tip, cursor, limit);
            Ok(ready(reader)?)
        })
    }

    /// The next piece of a page that is being sent; none at its end.
    pub(crate) fn piece(&mut self, reader: u64) -> Result<Option<Vec<u8>>, Fail> {
        let mut page = self.readers.remove(&reader).ok_or(Fail::Dead)?;
        let piece = self.call(|_| Ok(ready(page.next())?))?;
        if piece.is_some() {
            self.readers.insert(reader, page);
        }
        Ok(piece.map(|piece| piece.to_vec()))
    }

    /// Whether a live channel may be opened, or stay open.
    pub(crate) fn live(&mut self, access: Access, now: u64) -> Result<Seq, Fail> {
        self.call(|it| {
            admit(&it.storage, access, now)?;
            Ok(ready(it.storage.head(access.shop))?.seq)
        })
    }
}

/// As the guard before every route of a shop: token, membership, sign-in, in this order.
fn admit(storage: &MemoryStorage, access: Access, now: u64) -> Result<DeviceId, Fail> {
    if access.until <= now {
        return Err(Fail::Unauthorized);
    }
    ready(core::author(storage, access.shop, access.person))?.ok_or(Fail::NotAMember)?;
    match ready(storage.session(access.session))? {
        Some(session) if session.ended.is_none() => Ok(session.device),
        _ => Err(Fail::Unauthorized),
    }
}

fn register(
    storage: &MemoryStorage,
    (person, shop, id): (PersonId, ShopId, DeviceId),
    now: u64,
) -> Result<(), Fail> {
    let device = Device {
        id,
        shop,
        person,
        name: "bench".to_owned(),
        created: Stamp(now),
        destroyed: None,
    };
    Ok(ready(storage.device_register(device))?)
}
