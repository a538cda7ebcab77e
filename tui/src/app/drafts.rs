//! Texts that were being typed at the open inspection, and neither saved nor given up.

use redtag_protocol::ids::PointKey;

use super::{Layer, State, Writing};

/// What a point's note is called where it is kept while it is typed.
pub(crate) fn note_name(point: &PointKey) -> String {
    format!("note:{point}")
}

impl State {
    /// What was being typed under this name.
    pub(crate) fn draft(&self, of: &str) -> Option<&str> {
        let screen = self.inspection()?;
        let at = (screen.id, of.to_owned());
        if let Some(latest) = self.drafts.get(&at) {
            return latest.as_deref();
        }
        Some(screen.told.as_ref()?.drafts.get(of)?.as_str())
    }

    /// Whether a note was being typed at a point, and is not being typed now.
    pub(crate) fn is_half_typed(&self, point: &PointKey) -> bool {
        let open = self.layers.iter().any(
            |layer| matches!(layer, Layer::Editor(it) if it.writing == Writing::Note(point.clone())),
        );
        if open {
            return false;
        }
        let view = self.inspection().and_then(|it| it.view.as_ref());
        let saved = view.and_then(|view| view.inspection.results.get(point)?.note());
        self.draft(&note_name(point))
            .is_some_and(|draft| Some(draft) != saved)
    }
}
