//! The local socket between client and daemon: frames of JSON, one greeting each way, then
//! requests with replies and pushes in between.

mod conflict;
mod difference;
pub mod frame;
mod hello;
mod lock;
mod look;
mod machine;
mod push;
mod reply;
mod request;
pub mod socket;
mod unsent;
mod view;

pub use conflict::{AnyWrite, Choice, ConflictSort, ConflictView, SideView};
pub use difference::{Difference, Followed, difference};
pub use hello::{ANSWERED, Hello, IPC, LOCKED, PAGED, WATCHED, Welcome};
pub use lock::{DIGITS, Pin};
pub use look::{
    BoardSort, CustomerView, Facets, Found, Hit, Likeness, REMEMBERED, Touched, Trend, TrendValue,
    VehicleView,
};
pub use machine::{Finding, Setting};
pub use push::Push;
pub use reply::{Failure, FailureCode, FromDaemon, Pairing, Reply, TemplatePage};
pub use request::{BoardQuery, FromClient, NewPassword, Pair, Request, SignIn, TicketFilter};
pub use unsent::{Adopted, Exported, MOST, OutboxPage, Outgoing, PART, Passphrase, part};
pub use view::{
    Account, BoardRow, Connection, History, InspectionView, Lock, Previous, Quarantined, SentBack,
    Status, SyncState, TicketPage, TimelineEntry,
};
