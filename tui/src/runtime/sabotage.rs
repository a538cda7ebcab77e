//! For the tests, and in builds with debug assertions alone: a panic in a thread of their choice, so
//! that a real terminal shows what is left of it. `REDTAG_TEST_PANIC` names the place; `SIGUSR1`
//! strikes.

use std::{future::pending, io};

use tokio::signal::unix::{Signal, SignalKind, signal};

/// A panic that waits for its signal, or none.
pub(super) struct Sabotage(Option<(Signal, String)>);

impl Sabotage {
    /// Armed where a test asks for it.
    pub(super) fn arm() -> io::Result<Self> {
        let wanted = std::env::var("REDTAG_TEST_PANIC").ok();
        let Some(place) = wanted.filter(|_| cfg!(debug_assertions)) else {
            return Ok(Self(None));
        };
        Ok(Self(Some((signal(SignalKind::user_defined1())?, place))))
    }

    /// Returns once a panic was struck elsewhere; never where none is wanted.
    pub(super) async fn struck(&mut self) {
        let Some((signal, place)) = &mut self.0 else {
            return pending().await;
        };
        signal.recv().await;
        match place.as_str() {
            "task" => drop(tokio::spawn(async { strike() })),
            "thread" => drop(std::thread::spawn(strike)),
            "blocking" => drop(tokio::task::spawn_blocking(strike)),
            _ => strike(),
        }
    }
}

#[expect(clippy::panic, reason = "what a test asked for")]
fn strike() {
    panic!("a test struck");
}
