//! Text as it is searched: case and accents of Latin letters do not matter.

/// Folds a text for comparison.
pub(super) fn fold(text: &str) -> String {
    if text.is_ascii() {
        return text.to_ascii_lowercase();
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            'À'..='Å' | 'à'..='å' | 'Ā'..='ą' => out.push('a'),
            'Æ' | 'æ' => out.push_str("ae"),
            'Ç' | 'ç' | 'Ć'..='č' => out.push('c'),
            'Ď'..='đ' | 'Ð' | 'ð' => out.push('d'),
            'È'..='Ë' | 'è'..='ë' | 'Ē'..='ě' => out.push('e'),
            'Ĝ'..='ģ' => out.push('g'),
            'Ì'..='Ï' | 'ì'..='ï' | 'Ĩ'..='ı' => out.push('i'),
            'Ĺ'..='ł' => out.push('l'),
            'Ñ' | 'ñ' | 'Ń'..='ň' => out.push('n'),
            'Ò'..='Ö' | 'Ø' | 'ò'..='ö' | 'ø' | 'Ō'..='ő' => out.push('o'),
            'Œ' | 'œ' => out.push_str("oe"),
            'Ŕ'..='ř' => out.push('r'),
            'Ś'..='š' => out.push('s'),
            'ß' => out.push_str("ss"),
            'Ţ'..='ŧ' => out.push('t'),
            'Ù'..='Ü' | 'ù'..='ü' | 'Ũ'..='ų' => out.push('u'),
            'Ý' | 'ý' | 'ÿ' | 'Ŷ'..='Ÿ' => out.push('y'),
            'Ź'..='ž' => out.push('z'),
            c => out.extend(c.to_lowercase()),
        }
    }
    out
}

/// The words of a query, folded.
pub(super) fn words(text: &str) -> Vec<String> {
    fold(text)
        .split_whitespace()
        .map(ToOwned::to_owned)
        .collect()
}
