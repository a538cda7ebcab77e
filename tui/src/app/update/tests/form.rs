use redtag_protocol::{
    ids::TemplateId,
    ipc::{Failure, FailureCode},
    op::Edit,
    role::Role,
    vehicle::VehicleKind,
};

use crate::{
    app::{
        Field, Form, Layer, Screen, State, Subject, VehicleDraft,
        fixture::{self, BICYCLE, CAR, Client, TRUCK, vehicle},
    },
    link::Error,
};

fn form() -> Client {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    client.keys("n");
    client.settle();
    client
}

fn problem(state: &State) -> String {
    match state.above.last() {
        Some(Screen::New(form)) => form.problem.clone().unwrap_or_default(),
        _ => panic!("the form is gone"),
    }
}

#[test]
fn a_known_vehicle_brings_its_owner() {
    let mut client = form();
    client.keys("ABC<Enter>");
    client.settle();
    client.keys("<Tab>pulls left<Tab>3<C-s>");
    while client.sent_nothing() {
        let (ask, request) = client.asked.remove(0);
        let reply = client.answer_for(request);
        client.reply(ask, reply);
    }
    let (_, edits) = client.sent().unwrap();
    let [
        Edit::CreateInspection {
            vehicle: of,
            customer,
            concern,
            bay,
            provisional,
            ..
        },
    ] = edits.as_slice()
    else {
        panic!("{edits:?}");
    };
    assert_eq!(*of, vehicle());
    assert!(customer.is_some());
    assert_eq!(concern.as_deref(), Some("pulls left"));
    assert_eq!(bay.as_deref(), Some("3"));
    assert_eq!(provisional, "~K7-4");
}

#[test]
fn everything_new_is_one_stroke_and_opens_when_it_is_saved() {
    let mut client = form();
    client.keys("1HGCM82633A004352<Enter>");
    client.settle();
    let Some(Screen::New(form)) = client.state.above.last() else {
        panic!("the form is gone");
    };
    let proposed = |field| form.input(field).unwrap().text().to_owned();
    assert_eq!(proposed(Field::Make), "Honda");
    assert_eq!(proposed(Field::Year), "2003");
    client.keys("<Tab><Tab><Tab><Tab><Tab>Accord<Tab>Ana Nova<Enter>");
    client.settle();
    client.keys("<C-s>");
    client.settle();
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Inspection(_))
    ));
    assert_eq!(client.state.unsaved.at_risk(), 0);
}

#[test]
fn a_wrong_check_digit_stops_where_it_binds_until_a_person_insists() {
    let mut client = form();
    client.keys("1HGCM82633A123456<Enter>");
    client.settle();
    client.keys("<C-s>");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    client.keys("n<C-s>y");
    client.settle();
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Inspection(_))
    ));
}

#[test]
fn an_illegal_vin_names_the_character() {
    let mut client = form();
    client.keys("1M8GDM9AXKPO42788<Enter>");
    client.settle();
    client.keys("<C-s>");
    assert!(problem(&client.state).contains("letter O"));
}

#[test]
fn a_refusal_leaves_the_form_as_it_was() {
    let mut client = form();
    client.keys("ABC<Enter>");
    client.settle();
    client.keys("<C-s>");
    while client.sent_nothing() {
        let (ask, request) = client.asked.remove(0);
        let reply = client.answer_for(request);
        client.reply(ask, reply);
    }
    let (ask, _) = client.sent().unwrap();
    let failure = Failure::new(FailureCode::Internal, "the disk is full");
    client.reply(ask, Err(Error::Failed(failure)));
    assert!(problem(&client.state).contains("disk is full"));
    assert_eq!(client.state.unsaved.iter().count(), 0);
}

#[test]
fn with_nothing_typed_nothing_is_taken() {
    let at = |client: &Client| match client.state.above.last() {
        Some(Screen::New(form)) => form.at,
        _ => panic!("the form is gone"),
    };
    let mut client = form();
    client.keys("<Enter><Enter>");
    client.settle();
    assert_eq!(at(&client), Field::Vehicle);
    assert!(problem(&client.state).contains("plate"));
    client.keys("<Tab><Tab><C-s>");
    client.settle();
    assert_eq!(at(&client), Field::Vehicle);
    assert!(problem(&client.state).contains("which vehicle"));
    // An arrow picks deliberately. Nobody is a customer too.
    client.keys("<Down><Enter>");
    assert_eq!(at(&client), Field::Customer);
    let taken = |state: &State| match state.above.last() {
        Some(Screen::New(form)) => matches!(form.vehicle, crate::app::Subject::Taken(_)),
        _ => false,
    };
    assert!(taken(&client.state));
    // An empty customer is nobody, also before any answer.
    client.keys("<Esc><Esc>y");
    let mut client = self::form();
    client.keys("ABC<Tab><Enter>");
    assert_eq!(at(&client), Field::Concern);
}

