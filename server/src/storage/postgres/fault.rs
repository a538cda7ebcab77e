//! What PostgreSQL and the way there said, in the storage's words.

use deadpool::managed::TimeoutType;
use tokio_postgres::{Error, error::SqlState};

use super::{ConnectError, StorageError, pool::PoolError, statement::said};

/// A statement that failed, or the line under it.
pub(in crate::storage) fn fault(error: Error) -> StorageError {
    let Some(code) = error.code() else {
        return unsaid(error);
    };
    let what = judge(code);
    match what {
        Fault::Constraint => StorageError::Constraint(named(&error)),
        Fault::Busy => {
            tracing::debug!(code = code.code(), "PostgreSQL is busy: {}", said(&error));
            StorageError::Busy
        }
        Fault::Full => {
            tracing::error!(
                "the disk of the database server is full, and nothing can be saved until there is \
                 room: {}",
                said(&error)
            );
            StorageError::Busy
        }
        Fault::Lost => {
            tracing::debug!(code = code.code(), "PostgreSQL is gone: {}", said(&error));
            StorageError::Lost
        }
        Fault::Walled => {
            // The wall held: a query of ours asked for what this role or shop may not have.
            tracing::error!("PostgreSQL refused a query at the wall: {}", said(&error));
            StorageError::Engine(said(&error).into())
        }
        Fault::Other => StorageError::Engine(said(&error).into()),
    }
}

/// A connection that could not be had.
pub(super) fn no_line(error: PoolError) -> StorageError {
    match error {
        PoolError::Timeout(TimeoutType::Wait) => StorageError::Busy,
        PoolError::Backend(why) => {
            tracing::warn!("{why}");
            match why {
                ConnectError::Full { .. } => StorageError::Busy,
                why if why.is_transient() => StorageError::Lost,
                why => why.into(),
            }
        }
        PoolError::Timeout(_) | PoolError::Closed => StorageError::Lost,
        PoolError::NoRuntimeSpecified | PoolError::PostCreateHook(_) => {
            StorageError::Engine(error.into())
        }
    }
}

/// What a SQLSTATE comes to (PostgreSQL, appendix A).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    Constraint,
    Busy,
    Full,
    Lost,
    Walled,
    Other,
}

fn judge(code: &SqlState) -> Fault {
    match code.code() {
        // The row-level policies' own words have the class of a missing privilege.
        "42501" => Fault::Walled,
        // Text that is not text, a number too large.
        "22021" | "22003" => Fault::Constraint,
        // A serialization failure, a deadlock, a lock or statement that took too long, no
        // connection free.
        "40001" | "40P01" | "55P03" | "57014" | "53300" => Fault::Busy,
        // Benches keep what is not taken and come again.
        "53100" => Fault::Full,
        // Shut down, crashed, starting up; or a line that was silent for too long, or a transaction
        // that was open for too long; or a server that takes writes no more, of which no line is
        // worth keeping.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "25P04" | "25006" => Fault::Lost,
        other => match other.get(..2) {
            Some("23" | "54") => Fault::Constraint,
            Some("08") => Fault::Lost,
            _ => Fault::Other,
        },
    }
}

/// An error of the driver's own: the line broke, or an answer is not what was asked for.
fn unsaid(error: Error) -> StorageError {
    use std::error::Error as _;
    let broken = error
        .source()
        .is_some_and(<dyn std::error::Error>::is::<std::io::Error>);
    if error.is_closed() || broken {
        tracing::debug!("the line to PostgreSQL broke: {}", said(&error));
        return StorageError::Lost;
    }
    StorageError::Engine(error.into())
}

/// The constraint and table, never the row: what PostgreSQL adds as detail are people's values.
fn named(error: &Error) -> String {
    let Some(error) = error.as_db_error() else {
        return error.to_string();
    };
    match (error.table(), error.constraint()) {
        (Some(table), Some(constraint)) => format!("{constraint} of {table}"),
        _ => error.message().to_owned(),
    }
}

#[cfg(test)]
mod tests;
