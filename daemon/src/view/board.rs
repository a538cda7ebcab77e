//! The projection of all documents that the board, the lists and the searches are answered from:
//! a scan in memory, changed as documents change.

use std::{
    cmp::Reverse,
    collections::{BTreeSet, HashMap, HashSet},
    sync::Arc,
};

use redtag_protocol::{
    customer::Customer,
    entity::{Entity, EntityRef},
    ids::{CustomerId, InspectionId, PersonId, TemplateId, VehicleId},
    inspection::{Counts, Inspection},
    ipc::{BoardQuery, BoardRow, SyncState, TicketFilter, TicketPage},
    lifecycle::State,
    stamp::Stamp,
    template::Template,
    text,
    vehicle::Vehicle,
    vin::Vin,
};

use super::fold::{fold, words};

/// The most rows of one answer.
const MOST: u32 = 1_000;

#[derive(Debug)]
struct Ticket {
    label: String,
    number: Option<u64>,
    provisional: String,
    state: State,
    revision: u32,
    vehicle: VehicleId,
    customer: Option<CustomerId>,
    assignee: Option<PersonId>,
    bay: String,
    template: TemplateId,
    created: Stamp,
    counts: Option<Counts>,
    conflicts: u32,
    late: u32,
    /// Label, provisional label and bay, folded.
    search: String,
}

#[derive(Debug)]
struct Thing {
    title: String,
    mark: String,
    conflicts: u32,
    /// Plate, VIN, serial and title, folded.
    search: String,
}

#[derive(Debug)]
struct Person {
    name: String,
    conflicts: u32,
    /// Name, telephones and addresses, folded; the board searches the name alone.
    search: String,
    folded_name: String,
}

/// Open ones first, then the newest first.
type Order = (bool, Reverse<Stamp>, Reverse<InspectionId>);

/// The projection.
#[derive(Debug, Default)]
pub struct Board {
    tickets: HashMap<InspectionId, Ticket>,
    order: BTreeSet<Order>,
    vehicles: HashMap<VehicleId, Thing>,
    customers: HashMap<CustomerId, Person>,
    members: HashMap<PersonId, Person>,
    templates: HashMap<TemplateId, Arc<Template>>,
    uncounted: HashSet<InspectionId>,
}

impl Board {
    /// Takes a document in, in the place of its former self.
    pub fn put(&mut self, entity: &Entity) {
        match entity {
            Entity::Shop(_) => {}
            Entity::Member(it) => {
                let name = line(&it.name);
                let folded_name = fold(&name);
                let person = Person {
                    name,
                    conflicts: 0,
                    search: folded_name.clone(),
                    folded_name,
                };
                self.members.insert(it.id, person);
            }
            Entity::Template(it) => {
                self.templates.insert(it.id, Arc::new(it.clone()));
            }
            Entity::Customer(it) => {
                self.customers.insert(it.id, customer(it));
            }
            Entity::Vehicle(it) => {
                self.vehicles.insert(it.id, thing(it));
            }
            Entity::Inspection(it) => self.put_inspection(it),
        }
    }

    /// Takes a document out.
    pub fn remove(&mut self, key: &EntityRef) {
        match key {
            EntityRef::Shop(_) => {}
            EntityRef::Member(id) => drop(self.members.remove(id)),
            EntityRef::Template(id) => drop(self.templates.remove(id)),
            EntityRef::Customer(id) => drop(self.customers.remove(id)),
            EntityRef::Vehicle(id) => drop(self.vehicles.remove(id)),
            EntityRef::Inspection(id) => {
                if let Some(ticket) = self.tickets.remove(id) {
                    self.order.remove(&order(*id, &ticket));
                }
                self.uncounted.remove(id);
            }
        }
    }

    fn put_inspection(&mut self, it: &Inspection) {
        self.remove(&EntityRef::Inspection(it.id));
        let template = self.templates.get(&it.template.id);
        let bay = line(it.bay().unwrap_or_default());
        let label = line(&it.label());
        let ticket = Ticket {
            search: fold(&format!("{label}\n{}\n{bay}", it.provisional)),
            label,
            number: it.number,
            provisional: it.provisional.clone(),
            state: it.state.value,
            revision: it.revision,
            vehicle: it.vehicle,
            customer: it.customer(),
            assignee: it.assignee(),
            bay,
            template: it.template.id,
            created: it.created.stamp,
            counts: template.map(|template| it.counts(template)),
            conflicts: count(it.conflicts.len()),
            late: count(it.late.len()),
        };
        if ticket.counts.is_none() {
            self.uncounted.insert(it.id);
        }
        self.order.insert(order(it.id, &ticket));
        self.tickets.insert(it.id, ticket);
    }

