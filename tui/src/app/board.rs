//! The list of inspections: a window on what the daemon finds.

use redtag_protocol::{
    ids::InspectionId,
    ipc::{BoardQuery, BoardRow, TicketFilter, TicketPage},
    lifecycle::State,
    stamp::Stamp,
};

use super::Input;

/// How many rows are asked for at a time.
const WINDOW: u32 = 240;
/// Lines of the screen that are not rows: title, tabs, heading, status, keys.
const FRAME: u16 = 5;

/// A part of the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Tab {
    /// Work to be done at the bench.
    #[default]
    Open,
    /// Work of the account that is not closed.
    Mine,
    /// What waits for a dispatcher.
    Review,
    /// Everything.
    All,
}

impl Tab {
    /// In the order of their keys.
    pub(crate) const ALL: [Self; 4] = [Self::Open, Self::Mine, Self::Review, Self::All];

    /// The name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Mine => "Mine",
            Self::Review => "Review",
            Self::All => "All",
        }
    }

    fn states(self) -> &'static [State] {
        match self {
            Self::Open => &[State::Draft, State::InProgress, State::Returned],
            Self::Mine => &[
                State::Draft,
                State::InProgress,
                State::Returned,
                State::Submitted,
                State::Approved,
                State::Published,
                State::Decided,
            ],
            Self::Review => &[State::Submitted, State::Approved],
            Self::All => &[],
        }
    }
}

/// The list of inspections. Places in it count from 0 over everything that matches.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Which part of the work.
    pub(crate) tab: Tab,
    /// The filter.
    pub(crate) filter: Input,
    /// Whether keys go to the filter.
    pub(crate) typing: bool,
    /// The marked place.
    pub(crate) selected: u32,
    /// The first place on the screen.
    pub(crate) top: u32,
    /// How many match.
    pub(crate) matched: u64,
    /// How many inspections there are.
    pub(crate) total: u64,
    /// Whether a person has put the mark where it is; until then it stays on the first row.
    placed: bool,
    /// Whether the marked one is opened as soon as the answer to what was typed is here.
    pub(crate) open_on_answer: bool,
    /// Why there is nothing to show.
    pub(crate) trouble: Option<String>,
    /// Rows on the screen.
    page: u32,
    rows: Vec<BoardRow>,
    /// What the rows answer.
    loaded: Option<BoardQuery>,
    asked: Option<BoardQuery>,
}

impl Board {
    /// The screen has this many rows now.
    pub(crate) fn fit(&mut self, height: u16) {
        self.page = u32::from(height.saturating_sub(FRAME).max(1));
        self.scroll();
    }

    /// Rows of a page.
    pub(crate) fn page(&self) -> u32 {
        self.page
    }

    /// Whether an answer has come.
    pub(crate) fn is_loaded(&self) -> bool {
        self.loaded.is_some()
    }

    /// The row at a place, where it is known.
    pub(crate) fn row(&self, place: u32) -> Option<&BoardRow> {
        let offset = self.loaded.as_ref()?.offset;
        let at = usize::try_from(place.checked_sub(offset)?).ok()?;
        self.rows.get(at)
    }

    /// The rows on the screen, as far as they are known.
    pub(crate) fn shown(&self) -> impl Iterator<Item = &BoardRow> {
        (self.top..self.top.saturating_add(self.page)).filter_map(|place| self.row(place))
    }

    /// The marked inspection.
    pub(crate) fn marked(&self) -> Option<&BoardRow> {
        self.row(self.selected)
    }

    /// Whether the rows are those of the filter and tab as they are now.
    pub(crate) fn is_current(&self) -> bool {
        let now = self.query();
        self.loaded.as_ref().is_some_and(|it| same_list(it, &now))
    }

    /// Something changed: what is shown must be asked for again.
    pub(crate) fn stale(&mut self) {
        if let Some(loaded) = &mut self.loaded {
            // Keeps the rows on the screen, and no longer counts as an answer.
            loaded.limit = 0;
        }
        self.asked = None;
        self.trouble = None;
    }

    /// Another account: nothing of the former stays.
    pub(crate) fn forget(&mut self) {
        *self = Self {
            tab: self.tab,
            page: self.page,
            ..Self::default()
        };
    }

    /// The filter or the tab changed: from the top.
    pub(crate) fn restart(&mut self) {
        self.selected = 0;
        self.top = 0;
        self.placed = false;
    }

