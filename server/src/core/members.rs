//! Who belongs to a shop. The member document is the authority; what sign-in needs beside it
//! follows: an index that may name a shop too many, and sessions that end.

use redtag_protocol::{
    entity::{Entity, Kind},
    event::What,
    ids::{PersonId, ShopId},
    role::Role,
    shop::Member,
    stamp::{Seq, Stamp},
};
use serde_json::Map;

use super::{entity, ledger::Ledger, second_factor::demanded, settings, tokens};
use crate::storage::{Storage, StorageError, Stored, Transaction};

/// Why the members stay as they are.
#[derive(Debug, thiserror::Error)]
pub enum MemberError {
    /// The person does not belong to the shop.
    #[error("this person is not a member of the shop")]
    NotAMember,
    /// Nobody could manage the shop any more.
    #[error(
        "this is the shop's last owner; make somebody else an owner first, \
         then nobody is locked out"
    )]
    LastOwner,
    /// The storage.
    #[error(transparent)]
    Storage(#[from] StorageError),
}

/// What a change of the members did: the sequence of the change, or none if nothing changed.
pub type Changed = Option<Seq>;

/// Makes a person a member, or gives a member another role or name.
pub async fn put(
    storage: &dyn Storage,
    shop: ShopId,
    person: PersonId,
    name: &str,
    role: Role,
    now: Stamp,
) -> Result<Changed, MemberError> {
    // First, so that sign-in never misses a shop; a name too many there does no harm.
    storage.membership_add(person, shop).await?;
    let removed = |it: &Member| it.id == person && it.removed;
    // Whoever comes to a role that wants a second factor may have signed in without one.
    let settings = settings::read(storage, shop).await?;
    let wanted = demanded(&settings, role);
    let raised = |it: &Member| it.id == person && wanted && !demanded(&settings, it.role);
    let (mut transaction, mut all) = begin(storage, shop).await?;
    if all.iter().any(|it| removed(it) || raised(it)) {
        // Who comes back signs in anew. Removing ended what it found; a sign-in that was under way
        // then, or a removal that broke off, may have left one. Ended before the commit, while the
        // person may still do nothing, so that a crash in between lets nobody in; and without the
        // shop's counter, since it takes a connection of its own: callers who each hold one and
        // want another would wait for each other.
        drop(transaction);
        storage.sessions_end(person, shop, now).await?;
        tokens::end_all(storage, shop, person, now).await?;
        (transaction, all) = begin(storage, shop).await?;
    }
    let before = all.iter().find(|it| it.id == person);
    let mut member = before.cloned().unwrap_or_else(|| Member {
        id: person,
        name: String::new(),
        role,
        removed: false,
        unknown: Map::new(),
    });
    name.clone_into(&mut member.name);
    member.role = role;
    member.removed = false;
    if before == Some(&member) {
        return Ok(None);
    }
    if role != Role::Owner {
        must_not_be_last(&all, person)?;
    }
    let what = What::Member {
        name: member.name.clone(),
        role: Some(role),
    };
    commit(transaction, member, what, now).await
}

/// Ends a membership and the person's sign-ins to the shop. The document stays, for the timeline's
/// names.
pub async fn remove(
    storage: &dyn Storage,
    shop: ShopId,
    person: PersonId,
    now: Stamp,
) -> Result<Changed, MemberError> {
    let (transaction, all) = begin(storage, shop).await?;
    let mut member = all
        .iter()
        .find(|it| it.id == person && !it.removed)
        .cloned()
        .ok_or(MemberError::NotAMember)?;
    must_not_be_last(&all, person)?;
    member.removed = true;
    let what = What::Member {
        name: member.name.clone(),
        role: None,
    };
    let changed = commit(transaction, member, what, now).await?;
    storage.membership_remove(person, shop).await?;
    storage.sessions_end(person, shop, now).await?;
    tokens::end_all(storage, shop, person, now).await?;
    Ok(changed)
}

/// Everybody who ever belonged to the shop, by name; `removed` tells who no longer does.
pub async fn list(storage: &dyn Storage, shop: ShopId) -> Result<Vec<Member>, StorageError> {
    let mut members = storage
        .list(shop, Kind::Member)
        .await?
        .iter()
        .map(member)
        .collect::<Result<Vec<_>, _>>()?;
    members.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(members)
}

/// A transaction, and everybody who ever belonged to the shop as it sees them.
async fn begin(
    storage: &dyn Storage,
    shop: ShopId,
) -> Result<(Box<dyn Transaction>, Vec<Member>), StorageError> {
    let mut transaction = storage.begin(shop).await?;
    let stored = transaction.list(Kind::Member).await?;
    let all = stored.iter().map(member).collect::<Result<_, _>>()?;
    Ok((transaction, all))
}

fn member(stored: &Stored) -> Result<Member, StorageError> {
    match entity(stored)? {
        Entity::Member(member) => Ok(member),
        _ => Err(StorageError::garbled("member", "another kind of document")),
    }
}

fn must_not_be_last(members: &[Member], person: PersonId) -> Result<(), MemberError> {
    let mut owners = members
        .iter()
        .filter(|it| !it.removed && it.role == Role::Owner);
    match (owners.next(), owners.next()) {
        (Some(last), None) if last.id == person => Err(MemberError::LastOwner),
        _ => Ok(()),
    }
}

async fn commit(
    mut transaction: Box<dyn Transaction>,
    member: Member,
    what: What,
    now: Stamp,
) -> Result<Changed, MemberError> {
    let mut ledger = Ledger::new(transaction.head());
    ledger.operator(Entity::Member(member), what, now)?;
    let head = ledger.head();
    transaction.write(ledger.own_changes()?).await?;
    transaction.commit(head).await?;
    Ok(Some(head.seq))
}
