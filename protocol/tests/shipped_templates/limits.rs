//! Every limit of the tables: at it, just below and just above.

#![allow(clippy::too_many_lines, reason = "each test is one table")]

use redtag_protocol::grade::{Grade, Need};

use super::{bicycle, judge, letters, point, truck, vehicle};

#[test]
fn vehicle_limits() {
    let t = vehicle();
    letters(
        &t,
        "arrival.odometer",
        "52000 mi",
        "",
        &[
            ("51999 mi", 'Y'),
            ("52000 mi", 'G'),
            ("52001 mi", 'G'),
            ("83685 km", 'Y'),
            ("83686 km", 'G'),
        ],
    );
    letters(
        &t,
        "arrival.windscreen.driver_zone",
        "",
        "",
        &[
            ("0 mm", 'G'),
            ("0.1 mm", 'Y'),
            ("10 mm", 'Y'),
            ("10.1 mm", 'R'),
        ],
    );
    letters(
        &t,
        "arrival.windscreen.swept_area",
        "",
        "",
        &[
            ("10 mm", 'G'),
            ("10.1 mm", 'Y'),
            ("40 mm", 'Y'),
            ("40.1 mm", 'R'),
        ],
    );
    letters(
        &t,
        "interior.steering_play",
        "",
        "",
        &[
            ("1 in", 'G'),
            ("1.01 in", 'Y'),
            ("2 in", 'Y'),
            ("2.01 in", 'R'),
            ("50.8 mm", 'Y'),
            ("50.81 mm", 'R'),
        ],
    );
    letters(
        &t,
        "bonnet.brake_fluid.copper",
        "",
        "",
        &[
            ("99 ppm", 'G'),
            ("100 ppm", 'Y'),
            ("200 ppm", 'Y'),
            ("201 ppm", 'R'),
        ],
    );
    letters(
        &t,
        "bonnet.coolant.freeze_point",
        "",
        "",
        &[
            ("-31 degC", 'G'),
            ("-30 degC", 'G'),
            ("-29 degC", 'Y'),
            ("-18 degC", 'Y'),
            ("-17 degC", 'R'),
            ("-22 degF", 'G'),
            ("-21 degF", 'Y'),
            ("-0.4 degF", 'Y'),
            ("-0.3 degF", 'R'),
        ],
    );
    letters(
        &t,
        "bonnet.battery.rest_voltage",
        "",
        "",
        &[
            ("12.40 V", 'G'),
            ("12.39 V", 'Y'),
            ("12.2 V", 'Y'),
            ("12.19 V", 'R'),
        ],
    );
    letters(
        &t,
        "bonnet.battery.cca",
        "600 CCA",
        "",
        &[
            ("511 CCA", 'G'),
            ("510 CCA", 'G'),
            ("509 CCA", 'Y'),
            ("420 CCA", 'Y'),
            ("419 CCA", 'R'),
        ],
    );
    letters(
        &t,
        "bonnet.battery.charging_voltage",
        "",
        "",
        &[
            ("12.9 V", 'R'),
            ("13.0 V", 'Y'),
            ("13.4 V", 'Y'),
            ("13.5 V", 'G'),
            ("14.8 V", 'G'),
            ("14.81 V", 'Y'),
            ("15.0 V", 'Y'),
            ("15.1 V", 'R'),
        ],
    );
    letters(
        &t,
        "tyres.age",
        "",
        "",
        &[("5.9 a", 'G'), ("6 a", 'Y'), ("9.9 a", 'Y'), ("10 a", 'R')],
    );
}

