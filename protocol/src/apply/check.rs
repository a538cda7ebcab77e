//! What every edit must satisfy whatever the documents say: texts of sensible length without
//! control characters, plausible numbers.

use crate::{
    canned::{Kept, Scope},
    customer::CustomerWrite,
    inspection::{Answer, AnswerValue, InspectionWrite, Recommendation},
    money::Cents,
    op::{Edit, Refusal, RefusalCode},
    text,
    units::Dimension,
    vehicle::VehicleWrite,
};

/// Longest name, plate or other one-line text, in characters.
pub(super) const LINE: usize = 200;
/// Longest note or reason, in characters.
pub(super) const NOTE: usize = 10_000;
/// Most telephone numbers or addresses of one customer.
pub(super) const LIST: usize = 20;

fn invalid(words: String) -> Refusal {
    Refusal::new(RefusalCode::Invalid, words)
}

fn line(what: &str, value: &str) -> Result<(), Refusal> {
    text::bounded(value, what, LINE)
        .map(drop)
        .map_err(|error| invalid(error.to_string()))
}

fn note(what: &str, value: &str) -> Result<(), Refusal> {
    text::bounded_text(value, what, NOTE)
        .map(drop)
        .map_err(|error| invalid(error.to_string()))
}

fn lines(what: &str, values: &[String]) -> Result<(), Refusal> {
    if values.len() > LIST {
        return Err(invalid(format!("{what}: at most {LIST} are kept")));
    }
    values.iter().try_for_each(|value| line(what, value))
}

fn maybe(what: &str, value: Option<&String>) -> Result<(), Refusal> {
    value.map_or(Ok(()), |value| line(what, value))
}

/// Refuses an edit that no document could take.
pub(super) fn edit(edit: &Edit) -> Result<(), Refusal> {
    match edit {
        Edit::CreateCustomer {
            name,
            phones,
            emails,
            ..
        } => {
            line("the name", name)?;
            lines("a telephone number", phones)?;
            emails.iter().try_for_each(|email| self::email(email))?;
            lines("an e-mail address", emails)
        }
        Edit::CreateVehicle {
            plate,
            serial,
            year,
            make,
            model,
            vin,
            ..
        } => {
            maybe("the plate", plate.as_ref())?;
            maybe("the serial number", serial.as_ref())?;
            maybe("the make", make.as_ref())?;
            maybe("the model", model.as_ref())?;
            self::year(*year)?;
            if plate.is_none() && serial.is_none() && vin.is_none() {
                return Err(invalid(
                    "a vehicle needs a VIN, a plate or a serial number to be told from others"
                        .to_owned(),
                ));
            }
            Ok(())
        }
        Edit::CreateInspection {
            bay,
            concern,
            provisional,
            ..
        } => {
            maybe("the bay", bay.as_ref())?;
            concern
                .as_ref()
                .map_or(Ok(()), |concern| note("the concern", concern))?;
            line("the provisional number", provisional)
        }
        Edit::Customer { write, .. }
        | Edit::SettleCustomer { write, .. }
        | Edit::UndoCustomer { write, .. } => customer(write),
        Edit::Vehicle { write, .. }
        | Edit::SettleVehicle { write, .. }
        | Edit::UndoVehicle { write, .. } => vehicle(write),
        Edit::Inspection { write, .. }
        | Edit::SettleInspection { write, .. }
        | Edit::UndoInspection { write, .. } => inspection(write),
        // Ids alone.
        Edit::Delete { .. }
        | Edit::Restore { .. }
        | Edit::EraseCustomer { .. }
        | Edit::MergeCustomers { .. }
        | Edit::MergeVehicles { .. }
        | Edit::DropCanned { .. }
        | Edit::PublishTemplate { .. }
        | Edit::CloseTemplate { .. }
        // Read whole where it is taken.
        | Edit::DraftTemplate { .. } => Ok(()),
        Edit::AddCanned { kept, .. } => canned(kept),
        Edit::Move { reason, verb, .. } => {
            let given = reason
                .as_ref()
                .is_some_and(|reason| !reason.trim().is_empty());
            if verb.rule().reason && !given {
                return Err(invalid(format!(
                    "to {verb} an inspection a reason is needed"
                )));
            }
            reason
                .as_ref()
                .map_or(Ok(()), |reason| note("the reason", reason))
        }
    }
}

