//! The contract as code: one suite, stamped on every engine from one list.

#![allow(
    missing_docs,
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "tests: what fails here fails them"
)]

pub mod control;
pub mod copies;
pub mod credentials;
pub mod deletions;
pub mod key_copies;
pub mod pairings;
pub mod sessions;
pub mod shops;
pub mod transactions;

use std::pin::Pin;

use redtag_protocol::{
    entity::EntityRef,
    event,
    ids::{CustomerId, DeviceId, PersonId, SessionId, ShopId},
    stamp::{Seq, Stamp},
};

use super::{
    Author, Changes, Event, Head, Index, Logged, Person, Session, ShopRow, Storage, StorageError,
    Stored, Transaction,
};
use crate::keys::random;

/// Where a database lies; opening it again finds what was committed.
pub trait Place {
    /// The engine under test.
    type Engine: Storage;

    /// Opens the database, as another process would.
    fn open(&self) -> impl Future<Output = Self::Engine>;
}

/// A rule of the contract, for a place that holds nothing yet.
pub type Rule<P> = for<'a> fn(&'a P) -> Pin<Box<dyn Future<Output = ()> + 'a>>;

/// The one list of all rules, handed to a macro of the caller's: whatever stamps them on an engine
/// leaves none out.
macro_rules! each_rule {
    ($stamp:ident! $($with:tt)*) => {
        $stamp! { $($with)*;
            control::{addresses_are_unique_whatever_their_case,
                an_address_that_cannot_be_is_nobodys, racing_persons_one_wins,
                shops_appear_when_they_are_ready,
                a_shop_id_is_used_once, memberships_name_ready_shops, devices_belong_to_one_person,
                one_secret_stands_under_a_name, the_epoch_stays},
            copies::{a_copy_is_the_same_whatever_the_size_of_its_pieces,
                a_copy_leaves_out_what_changed_since, open_inspections_bring_what_they_name,
                an_alias_comes_with_what_it_has_become, a_mark_past_every_number_is_past_the_end,
                the_history_is_of_open_inspections, a_timeline_is_of_one_document},
            credentials::{a_second_factor_changes_once_a_version, a_hash_of_the_same_password_ends_nothing,
                a_new_password_may_keep_one_session, of_racing_passwords_one_stands,
                one_sign_in_at_a_provider_is_one_person, the_sign_ins_of_a_shop_are_listed,
                a_revoked_session_has_ended, a_device_destroys_its_key_once,
                a_pass_is_used_once, passes_are_of_their_shop},
            deletions::{a_deleted_document_leaves_a_tombstone, a_document_that_comes_back_has_none,
                events_outlive_document_and_tombstone,
                one_document_is_not_written_twice, erasing_empties_what_was_told,
                what_is_named_is_known, open_inspections_come_in_falling_order,
                tombstones_are_forgotten_with_a_floor,
                the_tally_follows_every_write},
            key_copies::{a_key_is_kept_and_kept_anew, another_persons_key_is_neither_pushed_out_nor_forgotten,
                a_persons_newest_keys_stay, what_a_device_kept_is_forgotten_with_it,
                keys_are_of_their_shop},
            pairings::{a_device_that_waits_is_found_by_its_secret_and_by_its_code,
                a_device_asks_after_the_time_that_it_last_asked,
                the_first_word_about_a_device_stands,
                old_devices_are_forgotten_and_unheard_sign_ins_named},
            sessions::{a_generation_advances_once, an_ended_session_stays_ended,
                a_session_moves_to_another_device, members_sessions_end_together,
                a_new_password_ends_the_persons_sessions},
            shops::{an_unknown_shop_is_named, a_tip_is_the_head_and_what_it_amounts_to,
                documents_come_in_the_order_asked_for,
                a_list_is_by_id, shops_see_nothing_of_each_other,
                pages_are_the_same_whatever_their_size, pages_of_large_and_small_rows_are_whole,
                a_changed_document_moves_to_the_end,
                hashes_are_found_by_sequence, outcomes_are_forgotten_but_not_the_numbers,
                outcomes_are_forgotten_in_slices},
            transactions::{a_dropped_transaction_leaves_nothing, commits_survive_reopening,
                writers_take_turns, shops_do_not_hold_each_other_up, events_follow_without_a_gap,
                a_document_changes_only_with_an_event,
                a_number_is_decided_once, after_a_refused_write_nothing_is_committed,
                a_write_that_is_given_up_is_whole_or_nothing,
                a_forgotten_transaction_holds_nobody_up, the_head_ends_where_the_events_do,
                a_transaction_finishes_whole_or_not_at_all,
                a_transaction_begins_with_a_devices_number,
                outcomes_come_back_in_order, refused_creations_are_found,
                own_writes_are_seen, readers_see_all_of_a_commit_or_nothing},
        }
    };
}
#[cfg(test)]
pub(crate) use each_rule;

