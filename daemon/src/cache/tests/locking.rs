//! The PIN of an account.

use redtag_protocol::ipc::Pin;

use super::*;

fn pin(text: &str) -> Pin {
    Pin(text.to_owned())
}

fn tried(bench: &mut Bench, text: &str) -> Tried {
    bench.store().try_pin(&pin(text)).unwrap()
}

#[test]
fn tries_are_counted_on_the_disk_until_the_right_one_or_the_tenth() {
    let mut bench = Bench::empty();
    assert_eq!(tried(&mut bench, "4711"), Tried::None);
    bench.store().set_pin(Some(&pin("4711"))).unwrap();
    for wrong in 1..MOST {
        assert_eq!(tried(&mut bench, "1174"), Tried::Wrong(wrong));
        bench.reopen();
    }
    assert_eq!(tried(&mut bench, "4711"), Tried::Right);
    for wrong in 1..=MOST {
        assert_eq!(tried(&mut bench, "1174"), Tried::Wrong(wrong));
    }
    bench.reopen();
    assert_eq!(tried(&mut bench, "4711"), Tried::Wrong(MOST));
    // A sign-in takes what was spent away, and leaves a good one.
    bench.store().signed_in(false).unwrap();
    assert_eq!(tried(&mut bench, "0000"), Tried::None);
    bench.store().set_pin(Some(&pin("4711"))).unwrap();
    assert_eq!(tried(&mut bench, "0000"), Tried::Wrong(1));
    bench.store().signed_in(false).unwrap();
    assert_eq!(tried(&mut bench, "0000"), Tried::Wrong(1));
    bench.store().signed_in(true).unwrap();
    assert_eq!(tried(&mut bench, "0000"), Tried::None);
}
