//! `redtag-server token …`

use anyhow::Context as _;
use clap::Subcommand;
use redtag_protocol::{
    event::Actor,
    ids::{PassId, ShopId},
    text::clean_line,
};

use super::{Store, member::known, operator::runtime, output};
use crate::{app::Clock, core::tokens};

/// Access tokens of scripts. Their persons make them: `redtag token new`
#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// List those that are good
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
    /// Take a token back: a script's, or one for a kiosk that was not used
    End {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// The token's id; the text of a kiosk's token is told by nobody a second time
        token: PassId,
        #[command(flatten)]
        store: Store,
    },
}

impl Token {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let runtime = runtime()?;
        let text = match self {
            Self::List { shop, json, store } => runtime.block_on(list(&store, shop, json))?,
            Self::End { shop, token, store } => runtime.block_on(end(&store, shop, token))?,
        };
        Ok(output::line(&text)?)
    }
}

async fn list(store: &Store, shop: ShopId, json: bool) -> anyhow::Result<String> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let tokens = tokens::list(&*opened.storage, shop, Clock::system().now()).await?;
    if json {
        return Ok(serde_json::to_string_pretty(&tokens)?);
    }
    if tokens.is_empty() {
        return Ok("there is no access token".to_owned());
    }
    let rows = tokens.iter().map(|it| {
        let (called, name) = (clean_line(&it.called), clean_line(&it.name));
        let expires = jiff::Timestamp::from_millisecond(it.expires.0.try_into().unwrap_or(0));
        let day = expires.unwrap_or_default().strftime("%Y-%m-%d");
        format!("{}  {}  until {day}  {called} of {name}", it.id, it.scope)
    });
    Ok(rows.collect::<Vec<_>>().join("\n"))
}

async fn end(store: &Store, shop: ShopId, id: PassId) -> anyhow::Result<String> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let pass = opened.storage.pass(shop, id).await?;
    let pass = pass.with_context(|| format!("there is no token {id} in this shop"))?;
    let now = Clock::system().now();
    let (ended, _) = tokens::end(&*opened.storage, &pass, Actor::Operator, now).await?;
    opened.changed(shop).await;
    Ok(if ended {
        format!("{id} is good no more")
    } else {
        format!("{id} was taken back before")
    })
}
