use crate::auth::totp::{BASE32, STEP, digits};

/// The code of a secret as it was spelt, as an authenticator shows it.
pub fn shown(spelt: &str, now: u64) -> String {
    let mut bytes = Vec::new();
    let (mut bits, mut held) = (0_u32, 0_u32);
    for letter in spelt.bytes() {
        let value = BASE32.iter().position(|it| *it == letter).unwrap();
        bits = bits << 5 | u32::try_from(value).unwrap();
        held += 5;
        if held >= 8 {
            held -= 8;
            bytes.push(u8::try_from((bits >> held) & 255).unwrap());
        }
    }
    digits(&bytes, now / STEP)
}
