//! The form in which a vehicle or a customer is created and corrected.

mod edits;

use redtag_protocol::{
    customer::Customer,
    ids::{CustomerId, VehicleId},
    ipc::Likeness,
    vehicle::{Vehicle, VehicleKind},
};

use super::Input;

/// A vehicle or customer being written down.
#[derive(Debug)]
pub(crate) struct Card {
    /// What it is of.
    pub(crate) of: Of,
    /// Its fields, in order.
    pub(crate) fields: Vec<CardField>,
    /// The field one is in; one past the last is the end of the form.
    pub(crate) at: usize,
    /// What is wrong, and in which field.
    pub(crate) problem: Option<(Item, String)>,
    /// What may be the same, in words.
    pub(crate) alike: Vec<String>,
    /// What that was found for; none before the first answer.
    pub(crate) compared: Option<Likeness>,
    /// Whether saving waits for what may be the same.
    pub(crate) waits: bool,
    /// Whether a check digit that is wrong where it binds was accepted by a person.
    pub(crate) vin_accepted: bool,
    /// The unsaved edit that it became.
    pub(crate) saving: Option<u64>,
}

/// What a card is of.
#[derive(Debug)]
pub(crate) enum Of {
    /// A vehicle that is not there yet, and whose it will be.
    NewVehicle(Option<CustomerId>),
    /// One that is there, as it was when the card was opened.
    Vehicle(Box<Vehicle>),
    /// A customer who is not there yet, and the vehicle that will be theirs.
    NewCustomer(Option<VehicleId>),
    /// One who is there.
    Customer(Box<Customer>),
}

/// A field.
#[derive(Debug)]
pub(crate) struct CardField {
    /// Which.
    pub(crate) item: Item,
    /// What stands in it.
    pub(crate) input: Input,
}

/// A field's meaning.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Item {
    /// What sort of thing a new vehicle is.
    Kind,
    /// Vehicle identification number.
    Vin,
    /// Licence plate.
    Plate,
    /// Serial number.
    Serial,
    /// Model year.
    Year,
    /// Maker.
    Make,
    /// Model.
    Model,
    /// The odometer's last known reading.
    Odometer,
    /// A customer's name.
    Name,
    /// Telephone numbers.
    Phones,
    /// E-mail addresses.
    Emails,
    /// Whether messages are welcome.
    Consent,
}

impl Item {
    /// The field's name for people.
    pub(crate) fn label(self) -> &'static str {
        match self {
            Self::Kind => "Kind",
            Self::Vin => "VIN",
            Self::Plate => "Plate",
            Self::Serial => "Serial no.",
            Self::Year => "Year",
            Self::Make => "Make",
            Self::Model => "Model",
            Self::Odometer => "Odometer",
            Self::Name => "Name",
            Self::Phones => "Telephones",
            Self::Emails => "E-mails",
            Self::Consent => "Messages",
        }
    }

    /// Whether left and right choose its value.
    pub(crate) fn cycles(self) -> bool {
        matches!(self, Self::Kind | Self::Consent)
    }

    /// What an empty field wants.
    pub(crate) fn wants(self) -> &'static str {
        match self {
            Self::Phones | Self::Emails => "several with a comma between them",
            Self::Odometer => "such as 61200 mi",
            _ => "",
        }
    }
}

const WELCOME: (&str, &str) = ("welcome", "no consent");

impl Card {
    fn with(of: Of, fields: Vec<(Item, String)>) -> Self {
        let fields = fields.into_iter().map(|(item, text)| CardField {
            item,
            input: Input::line(&text),
        });
        Self {
            of,
            fields: fields.collect(),
            at: 0,
            problem: None,
            alike: Vec::new(),
            compared: None,
            waits: false,
            vin_accepted: false,
            saving: None,
        }
    }

    /// For a new vehicle of this customer; what was typed is its plate, VIN, serial number or
    /// maker.
    pub(crate) fn new_vehicle(owner: Option<CustomerId>, typed: &str) -> Self {
        let mut card = Self::with(Of::NewVehicle(owner), vehicle_fields(None));
        let digits = typed.chars().any(|c| c.is_ascii_digit());
        let item = match typed.chars().count() {
            0 => return card,
            14.. => Item::Vin,
            _ if digits => Item::Plate,
            _ => Item::Make,
        };
        card.set(item, typed);
        card.propose();
        card
    }

    /// For a new customer.
    pub(crate) fn new_customer(vehicle: Option<VehicleId>, typed: &str) -> Self {
        let mut card = Self::with(Of::NewCustomer(vehicle), customer_fields(None));
        let signs = typed.chars().filter(|c| !c.is_whitespace());
        let (digits, all) = signs.fold((0, 0), |(digits, all), c| {
            (digits + u32::from(c.is_ascii_digit()), all + 1)
        });
        let item = match typed {
            mail if mail.contains('@') => Item::Emails,
            _ if digits * 2 > all => Item::Phones,
            _ => Item::Name,
        };
        card.set(item, typed);
        card
    }

