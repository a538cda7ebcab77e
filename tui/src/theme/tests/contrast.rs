//! Whether what a theme shows can be read: the contrast of WCAG 2.2 (1.4.3: at least 4.5:1) of every
//! meaning, with the sixteen colours as terminals show them.

use ratatui::style::{Color, Modifier, Style};

use super::super::{Depth, MEANINGS, Name, Paint};

/// The least that WCAG asks of text.
const LEAST: f64 = 4.5;

/// xterm's own, from its `XTerm-col.ad`.
const XTERM: [u32; 16] = [
    0x00_0000, 0xcd_0000, 0x00_cd00, 0xcd_cd00, 0x00_00ee, 0xcd_00cd, 0x00_cdcd, 0xe5_e5e5,
    0x7f_7f7f, 0xff_0000, 0x00_ff00, 0xff_ff00, 0x5c_5cff, 0xff_00ff, 0x00_ffff, 0xff_ffff,
];
/// VGA's, which the Linux console has (`default_red` and its neighbours in its `vt.c`).
const VGA: [u32; 16] = [
    0x00_0000, 0xaa_0000, 0x00_aa00, 0xaa_5500, 0x00_00aa, 0xaa_00aa, 0x00_aaaa, 0xaa_aaaa,
    0x55_5555, 0xff_5555, 0x55_ff55, 0xff_ff55, 0x55_55ff, 0xff_55ff, 0x55_ffff, 0xff_ffff,
];
/// Tango, the GNOME terminal's.
const TANGO: [u32; 16] = [
    0x2e_3436, 0xcc_0000, 0x4e_9a06, 0xc4_a000, 0x34_65a4, 0x75_507b, 0x06_989a, 0xd3_d7cf,
    0x55_5753, 0xef_2929, 0x8a_e234, 0xfc_e94f, 0x72_9fcf, 0xad_7fa8, 0x34_e2e2, 0xee_eeec,
];
const TABLES: [(&str, [u32; 16]); 3] = [("xterm", XTERM), ("VGA", VGA), ("Tango", TANGO)];

const BLACK: u32 = 0x00_0000;
const WHITE: u32 = 0xff_ffff;

/// The place of a colour among the 256; none where it is the terminal's own.
fn place(colour: Color) -> Option<u8> {
    let named = [
        Color::Black,
        Color::Red,
        Color::Green,
        Color::Yellow,
        Color::Blue,
        Color::Magenta,
        Color::Cyan,
        Color::Gray,
        Color::DarkGray,
        Color::LightRed,
        Color::LightGreen,
        Color::LightYellow,
        Color::LightBlue,
        Color::LightMagenta,
        Color::LightCyan,
        Color::White,
    ];
    match colour {
        Color::Reset => None,
        Color::Indexed(number) => Some(number),
        named_one => {
            let at = named.iter().position(|it| *it == named_one);
            Some(u8::try_from(at.expect("no theme of ours names a colour by its parts")).unwrap())
        }
    }
}

/// What a place of the 256 looks like: the cube and the greys are the same everywhere.
fn rgb(table: &[u32; 16], place: u8) -> u32 {
    let step = |it: u8| [0, 95, 135, 175, 215, 255][usize::from(it % 6)];
    match place {
        0..16 => table[usize::from(place)],
        16..232 => {
            let at = place - 16;
            step(at / 36) << 16 | step(at / 6) << 8 | step(at)
        }
        _ => (8 + 10 * (u32::from(place) - 232)) * 0x01_0101,
    }
}

/// Relative luminance, from 0 to 1.
fn luminance(rgb: u32) -> f64 {
    let part = |shift: u32| {
        let value = f64::from(rgb >> shift & 0xff) / 255.0;
        if value <= 0.040_45 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        }
    };
    0.2126 * part(16) + 0.7152 * part(8) + 0.0722 * part(0)
}

/// From 1 to 21; the same whichever of both lies behind, so reverse changes nothing.
fn contrast(one: u32, other: u32) -> f64 {
    let (one, other) = (luminance(one) + 0.05, luminance(other) + 0.05);
    one.max(other) / one.min(other)
}

/// The worst that a style may look like where the terminal is `(text, background)` by itself.
fn worst(style: Style, paint: &Paint, table: &[u32; 16], (text, ground): (u32, u32)) -> f64 {
    let chosen = |own: Option<Color>, screen: Option<Color>| own.or(screen).and_then(place);
    let back = chosen(style.bg, paint.screen.bg).map_or(ground, |it| rgb(table, it));
    let mut fronts = vec![chosen(style.fg, paint.screen.fg)];
    // xterm's boldColors, the Linux console and others: bold makes the eight darker ones bright.
    if let Some(dark @ 0..8) = fronts[0]
        && style.add_modifier.contains(Modifier::BOLD)
    {
        fronts.push(Some(dark + 8));
    }
    let seen = fronts.into_iter().map(|front| {
        let front = front.map_or(text, |it| rgb(table, it));
        contrast(front, back)
    });
    seen.fold(f64::INFINITY, f64::min)
}

#[test]
fn the_measure_is_that_of_wcag() {
    assert!((contrast(BLACK, WHITE) - 21.0).abs() < 0.001);
    // Both are borders that are often told: 4.48 and 4.54.
    assert!((contrast(0x77_7777, WHITE) - 4.48).abs() < 0.01);
    assert!((contrast(0x76_7676, WHITE) - 4.54).abs() < 0.01);
}

#[test]
fn every_meaning_of_every_theme_can_be_read() {
    let mut unreadable = Vec::new();
    for name in Name::ALL {
        // What each wants of the terminal, as the documentation says.
        let grounds: &[bool] = match name {
            Name::Default => &[false],
            Name::Light => &[true],
            Name::HighContrast | Name::Mono => &[false, true],
        };
        for depth in [Depth::Sixteen, Depth::Many] {
            let mut paint = name.paint(depth).fitted(depth);
            for meaning in MEANINGS {
                let style = *paint.meaning(meaning).unwrap();
                assert!(
                    !style.add_modifier.contains(Modifier::DIM),
                    "{name} {meaning}: nobody knows how faint that is"
                );
                for (called, table) in TABLES {
                    for light in grounds {
                        let own = if *light {
                            (BLACK, WHITE)
                        } else {
                            (table[7], BLACK)
                        };
                        let contrast = worst(style, &paint, &table, own);
                        if contrast < LEAST {
                            unreadable.push(format!(
                                "{name} {meaning} {depth:?} {called}: {contrast:.1}"
                            ));
                        }
                    }
                }
            }
        }
    }
    assert!(unreadable.is_empty(), "{unreadable:#?}");
}

#[test]
fn the_table_finds_what_could_not_be_read() {
    let green = Style::new().fg(Color::Green);
    let light = Name::Light.paint(Depth::Sixteen);
    let contrast = TABLES.map(|(_, table)| worst(green, &light, &table, (BLACK, WHITE)));
    assert!(contrast.iter().all(|it| *it < LEAST), "{contrast:?}");
    let red = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
    assert!(worst(red, &light, &XTERM, (BLACK, WHITE)) < LEAST);
    let default = Name::Default.paint(Depth::Sixteen);
    assert!(worst(red, &default, &VGA, (VGA[7], BLACK)) < LEAST);
}
