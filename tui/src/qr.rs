//! A text as a QR code for a terminal: two rows of modules to a line of half blocks, or in plain ASCII
//! where the terminal has no more.

use qrcodegen::{QrCode, QrCodeEcc};

/// Modules of quiet around the code, without which a camera does not find it (ISO/IEC 18004).
const QUIET: i32 = 4;

/// A code.
pub(crate) struct Qr(QrCode);

impl Qr {
    /// Of a text; none for one that is too long for any code.
    pub(crate) fn of(text: &str) -> Option<Self> {
        QrCode::encode_text(text, QrCodeEcc::Medium).ok().map(Self)
    }

    /// The lines that fit into a terminal of this width; none where they do not. Light modules are
    /// drawn and dark ones left, for most terminals are dark; a camera reads it the other way round
    /// just as well.
    pub(crate) fn lines(&self, ascii: bool, width: usize) -> Option<Vec<String>> {
        let side = usize::try_from(self.side()).ok()?;
        let needed = if ascii { side * 2 } else { side };
        (needed <= width).then(|| if ascii { self.plain() } else { self.halves() })
    }

    fn halves(&self) -> Vec<String> {
        let line = |y: i32| {
            let cell = |x: i32| match (self.is_light(x, y), self.is_light(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            };
            (0..self.side()).map(cell).collect()
        };
        (0..self.side()).step_by(2).map(line).collect()
    }

    fn plain(&self) -> Vec<String> {
        let line = |y: i32| {
            let cell = |x: i32| if self.is_light(x, y) { "##" } else { "  " };
            (0..self.side()).map(cell).collect()
        };
        (0..self.side()).map(line).collect()
    }

    /// With the quiet around it.
    fn side(&self) -> i32 {
        self.0.size() + 2 * QUIET
    }

    /// What is outside is light, but below the last row, where there is no module at all.
    fn is_light(&self, x: i32, y: i32) -> bool {
        y < self.side() && !self.0.get_module(x - QUIET, y - QUIET)
    }
}

#[cfg(test)]
mod tests;
