//! `redtag-server member …`

mod link;
mod openid;
mod second_factor;

use anyhow::Context as _;
use clap::Subcommand;
use redtag_protocol::{
    event::{Access, Actor},
    ids::{PersonId, ShopId},
    role::Role,
    shop, text,
};
use secrecy::SecretString;

use super::{
    Store,
    operator::{Opened, former_hash, new_password, runtime},
    output,
};
use crate::{
    app::Clock,
    auth::password::{self, Passwords},
    core::{access, members, tokens},
    keys::random,
    storage::{Person, ShopRow, StorageError},
};

/// Members of a shop.
#[derive(Debug, Subcommand)]
pub(super) enum Member {
    /// Make a person a member, or give a member another role or name
    Add {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// The address that the person signs in with
        #[arg(long)]
        email: String,
        /// How colleagues call the person
        #[arg(long)]
        name: String,
        /// owner, dispatcher, technician or viewer
        #[arg(long)]
        role: Role,
        /// Read the password from standard input, one line; needed for a person who is new here,
        /// and replaces the password of one who is known, whose sign-ins then end
        #[arg(long)]
        password_stdin: bool,
        /// Read a password hash of another program (bcrypt, cost 10 to 14) from standard input, one
        /// line, for a person who is new here; the password goes on, and is hashed anew at the first
        /// sign-in
        #[arg(long, conflicts_with = "password_stdin")]
        password_hash_stdin: bool,
        /// Print {"person":"…","shop":"…","role":"…"}
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        store: Store,
    },
    /// List who belongs to a shop
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
    /// End a membership; takes effect with the person's next request
    Remove {
        /// The shop's id
        #[arg(long)]
        shop: ShopId,
        /// The address that the person signs in with
        #[arg(long)]
        email: String,
        #[command(flatten)]
        store: Store,
    },
    Invite(Box<link::Invite>),
    Reset(Box<link::Reset>),
    ResetSecondFactor(second_factor::Reset),
    ResetOpenid(openid::Reset),
}

impl Member {
    pub(super) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Add {
                shop,
                email,
                name,
                role,
                password_stdin,
                password_hash_stdin,
                json,
                store,
            } => {
                let wanted = Wanted {
                    email: address(&email)?,
                    name: text::bounded(&name, "the name", 80)?,
                    role,
                    password: password_stdin.then(new_password).transpose()?,
                    former: password_hash_stdin.then(former_hash).transpose()?,
                };
                let line = runtime()?.block_on(add(&store, shop, wanted, json))?;
                Ok(output::line(&line)?)
            }
            Self::List { shop, json, store } => {
                let text = runtime()?.block_on(list(&store, shop, json))?;
                Ok(output::line(&text)?)
            }
            Self::Invite(invite) => invite.run(),
            Self::Reset(reset) => reset.run(),
            Self::ResetSecondFactor(reset) => reset.run(),
            Self::ResetOpenid(reset) => reset.run(),
            Self::Remove { shop, email, store } => {
                let email = address(&email)?;
                runtime()?.block_on(remove(&store, shop, email))
            }
        }
    }
}

struct Wanted {
    email: String,
    name: String,
    role: Role,
    password: Option<SecretString>,
    /// The hash of another program, in the place of a password.
    former: Option<String>,
}

async fn add(store: &Store, shop: ShopId, wanted: Wanted, json: bool) -> anyhow::Result<String> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let (person, password) = person(&opened, &wanted).await?;
    let before = members::list(&*opened.storage, shop).await?;
    let before = before.into_iter().find(|it| it.id == person);
    let now = Clock::system().now();
    let put = members::put(
        &*opened.storage,
        shop,
        person,
        &wanted.name,
        wanted.role,
        now,
    );
    if put.await?.is_some() {
        opened.changed(shop).await;
    }
    Ok(if json {
        serde_json::json!({"person": person, "shop": shop, "role": wanted.role}).to_string()
    } else {
        told(&wanted, before.as_ref(), password)
    })
}

/// What became of the person's password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Password {
    /// It is the first one, or none was given.
    Untouched,
    /// The one that was given is the one that stood.
    Same,
    /// Another one stands now.
    Replaced,
}

/// What was changed, for an operator who may have meant somebody new.
fn told(wanted: &Wanted, before: Option<&shop::Member>, password: Password) -> String {
    let Wanted {
        email, name, role, ..
    } = wanted;
    let mut said = vec![joined(email, name, *role, before)];
    said.extend(match password {
        Password::Untouched => None,
        Password::Same => Some("the password is the same as before".to_owned()),
        Password::Replaced => Some("the password was replaced, older sign-ins ended".to_owned()),
    });
    said.join("; ")
}

/// How somebody belongs to the shop now, and did before.
fn joined(email: &str, name: &str, role: Role, before: Option<&shop::Member>) -> String {
    let mut said = match before {
        None => format!("{name} <{email}> is {role} now"),
        Some(before) if before.removed => {
            format!("{name} <{email}> had left and is back as {role}")
        }
        Some(before) if before.role != role => {
            format!("{name} <{email}> was {}, is {role} now", before.role)
        }
        Some(_) => format!("{name} <{email}> is {role} as before"),
    };
    if let Some(before) = before.filter(|it| it.name != name) {
        said.push_str("; was called ");
        said.push_str(&text::clean_line(&before.name));
    }
    said
}

