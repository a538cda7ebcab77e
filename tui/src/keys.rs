//! The one table of keys. What a key does, the overlay of `?`, the hints at the bottom and the
//! table in the documentation are all made from it, so they cannot disagree.

mod board;
mod chord;
mod dialogs;
mod inspection;
mod map;
mod new;
mod point;
mod subjects;
mod unsent;

use redtag_protocol::{grade::Condition, role::Permission};

pub(crate) use chord::{Chord, names};
pub(crate) use map::{Keymap, Override};

/// Where a key is struck; every place has its own table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    /// Wherever one is.
    Everywhere,
    /// The list of inspections.
    Board,
    /// The list, while a filter is typed.
    Filter,
    /// One inspection.
    Inspection,
    /// One inspection, while a value is typed.
    Value,
    /// The timeline of an inspection.
    Timeline,
    /// The form for a new inspection.
    New,
    /// A text is typed: a note, a reason, a signature.
    Editor,
    /// One of several things is chosen.
    Menu,
    /// A question is asked.
    Question,
    /// The keys are shown.
    Help,
    /// What is not saved is shown.
    Unsaved,
    /// What waits, is on its way or was refused.
    Outbox,
    /// What there is to settle.
    Conflicts,
    /// Every action of a place, to be found by its words.
    Palette,
    /// How things stand, and what was said before.
    Standing,
    /// One of the canned notes for a point is chosen.
    Canned,
    /// A line of recommended work is typed.
    Work,
    /// A revision that reopening ended.
    Past,
    /// The list of vehicles or customers.
    Finder,
    /// One vehicle or customer.
    Subject,
    /// A vehicle or customer is written down.
    Card,
    /// The templates.
    Templates,
    /// A number, plate or VIN is typed or scanned.
    GoTo,
    /// The account is locked.
    Locked,
}

impl Place {
    /// Every place, in the order of the documentation.
    pub(crate) const ALL: [Self; 25] = [
        Self::Everywhere,
        Self::Board,
        Self::Filter,
        Self::Inspection,
        Self::Value,
        Self::Canned,
        Self::Work,
        Self::Past,
        Self::Timeline,
        Self::Outbox,
        Self::Conflicts,
        Self::Finder,
        Self::Subject,
        Self::Card,
        Self::Templates,
        Self::GoTo,
        Self::New,
        Self::Editor,
        Self::Menu,
        Self::Question,
        Self::Help,
        Self::Unsaved,
        Self::Palette,
        Self::Standing,
        Self::Locked,
    ];

