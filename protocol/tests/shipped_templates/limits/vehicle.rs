//! The vehicle's table.

use super::super::{letters, vehicle};

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
