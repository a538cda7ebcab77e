//! How a device that waits to be let in asks whether it was (RFC 8628, section 3.5). Pure, as the rest
//! here: time comes with the input.

use std::time::Duration;

/// After a call that was not answered: a line that is gone comes back, and the code stays good.
const LONGEST: Duration = Duration::from_secs(30);

/// What a question brought.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Heard {
    /// Nobody has decided yet.
    Wait,
    /// And that was too soon.
    WaitLonger,
    /// Nothing definite: no line, or a fault of the server's.
    Nothing,
}

/// The pace of one device's questions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    pause: Duration,
    /// After calls that brought nothing.
    silence: Duration,
    left: Duration,
}

impl Asking {
    /// Of a code that is good for so long, with the pause that the API wants.
    pub fn new(pause: Duration, left: Duration) -> Self {
        Self {
            pause,
            silence: pause,
            left,
        }
    }

    /// How long to wait before the first question.
    pub fn first(&self) -> Duration {
        self.pause
    }

    /// How long to wait now, `passed` after the last time that this was asked; none where the code is
    /// good no more by then.
    pub fn after(&mut self, heard: Heard, passed: Duration) -> Option<Duration> {
        let wait = match heard {
            Heard::Wait => {
                self.silence = self.pause;
                self.pause
            }
            Heard::WaitLonger => {
                self.pause += Duration::from_secs(5);
                self.silence = self.pause;
                self.pause
            }
            Heard::Nothing => {
                let wait = self.silence;
                self.silence = (wait * 2).min(LONGEST.max(self.pause));
                wait
            }
        };
        self.left = self.left.saturating_sub(passed);
        (wait < self.left).then_some(wait)
    }
}

#[cfg(test)]
mod tests;
