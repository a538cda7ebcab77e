use redtag_protocol::ids::ShopId;

/// What a storage can answer instead of what was asked.
#[derive(Debug, thiserror::Error)]
pub enum StorageError {
    /// No such shop, or one that is only half made.
    #[error("there is no shop {0}")]
    NoShop(ShopId),
    /// Another person has the e-mail address.
    #[error("a person with this e-mail address is there already")]
    EmailTaken,
    /// The device id is registered to another person of this shop.
    #[error("this device id belongs to another person's sign-in")]
    DeviceTaken,
    /// The id was used before.
    #[error("a {0} with this id is there already")]
    Exists(&'static str),
    /// A row that the caller's rules should have kept out; nothing of the write was taken.
    #[error("the database refused a row: {0}")]
    Constraint(String),
    /// Another process holds the database, or too many wait; trying again is safe.
    #[error("the database is busy; nothing was changed, try again")]
    Busy,
    /// The engine went away in the middle, or the transaction waited too long for its next call and
    /// was rolled back. A commit that ends so may have happened.
    #[error("the database connection was lost")]
    Lost,
    /// There is no connection to the database server.
    #[error(transparent)]
    Connect(#[from] super::postgres::ConnectError),
    /// The file is of a newer program.
    #[error(
        "{file} was written by a newer redtag-server (schema {found}, this one knows {known}); \
         nothing was changed, run the newer program"
    )]
    Newer {
        /// Which file.
        file: String,
        /// The file's schema.
        found: i64,
        /// The newest that this program knows.
        known: i64,
    },
    /// Wrong key or damaged file: the first page does not decrypt.
    #[error(
        "{file} cannot be read: the key does not fit or the file is damaged; nothing was changed. \
         Check that the master key is the one the server was set up with, or restore a backup"
    )]
    Unreadable {
        /// Which file.
        file: String,
    },
    /// A file that must be there is not, or holds nothing. To go on with a new one would tell every
    /// bench that its shop is empty and its people no members.
    #[error(
        "{file} is missing or empty; no new one was made in its place. Put it back where it was, \
         or restore a backup"
    )]
    Missing {
        /// Which file.
        file: String,
    },
    /// The database, or the role that it was opened with, is not as it must be: what is wrong, and
    /// what to do.
    #[error("{0}")]
    Unfit(String),
    /// The data was moved to PostgreSQL, which goes on with it.
    #[error(
        "the data in {dir} was moved to {to} and is no longer served or changed here: give \
         --database with that address. To go back on purpose, stop the server there and run \
         “redtag-server move --back --from {dir}”; what was done there since is then not here"
    )]
    Moved {
        /// The directory.
        dir: String,
        /// The database, without its password.
        to: String,
    },
    /// The data is being moved just now.
    #[error(
        "the data in {dir} is being moved to PostgreSQL just now; nothing was changed, wait for \
         the move's end"
    )]
    Moving {
        /// The directory.
        dir: String,
    },
    /// It must be had alone, and another program has it open.
    #[error(
        "another redtag-server command works on {dir}; nothing was changed, try again when it has \
         ended"
    )]
    InUse {
        /// The directory.
        dir: String,
    },
    /// A move into this database has begun and has not ended.
    #[error(
        "a move into this database has begun and is not finished, or was taken back, so nothing is \
         served from it. Run “redtag-server move” again with the same --from and --to, it goes on \
         where it stopped; after “move --back” serve the old directory, which goes on with the data"
    )]
    Arriving,
    /// The shop's key does not open under the given master key.
    #[error(transparent)]
    Wrap(#[from] super::WrapError),
    /// Stored text that is not what it should be.
    #[error("a stored {what} cannot be read")]
    Garbled {
        /// What it should be.
        what: &'static str,
        /// Why it is not.
        #[source]
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The file system, with the place.
    #[error("{place}: {source}")]
    Io {
        /// The file or directory.
        place: String,
        /// What the system said.
        source: std::io::Error,
    },
    /// Anything else that the engine said: a full disk, a broken line.
    #[error("the database failed: {0}")]
    Engine(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl StorageError {
    /// Whether the same call may succeed in a moment without anybody doing anything.
    pub fn is_transient(&self) -> bool {
        match self {
            Self::Busy | Self::Lost => true,
            Self::Connect(error) => error.is_transient(),
            _ => false,
        }
    }

    pub(crate) fn garbled(
        what: &'static str,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        Self::Garbled {
            what,
            source: source.into(),
        }
    }
}
