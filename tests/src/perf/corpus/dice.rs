//! Numbers that look random and are the same in every run.

/// `SplitMix64` (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
pub(in crate::perf) struct Dice(u64);

impl Dice {
    /// The dice of a seed.
    pub(in crate::perf) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 bits.
    pub(in crate::perf) fn roll(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// One of the numbers below `end`; 0 where there is none.
    pub(in crate::perf) fn below(&mut self, end: u64) -> u64 {
        self.roll().checked_rem(end).unwrap_or(0)
    }

    /// From 0 to 1.
    pub(in crate::perf) fn part(&mut self) -> f64 {
        let bits = u32::try_from(self.roll() >> 32).unwrap_or(0);
        f64::from(bits) / f64::from(u32::MAX)
    }

    /// One of them.
    pub(in crate::perf) fn of<'a, T>(&mut self, from: &'a [T]) -> Option<&'a T> {
        let end = u64::try_from(from.len()).ok()?;
        from.get(usize::try_from(self.below(end)).ok()?)
    }

    /// What ids and salts are made of.
    pub(in crate::perf) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        for piece in bytes.chunks_mut(8) {
            piece.copy_from_slice(&self.roll().to_le_bytes()[..piece.len()]);
        }
        bytes
    }

    /// Letters and digits, such as a part's number or a plate.
    pub(in crate::perf) fn code(&mut self) -> String {
        const LETTERS: &[u8] = b"ABCDEFGHJKLMNPRSTUVWXYZ";
        let mut letter = || char::from(self.of(LETTERS).copied().unwrap_or(b'A'));
        let (first, second) = (letter(), letter());
        format!("{first}{second}{:05}", self.below(100_000))
    }
}
