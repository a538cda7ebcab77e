//! What the client remembers of an account between runs: where one was, what was looked for, and
//! what was looked at. The daemon keeps it with the account, encrypted.

use std::collections::BTreeMap;

use redtag_protocol::{
    ids::{InspectionId, PointKey},
    ipc::{BoardRow, BoardSort, REMEMBERED},
    stamp::Seq,
};
use serde::{Deserialize, Serialize};

use super::{Narrow, Tab};

/// How many filters are remembered.
const FILTERS: usize = 50;
/// How long a remembered filter may be, in bytes.
const LONG: usize = 200;
/// How many inspections are remembered as looked at one by one.
const LOOKED: usize = 500;
/// In how many inspections it is remembered at which point one was.
const PLACES: usize = 40;

/// What is remembered. A text that cannot be read is nothing remembered; fields of a newer program
/// are passed over.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Memory {
    /// The board's tab, by its number from 0.
    tab: usize,
    /// The board's order.
    pub(crate) sort: BoardSort,
    /// What of the board is shown.
    pub(crate) narrow: Narrow,
    /// The key of the template that was used last for a new inspection.
    pub(crate) template: Option<String>,
    /// The inspection that was marked.
    pub(crate) marked: Option<InspectionId>,
    /// The points at which one was, the latest last.
    places: Vec<(InspectionId, PointKey)>,
    /// Filters, the latest last.
    filters: Vec<String>,
    /// Up to here in the shop's order everything counts as looked at; none before the first time.
    pub(crate) since: Option<Seq>,
    /// What was looked at since, up to where.
    looked: BTreeMap<InspectionId, Seq>,
}

impl Memory {
    /// Reads what was remembered.
    pub(crate) fn read(text: &str) -> Self {
        let mut it: Self = serde_json::from_str(text).unwrap_or_default();
        it.filters.retain(|filter| filter.len() <= LONG);
        let more = it.filters.len().saturating_sub(FILTERS);
        it.filters.drain(..more);
        let more = it.places.len().saturating_sub(PLACES);
        it.places.drain(..more);
        it.bound();
        it
    }

    /// As it is kept; none where it would be too long, which its bounds keep it from.
    pub(crate) fn text(&self) -> Option<String> {
        let text = serde_json::to_string(self).ok()?;
        (text.len() <= REMEMBERED).then_some(text)
    }

    /// The board's tab.
    pub(crate) fn tab(&self) -> Tab {
        Tab::ALL.get(self.tab).copied().unwrap_or_default()
    }

    /// The board shows another tab.
    pub(crate) fn set_tab(&mut self, tab: Tab) {
        self.tab = Tab::ALL.iter().position(|it| *it == tab).unwrap_or(0);
    }

    /// The filters, the latest last.
    pub(crate) fn filters(&self) -> &[String] {
        &self.filters
    }

    /// A filter was of use.
    pub(crate) fn note_filter(&mut self, filter: &str) {
        let filter = filter.trim();
        if filter.is_empty() || filter.len() > LONG {
            return;
        }
        self.filters.retain(|it| it != filter);
        self.filters.push(filter.to_owned());
        let more = self.filters.len().saturating_sub(FILTERS);
        self.filters.drain(..more);
    }

    /// The point of an inspection at which one was.
    pub(crate) fn place(&self, id: InspectionId) -> Option<&PointKey> {
        let found = self.places.iter().find(|(it, _)| *it == id);
        found.map(|(_, point)| point)
    }

    /// One is at a point of an inspection.
    pub(crate) fn be_at(&mut self, id: InspectionId, point: &PointKey) {
        if let Some((last, at)) = self.places.last_mut()
            && *last == id
        {
            if at != point {
                at.clone_from(point);
            }
            return;
        }
        self.places.retain(|(it, _)| *it != id);
        self.places.push((id, point.clone()));
        let more = self.places.len().saturating_sub(PLACES);
        self.places.drain(..more);
    }

    /// Whether somebody else changed it after one looked at it.
    pub(crate) fn is_news(&self, row: &BoardRow) -> bool {
        let (Some(since), Some(touched)) = (self.since, &row.touched) else {
            return false;
        };
        let Some(seq) = touched.seq.filter(|_| !touched.own) else {
            return false;
        };
        seq > since && self.looked.get(&row.id).is_none_or(|looked| seq > *looked)
    }

    /// An inspection was looked at, up to this place in the shop's order.
    pub(crate) fn look_at(&mut self, id: InspectionId, seq: Seq) {
        if self.since.is_none_or(|since| seq <= since) {
            return;
        }
        let looked = self.looked.entry(id).or_insert(seq);
        *looked = seq.max(*looked);
        self.bound();
    }

    /// Everything up to here counts as looked at, and what was looked at beyond.
    pub(crate) fn look_at_all(&mut self, seq: Seq) {
        let looked = self.looked.values().copied().max();
        self.since = Some(seq).max(looked).max(self.since);
        self.looked.clear();
    }

    /// What is looked at one by one is bounded: beyond that the oldest change counts as the place
    /// up to which everything was looked at.
    fn bound(&mut self) {
        if self.looked.len() > LOOKED {
            let mut seqs: Vec<Seq> = self.looked.values().copied().collect();
            seqs.sort_unstable();
            let at = seqs.len() - LOOKED / 2;
            self.since = seqs.get(at).copied().max(self.since);
        }
        let since = self.since.unwrap_or(Seq(0));
        self.looked.retain(|_, seq| *seq > since);
    }
}

#[cfg(test)]
mod tests;
