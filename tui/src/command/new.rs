//! `redtag new`.

mod ids;
mod subject;

use redtag_protocol::{
    op::Edit,
    text::bounded,
    vehicle::VehicleKind,
    vin::{CheckDigit, Vin},
};

use self::subject::Subject;
use super::{cli::Format, desk::Line, fault::Fault, pick, set};

/// What is inspected, for whom, and by which template.
#[derive(Debug, Default, clap::Args)]
#[command(group(clap::ArgGroup::new("subject").required(true).multiple(true)
    .args(["vehicle", "vin", "plate", "serial"])))]
pub(crate) struct Args {
    /// The template's key, such as vehicle-multipoint; its newest active version is taken
    #[arg(long, value_name = "KEY")]
    template: String,
    /// A known vehicle by VIN, plate, serial number or id
    #[arg(long, conflicts_with_all = ["vin", "plate", "serial", "make", "model", "year", "kind"])]
    vehicle: Option<String>,
    /// Vehicle identification number; an unknown one makes a new vehicle
    #[arg(long)]
    vin: Option<Vin>,
    /// Licence plate; an unknown one makes a new vehicle
    #[arg(long)]
    plate: Option<String>,
    /// Serial number of a bicycle or of equipment; an unknown one makes a new vehicle
    #[arg(long)]
    serial: Option<String>,
    /// Take a VIN whose check digit is wrong, as it stands on the vehicle
    #[arg(long, requires = "vin")]
    unchecked_vin: bool,
    /// Maker of a new vehicle; the VIN's where it tells
    #[arg(long)]
    make: Option<String>,
    /// Model of a new vehicle
    #[arg(long)]
    model: Option<String>,
    /// Model year of a new vehicle; the VIN's where it tells
    #[arg(long)]
    year: Option<u16>,
    /// car, truck, bicycle or equipment, for a new vehicle
    #[arg(long)]
    kind: Option<VehicleKind>,
    /// Whom it is for: a known customer's name or id, or the name of a new one. Without it the
    /// vehicle's own customer where it has exactly one, else nobody
    #[arg(long, value_name = "NAME")]
    customer: Option<String>,
    /// A new customer's telephone; may be given several times
    #[arg(
        long,
        value_name = "NUMBER",
        requires = "customer",
        allow_hyphen_values = true
    )]
    phone: Vec<String>,
    /// A new customer's e-mail address; may be given several times
    #[arg(long, value_name = "ADDRESS", requires = "customer")]
    email: Vec<String>,
    /// Who does it: me, nobody, a name or an id
    #[arg(long, value_name = "WHO")]
    assignee: Option<String>,
    /// What the customer complains of
    #[arg(long)]
    concern: Option<String>,
    /// Where it is done
    #[arg(long)]
    bay: Option<String>,
    #[command(flatten)]
    format: Format,
}

/// Saves the inspection, with vehicle and customer where they are new, as one stroke.
pub(crate) async fn run(args: &Args, line: &Line) -> Result<(), Fault> {
    let mut remarks = vin_remarks(args)?;
    let templates = line.templates().await?;
    let template = pick::template(&templates, &args.template)?;
    let text = |text: &Option<String>, what: &str, max| {
        let text = text.as_deref();
        text.map(|text| bounded(text, what, max))
            .transpose()
            .map_err(|error| Fault::usage(error.to_string()))
    };
    let bay = text(&args.bay, "--bay", 60)?;
    let concern = text(&args.concern, "--concern", 2_000)?;
    let assignee = match args.assignee.as_deref() {
        None => None,
        Some(who) => {
            let account = line.status().await?.account;
            let members = line.members().await?;
            let person = pick::person(&members, account.as_ref(), who, "--assignee")?;
            if let Some(person) = person {
                pick::can_work(&members, person, "--assignee")?;
            }
            person
        }
    };
    let subject = Subject::find(args, line).await?;
    let mut maker = ids::Maker::new(super::output::now())?;
    let mut edits = Vec::new();
    let (vehicle, customer) = subject.edits(args, &mut maker, &mut edits, &mut remarks)?;
    let id = maker.inspection();
    edits.push(Edit::CreateInspection {
        id,
        template: template.id,
        vehicle,
        customer,
        assignee,
        bay,
        concern,
        provisional: line.provisional().await?,
    });
    let saved = line.edit(edits).await?;
    let done = set::Done {
        remarks,
        ..set::Done::default()
    };
    set::report(line, id, saved, done, args.format).await
}

/// The check digit binds in North America and China; elsewhere it is only worth a remark.
fn vin_remarks(args: &Args) -> Result<Vec<String>, Fault> {
    let Some(CheckDigit::Mismatch {
        expected,
        found,
        binding,
    }) = args.vin.as_ref().map(Vin::check)
    else {
        return Ok(Vec::new());
    };
    let words = format!("the VIN's check digit (character 9) is {found} and should be {expected}");
    if binding && !args.unchecked_vin {
        return Err(Fault::usage(format!(
            "--vin: {words}, so a character was mistyped; if it really stands so on the vehicle, \
             say --unchecked-vin"
        )));
    }
    Ok(vec![format!("Look again: {words}.")])
}

#[cfg(test)]
mod tests;
