//! `redtag-server shop …`

mod settings;
mod unseal;

use clap::{Args, Subcommand};
use redtag_protocol::text;
use secrecy::SecretString;
use serde_json::json;

use super::{
    Store,
    operator::{new_password, runtime},
    output,
};
use crate::{
    app::Clock,
    auth::password,
    core::{
        members,
        shops::{self, Templates},
    },
    demo,
};

/// Shops.
#[derive(Debug, Subcommand)]
pub(super) enum Shop {
    /// Make a shop, with the three templates that ship, published
    Create(Create),
    /// List the shops with their ids and how many members each has
    List(List),
    Settings(settings::Settings),
    Unseal(unseal::Unseal),
}

#[derive(Debug, Args)]
pub(super) struct List {
    /// Print a JSON array of {"shop":"…","name":"…","members":0}
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

#[derive(Debug, Args)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a flag of its own on the command line"
)]
pub(super) struct Create {
    /// What people call it
    #[arg(required_unless_present = "demo", conflicts_with = "demo")]
    name: Option<String>,
    /// Print {"shop":"…"}
    #[arg(long)]
    json: bool,
    /// Begin without templates
    #[arg(long)]
    no_templates: bool,
    /// Make the demo shop instead: invented people, vehicles and a history of visits
    #[arg(long, requires = "password_stdin", conflicts_with = "no_templates")]
    demo: bool,
    /// Read the password of all the demo's people from standard input, one line
    #[arg(long, requires = "demo")]
    password_stdin: bool,
    #[command(flatten)]
    store: Store,
}

impl Shop {
    pub(super) fn run(self) -> anyhow::Result<()> {
        let create = match self {
            Self::Create(create) => create,
            Self::Unseal(unseal) => return unseal.run(),
            Self::Settings(settings) => return Ok(output::line(&settings.run()?)?),
            Self::List(list) => {
                let text = runtime()?.block_on(list.text())?;
                return Ok(output::line(&text)?);
            }
        };
        let line = if let Some(name) = &create.name {
            runtime()?.block_on(create.shop(name))?
        } else {
            let password = new_password()?;
            runtime()?.block_on(create.demo_shop(&password))?
        };
        Ok(output::line(&line)?)
    }
}

impl List {
    async fn text(&self) -> anyhow::Result<String> {
        let opened = self.store.open().await?;
        let mut shops = Vec::new();
        for shop in opened.storage.shops().await? {
            let members = members::list(&*opened.storage, shop.id).await?;
            let members = members.iter().filter(|it| !it.removed).count();
            shops.push((shop, members));
        }
        if self.json {
            let shops: Vec<_> = shops
                .iter()
                .map(|(shop, members)| json!({"shop": shop.id, "name": shop.name, "members": members}))
                .collect();
            return Ok(serde_json::to_string_pretty(&shops)?);
        }
        if shops.is_empty() {
            return Ok(format!(
                "there is no shop in {}; make one with redtag-server shop create",
                opened.place
            ));
        }
        let lines = shops.iter().map(|(shop, members)| {
            let name = text::clean_line(&shop.name);
            let noun = if *members == 1 { "member" } else { "members" };
            format!("{}  {name}, {members} {noun}", shop.id)
        });
        Ok(lines.collect::<Vec<_>>().join("\n"))
    }
}

impl Create {
    async fn shop(&self, name: &str) -> anyhow::Result<String> {
        let with = if self.no_templates {
            Templates::None
        } else {
            Templates::Shipped
        };
        let opened = self.store.open().await?;
        let now = Clock::system().now();
        let shop = shops::create(&*opened.storage, name, with, now).await?;
        Ok(if self.json {
            json!({ "shop": shop }).to_string()
        } else {
            format!("{shop}\nAdd its owner: redtag-server member add --shop {shop} --role owner …")
        })
    }

    async fn demo_shop(&self, password: &SecretString) -> anyhow::Result<String> {
        let opened = self.store.open().await?;
        let hash = password::hash(password)?;
        let made = demo::seed(&*opened.storage, Clock::system().now(), &hash).await?;
        if self.json {
            let people: Vec<_> = made
                .people
                .iter()
                .map(|(email, role)| json!({"email": email, "role": role}))
                .collect();
            return Ok(json!({"shop": made.shop, "name": made.name, "people": people}).to_string());
        }
        let people = made
            .people
            .iter()
            .map(|(email, role)| format!("{role:<10}  {email}"));
        let people: Vec<_> = people.collect();
        Ok(format!(
            "{}  {}\n{}",
            made.shop,
            made.name,
            people.join("\n")
        ))
    }
}
