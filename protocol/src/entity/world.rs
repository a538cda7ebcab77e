//! The documents that an operation needs.

use std::{
    borrow::Cow,
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use super::{Entity, EntityRef};
use crate::{
    apply::After,
    ids::{InspectionId, PersonId, ShopId, TemplateId, TemplateKey},
    inspection::Inspection,
    shop::{Member, Settings},
    template::Template,
};

/// The documents that an operation needs, loaded beforehand so that rules stay pure: those that
/// stand, those that were deleted and can come back, which were erased, which are named by an
/// inspection, and on which template versions others run.
#[derive(Debug, Clone, Default)]
pub struct World {
    entities: HashMap<EntityRef, Arc<Entity>>,
    buried: HashMap<EntityRef, Arc<Entity>>,
    erased: HashSet<EntityRef>,
    recalled: HashMap<EntityRef, Vec<EntityRef>>,
    referred: HashSet<EntityRef>,
    running: HashMap<TemplateId, Option<InspectionId>>,
}

impl World {
    /// A world without documents.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a document in, or in the place of its former self or of its tombstone. What an
    /// inspection names counts as named from then on.
    pub fn insert(&mut self, entity: Arc<Entity>) {
        let key = entity.key();
        self.referred.extend(entity.names());
        self.buried.remove(&key);
        self.entities.insert(key, entity);
    }

    /// A document that was deleted, with the deletion in [`Entity::deletion`]: an edit whose author
    /// had not seen that brings it back.
    pub fn bury(&mut self, entity: Arc<Entity>) {
        let key = entity.key();
        self.entities.remove(&key);
        self.buried.insert(key, entity);
    }

    /// A customer of whom nothing is known any more.
    pub fn erase(&mut self, key: EntityRef) {
        self.entities.remove(&key);
        self.buried.remove(&key);
        self.recalled.remove(&key);
        self.erased.insert(key);
    }

    /// A document of which nothing is left but its events, with those that these say are the same:
    /// what it was merged into, and its duplicates.
    pub fn recall(&mut self, key: EntityRef, same: Vec<EntityRef>) {
        self.recalled.insert(key, same);
    }

    /// A vehicle or customer that an inspection names.
    pub fn refer(&mut self, key: EntityRef) {
        self.referred.insert(key);
    }

    /// An unfinished inspection that runs on a template version and was not loaded, or that there is
    /// none. As long as neither is said, one may be.
    pub fn run(&mut self, template: TemplateId, on: Option<InspectionId>) {
        self.running.insert(template, on);
    }

    /// Takes in what an operation made of a document.
    pub fn take(&mut self, after: &After) {
        match after {
            After::Stands(entity) => self.insert(entity.clone()),
            After::Gone(entity) => self.bury(entity.clone()),
            After::Erased(key) => self.erase(*key),
        }
    }

    /// A document that stands, if it was loaded.
    pub fn entity(&self, key: &EntityRef) -> Option<&Arc<Entity>> {
        self.entities.get(key)
    }

    /// A document that was deleted.
    pub fn buried(&self, key: &EntityRef) -> Option<&Arc<Entity>> {
        self.buried.get(key)
    }

    /// Whether what was known of it is erased.
    pub fn is_erased(&self, key: &EntityRef) -> bool {
        self.erased.contains(key)
    }

    /// Whether anything is known of it, be it that it was erased.
    pub fn is_known(&self, key: &EntityRef) -> bool {
        self.present(key).is_some() || self.is_erased(key) || self.recalled.contains_key(key)
    }

    /// Whether an inspection names it.
    pub fn is_referred(&self, key: &EntityRef) -> bool {
        self.referred.contains(key)
    }

    /// Whether an unfinished inspection runs on a template version, but for this one.
    pub fn is_running(&self, template: TemplateId, but: Option<InspectionId>) -> bool {
        let elsewhere = match self.running.get(&template) {
            None => true,
            Some(None) => false,
            // What was loaded since speaks for itself.
            Some(Some(other)) => self.present(&EntityRef::Inspection(*other)).is_none(),
        };
        let here = |it: &Inspection| {
            it.template.id == template && Some(it.id) != but && !it.state.value.is_over()
        };
        elsewhere || self.inspections().any(here)
    }

    /// The inspections that were loaded and stand, in no order.
    pub fn inspections(&self) -> impl Iterator<Item = &Inspection> {
        self.entities.values().filter_map(|it| match it.as_ref() {
            Entity::Inspection(inspection) => Some(inspection.as_ref()),
            _ => None,
        })
    }

    /// Where edits of a document go: the one it was merged into at last, or itself. A duplicate that
    /// was deleted with it leads there too.
    pub fn resolve(&self, key: &EntityRef) -> EntityRef {
        let mut at = *key;
        // Merging never makes a circle; a document from outside that does must not hold us here.
        for _ in 0..=self.entities.len() + self.buried.len() {
            match self.present(&at).and_then(|it| it.merged()) {
                Some(next) => at = next,
                None => return at,
            }
        }
        at
    }

    /// A document, what it was merged into, and so on to where [`resolve`](Self::resolve) leads.
    pub fn way(&self, key: &EntityRef) -> Vec<EntityRef> {
        let mut way = vec![*key];
        let mut at = *key;
        while let Some(next) = self.present(&at).and_then(|it| it.merged()) {
            if way.contains(&next) {
                break;
            }
            way.push(next);
            at = next;
        }
        way
    }

    /// All documents that are one with this, itself included, as far as they are told by those that
    /// were loaded.
    pub fn same(&self, key: &EntityRef) -> BTreeSet<EntityRef> {
        let mut same = BTreeSet::new();
        let mut next = vec![*key];
        while let Some(key) = next.pop() {
            if !same.insert(key) {
                continue;
            }
            if let Some(present) = self.present(&key) {
                next.extend(present.merged());
                next.extend(present.aliases());
            }
            next.extend(self.recalled.get(&key).into_iter().flatten());
        }
        same
    }

    /// A template version.
    pub fn template(&self, id: TemplateId) -> Option<&Template> {
        match self
            .entities
            .get(&EntityRef::Template(id))
            .map(AsRef::as_ref)
        {
            Some(Entity::Template(template)) => Some(template),
            _ => None,
        }
    }

    /// The template versions that were loaded, in no order.
    pub fn templates(&self) -> impl Iterator<Item = &Template> {
        self.entities.values().filter_map(|it| match it.as_ref() {
            Entity::Template(template) => Some(template),
            _ => None,
        })
    }

    /// Those of one template.
    pub fn versions<'a>(&'a self, key: &'a TemplateKey) -> impl Iterator<Item = &'a Template> {
        self.templates().filter(move |it| it.key == *key)
    }

    /// A member.
    pub fn member(&self, id: PersonId) -> Option<&Member> {
        match self.entities.get(&EntityRef::Member(id)).map(AsRef::as_ref) {
            Some(Entity::Member(member)) => Some(member),
            _ => None,
        }
    }

    /// The shop's settings, or the defaults where the shop was not loaded.
    pub fn settings(&self, shop: ShopId) -> Cow<'_, Settings> {
        match self.entities.get(&EntityRef::Shop(shop)).map(AsRef::as_ref) {
            Some(Entity::Shop(shop)) => Cow::Borrowed(&shop.settings),
            _ => Cow::Owned(Settings::default()),
        }
    }

    /// As it stands, or as it was deleted.
    fn present(&self, key: &EntityRef) -> Option<&Arc<Entity>> {
        self.entities.get(key).or_else(|| self.buried.get(key))
    }

    /// Takes a document out, so that it can be changed in place.
    pub(crate) fn lift(&mut self, key: &EntityRef) -> Option<Arc<Entity>> {
        self.entities.remove(key)
    }
}
