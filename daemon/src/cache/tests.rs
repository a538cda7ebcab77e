//! The cache on the real encrypted database, in temporary directories.

mod again;
mod converge;
mod copies;
mod damage;
mod deciding;
mod drafts;
mod forks;
mod locking;
mod merged;
mod offering;
mod packing;
mod pages;
mod reading;
mod removal;
mod salvaged;
mod saving;
mod searching;
mod sent_back;
mod settling;
mod thread;
mod torn;
mod unmade;
mod unsettled;
mod visits;
mod watching;

use std::{collections::HashMap, path::Path};

use redtag_protocol::{
    api::changes::{Cursor, Document, End, Line},
    api::ops::{Answer, Numbered, Outcome},
    entity::{Entity, EntityRef},
    field::{Register, Writer},
    grade::Condition,
    ids::{DeviceId, InspectionId, PersonId, PointKey, ShopId, TemplateId, VehicleId},
    inspection::{Answer as PointAnswer, Inspection, InspectionWrite},
    op::{Edit, Operation, Verdict},
    role::Role,
    stamp::{Seq, Stamp},
    vehicle::VehicleKind,
};
use serde_json::{json, value::RawValue};
use tempfile::TempDir;
use zeroize::Zeroizing;

use super::*;
use crate::secret::CacheKey;

/// Ids that are told apart by one byte.
pub(super) fn bytes(which: u8) -> [u8; 16] {
    let mut bytes = [which; 16];
    bytes[6] = 0x70;
    bytes[8] = 0x80;
    bytes
}

pub(super) fn shop() -> ShopId {
    ShopId::from_bytes(bytes(1))
}

pub(super) fn me() -> PersonId {
    PersonId::from_bytes(bytes(2))
}

pub(super) fn device() -> DeviceId {
    DeviceId::from_bytes(bytes(3))
}

pub(super) fn template() -> TemplateId {
    TemplateId::from_bytes(bytes(5))
}

pub(super) fn vehicle() -> VehicleId {
    VehicleId::from_bytes(bytes(6))
}

pub(crate) fn ticket(which: u8) -> InspectionId {
    InspectionId::from_bytes(bytes(0x40 + which))
}

pub(super) fn key() -> CacheKey {
    CacheKey::new(Zeroizing::new([7; 32]))
}

pub(super) fn meta() -> Meta {
    let mut meta = Meta::new(me(), shop(), Role::Technician, device(), vec![9; 32]);
    meta.refresh = Some("refresh-one".to_owned());
    meta
}

pub(super) fn point(text: &str) -> PointKey {
    text.parse().unwrap()
}

pub(super) fn now(millis: u64) -> Clock {
    Clock(Stamp(1_700_000_000_000 + millis))
}

/// A cache in a directory of its own.
pub(super) struct Bench {
    dir: TempDir,
    store: Option<Store>,
}

impl Bench {
    pub(super) fn empty() -> Self {
        let dir = TempDir::new().unwrap();
        let store = create(dir.path(), &key(), meta()).unwrap();
        Self {
            dir,
            store: Some(store),
        }
    }

    /// With shop, member, template, vehicle and ticket 1, pulled up to 10.
    pub(super) fn filled() -> Self {
        let mut bench = Self::empty();
        bench.pull(first_page(), 10, false);
        bench
    }

    pub(super) fn path(&self) -> &Path {
        self.dir.path()
    }

    pub(super) fn store(&mut self) -> &mut Store {
        self.store.as_mut().unwrap()
    }

    pub(super) fn close(&mut self) {
        self.store.take().unwrap().close();
    }

    pub(super) fn open(&self) -> Result<Opened, CacheError> {
        open(self.path(), &key(), Stamp(77))
    }

    pub(super) fn reopen(&mut self) {
        if self.store.is_some() {
            self.close();
        }
        let opened = self.open().unwrap();
        assert!(
            matches!(opened.origin, Origin::Whole),
            "{:?}",
            opened.origin
        );
        self.store = Some(opened.store(|| unreachable!()).unwrap());
    }

    pub(super) fn pull(&mut self, lines: Vec<Line>, seq: u64, more: bool) -> Pulled {
        let mut page = Page::default();
        for line in lines {
            assert!(!page.push(&line));
        }
        assert!(page.push(&end(seq, more)));
        self.store().take(page, Stamp(1)).unwrap()
    }

    pub(super) fn save(&mut self, edit: Edit, at: u64) -> Saved {
        self.store().save(vec![edit], now(at)).unwrap()
    }

