//! What there is to settle, with every side.

use redtag_protocol::{
    entity::{Entity, EntityRef},
    field::{Side, Writer},
    ipc::{AnyWrite, ConflictSort, ConflictView, SideView},
    merge::{Fields, Write as _},
    settle::late_fields,
    vehicle::Vehicle,
};

use super::{clean, unsent::label, words::Words};
use crate::cache::{CacheError, Store};

/// What there is to settle: of one document, or of all. Writes nothing. A duplicate that was merged
/// has nothing: nobody sees its fields any more, and an edit of it would go to the one that stays.
pub fn conflicts(store: &Store, of: Option<&EntityRef>) -> Result<Vec<ConflictView>, CacheError> {
    let keys = of.map_or_else(|| store.open(), |key| vec![*key]);
    let mut views = Vec::new();
    for key in keys {
        let standing = store.local(&key)?.filter(|it| it.merged().is_none());
        if let Some(entity) = standing {
            let teller = Teller {
                store,
                key,
                label: label(store, &key)?,
                words: Words::of(store, &entity)?,
            };
            teller.all(&entity, &mut views)?;
        }
    }
    Ok(views.into_iter().map(clean).collect())
}

/// One document's conflicts.
struct Teller<'a> {
    store: &'a Store,
    key: EntityRef,
    label: String,
    words: Words,
}

impl Teller<'_> {
    fn all(&self, entity: &Entity, views: &mut Vec<ConflictView>) -> Result<(), CacheError> {
        match entity {
            Entity::Inspection(it) => {
                self.fields(it.as_ref(), &AnyWrite::Inspection, views)?;
                self.late(it, views)?;
            }
            Entity::Customer(it) => self.fields(it, &AnyWrite::Customer, views)?,
            Entity::Vehicle(it) => self.fields(it, &AnyWrite::Vehicle, views)?,
            Entity::Shop(_) | Entity::Member(_) | Entity::Template(_) => {}
        }
        if let Some(deletion) = entity.deletion() {
            let side = SideView {
                write: None,
                words: "deleted".to_owned(),
                ..self.side(deletion, false)
            };
            let title = "the whole document".to_owned();
            views.push(self.view("", title, ConflictSort::Deletion, vec![side])?);
        }
        Ok(())
    }

    fn fields<D: Fields>(
        &self,
        document: &D,
        any: &dyn Fn(D::Write) -> AnyWrite,
        views: &mut Vec<ConflictView>,
    ) -> Result<(), CacheError> {
        for (field, conflict) in document.conflicts() {
            let shown = document.side(field).map(|side| side.writer.op());
            let of = |side: &Side<D::Write>| {
                self.told(
                    any(side.write.clone()),
                    &side.writer,
                    shown == Some(side.writer.op()),
                )
            };
            let mut sides: Vec<SideView> = conflict.sides.iter().map(of).collect();
            sides.sort_by_key(|side| (!side.shown, std::cmp::Reverse(side.at)));
            let title = self.title(&sides, field);
            views.push(self.view(field, title, ConflictSort::Field, sides)?);
        }
        Ok(())
    }

    /// Late edits, by field, with what is shown beside them.
    fn late(
        &self,
        inspection: &redtag_protocol::inspection::Inspection,
        views: &mut Vec<ConflictView>,
    ) -> Result<(), CacheError> {
        for field in late_fields(inspection) {
            let shown = inspection.side(&field);
            let mut sides: Vec<SideView> = shown
                .iter()
                .map(|side| self.told(AnyWrite::Inspection(side.write.clone()), &side.writer, true))
                .collect();
            let late = inspection
                .late
                .iter()
                .filter(|it| it.write.field() == field);
            let mut late: Vec<SideView> = late
                .map(|it| self.told(AnyWrite::Inspection(it.write.clone()), &it.writer, false))
                .collect();
            late.sort_by_key(|side| std::cmp::Reverse(side.at));
            sides.append(&mut late);
            let title = self.title(&sides, &field);
            views.push(self.view(&field, title, ConflictSort::Late, sides)?);
        }
        Ok(())
    }

    fn title(&self, sides: &[SideView], field: &str) -> String {
        let first = sides.iter().find_map(|side| side.write.as_ref());
        first.map_or_else(|| field.to_owned(), |write| self.words.title(write))
    }

    fn told(&self, write: AnyWrite, writer: &Writer, shown: bool) -> SideView {
        SideView {
            words: self.words.value(&write),
            write: Some(write),
            ..self.side(writer, shown)
        }
    }

    fn side(&self, writer: &Writer, shown: bool) -> SideView {
        let who = self.store.board().member(writer.person);
        SideView {
            op: writer.op(),
            write: None,
            words: String::new(),
            who: who.unwrap_or("a former member").to_owned(),
            person: writer.person,
            at: writer.stamp,
            seq: writer.seq,
            own: self.store.own(writer.op()),
            shown,
        }
    }

    fn view(
        &self,
        field: &str,
        title: String,
        sort: ConflictSort,
        sides: Vec<SideView>,
    ) -> Result<ConflictView, CacheError> {
        let subject = match self.store.local(&self.key)?.as_deref() {
            Some(Entity::Inspection(it)) => label(self.store, &EntityRef::Vehicle(it.vehicle))?,
            Some(Entity::Vehicle(it)) => mark(it).to_owned(),
            Some(Entity::Customer(it)) => it.phones.value.first().cloned().unwrap_or_default(),
            _ => String::new(),
        };
        Ok(ConflictView {
            entity: self.key,
            label: self.label.clone(),
            subject,
            field: field.to_owned(),
            title,
            sort,
            sides,
            pending: self.store.settles(&self.key, field),
        })
    }
}

/// What tells a vehicle from others of its kind.
fn mark(it: &Vehicle) -> &str {
    it.plate()
        .or_else(|| it.vin().map(redtag_protocol::vin::Vin::as_str))
        .or_else(|| it.serial())
        .unwrap_or_default()
}
