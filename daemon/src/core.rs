//! What to do next for one account: a pure machine. Inputs say what happened, effects say what to
//! do; time and randomness come with the input. It knows nothing of sockets, files or threads.

mod asking;
mod backoff;
mod effect;
mod failed;
mod input;
mod lane;
mod live;
mod outcome;
mod state;
mod step;
mod trouble;

pub use asking::{Asking, Heard};
pub use effect::Effect;
pub use input::{Input, Moment, Pace};
pub use lane::LaneName;
pub use state::{Line, Session, State};
pub use trouble::Trouble;

#[cfg(test)]
mod tests;
