//! An inspection: sections and points side by side, and the point one is at in detail.

use std::collections::BTreeSet;

use ratatui::{
    layout::{Position, Rect},
    style::Style,
};
use redtag_protocol::{
    grade::Condition,
    ids::PointKey,
    inspection::{Answer, AnswerValue},
    ipc::InspectionView,
    op::Edit,
    settle::late_fields,
    template::{Kind, Point, Section},
    vehicle::Vehicle,
};

use super::{
    detail, frame,
    pen::{Pen, columns},
};
use crate::app::{InspectionScreen, Screen, Stage, State, Target, answer_words, sent_back_words};

/// From this width on the detail stands at the right, else below.
const WIDE: u16 = 120;

/// Draws an inspection; gives the place of the cursor while a value is typed.
pub(super) fn draw(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &InspectionScreen,
) -> Option<Position> {
    let Some(view) = &screen.view else {
        let title = [(screen.label.clone(), pen.theme.title())];
        frame::header(pen, area, state, &title);
        let words = screen.trouble.clone();
        let words = words.unwrap_or_else(|| "Fetching the inspection.".to_owned());
        let style = pen.theme.dim();
        pen.put(area.x + 2, area.y + 2, area.width - 4, &words, style);
        return None;
    };
    heading(pen, area, state, view);
    let head = 2 + sent_back(pen, area, view);
    let body = Rect {
        y: area.y + head,
        height: area.height.saturating_sub(head),
        ..area
    };
    let sections_wide = sections_width(view, body.width);
    let (lists, detail) = if body.width >= WIDE {
        // A list wider than this parts the labels from their values.
        let left = Rect {
            width: (body.width * 3 / 5).min(sections_wide + 64),
            ..body
        };
        let right = Rect {
            x: left.right(),
            width: (body.width - left.width).min(100),
            ..body
        };
        (left, right)
    } else {
        let below = (body.height / 2).clamp(7, 8);
        let above = Rect {
            height: body.height - below,
            ..body
        };
        let below = Rect {
            y: above.bottom(),
            height: below,
            ..body
        };
        (above, below)
    };
    sections(
        pen,
        Rect {
            width: sections_wide,
            ..lists
        },
        screen,
        view,
    );
    pen.down(lists.x + sections_wide, lists.y, lists.height);
    let points_area = Rect {
        x: lists.x + sections_wide + 1,
        width: lists.width.saturating_sub(sections_wide + 1),
        ..lists
    };
    points(pen, points_area, state, screen, view);
    detail::draw(pen, detail, state, screen, view)
}

fn heading(pen: &mut Pen<'_>, area: Rect, state: &State, view: &InspectionView) {
    let theme = pen.theme;
    let inspection = &view.inspection;
    let vehicle = view.vehicle.as_ref();
    let name = vehicle.map_or_else(|| "unknown vehicle".to_owned(), Vehicle::title);
    let mark = vehicle.and_then(|it| it.mark()).unwrap_or_default();
    let title = [
        (format!("{}  ", inspection.label()), theme.title()),
        (format!("{name}  "), Style::new()),
        (format!("{mark}  "), theme.dim()),
    ];
    frame::header(pen, area, state, &title);
    let phase = inspection.state.value;
    let mut pieces = vec![(phase.words().to_owned(), theme.state(phase))];
    let dot = format!("  {}  ", theme.glyphs.dot);
    let mut say = |text: String, style: Style| {
        pieces.push((dot.clone(), theme.dim()));
        pieces.push((text, style));
    };
    let counts = view.counts;
    say(
        format!("{} of {} answered", counts.answered, counts.total),
        Style::new(),
    );
    for (count, word, condition) in [
        (counts.red, "red", Condition::Red),
        (counts.yellow, "yellow", Condition::Yellow),
    ] {
        if count > 0 {
            say(
                format!("{count} {word}"),
                theme.count(Some(condition), count),
            );
        }
    }
    if inspection.revision > 0 {
        say(format!("revision {}", inspection.revision), Style::new());
    }
    let open = inspection.conflicts.len()
        + late_fields(inspection).len()
        + usize::from(inspection.deletion.is_some());
    if open > 0 {
        say(format!("{open} to settle (!)"), theme.wrong());
    }
    if let Some(bay) = inspection.bay() {
        say(format!("bay {bay}"), theme.dim());
    }
    let assignee = inspection.assignee().and_then(|id| {
        let member = view.members.iter().find(|member| member.id == id)?;
        Some(member.name.clone())
    });
    if let Some(assignee) = assignee {
        say(format!("for {assignee}"), theme.dim());
    }
    // The last to be cut off; what the customer complains of stands beside the point.
    if let Some(customer) = &view.customer {
        say(customer.name.value.clone(), theme.dim());
    }
    pen.pieces(
        area.x + 1,
        area.y + 1,
        area.width.saturating_sub(2),
        &pieces,
    );
}

