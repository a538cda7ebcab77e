//! The database with what is kept in memory beside it. Memory follows the database: it changes
//! only after the commit.

use std::{collections::HashMap, sync::Arc};

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind},
    event::Happening,
    ipc::{Quarantined, SyncState},
    role::Role,
    shop::{Member, Settings},
    stamp::Seq,
    template::Template,
};
use rusqlite::{Connection, Transaction, TransactionBehavior};

use super::{
    CacheError, Meta, Pending, Stage, documents, documents::Versioned, events, gone, heard::Heard,
    lazily::Durability, local::Overlay, looking::Looking, outbox, quarantine, salvage::Salvaged,
    search,
};
use crate::view::{Board, Watches};

/// A cache, on its thread.
#[derive(Debug)]
pub struct Store {
    pub(super) conn: Connection,
    pub(super) meta: Meta,
    pub(super) pending: Pending,
    pub(super) overlay: Overlay,
    /// What the API has deleted while edits of this machine wait on it.
    pub(super) gone: HashMap<EntityRef, Arc<Entity>>,
    /// The few documents that everything needs: shop, members, templates.
    pub(super) warm: HashMap<EntityRef, Versioned>,
    /// How many refused operations each document has.
    pub(super) refused: HashMap<EntityRef, u64>,
    /// The documents that the API refused to create.
    pub(super) unmade: HashMap<EntityRef, Arc<Entity>>,
    pub(super) board: Board,
    /// The board of the copy that is being built, if every page of it came since this program
    /// started.
    pub(super) next_board: Option<Board>,
    /// How many documents the API has, as the last page said.
    pub(super) expected: Option<u64>,
    /// Whether the last word from the API is that it is there; see [`Self::set_online`].
    pub(super) online: bool,
    pub(super) durability: Durability,
    pub(super) looking: Looking,
    pub(super) heard: Heard,
    /// The places of acknowledged operations that the API has lost and that cannot go out under the
    /// numbers they had.
    pub(super) lost: Vec<i64>,
    /// Up to which number this device's operations are to be answered before those are numbered
    /// anew with the rest: the API holds them.
    pub(super) first: Option<u64>,
    /// What clients have on their screens.
    pub(crate) watches: Watches,
}

impl Store {
    /// Fills memory from the database, and a new database with `meta` and what was salvaged.
    pub(super) fn load(
        conn: Connection,
        meta: Meta,
        salvaged: Salvaged,
    ) -> Result<Self, CacheError> {
        let mut store = Self {
            conn,
            meta,
            pending: Pending::default(),
            overlay: HashMap::new(),
            warm: HashMap::new(),
            refused: HashMap::new(),
            unmade: HashMap::new(),
            board: Board::default(),
            next_board: None,
            expected: None,
            gone: HashMap::new(),
            online: false,
            durability: Durability::default(),
            looking: Looking::default(),
            heard: Heard::default(),
            lost: Vec::new(),
            first: None,
            watches: Watches::default(),
        };
        let written = Meta::load(&store.conn)?.is_some();
        if !written {
            let mut meta = store.meta.clone();
            store.transact(|tx| {
                salvaged.put_back(tx, &mut meta)?;
                meta.write(tx)
            })?;
            store.meta = meta;
        }
        store.refill()?;
        Ok(store)
    }

    /// Reads memory anew from the database.
    pub(super) fn refill(&mut self) -> Result<(), CacheError> {
        self.board = Board::default();
        self.next_board = None;
        self.refused.clear();
        for key in quarantine::keys(&self.conn)? {
            *self.refused.entry(key).or_default() += 1;
        }
        self.refill_warm(true)?;
        let shown = self.meta.copies.shown;
        search::fill_board(&self.conn, shown, &mut self.board)?;
        self.refill_pending()
    }

    /// Reads the documents that everything needs, and puts them on the board if `show` is said.
    pub(super) fn refill_warm(&mut self, show: bool) -> Result<(), CacheError> {
        self.warm.clear();
        for kind in [Kind::Shop, Kind::Member, Kind::Template] {
            let (warm, board) = (&mut self.warm, &mut self.board);
            documents::each(&self.conn, self.meta.copies.shown, kind, |version, body| {
                let Some(entity) = documents::parse(kind, body) else {
                    return;
                };
                if show {
                    board.put(&entity);
                }
                warm.insert(entity.key(), (version, Arc::new(entity)));
            })?;
        }
        Ok(())
    }