    /// The place's name, for the heading of its keys.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Everywhere => "Everywhere",
            Self::Board => "Board",
            Self::Filter => "Typing a filter",
            Self::Inspection => "Inspection",
            Self::Value => "Typing a value",
            Self::Timeline => "Timeline",
            Self::New => "New inspection",
            Self::Editor => "Typing a text",
            Self::Menu => "Choosing",
            Self::Question => "A question",
            Self::Help => "Keys",
            Self::Unsaved => "Not saved yet",
            Self::Outbox => "Outbox",
            Self::Conflicts => "To settle",
            Self::Palette => "Finding an action",
            Self::Standing => "How things stand",
            Self::Canned => "Canned notes",
            Self::Work => "Recommended work",
            Self::Past => "An earlier revision",
            Self::Finder => "Vehicles and customers",
            Self::Subject => "A vehicle or customer",
            Self::Card => "Writing a vehicle or customer down",
            Self::Templates => "Templates",
            Self::GoTo => "Going to a number, plate or VIN",
            Self::Locked => "Locked",
        }
    }

    /// The keys of the place, in the order in which they are shown.
    pub(crate) fn bindings(self) -> &'static [Binding] {
        match self {
            Self::Everywhere => dialogs::EVERYWHERE,
            Self::Board => board::BOARD,
            Self::Filter => board::FILTER,
            Self::Inspection => inspection::INSPECTION,
            Self::Value => inspection::VALUE,
            Self::Timeline => inspection::TIMELINE,
            Self::New => new::NEW,
            Self::Editor => dialogs::EDITOR,
            Self::Menu => dialogs::MENU,
            Self::Question => dialogs::QUESTION,
            Self::Help => dialogs::HELP,
            Self::Unsaved => dialogs::UNSAVED,
            Self::Outbox => unsent::OUTBOX,
            Self::Conflicts => unsent::CONFLICTS,
            Self::Palette => dialogs::PALETTE,
            Self::Standing => dialogs::STANDING,
            Self::Canned => point::CANNED,
            Self::Work => point::WORK,
            Self::Past => point::PAST,
            Self::Finder => subjects::FINDER,
            Self::Subject => subjects::SUBJECT,
            Self::Card => subjects::CARD,
            Self::Templates => subjects::TEMPLATES,
            Self::GoTo => subjects::GO_TO,
            Self::Locked => dialogs::LOCKED,
        }
    }

    /// The name of its table in a file of keys.
    pub(crate) fn id(self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Board => "board",
            Self::Filter => "filter",
            Self::Inspection => "inspection",
            Self::Value => "value",
            Self::Timeline => "timeline",
            Self::New => "new",
            Self::Editor => "editor",
            Self::Menu => "menu",
            Self::Question => "question",
            Self::Help => "help",
            Self::Unsaved => "unsaved",
            Self::Outbox => "outbox",
            Self::Conflicts => "conflicts",
            Self::Palette => "palette",
            Self::Standing => "standing",
            Self::Canned => "canned",
            Self::Work => "work",
            Self::Past => "past",
            Self::Finder => "finder",
            Self::Subject => "subject",
            Self::Card => "card",
            Self::Templates => "templates",
            Self::GoTo => "go-to",
            Self::Locked => "locked",
        }
    }

    /// Whether a letter that means nothing here is typed: a key of everywhere that is a letter holds
    /// only elsewhere.
    pub(crate) fn types(self) -> bool {
        matches!(
            self,
            Self::Filter
                | Self::Value
                | Self::New
                | Self::Editor
                | Self::Palette
                | Self::Canned
                | Self::Work
                | Self::Finder
                | Self::Card
                | Self::GoTo
                | Self::Locked
        )
    }
}

