//! What can go wrong on the line, in the terms that the daemon acts upon.

use redtag_protocol::{
    api::sign_in::Membership,
    ipc::{Failure, FailureCode},
};

/// A call that did not succeed. The words are for people: what failed and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RemoteError {
    /// The address or the certificate file cannot be used. No call was made.
    #[error("{words}")]
    Address {
        /// Why.
        words: String,
    },
    /// The API cannot be reached; it passes.
    #[error("{words}")]
    Offline {
        /// Why.
        words: String,
    },
    /// This machine's network is another than the one that the call went over; it is made again at
    /// once.
    #[error("{words}")]
    Moved {
        /// Which call.
        words: String,
    },
    /// The API's certificate is not one to trust; nothing was sent.
    #[error("{words}")]
    Untrusted {
        /// Why.
        words: String,
    },
    /// 401 of the API: the access token is not taken; refresh once, then wait for a person.
    #[error("the API does not take the access token any more")]
    Unauthorized,
    /// `invalid_grant`: the sign-in has ended. The only answer that signs out.
    #[error("{words}")]
    SignedOut {
        /// Why.
        words: String,
    },
    /// Somebody took the sign-in from this machine: what it keeps of the shop is to go.
    #[error("{words}")]
    Revoked {
        /// Why.
        words: String,
        /// The epoch of the API's database, where it told it.
        epoch: Option<String>,
    },
    /// The person is no member of the shop any more: a definite answer in that epoch.
    #[error("{words}")]
    NotAMember {
        /// Why.
        words: String,
        /// The epoch of the API's database, where it told it.
        epoch: Option<String>,
    },
    /// The API has too much to do.
    #[error("the API asks to come back in {0} s")]
    RetryAfter(u64),
    /// 413: more than the API takes at once.
    #[error("the API refused a message as too large")]
    TooLarge,
    /// 413 of something on the way to the API, whose limit may be mended.
    #[error(
        "something on the way to the API refuses a message as too large (413); have the limit of \
         the proxy raised to at least 2 MiB"
    )]
    TooLargeOnTheWay,
    /// 401 of something on the way to the API; it says nothing of the sign-in.
    #[error(
        "something on the way to the API asks for a sign-in of its own (401); look at the proxy"
    )]
    OtherGate,
    /// A definite no with its code, see [`redtag_protocol::api::error::code`].
    #[error("{words}")]
    Rejected {
        /// For programs.
        code: String,
        /// For people.
        words: String,
        /// With `choose_shop`: the shops to choose from.
        shops: Vec<Membership>,
    },
    /// No version in common: one side must be upgraded.
    #[error("{words}")]
    Upgrade {
        /// Which side.
        words: String,
    },
    /// A fault of the server (5xx); it passes.
    #[error("{words}")]
    Server {
        /// What it said.
        words: String,
    },
    /// A page of changes is larger than is taken; a smaller one is asked for next.
    #[error("{words}")]
    TooMuch {
        /// From where.
        words: String,
    },
    /// What answered is no Redtag API, or speaks nonsense.
    #[error("{words}")]
    Garbage {
        /// What was odd.
        words: String,
    },
}

impl RemoteError {
    /// Whether trying again later may help without a person doing anything.
    pub fn passes(&self) -> bool {
        matches!(
            self,
            Self::Offline { .. }
                | Self::Moved { .. }
                | Self::Untrusted { .. }
                | Self::Unauthorized
                | Self::OtherGate
                | Self::TooLargeOnTheWay
                | Self::RetryAfter(_)
                | Self::Upgrade { .. }
                | Self::Server { .. }
                | Self::TooMuch { .. }
                | Self::Garbage { .. }
        )
    }
}

impl From<RemoteError> for Failure {
    fn from(error: RemoteError) -> Self {
        let code = match &error {
            RemoteError::Address { .. } => FailureCode::Invalid,
            RemoteError::Offline { .. }
            | RemoteError::Moved { .. }
            | RemoteError::RetryAfter(_)
            | RemoteError::OtherGate
            | RemoteError::TooLargeOnTheWay => FailureCode::Offline,
            RemoteError::Unauthorized
            | RemoteError::SignedOut { .. }
            | RemoteError::Revoked { .. } => FailureCode::NotSignedIn,
            RemoteError::NotAMember { .. } => FailureCode::NotAllowed,
            _ => FailureCode::Remote,
        };
        let mut failure = Self::new(code, error.to_string());
        if let RemoteError::Rejected { code, shops, .. } = error {
            failure.shops = shops;
            failure.remote = Some(code);
        }
        failure
    }
}