    /// Reads the outbox, and works out what it does.
    pub(super) fn refill_pending(&mut self) -> Result<(), CacheError> {
        self.pending = Pending::default();
        self.overlay.clear();
        self.gone.clear();
        for key in gone::keys(&self.conn)? {
            self.unearth(&key)?;
        }
        for (place, op) in outbox::load(&self.conn, self.meta.level)? {
            self.pending.insert(place, op);
        }
        let keys = self.pending.keys().into_iter().collect();
        self.refresh(&keys)?;
        self.fill_unmade()
    }

    /// Reads a document that was deleted while edits of this machine wait on it.
    pub(super) fn unearth(&mut self, key: &EntityRef) -> Result<(), CacheError> {
        if let Some(entity) = gone::find(&self.conn, key)? {
            self.gone.insert(*key, entity);
        }
        Ok(())
    }

    /// Runs one transaction; durable when it returns, unless in [`Self::lazily`].
    pub(super) fn transact<T>(
        &mut self,
        work: impl FnOnce(&Transaction<'_>) -> Result<T, CacheError>,
    ) -> Result<T, CacheError> {
        self.tell_durability()?;
        let tx = self
            .conn
            .transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&tx)?;
        tx.commit()?;
        Ok(done)
    }

    /// A confirmed document.
    pub fn confirmed(&self, key: &EntityRef) -> Result<Option<Versioned>, CacheError> {
        match key.kind() {
            Kind::Shop | Kind::Member | Kind::Template => Ok(self.warm.get(key).cloned()),
            _ => documents::find(&self.conn, self.meta.copies.shown, key),
        }
    }

    /// The version of a confirmed document; nought where it is not here.
    pub fn version(&self, key: &EntityRef) -> Result<Seq, CacheError> {
        match self.warm.get(key) {
            Some((version, _)) => Ok(*version),
            None => documents::version(&self.conn, self.meta.copies.shown, key),
        }
    }

    /// A document with the outbox applied; none where it is deleted, if only here so far.
    pub fn local(&self, key: &EntityRef) -> Result<Option<Arc<Entity>>, CacheError> {
        match self.overlay.get(key) {
            Some(entity) => Ok(entity.clone()),
            None => Ok(self.confirmed(key)?.map(|(_, entity)| entity)),
        }
    }

    /// Single values.
    pub fn meta(&self) -> &Meta {
        &self.meta
    }

    /// The operations that are not covered by confirmed documents.
    pub fn pending(&self) -> &Pending {
        &self.pending
    }

    /// The projection that lists and searches are answered from.
    pub fn board(&self) -> &Board {
        &self.board
    }

    /// The member who signed in, as last pulled.
    pub fn me(&self) -> Option<&Member> {
        match self
            .warm
            .get(&EntityRef::Member(self.meta.person))?
            .1
            .as_ref()
        {
            Entity::Member(member) => Some(member),
            _ => None,
        }
    }

    /// The role, as last heard.
    pub fn role(&self) -> Role {
        self.me().map_or(self.meta.role, |me| me.role)
    }

    /// The shop's settings and name, as last pulled.
    pub fn shop(&self) -> Option<(&str, Settings)> {
        match self.warm.get(&EntityRef::Shop(self.meta.shop))?.1.as_ref() {
            Entity::Shop(shop) => Some((&shop.name, shop.settings)),
            _ => None,
        }
    }

    /// All members.
    pub fn members(&self) -> Vec<Member> {
        self.warm
            .values()
            .filter_map(|(_, entity)| match entity.as_ref() {
                Entity::Member(member) => Some(member.clone()),
                _ => None,
            })
            .collect()
    }

    /// All template versions, with the outbox applied.
    pub fn templates(&self) -> Vec<Template> {
        let found = |key: &EntityRef| match self.overlay.get(key) {
            Some(local) => local.clone(),
            None => self.warm.get(key).map(|(_, entity)| entity.clone()),
        };
        self.template_keys()
            .iter()
            .filter_map(|key| match found(key)?.as_ref() {
                Entity::Template(template) => Some(template.clone()),
                _ => None,
            })
            .collect()
    }

    /// The template versions that are confirmed or stand in the outbox.
    pub(super) fn template_keys(&self) -> Vec<EntityRef> {
        let new = self.overlay.keys();
        let new = new.filter(|key| !self.warm.contains_key(*key));
        self.warm
            .keys()
            .chain(new)
            .filter(|key| key.kind() == Kind::Template)
            .copied()
            .collect()
    }

    /// Where this machine's edits of a document are.
    pub fn sync(&self, key: &EntityRef) -> SyncState {
        if self.refused.contains_key(key) {
            SyncState::Refused
        } else {
            self.honest(self.pending.sync(key))
        }
    }

