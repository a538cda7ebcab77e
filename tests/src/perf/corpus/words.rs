//! The words of the notes, and how often each of them comes.

use super::dice::Dice;

/// What mechanics write, the most frequent first. What they write once in a hundred notes, such as
/// a part's number, is made up as it is needed.
const WORDS: &str = "the and is to on of left right front rear worn ok replace at no in with side \
    recommend next service leak from brake oil light pads tyre customer found noise needs check \
    near within limit soon low inner outer both not visit new seal disc play edge some slight \
    wear was has for mm but fluid coolant bush hose driver passenger clean fitted before loose \
    cracked corroded split perished advised heard when cold hot under lower upper arm joint boot \
    bearing bracket gasket weeping dry damp sweating surface rust heavy light minor major lip \
    scored pitted uneven camber tracking pull steering wheel nut stud torque valve stem cap \
    sidewall bulge cut nail screw puncture repair plug tread depth legal limit winter summer \
    spare kit missing present label unreadable bulb lens cloudy condensation aim high beam dip \
    fog reverse plate horn weak intermittent wiper blade smears judders washer jet blocked \
    mirror glass chip crack zone sweep belt fraying glazed tension pulley tensioner rattle whine \
    squeal knock clunk hum vibration speed over bumps turning braking idle start slow battery \
    terminal corrosion voltage charge drops alternator cable earth strap fuse relay wiring chafed \
    loom clip broken secured temporarily tie filter air cabin fuel dirty leaves changed last year \
    unknown history book stamped level topped up below minimum dark smell burnt gearbox transmission \
    clutch bite pedal spongy travel handbrake adjusts equal balance caliper sticking slider seized \
    greased carrier pin piston rubber hose flexible rigid pipe copper union master cylinder servo \
    sensor abs warning lamp stays code read cleared returns exhaust blow joint manifold flexi \
    hanger mount catalyst heat shield buzzing tank strap line underseal sill jacking point floor \
    subframe spring coil snapped gaiter damper shock misting top strut link anti roll bar drop \
    trailing wishbone ball tie rod end rack driveshaft cv outer inner clicking full lock wheelarch \
    liner bumper scuff scratch dent door hinge catch bonnet strut boot lock fob key seat belt \
    webbing retracts buckle airbag cover heater blower vent demist slow aircon gas smells musty \
    odometer photo taken quote price parts order in stock ordered arrives monday tuesday wednesday \
    thursday friday agreed declined phone call back estimate courtesy car waiting collected later \
    today tomorrow week month miles kilometres approximately roughly about less more than half \
    quarter third remaining percent good fair poor acceptable unacceptable dangerous do not drive";

/// A text of so many words, as natural as their frequencies: the word of rank r comes about
/// 1/(r + 2.7) as often as all together (Mandelbrot's form of Zipf's law).
pub(super) struct Words {
    words: Vec<&'static str>,
    /// For each word the part of all draws that fall on it or on one before it.
    upto: Vec<f64>,
}

impl Words {
    pub(super) fn new() -> Self {
        let words: Vec<_> = WORDS.split_whitespace().collect();
        let mut sum = 0.0;
        let mut upto = Vec::with_capacity(words.len());
        let mut rank = 1.0;
        for _ in &words {
            sum += 1.0 / (rank + 2.7);
            rank += 1.0;
            upto.push(sum);
        }
        for part in &mut upto {
            *part /= sum;
        }
        Self { words, upto }
    }

    pub(super) fn text(&self, dice: &mut Dice, count: u64) -> String {
        let mut text = String::new();
        for _ in 0..count {
            if !text.is_empty() {
                text.push(' ');
            }
            if dice.below(60) == 0 {
                text.push_str(&dice.code());
                continue;
            }
            let drawn = dice.part();
            let at = self.upto.partition_point(|upto| *upto < drawn);
            text.push_str(self.words.get(at).copied().unwrap_or("ok"));
        }
        text
    }
}
