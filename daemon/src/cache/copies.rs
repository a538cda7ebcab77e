//! Which copy of the shop is shown and which is pulled: the same, or another that is built beside
//! it and takes its place when it is whole.

use redtag_protocol::{
    api::changes::Cursor,
    audit::{Sum, Tally},
    op::Place,
    stamp::Stamp,
};
use serde::{Deserialize, Serialize};

use super::{chain::Head, documents::Generation};

/// How long after one copy was begun because count and hash did not agree the next may be, in
/// milliseconds: if they still do not, fetching everything over and over helps nobody. Each further
/// one waits twice as long, up to about a day and a half.
const PATIENCE: u64 = 60 * 60 * 1000;
const MOST_DOUBLED: u32 = 5;

/// The copies and what is known of the one that is pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Copies {
    /// The one that is shown.
    pub(super) shown: Generation,
    /// The one that pages go into.
    pub(super) pulled: Generation,
    /// Whether its first pages are still on their way.
    pub(super) filling: bool,
    /// Why another is built, in words; none while there is one alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
    /// Whether rows of other generations may be left.
    #[serde(default)]
    pub(super) leftovers: bool,
    /// Where the copy that is shown stands: what somebody who looks at it has seen. None before its
    /// first page.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) seen: Option<Place>,
    /// The end of the chain of events, as far as it was pulled; kept over a rebuild, for the chain
    /// only ever grows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) head: Option<Head>,
    /// Count and hash of the pulled copy; none where they were never worked out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) tally: Option<Counted>,
    /// When count and hash last began another copy; not again within [`PATIENCE`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) mended: Option<Stamp>,
    /// How many copies were begun for that since count and hash agreed last.
    #[serde(default)]
    pub(super) mends: u32,
    /// That count and hash still did not agree after another copy was fetched; until they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) differs: Option<String>,
    /// What was found wrong with the chain, for good.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) alarm: Option<String>,
}

/// A tally as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Counted {
    pub(super) documents: u64,
    sum: Sum,
}

impl Default for Copies {
    fn default() -> Self {
        Self {
            shown: 1,
            pulled: 1,
            filling: true,
            why: None,
            leftovers: false,
            seen: None,
            head: None,
            tally: Some(Tally::default().into()),
            mended: None,
            mends: 0,
            differs: None,
            alarm: None,
        }
    }
}

impl Copies {
    /// The one copy that a program before this left, begun or not. It did not count.
    pub(super) fn taken_over(begun: bool) -> Self {
        Self {
            filling: !begun,
            tally: (!begun).then(|| Tally::default().into()),
            ..Self::default()
        }
    }

    /// Whether a copy is built beside the one that is shown.
    pub fn rebuilding(&self) -> bool {
        self.shown != self.pulled
    }

    /// Why, in words.
    pub fn why(&self) -> Option<&str> {
        self.why.as_deref()
    }

    /// Begins another copy: beside the one that is shown, where that holds anything.
    pub(super) fn begin(&mut self, why: &str, shown_holds: bool) {
        // An unfinished one is given up.
        self.leftovers = true;
        self.pulled += 1;
        if !shown_holds {
            self.shown = self.pulled;
        }
        self.filling = true;
        self.why = self.rebuilding().then(|| why.to_owned());
        self.tally = Some(Tally::default().into());
    }

    /// A page of the pulled copy ends at this cursor.
    pub(super) fn stands(&mut self, cursor: &Cursor) {
        if !self.rebuilding() {
            self.seen = Some(cursor.into());
        }
    }

    /// Shows the copy that was built, up to this cursor.
    pub(super) fn swap(&mut self, cursor: Option<&Cursor>) {
        self.leftovers = true;
        self.shown = self.pulled;
        self.seen = cursor.map(Place::from);
        self.why = None;
    }

    /// Whether a copy may be begun now because count and hash do not agree.
    pub(super) fn may_mend(&self, now: Stamp) -> bool {
        let patience = PATIENCE << self.mends.saturating_sub(1).min(MOST_DOUBLED);
        self.mended
            .is_none_or(|last| now < last || now.0 - last.0 > patience)
    }

    /// Another copy is begun because count and hash do not agree.
    pub(super) fn mend(&mut self, now: Stamp) {
        self.mended = Some(now);
        self.mends = self.mends.saturating_add(1);
    }

    /// Count and hash agree.
    pub(super) fn agrees(&mut self) {
        self.mends = 0;
        self.differs = None;
    }

    /// Notes for people that a copy which was fetched anew still does not agree.
    pub(super) fn still_differs(&mut self, here: u64, there: u64) {
        if self.mends == 0 {
            return;
        }
        self.differs = Some(format!(
            "this bench's copy of the shop still does not agree with the API's after it was \
             fetched anew ({here} documents here, {there} there); nothing that was saved is lost. \
             It tries again by itself; tell whoever runs the API if this stays"
        ));
    }

    /// Notes what was found wrong with the chain. The first finding stays.
    pub(super) fn sound_alarm(&mut self, found: &str, now: Stamp) {
        tracing::error!(found, "the chain of the timeline does not hold");
        self.alarm.get_or_insert_with(|| {
            let millis = i64::try_from(now.0).unwrap_or(i64::MAX);
            let at = jiff::Timestamp::from_millisecond(millis).unwrap_or_default();
            format!("the shop's timeline is not what it was: {found}; found {at:.0}")
        });
    }
}

impl From<Tally> for Counted {
    fn from(tally: Tally) -> Self {
        Self {
            documents: tally.documents,
            sum: tally.sum,
        }
    }
}

impl From<Counted> for Tally {
    fn from(counted: Counted) -> Self {
        Self {
            documents: counted.documents,
            sum: counted.sum,
        }
    }
}