    /// Notes whether the API is known to be reached, and gives the documents whose edits are on
    /// their way: what was handed to the network counts as sent only while it is.
    pub fn set_online(&mut self, online: bool) -> Vec<EntityRef> {
        self.online = online;
        let under_way = |key: &EntityRef| self.pending.of(key).any(|op| op.stage == Stage::Sent);
        self.pending.keys().into_iter().filter(under_way).collect()
    }

    pub(super) fn honest(&self, sync: SyncState) -> SyncState {
        match sync {
            SyncState::Sent if !self.online => SyncState::Waiting,
            other => other,
        }
    }

    /// Whether the API refused edits of a document that are kept here.
    pub fn refused(&self, key: &EntityRef) -> bool {
        self.refused.contains_key(key)
    }

    /// How many operations the API refused.
    pub fn refusals(&self) -> u64 {
        self.refused.values().sum()
    }

    /// How many documents there are.
    pub fn documents(&self) -> Result<u64, CacheError> {
        // Counted as they come, but for what an earlier program left and while another is built.
        let counted = self.meta.copies.tally.filter(|_| !self.rebuilding());
        match counted {
            Some(counted) => Ok(counted.documents),
            None => documents::count(&self.conn, self.meta.copies.shown),
        }
    }

    /// While a copy is on its way: how many documents came, and how many the API has.
    pub fn progress(&self) -> Option<(u64, u64)> {
        let copies = &self.meta.copies;
        let came = copies.tally.filter(|_| copies.filling)?.documents;
        Some((came, self.expected?.max(came)))
    }

    /// Whether a copy of the shop is being built beside the one that is shown.
    pub fn rebuilding(&self) -> bool {
        self.meta.copies.rebuilding()
    }

    /// What was found wrong with the chain of the timeline, in words.
    pub fn alarm(&self) -> Option<&str> {
        self.meta.copies.alarm.as_deref()
    }

    /// That this copy still does not agree with the API's after it was fetched anew, in words.
    pub fn differs(&self) -> Option<&str> {
        self.meta.copies.differs.as_deref()
    }

    /// Refused operations, all or those of one document.
    pub fn quarantine(&self, of: Option<&EntityRef>) -> Result<Vec<Quarantined>, CacheError> {
        quarantine::list(&self.conn, of)
    }

    /// The pulled timeline of a document, in order.
    pub fn events(&self, key: &EntityRef) -> Result<Vec<(Seq, Option<Happening>)>, CacheError> {
        events::of(&self.conn, self.meta.copies.shown, key)
    }

    /// This machine's own lines of a document's timeline, and those of refused operations.
    pub fn own_events(&self, key: &EntityRef) -> Result<Vec<(Happening, SyncState)>, CacheError> {
        let mut lines = Vec::new();
        for (place, happening, acked) in outbox::timeline(&self.conn, key)? {
            let sync = match self.pending.at(place).map(|op| op.stage) {
                _ if acked => SyncState::Acknowledged,
                Some(Stage::Sent) => self.honest(SyncState::Sent),
                _ => SyncState::Waiting,
            };
            lines.push((happening, sync));
        }
        for happening in quarantine::timeline(&self.conn, key)? {
            lines.push((happening, SyncState::Refused));
        }
        Ok(lines)
    }

    /// Gives out the next provisional label; never the same twice.
    pub fn provisional(&mut self) -> Result<String, CacheError> {
        let mut meta = self.meta.clone();
        meta.provisional += 1;
        self.transact(|tx| meta.write_counters(tx))?;
        let label = format!("~{}-{}", self.meta.device.code(), self.meta.provisional);
        self.meta = meta;
        Ok(label)
    }

    /// Keeps a refresh token, durably, before it may be used.
    pub fn keep_refresh(&mut self, token: Option<String>) -> Result<(), CacheError> {
        self.change_meta(|meta| meta.refresh = token)
    }

    /// Changes values of the cache, durably.
    pub fn change_meta(&mut self, change: impl FnOnce(&mut Meta)) -> Result<(), CacheError> {
        let mut meta = self.meta.clone();
        change(&mut meta);
        self.transact(|tx| meta.write(tx))?;
        self.meta = meta;
        Ok(())
    }

    /// Notes what the API says that it takes, for edits from here on; 0 where it has not said it.
    /// Kept with the next transaction that writes the place.
    pub fn takes(&mut self, schema: u16) {
        if schema > 0 {
            self.meta.schema = schema;
        }
    }

    /// Closes the database; what was committed is on the disk.
    pub fn close(self) {
        if let Err((_, error)) = self.conn.close() {
            tracing::warn!(%error, "the cache did not close cleanly; what was saved is safe");
        }
    }
}
