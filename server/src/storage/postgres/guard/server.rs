//! The database server itself.

use tokio_postgres::{Client, Error};

use super::Finding;

/// The oldest that has all that is used; before it a view cannot be told to ask as its reader.
const OLDEST: i32 = 150_000;

pub(super) async fn examine(client: &Client) -> Result<Vec<Finding>, Error> {
    let version = version(client).await?;
    if version.is_final() {
        return Ok(vec![version]);
    }
    Ok(vec![
        version,
        recovery(client).await?,
        encoding(client).await?,
        durability(client).await?,
    ])
}

pub(super) async fn version(client: &Client) -> Result<Finding, Error> {
    let row = client
        .query_one(
            "SELECT current_setting('server_version_num')::int, current_setting('server_version')",
            &[],
        )
        .await?;
    Ok(of_version(row.try_get(0)?, row.try_get(1)?))
}

fn of_version(number: i32, name: &str) -> Finding {
    let finding = Finding::of("the server's version");
    if number >= OLDEST {
        return finding;
    }
    let words =
        format!("the server is PostgreSQL {name}, and Redtag needs 15 or newer: upgrade it");
    finding.refused(words).and_last()
}

pub(super) async fn recovery(client: &Client) -> Result<Finding, Error> {
    let row = client.query_one("SELECT pg_is_in_recovery()", &[]).await?;
    let finding = Finding::of("the server takes writes");
    Ok(finding.refused_if(row.try_get(0)?, || {
        "the server is a standby, or is still being restored, and takes no writes: name the \
         primary in the URL, or list both hosts and let the one that takes writes be chosen"
            .into()
    }))
}

pub(super) async fn encoding(client: &Client) -> Result<Finding, Error> {
    let row = client
        .query_one(
            "SELECT pg_encoding_to_char(encoding)::text, datname::text \
             FROM pg_database WHERE datname = current_database()",
            &[],
        )
        .await?;
    let (encoding, name): (String, String) = (row.try_get(0)?, row.try_get(1)?);
    let finding = Finding::of("the database's encoding");
    Ok(finding.refused_if(encoding != "UTF8", || {
        format!(
            "the database {name} has the encoding {encoding}, which cannot keep every text as it \
             was typed: make one with ENCODING 'UTF8', or let redtag-server database init make it"
        )
    }))
}

/// "Saved" is said after a commit, so a commit must reach the disk.
async fn durability(client: &Client) -> Result<Finding, Error> {
    let row = client
        .query_one(
            "SELECT current_setting('fsync'), current_setting('synchronous_commit'), \
             current_setting('full_page_writes')",
            &[],
        )
        .await?;
    let setting = |column| row.try_get::<_, &str>(column);
    let (fsync, commit, pages) = (setting(0)?, setting(1)?, setting(2)?);
    let mut finding = Finding::of("a commit is durable");
    if fsync == "off" {
        finding = finding.refused(
            "fsync is off: a power cut would lose work that benches were told is saved, or the \
             whole database. Set fsync = on",
        );
    }
    if commit == "off" {
        finding = finding.refused(
            "synchronous_commit is off: a crash would lose work that benches were told is saved. \
             Set synchronous_commit = on for this role, its database and the server",
        );
    }
    if pages == "off" {
        finding = finding.doubtful(
            "full_page_writes is off: right only on a file system that never tears a page, such \
             as ZFS; elsewhere a power cut can damage the database. Set full_page_writes = on",
        );
    }
    Ok(finding)
}

#[cfg(test)]
mod tests;
