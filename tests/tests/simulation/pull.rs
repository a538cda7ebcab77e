//! Pages, as the daemon's own hands pull them: while one is taken, the next is on its way.

use redtag_protocol::{
    api::changes::{Document, Line},
    entity::{EntityRef, Kind},
    ids::PersonId,
    stamp::Seq,
};
use redtagd::{
    cache::{CacheError, Page, Prepared, Store},
    core::{Input, LaneName},
};

use super::{
    api::Fail,
    call::{Pull, What},
    hands::failed,
    look::shown,
    world::{World, say},
};

/// Where a pull begins: the cursor, and what was acknowledged then.
pub(crate) type Place = (Option<String>, Seq);

fn place(store: &Store) -> Place {
    (store.meta().cursor.clone(), store.newest_acked())
}

impl World {
    /// Asks for the first page of a pull.
    pub(crate) fn pull(&mut self, b: usize, token: u64) -> Option<Input> {
        let Some(access) = self.benches[b].access else {
            return Some(failed(LaneName::Pull, token, Fail::Unauthorized));
        };
        let known = self.benches[b].place.take();
        let known = known.filter(|_| self.weather.pipelines);
        let (cursor, acked) = match known {
            Some(place) => place,
            None => place(self.benches[b].store()?),
        };
        self.benches[b].pulls += 1;
        let pull = Pull {
            access,
            cursor,
            acked,
            first: true,
            serial: self.benches[b].pulls,
        };
        self.send(b, LaneName::Pull, token, What::Pull(pull));
        None
    }

    /// Once in some worlds a page lacks a document, as if the API had passed over it: count and hash
    /// must tell. Nothing that waits here is about it, for what was acknowledged is not looked for.
    fn leave_out(&mut self, b: usize, lines: &mut Vec<&[u8]>) {
        let out = self.weather.leaves_out && !self.left_out && self.healed.is_none();
        if !out || !self.rng.chance(100) {
            return;
        }
        let Some(store) = self.benches[b].store() else {
            return;
        };
        let plain = |line: &[u8]| match Line::parse(line) {
            Ok(Line::Document(it)) => document(&it).is_some_and(|key| {
                !matches!(key.kind(), Kind::Shop | Kind::Member | Kind::Template)
                    && !store.pending().touches(&key)
            }),
            _ => false,
        };
        if let Some(at) = lines.iter().position(|line| plain(line)) {
            lines.remove(at);
            self.left_out = true;
            say!(self, "{}: a document is left out", self.benches[b].name);
        }
    }

    /// Takes a page in, and asks for the next beforehand where there is more.
    pub(crate) fn page(
        &mut self,
        b: usize,
        token: u64,
        bytes: &[u8],
        pull: &Pull,
    ) -> Option<Result<Input, Fail>> {
        self.look_at_page(b, bytes);
        let (mut lines, last, next) = match whole(bytes, pull.cursor.as_deref()) {
            Ok(whole) => whole,
            Err(fail) => return Some(Err(fail)),
        };
        let more = next.is_some();
        self.leave_out(b, &mut lines);
        let next = next.filter(|_| self.weather.pipelines);
        if let Some(next) = next.clone() {
            let next = Pull {
                cursor: Some(next),
                first: false,
                ..pull.clone()
            };
            self.send(b, LaneName::Pull, token, What::Pull(next));
        }
        let now = self.wall(b);
        let lazily = pull.first || more;
        let store = self.benches[b].store()?;
        let held = shown(store);
        let before = self.benches[b].doubted;
        let mut doubted = before;
        let pulled = self.with_store(b, "take", |store| {
            let mut page = Page::after(store.board().forms().clone());
            for line in lines {
                page.read(line).expect("a line that was read before");
            }
            page.push(&last);
            let page = Prepared::from(page);
            let missed = store.missed(&page, pull.acked);
            // What the API says that it has is not asked for without end.
            doubted = missed.unwrap_or(before);
            let restored = page.restored(store.meta().cursor.as_deref())
                || store.begins_blind()?
                || doubted != before;
            if restored {
                store.doubt()?;
            }
            let pulled = if lazily {
                store.lazily(|store| store.take(page, now))?
            } else {
                store.take(page, now)?
            };
            Ok::<_, CacheError>((pulled, restored, place(store)))
        })?;
        self.benches[b].doubted = doubted;
        let (pulled, restored, place) = match pulled {
            Ok(pulled) => pulled,
            Err(error) => {
                self.violate("no page is too much", format!("{error}"));
                return Some(Err(Fail::Broken("the cache failed")));
            }
        };
        self.benches[b].place = Some(place);
        let goes_on = next.is_some() && pulled.more && !pulled.reset;
        if !goes_on {
            // Nobody waits for what is on its way.
            self.benches[b].pulls += 1;
        }
        self.look_at_copies(b, held, pulled.anew, bytes);
        self.look_at_pulled(b);
        Some(Ok(Input::Pulled {
            seq: pulled.seq,
            more: pulled.more,
            reset: pulled.reset,
            restored,
            goes_on,
        }))
    }
}

/// What a document on the wire is, where it is of a kind that is known here.
fn document(it: &Document) -> Option<EntityRef> {
    let id: PersonId = it.id.parse().ok()?;
    Some(EntityRef::from_parts(it.kind.parse().ok()?, *id.as_bytes()))
}

/// A whole answer's lines but for the closing one, that one, and where the next page begins if there
/// is more.
type Whole<'a> = (Vec<&'a [u8]>, Line, Option<String>);

fn whole<'a>(bytes: &'a [u8], cursor: Option<&str>) -> Result<Whole<'a>, Fail> {
    let mut lines = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        let Some(line) = line.strip_suffix(b"\n") else {
            break;
        };
        match Line::parse(line).expect("the API writes lines that can be read") {
            last @ Line::Reset => return Ok((lines, last, None)),
            Line::End(end) => {
                let next = end.more.then(|| end.cursor.clone());
                if next.is_some() && next.as_deref() == cursor {
                    return Err(Fail::Broken("the API gives nothing further"));
                }
                return Ok((lines, Line::End(end), next));
            }
            _ => lines.push(line),
        }
    }
    Err(Fail::Broken("the API's answer broke off"))
}
