use serde_json::value::RawValue;

use super::*;

/// A chain of `count` events from the beginning, and the cursor at its end.
fn chain(count: u64) -> (Vec<Link>, Vec<Cursor>) {
    let mut hash = event::GENESIS;
    let (mut links, mut cursors) = (Vec::new(), Vec::new());
    for seq in 1..=count {
        let payload = format!(r#"{{"n":{seq}}}"#);
        let digest = event::payload_digest(&[7], payload.as_bytes());
        hash = event::chain(&hash, Seq(seq), &digest);
        links.push(Link {
            seq: Seq(seq),
            salt: "07".to_owned(),
            hash: hex(&hash),
            payload: RawValue::from_string(payload).unwrap(),
            digest: None,
        });
        let mut first = [0; 8];
        first.copy_from_slice(&hash[..8]);
        cursors.push(Cursor {
            epoch: 1,
            seq: Seq(seq),
            hash: first,
            copying: None,
        });
    }
    (links, cursors)
}

fn joints(links: &[Link]) -> Vec<Joint> {
    links.iter().map(Joint::of).collect()
}

#[test]
fn a_chain_that_goes_on_is_followed() {
    let (links, cursors) = chain(6);
    let mut head = Head::of(&cursors[1]);
    head.follow(&joints(&links[2..4]), &cursors[3]).unwrap();
    assert_eq!(head.hash, links[3].hash);
    head.follow(&joints(&links[4..]), &cursors[5]).unwrap();
    // A page without events changes nothing.
    head.follow(&[], &cursors[5]).unwrap();
    assert_eq!(head.hash, links[5].hash);
}

#[test]
fn an_emptied_payload_does_not_break_it_and_its_digest_is_looked_at() {
    let (mut links, cursors) = chain(4);
    let digest = hex(&event::payload_digest(
        &[7],
        links[2].payload.get().as_bytes(),
    ));
    links[2].payload = RawValue::from_string("{}".to_owned()).unwrap();
    let head = || Head {
        hash: links[1].hash.clone(),
        ..Head::of(&cursors[1])
    };
    head().follow(&joints(&links[2..]), &cursors[3]).unwrap();
    let mut told = links.clone();
    told[2].digest = Some(digest.clone());
    head().follow(&joints(&told[2..]), &cursors[3]).unwrap();
    told[2].digest = Some(digest.replace(['0', '1'], "2"));
    assert!(head().follow(&joints(&told[2..]), &cursors[3]).is_err());
}

#[test]
fn whatever_was_tampered_with_is_found_and_what_follows_is_looked_at_again() {
    let (links, cursors) = chain(8);
    let head = || Head {
        hash: links[1].hash.clone(),
        ..Head::of(&cursors[1])
    };
    let mut changed = links.clone();
    changed[3].payload = RawValue::from_string("[]".to_owned()).unwrap();
    let missing: Vec<Link> = [&links[2..3], &links[4..6]].concat();
    for bad in [&changed[2..6], &missing, &links[2..5], &links[1..6]] {
        let mut head = head();
        assert!(head.follow(&joints(bad), &cursors[5]).is_err());
        head.follow(&joints(&links[6..]), &cursors[7]).unwrap();
    }
    // Cut off, or another at the same place.
    assert!(head().follow(&[], &cursors[0]).is_err());
    let other = Cursor {
        hash: [9; 8],
        ..cursors[1]
    };
    assert!(head().follow(&[], &other).is_err());
    // Another life of the database is another chain.
    assert!(
        head()
            .extends_to(&Cursor {
                epoch: 2,
                ..cursors[0]
            })
            .is_ok()
    );
}