fn email(value: &str) -> Result<(), Refusal> {
    let well_formed = value
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && host.contains('.') && !value.contains(' '));
    if well_formed {
        Ok(())
    } else {
        Err(invalid("that is not an e-mail address".to_owned()))
    }
}

fn year(year: Option<u16>) -> Result<(), Refusal> {
    match year {
        Some(year) if !(1885..=2100).contains(&year) => Err(invalid(
            "a model year lies between 1885 and 2100".to_owned(),
        )),
        _ => Ok(()),
    }
}

fn customer(write: &CustomerWrite) -> Result<(), Refusal> {
    match write {
        CustomerWrite::Name { name } => line("the name", name),
        CustomerWrite::Phones { phones } => lines("a telephone number", phones),
        CustomerWrite::Emails { emails } => {
            emails.iter().try_for_each(|email| self::email(email))?;
            lines("an e-mail address", emails)
        }
        CustomerWrite::Consent { .. } => Ok(()),
    }
}

fn vehicle(write: &VehicleWrite) -> Result<(), Refusal> {
    match write {
        VehicleWrite::Plate { plate } => maybe("the plate", plate.as_ref()),
        VehicleWrite::Serial { serial } => maybe("the serial number", serial.as_ref()),
        VehicleWrite::Make { make } => maybe("the make", make.as_ref()),
        VehicleWrite::Model { model } => maybe("the model", model.as_ref()),
        VehicleWrite::Year { year } => self::year(*year),
        VehicleWrite::Odometer {
            odometer: Some(odometer),
        } if odometer.unit.dimension() != Dimension::Length => Err(invalid(format!(
            "an odometer reads miles or kilometres, not {}",
            odometer.unit.symbol()
        ))),
        VehicleWrite::Vin { .. }
        | VehicleWrite::Odometer { .. }
        | VehicleWrite::Customer { .. }
        | VehicleWrite::Reference { .. } => Ok(()),
    }
}

fn inspection(write: &InspectionWrite) -> Result<(), Refusal> {
    match write {
        InspectionWrite::Answer { answer, .. } => answer.as_ref().map_or(Ok(()), self::answer),
        InspectionWrite::Note { note: value, .. } => value
            .as_ref()
            .map_or(Ok(()), |value| note("the note", value)),
        InspectionWrite::Line { recommendation, .. } => {
            recommendation.as_ref().map_or(Ok(()), self::recommendation)
        }
        InspectionWrite::Choice { option, .. } => maybe("the choice", option.as_ref()),
        InspectionWrite::Bay { bay } => maybe("the bay", bay.as_ref()),
        InspectionWrite::Concern { concern } => concern
            .as_ref()
            .map_or(Ok(()), |concern| note("the concern", concern)),
        InspectionWrite::Assignee { .. } | InspectionWrite::Customer { .. } => Ok(()),
    }
}

fn canned(kept: &Kept) -> Result<(), Refusal> {
    if kept.scope == Scope::Unknown || !kept.note.unknown.is_empty() {
        return Err(invalid(
            "the canned note says something that this version of Redtag does not know".to_owned(),
        ));
    }
    kept.note.check().map_err(invalid)
}

fn answer(answer: &Answer) -> Result<(), Refusal> {
    match &answer.value {
        Some(AnswerValue::Chosen(chosen)) => line("the choice", chosen),
        Some(AnswerValue::Text(text)) => note("the text", text),
        Some(AnswerValue::Signed { name, .. }) => line("the signature", name),
        Some(AnswerValue::Measured(_)) | None => Ok(()),
    }
}

fn recommendation(recommendation: &Recommendation) -> Result<(), Refusal> {
    line("the recommendation", &recommendation.text)?;
    if recommendation.labour < Cents::ZERO || recommendation.parts < Cents::ZERO {
        return Err(invalid("labour and parts cannot be negative".to_owned()));
    }
    Ok(())
}
