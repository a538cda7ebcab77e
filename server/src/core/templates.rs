//! The versions of a shop's templates: imported as drafts, published, and replaced without taking
//! anything from the inspections that run on them.

use std::collections::HashSet;

use redtag_protocol::{
    entity::{Entity, Kind},
    event::What,
    ids::{ShopId, TemplateId, TemplateKey},
    lifecycle::State,
    stamp::{Seq, Stamp},
    template::{Template, TemplateFile, TemplateState},
};
use serde::Deserialize;

use super::{entity, ledger::Ledger};
use crate::{
    keys,
    storage::{Storage, StorageError, Stored, Transaction},
};

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Imported {
    /// A new version, as a draft.
    Draft(Version),
    /// The newest version says the same already.
    Unchanged(Version),
}

/// A version of a template, for an operator's lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Version {
    /// Its id.
    pub id: TemplateId,
    /// The template.
    pub key: TemplateKey,
    /// Counts from 1.
    pub version: u32,
    /// Its name.
    pub name: String,
    /// Its state.
    pub state: TemplateState,
}

impl From<&Template> for Version {
    fn from(template: &Template) -> Self {
        Self {
            id: template.id,
            key: template.key.clone(),
            version: template.version,
            name: template.name.clone(),
            state: template.state,
        }
    }
}

/// What a change of templates did: each with the sequence at its end, or none if nothing changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done<T> {
    /// What it was.
    pub what: T,
    /// The shop's newest sequence, if it moved.
    pub seq: Option<Seq>,
}

/// Why a template is not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// No template with this key.
    #[error("the shop has no template “{0}”; import its file first")]
    Unknown(TemplateKey),
    /// No such version.
    #[error("template “{key}” has no version {version}; leave the version out for the newest")]
    NoVersion {
        /// The template.
        key: TemplateKey,
        /// The version asked for.
        version: u32,
    },
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// Imports a file as the template's next version, a draft.
pub async fn import(
    storage: &dyn Storage,
    shop: ShopId,
    file: TemplateFile,
    now: Stamp,
) -> Result<Done<Imported>, StorageError> {
    let mut transaction = storage.begin(shop).await?;
    let known = known(transaction.as_mut(), &file.key).await?;
    if let Some(newest) = known.newest()
        && newest.name == file.name
        && newest.choices == file.choices
        && newest.sections == file.sections
        && newest.canned == file.canned
    {
        return Ok(Done {
            what: Imported::Unchanged(newest.into()),
            seq: None,
        });
    }
    let mut ledger = Ledger::new(transaction.head());
    let template = enter(&mut ledger, &known, file, now)?;
    let seq = commit(transaction, ledger).await?;
    Ok(Done {
        what: Imported::Draft((&template).into()),
        seq: Some(seq),
    })
}

/// Publishes a version, the newest where none is named. The one that was active takes no new
/// inspections from then on: it is closing where some still run on it, else closed. One that was
/// closing is closed at the next publication that finds nothing running on it.
pub async fn publish(
    storage: &dyn Storage,
    shop: ShopId,
    key: &TemplateKey,
    version: Option<u32>,
    now: Stamp,
) -> Result<Done<Version>, PublishError> {
    let mut transaction = storage.begin(shop).await?;
    let known = known(transaction.as_mut(), key).await?;
    let newest = known
        .newest()
        .ok_or_else(|| PublishError::Unknown(key.clone()))?;
    let number = version.unwrap_or(newest.version);
    let chosen = known
        .0
        .iter()
        .find(|it| it.version == number)
        .ok_or_else(|| PublishError::NoVersion {
            key: key.clone(),
            version: number,
        })?;
    let running = running(transaction.as_mut()).await?;
    let mut ledger = Ledger::new(transaction.head());
    for other in known.0.iter().filter(|it| it.id != chosen.id) {
        let ends = match (other.state, running.contains(&other.id)) {
            (TemplateState::Active, true) => TemplateState::Closing,
            (TemplateState::Active | TemplateState::Closing, false) => TemplateState::Closed,
            _ => continue,
        };
        turn(&mut ledger, other.clone(), ends, now)?;
    }
    let mut version = Version::from(chosen);
    if chosen.state != TemplateState::Active {
        open(&mut ledger, chosen.clone(), now)?;
        version.state = TemplateState::Active;
    }
    let before = transaction.head().seq;
    let seq = commit(transaction, ledger).await?;
    Ok(Done {
        what: version,
        seq: (seq > before).then_some(seq),
    })
}