    /// The inspections that came before their template, where it has come since.
    pub fn take_uncounted(&mut self) -> Vec<InspectionId> {
        let known = |id: &&InspectionId| {
            let template = self.tickets.get(id).map(|ticket| ticket.template);
            template.is_some_and(|template| self.templates.contains_key(&template))
        };
        let found: Vec<_> = self.uncounted.iter().filter(known).copied().collect();
        for id in &found {
            self.uncounted.remove(id);
        }
        found
    }

    /// A page of the board. `me` is who asks; `sync` says where edits are.
    pub fn page(
        &self,
        query: &BoardQuery,
        me: PersonId,
        sync: &dyn Fn(InspectionId) -> SyncState,
    ) -> TicketPage {
        let words = words(&query.text);
        let limit = query.limit.min(MOST) as usize;
        let mut matched: u64 = 0;
        let mut rows = Vec::new();
        for (_, _, Reverse(id)) in &self.order {
            let Some(ticket) = self.tickets.get(id) else {
                continue;
            };
            if !self.matches(ticket, query, me, &words) {
                continue;
            }
            if matched >= u64::from(query.offset) && rows.len() < limit {
                rows.push(self.row(*id, ticket, sync(*id)));
            }
            matched += 1;
        }
        TicketPage {
            rows,
            matched,
            total: self.tickets.len() as u64,
        }
    }

    fn matches(&self, ticket: &Ticket, query: &BoardQuery, me: PersonId, words: &[String]) -> bool {
        if !query.states.is_empty() && !query.states.contains(&ticket.state) {
            return false;
        }
        let assignee = match &query.assignee {
            None => true,
            Some(TicketFilter::Mine) => ticket.assignee == Some(me),
            Some(TicketFilter::Unassigned) => ticket.assignee.is_none(),
            Some(TicketFilter::Person(person)) => ticket.assignee == Some(*person),
        };
        let texts = [
            Some(&ticket.search),
            self.vehicles.get(&ticket.vehicle).map(|it| &it.search),
            ticket
                .customer
                .and_then(|id| self.customers.get(&id))
                .map(|it| &it.folded_name),
            ticket
                .assignee
                .and_then(|id| self.members.get(&id))
                .map(|it| &it.folded_name),
        ];
        assignee
            && words
                .iter()
                .all(|word| texts.iter().flatten().any(|text| text.contains(word)))
    }

    fn row(&self, id: InspectionId, ticket: &Ticket, sync: SyncState) -> BoardRow {
        let vehicle = self.vehicles.get(&ticket.vehicle);
        let named = |person: Option<&Person>| person.map_or(String::new(), |it| it.name.clone());
        BoardRow {
            id,
            label: ticket.label.clone(),
            state: ticket.state,
            revision: ticket.revision,
            vehicle: vehicle.map_or(String::new(), |it| it.title.clone()),
            mark: vehicle.map_or(String::new(), |it| it.mark.clone()),
            customer: named(ticket.customer.and_then(|id| self.customers.get(&id))),
            assignee: named(ticket.assignee.and_then(|id| self.members.get(&id))),
            bay: ticket.bay.clone(),
            template: self
                .templates
                .get(&ticket.template)
                .map_or(String::new(), |it| line(&it.name)),
            created: ticket.created,
            counts: ticket.counts.unwrap_or_default(),
            conflicts: ticket.conflicts,
            late: ticket.late,
            sync,
        }
    }