#[test]
fn vehicle_limits_at_the_wheels() {
    let t = vehicle();
    for at in ["lf", "rf", "lr", "rr"] {
        let tread = format!("tyres.tread.{at}");
        let common = [
            ("4.1 in/32", 'G'),
            ("4 in/32", 'Y'),
            ("3.175 mm", 'Y'),
            ("3.176 mm", 'G'),
        ];
        letters(&t, &tread, "", "us", &common);
        letters(&t, &tread, "", "uk", &common);
        // The default is the United States.
        letters(
            &t,
            &tread,
            "",
            "",
            &[
                ("2 in/32", 'Y'),
                ("1.9 in/32", 'R'),
                ("1.6 mm", 'Y'),
                ("1.5875 mm", 'Y'),
                ("1.587 mm", 'R'),
            ],
        );
        letters(
            &t,
            &tread,
            "",
            "uk",
            &[
                ("1.6 mm", 'Y'),
                ("1.59 mm", 'R'),
                ("2 in/32", 'R'),
                ("2.1 in/32", 'Y'),
            ],
        );
        letters(
            &t,
            &format!("tyres.pressure.{at}"),
            "40 psi",
            "",
            &[
                ("44.1 psi", 'Y'),
                ("44 psi", 'G'),
                ("36 psi", 'G'),
                ("35.9 psi", 'Y'),
                ("30.1 psi", 'Y'),
                ("30 psi", 'R'),
                ("29.9 psi", 'R'),
                ("80 psi", 'Y'),
            ],
        );
        letters(
            &t,
            &format!("tyres.pressure.{at}"),
            "200 kPa",
            "",
            &[
                ("2.2 bar", 'G'),
                ("2.21 bar", 'Y'),
                ("1.51 bar", 'Y'),
                ("1.5 bar", 'R'),
            ],
        );
        letters(
            &t,
            &format!("brakes.lining.{at}"),
            "",
            "",
            &[
                ("4 mm", 'G'),
                ("3.9 mm", 'Y'),
                ("3 mm", 'Y'),
                ("2.9 mm", 'R'),
            ],
        );
    }
    for at in ["f", "r"] {
        letters(
            &t,
            &format!("brakes.rotor.{at}"),
            "22 mm",
            "",
            &[
                ("22.51 mm", 'G'),
                ("22.5 mm", 'Y'),
                ("22 mm", 'Y'),
                ("21.99 mm", 'R'),
            ],
        );
    }
}

#[test]
fn bicycle_limits() {
    let t = bicycle();
    letters(
        &t,
        "frame.stem_torque",
        "5 N.m",
        "",
        &[
            ("5.5 N.m", 'G'),
            ("5.51 N.m", 'Y'),
            ("4.5 N.m", 'G'),
            ("4.49 N.m", 'Y'),
            ("6.25 N.m", 'Y'),
            ("6.26 N.m", 'R'),
            ("3.75 N.m", 'Y'),
            ("3.74 N.m", 'R'),
        ],
    );
    letters(
        &t,
        "brakes.lever_reach",
        "",
        "",
        &[("89 mm", 'G'), ("89.1 mm", 'R')],
    );
    for at in ["f", "r"] {
        letters(
            &t,
            &format!("brakes.pads.{at}"),
            "",
            "",
            &[
                ("1.1 mm", 'G'),
                ("1.0 mm", 'Y'),
                ("0.6 mm", 'Y'),
                ("0.5 mm", 'R'),
            ],
        );
        letters(
            &t,
            &format!("brakes.rotor.{at}"),
            "",
            "",
            &[
                ("1.61 mm", 'G'),
                ("1.6 mm", 'Y'),
                ("1.5 mm", 'Y'),
                ("1.49 mm", 'R'),
            ],
        );
        letters(
            &t,
            &format!("brakes.rotor.{at}"),
            "1.7 mm",
            "",
            &[
                ("1.81 mm", 'G'),
                ("1.8 mm", 'Y'),
                ("1.7 mm", 'Y'),
                ("1.69 mm", 'R'),
            ],
        );
        letters(
            &t,
            &format!("wheels.true.{at}"),
            "",
            "",
            &[
                ("0.5 mm", 'G'),
                ("0.6 mm", 'Y'),
                ("1.0 mm", 'Y'),
                ("1.1 mm", 'R'),
            ],
        );
    }
    for speeds in ["11", "12"] {
        letters(
            &t,
            "drivetrain.chain_wear",
            "",
            speeds,
            &[
                ("0.29 %", 'G'),
                ("0.3 %", 'Y'),
                ("0.49 %", 'Y'),
                ("0.5 %", 'R'),
            ],
        );
    }
    for speeds in ["9", "10"] {
        letters(
            &t,
            "drivetrain.chain_wear",
            "",
            speeds,
            &[
                ("0.29 %", 'G'),
                ("0.3 %", 'Y'),
                ("0.74 %", 'Y'),
                ("0.75 %", 'R'),
            ],
        );
    }
    let asked = judge(&t, "drivetrain.chain_wear", "0.3 %", "", "", "");
    assert_eq!(asked, Grade::Needs(Need::Choice("speeds".parse().unwrap())));
}