/// What a key does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Action {
    /// Leave the program.
    Quit,
    /// Sleep, as job control knows it.
    Suspend,
    /// Draw everything anew.
    Redraw,
    /// Show the keys of this place.
    Help,
    /// Find an action by its words.
    Palette,
    /// Show how things stand, and what was said before.
    Standing,
    /// Show what is not saved.
    Unsaved,
    /// Go back, or close what is open.
    Back,
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// To the first.
    First,
    /// To the last.
    Last,
    /// To the next section or tab.
    NextGroup,
    /// To the previous section or tab.
    PreviousGroup,
    /// Open, take, save: what Enter does.
    Enter,
    /// Begin to filter.
    Filter,
    /// Show the tab with this number, from 0.
    Tab(usize),
    /// A new inspection.
    New,
    /// Synchronise now.
    Sync,
    /// Show what waits, is on its way or was refused.
    Outbox,
    /// Show what there is to settle.
    Conflicts,
    /// Keep what is unsent in a file.
    Export,
    /// What stands stays.
    Keep,
    /// Take back what was done last.
    Undo,
    /// Do again what was taken back last.
    Redo,
    /// Choose a canned note.
    Canned,
    /// Recommend work.
    Work,
    /// The last visit's answer is this one's too.
    SameAsLast,
    /// Read earlier revisions.
    Revisions,
    /// Only what touched the marked line's point.
    OnlyThis,
    /// Only what touched the point one was at.
    OnlyHere,
    /// Set a condition.
    Condition(Condition),
    /// Type a measured value, or choose by number.
    Digit,
    /// To the next point without an answer.
    NextOpen,
    /// To the previous point without an answer.
    PreviousOpen,
    /// Write a note.
    Note,
    /// Take an answer back, or delete what was typed.
    TakeBack,
    /// All remaining points of the section are green.
    AllGreen,
    /// Answer the template's questions.
    Questions,
    /// Enter the placard's, stamped or rated value.
    Reference,
    /// The next unit.
    Unit,
    /// Show the timeline.
    Timeline,
    /// Move through the lifecycle.
    Moves,
    /// Concern, bay, assignee.
    Details,
    /// A new line in a text.
    NewLine,
    /// The next value of a field.
    Next,
    /// The previous value of a field.
    Previous,
    /// Save a form.
    Save,
    /// Yes.
    Yes,
    /// No.
    No,
    /// Try again.
    Retry,
    /// Give up what is not saved.
    Discard,
    /// Straight to a number, plate or VIN.
    Jump,
    /// Show only a state, a bay, a person's work.
    Narrow,
    /// Choose the order.
    Order,
    /// Write the next version of a template.
    Compose,
    /// Offer a template version.
    Publish,
    /// Close a template version.
    Close,
    /// The list of vehicles.
    Vehicles,
    /// The list of customers.
    Customers,
    /// The templates.
    Templates,
    /// Another account.
    Accounts,
    /// Lock the account.
    Lock,
    /// Everything counts as looked at.
    Looked,
    /// An older filter.
    Older,
    /// A newer filter.
    Newer,
    /// Correct what is shown.
    Change,
    /// Whose it is.
    Owner,
    /// Two are one.
    Merge,
}

/// A line of the table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Binding {
    /// Any of these.
    pub(crate) chords: &'static [Chord],
    /// What it does.
    pub(crate) action: Action,
    /// What it does, for people.
    pub(crate) words: &'static str,
    /// One or two words for the bottom line; none where it does not stand there.
    pub(crate) hint: Option<&'static str>,
    /// Who may do it; it is not offered to others.
    pub(crate) needs: Permission,
}

impl Binding {
    const fn new(chords: &'static [Chord], action: Action, words: &'static str) -> Self {
        Self {
            chords,
            action,
            words,
            hint: None,
            needs: Permission::Read,
        }
    }

    const fn hint(self, hint: &'static str) -> Self {
        Self {
            hint: Some(hint),
            ..self
        }
    }

    const fn needs(self, needs: Permission) -> Self {
        Self { needs, ..self }
    }

    /// The keys for people, such as `↑ k`.
    #[cfg(test)]
    pub(crate) fn keys(&self, ascii: bool) -> String {
        names(self.chords, ascii)
    }

    /// Whether its keys mean themselves, as digits do, and are no one's to change.
    pub(crate) fn is_fixed(&self) -> bool {
        self.action == Action::Digit
    }
}

impl Action {
    /// The action's name in a file of keys: its own, such as `next-group`, with what it is about,
    /// such as `green` or `tab-1`.
    pub(crate) fn id(self) -> String {
        match self {
            Self::Condition(Condition::Green) => "green".to_owned(),
            Self::Condition(Condition::Yellow) => "yellow".to_owned(),
            Self::Condition(Condition::Red) => "red".to_owned(),
            Self::Condition(Condition::NotApplicable) => "not-applicable".to_owned(),
            Self::Tab(at) => format!("tab-{}", at + 1),
            other => kebab(&format!("{other:?}")),
        }
    }
}

/// `NextGroup` as `next-group`; whatever else a name holds parts its words.
fn kebab(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        let parts = c.is_ascii_uppercase() || !c.is_ascii_alphanumeric();
        if parts && !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
        if c.is_ascii_alphanumeric() {
            out.push(c.to_ascii_lowercase());
        }
    }
    out.trim_end_matches('-').to_owned()
}

#[cfg(test)]
mod tests;
