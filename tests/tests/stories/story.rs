//! What a story is, and how it becomes a test on each engine.

use anyhow::Result;
use libtest_mimic::{Failed, Trial};
use redtag_tests::harness::{Engine, Ground};

use crate::PROGRAM;

/// One story: its module's path, its name, and what happens on a ground of its own.
#[derive(Clone, Copy)]
pub(crate) struct Story {
    pub(crate) module: &'static str,
    pub(crate) name: &'static str,
    pub(crate) run: fn(&Ground) -> Result<()>,
}

/// The stories of a module, by their functions. One that is left out is never called, which the
/// compiler says and CI refuses; so it is with a whole module.
macro_rules! stories {
    ($($name:ident),+ $(,)?) => {
        &[$(Story {
            module: module_path!(),
            name: stringify!($name),
            run: $name,
        }),+]
    };
}
pub(crate) use stories;

/// A story that runs on one engine only. `of` is the beginning of its title.
pub(crate) struct Only {
    pub(crate) of: &'static str,
    pub(crate) on: Engine,
    pub(crate) why: &'static str,
}

/// Stories that need something of the machine. `of` is the beginning of their title.
pub(crate) struct Needs {
    pub(crate) of: &'static str,
    /// What is missing, in words.
    pub(crate) missing: fn() -> Option<String>,
}

impl Story {
    /// `module::name`.
    pub(crate) fn title(&self) -> String {
        let module = self.module.rsplit("::").next().unwrap_or_default();
        format!("{module}::{}", self.name)
    }

    /// A test for each engine that it runs on; on PostgreSQL ignored where that is missing, unless
    /// `REDTAG_REQUIRE=all` asks for it.
    pub(crate) fn trials(&self, exceptions: &[Only], needs: &[Needs]) -> Vec<Trial> {
        let title = self.title();
        match exceptions.iter().find(|only| title.starts_with(only.of)) {
            Some(only) => vec![self.trial(title, only.on, needs)],
            None => [Engine::Embedded, Engine::Postgres]
                .map(|engine| self.trial(format!("{title}::{engine}"), engine, needs))
                .into(),
        }
    }

    fn trial(&self, title: String, engine: Engine, needs: &[Needs]) -> Trial {
        let story = self.run;
        let run = move || {
            let ground = Ground::with(PROGRAM, engine)?;
            let told = story(&ground).and_then(|()| ground.left_clean());
            // With its causes, which Display alone would leave out.
            told.map_err(|error| Failed::from(format!("{error:?}")))
        };
        let missing = match engine {
            Engine::Embedded => None,
            Engine::Postgres => redtag_postgres::ignored(),
        };
        let missing = missing.map(|missing| missing.to_string());
        let missing = missing.or_else(|| {
            let required = std::env::var_os("REDTAG_REQUIRE").is_some_and(|it| it == "all");
            let needs = needs.iter().find(|needs| title.starts_with(needs.of));
            needs
                .filter(|_| !required)
                .and_then(|needs| (needs.missing)())
        });
        let kind = missing.clone();
        Trial::test(title, run)
            .with_kind(kind.unwrap_or_default())
            .with_ignored_flag(missing.is_some())
    }
}
