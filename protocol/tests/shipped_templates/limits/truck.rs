//! The truck's table.

use super::super::{letters, truck};

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
