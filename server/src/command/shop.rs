//! `redtag-server shop …`

use clap::{Args, Subcommand};
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
    core::shops::{self, Templates},
    demo,
};

/// Shops.
#[derive(Debug, Subcommand)]
pub(super) enum Shop {
    /// Make a shop, with the three templates that ship, published
    Create(Create),
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
        let Self::Create(create) = self;
        let line = if let Some(name) = &create.name {
            runtime()?.block_on(create.shop(name))?
        } else {
            let password = new_password()?;
            runtime()?.block_on(create.demo_shop(&password))?
        };
        Ok(output::line(&line)?)
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
