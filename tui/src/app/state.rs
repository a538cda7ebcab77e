//! The whole of what the client knows.

use std::collections::{BTreeMap, HashMap, VecDeque};

use jiff::tz::TimeZone;
use redtag_protocol::{
    canned::Kept,
    ids::{CannedId, InspectionId},
    ipc::{Request, Status, TemplatePage, WATCHED},
    role::{Permission, Role},
    stamp::Stamp,
};

use super::{
    Board, Card, Composing, ConflictsScreen, Effect, Finder, Form, InspectionScreen, Layer,
    LockScreen, Memory, Moment, OutboxScreen, PastScreen, Purpose, SubjectScreen, TemplatesScreen,
    TimelineScreen, Unsaved, asks::Asks,
};
use crate::keys::{Keymap, Place};

/// The state of the client.
#[derive(Debug)]
pub(crate) struct State {
    /// When the last message came, with its randomness.
    pub(crate) moment: Moment,
    /// Columns of the window.
    pub(crate) width: u16,
    /// Rows of the window.
    pub(crate) height: u16,
    /// Where this bench is, for showing times.
    pub(crate) zone: TimeZone,
    /// The line to the daemon.
    pub(crate) daemon: Daemon,
    /// The version of the socket's language that the daemon speaks.
    pub(crate) ipc: u16,
    /// Parts of the templates, until the last has come; by what they are for.
    pub(crate) gathered: Vec<(Purpose, TemplatePage)>,
    /// The inspection that the daemon was last told is on the screen.
    pub(crate) watched: Option<InspectionId>,
    /// How things stand, as last told.
    pub(crate) status: Option<Box<Status>>,
    /// The account whose documents are shown, also once nobody is signed in any more.
    pub(crate) shown_of: Option<String>,
    /// What the daemon wants known and a key was struck below: it stands on with how things stand.
    pub(crate) noticed: Vec<String>,
    /// In front of everything, while the account is locked or another one's PIN is asked for.
    pub(crate) locked: Option<LockScreen>,
    /// When the daemon was last told that somebody is here.
    pub(crate) active_told: Stamp,
    /// What is remembered of the account; none before the daemon has said what was.
    pub(crate) memory: Option<Memory>,
    /// As it is kept.
    pub(crate) kept: Option<String>,
    /// The lowest screen.
    pub(crate) board: Board,
    /// Screens above it, the front one last.
    pub(crate) above: Vec<Screen>,
    /// What is open above the screens, the front one last.
    pub(crate) layers: Vec<Layer>,
    /// Edits that are not known to be durable.
    pub(crate) unsaved: Unsaved,
    /// The canned notes that the shop keeps.
    pub(crate) canned: BTreeMap<CannedId, Kept>,
    /// Texts that were typed since the client began and neither saved nor given up, by inspection
    /// and what they are; none where they were.
    pub(crate) drafts: HashMap<(InspectionId, String), Option<String>>,
    /// A template that is being written in the person's editor.
    pub(crate) composing: Option<Composing>,
    /// Requests on their way.
    pub(crate) asks: Asks,
    /// What was said last; gone with the next key.
    pub(crate) said: Option<Said>,
    /// What was said before, the newest last, and when.
    pub(crate) told: VecDeque<(Stamp, Said)>,
    /// What the keys mean.
    pub(crate) keys: Keymap,
    /// What is to be done outside once the message is dealt with.
    pub(crate) effects: Vec<Effect>,
}

/// The line to the daemon.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Daemon {
    /// The first connection is being made.
    Starting,
    /// Connected.
    Up,
    /// Lost; the link tries again by itself.
    Down(String),
}

/// A screen above the board.
#[derive(Debug)]
pub(crate) enum Screen {
    /// One inspection.
    Inspection(Box<InspectionScreen>),
    /// Its timeline.
    Timeline(Box<TimelineScreen>),
    /// A new one.
    New(Box<Form>),
    /// What the API has not taken.
    Outbox(Box<OutboxScreen>),
    /// What there is to settle.
    Conflicts(Box<ConflictsScreen>),
    /// A revision that reopening ended.
    Past(PastScreen),
    /// The list of vehicles or of customers.
    Finder(Box<Finder>),
    /// One vehicle or customer.
    Subject(Box<SubjectScreen>),
    /// A vehicle or customer being written down.
    Card(Box<Card>),
    /// The templates.
    Templates(Box<TemplatesScreen>),
}

/// A message to the person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Said {
    /// What it is like.
    pub(crate) tone: Tone,
    /// The words.
    pub(crate) words: String,
}

/// What a message is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tone {
    /// Something to know.
    Calm,
    /// Something went wrong.
    Wrong,
}

impl State {
    /// A client that has just been started.
    pub(crate) fn new(width: u16, height: u16, zone: TimeZone, moment: Moment) -> Self {
        let mut board = Board::default();
        board.fit(height);
        Self {
            moment,
            width,
            height,
            zone,
            daemon: Daemon::Starting,
            ipc: 0,
            gathered: Vec::new(),
            watched: None,
            status: None,
            shown_of: None,
            noticed: Vec::new(),
            locked: None,
            active_told: Stamp(0),
            memory: None,
            kept: None,
            board,
            above: Vec::new(),
            layers: Vec::new(),
            unsaved: Unsaved::default(),
            canned: BTreeMap::new(),
            drafts: HashMap::new(),
            composing: None,
            asks: Asks::default(),
            said: None,
            told: VecDeque::new(),
            keys: Keymap::default(),
            effects: Vec::new(),
        }
    }

