//! How small whole documents of a shop become, and the dictionary they are packed with.

use std::{env, fs, time::Instant};

use redtag_protocol::packed::{pack, unpack};
use zstd::{bulk::Compressor, dict::EncoderDictionary, zstd_safe::CParameter};

use crate::view::corpus::Shop;

/// Documents and events of many shops, so that what is common to all is learned.
fn samples(shops: u64) -> Vec<String> {
    let mut samples = Vec::new();
    for seed in 1..=shops {
        let mut shop = Shop::new(seed * 7_919);
        for template in 0..3 {
            for _ in 0..4 {
                samples.push(shop.vehicle().1);
                samples.push(shop.customer().1);
            }
            let (vehicle, customer) = (shop.vehicle().0, shop.customer().0);
            let (id, body) = shop.inspection(template, 64, &vehicle, Some(&customer));
            samples.push(body);
            samples.extend((0..6).map(|_| shop.event(&id)));
        }
    }
    samples
}

#[test]
fn what_is_packed_is_smaller_and_comes_back() {
    for body in samples(3) {
        let stored = pack(&body);
        assert!(
            stored.len() * 2 < body.len(),
            "{} of {}",
            stored.len(),
            body.len()
        );
        assert_eq!(unpack(&stored).unwrap(), body);
    }
}

/// Writes the dictionary and its witness; run by hand for a new one, which needs a new first byte.
#[test]
#[ignore = "makes a file of the program; run by hand"]
fn make_the_dictionary() {
    let samples = samples(300);
    let bytes = zstd::dict::from_samples(&samples, 16 << 10).unwrap();
    let to = env::var("REDTAG_DICTIONARY").unwrap();
    fs::write(&to, &bytes).unwrap();
    let with = EncoderDictionary::copy(&bytes, 1);
    let mut tool = Compressor::with_prepared_dictionary(&with).unwrap();
    tool.set_parameter(CParameter::DictIdFlag(false)).unwrap();
    // The first byte of the dictionary before, and one.
    let mut golden = vec![pack(&samples[0])[0] + 1];
    golden.extend(tool.compress(samples[0].as_bytes()).unwrap());
    fs::write(format!("{to}.golden"), golden).unwrap();
}

/// Prints sizes and times; run in release.
#[test]
#[ignore = "measures"]
#[expect(clippy::print_stderr, reason = "it is its purpose")]
fn measure() {
    let mut shop = Shop::new(42);
    let (vehicle, customer) = (shop.vehicle().0, shop.customer().0);
    let mut of = |points| -> Vec<String> {
        let mut one = || shop.inspection(0, points, &vehicle, Some(&customer)).1;
        (0..500).map(|_| one()).collect()
    };
    let (large, small) = (of(64), of(20));
    let vehicles: Vec<String> = (0..500).map(|_| shop.vehicle().1).collect();
    let events: Vec<String> = (0..500).map(|_| shop.event(&vehicle)).collect();
    for bodies in [large, small, vehicles, events] {
        let stored: Vec<Vec<u8>> = bodies.iter().map(|body| pack(body)).collect();
        let best = |work: &dyn Fn()| {
            let once = |_| {
                let began = Instant::now();
                work();
                began.elapsed()
            };
            (0..9).map(once).min().unwrap() / 500
        };
        let packing = best(&|| bodies.iter().for_each(|body| drop(pack(body))));
        let unpacking = best(&|| stored.iter().for_each(|stored| drop(unpack(stored))));
        let bytes = |all: usize| all / bodies.len();
        eprintln!(
            "{} bytes, stored {}: packing {packing:?}, unpacking {unpacking:?}",
            bytes(bodies.iter().map(String::len).sum()),
            bytes(stored.iter().map(Vec::len).sum()),
        );
    }
}