    pub(super) fn inspection(&mut self, which: u8) -> Inspection {
        let key = EntityRef::Inspection(ticket(which));
        match self.store().local(&key).unwrap().as_deref() {
            Some(Entity::Inspection(it)) => it.as_ref().clone(),
            other => panic!("{other:?}"),
        }
    }

    pub(super) fn condition(&mut self, at: &str) -> Option<Condition> {
        self.inspection(1).answer(&point(at))?.condition
    }

    pub(super) fn answered(&mut self, outcomes: Vec<Numbered>) -> Decided {
        let answer = Answer {
            outcomes,
            ending: None,
        };
        let device = self.store().meta().device;
        self.store().answered(device, &answer, Stamp(5)).unwrap()
    }
}

pub(super) fn accepted(number: u64, seq: u64) -> Numbered {
    Numbered {
        number,
        outcome: Outcome::Accepted {
            verdict: Verdict::Applied,
            seq: Seq(seq),
        },
        replayed: false,
    }
}

pub(crate) fn end(seq: u64, more: bool) -> Line {
    let cursor = Cursor {
        epoch: 1,
        seq: Seq(seq),
        hash: [0; 8],
        copying: None,
    };
    Line::End(End {
        cursor: cursor.to_string(),
        more,
        ..End::default()
    })
}

pub(super) fn document(entity: &Entity, version: u64) -> Line {
    raw(
        entity.key().kind().as_str(),
        &entity.key().id_text(),
        version,
        entity.to_body().unwrap(),
    )
}

pub(super) fn raw(kind: &str, id: &str, version: u64, body: String) -> Line {
    Line::Document(Document {
        kind: kind.to_owned(),
        id: id.to_owned(),
        version: Seq(version),
        body: RawValue::from_string(body).unwrap(),
    })
}

pub(super) fn api_writer(seq: u64) -> Writer {
    Writer {
        seq: Some(Seq(seq)),
        device: DeviceId::from_bytes(bytes(99)),
        number: seq,
        stamp: Stamp(1_600_000_000_000 + seq),
        person: me(),
    }
}

pub(super) fn ticket_one() -> Inspection {
    serde_json::from_value(json!({
        "id": ticket(1),
        "number": 1042,
        "provisional": "~K7-3",
        "template": {"id": template(), "key": "bike", "version": 1},
        "vehicle": vehicle(),
        "created": api_writer(9),
        "state": {"v": "in_progress", "w": api_writer(9)},
        "from_the_future": {"kept": true},
    }))
    .unwrap()
}

/// Where the last leaf of a table begins in the file.
pub(crate) fn leaf(store: &Store, table: &str) -> usize {
    let sql = "SELECT max(pageno) FROM dbstat WHERE name = ?1 AND pagetype = 'leaf'";
    let page: i64 = store
        .conn
        .query_row(sql, [table], |row| row.get(0))
        .unwrap();
    usize::try_from(page - 1).unwrap() * 4096
}

pub(crate) fn first_page() -> Vec<Line> {
    let shop_body = json!({"id": shop(), "name": "Marker Cycles"});
    let member = json!({"id": me(), "name": "Ada", "role": "technician"});
    let bike = json!({
        "id": template(), "key": "bike", "version": 1, "name": "Bike", "state": "active",
        "sections": [{"key": "tyres", "label": "Tyres", "points": [
            {"key": "tyres.wear", "label": "Wear", "kind": "condition"},
            {"key": "tyres.cuts", "label": "Cuts", "kind": "condition"},
        ]}],
    });
    let mut thing = redtag_protocol::vehicle::Vehicle::new(vehicle(), VehicleKind::Bicycle);
    thing.serial = Some(Register {
        value: Some("WSBC-0042".to_owned()),
        writer: api_writer(4),
    });
    vec![
        raw("shop", &shop().to_string(), 1, shop_body.to_string()),
        raw("member", &me().to_string(), 2, member.to_string()),
        raw("template", &template().to_string(), 3, bike.to_string()),
        document(&Entity::Vehicle(thing), 4),
        document(&Entity::Inspection(Box::new(ticket_one())), 10),
        raw(
            "hologram",
            "h-1",
            5,
            r#"{"of":"a newer program"}"#.to_owned(),
        ),
    ]
}

pub(super) fn set(at: &str, condition: Condition) -> Edit {
    Edit::Inspection {
        id: ticket(1),
        write: InspectionWrite::Answer {
            point: point(at),
            answer: Some(PointAnswer::condition(condition)),
        },
    }
}

pub(super) fn note(at: &str, text: &str) -> Edit {
    Edit::Inspection {
        id: ticket(1),
        write: InspectionWrite::Note {
            point: point(at),
            note: Some(text.to_owned()),
        },
    }
}
