use super::*;

fn shop(byte: u8) -> ShopId {
    ShopId::from_parts(1, [byte; 10])
}

#[test]
fn a_hint_has_one_spelling_and_anything_else_is_none() {
    for hint in [
        Hint::At(shop(1), Seq(0)),
        Hint::At(shop(2), Seq(u64::MAX)),
        Hint::Look(shop(3)),
    ] {
        assert_eq!(hint.to_string().parse(), Ok(hint));
    }
    let id = shop(0xab);
    for garbage in [
        String::new(),
        " ".into(),
        "x".into(),
        format!("{id} "),
        format!(" {id}"),
        format!("{id} -1"),
        format!("{id} +1"),
        format!("{id} 01"),
        format!("{id} 18446744073709551616"),
        format!("{id}  1"),
        format!("{id} 1 "),
        format!("{id} 1\n"),
        format!("{id} 1 2"),
        format!("{id} ١"),
        id.to_string().to_uppercase(),
        format!("{} 1", id.to_string().replace('-', "")),
        "💥".repeat(1000),
    ] {
        assert_eq!(garbage.parse::<Hint>(), Err(NoHint), "{garbage:?}");
    }
}

#[test]
fn the_wait_between_tries_grows_to_its_bound_and_is_never_the_same_for_all() {
    let mut backoff = Backoff::default();
    for most in [250, 500, 1000, 2000, 4000, 8000, 15_000, 15_000] {
        assert!(backoff.next() <= Duration::from_millis(most));
    }
    let longest = (0..200).map(|_| backoff.next()).max().unwrap();
    assert!(longest > Backoff::LONGEST / 2 && longest <= Backoff::LONGEST);
    backoff.reset();
    assert!(backoff.next() <= Backoff::FIRST);
}
