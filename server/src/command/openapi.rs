//! `redtag-server openapi`

use super::output;

pub(super) fn run() -> anyhow::Result<()> {
    let document = crate::openapi::document();
    Ok(output::line(&serde_json::to_string_pretty(&document)?)?)
}
