//! The form for a new inspection.

mod edits;

pub(crate) use edits::VEHICLE_WANTED;

use redtag_protocol::{
    customer::Customer,
    ids::{InspectionId, PersonId},
    shop::Member,
    template::{Template, TemplateState},
    vehicle::{Vehicle, VehicleKind},
};

use super::Input;

/// A new inspection being described.
#[derive(Debug)]
pub(crate) struct Form {
    /// Versions that take inspections; none before the answer.
    pub(crate) templates: Option<Vec<Template>>,
    /// The chosen one.
    pub(crate) template: usize,
    /// Whether a person chose it.
    pub(crate) template_chosen: bool,
    /// The key of the one that was used last, on this bench.
    pub(crate) used_last: Option<String>,
    /// The name of the one that the taken vehicle's last visit had.
    pub(crate) visited_with: Option<String>,
    /// What is inspected.
    pub(crate) vehicle: Subject<Vehicle, VehicleDraft>,
    /// Whom it is for.
    pub(crate) customer: Subject<Customer, CustomerDraft>,
    /// What the customer complains of.
    pub(crate) concern: Input,
    /// Where.
    pub(crate) bay: Input,
    /// Who may be given the work, oneself first.
    pub(crate) people: Vec<(PersonId, String)>,
    /// Who is given the work, counted from 1; 0 is nobody.
    pub(crate) assignee: usize,
    /// The field one is in.
    pub(crate) at: Field,
    /// What is wrong.
    pub(crate) problem: Option<String>,
    /// How far saving is.
    pub(crate) saving: Saving,
    /// Whether Enter was struck before the answer to what was typed.
    pub(crate) enter_on_answer: bool,
    /// Whether a check digit that is wrong where it binds was accepted by a person.
    pub(crate) vin_accepted: bool,
    /// Vehicles that may be the new one, in words.
    pub(crate) alike: Vec<String>,
}

/// How far saving is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Saving {
    /// Not begun.
    No,
    /// A provisional number was asked for.
    Numbering,
    /// The edits are on their way, as this unsaved edit.
    Sent(u64, InspectionId),
}

/// Something that is found, or made where it is not.
#[derive(Debug)]
pub(crate) enum Subject<T, D> {
    /// Being searched for.
    Search {
        /// What is typed.
        input: Input,
        /// What was found for it.
        found: Vec<T>,
        /// The marked one; one past the last is “new”. None: nothing was typed and nothing picked,
        /// so that Enter takes nobody's vehicle by accident.
        selected: Option<usize>,
        /// The text that `found` answers; none before the first answer.
        answers: Option<String>,
    },
    /// Found.
    Taken(Box<T>),
    /// Made.
    Fresh(Box<D>),
}

/// A vehicle that is not in the shop yet.
#[derive(Debug, Default)]
pub(crate) struct VehicleDraft {
    /// What sort of thing.
    pub(crate) kind: VehicleKind,
    /// Vehicle identification number.
    pub(crate) vin: Input,
    /// Licence plate.
    pub(crate) plate: Input,
    /// Serial number.
    pub(crate) serial: Input,
    /// Model year.
    pub(crate) year: Input,
    /// Maker.
    pub(crate) make: Input,
    /// Model.
    pub(crate) model: Input,
}

/// A customer who is not in the shop yet.
#[derive(Debug, Default)]
pub(crate) struct CustomerDraft {
    /// The name.
    pub(crate) name: Input,
    /// A telephone number.
    pub(crate) phone: Input,
    /// An e-mail address.
    pub(crate) email: Input,
    /// Whether messages are welcome.
    pub(crate) consent: bool,
}

/// A field of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Field {
    /// Which template.
    Template,
    /// Which vehicle.
    Vehicle,
    /// A new vehicle's sort.
    Kind,
    /// A new vehicle's VIN.
    Vin,
    /// A new vehicle's plate.
    Plate,
    /// A new vehicle's serial number.
    Serial,
    /// A new vehicle's year.
    Year,
    /// A new vehicle's maker.
    Make,
    /// A new vehicle's model.
    Model,
    /// Which customer.
    Customer,
    /// A new customer's name.
    Name,
    /// A new customer's telephone number.
    Phone,
    /// A new customer's e-mail address.
    Email,
    /// A new customer's consent.
    Consent,
    /// The concern.
    Concern,
    /// The bay.
    Bay,
    /// The assignee.
    Assignee,
    /// The end of the form.
    Create,
}

