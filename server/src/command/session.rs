//! `redtag-server session …`

use anyhow::Context as _;
use clap::Subcommand;
use redtag_protocol::{
    event::Actor,
    ids::{SessionId, ShopId},
    text,
};

use super::{Store, member::known, operator::runtime, output};
use crate::{app::Clock, core::sessions};

/// Sign-ins to a shop.
#[derive(Debug, Subcommand)]
pub(super) enum Session {
    /// List who is signed in on what
    List {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// Print a JSON array
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: Store,
    },
    /// Take a sign-in from its device, such as one that was lost: with its next call the device locks,
    /// seals what was unsent for the shop, and destroys its copy
    Revoke {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// The sign-in's id, as “session list” shows it
        session: SessionId,
        #[command(flatten)]
        store: Store,
    },
}

impl Session {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let runtime = runtime()?;
        let text = match self {
            Self::List { shop, json, store } => runtime.block_on(list(&store, shop, json))?,
            Self::Revoke {
                shop,
                session,
                store,
            } => runtime.block_on(revoke(&store, shop, session))?,
        };
        Ok(output::line(&text)?)
    }
}

async fn list(store: &Store, shop: ShopId, json: bool) -> anyhow::Result<String> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let now = Clock::system().seconds();
    let open = sessions::list(&*opened.storage, shop, now).await?;
    if json {
        let rows: Vec<_> = open
            .iter()
            .map(|it| {
                serde_json::json!({
                    "session": it.session.id, "person": it.session.person, "name": it.name,
                    "device": it.session.device, "device_name": it.device,
                    "created": it.session.created, "used": it.session.used,
                })
            })
            .collect();
        return Ok(serde_json::to_string_pretty(&rows)?);
    }
    if open.is_empty() {
        return Ok("nobody is signed in".to_owned());
    }
    let rows = open.iter().map(|it| {
        let (name, device) = (text::clean_line(&it.name), text::clean_line(&it.device));
        let used = jiff::Timestamp::from_millisecond(it.session.used.0.try_into().unwrap_or(0));
        let used = used.unwrap_or_default().round(jiff::Unit::Second);
        let used = used.unwrap_or_default();
        format!("{}  {used}  {name} on {device}", it.session.id)
    });
    Ok(rows.collect::<Vec<_>>().join("\n"))
}

async fn revoke(store: &Store, shop: ShopId, id: SessionId) -> anyhow::Result<String> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let found = opened.storage.session(id).await?;
    let found = found.filter(|it| it.shop == shop).with_context(|| {
        format!(
            "there is no sign-in {id} to this shop; redtag-server session list shows which there are"
        )
    })?;
    let now = Clock::system().now();
    if found.revoked.is_none() {
        sessions::tell_revoked(&*opened.storage, &found, Actor::Operator, now).await?;
    }
    let new = opened.storage.session_revoke(shop, id, now).await?;
    opened.changed(shop).await;
    Ok(if new {
        format!("{id} is revoked; its device destroys its copy with its next call")
    } else {
        format!("{id} was revoked before")
    })
}
