//! What a shop does over the weeks: visits that follow each other, templates that change, work that
//! goes from hand to hand, two shops on one bench.

use std::fs;

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{
    grade::Condition,
    ids::{InspectionId, PointKey},
    inspection::{Answer, AnswerValue, InspectionWrite},
    lifecycle::State,
    op::Edit,
    role::Role,
    stamp::Stamp,
    template::{Kind, Point},
    units::Quantity,
};
use redtag_tests::{
    harness::{Device, Ground, PASSWORD, Stack, eventually},
    now,
};
use serde_json::Value;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] = stories![
    work_goes_from_hand_to_hand_to_its_end,
    the_last_visits_values_stand_beside_and_are_never_taken_over,
    a_new_version_of_a_template_leaves_running_work_alone,
    two_shops_on_one_bench_never_see_each_other,
];

/// An answer that lets the point count as done.
fn answer(point: &Point) -> Result<Answer> {
    Ok(match &point.kind {
        Kind::Condition => Answer::condition(Condition::Green),
        Kind::Measurement(measurement) => Answer {
            // Set by hand, so that no rule can ask for more.
            condition: Some(Condition::Green),
            ..Answer::value(AnswerValue::Measured(Quantity {
                value: "7.5".parse()?,
                unit: measurement.unit,
            }))
        },
        Kind::Choice { options } => {
            let first = options.first().context("a choice without options")?;
            Answer::value(AnswerValue::Chosen(first.value.clone()))
        }
        Kind::Text => Answer::value(AnswerValue::Text("nothing of note".to_owned())),
        Kind::Signature { .. } => Answer {
            condition: Some(Condition::Green),
            ..Answer::value(AnswerValue::Signed {
                name: "Test technician".to_owned(),
                at: Stamp(now()),
            })
        },
    })
}

/// Answers every point, in strokes of a section each.
fn fill_in(bench: &Device, id: InspectionId) -> Result<()> {
    let mut client = bench.client()?;
    client.start(id)?;
    let view = client.find(&id.to_string())?;
    for section in &view.template.sections {
        let edits = section.points.iter().map(|point| {
            let answer = Some(answer(point)?);
            let point = point.key.clone();
            let write = InspectionWrite::Answer { point, answer };
            Ok(Edit::Inspection { id, write })
        });
        client.save(edits.collect::<Result<_>>()?)?;
    }
    Ok(())
}

fn work_goes_from_hand_to_hand_to_its_end(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let technician = stack.bench("technician", Role::Technician)?;
    let dispatcher = stack.bench("dispatcher", Role::Dispatcher)?;
    let id = technician.new_inspection("LIFE 1")?;
    let ticket = id.to_string();
    let words = technician.run(&["move", &ticket, "submit"])?;
    ensure!(words.code != 0, "nothing was inspected yet: {}", words.out);
    fill_in(&technician, id)?;
    technician.run(&["move", &ticket, "submit"])?.done()?;
    let reaches = |state: State| {
        for bench in [&technician, &dispatcher] {
            bench.sees(id, &format!("{state:?}"), |view| {
                view.inspection.state.value == state
            })?;
        }
        anyhow::Ok(())
    };
    reaches(State::Submitted)?;
    dispatcher.run(&["move", &ticket, "return"])?.refused(2)?;
    let back = [
        "move",
        &ticket,
        "return",
        "--reason",
        "The horn again, please",
    ];
    dispatcher.run(&back)?.done()?;
    reaches(State::Returned)?;
    // An answer takes the work up again by itself.
    technician.json(&["set", &ticket, "lights.horn", "--condition", "green"])?;
    reaches(State::InProgress)?;
    technician.run(&["move", &ticket, "submit"])?.done()?;
    reaches(State::Submitted)?;
    technician.run(&["move", &ticket, "approve"])?.refused(6)?;
    for (verb, state) in [("approve", State::Approved), ("publish", State::Published)] {
        dispatcher.run(&["move", &ticket, verb])?.done()?;
        reaches(state)?;
    }
    let decide = [
        "move",
        &ticket,
        "decide",
        "--reason",
        "By telephone: all of it",
    ];
    dispatcher.run(&decide)?.done()?;
    dispatcher.run(&["move", &ticket, "close"])?.done()?;
    reaches(State::Closed)?;
    let timeline = technician.json(&["timeline", &ticket])?;
    let told = timeline["entries"].as_array().context("no entries")?;
    let moves: Vec<&str> = told
        .iter()
        .rev()
        .filter_map(|entry| entry["happening"]["what"]["verb"].as_str())
        .collect();
    let expected = [
        "start", "submit", "return", "resume", "submit", "approve", "publish", "decide", "close",
    ];
    assert_eq!(moves, expected);
    assert!(timeline.to_string().contains("The horn again, please"));
    Ok(())
}

