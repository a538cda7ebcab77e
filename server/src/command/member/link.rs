//! `redtag-server member invite` and `member reset`: links by which people choose their password.

use anyhow::{Context as _, ensure};
use clap::Args;
use redtag_protocol::{
    ids::{PersonId, ShopId},
    role::Role,
    stamp::Stamp,
    text,
};
use serde_json::json;
use zeroize::Zeroizing;

use super::{
    super::{
        Store,
        operator::{Opened, runtime},
        output,
        public::Public,
    },
    address, joined, known,
};
use crate::{
    app::Clock,
    auth::{
        link::{Link, Purpose},
        password,
    },
    core::{kiosks, members},
    keys::random,
    storage::{Person, StorageError},
};

/// Make a person a member and print a link by which they choose their password
///
/// The link is good once, for seven days; a new one can be made at any time, and using either ends
/// both. Whoever has a password here already needs no link and gets none.
#[derive(Debug, Args)]
pub(in crate::command) struct Invite {
    /// The shop's id
    #[arg(long)]
    shop: ShopId,
    /// The address that the person will sign in with
    #[arg(long)]
    email: String,
    /// How colleagues call the person
    #[arg(long)]
    name: String,
    /// owner, dispatcher, technician or viewer
    #[arg(long)]
    role: Role,
    #[command(flatten)]
    public: Public,
    /// Print {"person":"…","shop":"…","role":"…","link":"…","expires":"…"}; the last two are null for
    /// who has a password
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

/// Print a link by which a member chooses a new password; make sure that it is them who ask
///
/// The link is good once, for an hour. Until it is used nothing changes; then every sign-in of theirs
/// ends. A second factor stays as it is.
#[derive(Debug, Args)]
pub(in crate::command) struct Reset {
    /// The id of a shop that the person is a member of
    #[arg(long)]
    shop: ShopId,
    /// The address that the person signs in with
    #[arg(long)]
    email: String,
    #[command(flatten)]
    public: Public,
    /// Print {"person":"…","link":"…","expires":"…"}
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    store: Store,
}

/// A link as it is told to the operator.
struct Made {
    url: Zeroizing<String>,
    /// In words.
    expires: String,
}

impl Made {
    fn new(opened: &Opened, public: &Public, person: &Person, purpose: Purpose) -> Option<Self> {
        let link = Link::new(person.id, purpose, Clock::system().seconds());
        let text = link.text(&opened.keys.links, person, opened.storage.epoch());
        let expires = i64::try_from(link.expires).ok()?;
        Some(Self {
            url: Zeroizing::new(format!("{}/link/{}", public.url().ok()?, &*text)),
            expires: jiff::Timestamp::from_second(expires).ok()?.to_string(),
        })
    }
}

impl Invite {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let email = invitable(&self.email)?;
        self.public.url()?;
        let name = text::bounded(&self.name, "the name", 80)?;
        let line = runtime()?.block_on(self.invite(email, name))?;
        Ok(output::line(&line)?)
    }

    async fn invite(&self, email: String, name: String) -> anyhow::Result<Zeroizing<String>> {
        let opened = self.store.open().await?;
        known(&opened, self.shop).await?;
        let now = Clock::system().now();
        let person = person(&opened, email, &name, now).await?;
        let (shop, role) = (self.shop, self.role);
        let before = members::list(&*opened.storage, shop).await?;
        let before = before.into_iter().find(|it| it.id == person.id);
        let put = members::put(&*opened.storage, shop, person.id, &name, role, now);
        if put.await?.is_some() {
            opened.changed(shop).await;
        }
        let is_new = person.password == password::NONE;
        let purpose = Purpose::Invitation;
        let made = is_new.then(|| Made::new(&opened, &self.public, &person, purpose));
        let made = made.flatten();
        Ok(Zeroizing::new(if self.json {
            json!({
                "person": person.id, "shop": shop, "role": role,
                "link": made.as_ref().map(|it| &*it.url),
                "expires": made.as_ref().map(|it| &it.expires),
            })
            .to_string()
        } else {
            let said = joined(&person.email, &name, role, before.as_ref());
            match &made {
                Some(Made { url, expires }) => {
                    format!(
                        "{said}; this link is good once, until {expires}:\n{}",
                        &**url
                    )
                }
                None => format!("{said}; they have a password here and sign in with it"),
            }
        }))
    }
}

impl Reset {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let email = invitable(&self.email)?;
        self.public.url()?;
        let line = runtime()?.block_on(self.reset(email))?;
        Ok(output::line(&line)?)
    }

    async fn reset(&self, email: String) -> anyhow::Result<Zeroizing<String>> {
        let opened = self.store.open().await?;
        known(&opened, self.shop).await?;
        let storage = &*opened.storage;
        let person = storage.person_by_email(email.clone()).await?;
        let person = person.with_context(|| format!("nobody has the address {email}"))?;
        let members = members::list(storage, self.shop).await?;
        ensure!(
            members.iter().any(|it| it.id == person.id && !it.removed),
            "{email} is no member of this shop"
        );
        let made = Made::new(&opened, &self.public, &person, Purpose::Reset);
        let Made { url, expires } = made.context("this machine's clock is out of all bounds")?;
        Ok(Zeroizing::new(if self.json {
            json!({"person": person.id, "link": &*url, "expires": expires}).to_string()
        } else {
            format!("this link is good once, until {expires}:\n{}", &*url)
        }))
    }
}

/// The address of somebody who can choose a password.
fn invitable(email: &str) -> anyhow::Result<String> {
    let email = address(email)?;
    ensure!(
        !kiosks::is_kiosk(&email),
        "{email} is a kiosk's: it has no password, and is let in by redtag-server kiosk token"
    );
    Ok(email)
}

/// The person with this address: the one who is there, or one without a password.
async fn person(opened: &Opened, email: String, name: &str, now: Stamp) -> anyhow::Result<Person> {
    if let Some(person) = opened.storage.person_by_email(email.clone()).await? {
        return Ok(person);
    }
    let person = Person {
        id: PersonId::from_parts(now.0, random()),
        email,
        name: name.to_owned(),
        password: password::NONE.to_owned(),
        created: now,
    };
    match opened.storage.person_create(person.clone()).await {
        Err(StorageError::EmailTaken) => anyhow::bail!(
            "{} was added by another command just now; run this one again",
            person.email
        ),
        other => other.map(|()| person).map_err(Into::into),
    }
}
