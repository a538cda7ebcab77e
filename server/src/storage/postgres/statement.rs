//! Statements that take no parameters, such as `CREATE ROLE`: the server itself quotes the names.

use tokio_postgres::{Error, GenericClient};

/// Runs a statement with names and texts put in as the server's own `format` does it: `%I` an
/// identifier, `%L` a literal, by `%1$I` also several times.
pub(super) async fn run(
    client: &impl GenericClient,
    template: &str,
    parts: &[&str],
) -> Result<(), Error> {
    let row = client
        .query_one(
            "SELECT format($1, VARIADIC $2::text[])",
            &[&template, &parts],
        )
        .await?;
    let text: String = row.try_get(0)?;
    client.batch_execute(&text).await
}

/// What the server said, in its own words; the driver's where the server did not speak.
pub(super) fn said(error: &Error) -> String {
    use std::error::Error as _;
    if let Some(error) = error.as_db_error() {
        return match error.detail() {
            Some(detail) => format!("{} ({detail})", error.message()),
            None => error.message().to_owned(),
        };
    }
    match error.source() {
        Some(source) => format!("{error}: {source}"),
        None => error.to_string(),
    }
}
