//! Where the API keeps everything: a contract, and the engines that keep it.
//!
//! Two scopes. [`Control`] spans shops: persons, memberships, sign-ins, keys; what people sign in with
//! besides, [`Credentials`]; devices that wait to be let in, [`Pairings`]; copies of benches' keys,
//! [`KeyCopies`]. [`Shops`] is one shop at a time: documents, events, outcomes. No call reads two shops, and every call names its shop,
//! or is made on a [`Transaction`], which is of one shop for its whole life.
//!
//! Rules do not live here. The storage knows rows, order and durability; `core` knows what a row
//! means. Errors are [`StorageError`]; what a database calls a constraint arrives as a word of the
//! domain. The suite in `conformance` is the contract as code, and stamped on every engine.

mod control;
mod copying;
mod count;
mod credentials;
mod error;
mod filling;
mod index;
mod key_copies;
mod model;
mod pairings;
pub mod postgres;
mod shops;
#[doc(hidden)]
pub mod sql;
pub mod sqlite;
pub mod transfer;
mod wrap;

#[cfg(any(test, feature = "testing"))]
pub mod conformance;
#[cfg(any(test, feature = "testing"))]
pub mod memory;

use std::pin::Pin;

pub use control::Control;
pub use credentials::Credentials;
pub use error::StorageError;
pub(crate) use filling::Filling;
pub use index::Index;
pub use key_copies::{KEY_COPIES, KeyCopies};
pub use model::{
    Author, Body, Changes, Device, Emptied, Event, Head, Identity, KeyCopy, Logged, Page,
    PageLimit, Pairing, Part, Pass, Person, Piece, RefusedCreation, Row, SecondFactor, Secret,
    Session, ShopRow, Stored, Tip, Tombstone,
};
pub use pairings::Pairings;
pub use shops::{Shops, Transaction};
pub use wrap::{ShopKey, Wrap, WrapError};

/// A call on its way. Boxed, so that an engine is chosen when the program starts.
pub type Pending<'a, T> = Pin<Box<dyn Future<Output = Result<T, StorageError>> + Send + 'a>>;

/// Both scopes of one database.
///
/// Dropping the future of a call gives up waiting, not the call: what it was to write may or may
/// not be written, as when a line breaks. A caller that must know asks again.
pub trait Storage: Control + Credentials + KeyCopies + Pairings + Shops {}

impl<T: Control + Credentials + KeyCopies + Pairings + Shops> Storage for T {}