    /// What must be asked for now; each question is given once.
    pub(crate) fn wants(&mut self) -> Option<BoardQuery> {
        let query = self.query();
        let covered = self.loaded.as_ref().is_some_and(|loaded| {
            let end = loaded.offset.saturating_add(loaded.limit);
            let last = self.top.saturating_add(self.page);
            same_list(loaded, &query)
                && loaded.limit > 0
                && loaded.offset <= self.top
                && (last <= end || u64::from(end) >= self.matched)
        });
        if covered || self.asked.as_ref() == Some(&query) {
            return None;
        }
        self.asked = Some(query.clone());
        Some(query)
    }

    /// Takes an answer. Gives the inspection to open, where Enter was struck before it came.
    pub(crate) fn take(&mut self, query: BoardQuery, page: TicketPage) -> Option<InspectionId> {
        if !same_list(&query, &self.query()) {
            return None;
        }
        let marked = (self.placed && self.is_current())
            .then(|| self.marked().map(|row| row.id))
            .flatten();
        self.rows = page.rows;
        self.matched = page.matched;
        self.total = page.total;
        let offset = query.offset;
        self.loaded = Some(query);
        self.trouble = None;
        // Keeps the mark on what it was on, as far as that is in the window.
        let kept = marked.and_then(|id| self.rows.iter().position(|row| row.id == id));
        if let Some(at) = kept {
            let place = offset.saturating_add(u32::try_from(at).unwrap_or(0));
            // The same line of the screen too, so that nothing jumps under the eye.
            let line = self.selected.saturating_sub(self.top);
            self.top = place.saturating_sub(line);
            self.selected = place;
        }
        self.scroll();
        if std::mem::take(&mut self.open_on_answer) {
            return self.marked().map(|row| row.id);
        }
        None
    }

    /// An answer did not come.
    pub(crate) fn failed(&mut self, words: String) {
        self.open_on_answer = false;
        self.trouble = Some(words);
    }

    /// Moves the mark by so many places.
    pub(crate) fn step(&mut self, by: i64) {
        self.placed = true;
        let place = i64::from(self.selected).saturating_add(by).max(0);
        self.selected = u32::try_from(place).unwrap_or(u32::MAX);
        self.scroll();
    }

    /// To the last.
    pub(crate) fn end(&mut self) {
        self.placed = true;
        self.selected = u32::MAX;
        self.scroll();
    }

    fn scroll(&mut self) {
        let last = u32::try_from(self.matched.saturating_sub(1)).unwrap_or(u32::MAX);
        self.selected = self.selected.min(last);
        let lowest = self.selected.saturating_sub(self.page.saturating_sub(1));
        self.top = self.top.clamp(lowest, self.selected);
        // No empty lines at the end while there is something above.
        self.top = self
            .top
            .min(last.saturating_add(1).saturating_sub(self.page));
    }

    fn query(&self) -> BoardQuery {
        BoardQuery {
            text: self.filter.text().trim().to_owned(),
            states: self.tab.states().to_vec(),
            assignee: (self.tab == Tab::Mine).then_some(TicketFilter::Mine),
            // Pages of the window overlap, so that scrolling asks seldom.
            offset: self.top.saturating_sub(WINDOW / 3) / 40 * 40,
            limit: WINDOW.max(self.page * 3),
        }
    }
}

/// Whether both ask for parts of one list.
fn same_list(one: &BoardQuery, other: &BoardQuery) -> bool {
    one.text == other.text && one.states == other.states && one.assignee == other.assignee
}

const HOUR: u64 = 3_600_000;
const DAY: u64 = 24 * HOUR;

/// How long ago something was, coarsely: `<1 h`, `5 h`, `3 d`, `7 w`, `2 y`.
pub(crate) fn age(created: Stamp, now: Stamp) -> String {
    let passed = now.0.saturating_sub(created.0);
    let days = passed / DAY;
    match passed / HOUR {
        0 => "<1 h".to_owned(),
        hours @ 1..=47 => format!("{hours} h"),
        _ if days < 21 => format!("{days} d"),
        _ if days < 730 => format!("{} w", days / 7),
        _ => format!("{} y", days / 365),
    }
}

/// When the age of something is shown differently next.
pub(crate) fn age_changes(created: Stamp, now: Stamp) -> Stamp {
    let passed = now.0.saturating_sub(created.0);
    let step = if passed < 48 * HOUR { HOUR } else { DAY };
    Stamp(created.0.saturating_add((passed / step + 1) * step))
}

#[cfg(test)]
mod tests;
