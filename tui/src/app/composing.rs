//! A template that is being written in the person's own editor.

use redtag_protocol::{ids::TemplateId, template::Template};

/// What is being written. It is nowhere else than in its file until it is saved or given up.
#[derive(Debug)]
pub(crate) struct Composing {
    /// The version from which it began.
    pub(crate) of: Template,
    /// The version of its key that was offered then.
    pub(crate) offered: Option<TemplateId>,
    /// The text as it was last seen.
    pub(crate) text: String,
    /// The file in which the editor finds it; none before the first time.
    pub(crate) file: Option<String>,
    /// The line in which it cannot be read.
    pub(crate) line: Option<usize>,
    /// Whether the editor has it now.
    pub(crate) away: bool,
    /// The edit that saves it.
    pub(crate) saving: Option<u64>,
}

impl Composing {
    /// Begins from a version.
    pub(crate) fn of(template: &Template, offered: Option<TemplateId>) -> Self {
        let head = "# Save and leave the editor: the file is checked then, and nothing is taken before \
                    you say so.\n# Another key makes another template.\n\n";
        Self {
            of: template.clone(),
            offered,
            text: format!("{head}{}", template.to_toml()),
            file: None,
            line: None,
            away: false,
            saving: None,
        }
    }

    /// Where the text lies, for people.
    pub(crate) fn place(&self) -> String {
        match &self.file {
            Some(file) => format!("the text lies in {file}"),
            None => "the text lies nowhere yet".to_owned(),
        }
    }
}

/// What becomes of a text that came back from the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Composed {
    /// It goes back there.
    Again,
    /// It is kept as a draft.
    Draft,
    /// It is offered for new inspections.
    Publish,
    /// It stays in its file for later.
    Leave,
    /// It is given up.
    GiveUp,
}
