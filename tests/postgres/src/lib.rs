//! A throwaway PostgreSQL for tests and measurements: made from the binaries that the machine has,
//! listening on a loopback port and a Unix socket of its own, and gone with whoever made it, also
//! when that process was killed.
//!
//! ```no_run
//! # fn main() -> anyhow::Result<()> {
//! let cluster = redtag_postgres::Cluster::shared()?;
//! let database = cluster.database()?;
//! assert_eq!(cluster.sql(&database, "SELECT 1")?, "1");
//! let url = cluster.admin_url(&database);
//! # Ok(())
//! # }
//! ```

mod binaries;
mod cluster;
mod config;
mod keeper;

pub use binaries::{Bin, Missing, OLDEST, found, ignored};
pub use cluster::{ADMIN, Cluster, Mode};
pub use config::{Config, Tls};
