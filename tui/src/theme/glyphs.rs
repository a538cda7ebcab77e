//! Marks and lines, in one place: for terminals with Unicode, and for those with ASCII alone.

use nucleo_matcher::chars::normalize;

/// The marks and lines that views use.
#[derive(Debug)]
pub(crate) struct Glyphs {
    /// Whether everything is to be spelled in ASCII.
    pub(crate) ascii: bool,
    /// Something was cut off.
    pub(crate) more: &'static str,
    /// From, to.
    pub(crate) arrow: &'static str,
    /// A line across.
    pub(crate) across: &'static str,
    /// A line down.
    pub(crate) down: &'static str,
    /// The corners of a box: above left and right, below left and right.
    pub(crate) corners: [&'static str; 4],
    /// Where one is in a list.
    pub(crate) pointer: &'static str,
    /// Connected.
    pub(crate) online: &'static str,
    /// Not connected.
    pub(crate) offline: &'static str,
    /// No answer yet.
    pub(crate) open: &'static str,
    /// Between two things of equal weight.
    pub(crate) dot: &'static str,
    /// Saved here, waiting to be sent.
    pub(crate) waiting: &'static str,
    /// Sent, not acknowledged.
    pub(crate) sent: &'static str,
    /// Refused, or in conflict.
    pub(crate) alarm: &'static str,
    /// Around a value that left and right change.
    pub(crate) cycle: (&'static str, &'static str),
    /// Whether something is asked for and missing.
    pub(crate) missing: &'static str,
    /// Changed by somebody else, and not looked at yet.
    pub(crate) news: &'static str,
    /// Parts of a bar, from an eighth to the whole.
    pub(crate) bars: [&'static str; 8],
}

/// For terminals with Unicode. Every mark is one column wide in every font.
pub(super) const UNICODE: Glyphs = Glyphs {
    ascii: false,
    more: "…",
    arrow: "→",
    across: "─",
    down: "│",
    corners: ["┌", "┐", "└", "┘"],
    pointer: "▸",
    online: "●",
    offline: "○",
    open: "·",
    dot: "·",
    waiting: "↑",
    sent: "»",
    alarm: "!",
    cycle: ("‹", "›"),
    missing: "*",
    news: "•",
    bars: ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"],
};

/// For terminals with ASCII alone.
pub(super) const ASCII: Glyphs = Glyphs {
    ascii: true,
    more: "~",
    arrow: "->",
    across: "-",
    down: "|",
    corners: ["+", "+", "+", "+"],
    pointer: ">",
    online: "*",
    offline: "o",
    open: ".",
    dot: "-",
    waiting: "^",
    sent: ">",
    alarm: "!",
    cycle: ("<", ">"),
    missing: "*",
    news: "*",
    bars: ["_", "_", ".", ".", ":", ":", "|", "#"],
};

/// The same in ASCII, as near as it goes: Latin letters without their accents, `?` for what has no
/// like.
pub(super) fn to_ascii(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii() => out.push(c),
            '≤' => out.push_str("<="),
            '≥' => out.push_str(">="),
            '±' => out.push_str("+-"),
            '→' => out.push_str("->"),
            '−' | '–' | '—' => out.push('-'),
            '“' | '”' | '″' => out.push('"'),
            '‘' | '’' => out.push('\''),
            '·' => out.push('.'),
            '…' => out.push_str("..."),
            '°' => out.push_str("deg "),
            '‹' => out.push('<'),
            '›' => out.push('>'),
            '↑' => out.push('^'),
            'ß' => out.push_str("ss"),
            'ẞ' => out.push_str("SS"),
            'Æ' => out.push_str("AE"),
            'æ' => out.push_str("ae"),
            'Œ' => out.push_str("OE"),
            'œ' => out.push_str("oe"),
            'Þ' => out.push_str("Th"),
            'þ' => out.push_str("th"),
            // An accent of the letter before it.
            '\u{300}'..='\u{36f}' => {}
            _ => match bare(c) {
                plain if plain.is_ascii() => out.push(plain),
                _ => out.push('?'),
            },
        }
    }
    out
}

/// A Latin letter without what stands on it or goes through it; anything else as it is.
fn bare(c: char) -> char {
    let small = c.to_lowercase().next().unwrap_or(c);
    let plain = match small {
        // Vietnamese letters that bear two marks.
        'ạ'..='ặ' => 'a',
        'ẹ'..='ệ' => 'e',
        'ọ'..='ợ' => 'o',
        'ụ'..='ự' => 'u',
        other => normalize(other),
    };
    if small == c {
        plain
    } else {
        plain.to_ascii_uppercase()
    }
}
