//! What the tests of this crate share.

mod bench;
mod garble;
mod log;
mod server;

pub(crate) use self::{
    bench::Bench,
    garble::garble,
    log::Log,
    server::{Server, SignedIn, nonce},
};
