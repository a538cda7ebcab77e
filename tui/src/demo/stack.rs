//! Everything that runs behind the demo: the API with its seeded shop, and two benches.

use std::path::{Path, PathBuf};

use redtag_protocol::role::Role;

use super::{
    bench::{Bench, PATIENCE},
    process::{Process, Run},
};
use crate::programs::Programs;

/// The API in its own directory.
#[derive(Debug)]
pub(super) struct Api {
    home: PathBuf,
    process: Option<Process>,
    /// Where it listens; the same after a restart.
    pub(super) url: String,
    password: String,
    members: Vec<Member>,
}

/// Someone of the seeded shop.
#[derive(Debug, Clone, serde::Deserialize)]
struct Member {
    email: String,
    role: Role,
}

/// The whole of the demo. Dropping it kills every process.
#[derive(Debug)]
pub(super) struct Stack {
    /// The API.
    pub(super) api: Api,
    /// The person's bench.
    pub(super) own: Bench,
    /// The colleague's.
    pub(super) colleague: Bench,
}

impl Stack {
    /// Starts everything and signs both benches in; the person has this role, the colleague is a
    /// technician.
    pub(super) async fn start(
        programs: &Programs,
        home: &Path,
        role: Role,
    ) -> Result<Self, String> {
        let api = Api::start(programs, home.join("api")).await?;
        let own = Bench::start(programs, home.join("bench")).await?;
        let colleague = Bench::start(programs, home.join("colleague")).await?;
        let (me, other) = api.people(role)?;
        own.sign_in(&api.url, &me, &api.password).await?;
        colleague.sign_in(&api.url, &other, &api.password).await?;
        Ok(Self {
            api,
            own,
            colleague,
        })
    }

    /// Ends everything in order. An error where something did not end cleanly.
    pub(super) async fn stop(mut self) -> Result<(), String> {
        let (own, colleague) = tokio::join!(self.own.stop(), self.colleague.stop());
        own.and(colleague).and(self.api.stop().await)
    }
}

impl Api {
    /// Seeds the shop and serves it on a free port.
    async fn start(programs: &Programs, home: PathBuf) -> Result<Self, String> {
        let made = std::fs::create_dir_all(&home);
        made.map_err(|error| format!("{}: {error}", home.display()))?;
        let mut api = Self {
            home,
            process: None,
            url: String::new(),
            password: password()?,
            members: Vec::new(),
        };
        let create = ["shop", "create", "--demo", "--password-stdin", "--json"];
        let created = api.operator(programs, &create).await?;
        let created: Created = serde_json::from_str(&created)
            .map_err(|error| format!("redtag-server said something strange: {error}"))?;
        let list = ["member", "list", "--json", "--shop", &created.shop];
        let members = api.operator(programs, &list).await?;
        api.members = serde_json::from_str(&members)
            .map_err(|error| format!("redtag-server said something strange: {error}"))?;
        api.serve(programs, "127.0.0.1:0").await?;
        Ok(api)
    }

    /// Stops it: the benches are offline until [`Api::resume`].
    pub(super) async fn stop(&mut self) -> Result<(), String> {
        match self.process.take() {
            Some(mut process) => process.stop().await,
            None => Ok(()),
        }
    }

    /// Serves the same data at the same address again.
    pub(super) async fn resume(&mut self, programs: &Programs) -> Result<(), String> {
        let address = self.url.trim_start_matches("http://").to_owned();
        self.serve(programs, &address).await
    }

    async fn serve(&mut self, programs: &Programs, address: &str) -> Result<(), String> {
        let run = self.run(programs, &["serve", "--listen", address]);
        let (process, said) = run.start_announced(programs, PATIENCE).await?;
        let url = said.get("listening").and_then(|url| url.as_str());
        url.ok_or("redtag-server does not say where it listens")?
            .clone_into(&mut self.url);
        self.process = Some(process);
        Ok(())
    }

    async fn operator(&self, programs: &Programs, args: &[&str]) -> Result<String, String> {
        let input = format!("{}\n", self.password);
        self.run(programs, args).output(programs, &input).await
    }

    fn run<'a>(&'a self, programs: &'a Programs, args: &[&str]) -> Run<'a> {
        let mut args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
        args.extend(["--data".to_owned(), self.home.display().to_string()]);
        Run {
            call: &programs.server,
            args,
            home: &self.home,
            log: self.home.with_extension("log"),
        }
    }

    /// The first member with this role, and a technician who is somebody else.
    fn people(&self, role: Role) -> Result<(String, String), String> {
        let with = |role: Role| self.members.iter().filter(move |it| it.role == role);
        let me = with(role)
            .next()
            .ok_or_else(|| format!("the demo shop has no {role}"))?;
        let other = with(Role::Technician).find(|it| it.email != me.email);
        let other = other.ok_or("the demo shop has no second technician")?;
        Ok((me.email.clone(), other.email.clone()))
    }
}

#[derive(Debug, serde::Deserialize)]
struct Created {
    shop: String,
}

/// A password that nobody needs to know: it is gone with the home.
fn password() -> Result<String, String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes)
        .map_err(|error| format!("the system gives no randomness: {error}"))?;
    Ok(format!("{:032x}", u128::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests;
