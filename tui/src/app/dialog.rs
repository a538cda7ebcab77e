//! What opens above a screen: keys, menus, texts, questions.

use redtag_protocol::{
    canned::{Found, Kept},
    entity::EntityRef,
    ids::{CannedId, ChoiceKey, LineId, PersonId, PointKey, TemplateId},
    inspection::Answer,
    ipc::{Account, BoardSort, Hit},
    lifecycle::Verb,
    template::Demand,
};

use super::{CannedList, Composed, Input, Narrowing, Palette, WorkForm, fitting};
use crate::keys::{Action, Place};

/// Something open above the screen; the front one takes the keys.
#[derive(Debug)]
pub(crate) enum Layer {
    /// The keys of a place.
    Help {
        /// Which.
        place: Place,
        /// Lines scrolled away.
        scroll: u16,
    },
    /// One of several things is chosen.
    Menu(Menu),
    /// A text is typed.
    Editor(Editor),
    /// A question is asked.
    Confirm(Confirm),
    /// One of the canned notes for a point is chosen.
    Canned(CannedList),
    /// A line of recommended work is typed.
    Work(Box<WorkForm>),
    /// What is not saved.
    Unsaved {
        /// The marked line.
        selected: usize,
    },
    /// An action is looked for.
    Palette(Palette),
    /// How things stand, and what was said before.
    Standing {
        /// Lines scrolled away.
        scroll: u16,
    },
}

/// One of several things to choose.
#[derive(Debug)]
pub(crate) struct Menu {
    /// What is chosen.
    pub(crate) title: String,
    /// A line below the title.
    pub(crate) note: Option<String>,
    /// The things.
    pub(crate) items: Vec<MenuItem>,
    /// The marked one.
    pub(crate) selected: usize,
}

/// A line of a menu.
#[derive(Debug, Clone)]
pub(crate) struct MenuItem {
    /// What it is.
    pub(crate) label: String,
    /// What it does or is worth.
    pub(crate) detail: String,
    /// What happens when it is taken.
    pub(crate) pick: Pick,
}

/// What happens when a line of a menu is taken.
#[derive(Debug, Clone)]
pub(crate) enum Pick {
    /// The inspection is moved.
    Move(Verb),
    /// A question's options are shown.
    Question(ChoiceKey),
    /// A question is answered.
    Option {
        /// The question.
        choice: ChoiceKey,
        /// Its answer.
        option: String,
        /// Whether the value that is being typed waits for it.
        then_take: bool,
    },
    /// A choice point is answered.
    Answer {
        /// The point.
        point: PointKey,
        /// The answer.
        answer: Box<Answer>,
    },
    /// A text about the inspection is typed.
    Write(Writing),
    /// The assignee is chosen.
    ChooseAssignee,
    /// The work is given to somebody, or to nobody.
    Assign(Option<PersonId>),
    /// What is unsent is kept in a file: one stroke, or everything.
    Export(Option<u64>),
    /// One goes to where something is missing, and begins what is.
    Missing(PointKey, Demand),
    /// It cannot be done now, for this reason.
    Why(String),
    /// A line of recommended work is typed: one that is there, or another.
    Work(PointKey, Option<LineId>),
    /// A note is kept as a canned one.
    KeepCanned(Box<Kept>),
    /// The board shows only that.
    Narrow(Narrowing),
    /// The board stands in this order.
    Sort(BoardSort),
    /// There.
    Hit(Hit),
    /// Another account is shown.
    Account(Box<Account>),
    /// This becomes of a template that came back from the editor.
    Composed(Composed),
}

/// A text that is typed.
#[derive(Debug)]
pub(crate) struct Editor {
    /// What it is.
    pub(crate) title: String,
    /// A line below the title.
    pub(crate) note: Option<String>,
    /// The text.
    pub(crate) input: Input,
    /// What it was at first.
    pub(crate) was: String,
    /// What it is for.
    pub(crate) writing: Writing,
    /// Why it could not be taken.
    pub(crate) problem: Option<String>,
    /// The canned notes for the point, where it is a note.
    pub(crate) canned: Vec<Found>,
    /// The marked one of those that fit what is typed.
    pub(crate) marked: Option<usize>,
    /// Whether one was looked for since the last character: that none fits is said only then.
    pub(crate) sought: bool,
}

