//! How bad a world's luck is, drawn once from its seed.

use super::rng::Rng;

/// Chances in a thousand, and times in milliseconds.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Weather {
    /// A request or an answer is lost.
    lost: u64,
    /// A request comes twice.
    twice: u64,
    /// An answer is cut in the middle.
    cut: u64,
    /// The API answers 429 or 5xx without looking.
    busy: u64,
    /// A bench's process dies at a call of its cache.
    pub(crate) dies: u64,
    slowest: u64,
    clocks: bool,
    pub(crate) token_life: u64,
    /// Strokes that people make.
    pub(crate) strokes: u64,
    /// Things that go wrong besides.
    pub(crate) troubles: u64,
    /// How long until all heals.
    pub(crate) span: u64,
    /// Whether backups may be restored here.
    pub(crate) restores: bool,
    /// Whether people delete, merge, erase and take back here.
    pub(crate) rare: bool,
    /// Whether homes may be cloned here.
    pub(crate) clones: bool,
    /// Whether days may pass at once.
    pub(crate) holidays: bool,
    /// Whether a power cut takes back commits that did not wait for the disk.
    pub(crate) power: bool,
    /// Whether a page may once come without one of its documents.
    pub(crate) leaves_out: bool,
    /// Whether the next page is asked for before the one before it is taken.
    pub(crate) pipelines: bool,
    healed: bool,
}

impl Weather {
    pub(crate) fn draw(rng: &mut Rng) -> Self {
        let harsh = rng.below(3);
        // Of their own, so that they change nothing else.
        let mut apart = Rng::new(rng.clone().next());
        let restores = rng.chance(350);
        Self {
            lost: [0, 30, 150][rng.index(3)],
            twice: [0, 20, 100][rng.index(3)],
            cut: [0, 30, 150][rng.index(3)],
            busy: [0, 10, 60][rng.index(3)],
            dies: [0, 5, 25][rng.index(3)],
            slowest: [40, 400, 6_000][rng.index(3)],
            clocks: rng.chance(500),
            token_life: [45_000, 120_000, 600_000][rng.index(3)],
            strokes: rng.between(12, 40),
            troubles: harsh * 4 + rng.below(4),
            span: rng.between(60_000, 400_000),
            restores,
            rare: !restores || apart.chance(400),
            clones: rng.chance(250),
            holidays: rng.chance(150),
            power: apart.chance(500),
            pipelines: apart.chance(500),
            leaves_out: apart.chance(150),
            healed: false,
        }
    }

    /// Nothing goes wrong any more.
    pub(crate) fn heal(&mut self) {
        *self = Self {
            lost: 0,
            twice: 0,
            cut: 0,
            busy: 0,
            dies: 0,
            slowest: 40,
            clocks: false,
            troubles: 0,
            healed: true,
            ..*self
        };
    }

    pub(crate) fn loses(&self, rng: &mut Rng) -> bool {
        rng.chance(self.lost)
    }

    pub(crate) fn doubles(&self, rng: &mut Rng) -> bool {
        rng.chance(self.twice)
    }

    pub(crate) fn cuts(&self, rng: &mut Rng) -> bool {
        rng.chance(self.cut)
    }

    pub(crate) fn is_busy(&self, rng: &mut Rng) -> bool {
        rng.chance(self.busy)
    }

    /// The most that a way through the network takes.
    pub(crate) fn slowest(&self) -> u64 {
        self.slowest
    }

    /// How many sequences the API puts on a page.
    pub(crate) fn limit(&self, rng: &mut Rng) -> Option<u32> {
        match rng.below(3) {
            0 if !self.healed => Some(1 + u32::try_from(rng.below(6)).unwrap_or(0)),
            1 => Some(10 + u32::try_from(rng.below(30)).unwrap_or(0)),
            _ => None,
        }
    }

    /// What a clock is wrong by: nothing, seconds, or years.
    pub(crate) fn clock(&self, rng: &mut Rng) -> i64 {
        const YEAR: u64 = 365 * 24 * 3_600_000;
        if !self.clocks {
            return 0;
        }
        let wrong = match rng.below(4) {
            0 => 0,
            1 => rng.below(5_000),
            2 => rng.below(3_600_000),
            _ => rng.below(20 * YEAR),
        };
        let wrong = i64::try_from(wrong).unwrap_or(0);
        if rng.chance(500) { wrong } else { -wrong }
    }
}
