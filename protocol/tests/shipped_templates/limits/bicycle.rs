//! The bicycle's table.

use redtag_protocol::grade::{Grade, Need};

use super::super::{bicycle, judge, letters, point};

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