/// Why the work is open again, below the heading; on how many lines. What has no room on two is read in
/// the timeline and where the inspection is moved on.
fn sent_back(pen: &mut Pen<'_>, area: Rect, view: &InspectionView) -> u16 {
    let Some(back) = &view.sent_back else {
        return 0;
    };
    let (room, style) = (area.width.saturating_sub(2), pen.theme.notice());
    let words = sent_back_words(back);
    let mut lines = pen.wrap(&words, room);
    if lines.len() > 2 {
        let rest = lines.drain(1..).collect::<Vec<_>>().join(" ");
        lines.push(rest);
    }
    let mut y = area.y + 2;
    for line in &lines {
        pen.put(area.x + 1, y, room, line, style);
        y += 1;
    }
    y - area.y - 2
}

fn sections_width(view: &InspectionView, width: u16) -> u16 {
    let longest = view
        .template
        .sections
        .iter()
        .map(|section| columns(&section.label))
        .max();
    let most = if width < 76 { 22 } else { 34 };
    (longest.unwrap_or(0) + 11).min(most)
}

fn is_answered(view: &InspectionView, point: &Point) -> bool {
    view.inspection
        .answer(&point.key)
        .is_some_and(|answer| !answer.is_empty())
}

/// The worst condition of a section's points.
fn worst(view: &InspectionView, section: &Section) -> Option<Condition> {
    let conditions = section.points.iter();
    conditions
        .filter_map(|point| view.inspection.effective(point, &view.template))
        .filter(|condition| matches!(condition, Condition::Red | Condition::Yellow))
        .max_by_key(|condition| condition.severity())
}

fn sections(pen: &mut Pen<'_>, area: Rect, screen: &InspectionScreen, view: &InspectionView) {
    let theme = pen.theme;
    let (current, _) = screen.place();
    let all = &view.template.sections;
    let from = frame::scrolled(current, area.height, all.len());
    for (y, (at, section)) in (area.y..area.bottom()).zip(all.iter().enumerate().skip(from)) {
        let style = if at == current {
            theme.current()
        } else {
            Style::new()
        };
        let pointer = if at == current {
            theme.glyphs.pointer
        } else {
            ""
        };
        pen.put(area.x, y, 1, pointer, style);
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        pen.on(line, Target::Group(at));
        let answered = section.points.iter().filter(|it| is_answered(view, it));
        let (done, count) = (answered.count(), section.points.len());
        let progress = format!("{done}/{count}");
        let quiet = if done == count {
            theme.good()
        } else if at == current {
            style
        } else {
            theme.dim()
        };
        let worst = worst(view, section);
        // Behind the label: a blank, the letter, a blank, `12/15`, and a blank.
        let room = area.width.saturating_sub(11);
        pen.put(area.x + 2, y, room, &section.label, style);
        if let Some(condition) = worst {
            let x = area.x + 2 + room + 1;
            let letter = theme.letter(Some(condition));
            pen.put(x, y, 1, letter, theme.count(Some(condition), 1));
        }
        pen.put_right(area.x, y, area.width.saturating_sub(1), &progress, quiet);
    }
}

fn points(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &InspectionScreen,
    view: &InspectionView,
) {
    let (number, within) = screen.place();
    let Some(section) = view.template.sections.get(number) else {
        return;
    };
    let missing: BTreeSet<PointKey> = view
        .inspection
        .missing(&view.template, view.settings.demand_photos)
        .into_iter()
        .map(|missing| missing.point)
        .collect();
    let front = matches!(state.above.last(), Some(Screen::Inspection(_)));
    let from = frame::scrolled(within, area.height, section.points.len());
    let before = screen.at - within;
    let listed = section.points.iter().enumerate().skip(from);
    for (y, (at, point)) in (area.y..area.bottom()).zip(listed) {
        let line = Rect {
            y,
            height: 1,
            ..area
        };
        pen.on(line, Target::Row(before + at));
        let marked = at == within && front;
        let lacks = missing.contains(&point.key);
        draw_point(pen, line, state, screen, view, point, (marked, lacks));
    }
}

