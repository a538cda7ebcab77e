//! The local cache of one account: an encrypted database on a thread of its own, and what is kept
//! in memory beside it. The change and the record of the change stand in one transaction; answers
//! to people are given after the commit.

mod again;
mod decide;
mod documents;
mod error;
mod events;
mod lazily;
mod local;
mod meta;
mod open;
mod outbox;
mod page;
mod pending;
mod push;
mod quarantine;
mod reference;
mod salvage;
mod save;
mod schema;
mod store;
mod thread;

pub use error::CacheError;
pub use local::Scratch;
pub use meta::Meta;
pub use open::{Opened, Origin, create, open};
pub use page::{Page, Pulled};
pub use pending::{Pending, PendingOp, Stage};
pub use push::{Batch, Decided};
pub use salvage::Salvaged;
pub use save::{Clock, SaveError, Saved};
pub use store::Store;
pub use thread::{Cache, End};

#[cfg(test)]
mod tests;