    /// This machine's clock at the last message.
    pub(crate) fn now(&self) -> Stamp {
        self.moment.now
    }

    /// The role, where somebody is signed in.
    pub(crate) fn role(&self) -> Option<Role> {
        Some(self.status.as_ref()?.account.as_ref()?.role)
    }

    /// Whether the account may do something; nobody may do anything before the first answer.
    pub(crate) fn may(&self, permission: Permission) -> bool {
        self.role().is_some_and(|role| role.may(permission))
    }

    /// Where keys are struck.
    pub(crate) fn place(&self) -> Place {
        if self.locked.is_some() {
            return Place::Locked;
        }
        if let Some(layer) = self.layers.last() {
            return layer.place();
        }
        self.screen_place()
    }

    /// The front screen's table of keys, whatever is open above it.
    pub(crate) fn screen_place(&self) -> Place {
        match self.above.last() {
            None if self.board.typing => Place::Filter,
            None => Place::Board,
            Some(Screen::Inspection(screen)) if screen.entry.is_some() => Place::Value,
            Some(Screen::Inspection(_)) => Place::Inspection,
            Some(Screen::Timeline(_)) => Place::Timeline,
            Some(Screen::New(_)) => Place::New,
            Some(Screen::Outbox(_)) => Place::Outbox,
            Some(Screen::Conflicts(_)) => Place::Conflicts,
            Some(Screen::Past(_)) => Place::Past,
            Some(Screen::Finder(_)) => Place::Finder,
            Some(Screen::Subject(_)) => Place::Subject,
            Some(Screen::Card(_)) => Place::Card,
            Some(Screen::Templates(_)) => Place::Templates,
        }
    }

    /// The inspection that is open, also below its timeline.
    pub(crate) fn inspection(&self) -> Option<&InspectionScreen> {
        self.above.iter().rev().find_map(|screen| match screen {
            Screen::Inspection(screen) => Some(screen.as_ref()),
            _ => None,
        })
    }

    /// The inspection that is open, also below its timeline.
    pub(crate) fn inspection_mut(&mut self) -> Option<&mut InspectionScreen> {
        self.above.iter_mut().rev().find_map(|screen| match screen {
            Screen::Inspection(screen) => Some(screen.as_mut()),
            _ => None,
        })
    }

    /// The timeline that is open.
    pub(crate) fn timeline_mut(&mut self) -> Option<&mut TimelineScreen> {
        self.above.iter_mut().find_map(|screen| match screen {
            Screen::Timeline(screen) => Some(screen.as_mut()),
            _ => None,
        })
    }

    /// The form that is open.
    pub(crate) fn form_mut(&mut self) -> Option<&mut Form> {
        self.above.iter_mut().find_map(|screen| match screen {
            Screen::New(form) => Some(form.as_mut()),
            _ => None,
        })
    }

    /// Whether a form is open with something typed that is nowhere else.
    pub(crate) fn has_typed_form(&self) -> bool {
        self.above.iter().any(|screen| match screen {
            Screen::New(form) => form.is_touched(),
            Screen::Card(card) => card.is_touched(),
            _ => false,
        })
    }

    /// Says something to the person.
    pub(crate) fn say(&mut self, words: impl Into<String>) {
        self.said = Some(Said {
            tone: Tone::Calm,
            words: words.into(),
        });
    }

    /// Says that something went wrong.
    pub(crate) fn complain(&mut self, words: impl Into<String>) {
        self.said = Some(Said {
            tone: Tone::Wrong,
            words: words.into(),
        });
    }

    /// Asks the daemon.
    pub(crate) fn ask(&mut self, purpose: Purpose, request: Request) {
        self.asks.ask(purpose, request, &mut self.effects);
    }

    /// Asks for an inspection that is shown.
    pub(crate) fn ask_inspection(&mut self, id: InspectionId) {
        let request = self.look_at(id);
        self.ask(Purpose::Inspection(id), request);
    }

    /// The request for an inspection. One that is open is watched, where the daemon knows how: what
    /// becomes of it is told.
    pub(crate) fn look_at(&mut self, id: InspectionId) -> Request {
        let open = self.inspection().is_some_and(|screen| screen.id == id);
        if !open || self.ipc < WATCHED {
            return Request::Inspection { id };
        }
        self.watched = Some(id);
        Request::Watch { id }
    }

    /// Shows the open inspection with what is not saved laid over it.
    pub(crate) fn lay_over(&mut self) {
        let person = self
            .status
            .as_ref()
            .and_then(|status| Some(status.account.as_ref()?.person));
        let now = self.moment.now;
        let unsaved = &self.unsaved;
        let found = self.above.iter_mut().rev().find_map(|screen| match screen {
            Screen::Inspection(screen) => Some(screen),
            _ => None,
        });
        let Some(screen) = found else { return };
        let Some(told) = &screen.told else { return };
        let mut view = told.clone();
        if let Some(person) = person {
            unsaved.lay_over(&mut view.inspection, person, now);
        }
        view.pending.extend(unsaved.fields(screen.id));
        view.counts = view.inspection.counts(&view.template);
        screen.view = Some(view);
        screen.go();
    }

    /// The next moment at which something that is shown changes by time alone: an age on the board
    /// grows by an hour or a day. None: nothing does.
    pub(crate) fn wakes_at(&self) -> Option<Stamp> {
        if !self.above.is_empty() {
            return None;
        }
        let now = self.now();
        self.board
            .shown()
            .flat_map(|row| {
                let rests = super::board::rests_at(row, now);
                rests
                    .into_iter()
                    .chain([super::board::age_changes(row.created, now)])
            })
            .min()
    }
}
