//! What the tests of this crate share.

mod bench;
mod server;

pub(crate) use self::{
    bench::Bench,
    server::{Server, SignedIn, nonce},
};
