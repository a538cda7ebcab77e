//! The versions of a shop's templates: imported as drafts, published, and replaced without taking
//! anything from the inspections that run on them.

use redtag_protocol::{
    entity::{Entity, EntityRef, Kind, World},
    event::What,
    ids::{ShopId, TemplateId, TemplateKey},
    stamp::{Seq, Stamp},
    template::{Template, TemplateFile, TemplateState},
};
use serde::Deserialize;

use super::{entity, ledger::Ledger};
use crate::{
    keys,
    storage::{Storage, StorageError, Stored, Transaction},
};

/// Open inspections looked at together.
const SLICE: u32 = 256;

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
/// inspections from then on: it is closing where some still run on it, else closed. So is one that was
/// closing, which otherwise is closed with the last inspection that runs on it.
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
    let mut world = World::new();
    let standing = known
        .0
        .iter()
        .filter(|it| matches!(it.state, TemplateState::Active | TemplateState::Closing));
    let versions = standing.map(|it| it.id).collect();
    note_running(transaction.as_mut(), &mut world, versions).await?;
    let mut ledger = Ledger::new(transaction.head());
    for other in known.0.iter().filter(|it| it.id != chosen.id) {
        let ends = match (other.state, world.is_running(other.id, None)) {
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

/// Notes for template versions whether an unfinished inspection runs on them that is not in the world
/// itself. One that cannot be read runs on none that can be told.
pub(super) async fn note_running(
    transaction: &mut dyn Transaction,
    world: &mut World,
    mut versions: Vec<TemplateId>,
) -> Result<(), StorageError> {
    /// As much of an inspection as is needed here.
    #[derive(Deserialize)]
    struct Running {
        template: Reference,
    }
    #[derive(Deserialize)]
    struct Reference {
        id: TemplateId,
    }
    versions.sort_unstable();
    versions.dedup();
    let mut below = None;
    while !versions.is_empty() {
        let open = transaction.open(below, SLICE).await?;
        for stored in &open {
            let EntityRef::Inspection(id) = stored.key else {
                continue;
            };
            below = Some(id);
            if world.entity(&stored.key).is_some() || world.buried(&stored.key).is_some() {
                continue;
            }
            if let Ok(it) = serde_json::from_str::<Running>(&stored.body)
                && let Ok(place) = versions.binary_search(&it.template.id)
            {
                world.run(versions.remove(place), Some(id));
            }
        }
        if open.len() < SLICE as usize {
            break;
        }
    }
    for version in versions {
        world.run(version, None);
    }
    Ok(())
}
