//! What there is to settle.

use redtag_protocol::{
    entity::EntityRef,
    ids::{InspectionId, PointKey},
    ipc::{ConflictView, SideView},
};

/// What there is to settle, one below the other; the marked one with two values side by side.
#[derive(Debug, Default)]
pub(crate) struct ConflictsScreen {
    /// All of it; none before the first answer.
    pub(crate) views: Option<Vec<ConflictView>>,
    /// The marked line.
    pub(crate) selected: usize,
    /// The side that stands at the right; the left one is the first.
    pub(crate) right: usize,
    /// Where the mark is to go once the answer is here.
    pub(crate) seek: Option<(InspectionId, Option<PointKey>)>,
    /// Why there is nothing.
    pub(crate) trouble: Option<String>,
}

impl ConflictsScreen {
    /// The marked one.
    pub(crate) fn marked(&self) -> Option<&ConflictView> {
        self.views.as_ref()?.get(self.selected)
    }

    /// The two values that are shown side by side, with their numbers from 1.
    pub(crate) fn pair(&self) -> Vec<(usize, &SideView)> {
        let Some(view) = self.marked() else {
            return Vec::new();
        };
        let right = self.right.clamp(1, view.sides.len().max(2) - 1);
        let numbered = view.sides.iter().enumerate();
        numbered
            .filter(|(at, _)| *at == 0 || *at == right)
            .map(|(at, side)| (at + 1, side))
            .collect()
    }

    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        let last = self.views.as_ref().map_or(0, Vec::len).saturating_sub(1);
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let at = i64::try_from(self.selected).unwrap_or(i64::MAX);
        let place = at.saturating_add(by).clamp(0, last);
        self.selected = usize::try_from(place).unwrap_or(0);
        self.right = 1;
    }

    /// Shows the next value at the right, where there are more than two.
    pub(crate) fn turn(&mut self) {
        let count = self.marked().map_or(0, |view| view.sides.len());
        self.right = if self.right + 1 < count {
            self.right.max(1) + 1
        } else {
            1
        };
    }

    /// Takes an answer; the mark stays on what it was on, or goes where it was to go.
    pub(crate) fn take(&mut self, views: Vec<ConflictView>) {
        let was = self
            .marked()
            .map(|it| (it.entity, it.field.clone(), it.sort));
        let same = |it: &ConflictView| {
            was.as_ref().is_some_and(|(entity, field, sort)| {
                it.entity == *entity && it.field == *field && it.sort == *sort
            })
        };
        let found = match self.seek.take() {
            Some((id, point)) => {
                let entity = EntityRef::Inspection(id);
                let of = |it: &&ConflictView| it.entity == entity;
                let at_point = |it: &ConflictView| point.is_some() && self::point(it) == point;
                views
                    .iter()
                    .position(|it| of(&it) && at_point(it))
                    .or_else(|| views.iter().position(|it| of(&it)))
            }
            None => views.iter().position(same),
        };
        if found.is_none() || !views.get(self.selected).is_some_and(same) {
            self.right = 1;
        }
        let last = views.len().saturating_sub(1);
        self.selected = found.unwrap_or(self.selected).min(last);
        self.trouble = None;
        self.views = Some(views);
    }
}

/// The point that it is about, where it is about one.
pub(crate) fn point(view: &ConflictView) -> Option<PointKey> {
    let (kind, key) = view.field.split_once(':')?;
    let key = key.split_once('/').map_or(key, |(point, _)| point);
    matches!(kind, "answer" | "note" | "line")
        .then(|| key.parse().ok())
        .flatten()
}