fn the_last_visits_values_stand_beside_and_are_never_taken_over(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let first = bench.new_inspection("AGAIN 1")?.to_string();
    bench.json(&["set", &first, "tyres.tread.lf", "--value", "6,5"])?;
    bench.json(&["set", &first, "arrival.odometer", "--value", "45200"])?;
    bench.settled()?;
    let second = bench.new_inspection("AGAIN 1")?.to_string();
    let shown = bench.json(&["show", &second])?;
    assert_eq!(shown["counts"]["answered"], 0, "nothing is taken over");
    let vehicle = |shown: &Value| shown["vehicle"]["id"].clone();
    assert_eq!(
        vehicle(&shown),
        vehicle(&bench.json(&["show", &first])?),
        "the same vehicle"
    );
    let tread: PointKey = "tyres.tread.lf".parse()?;
    let view = bench.client()?.find(&second)?;
    let previous = view.previous.get(&tread).context("no last visit")?;
    let measured = previous.answer.measured().context("no last value")?;
    assert_eq!(measured.value.to_string(), "6.5");
    // An odometer that runs backwards is worth a look, by the last visit's value.
    let set = bench.json(&["set", &second, "arrival.odometer", "--value", "45100"])?;
    assert_eq!(
        set["results"]["arrival.odometer"]["condition"], "yellow",
        "{set}"
    );

    let mut screen = bench.screen(24, 80)?;
    screen.wait_for("AGAIN 1")?;
    screen.keys("\r")?;
    screen.wait_for("Odometer")?;
    for _ in 0..4 {
        screen.keys("\t")?;
    }
    screen.wait_until("the last visit's tread", |seen| {
        seen.contains("Tread") && seen.contains("6.5")
    })?;
    Ok(())
}

fn a_new_version_of_a_template_leaves_running_work_alone(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let old = bench.new_inspection("VERS 1")?;
    bench.settled()?;
    let shipped = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../assets/templates/vehicle-multipoint.toml"
    );
    let text = fs::read_to_string(shipped)?.replace("\"Horn\"", "\"Horn, both tones\"");
    let file = stack.ground().path().join("second.toml");
    fs::write(&file, text)?;
    let (shop, path) = (stack.shop().to_string(), file.display().to_string());
    stack.operator(&["template", "import", "--shop", &shop, &path], "")?;
    stack.operator(
        &["template", "publish", "--shop", &shop, "vehicle-multipoint"],
        "",
    )?;
    let new = eventually("the new version", || {
        let id = bench.new_inspection("VERS 2")?;
        let view = bench.client()?.find(&id.to_string())?;
        ensure!(
            view.template.version == 2,
            "version {}",
            view.template.version
        );
        Ok(view)
    })?;
    let horn: PointKey = "lights.horn".parse()?;
    let label = |template: &redtag_protocol::template::Template| {
        template.point(&horn).map(|point| point.label.clone())
    };
    assert_eq!(label(&new.template).as_deref(), Some("Horn, both tones"));
    // The one that runs keeps its version, and can be brought to its end.
    fill_in(&bench, old)?;
    bench.run(&["move", &old.to_string(), "submit"])?.done()?;
    bench.settled()?;
    let view = bench.client()?.find(&old.to_string())?;
    assert_eq!(view.template.version, 1);
    assert_eq!(label(&view.template).as_deref(), Some("Horn"));
    assert_eq!(view.inspection.state.value, State::Submitted);
    assert_eq!(bench.client()?.status()?.quarantined, 0);
    Ok(())
}

fn two_shops_on_one_bench_never_see_each_other(ground: &Ground) -> Result<()> {
    let stack = Stack::on(ground)?;
    let other = stack.add_shop("Other Garage")?;
    stack.add_member(
        other,
        "other@example.com",
        "Other Technician",
        Role::Technician,
    )?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("MINE 1")?.to_string();
    bench.settled()?;
    let url = stack.url();
    let login = [
        "login",
        &url,
        "--email",
        "other@example.com",
        "--password-stdin",
    ];
    bench.run_with(&login, PASSWORD)?.done()?;
    let theirs = ["--account", "other@example.com"];
    let mine = ["--account", "technician@example.com"];
    let as_whom = |account: [&str; 2], arguments: &[&str]| {
        bench.run(&[account.as_slice(), arguments].concat())
    };
    as_whom(theirs, &["show", &id])?.refused(1)?;
    let list: Value = serde_json::from_str(&as_whom(theirs, &["list", "--json"])?.done()?)?;
    assert_eq!(list["total"], 0, "{list}");
    let new = [
        "new",
        "--template",
        "vehicle-multipoint",
        "--plate",
        "THEIRS 1",
    ];
    let new = [new.as_slice(), &["--customer", "Their Customer"]].concat();
    as_whom(theirs, &new)?.done()?;
    let list: Value = serde_json::from_str(&as_whom(mine, &["list", "--json"])?.done()?)?;
    assert_eq!(list["total"], 1, "{list}");
    assert_eq!(list["inspections"][0]["mark"], "MINE 1");
    as_whom(mine, &["show", &id])?.done()?;
    as_whom(["--account", "nobody@example.com"], &["list"])?.refused(3)?;
    let accounts = bench.json(&["accounts"])?;
    assert_eq!(
        accounts["accounts"].as_array().map(Vec::len),
        Some(2),
        "{accounts}"
    );
    bench.run(&["use", "other@example.com"])?.done()?;
    let list = bench.json(&["list"])?;
    assert_eq!(list["inspections"][0]["mark"], "THEIRS 1", "{list}");
    Ok(())
}
