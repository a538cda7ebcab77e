//! One vehicle or one customer, with the history.

use redtag_protocol::{
    entity::EntityRef,
    ipc::{BoardRow, CustomerView, VehicleView},
};

use super::finder::stepped;

/// What the daemon told.
#[derive(Debug)]
pub(crate) enum Told {
    /// Of a vehicle.
    Vehicle(Box<VehicleView>),
    /// Of a customer.
    Customer(Box<CustomerView>),
}

/// One vehicle or one customer.
#[derive(Debug)]
pub(crate) struct SubjectScreen {
    /// Which.
    pub(crate) key: EntityRef,
    /// All of it; none before the first answer.
    pub(crate) told: Option<Told>,
    /// The marked line of what it leads to.
    pub(crate) selected: usize,
    /// Which measurement's trend is shown.
    pub(crate) trend: usize,
    /// Why there is nothing.
    pub(crate) trouble: Option<String>,
}

/// Something that it leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Leads {
    /// Where.
    pub(crate) to: EntityRef,
    /// What it is to this one.
    pub(crate) group: Group,
    /// What people call it.
    pub(crate) label: String,
    /// More of it.
    pub(crate) detail: String,
}

/// What something is to a vehicle or customer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Group {
    /// Whose the vehicle is.
    Owner,
    /// What the customer has.
    Owned,
    /// What may be the same.
    Alike,
    /// An inspection; its place among the visits.
    Visit(usize),
}

impl SubjectScreen {
    pub(crate) fn new(key: EntityRef) -> Self {
        Self {
            key,
            told: None,
            selected: 0,
            trend: 0,
            trouble: None,
        }
    }

    /// The inspections that are listed.
    pub(crate) fn visits(&self) -> &[BoardRow] {
        match &self.told {
            None => &[],
            Some(Told::Vehicle(view)) => &view.visits,
            Some(Told::Customer(view)) => &view.visits,
        }
    }

    /// Everything that it leads to, in the order in which it is listed.
    pub(crate) fn leads(&self) -> Vec<Leads> {
        let mut all = Vec::new();
        let vehicle = |group, it: &redtag_protocol::vehicle::Vehicle| Leads {
            to: EntityRef::Vehicle(it.id),
            group,
            label: it.mark().unwrap_or_default().to_owned(),
            detail: it.title(),
        };
        let customer = |group, it: &redtag_protocol::customer::Customer| Leads {
            to: EntityRef::Customer(it.id),
            group,
            label: it.name.value.clone(),
            detail: [it.phones.value.first(), it.emails.value.first()]
                .into_iter()
                .flatten()
                .cloned()
                .collect::<Vec<_>>()
                .join("  "),
        };
        match &self.told {
            None => {}
            Some(Told::Vehicle(view)) => {
                all.extend(view.customers.iter().map(|it| customer(Group::Owner, it)));
                all.extend(view.alike.iter().map(|it| vehicle(Group::Alike, it)));
            }
            Some(Told::Customer(view)) => {
                all.extend(view.vehicles.iter().map(|it| vehicle(Group::Owned, it)));
                all.extend(view.alike.iter().map(|it| customer(Group::Alike, it)));
            }
        }
        all.extend(self.visits().iter().enumerate().map(|(at, row)| Leads {
            to: EntityRef::Inspection(row.id),
            group: Group::Visit(at),
            label: row.label.clone(),
            detail: String::new(),
        }));
        all
    }

    /// The marked line.
    pub(crate) fn marked(&self) -> Option<Leads> {
        self.leads().into_iter().nth(self.selected)
    }

    /// Moves the mark by so many lines.
    pub(crate) fn step(&mut self, by: i64) {
        self.selected = stepped(self.selected, by, self.leads().len());
    }

    /// Shows the next or the previous measurement's trend.
    pub(crate) fn turn(&mut self, forward: bool) {
        if let Some(Told::Vehicle(view)) = &self.told {
            let count = view.trends.len().max(1);
            let by = if forward { 1 } else { count - 1 };
            self.trend = (self.trend + by) % count;
        }
    }

    /// Takes an answer; the mark and the trend stay on what they were on. The first mark is on the
    /// newest inspection.
    pub(crate) fn take(&mut self, told: Told) {
        let was = self.marked().map(|it| it.to);
        let point = match &self.told {
            Some(Told::Vehicle(view)) => view.trends.get(self.trend).map(|it| it.point.clone()),
            _ => None,
        };
        self.key = match &told {
            // It may have been merged into another.
            Told::Vehicle(view) => EntityRef::Vehicle(view.vehicle.id),
            Told::Customer(view) => EntityRef::Customer(view.customer.id),
        };
        self.told = Some(told);
        self.trouble = None;
        let leads = self.leads();
        let is = |it: &Leads| was.map_or(matches!(it.group, Group::Visit(_)), |was| it.to == was);
        let at = leads.iter().position(is).unwrap_or(self.selected);
        self.selected = at.min(leads.len().saturating_sub(1));
        if let Some(Told::Vehicle(view)) = &self.told {
            let at = view
                .trends
                .iter()
                .position(|it| Some(&it.point) == point.as_ref());
            self.trend = at.unwrap_or_else(|| first_trend(view));
        }
    }

    /// What it is called, for a title.
    pub(crate) fn title(&self) -> String {
        match &self.told {
            None => String::new(),
            Some(Told::Vehicle(view)) => view.vehicle.title(),
            Some(Told::Customer(view)) => view.customer.name.value.clone(),
        }
    }
}

/// The trend that says most: tread or lining before pressures and odometers.
fn first_trend(view: &VehicleView) -> usize {
    let wears = |key: &str| {
        ["tread", "lining", "pads"]
            .iter()
            .any(|it| key.contains(it))
    };
    let found = view.trends.iter().position(|it| wears(it.point.as_str()));
    found.unwrap_or(0)
}
