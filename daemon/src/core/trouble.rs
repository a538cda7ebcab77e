//! Why a call failed, as far as it matters for what is done next.

/// Why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trouble {
    /// It passes: no network, a fault of the server, nonsense. The words are for people.
    Passing(String),
    /// The network that the call went over is gone: what became of it is not known.
    Moved,
    /// The access token was not taken.
    Unauthorized,
    /// The sign-in has ended for good.
    SignedOut(String),
    /// The membership has ended.
    Left(String),
    /// Somebody took the sign-in from this machine, which is to keep nothing of it.
    Revoked(String),
    /// Come back in so many seconds.
    RetryAfter(u64),
    /// The sign-in goes with another device id: a cloned home has taken it over.
    OtherDevice,
    /// The batch was too large for the API.
    TooLarge,
    /// The batch was too large for something on the way to the API, which may be mended; why.
    TooLargeOnTheWay(String),
}