impl Field {
    /// The field's name for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Template => "Template",
            Self::Vehicle => "Vehicle",
            Self::Kind => "  Kind",
            Self::Vin => "  VIN",
            Self::Plate => "  Plate",
            Self::Serial => "  Serial no.",
            Self::Year => "  Year",
            Self::Make => "  Make",
            Self::Model => "  Model",
            Self::Customer => "Customer",
            Self::Name => "  Name",
            Self::Phone => "  Telephone",
            Self::Email => "  E-mail",
            Self::Consent => "  Messages",
            Self::Concern => "Concern",
            Self::Bay => "Bay",
            Self::Assignee => "Assignee",
            Self::Create => "Create",
        }
    }

    /// Whether left and right choose its value.
    pub(crate) fn cycles(self) -> bool {
        matches!(
            self,
            Self::Template | Self::Kind | Self::Consent | Self::Assignee
        )
    }
}

impl<T, D> Subject<T, D> {
    pub(super) fn search() -> Self {
        Self::Search {
            input: Input::line(""),
            found: Vec::new(),
            selected: None,
            answers: None,
        }
    }

    /// Whether what was found is not yet what was found for the text as it is.
    pub(crate) fn is_searching(&self) -> bool {
        match self {
            Self::Search { input, answers, .. } => answers.as_deref() != Some(input.text().trim()),
            Self::Taken(_) | Self::Fresh(_) => false,
        }
    }
}

impl Form {
    /// An empty form; `me` is the account's person.
    pub(crate) fn new(me: Option<(PersonId, String)>) -> Self {
        Self {
            templates: None,
            template: 0,
            template_chosen: false,
            used_last: None,
            visited_with: None,
            vehicle: Subject::search(),
            customer: Subject::search(),
            concern: Input::lines(""),
            bay: Input::line(""),
            people: me.into_iter().collect(),
            assignee: 0,
            at: Field::Vehicle,
            problem: None,
            saving: Saving::No,
            vin_accepted: false,
            alike: Vec::new(),
            enter_on_answer: false,
        }
    }

    /// The vehicle and whom it is for are known already.
    pub(crate) fn begin_with(&mut self, vehicle: Vehicle, owner: Option<Customer>) {
        self.vehicle = Subject::Taken(Box::new(vehicle));
        self.propose_template();
        if let Some(owner) = owner {
            self.customer = Subject::Taken(Box::new(owner));
        }
        self.at = Field::Concern;
    }

