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
        smtp::Smtp,
    },
    address, joined, known, of_shop,
};
use crate::{
    app::Clock,
    auth::{
        link::{Link, Purpose},
        password,
    },
    core::{kiosks, members},
    keys::random,
    mail::{Letter, Mailer},
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
    /// Mail the link to the person and do not print it; needs --smtp-host
    #[arg(long)]
    mail: bool,
    /// Print {"person":"…","shop":"…","role":"…","link":"…","expires":"…","mailed":false}; link is null
    /// where it was mailed, and both it and expires for who has a password
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    smtp: Smtp,
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
    /// Mail the link to the person and do not print it; needs --smtp-host
    #[arg(long)]
    mail: bool,
    /// Print {"person":"…","link":"…","expires":"…","mailed":false}; link is null where it was mailed
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    smtp: Smtp,
    #[command(flatten)]
    store: Store,
}

/// A link as it is told to the operator.
struct Made {
    url: Zeroizing<String>,
    /// In words.
    expires: String,
    mailed: bool,
}

impl Made {
    fn new(
        opened: &Opened,
        public: &Public,
        person: &Person,
        purpose: Purpose,
    ) -> anyhow::Result<Self> {
        let link = Link::new(person.id, purpose, Clock::system().seconds());
        let text = link.text(&opened.keys.links, person, opened.storage.epoch());
        let expires = jiff::Timestamp::from_second(i64::try_from(link.expires)?)?;
        Ok(Self {
            url: Zeroizing::new(format!("{}/link/{}", public.url()?, &*text)),
            expires: expires.to_string(),
            mailed: false,
        })
    }

    /// The same, on its way to its person. Whoever runs this waits for the server, and is told what it
    /// says.
    async fn mailed(
        self,
        mailer: &Mailer,
        person: &Person,
        shop: &str,
        purpose: Purpose,
    ) -> anyhow::Result<Self> {
        let letter = Letter::with_link(&person.email, &person.name, shop, purpose, &self.url);
        mailer.send(&letter).await.context(
            "the link was not mailed; whatever else was asked for is done. Try again, or leave \
             --mail away and hand the link over yourself",
        )?;
        Ok(Self {
            mailed: true,
            ..self
        })
    }

    /// None where it was mailed: whoever has the mailbox is to be the only one.
    fn shown(&self) -> Option<&str> {
        (!self.mailed).then_some(&**self.url)
    }

    fn told(&self) -> String {
        let Self { url, expires, .. } = self;
        if self.mailed {
            format!("a link was mailed, which is good once, until {expires}")
        } else {
            format!("this link is good once, until {expires}:\n{}", &**url)
        }
    }
}

/// The way that `--mail` wants.
fn mailer(mail: bool, smtp: &Smtp) -> anyhow::Result<Option<Mailer>> {
    if !mail {
        return Ok(None);
    }
    let mailer = smtp.mailer()?;
    let mailer = mailer.context("--mail wants --smtp-host: the server that mail goes out by")?;
    Ok(Some(mailer))
}

impl Invite {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let email = invitable(&self.email)?;
        self.public.url()?;
        let name = text::bounded(&self.name, "the name", 80)?;
        let mailer = mailer(self.mail, &self.smtp)?;
        let line = runtime()?.block_on(self.invite(email, name, mailer))?;
        Ok(output::line(&line)?)
    }

    async fn invite(
        &self,
        email: String,
        name: String,
        mailer: Option<Mailer>,
    ) -> anyhow::Result<Zeroizing<String>> {
        let opened = self.store.open().await?;
        let at = known(&opened, self.shop).await?;
        let now = Clock::system().now();
        let person = person(&opened, email, &name, now).await?;
        let (shop, role) = (self.shop, self.role);
        let before = members::list(&*opened.storage, shop).await?;
        let before = before.into_iter().find(|it| it.id == person.id);
        let put = members::put(&*opened.storage, shop, person.id, &name, role, now);
        if put.await?.is_some() {
            opened.changed(shop).await;
        }
        let mut made = None;
        if person.password == password::NONE {
            let purpose = Purpose::Invitation;
            let new = Made::new(&opened, &self.public, &person, purpose)?;
            made = Some(match &mailer {
                Some(mailer) => new.mailed(mailer, &person, &at.name, purpose).await?,
                None => new,
            });
        }
        Ok(Zeroizing::new(if self.json {
            json!({
                "person": person.id, "shop": shop, "role": role,
                "link": made.as_ref().and_then(Made::shown),
                "expires": made.as_ref().map(|it| &it.expires),
                "mailed": made.as_ref().is_some_and(|it| it.mailed),
            })
            .to_string()
        } else {
            let said = joined(&person.email, &name, role, before.as_ref());
            match &made {
                Some(made) => format!("{said}; {}", made.told()),
                None => format!("{said}; they have a password here and sign in with it"),
            }
        }))
    }
}

impl Reset {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let email = invitable(&self.email)?;
        self.public.url()?;
        let mailer = mailer(self.mail, &self.smtp)?;
        let line = runtime()?.block_on(self.reset(email, mailer))?;
        Ok(output::line(&line)?)
    }

    async fn reset(
        &self,
        email: String,
        mailer: Option<Mailer>,
    ) -> anyhow::Result<Zeroizing<String>> {
        let opened = self.store.open().await?;
        let at = known(&opened, self.shop).await?;
        let person = of_shop(&opened, self.shop, &email).await?;
        let mut made = Made::new(&opened, &self.public, &person, Purpose::Reset)?;
        if let Some(mailer) = &mailer {
            let reset = Purpose::Reset;
            made = made.mailed(mailer, &person, &at.name, reset).await?;
        }
        Ok(Zeroizing::new(if self.json {
            let Made {
                expires, mailed, ..
            } = &made;
            let shown = made.shown();
            json!({"person": person.id, "link": shown, "expires": expires, "mailed": mailed})
                .to_string()
        } else {
            made.told()
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
