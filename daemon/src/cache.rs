//! The local cache of one account: an encrypted database on a thread of its own, and what is kept
//! in memory beside it. The change and the record of the change stand in one transaction; answers
//! to people are given after the commit.

mod adopted;
mod again;
mod along;
mod audit;
mod chain;
mod copies;
mod decide;
mod documents;
mod drafts;
mod error;
mod events;
mod found;
mod gone;
mod ground;
mod heard;
mod key;
mod lazily;
mod lease;
mod listed;
mod local;
mod lock;
mod looking;
mod meta;
mod open;
mod opened;
mod outbox;
mod page;
mod pending;
mod push;
mod quarantine;
mod reference;
mod remembered;
mod salvage;
mod save;
mod schema;
mod search;
mod settle;
mod store;
mod take;
mod thread;
mod undo;
mod unmade;
mod unsent;

pub use again::{Held, Reopened};
pub(crate) use along::{Placed, along};
pub use copies::Copies;
pub use error::CacheError;
pub use ground::Kept;
pub use lease::Contact;
pub use listed::Unsent;
pub use local::Scratch;
pub use lock::{Lock, MOST, Tried};
pub use meta::Meta;
pub use open::{Checked, Opened, Origin, check, create, note_damage, open};
pub use page::{Page, Prepared, Pulled};
pub use pending::{Pending, PendingOp, Stage};
pub use push::{Batch, Decided};
pub use salvage::Salvaged;
pub use save::{Clock, SaveError, Saved};
pub use store::Store;
pub use thread::{Cache, End};
pub use unsent::{Export, nothing_adopted};

#[cfg(test)]
pub(crate) mod tests;
