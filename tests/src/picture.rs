//! A terminal's screen as an SVG picture, for the documents: what a person saw in a real run, cell
//! by cell.

use std::{
    ffi::OsString,
    fmt::Write as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result};
use vt100::{Cell, Color};

use crate::harness::Screen;

/// The terminal of the pictures.
const ROWS: u16 = 30;
const COLUMNS: u16 = 100;
/// A cell's size in the picture's own units.
const CELL: (usize, usize) = (9, 18);
/// The frame around the screen.
const FRAME: usize = 12;
const BACKGROUND: &str = "#16181d";
const FOREGROUND: &str = "#d7dae0";
/// The sixteen colours of a terminal, as a calm dark theme has them.
const PALETTE: [&str; 16] = [
    "#2b2f38", "#e06c75", "#98c379", "#e5c07b", "#61afef", "#c678dd", "#56b6c2", "#abb2bf",
    "#5c6370", "#ff7b86", "#b5e890", "#ffd68a", "#82c4ff", "#dd9bf2", "#76d6e2", "#ffffff",
];

/// How a run of cells looks.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    foreground: String,
    background: Option<String>,
    /// The attributes of its text in SVG.
    attributes: String,
}

/// Plays the demo and writes its pictures into the folder that the first argument names.
pub fn run(args: impl IntoIterator<Item = OsString>) -> ExitCode {
    let folder = args.into_iter().nth(1).map(PathBuf::from);
    match folder
        .context("name the folder for the pictures")
        .and_then(|folder| take(&folder))
    {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            say(&error);
            ExitCode::FAILURE
        }
    }
}

#[expect(clippy::print_stderr, reason = "a tool's own last words")]
fn say(error: &anyhow::Error) {
    eprintln!("no pictures: {error:#}");
}

fn take(folder: &Path) -> Result<()> {
    std::fs::create_dir_all(folder)?;
    let program = std::env::current_exe()?.with_file_name("redtag-all");
    let mut screen = Screen::open(&Command::new(program), ROWS, COLUMNS)?;
    screen.wait_until("the whole board", |seen| {
        seen.contains(" of 101") && seen.contains("all acknowledged")
    })?;
    shoot(&mut screen, &folder.join("board.svg"))?;
    // The Accord of the demo shop has a visit in hand and one to compare with.
    screen.keys("/demo 101")?;
    screen.wait_for("1 of 101")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    screen.keys("\t\t\t\t")?;
    screen.wait_for("Tread LF")?;
    screen.keys("7\r6\r4\r1\r31\r")?;
    screen.wait_until("the fifth value acknowledged", |seen| {
        seen.contains("31 psi") && seen.contains("all acknowledged") && !seen.contains('↑')
    })?;
    shoot(&mut screen, &folder.join("inspection.svg"))?;
    // A lone Escape is told from a key with Alt only by what does not follow it.
    screen.keys("\x1b")?;
    screen.wait_for("Ticket")?;
    screen.keys("q")?;
    screen.ended().map(drop)
}

fn shoot(screen: &mut Screen, file: &Path) -> Result<()> {
    let mut parser = vt100::Parser::new(rows(ROWS)?, rows(COLUMNS)?, 0);
    parser.process(screen.raw());
    std::fs::write(file, svg(parser.screen())).with_context(|| format!("{}", file.display()))
}

fn rows(count: u16) -> Result<std::num::NonZeroU16> {
    std::num::NonZeroU16::new(count).context("a screen has rows and columns")
}

/// The picture of a screen.
pub fn svg(screen: &vt100::Screen) -> String {
    let (rows, columns) = screen.size();
    let (rows, columns) = (rows.get(), columns.get());
    let width = usize::from(columns) * CELL.0 + 2 * FRAME;
    let height = usize::from(rows) * CELL.1 + 2 * FRAME;
    let mut out = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         width=\"{width}\" height=\"{height}\">\n\
         <rect width=\"100%\" height=\"100%\" rx=\"8\" fill=\"{BACKGROUND}\"/>\n\
         <g font-family=\"DejaVu Sans Mono, Menlo, Consolas, monospace\" font-size=\"15\" \
         xml:space=\"preserve\">\n"
    );
    for row in 0..rows {
        let cells: Vec<&Cell> = (0..columns)
            .filter_map(|column| screen.cell(row, column))
            .collect();
        let mut start = 0;
        for run in cells.chunk_by(|a, b| look(a) == look(b)) {
            draw(&mut out, usize::from(row), start, run);
            start += run.len();
        }
    }
    out.push_str("</g>\n</svg>\n");
    out
}

/// Draws neighbouring cells of one look. Writing to a string cannot fail.
fn draw(out: &mut String, row: usize, column: usize, run: &[&Cell]) {
    let Some(look) = run.first().map(|cell| look(cell)) else {
        return;
    };
    let (x, y) = (FRAME + column * CELL.0, FRAME + row * CELL.1);
    let width = run.len() * CELL.0;
    if let Some(background) = &look.background {
        let height = CELL.1;
        let _ = writeln!(
            out,
            "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{background}\"/>"
        );
    }
    let mut text = String::new();
    for cell in run.iter().filter(|cell| !cell.is_wide_continuation()) {
        text.push_str(if cell.has_contents() {
            cell.contents()
        } else {
            " "
        });
    }
    if text.trim().is_empty() {
        return;
    }
    let baseline = y + CELL.1 - 5;
    // The length is given, so that a browser's own font cannot shift the columns.
    let _ = writeln!(
        out,
        "<text x=\"{x}\" y=\"{baseline}\" textLength=\"{width}\" fill=\"{}\"{}>{}</text>",
        look.foreground,
        look.attributes,
        escaped(&text)
    );
}

fn attributes(cell: &Cell) -> String {
    [
        (cell.bold(), " font-weight=\"bold\""),
        (cell.dim(), " opacity=\"0.6\""),
        (cell.italic(), " font-style=\"italic\""),
        (cell.underline(), " text-decoration=\"underline\""),
    ]
    .into_iter()
    .filter_map(|(on, attribute)| on.then_some(attribute))
    .collect()
}

fn look(cell: &Cell) -> Look {
    let foreground = colour(cell.fgcolor());
    let background = colour(cell.bgcolor());
    let (foreground, background) = if cell.inverse() {
        (
            background.unwrap_or_else(|| BACKGROUND.to_owned()),
            Some(foreground.unwrap_or_else(|| FOREGROUND.to_owned())),
        )
    } else {
        (
            foreground.unwrap_or_else(|| FOREGROUND.to_owned()),
            background,
        )
    };
    Look {
        foreground,
        background,
        attributes: attributes(cell),
    }
}

/// The colour's name in SVG; none where it is the terminal's own. Of the 256 indexed ones, the
/// cube and the greys are computed as xterm does.
fn colour(colour: Color) -> Option<String> {
    match colour {
        Color::Default => None,
        Color::Rgb(red, green, blue) => Some(format!("#{red:02x}{green:02x}{blue:02x}")),
        Color::Idx(index) => Some(match index {
            0..16 => PALETTE[usize::from(index)].to_owned(),
            16..232 => {
                let level = |n: u8| if n == 0 { 0 } else { 55 + 40 * n };
                let index = index - 16;
                let (red, green, blue) = (index / 36, index / 6 % 6, index % 6);
                format!("#{:02x}{:02x}{:02x}", level(red), level(green), level(blue))
            }
            232.. => {
                let grey = 8 + 10 * (index - 232);
                format!("#{grey:02x}{grey:02x}{grey:02x}")
            }
        }),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
