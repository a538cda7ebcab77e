//! Where a terminal's control sequence ends (ECMA-48, and xterm's BEL as an end of OSC).

/// What follows the control sequence that `text` begins with; `None` where it begins with none.
///
/// A sequence that is never ended is the introducer alone, so that an attacker's open OSC does not
/// swallow the honest text behind it.
pub(super) fn skip(text: &str) -> Option<&str> {
    let mut chars = text.chars();
    match chars.next()? {
        '\u{1b}' => {
            let inner = chars.as_str();
            match chars.next() {
                Some('[') => Some(csi(chars.as_str())),
                Some(']') => Some(string(chars.as_str(), true)),
                Some('P' | 'X' | '^' | '_') => Some(string(chars.as_str(), false)),
                // nF: intermediates, then a final; the rest are two characters.
                Some(' '..='/') => {
                    let after = inner.trim_start_matches(|c| matches!(c, ' '..='/'));
                    Some(
                        after
                            .strip_prefix(|c| matches!(c, '0'..='~'))
                            .unwrap_or(after),
                    )
                }
                Some('0'..='~') => Some(chars.as_str()),
                _ => Some(inner),
            }
        }
        '\u{9b}' => Some(csi(chars.as_str())),
        '\u{9d}' => Some(string(chars.as_str(), true)),
        '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => Some(string(chars.as_str(), false)),
        _ => None,
    }
}

/// Parameters, intermediates and the final of a CSI.
fn csi(text: &str) -> &str {
    let rest = text.trim_start_matches(|c| matches!(c, '0'..='?'));
    let rest = rest.trim_start_matches(|c| matches!(c, ' '..='/'));
    rest.strip_prefix(|c| matches!(c, '@'..='~'))
        .unwrap_or(rest)
}

/// A string up to ST (`ESC \` or U+009C), for OSC also up to BEL.
fn string(text: &str, bell: bool) -> &str {
    for (at, c) in text.char_indices() {
        let after = &text[at + c.len_utf8()..];
        match c {
            // ST; CAN and SUB abort.
            '\u{9c}' | '\u{18}' | '\u{1a}' => return after,
            '\u{7}' if bell => return after,
            '\u{1b}' => return after.strip_prefix('\\').unwrap_or(&text[at..]),
            _ => {}
        }
    }
    text
}
