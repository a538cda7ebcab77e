//! What the form creates, and what is in the way.

use redtag_protocol::{
    ids::{CustomerId, InspectionId, VehicleId},
    op::Edit,
    vehicle::VehicleKind,
    vin::{CheckDigit, Vin, VinError},
};

use super::{Field, Form, Subject};
use crate::app::{Input, Moment};

/// What the field of the vehicle wants, where it is empty.
pub(crate) const VEHICLE_WANTED: &str = "which vehicle? Type its plate, VIN, serial number, maker or model, or mark one with the arrow keys";

/// Whether a text is an e-mail address by the rules of the protocol, which refuse the whole stroke
/// and cannot say in which field.
fn is_email(text: &str) -> bool {
    text.split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !text.contains(' '))
}

impl Form {
    /// What the VIN's check says, in words; `true` where it stands in the way.
    pub(crate) fn vin_words(&self) -> Option<(bool, String)> {
        let Subject::Fresh(draft) = &self.vehicle else {
            return None;
        };
        let typed = draft.vin.trimmed()?;
        Some(match typed.parse::<Vin>() {
            Err(error) => (true, error.to_string()),
            Ok(vin) => match vin.check() {
                CheckDigit::Valid => {
                    let maker = vin.maker().unwrap_or("unknown maker");
                    (false, format!("check digit right; {maker}"))
                }
                CheckDigit::Mismatch {
                    expected,
                    found,
                    binding,
                } => {
                    let words = format!(
                        "the check digit (character 9) is {found}, the others make {expected}; {}",
                        if binding {
                            "it binds where this vehicle was made: look again"
                        } else {
                            "it does not bind where this vehicle was made"
                        }
                    );
                    (binding, words)
                }
            },
        })
    }

    /// The edits that create all this, with ids made of the moment, or the field that is in the
    /// way and why.
    pub(crate) fn edits(
        &self,
        provisional: String,
        moment: &Moment,
    ) -> Result<(InspectionId, Vec<Edit>), (Field, String)> {
        let now = moment.now.0;
        let inspection = InspectionId::from_parts(now, moment.ten(0));
        let mut edits = Vec::new();
        let customer =
            self.customer_edit(CustomerId::from_parts(now, moment.ten(1)), &mut edits)?;
        let id = VehicleId::from_parts(now, moment.ten(2));
        let vehicle = self.vehicle_edit(id, customer, &mut edits)?;
        let template = self
            .templates
            .as_ref()
            .and_then(|templates| templates.get(self.template))
            .ok_or_else(|| {
                let words = "no template is active; ask a dispatcher to publish one";
                (Field::Template, words.to_owned())
            })?;
        edits.push(Edit::CreateInspection {
            id: inspection,
            template: template.id,
            vehicle,
            customer,
            assignee: self
                .assignee
                .checked_sub(1)
                .and_then(|at| Some(self.people.get(at)?.0)),
            bay: self.bay.trimmed(),
            concern: self.concern.trimmed(),
            provisional,
        });
        Ok((inspection, edits))
    }

    fn customer_edit(
        &self,
        id: CustomerId,
        edits: &mut Vec<Edit>,
    ) -> Result<Option<CustomerId>, (Field, String)> {
        match &self.customer {
            Subject::Taken(customer) => Ok(Some(customer.id)),
            Subject::Search { input, .. } if input.trimmed().is_none() => Ok(None),
            Subject::Search { .. } => Err((
                Field::Customer,
                "take one of the customers found or “new”, or empty the field".to_owned(),
            )),
            Subject::Fresh(draft) => {
                let Some(name) = draft.name.trimmed() else {
                    return Err((Field::Name, "a customer needs a name".to_owned()));
                };
                let email = draft.email.trimmed();
                if email.as_deref().is_some_and(|email| !is_email(email)) {
                    let words = "that is not an e-mail address; correct it, or empty the field";
                    return Err((Field::Email, words.to_owned()));
                }
                edits.push(Edit::CreateCustomer {
                    id,
                    name,
                    phones: draft.phone.trimmed().into_iter().collect(),
                    emails: email.into_iter().collect(),
                    consent: draft.consent,
                });
                Ok(Some(id))
            }
        }
    }

    fn vehicle_edit(
        &self,
        id: VehicleId,
        customer: Option<CustomerId>,
        edits: &mut Vec<Edit>,
    ) -> Result<VehicleId, (Field, String)> {
        let draft = match &self.vehicle {
            Subject::Taken(vehicle) => return Ok(vehicle.id),
            Subject::Search { input, .. } => {
                let words = match input.trimmed() {
                    None => VEHICLE_WANTED,
                    Some(_) => "take one of the vehicles found, or “new”",
                };
                return Err((Field::Vehicle, words.to_owned()));
            }
            Subject::Fresh(draft) => draft,
        };
        let uses = self.fields();
        let text =
            |field: Field, input: &Input| uses.contains(&field).then(|| input.trimmed()).flatten();
        let vin = match text(Field::Vin, &draft.vin) {
            None => None,
            Some(typed) => {
                let vin: Vin = typed
                    .parse()
                    .map_err(|error: VinError| (Field::Vin, error.to_string()))?;
                Some(vin)
            }
        };
        let year = match draft.year.trimmed() {
            None => None,
            Some(typed) => match typed.parse::<u16>() {
                Ok(year) if (1885..=2100).contains(&year) => Some(year),
                _ => {
                    let words = "a model year is four digits between 1885 and 2100";
                    return Err((Field::Year, words.to_owned()));
                }
            },
        };
        let plate = text(Field::Plate, &draft.plate);
        let serial = text(Field::Serial, &draft.serial);
        if vin.is_none() && plate.is_none() && serial.is_none() {
            let (field, words) = match draft.kind {
                VehicleKind::Bicycle => (Field::Serial, "a bicycle needs a serial number"),
                VehicleKind::Equipment => (Field::Serial, "it needs a serial number or a plate"),
                _ => (Field::Vin, "a vehicle needs a VIN or a plate"),
            };
            return Err((field, words.to_owned()));
        }
        edits.push(Edit::CreateVehicle {
            id,
            kind: draft.kind,
            vin,
            plate,
            serial,
            year,
            make: draft.make.trimmed(),
            model: draft.model.trimmed(),
            customer,
        });
        Ok(id)
    }
}
