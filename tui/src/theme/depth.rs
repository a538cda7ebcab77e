//! How many colours a terminal has, and the nearest of them.

use ratatui::style::Color;

/// How many colours a terminal has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Depth {
    /// None, or none are wanted.
    None,
    /// The sixteen of every terminal.
    Sixteen,
    /// 256.
    Many,
    /// All.
    True,
}

/// The sixteen as most terminals show them; only to find the nearest.
const SIXTEEN: [(Color, (u8, u8, u8)); 16] = [
    (Color::Black, (0, 0, 0)),
    (Color::Red, (205, 0, 0)),
    (Color::Green, (0, 205, 0)),
    (Color::Yellow, (205, 205, 0)),
    (Color::Blue, (0, 0, 238)),
    (Color::Magenta, (205, 0, 205)),
    (Color::Cyan, (0, 205, 205)),
    (Color::Gray, (229, 229, 229)),
    (Color::DarkGray, (127, 127, 127)),
    (Color::LightRed, (255, 0, 0)),
    (Color::LightGreen, (0, 255, 0)),
    (Color::LightYellow, (255, 255, 0)),
    (Color::LightBlue, (92, 92, 255)),
    (Color::LightMagenta, (255, 0, 255)),
    (Color::LightCyan, (0, 255, 255)),
    (Color::White, (255, 255, 255)),
];

/// The steps of a colour in the cube of 256.
const STEPS: [u8; 6] = [0, 95, 135, 175, 215, 255];

impl Depth {
    /// What the environment tells of the terminal: all colours only where it says so.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let term = variable("TERM").unwrap_or_default();
        // https://no-color.org: present and not empty.
        let unwanted = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
        if unwanted || term == "dumb" || term.ends_with("-m") {
            return Self::None;
        }
        let told = variable("COLORTERM").unwrap_or_default();
        if told == "truecolor" || told == "24bit" {
            Self::True
        } else if term.contains("256color") || term.contains("kitty") {
            Self::Many
        } else {
            Self::Sixteen
        }
    }

    /// The nearest colour that there is.
    pub(super) fn fit(self, colour: Color) -> Option<Color> {
        match (self, colour) {
            (Self::None, _) => None,
            (Self::Many, Color::Rgb(red, green, blue)) => Some(many(red, green, blue)),
            (Self::Sixteen, Color::Rgb(red, green, blue)) => Some(sixteen((red, green, blue))),
            (Self::Sixteen, Color::Indexed(number)) => Some(sixteen(rgb(number))),
            (_, colour) => Some(colour),
        }
    }
}

fn many(red: u8, green: u8, blue: u8) -> Color {
    let near = |value: u8| -> u8 {
        let step = (0_u8..6).min_by_key(|at| STEPS[usize::from(*at)].abs_diff(value));
        step.unwrap_or(0)
    };
    let cube = 16 + 36 * near(red) + 6 * near(green) + near(blue);
    let mean = (u16::from(red) + u16::from(green) + u16::from(blue)) / 3;
    // 24 greys from 8 on, ten apart.
    let grey = 232
        + u8::try_from(mean.saturating_sub(3) / 10)
            .unwrap_or(0)
            .min(23);
    let wanted = (red, green, blue);
    let nearest = [cube, grey]
        .into_iter()
        .min_by_key(|it| apart(rgb(*it), wanted));
    Color::Indexed(nearest.unwrap_or(cube))
}

fn sixteen(wanted: (u8, u8, u8)) -> Color {
    let nearest = SIXTEEN.iter().min_by_key(|(_, it)| apart(*it, wanted));
    nearest.map_or(Color::White, |(colour, _)| *colour)
}

/// What one of the 256 looks like.
fn rgb(number: u8) -> (u8, u8, u8) {
    match number {
        0..16 => SIXTEEN[usize::from(number)].1,
        16..232 => {
            let at = number - 16;
            let step = |it: u8| STEPS[usize::from(it % 6)];
            (step(at / 36), step(at / 6), step(at))
        }
        _ => {
            let grey = 8 + 10 * (number - 232);
            (grey, grey, grey)
        }
    }
}

fn apart(one: (u8, u8, u8), other: (u8, u8, u8)) -> u32 {
    let square = |one: u8, other: u8| u32::from(one.abs_diff(other)).pow(2);
    square(one.0, other.0) + square(one.1, other.1) + square(one.2, other.2)
}

#[cfg(test)]
mod tests;