impl Editor {
    /// The canned notes that fit what was typed since the text was opened.
    pub(crate) fn offered(&self) -> Vec<&Found> {
        let typed = self.input.text();
        let new = typed.strip_prefix(self.was.as_str()).unwrap_or(typed);
        fitting(&self.canned, new)
    }

    /// Whether an action does anything here: a reason has no canned notes, a name no second line.
    fn has_use(&self, action: Action) -> bool {
        match action {
            Action::NewLine => self.input.takes_lines(),
            Action::NextGroup | Action::PreviousGroup => !self.canned.is_empty(),
            Action::Keep => matches!(self.writing, Writing::Note(_)),
            _ => true,
        }
    }

    /// Marks the next or previous canned note; before the first is none.
    pub(crate) fn step(&mut self, forward: bool) {
        let count = self.offered().len();
        self.sought = true;
        self.marked = match (self.marked, forward) {
            _ if count == 0 => None,
            (None, true) => Some(0),
            (None, false) => None,
            (Some(at), true) => Some((at + 1).min(count - 1)),
            (Some(at), false) => at.checked_sub(1),
        };
    }
}

/// What a text is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Writing {
    /// A point's note.
    Note(PointKey),
    /// A text point's answer.
    Text(PointKey),
    /// A signature by typed name.
    Signature(PointKey),
    /// Why the inspection is moved.
    Reason(Verb),
    /// What the customer complains of.
    Concern,
    /// Where the work is done.
    Bay,
    /// The file that unsent work is kept in: one stroke, or everything.
    ExportFile(Option<u64>),
    /// What that file is encrypted with.
    ExportPassphrase {
        /// One stroke, or everything.
        number: Option<u64>,
        /// The file.
        file: String,
    },
    /// Where one wants to go.
    Jump,
}

impl Writing {
    /// Whether nobody may read over one's shoulder.
    pub(crate) fn is_secret(&self) -> bool {
        matches!(self, Self::ExportPassphrase { .. })
    }
}

/// A question with yes and no.
#[derive(Debug)]
pub(crate) struct Confirm {
    /// What is asked.
    pub(crate) title: String,
    /// What it means.
    pub(crate) lines: Vec<String>,
    /// What yes does.
    pub(crate) deed: Deed,
}

/// What yes does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Deed {
    /// Leave the program.
    Quit,
    /// Leave the form.
    LeaveForm,
    /// Leave the text that was typed.
    LeaveText,
    /// All remaining points of a section become green.
    AllGreen(usize),
    /// Hand in, though points are unanswered.
    Submit,
    /// Create, though the VIN's check digit is wrong where it binds.
    CreateAnyway,
    /// Give an unsaved edit up.
    Discard(u64),
    /// Give a refused stroke up.
    DiscardStroke(u64),
    /// Take the side of a conflict that has this number, from 1.
    TakeSide(usize),
    /// Everything counts as looked at, which takes the marks away for good.
    LookedAtAll,
    /// Drop a canned note that the shop keeps.
    DropCanned(CannedId),
    /// A VIN stands, though its check digit is wrong where it binds.
    AcceptVin,
    /// A new vehicle or customer is saved, though there is one that may be the same.
    SaveAlike,
    /// This document is another name of the one that is open.
    Merge(EntityRef),
    /// A template version is offered for new inspections.
    Publish(TemplateId),
    /// A template version takes no new inspections.
    Close(TemplateId),
}

impl Layer {
    /// Whether an action of its table does anything now.
    pub(crate) fn has_use(&self, action: Action) -> bool {
        match self {
            Self::Editor(editor) => editor.has_use(action),
            _ => true,
        }
    }

    /// Which table of keys holds.
    pub(crate) fn place(&self) -> Place {
        match self {
            Self::Help { .. } => Place::Help,
            Self::Menu(_) => Place::Menu,
            Self::Editor(editor) if editor.writing == Writing::Jump => Place::GoTo,
            Self::Editor(_) => Place::Editor,
            Self::Confirm(_) => Place::Question,
            Self::Unsaved { .. } => Place::Unsaved,
            Self::Palette(_) => Place::Palette,
            Self::Standing { .. } => Place::Standing,
            Self::Canned(_) => Place::Canned,
            Self::Work(_) => Place::Work,
        }
    }
}
