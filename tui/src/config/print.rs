//! What holds, as a file that could be read again.

use std::fmt::Write as _;

use super::Config;
use crate::{
    keys::{Keymap, Place},
    theme::{Depth, MEANINGS, words},
};

/// Every key of every place.
pub(crate) fn keys(keys: &Keymap) -> String {
    let mut out = String::from(
        "# The keys, as they hold. Put what you want otherwise into client.toml; the rest stays.\n\
         # An empty list takes every key away; Ctrl-P and : still find the action.\n",
    );
    for place in Place::ALL {
        let mut seen = Vec::new();
        // Writing to a string cannot fail.
        let _ = writeln!(out, "\n[keys.{}]", place.id());
        for bound in keys.at(place) {
            let id = bound.binding.action.id();
            if bound.binding.is_fixed() || seen.contains(&id) {
                continue;
            }
            let chords = bound.chords.iter();
            let names: Vec<String> = chords.map(|it| quoted(&it.name(true))).collect();
            let _ = writeln!(
                out,
                "{id} = [{}]  # {}",
                names.join(", "),
                bound.binding.words
            );
            seen.push(id);
        }
    }
    out
}

/// The theme with every style.
pub(crate) fn theme(config: &Config, variable: impl Fn(&str) -> Option<String>) -> String {
    let name = config.name(&variable);
    let mut paint = config.paint(name, Depth::of(&variable));
    let glyphs = match config.ascii {
        None => "auto",
        Some(true) => "ascii",
        Some(false) => "unicode",
    };
    let mut out = format!(
        "# How things look, as it holds. Themes: default, high-contrast, light, mono.\n\
         # A style is made of a colour (red, light-red, 0 to 255, #ff8800), “on” a colour, and\n\
         # bold, dim, italic, underlined, reversed; or it is plain.\n\
         theme = \"{name}\"\nglyphs = \"{glyphs}\"  # auto, ascii, unicode\n\
         mouse = {}\n\n[style]\n",
        config.mouse(&variable)
    );
    for meaning in MEANINGS {
        if let Some(style) = paint.meaning(meaning) {
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{meaning} = \"{}\"", words(style));
        }
    }
    out
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}