#[test]
fn a_wrong_e_mail_address_is_told_at_its_field() {
    let mut client = form();
    client.keys("XYZ 1<Enter>");
    client.settle();
    client.keys("<Tab><Tab><Tab><Tab><Tab><Tab>Nia Oak<Enter>");
    client.settle();
    let Some(Screen::New(form)) = client.state.above.last() else {
        panic!("the form is gone");
    };
    assert_eq!(form.at, Field::Name);
    client.keys("<Tab><Tab>nia at home<Tab><Tab><C-s>");
    let Some(Screen::New(form)) = client.state.above.last() else {
        panic!("the form is gone");
    };
    assert_eq!(form.at, Field::Email);
    assert!(problem(&client.state).contains("not an e-mail address"));
}

#[test]
fn leaving_a_filled_form_asks_first() {
    let mut client = form();
    client.keys("XYZ<Esc>");
    assert!(matches!(
        client.state.layers.last(),
        Some(Layer::Confirm(_))
    ));
    client.keys("y");
    assert!(client.state.above.is_empty());
    client.settle();
    client.keys("n<Esc>");
    assert!(client.state.above.is_empty());
}

#[test]
fn a_new_vehicle_of_the_form_says_what_may_be_the_same() {
    let mut client = Client::new(Role::Technician, CAR);
    client.settle();
    client.keys("n");
    client.settle();
    client.keys("abc 1234");
    client.settle();
    client.keys("<Enter>");
    client.settle();
    let form = client.state.form_mut().unwrap();
    assert_eq!(form.alike, ["2017 Honda Pilot  ABC-1234"]);
    // Another plate is like none.
    client.keys("<Tab><Tab>5");
    client.settle();
    let form = client.state.form_mut().unwrap();
    assert_eq!(form.at, Field::Plate);
    assert!(form.alike.is_empty());
}

#[test]
fn the_template_of_the_last_visit_is_proposed_else_the_one_used_last() {
    let all: Vec<_> = [CAR, TRUCK, BICYCLE]
        .into_iter()
        .zip(1..)
        .map(|(text, n)| {
            let mut template = fixture::template(text);
            template.id = TemplateId::from_parts(n, [0; 10]);
            template
        })
        .collect();
    let [car, truck, bicycle] = all.as_slice() else {
        panic!("three");
    };
    let proposed = |form: &Form| form.templates.as_ref().unwrap()[form.template].key.clone();
    let mut form = Form::new(None);
    form.used_last = Some(truck.key.to_string());
    form.take_templates(all.clone());
    assert_eq!(proposed(&form), truck.key);
    // Not for another kind of vehicle.
    let mut fresh = VehicleDraft::default();
    form.vehicle = Subject::Fresh(Box::default());
    form.propose_template();
    assert_eq!(proposed(&form), car.key);
    fresh.kind = VehicleKind::Truck;
    form.vehicle = Subject::Fresh(Box::new(fresh));
    form.propose_template();
    assert_eq!(proposed(&form), truck.key);
    form.visited_with = Some(bicycle.name.clone());
    form.propose_template();
    assert_eq!(proposed(&form), bicycle.key);
    // A person's choice stands.
    form.template_chosen = true;
    form.visited_with = None;
    form.propose_template();
    assert_eq!(proposed(&form), bicycle.key);
}

#[test]
fn a_taken_vehicle_is_asked_for_its_last_visit_and_what_was_used_is_remembered() {
    let mut client = form();
    client.keys("ABC<Enter>");
    client.settle();
    let Some(Screen::New(form)) = client.state.above.last() else {
        panic!("no form");
    };
    assert_eq!(
        form.visited_with.as_deref(),
        Some("Multi-point vehicle inspection")
    );
    // Another one was not there with it.
    client.state.form_mut().unwrap().at = Field::Vehicle;
    client.keys("<Esc>");
    client.settle();
    assert_eq!(client.state.form_mut().unwrap().visited_with, None);
    client.keys("ABC<Enter>");
    client.settle();
    client.keys("<C-s>");
    client.settle();
    assert!(matches!(
        client.state.above.last(),
        Some(Screen::Inspection(_))
    ));
    let used = client.state.memory.as_ref().unwrap().template.clone();
    assert_eq!(used.as_deref(), Some("vehicle-multipoint"));
}

#[test]
fn what_has_a_vin_is_no_bicycle_whatever_was_used_last() {
    for (typed, kind) in [
        ("1HGCM82633A004352", VehicleKind::Car),
        ("XF-70370", VehicleKind::Bicycle),
    ] {
        let mut client = Client::new(Role::Technician, BICYCLE);
        client.settle();
        client.keys("n");
        client.settle();
        let form = client.state.form_mut().unwrap();
        let key = form.templates.as_ref().unwrap()[0].key.to_string();
        form.used_last = Some(key);
        form.propose_template();
        client.keys(&format!("{typed}<Enter>"));
        client.settle();
        let Subject::Fresh(draft) = &client.state.form_mut().unwrap().vehicle else {
            panic!("not a new one");
        };
        assert_eq!(draft.kind, kind, "{typed}");
    }
}