    /// To correct a vehicle.
    pub(crate) fn vehicle(vehicle: &Vehicle) -> Self {
        let fields = vehicle_fields(Some(vehicle));
        Self::with(Of::Vehicle(Box::new(vehicle.clone())), fields)
    }

    /// To correct a customer.
    pub(crate) fn customer(customer: &Customer) -> Self {
        let fields = customer_fields(Some(customer));
        Self::with(Of::Customer(Box::new(customer.clone())), fields)
    }

    /// Whether it makes something new.
    pub(crate) fn is_new(&self) -> bool {
        matches!(self.of, Of::NewVehicle(_) | Of::NewCustomer(_))
    }

    /// Whether it is of a vehicle.
    pub(crate) fn is_vehicle(&self) -> bool {
        matches!(self.of, Of::NewVehicle(_) | Of::Vehicle(_))
    }

    /// The field one is in; none at the end of the form.
    pub(crate) fn item(&self) -> Option<Item> {
        self.fields.get(self.at).map(|it| it.item)
    }

    /// The text of the field one is in, where it is typed.
    pub(crate) fn input_mut(&mut self) -> Option<&mut Input> {
        let field = self.fields.get_mut(self.at)?;
        (!field.item.cycles()).then_some(&mut field.input)
    }

    /// What stands in a field.
    pub(crate) fn text(&self, item: Item) -> &str {
        let field = self.fields.iter().find(|it| it.item == item);
        field.map_or("", |it| it.input.text().trim())
    }

    fn set(&mut self, item: Item, text: &str) {
        if let Some(field) = self.fields.iter_mut().find(|it| it.item == item) {
            field.input = Input::line(text);
        }
    }

    /// Moves by a field.
    pub(crate) fn step(&mut self, forward: bool) {
        self.at = if forward {
            (self.at + 1).min(self.fields.len())
        } else {
            self.at.saturating_sub(1)
        };
    }

    /// To a field.
    pub(crate) fn go(&mut self, item: Item) {
        let at = self.fields.iter().position(|it| it.item == item);
        self.at = at.unwrap_or(self.at);
    }

    /// Chooses the next or the previous value.
    pub(crate) fn cycle(&mut self, forward: bool) {
        match self.item() {
            Some(Item::Consent) => {
                let now = self.text(Item::Consent) == WELCOME.0;
                self.set(Item::Consent, if now { WELCOME.1 } else { WELCOME.0 });
            }
            Some(Item::Kind) => {
                let kinds = VehicleKind::ALL;
                let at = kinds.iter().position(|it| *it == self.kind()).unwrap_or(0);
                let by = if forward { 1 } else { kinds.len() - 1 };
                self.set(Item::Kind, kinds[(at + by) % kinds.len()].as_str());
            }
            _ => {}
        }
    }

    /// What sort of thing a vehicle is.
    pub(crate) fn kind(&self) -> VehicleKind {
        match &self.of {
            Of::Vehicle(vehicle) => vehicle.kind,
            _ => self.text(Item::Kind).parse().unwrap_or_default(),
        }
    }

    /// Whether anything was typed that would be lost.
    pub(crate) fn is_touched(&self) -> bool {
        let fields = match &self.of {
            Of::NewVehicle(_) => vehicle_fields(None),
            Of::Vehicle(it) => vehicle_fields(Some(it)),
            Of::NewCustomer(_) => customer_fields(None),
            Of::Customer(it) => customer_fields(Some(it)),
        };
        fields.iter().any(|(item, text)| self.text(*item) != text)
    }
}

fn vehicle_fields(it: Option<&Vehicle>) -> Vec<(Item, String)> {
    fn text<T: ToString>(it: Option<&redtag_protocol::field::Register<Option<T>>>) -> String {
        it.and_then(|it| it.value.as_ref())
            .map_or(String::new(), ToString::to_string)
    }
    let kind = it
        .is_none()
        .then(|| (Item::Kind, VehicleKind::Car.as_str().to_owned()));
    let fields = [
        (Item::Vin, text(it.and_then(|it| it.vin.as_ref()))),
        (Item::Plate, text(it.and_then(|it| it.plate.as_ref()))),
        (Item::Serial, text(it.and_then(|it| it.serial.as_ref()))),
        (Item::Year, text(it.and_then(|it| it.year.as_ref()))),
        (Item::Make, text(it.and_then(|it| it.make.as_ref()))),
        (Item::Model, text(it.and_then(|it| it.model.as_ref()))),
        (Item::Odometer, text(it.and_then(|it| it.odometer.as_ref()))),
    ];
    kind.into_iter().chain(fields).collect()
}

fn customer_fields(it: Option<&Customer>) -> Vec<(Item, String)> {
    let list = |of: Option<&Vec<String>>| of.map_or(String::new(), |it| it.join(", "));
    let consent = it.is_some_and(|it| it.consent.value);
    vec![
        (
            Item::Name,
            it.map_or(String::new(), |it| it.name.value.clone()),
        ),
        (Item::Phones, list(it.map(|it| &it.phones.value))),
        (Item::Emails, list(it.map(|it| &it.emails.value))),
        (
            Item::Consent,
            if consent { WELCOME.0 } else { WELCOME.1 }.to_owned(),
        ),
    ]
}