#[test]
fn a_bicycle_tyre_stays_within_its_sidewall() {
    let t = bicycle();
    for at in ["f", "r"] {
        let key = format!("wheels.pressure.{at}");
        for (value, letter) in [
            ("34.9 psi", 'Y'),
            ("35 psi", 'G'),
            ("75 psi", 'G'),
            ("75.1 psi", 'Y'),
        ] {
            match judge(&t, &key, value, "75 psi", "35 psi", "") {
                Grade::Graded { condition, .. } => assert_eq!(condition.letter(), letter),
                Grade::Needs(need) => panic!("{need:?}"),
            }
        }
        // Many sidewalls print a maximum only.
        letters(&t, &key, "75 psi", "", &[("10 psi", 'G'), ("76 psi", 'Y')]);
        assert_eq!(
            judge(&t, &key, "50 psi", "", "", ""),
            Grade::Needs(Need::Reference)
        );
        let minimum = point(&t, &key).minimum_key().map(|key| key.to_string());
        assert_eq!(minimum, Some(format!("{key}.min")));
    }
}

#[test]
fn truck_limits() {
    let t = truck();
    let loss = "service_brakes.air_loss";
    letters(
        &t,
        loss,
        "",
        "single",
        &[("2.9 psi", 'G'), ("3 psi", 'G'), ("3.1 psi", 'R')],
    );
    letters(
        &t,
        loss,
        "",
        "combination",
        &[("3.9 psi", 'G'), ("4 psi", 'G'), ("4.1 psi", 'R')],
    );
    let low_air = "service_brakes.low_air_warning";
    letters(
        &t,
        low_air,
        "",
        "",
        &[("56 psi", 'G'), ("55 psi", 'G'), ("54.9 psi", 'R')],
    );
    let build_up = "service_brakes.build_up";
    letters(
        &t,
        build_up,
        "",
        "",
        &[("44 s", 'G'), ("45 s", 'G'), ("46 s", 'R')],
    );
    let steer = "service_brakes.lining.steer";
    letters(
        &t,
        steer,
        "",
        "",
        &[("4.9 mm", 'G'), ("4.8 mm", 'G'), ("4.7 mm", 'R')],
    );
    let other = "service_brakes.lining.other";
    letters(
        &t,
        other,
        "",
        "air_drum",
        &[("6.5 mm", 'G'), ("6.4 mm", 'G'), ("6.3 mm", 'R')],
    );
    letters(
        &t,
        other,
        "",
        "disc",
        &[("3.3 mm", 'G'), ("3.2 mm", 'G'), ("3.1 mm", 'R')],
    );
    letters(
        &t,
        "parking_brake.valve",
        "",
        "",
        &[
            ("19.9 psi", 'R'),
            ("20 psi", 'G'),
            ("45 psi", 'G'),
            ("45.1 psi", 'R'),
        ],
    );
    for (wheel, at, above) in [
        ("16", "2 in", "2.01 in"),
        ("18", "2.25 in", "2.26 in"),
        ("20", "2.5 in", "2.51 in"),
        ("22", "2.75 in", "2.76 in"),
    ] {
        letters(
            &t,
            "steering.lash",
            "",
            wheel,
            &[("1 in", 'G'), (at, 'G'), (above, 'R')],
        );
    }
    letters(
        &t,
        "tyres.tread.front",
        "",
        "",
        &[("4.1 in/32", 'G'), ("4 in/32", 'G'), ("3.9 in/32", 'R')],
    );
    letters(
        &t,
        "tyres.tread.other",
        "",
        "",
        &[("2.1 in/32", 'G'), ("2 in/32", 'G'), ("1.9 in/32", 'R')],
    );
}
