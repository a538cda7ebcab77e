//! The shop's templates: their versions, what each asks, and what changed between two.

mod differences;

use redtag_protocol::{
    ids::{TemplateId, TemplateKey},
    ipc::TemplatePage,
    template::{Kind, Template, TemplateState},
};

pub(crate) use differences::{Difference, Sort, differences};

use super::finder::stepped;

/// The versions, and the marked one below.
#[derive(Debug, Default)]
pub(crate) struct TemplatesScreen {
    /// By key, the newest version first; none before the first answer.
    pub(crate) all: Option<Vec<Template>>,
    /// Those that the API refused: they are on this machine alone.
    refused: Vec<TemplateId>,
    /// The marked version.
    pub(crate) selected: usize,
    /// A version that is to be marked once it is listed.
    pub(crate) wanted: Option<TemplateId>,
    /// Whether its changes against the version before are shown, and not what it asks.
    pub(crate) changes: bool,
    /// Lines of it that are scrolled away.
    pub(crate) scroll: usize,
    /// Why there is nothing.
    pub(crate) trouble: Option<String>,
}

impl TemplatesScreen {
    /// The marked version.
    pub(crate) fn marked(&self) -> Option<&Template> {
        self.all.as_ref()?.get(self.selected)
    }

    /// Whether the API refused this version.
    pub(crate) fn is_refused(&self, it: &Template) -> bool {
        self.refused.contains(&it.id)
    }

    /// The version of a template that is offered for new inspections.
    pub(crate) fn offered(&self, key: &TemplateKey) -> Option<TemplateId> {
        let mut all = self.all.as_ref()?.iter();
        let active = |it: &Template| it.state == TemplateState::Active && !self.is_refused(it);
        let offered = all.find(|it| it.key == *key && active(it));
        offered.map(|it| it.id)
    }

    /// The version before the marked one.
    pub(crate) fn before(&self) -> Option<&Template> {
        let marked = self.marked()?;
        let all = self.all.as_ref()?.iter();
        all.filter(|it| it.key == marked.key && it.version < marked.version)
            .filter(|it| !self.is_refused(it))
            .max_by_key(|it| it.version)
    }

    /// Moves the mark by so many versions.
    pub(crate) fn step(&mut self, by: i64) {
        self.selected = stepped(self.selected, by, self.all.as_ref().map_or(0, Vec::len));
        self.scroll = 0;
    }

    /// Scrolls what is shown of it.
    pub(crate) fn scroll(&mut self, by: i64, lines: usize) {
        self.scroll = stepped(self.scroll, by, lines);
    }

    /// Takes an answer; the mark stays on what it was on, or goes to what was just written.
    pub(crate) fn take(&mut self, page: TemplatePage) {
        let mut all = page.templates;
        self.refused = page.refused;
        all.sort_by(|a, b| a.key.cmp(&b.key).then(b.version.cmp(&a.version)));
        let wanted = self
            .wanted
            .take_if(|wanted| all.iter().any(|it| it.id == *wanted));
        let was = wanted.or_else(|| self.marked().map(|it| it.id));
        let at = all.iter().position(|it| Some(it.id) == was);
        self.selected = at.unwrap_or(self.selected).min(all.len().saturating_sub(1));
        self.trouble = None;
        self.all = Some(all);
    }
}

/// A template's state, for people.
pub(crate) fn template_state(state: TemplateState) -> &'static str {
    match state {
        TemplateState::Draft => "draft",
        TemplateState::Active => "active",
        TemplateState::Closing => "closing",
        TemplateState::Closed => "closed",
    }
}

/// How a point is answered, for people.
pub(crate) fn kind_words(kind: &Kind) -> String {
    match kind {
        Kind::Condition => "condition".to_owned(),
        Kind::Measurement(it) => format!("measured in {}", it.unit.symbol()),
        Kind::Choice { options } => {
            let options: Vec<&str> = options.iter().map(|it| it.label.as_str()).collect();
            format!("one of {}", options.join(", "))
        }
        Kind::Text => "text".to_owned(),
        Kind::Signature { role, .. } => format!("signature of the {}", role.replace('_', " ")),
    }
}