    /// Finds an inspection by number (`1042`, `#1042`), provisional label (`~K7-3`, which stays
    /// findable for ever) or id.
    pub fn find(&self, ticket: &str) -> Option<InspectionId> {
        let ticket = ticket.trim();
        if let Ok(id) = ticket.parse::<InspectionId>() {
            return self.tickets.contains_key(&id).then_some(id);
        }
        let digits = ticket.strip_prefix('#').unwrap_or(ticket);
        let number = digits.parse::<u64>().ok();
        let found = |it: &Ticket| {
            (number.is_some() && it.number == number) || it.provisional.eq_ignore_ascii_case(ticket)
        };
        self.tickets
            .iter()
            .filter(|(_, it)| found(it))
            .max_by_key(|(_, it)| it.created)
            .map(|(id, _)| *id)
    }

    /// A vehicle's inspections that are not void, the newest first.
    pub fn visits(&self, vehicle: VehicleId) -> Vec<(Stamp, InspectionId)> {
        let mut visits: Vec<_> = self
            .tickets
            .iter()
            .filter(|(_, it)| it.vehicle == vehicle && it.state != State::Void)
            .map(|(id, it)| (it.created, *id))
            .collect();
        visits.sort_unstable_by(|left, right| right.cmp(left));
        visits
    }

    /// Whether an inspection of any state names this vehicle or customer.
    pub fn names(&self, key: &EntityRef) -> bool {
        self.tickets.values().any(|it| match key {
            EntityRef::Vehicle(id) => it.vehicle == *id,
            EntityRef::Customer(id) => it.customer == Some(*id),
            _ => false,
        })
    }

    /// How many fields are in conflict, over all documents.
    pub fn conflicts(&self) -> u64 {
        let tickets = self.tickets.values().map(|it| it.conflicts);
        let vehicles = self.vehicles.values().map(|it| it.conflicts);
        let customers = self.customers.values().map(|it| it.conflicts);
        tickets
            .chain(vehicles)
            .chain(customers)
            .map(u64::from)
            .sum()
    }

    /// The vehicles whose texts hold all words, by title.
    pub fn vehicles(&self, text: &str, limit: u32) -> Vec<VehicleId> {
        let all = self.vehicles.iter();
        pick(
            all.map(|(id, it)| (*id, &it.search, &it.title)),
            text,
            limit,
        )
    }

    /// The customers whose texts hold all words, by name.
    pub fn customers(&self, text: &str, limit: u32) -> Vec<CustomerId> {
        let all = self.customers.iter();
        pick(all.map(|(id, it)| (*id, &it.search, &it.name)), text, limit)
    }

    /// How a member is called.
    pub fn member(&self, id: PersonId) -> Option<&str> {
        self.members.get(&id).map(|it| it.name.as_str())
    }

    /// A template version.
    pub fn template(&self, id: TemplateId) -> Option<&Arc<Template>> {
        self.templates.get(&id)
    }
}

fn pick<'a, T: Ord + Copy + 'a>(
    all: impl Iterator<Item = (T, &'a String, &'a String)>,
    text: &str,
    limit: u32,
) -> Vec<T> {
    let words = words(text);
    let mut found: Vec<_> = all
        .filter(|(_, search, _)| words.iter().all(|word| search.contains(word)))
        .map(|(id, _, name)| (name, id))
        .collect();
    found.sort_unstable();
    found.truncate(limit.min(MOST) as usize);
    found.into_iter().map(|(_, id)| id).collect()
}

fn order(id: InspectionId, ticket: &Ticket) -> Order {
    let done = matches!(ticket.state, State::Closed | State::Void);
    (done, Reverse(ticket.created), Reverse(id))
}

fn line(value: &str) -> String {
    text::clean_line(value).into_owned()
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn thing(it: &Vehicle) -> Thing {
    let title = line(&it.title());
    let marks = [it.plate(), it.vin().map(Vin::as_str), it.serial()];
    let marks: Vec<&str> = marks.into_iter().flatten().collect();
    Thing {
        search: fold(&format!("{title}\n{}", marks.join("\n"))),
        title,
        mark: line(it.mark().unwrap_or_default()),
        conflicts: count(it.conflicts.len()),
    }
}

fn customer(it: &Customer) -> Person {
    let name = line(&it.name.value);
    let phones = it.phones.value.join("\n");
    let emails = it.emails.value.join("\n");
    Person {
        search: fold(&format!("{name}\n{phones}\n{emails}")),
        folded_name: fold(&name),
        name,
        conflicts: count(it.conflicts.len()),
    }
}