/// Every version of every template, by key and version.
pub async fn list(storage: &dyn Storage, shop: ShopId) -> Result<Vec<Version>, StorageError> {
    let stored = storage.list(shop, Kind::Template).await?;
    let mut versions = stored
        .iter()
        .map(|it| template(it).map(|it| Version::from(&it)))
        .collect::<Result<Vec<_>, _>>()?;
    versions.sort_by(|a, b| (&a.key, a.version).cmp(&(&b.key, b.version)));
    Ok(versions)
}

/// All versions of one template, the oldest first.
#[derive(Default)]
pub(super) struct Known(Vec<Template>);

impl Known {
    fn newest(&self) -> Option<&Template> {
        self.0.last()
    }
}

/// Enters a file as the next version, a draft.
pub(super) fn enter(
    ledger: &mut Ledger,
    known: &Known,
    file: TemplateFile,
    now: Stamp,
) -> Result<Template, StorageError> {
    let version = known.newest().map_or(1, |it| it.version + 1);
    let id = TemplateId::from_parts(now.0, keys::random());
    let template = file.into_template(id, version, TemplateState::Draft);
    let what = What::Template {
        version,
        before: None,
        after: TemplateState::Draft,
    };
    ledger.operator(Entity::Template(template.clone()), what, now)?;
    Ok(template)
}

/// Makes a version active.
pub(super) fn open(
    ledger: &mut Ledger,
    template: Template,
    now: Stamp,
) -> Result<(), StorageError> {
    turn(ledger, template, TemplateState::Active, now)
}

fn turn(
    ledger: &mut Ledger,
    mut template: Template,
    state: TemplateState,
    now: Stamp,
) -> Result<(), StorageError> {
    let what = What::Template {
        version: template.version,
        before: Some(template.state),
        after: state,
    };
    template.state = state;
    ledger.operator(Entity::Template(template), what, now)
}

async fn commit(
    mut transaction: Box<dyn Transaction>,
    ledger: Ledger,
) -> Result<Seq, StorageError> {
    let head = ledger.head();
    transaction.write(ledger.own_changes()?).await?;
    transaction.commit(head).await?;
    Ok(head.seq)
}

fn template(stored: &Stored) -> Result<Template, StorageError> {
    match entity(stored)? {
        Entity::Template(template) => Ok(template),
        _ => Err(StorageError::garbled(
            "template",
            "another kind of document",
        )),
    }
}

async fn known(
    transaction: &mut dyn Transaction,
    key: &TemplateKey,
) -> Result<Known, StorageError> {
    let stored = transaction.list(Kind::Template).await?;
    let mut versions = stored
        .iter()
        .map(template)
        .filter(|it| it.as_ref().map_or(true, |it| it.key == *key))
        .collect::<Result<Vec<_>, _>>()?;
    versions.sort_by_key(|it| it.version);
    Ok(Known(versions))
}

/// The template versions that unfinished inspections run on.
async fn running(transaction: &mut dyn Transaction) -> Result<HashSet<TemplateId>, StorageError> {
    /// As much of an inspection as is needed here.
    #[derive(Deserialize)]
    struct Running {
        template: Reference,
        state: Standing,
    }
    #[derive(Deserialize)]
    struct Reference {
        id: TemplateId,
    }
    #[derive(Deserialize)]
    struct Standing {
        v: State,
    }
    let mut ids = HashSet::new();
    for stored in transaction.list(Kind::Inspection).await? {
        let it: Running = serde_json::from_str(&stored.body)
            .map_err(|error| StorageError::garbled("inspection", error))?;
        if !matches!(it.state.v, State::Closed | State::Void) {
            ids.insert(it.template.id);
        }
    }
    Ok(ids)
}