/// Makes one test of each rule of the contract, on a new place each.
#[cfg(test)]
macro_rules! suite {
    ($place:expr; $($module:ident::{$($rule:ident),* $(,)?}),* $(,)?) => {
        $($(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $rule() {
                $crate::storage::conformance::$module::$rule(&$place).await;
            }
        )*)*
    };
}
#[cfg(test)]
pub(crate) use suite;

macro_rules! list {
    (; $($module:ident::{$($rule:ident),* $(,)?}),* $(,)?) => {
        vec![$($((stringify!($rule), |place| Box::pin($module::$rule(place)))),*),*]
    };
}

/// All rules by name, for an engine whose tests are not known when they are compiled.
pub fn rules<P: Place + 'static>() -> Vec<(&'static str, Rule<P>)> {
    each_rule!(list!)
}

/// A point in time; nothing depends on which.
const NOW: Stamp = Stamp(1_790_000_000_000);

fn person(email: &str) -> Person {
    Person {
        id: PersonId::from_parts(NOW.0, random()),
        email: email.to_owned(),
        name: "Rosa Ratchet".to_owned(),
        password: "hash".to_owned(),
        created: NOW,
    }
}

pub(crate) async fn new_shop(storage: &impl Storage, name: &str) -> ShopId {
    let id = ShopId::from_parts(NOW.0, random());
    let row = ShopRow {
        id,
        name: name.to_owned(),
        created: NOW,
    };
    storage.shop_create(row).await.unwrap();
    storage.shop_ready(id).await.unwrap();
    id
}

fn device() -> DeviceId {
    DeviceId::from_parts(NOW.0, random())
}

pub(super) fn customer() -> EntityRef {
    EntityRef::Customer(CustomerId::from_parts(NOW.0, random()))
}

pub(crate) async fn new_session(storage: &impl Storage) -> Session {
    let shop = new_shop(storage, "Quayside").await;
    let owner = person("rosa@example.com");
    let person = owner.id;
    storage.person_create(owner).await.unwrap();
    let session = Session {
        id: SessionId::from_parts(NOW.0, random()),
        person,
        shop,
        device: device(),
        device_key: Some(random()),
        generation: 1,
        created: NOW,
        used: NOW,
        ended: None,
        revoked: None,
    };
    storage.session_create(session.clone()).await.unwrap();
    session
}

/// Appends a change of each document to a head, as the rules would.
pub(super) fn changes(head: Head, documents: &[(EntityRef, &str)]) -> (Changes, Head) {
    let mut head = head;
    let mut changes = Changes::default();
    for (key, body) in documents {
        let salt = random();
        let payload = format!("{{\"of\":{}}}", head.seq.next());
        let seq = head.seq.next();
        let digest = event::payload_digest(&salt, payload.as_bytes());
        head.seq = seq;
        head.hash = event::chain(&head.hash, seq, &digest);
        changes.documents.retain(|it: &Stored| it.key != *key);
        changes.documents.push(Stored {
            key: *key,
            version: seq,
            index: Index::default(),
            body: (*body).into(),
        });
        changes.events.push(Event {
            seq,
            key: *key,
            salt,
            hash: head.hash,
            payload: payload.into(),
            digest: None,
        });
    }
    (changes, head)
}

/// One transaction that changes these documents.
pub(super) async fn put(
    storage: &dyn Storage,
    shop: ShopId,
    documents: &[(EntityRef, &str)],
) -> Head {
    let mut transaction = storage.begin(shop).await.unwrap();
    let (changes, head) = changes(transaction.head(), documents);
    transaction.write(changes).await.unwrap();
    transaction.commit(head).await.unwrap();
    head
}

fn logged(number: u64, refused: Option<EntityRef>) -> Logged {
    Logged {
        number,
        digest: random(),
        outcome: format!("{{\"number\":{number}}}").into(),
        refused,
    }
}

fn log(device: DeviceId, logged: Vec<Logged>, at: Stamp) -> Changes {
    let last = logged.iter().map(|it| it.number).max().unwrap();
    Changes {
        log: logged,
        author: Some(Author { device, last, at }),
        ..Changes::default()
    }
}

async fn begin(storage: &impl Storage, shop: ShopId) -> Box<dyn Transaction> {
    storage.begin(shop).await.unwrap()
}

fn is_constraint<T>(result: &Result<T, StorageError>) -> bool {
    matches!(result, Err(StorageError::Constraint(_)))
}

const START: Seq = Seq(0);
