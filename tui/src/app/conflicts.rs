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
    /// Which of the others stands at the right.
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

    /// The two values that are shown side by side, with their numbers from 1: what stands, and one
    /// of the others. Number 0 is what stands where no side says it: nothing, or that the document
    /// stays.
    pub(crate) fn pair(&self) -> Vec<(usize, Option<&SideView>)> {
        let Some(view) = self.marked() else {
            return Vec::new();
        };
        let (left, others) = match view.sides.split_first() {
            Some((first, others)) if first.shown => ((1, Some(first)), others),
            _ => ((0, None), view.sides.as_slice()),
        };
        let at = self.right.min(others.len().saturating_sub(1));
        let right = others.get(at).map(|side| (left.0 + 1 + at, Some(side)));
        [left].into_iter().chain(right).collect()
    }

    /// How many values besides the one that stands there are.
    pub(crate) fn others(&self) -> usize {
        self.marked()
            .map_or(0, |view| view.sides.iter().filter(|it| !it.shown).count())
    }

    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        let last = self.views.as_ref().map_or(0, Vec::len).saturating_sub(1);
        let last = i64::try_from(last).unwrap_or(i64::MAX);
        let at = i64::try_from(self.selected).unwrap_or(i64::MAX);
        let place = at.saturating_add(by).clamp(0, last);
        self.selected = usize::try_from(place).unwrap_or(0);
        self.right = 0;
    }

    /// Shows the next value at the right, where there are more than two.
    pub(crate) fn turn(&mut self) {
        self.right = (self.right + 1) % self.others().max(1);
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
            self.right = 0;
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