fn draw_point(
    pen: &mut Pen<'_>,
    area: Rect,
    state: &State,
    screen: &InspectionScreen,
    view: &InspectionView,
    point: &Point,
    (marked, lacks): (bool, bool),
) {
    let theme = pen.theme;
    let answer = view.inspection.answer(&point.key);
    let condition = view.inspection.effective(point, &view.template);
    let style = if marked {
        theme.selected()
    } else {
        Style::new()
    };
    if marked {
        pen.style(area, style);
    }
    let letter = match (condition, answer) {
        // Answered, but by something that has no condition.
        (None, Some(answer)) if !answer.is_empty() => "=",
        _ => theme.letter(condition),
    };
    let badge = theme.condition(condition);
    pen.put(area.x + 1, area.y, 3, &format!(" {letter} "), badge);
    let marks = marks(pen, state, view, point, lacks);
    let marks_wide: u16 = 5;
    let value = match &screen.entry {
        Some(entry) if marked && entry.stage == Stage::Value => {
            format!("{}{}", entry.text, entry.suffix())
        }
        _ => value(point, answer),
    };
    let most = area.width.saturating_sub(marks_wide + 12) / 2;
    let value_wide = columns(&value).min(most);
    let label_wide = area.width.saturating_sub(5 + value_wide + marks_wide + 2);
    pen.put(area.x + 5, area.y, label_wide, &point.label, style);
    let x = area.x + 5 + label_wide + 1;
    pen.put_right(x, area.y, value_wide, &value, style);
    let mut x = area.right().saturating_sub(marks_wide);
    for (mark, tone) in marks {
        let style = if marked { style } else { tone };
        x += pen.put(x + 1, area.y, 1, mark, style);
    }
}

/// What a list shows of an answer besides its condition.
fn value(point: &Point, answer: Option<&Answer>) -> String {
    let Some(answer) = answer else {
        return String::new();
    };
    match &answer.value {
        Some(AnswerValue::Text(text)) => text.replace('\n', " "),
        Some(AnswerValue::Signed { name, .. }) => name.clone(),
        Some(_) => {
            let only = Answer {
                condition: None,
                ..answer.clone()
            };
            let set = if answer.condition.is_some() && matches!(point.kind, Kind::Measurement(_)) {
                " (set)"
            } else {
                ""
            };
            format!("{}{set}", answer_words(Some(point), &only))
        }
        None if answer.by_default => "by default".to_owned(),
        None if matches!(point.kind, Kind::Measurement(_))
            && answer.condition != Some(Condition::NotApplicable) =>
        {
            "not measured".to_owned()
        }
        None => String::new(),
    }
}

/// The marks behind a point: a note, something missing, on its way, in conflict or refused.
fn marks(
    pen: &Pen<'_>,
    state: &State,
    view: &InspectionView,
    point: &Point,
    lacks: bool,
) -> Vec<(&'static str, Style)> {
    let (theme, glyphs) = (pen.theme, pen.theme.glyphs);
    let mut marks = Vec::new();
    let result = view.inspection.results.get(&point.key);
    if state.is_half_typed(&point.key) {
        marks.push((glyphs.more, theme.notice()));
    } else if result.is_some_and(|result| result.note().is_some()) {
        marks.push(("n", theme.dim()));
    }
    if result.is_some_and(|result| result.lines().next().is_some()) {
        marks.push(("w", theme.dim()));
    }
    if lacks {
        marks.push((glyphs.missing, theme.wrong()));
    }
    let (answer, note) = (
        format!("answer:{}", point.key),
        format!("note:{}", point.key),
    );
    let line = format!("line:{}/", point.key);
    let here = |field: &String| *field == answer || *field == note || field.starts_with(&line);
    let refused = view.quarantined.iter().any(|it| {
        matches!(&it.edit, Edit::Inspection { write, .. } if write.point() == Some(&point.key))
    });
    let stuck = state
        .unsaved
        .stuck()
        .any(|edit| edit.touches(view.inspection.id, &point.key));
    if refused || stuck || view.inspection.conflicts.keys().any(here) {
        marks.push((glyphs.alarm, theme.wrong()));
    } else if view.pending.iter().any(here) {
        marks.push((glyphs.waiting, theme.notice()));
    }
    marks
}
