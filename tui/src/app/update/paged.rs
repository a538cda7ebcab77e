//! Template versions come in parts, for a shop may have more of them than one message carries.

use redtag_protocol::ipc::{PAGED, Reply, Request, TemplatePage};

use crate::{
    app::{Purpose, State},
    link::Error,
};

/// Asks for all of them.
pub(super) fn ask(state: &mut State, purpose: Purpose) {
    let request = if state.ipc < PAGED {
        Request::Templates
    } else {
        Request::TemplatePage { offset: 0 }
    };
    state.ask(purpose, request);
}

/// The answer; of templates once all of them are here, whichever way they came.
pub(super) fn whole(
    state: &mut State,
    purpose: &Purpose,
    result: Result<Reply, Error>,
) -> Option<Result<Reply, Error>> {
    Some(match result {
        Ok(Reply::TemplatePage(page)) => Ok(Reply::TemplatePage(gather(state, purpose, page)?)),
        Ok(Reply::Templates(all)) => Ok(Reply::TemplatePage(TemplatePage::of(all))),
        other => other,
    })
}

/// Puts a part to those before it, and asks for the next. Gives all of them once they are here.
fn gather(state: &mut State, purpose: &Purpose, page: TemplatePage) -> Option<TemplatePage> {
    let kept = state.gathered.iter().position(|(of, _)| of == purpose);
    let kept = kept.map(|at| state.gathered.swap_remove(at).1);
    let mut all = kept
        .filter(|_| page.offset > 0)
        .unwrap_or_else(|| TemplatePage {
            total: page.total,
            ..TemplatePage::default()
        });
    let here = |all: &TemplatePage| u32::try_from(all.templates.len()).unwrap_or(u32::MAX);
    let follows = page.offset == here(&all) && page.total == all.total;
    if follows {
        let last = page.templates.is_empty();
        all.templates.extend(page.templates);
        all.refused.extend(page.refused);
        if last || here(&all) >= all.total {
            return Some(all);
        }
    }
    // Who has asked anew meanwhile begins at the beginning.
    if state.asks.runs(purpose) {
        return None;
    }
    // There are others by now than when the first part came.
    let offset = if follows { here(&all) } else { 0 };
    if follows {
        state.gathered.push((purpose.clone(), all));
    }
    state.ask(purpose.clone(), Request::TemplatePage { offset });
    None
}
