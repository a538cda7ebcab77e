//! Recommended work, and what the last visit said.

use redtag_protocol::{
    inspection::Recommendation, ipc::Request, money::Cents, op::Edit, role::Role,
};

use crate::app::{
    Layer, WorkField,
    fixture::{CAR, Client, TRUCK},
};

fn open() -> Client {
    let mut client = Client::new(Role::Technician, CAR);
    client.open();
    client
}

fn lines(client: &Client, point: &str) -> Vec<Recommendation> {
    let inspection = client.bench.inspection();
    let result = inspection.results.get(&point.parse().unwrap());
    result
        .map(|it| it.lines().map(|(_, work)| work.clone()).collect())
        .unwrap_or_default()
}

#[test]
fn a_red_point_offers_a_draft_with_prices_to_type() {
    let mut client = open();
    // The mirrors have no canned work of their own; the section has one.
    client.keys("<Tab><Tab>");
    client.keys("<Down><Down><Down><Down>");
    client.keys("<Up>");
    client.keys("r");
    client.settle();
    client.keys("<Up>l");
    let Some(Layer::Work(form)) = client.state.layers.last() else {
        panic!("no draft");
    };
    assert_eq!(form.text.text(), "Repair or replace: Heating and defrost");
    assert_eq!(form.at, WorkField::Labour);
    client.keys("45<Enter>80,5<Enter>");
    client.settle();
    assert_eq!(
        lines(&client, "interior.heating"),
        [Recommendation {
            text: "Repair or replace: Heating and defrost".to_owned(),
            labour: Cents::new(4_500),
            parts: Cents::new(8_050),
        }]
    );
}

#[test]
fn the_draft_of_a_point_with_canned_work_is_that_work() {
    let mut client = open();
    client.keys("<Tab>r");
    client.settle();
    client.keys("l");
    let Some(Layer::Work(form)) = client.state.layers.last() else {
        panic!("no draft");
    };
    assert_eq!(form.label, "Headlamps");
    assert!(
        form.text
            .text()
            .starts_with("Replace the nearside headlamp")
    );
    assert_eq!(form.labour.text(), "18.00");
    client.keys("<Enter><Enter>");
    client.settle();
    assert_eq!(
        lines(&client, "lights.headlamps")[0].parts,
        Cents::new(1_490)
    );
}

#[test]
fn what_is_no_money_stays_as_it_was_typed_with_the_reason() {
    let mut client = open();
    client.keys("<Tab><Down>rl<Tab>12,345<Enter>");
    let Some(Layer::Work(form)) = client.state.layers.last() else {
        panic!("the form is gone");
    };
    assert_eq!(form.at, WorkField::Parts);
    assert!(form.problem.as_ref().unwrap().contains("two decimals"));
    client.keys("<Esc>");
    client.settle();
    assert!(lines(&client, "lights.indicators").is_empty());
}

#[test]
fn a_line_is_changed_and_taken_back() {
    let mut client = open();
    client.keys("<Tab>rl<Enter><Enter>");
    client.settle();
    client.keys("<Up>l1<Tab><C-u>4550c<Enter>");
    client.settle();
    assert_eq!(
        lines(&client, "lights.headlamps")[0].parts,
        Cents::new(4_550)
    );
    client.keys("l1<C-d>");
    client.settle();
    assert!(lines(&client, "lights.headlamps").is_empty());
}

#[test]
fn the_last_visits_value_is_confirmed_by_one_key_and_never_by_itself() {
    let mut client = open();
    let point = "tyres.tread.lf".parse().unwrap();
    assert_eq!(client.bench.inspection().answer(&point), None);
    client.keys("<Tab><Tab><Tab><Tab>v");
    client.settle();
    let inspection = client.bench.inspection();
    let answer = inspection.answer(&point).unwrap();
    assert_eq!(answer.measured().unwrap().to_string(), "6/32 in");
    assert!(!answer.by_default);
    let words = client.state.said.as_ref().unwrap().words.clone();
    assert!(words.contains("Tread LF: as on "), "{words}");
    assert_eq!(client.state.inspection().unwrap().place(), (4, 1));
    // One key is one point.
    assert_eq!(inspection.answer(&"tyres.tread.rf".parse().unwrap()), None);
    client.keys("<Tab>vv<BackTab>");
}

#[test]
fn what_was_answered_at_this_visit_is_never_replaced_by_the_last_ones() {
    for key in ["v", "="] {
        let mut client = open();
        client.keys("<Tab><Tab><Tab><Tab>2<Enter>");
        client.settle();
        client.keys(&format!("<Up>{key}"));
        assert!(client.sent().is_none());
        let words = client.state.said.as_ref().unwrap().words.clone();
        assert!(words.contains("answered already, 2/32 in"), "{words}");
        assert!(words.contains("Backspace"), "{words}");
        client.keys(&format!("<Backspace>{key}"));
        client.settle();
        let inspection = client.bench.inspection();
        let answer = inspection.answer(&"tyres.tread.lf".parse().unwrap());
        assert_eq!(answer.unwrap().measured().unwrap().to_string(), "6/32 in");
    }
}

#[test]
fn without_an_earlier_visit_nothing_is_taken_over() {
    let mut client = Client::new(Role::Technician, TRUCK);
    client.open();
    client.keys("v");
    assert!(client.sent().is_none());
    let words = client.state.said.as_ref().unwrap().words.clone();
    assert!(words.contains("no earlier visit"), "{words}");
}

#[test]
fn what_was_taken_back_is_done_again() {
    let mut client = open();
    client.keys("<Tab>g");
    client.settle();
    client.keys("u");
    assert!(matches!(
        client.asked[0].1,
        Request::Undo { number: None, .. }
    ));
    client.settle();
    client.keys("<C-r>");
    assert!(matches!(client.asked[0].1, Request::Redo { .. }));
    client.settle();
}

#[test]
fn a_point_that_demands_an_action_opens_its_draft_from_the_list_of_what_is_missing() {
    let text = CAR.replacen(
        "key = \"lights.headlamps\"\nlabel = \"Headlamps\"\n",
        "key = \"lights.headlamps\"\nlabel = \"Headlamps\"\nrequires = [{ action = true, when = \"red\" }]\n",
        1,
    );
    let mut client = Client::new(Role::Technician, &text);
    client.open();
    client.keys("<Tab>r");
    client.settle();
    client.keys("<End>m1");
    client.keys("<Enter>");
    let Some(Layer::Work(form)) = client.state.layers.last() else {
        panic!("no draft");
    };
    assert_eq!(form.label, "Headlamps");
    assert!(
        client
            .sent()
            .is_none_or(|(_, edits)| { !edits.iter().any(|it| matches!(it, Edit::Move { .. })) })
    );
}