    /// The fields that there are now, in order.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![Field::Template, Field::Vehicle];
        if let Subject::Fresh(draft) = &self.vehicle {
            fields.push(Field::Kind);
            match draft.kind {
                VehicleKind::Car | VehicleKind::Truck => {
                    fields.extend([Field::Vin, Field::Plate]);
                }
                VehicleKind::Bicycle => fields.push(Field::Serial),
                VehicleKind::Equipment => fields.extend([Field::Serial, Field::Plate]),
            }
            fields.extend([Field::Year, Field::Make, Field::Model]);
        }
        fields.push(Field::Customer);
        if matches!(self.customer, Subject::Fresh(_)) {
            fields.extend([Field::Name, Field::Phone, Field::Email, Field::Consent]);
        }
        fields.extend([Field::Concern, Field::Bay, Field::Assignee, Field::Create]);
        fields
    }

    /// Moves by so many fields.
    pub(crate) fn step(&mut self, forward: bool) {
        let fields = self.fields();
        let at = fields.iter().position(|it| *it == self.at).unwrap_or(0);
        let next = if forward {
            (at + 1).min(fields.len() - 1)
        } else {
            at.saturating_sub(1)
        };
        self.at = fields[next];
    }

    /// The text of a field that is typed in.
    pub(crate) fn input(&self, field: Field) -> Option<&Input> {
        Some(match (field, &self.vehicle, &self.customer) {
            (Field::Vehicle, Subject::Search { input, .. }, _)
            | (Field::Customer, _, Subject::Search { input, .. }) => input,
            (Field::Vin, Subject::Fresh(draft), _) => &draft.vin,
            (Field::Plate, Subject::Fresh(draft), _) => &draft.plate,
            (Field::Serial, Subject::Fresh(draft), _) => &draft.serial,
            (Field::Year, Subject::Fresh(draft), _) => &draft.year,
            (Field::Make, Subject::Fresh(draft), _) => &draft.make,
            (Field::Model, Subject::Fresh(draft), _) => &draft.model,
            (Field::Name, _, Subject::Fresh(draft)) => &draft.name,
            (Field::Phone, _, Subject::Fresh(draft)) => &draft.phone,
            (Field::Email, _, Subject::Fresh(draft)) => &draft.email,
            (Field::Concern, ..) => &self.concern,
            (Field::Bay, ..) => &self.bay,
            _ => return None,
        })
    }

    /// The text of a field that is typed in.
    pub(crate) fn input_mut(&mut self, field: Field) -> Option<&mut Input> {
        Some(match (field, &mut self.vehicle, &mut self.customer) {
            (Field::Vehicle, Subject::Search { input, .. }, _)
            | (Field::Customer, _, Subject::Search { input, .. }) => input,
            (Field::Vin, Subject::Fresh(draft), _) => &mut draft.vin,
            (Field::Plate, Subject::Fresh(draft), _) => &mut draft.plate,
            (Field::Serial, Subject::Fresh(draft), _) => &mut draft.serial,
            (Field::Year, Subject::Fresh(draft), _) => &mut draft.year,
            (Field::Make, Subject::Fresh(draft), _) => &mut draft.make,
            (Field::Model, Subject::Fresh(draft), _) => &mut draft.model,
            (Field::Name, _, Subject::Fresh(draft)) => &mut draft.name,
            (Field::Phone, _, Subject::Fresh(draft)) => &mut draft.phone,
            (Field::Email, _, Subject::Fresh(draft)) => &mut draft.email,
            (Field::Concern, ..) => &mut self.concern,
            (Field::Bay, ..) => &mut self.bay,
            _ => return None,
        })
    }

    /// Takes the templates; only active ones take new inspections, the newest version of each.
    pub(crate) fn take_templates(&mut self, mut templates: Vec<Template>) {
        templates.retain(|template| template.state == TemplateState::Active);
        templates.sort_by(|a, b| a.name.cmp(&b.name).then(b.version.cmp(&a.version)));
        templates.dedup_by(|a, b| a.key == b.key);
        self.template = self.template.min(templates.len().saturating_sub(1));
        self.templates = Some(templates);
        self.propose_template();
    }

    /// Proposes, until a person has chosen one, the template of the vehicle's last visit; else the one
    /// that was used last, unless it is named for another kind of vehicle; else one that is named
    /// for this kind.
    pub(crate) fn propose_template(&mut self) {
        let Some(templates) = self.templates.as_ref().filter(|_| !self.template_chosen) else {
            return;
        };
        let kind = match &self.vehicle {
            Subject::Search { .. } => None,
            Subject::Taken(it) => Some(it.kind),
            Subject::Fresh(it) => Some(it.kind),
        };
        let names = |template: &Template, kind| {
            let word = match kind {
                VehicleKind::Car => "vehicle",
                other => other.as_str(),
            };
            template.key.as_str().contains(word)
        };
        let of_this = |it: &&Template| kind.is_none_or(|kind| names(it, kind));
        let of_others = |it: &Template| {
            let mut others = VehicleKind::ALL.into_iter();
            others.any(|other| kind.is_some_and(|kind| kind != other && names(it, other)))
        };
        let fits = |it: &&Template| of_this(it) || !of_others(it);
        let visited = |it: &&Template| self.visited_with.as_ref() == Some(&it.name);
        let used = |it: &&Template| self.used_last.as_deref() == Some(it.key.as_str());
        let proposed = templates.iter().find(visited);
        let proposed = proposed.or_else(|| templates.iter().find(|it| used(it) && fits(it)));
        let proposed = proposed.or_else(|| templates.iter().find(of_this));
        let at = proposed.and_then(|it| templates.iter().position(|other| other.id == it.id));
        self.template = at.unwrap_or(self.template);
    }

    /// What a new vehicle is known by; empty where it is none or nothing was typed.
    pub(crate) fn marks(&self) -> Vec<String> {
        let Subject::Fresh(draft) = &self.vehicle else {
            return Vec::new();
        };
        let marks = [&draft.vin, &draft.plate, &draft.serial];
        marks.into_iter().filter_map(Input::trimmed).collect()
    }

    /// Takes the members who may be given the work, oneself first.
    pub(crate) fn take_members(&mut self, members: Vec<Member>) {
        for member in members {
            let known = self.people.iter().any(|(id, _)| *id == member.id);
            if !member.removed && !known {
                self.people.push((member.id, member.name));
            }
        }
    }

    /// Whether anything was typed or taken that would be lost.
    pub(crate) fn is_touched(&self) -> bool {
        let searching = |input: &Input| input.is_empty();
        let vehicle = matches!(&self.vehicle, Subject::Search { input, .. } if searching(input));
        let customer = matches!(&self.customer, Subject::Search { input, .. } if searching(input));
        !(vehicle && customer && self.concern.is_empty() && self.bay.is_empty())
    }
}
