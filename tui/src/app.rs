//! What the full-screen client knows and does, without a terminal, a socket or a clock.
//!
//! [`update::update`] is a function of state and message; it changes the state and returns what is
//! to be done outside as [`Effect`]s. The time and randomness come with every message.

mod asks;
mod board;
mod canned;
mod conflicts;
mod describe;
mod dialog;
mod effect;
mod form;
mod happening;
mod input;
mod inspection;
mod limits;
mod message;
mod mouse;
mod outbox;
mod palette;
mod past;
mod state;
mod timeline;
mod unsaved;
pub(crate) mod update;
mod work;

#[cfg(test)]
pub(crate) mod fixture;

pub(crate) use asks::Purpose;
pub(crate) use board::{Board, Tab, age};
pub(crate) use canned::{CannedList, fitting};
pub(crate) use conflicts::{ConflictsScreen, point as conflict_point};
pub(crate) use describe::{answer as answer_words, clock, verb_words, when, when_day};
pub(crate) use dialog::{Confirm, Deed, Editor, Layer, Menu, MenuItem, Pick, Writing};
pub(crate) use effect::Effect;
pub(crate) use form::{CustomerDraft, Field, Form, Saving, Subject, VEHICLE_WANTED, VehicleDraft};
pub(crate) use happening::{Story, story};
pub(crate) use input::Input;
pub(crate) use inspection::{Entry, InspectionScreen, Stage, next_unit};
pub(crate) use limits::{limits, reference_name};
pub(crate) use message::{Message, Moment};
pub(crate) use mouse::{Button, Mouse, Target};
pub(crate) use outbox::{OutboxScreen, WINDOW};
pub(crate) use palette::Palette;
pub(crate) use past::PastScreen;
pub(crate) use state::{Daemon, Screen, State, Tone};
pub(crate) use timeline::{TimelineScreen, point as timeline_point};
pub(crate) use unsaved::{Standing, Unsaved, UnsavedEdit};
pub(crate) use update::foresee;
pub(crate) use work::{WorkField, WorkForm};
