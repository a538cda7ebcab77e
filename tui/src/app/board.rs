//! The list of inspections: a window on what the daemon finds.

use std::collections::HashMap;

use redtag_protocol::{
    ids::InspectionId,
    ipc::{BoardQuery, BoardRow, BoardSort, Found, TicketFilter, TicketPage},
    lifecycle::State,
    stamp::{Seq, Stamp},
};

use super::{Input, Memory, Narrow};

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
    /// What was handed in and nobody has approved or returned yet.
    Review,
    /// Everything.
    All,
    /// What was created or changed today.
    Today,
    /// What others changed since one last looked.
    News,
}

impl Tab {
    /// In the order of their keys.
    pub(crate) const ALL: [Self; 6] = [
        Self::Open,
        Self::Mine,
        Self::Review,
        Self::All,
        Self::Today,
        Self::News,
    ];

    /// The name for people.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Open => "Open",
            Self::Mine => "Mine",
            Self::Review => "Review",
            Self::All => "All",
            Self::Today => "Today",
            Self::News => "New",
        }
    }

    /// The states that it shows; none: all.
    pub(crate) fn states(self) -> &'static [State] {
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
            Self::Review => &[State::Submitted],
            Self::All | Self::Today | Self::News => &[],
        }
    }
}

/// The list of inspections. Places in it count from 0 over everything that matches.
#[derive(Debug, Default)]
pub(crate) struct Board {
    /// Which part of the work.
    pub(crate) tab: Tab,
    /// Which part of that.
    pub(crate) narrow: Narrow,
    /// In which order.
    pub(crate) sort: BoardSort,
    /// When the day began.
    pub(crate) day: Stamp,
    /// Up to where in the shop's order everything was looked at.
    pub(crate) looked: Seq,
    /// The filter.
    pub(crate) filter: Input,
    /// Which remembered filter stands there, counted from the latest; 0 is what was typed.
    pub(crate) recalled: usize,
    /// The inspection to mark where an answer has it.
    pub(crate) seek: Option<InspectionId>,
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
    /// Where the words of the filter stand in notes, as far as that is known; none: looked for.
    noted: HashMap<InspectionId, Option<Found>>,
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
            page: self.page,
            ..Self::default()
        };
    }

    /// Begins where one was. Not where a person has moved meanwhile.
    pub(crate) fn begin(&mut self, memory: &Memory) {
        let untouched = !self.placed && !self.typing && self.filter.is_empty();
        if untouched && self.tab == Tab::default() {
            self.tab = memory.tab();
            self.sort = memory.sort;
            self.narrow = memory.narrow.clone();
            self.seek = memory.marked;
        }
    }

    /// Why a row matches, where no column shows it.
    pub(crate) fn found<'a>(&'a self, row: &'a BoardRow) -> Option<&'a Found> {
        let noted = || self.noted.get(&row.id)?.as_ref();
        row.found.as_ref().or_else(noted)
    }

    /// The inspections on the screen whose notes match and were not looked through yet.
    pub(crate) fn wants_found(&mut self) -> Vec<InspectionId> {
        if !self.is_current() {
            return Vec::new();
        }
        let wanted: Vec<InspectionId> = self
            .shown()
            .filter(|row| row.noted && row.found.is_none() && !self.noted.contains_key(&row.id))
            .map(|row| row.id)
            .take(100)
            .collect();
        self.noted.extend(wanted.iter().map(|id| (*id, None)));
        wanted
    }

    /// Takes where words stand in notes.
    pub(crate) fn take_found(&mut self, text: &str, found: Vec<(InspectionId, Found)>) {
        if text == self.filter.text().trim() {
            let found = found.into_iter().map(|(id, found)| (id, Some(found)));
            self.noted.extend(found);
        }
    }

    /// The latest change that is known of, as a place in the shop's order.
    pub(crate) fn latest(&self) -> Option<Seq> {
        let touched = self.rows.iter().filter_map(|row| row.touched.as_ref());
        touched.filter_map(|it| it.seq).max()
    }

    /// The text that is looked for.
    pub(crate) fn sought(&self) -> &str {
        self.filter.text().trim()
    }

    /// The filter or the tab changed: from the top.
    pub(crate) fn restart(&mut self) {
        self.selected = 0;
        self.top = 0;
        self.placed = false;
        self.noted.clear();
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
            .flatten()
            .or(self.seek.take());
        self.rows = page.rows;
        self.matched = page.matched;
        self.total = page.total;
        let offset = query.offset;
        if self.loaded.as_ref().is_none_or(|it| it.limit == 0) {
            // Something changed: what was found may stand otherwise.
            self.noted.clear();
        }
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
            self.placed = true;
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
        let states = match self.narrow.state {
            Some(state) => vec![state],
            None => self.tab.states().to_vec(),
        };
        let who = self.narrow.who.as_ref().map(|(who, _)| who.clone());
        let mine = (self.tab == Tab::Mine).then_some(TicketFilter::Mine);
        let news = self.tab == Tab::News;
        BoardQuery {
            text: self.sought().to_owned(),
            states,
            assignee: mine.or(who),
            // Pages of the window overlap, so that scrolling asks seldom.
            offset: self.top.saturating_sub(WINDOW / 3) / 40 * 40,
            limit: WINDOW.max(self.page * 3),
            sort: if news && self.sort.is_usual() {
                BoardSort::Changed
            } else {
                self.sort
            },
            bay: self.narrow.bay.clone(),
            since: (self.tab == Tab::Today).then_some(self.day),
            news: news.then_some(self.looked),
        }
    }
}

/// Whether both ask for parts of one list.
fn same_list(one: &BoardQuery, other: &BoardQuery) -> bool {
    one.text == other.text
        && one.states == other.states
        && one.assignee == other.assignee
        && one.sort == other.sort
        && one.bay == other.bay
        && one.since == other.since
        && one.news == other.news
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
        _ if days < 364 => format!("{} w", days / 7),
        // 52 weeks are a year but for a day.
        _ => format!("{} y", (days / 365).max(1)),
    }
}

/// When the age of something is shown differently next.
pub(crate) fn age_changes(created: Stamp, now: Stamp) -> Stamp {
    let passed = now.0.saturating_sub(created.0);
    let step = if passed < 48 * HOUR { HOUR } else { DAY };
    Stamp(created.0.saturating_add((passed / step + 1) * step))
}

/// How long after a person's last change an inspection counts as worked on by them, in
/// milliseconds: ten minutes. Nobody says that they are at it; the documents tell.
pub(crate) const AT_WORK: u64 = 600_000;

/// Who works on an inspection now, as far as its last change tells.
pub(crate) fn at_work(row: &BoardRow, now: Stamp) -> Option<&str> {
    let touched = row.touched.as_ref()?;
    let recent = now.0.saturating_sub(touched.at.0) < AT_WORK;
    let open = matches!(
        row.state,
        State::Draft | State::InProgress | State::Returned
    );
    (recent && open && !touched.who.is_empty()).then_some(touched.who.as_str())
}

/// When that is shown otherwise.
pub(crate) fn rests_at(row: &BoardRow, now: Stamp) -> Option<Stamp> {
    at_work(row, now)?;
    let touched = row.touched.as_ref()?;
    Some(Stamp(touched.at.0.saturating_add(AT_WORK)))
}

#[cfg(test)]
mod tests;