/// The person with this address: the one who is there, or a new one.
async fn person(opened: &Opened, wanted: &Wanted) -> anyhow::Result<(PersonId, Password)> {
    let storage = &opened.storage;
    let found = storage.person_by_email(wanted.email.clone()).await?;
    let hash = match (found, &wanted.password, &wanted.former) {
        (Some(_), _, Some(_)) => anyhow::bail!(
            "{} is known here and has a password already; --password-hash-stdin is for who is new",
            wanted.email
        ),
        (Some(person), None, None) => return Ok((person.id, Password::Untouched)),
        (Some(person), Some(password), None) => {
            let id = person.id;
            return Ok((id, replace_password(opened, person, password).await?));
        }
        (None, None, None) => anyhow::bail!(
            "{} is new here and needs a password: give --password-stdin",
            wanted.email
        ),
        (None, _, Some(hash)) => hash.clone(),
        (None, Some(password), None) => password::hash(password)?,
    };
    let now = Clock::system().now();
    let id = PersonId::from_parts(now.0, random());
    let person = Person {
        id,
        email: wanted.email.clone(),
        name: wanted.name.clone(),
        password: hash,
        created: now,
    };
    match storage.person_create(person).await {
        Err(StorageError::EmailTaken) => anyhow::bail!(
            "{} was added by another command just now; run this one again",
            wanted.email
        ),
        other => other
            .map(|()| (id, Password::Untouched))
            .map_err(Into::into),
    }
}

/// The member of a shop who signs in with an address.
async fn of_shop(opened: &Opened, shop: ShopId, email: &str) -> anyhow::Result<Person> {
    let storage = &*opened.storage;
    let person = storage.person_by_email(email.to_owned()).await?;
    let person = person.with_context(|| format!("nobody has the address {email}"))?;
    let members = members::list(storage, shop).await?;
    anyhow::ensure!(
        members.iter().any(|it| it.id == person.id && !it.removed),
        "{email} is no member of this shop"
    );
    Ok(person)
}

/// A password that is another one ends every sign-in that stands on the old one.
async fn replace_password(
    opened: &Opened,
    person: Person,
    password: &SecretString,
) -> anyhow::Result<Password> {
    let storage = &opened.storage;
    let passwords = Passwords::new()?;
    let same = passwords.check(password.clone(), Some(person.password));
    if same.await? {
        return Ok(Password::Same);
    }
    let now = Clock::system().now();
    storage
        .person_password(person.id, password::hash(password)?, now)
        .await?;
    tokens::end_everywhere(&**storage, person.id, now).await?;
    let by = Actor::Operator;
    access::tell_everywhere(&**storage, person.id, by, Access::Password, now).await;
    // Live streams look again whether they may go on.
    for shop in storage.memberships(person.id).await? {
        opened.changed(shop.id).await;
    }
    Ok(Password::Replaced)
}

async fn list(store: &Store, shop: ShopId, json: bool) -> anyhow::Result<String> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let mut rows = Vec::new();
    for member in members::list(&*opened.storage, shop).await? {
        if member.removed {
            continue;
        }
        let person = opened.storage.person(member.id).await?;
        let email = person.map(|person| person.email).unwrap_or_default();
        rows.push((member, email));
    }
    if json {
        let rows: Vec<_> = rows
            .into_iter()
            .map(|(member, email)| {
                serde_json::json!({
                    "person": member.id, "name": member.name, "email": email, "role": member.role,
                })
            })
            .collect();
        return Ok(serde_json::to_string_pretty(&rows)?);
    }
    if rows.is_empty() {
        return Ok("nobody yet; add the owner with redtag-server member add".to_owned());
    }
    let rows = rows.into_iter().map(|(member, email)| {
        let name = text::clean_line(&member.name);
        format!("{:<10}  {name} <{}>", member.role, text::clean_line(&email))
    });
    Ok(rows.collect::<Vec<_>>().join("\n"))
}

async fn remove(store: &Store, shop: ShopId, email: String) -> anyhow::Result<()> {
    let opened = store.open().await?;
    known(&opened, shop).await?;
    let person = opened
        .storage
        .person_by_email(email.clone())
        .await?
        .with_context(|| format!("nobody has the address {email}"))?;
    let now = Clock::system().now();
    members::remove(&*opened.storage, shop, person.id, now).await?;
    opened.changed(shop).await;
    Ok(output::line(&format!(
        "{email} is no member any more; the name stays in the timeline"
    ))?)
}

/// The shop; fails with words where it is not there.
pub(super) async fn known(opened: &Opened, shop: ShopId) -> anyhow::Result<ShopRow> {
    let found = opened.storage.shop(shop).await?;
    found.with_context(|| {
        format!(
            "there is no shop {shop} in {}; redtag-server shop list shows which there are",
            opened.place
        )
    })
}

/// An address as far as it can be told: one line, one @ with something on both sides.
fn address(text: &str) -> anyhow::Result<String> {
    let address = text::bounded(text, "the e-mail address", 254)?;
    let whole = address
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !host.contains('@'));
    anyhow::ensure!(
        whole && !address.contains(char::is_whitespace),
        "“{address}” is not an e-mail address; it should look like name@example.com"
    );
    Ok(address)
}
