use memchr::memmem::Finder;
use proptest::prelude::*;

use super::InLabel;
use crate::view::board::{rows::Ticket, table::Row as _};

/// As it is written, which is how it was looked for at first.
fn written(ticket: &Ticket) -> String {
    let number = match ticket.number {
        u64::MAX => String::new(),
        number => format!("#{number}\n"),
    };
    let provisional = match ticket.code {
        [0, 0] => String::new(),
        code => {
            let code = std::str::from_utf8(&code).unwrap().to_lowercase();
            format!("~{code}-{}", ticket.count)
        }
    };
    number + &provisional
}

proptest! {
    #[test]
    fn a_word_is_found_where_it_is_written(
        number in prop_oneof![Just(u64::MAX), 0..2_000_u64, 0..u64::MAX],
        code in prop_oneof![Just(None), "[A-Z0-9]{2}".prop_map(Some)],
        count in prop_oneof![0..200_u32, any::<u32>()],
        cut in (0..30_usize, 1..9_usize),
        other in "[a-z0-9#~-]{1,4}",
    ) {
        let mut ticket = Ticket::unknown([1; 16]);
        (ticket.number, ticket.count) = (number, count);
        if let Some(code) = code {
            ticket.code = code.as_bytes().try_into().unwrap();
        }
        let label = written(&ticket);
        let cut: String = label.chars().skip(cut.0).take(cut.1).filter(|c| *c != '\n').collect();
        for word in [cut, other] {
            if word.is_empty() || word.bytes().filter(u8::is_ascii_alphabetic).count() > 2 {
                continue;
            }
            let finder = Finder::new(word.as_bytes());
            let found = InLabel::of(&word).holds(&ticket, &finder, &mut Vec::new());
            prop_assert_eq!(found, label.contains(&word), "{} in {}", word, label);
        }
    }
}

#[test]
fn no_nought_is_found_that_nobody_wrote() {
    let mut ticket = Ticket::unknown([1; 16]);
    for (number, word, found) in [
        (5, "05", false),
        (105, "05", true),
        (0, "0", true),
        (0, "00", false),
        (100, "00", true),
        (1042, "104", true),
        (1042, "042", true),
        (1042, "1042", true),
        (1042, "01042", false),
        (1042, "41", false),
    ] {
        ticket.number = number;
        let finder = Finder::new(word.as_bytes());
        let holds = InLabel::of(word).holds(&ticket, &finder, &mut Vec::new());
        assert_eq!(holds, found, "{word} in {number}");
    }
}
