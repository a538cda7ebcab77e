use redtag_protocol::template::{Kind, Template};

use super::*;
use crate::app::fixture::{CAR, template};

fn words(before: &Template, after: &Template) -> Vec<String> {
    let sign = |sort| match sort {
        Sort::Added => '+',
        Sort::Removed => '-',
        Sort::Changed => '~',
    };
    differences(before, after)
        .iter()
        .map(|it| format!("{} {}", sign(it.sort), it.words))
        .collect()
}

#[test]
fn every_change_of_a_version_is_told() {
    let before = template(CAR);
    assert_eq!(words(&before, &before), [] as [&str; 0]);
    let mut after = before.clone();
    after.name = "Large inspection".to_owned();
    let arrival = &mut after.sections[0].points;
    let gone = arrival.pop().unwrap();
    arrival[0].hint = Some("another".to_owned());
    arrival[0].label = "Mileage".to_owned();
    if let Kind::Measurement(it) = &mut arrival[0].kind {
        it.cases.clear();
    }
    arrival[1].requires.clear();
    let mut new = arrival[2].clone();
    new.key = "arrival.new".parse().unwrap();
    new.label = "Keys".to_owned();
    arrival.push(new);
    after.sections.swap(1, 2);
    assert_eq!(
        words(&before, &after),
        [
            format!("~ name: {} → Large inspection", before.name),
            "~ Arrival: Mileage: was called Odometer; limits; the hint".to_owned(),
            "~ Arrival: VIN verified: what an answer must carry".to_owned(),
            "+ Arrival: Keys, condition".to_owned(),
            "~ the order of sections or points".to_owned(),
            format!("- Arrival: {}", gone.label),
        ]
    );
}
