//! Where a terminal's control sequence ends (ECMA-48, and xterm's BEL as an end of OSC).

/// Control strings of which no end was found, so that a text full of introducers is not read to its
/// end for each of them: where one is not ended, no later one is.
#[derive(Debug, Default)]
pub(super) struct Open {
    /// By ST or what aborts.
    plain: bool,
    /// By these or BEL.
    bell: bool,
}

/// What follows the control sequence that `text` begins with; `None` where it begins with none.
/// `open` is of this text, from its beginning on.
///
/// A sequence that is never ended is the introducer alone, so that an attacker's open OSC does not
/// swallow the honest text behind it.
pub(super) fn skip<'a>(text: &'a str, open: &mut Open) -> Option<&'a str> {
    let mut chars = text.chars();
    match chars.next()? {
        '\u{1b}' => {
            let inner = chars.as_str();
            match chars.next() {
                Some('[') => Some(csi(chars.as_str())),
                Some(']') => Some(string(chars.as_str(), true, &mut open.bell)),
                Some('P' | 'X' | '^' | '_') => Some(string(chars.as_str(), false, &mut open.plain)),
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
        '\u{9d}' => Some(string(chars.as_str(), true, &mut open.bell)),
        '\u{90}' | '\u{98}' | '\u{9e}' | '\u{9f}' => {
            Some(string(chars.as_str(), false, &mut open.plain))
        }
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
fn string<'a>(text: &'a str, bell: bool, open: &mut bool) -> &'a str {
    if *open {
        return text;
    }
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
    *open = true;
    text
}
