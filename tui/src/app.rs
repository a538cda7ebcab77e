//! What the full-screen client knows and does, without a terminal, a socket or a clock.
//!
//! [`update::update`] is a function of state and message; it changes the state and returns what is
//! to be done outside as [`Effect`]s. The time and randomness come with every message.

mod asks;
mod board;
mod canned;
mod card;
mod composing;
mod conflicts;
mod describe;
mod dialog;
mod drafts;
mod effect;
mod finder;
mod form;
mod happening;
mod input;
mod inspection;
mod limits;
mod lock;
mod memory;
mod message;
mod mouse;
mod narrow;
mod outbox;
mod palette;
mod past;
mod state;
mod subject;
mod templates;
mod timeline;
mod unsaved;
pub(crate) mod update;
mod work;

#[cfg(test)]
pub(crate) mod fixture;

pub(crate) use asks::Purpose;
pub(crate) use board::{Board, Tab, age, at_work};
pub(crate) use canned::{CannedList, fitting};
pub(crate) use card::{Card, Item, Of};
pub(crate) use composing::{Composed, Composing};
pub(crate) use conflicts::{ConflictsScreen, point as conflict_point};
pub(crate) use describe::{
    answer as answer_words, clock, day, sent_back as sent_back_words, verb_words, when, when_day,
};
pub(crate) use dialog::{Confirm, Deed, Editor, Layer, Menu, MenuItem, Pick, Writing};
pub(crate) use drafts::note_name;
pub(crate) use effect::Effect;
pub(crate) use finder::{FOUND, Finder, Listed, Sought};
pub(crate) use form::{CustomerDraft, Field, Form, Saving, Subject, VEHICLE_WANTED, VehicleDraft};
pub(crate) use happening::{Story, story};
pub(crate) use input::Input;
pub(crate) use inspection::{Entry, InspectionScreen, Stage, next_unit};
pub(crate) use limits::{limits, reference_name};
pub(crate) use lock::LockScreen;
pub(crate) use memory::Memory;
pub(crate) use message::{Message, Moment};
pub(crate) use mouse::{Button, Mouse, Target};
pub(crate) use narrow::{Narrow, Narrowing, sort_words};
pub(crate) use outbox::{OutboxScreen, WINDOW};
pub(crate) use palette::{Palette, Reach};
pub(crate) use past::PastScreen;
pub(crate) use state::{Daemon, Screen, State, Tone};
pub(crate) use subject::{Group, Leads, SubjectScreen, Told};
pub(crate) use templates::{
    Difference, Sort, TemplatesScreen, differences, kind_words, template_state,
};
pub(crate) use timeline::{TimelineScreen, point as timeline_point};
pub(crate) use unsaved::{Standing, Unsaved, UnsavedEdit};
pub(crate) use update::foresee;
pub(crate) use work::{WorkField, WorkForm};
