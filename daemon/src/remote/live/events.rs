//! Server-sent events (WHATWG HTML, section 9.2), as far as the live channel uses them.

use std::collections::VecDeque;

use redtag_protocol::{api::live, stamp::Seq};

use super::LiveEvent;

/// The longest line, in bytes: a sequence has at most twenty digits.
const MAX_LINE: usize = 4 << 10;

/// Takes bytes as they arrive and gives events. Unknown events and fields are passed over, as the
/// standard says.
#[derive(Debug, Default)]
pub(super) struct Events {
    line: Vec<u8>,
    /// Whether the last byte was a carriage return, which may be half a line end.
    after_return: bool,
    name: Vec<u8>,
    data: Vec<u8>,
    ready: VecDeque<LiveEvent>,
}

impl Events {
    /// The next event that is complete.
    pub(super) fn take(&mut self) -> Option<LiveEvent> {
        self.ready.pop_front()
    }

    /// Adds bytes that arrived.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<(), &'static str> {
        for &byte in bytes {
            let half = std::mem::take(&mut self.after_return);
            match byte {
                b'\n' if half => {}
                b'\n' => self.end_of_line()?,
                b'\r' => {
                    self.after_return = true;
                    self.end_of_line()?;
                }
                _ if self.line.len() == MAX_LINE => return Err("a line is too long"),
                _ => self.line.push(byte),
            }
        }
        Ok(())
    }

    fn end_of_line(&mut self) -> Result<(), &'static str> {
        let line = std::mem::take(&mut self.line);
        if line.is_empty() {
            return self.dispatch();
        }
        if line[0] == b':' {
            self.push(LiveEvent::Heartbeat);
            return Ok(());
        }
        let (field, value) = match line.iter().position(|b| *b == b':') {
            Some(at) => (&line[..at], &line[at + 1..]),
            None => (&line[..], &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match field {
            b"event" => self.name = value.to_vec(),
            // Several data lines would be joined; the channel never sends more than one.
            b"data" => self.data = value.to_vec(),
            _ => {}
        }
        Ok(())
    }

    fn dispatch(&mut self) -> Result<(), &'static str> {
        let name = std::mem::take(&mut self.name);
        let data = std::mem::take(&mut self.data);
        if name == live::EVENT.as_bytes() {
            let seq = std::str::from_utf8(&data)
                .ok()
                .and_then(|text| text.trim().parse().ok())
                .ok_or("a sequence is not a number")?;
            self.push(LiveEvent::Seq(Seq(seq)));
        }
        Ok(())
    }

    /// Only the newest of a kind matters, so a flood needs no memory.
    fn push(&mut self, event: LiveEvent) {
        let same = self
            .ready
            .iter_mut()
            .find(|waiting| std::mem::discriminant(*waiting) == std::mem::discriminant(&event));
        match same {
            Some(waiting) => *waiting = event,
            None => self.ready.push_back(event),
        }
    }
}
