//! Whatever bytes come: the decoders answer, never panic, take no more memory than in proportion to
//! what came, and give back what was encoded.
//!
//! Each target gets every file of `corpus/TARGET`, mutations of them, and random bytes. The number
//! of cases is small here; `REDTAG_FUZZ_CASES=1000000 cargo test --release -p redtag-protocol --test
//! fuzz` takes any. What fails is printed and belongs into the corpus.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests, which fail by panicking"
)]

use std::{fs, path::Path};

use proptest::{prelude::*, test_runner::TestRunner};
use redtag_protocol::{
    api::changes::{Copying, Cursor, Line, Mark},
    ipc::{
        FromClient,
        frame::{Decoder, MAX_FRAME, encode},
    },
    op::Operation,
    stamp::Seq,
    text::{clean_line, clean_text, is_hidden},
};

/// Bytes that matter to one decoder or another.
const TOKENS: [&str; 20] = [
    "null",
    "{",
    "}",
    "[[[[[[[[",
    "]",
    "\"",
    ":",
    ",\"\"",
    "\\u0000",
    "\\ud800",
    "1e999",
    "-0",
    "18446744073709551615",
    "{\"do\":",
    "\u{1b}]",
    "\u{1b}[",
    "\u{9d}",
    "\u{90}",
    "\u{202e}",
    "\u{7}",
];

#[derive(Debug, Clone)]
enum Mutation {
    Set(usize, u8),
    Cut(usize),
    Remove(usize, usize),
    Repeat(usize, usize, usize),
    Insert(usize, usize),
}

fn mutation() -> impl Strategy<Value = Mutation> {
    let at = any::<usize>();
    prop_oneof![
        (at, any::<u8>()).prop_map(|(at, byte)| Mutation::Set(at, byte)),
        at.prop_map(Mutation::Cut),
        (at, 1usize..20).prop_map(|(at, count)| Mutation::Remove(at, count)),
        (at, 1usize..40, 2usize..60)
            .prop_map(|(at, count, times)| { Mutation::Repeat(at, count, times) }),
        (at, 0..TOKENS.len()).prop_map(|(at, token)| Mutation::Insert(at, token)),
    ]
}

fn mutate(mut bytes: Vec<u8>, mutations: &[Mutation]) -> Vec<u8> {
    for mutation in mutations {
        let size = bytes.len();
        let place = |at: usize| at % (size + 1);
        match *mutation {
            Mutation::Set(at, byte) => {
                if let Some(found) = bytes.get_mut(place(at)) {
                    *found = byte;
                }
            }
            Mutation::Cut(at) => bytes.truncate(place(at)),
            Mutation::Remove(at, count) => {
                let from = place(at);
                bytes.drain(from..size.min(from + count));
            }
            Mutation::Repeat(at, count, times) => {
                let from = place(at);
                let piece = bytes[from..size.min(from + count)].repeat(times);
                bytes.splice(from..from, piece);
            }
            Mutation::Insert(at, token) => {
                let from = place(at);
                bytes.splice(from..from, TOKENS[token].bytes());
            }
        }
    }
    bytes
}

fn corpus(target: &str) -> Vec<Vec<u8>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let mut files: Vec<_> = fs::read_dir(folder.join(target))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.sort();
    assert!(files.len() > 5, "{target}");
    files.iter().map(|path| fs::read(path).unwrap()).collect()
}

/// Runs a target over its corpus, and over as many cases as are wanted.
fn fuzz(target: &str, check: impl Fn(&[u8])) {
    let corpus = corpus(target);
    for entry in &corpus {
        check(entry);
    }
    #[expect(
        clippy::disallowed_methods,
        reason = "how many cases is the surroundings' business, not the domain's"
    )]
    let wanted = std::env::var("REDTAG_FUZZ_CASES").ok();
    let config = ProptestConfig {
        cases: wanted.map_or(1_500, |it| it.parse().expect("a number of cases")),
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let mutated = (
        prop::sample::select(corpus),
        prop::collection::vec(mutation(), 1..6),
    );
    let bytes = prop_oneof![
        9 => mutated.prop_map(|(entry, mutations)| mutate(entry, &mutations)),
        1 => prop::collection::vec(any::<u8>(), 0..400),
    ];
    TestRunner::new(config)
        .run(&bytes, |bytes| {
            check(&bytes);
            Ok(())
        })
        .unwrap();
}

/// What a decoder may hold at once for an input of this size. A list of empty texts takes most: two
/// or three bytes each become some dozens, while the list grows twice that.
fn frugal<T>(size: usize, decode: impl FnOnce() -> T) -> T {
    let mut decoded = None;
    let taken = allocation_counter::measure(|| decoded = Some(decode()));
    let bound = 32 * 1024 + 160 * size as u64;
    assert!(
        taken.bytes_max <= bound,
        "{} bytes for an input of {size}",
        taken.bytes_max
    );
    decoded.unwrap()
}

/// All messages in these bytes, which arrive in pieces of the given size.
fn messages(bytes: &[u8], piece: usize) -> Vec<Option<String>> {
    let mut decoder = Decoder::new();
    let mut found = Vec::new();
    for piece in bytes.chunks(piece.max(1)) {
        decoder.feed(piece);
        loop {
            match decoder.next::<FromClient>() {
                Ok(Some(message)) => found.push(Some(serde_json::to_string(&message).unwrap())),
                Ok(None) => break,
                Err(redtag_protocol::ipc::frame::FrameError::TooLarge(size)) => {
                    assert!(size > MAX_FRAME);
                    found.push(None);
                    return found;
                }
                Err(_) => found.push(None),
            }
        }
    }
    found
}

#[test]
fn frames() {
    fuzz("frame", |bytes| {
        let whole = frugal(bytes.len(), || messages(bytes, bytes.len()));
        assert_eq!(whole, messages(bytes, 1), "however they are cut");
        assert_eq!(whole, messages(bytes, 7));
        // What was read can be sent, and is read as the same.
        let read = whole.into_iter().flatten();
        let again: Vec<Option<String>> = read.map(Some).collect();
        let sent: Vec<u8> = again
            .iter()
            .flatten()
            .flat_map(|text| {
                let message: FromClient = serde_json::from_str(text).unwrap();
                encode(&message).unwrap()
            })
            .collect();
        assert_eq!(messages(&sent, sent.len()), again);
    });
}

#[test]
fn operations() {
    fuzz("operation", |bytes| {
        let read = frugal(bytes.len(), || serde_json::from_slice::<Operation>(bytes));
        if let Ok(operation) = read {
            let sent = serde_json::to_vec(&operation).unwrap();
            assert_eq!(
                serde_json::from_slice::<Operation>(&sent).unwrap(),
                operation
            );
        }
    });
}

#[test]
fn lines_of_the_change_stream() {
    let written = |line: &Line| {
        let mut out = Vec::new();
        line.write(&mut out).unwrap();
        out
    };
    fuzz("line", |bytes| {
        let read = frugal(bytes.len(), || Line::parse(bytes));
        if let Ok(line) = read {
            let once = written(&line);
            let again = Line::parse(&once).unwrap();
            assert_eq!(written(&again), once);
        }
    });
}

#[test]
fn cursors() {
    fuzz("cursor", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let read = frugal(text.len(), || text.parse::<Cursor>());
        if let Ok(cursor) = read {
            assert_eq!(cursor.to_string(), text, "one text for one place");
        }
    });
}

#[test]
fn text_from_outside() {
    fuzz("text", |bytes| {
        let text = String::from_utf8_lossy(bytes);
        let line = frugal(text.len(), || clean_line(&text).into_owned());
        assert!(line.len() <= text.len());
        assert!(!line.chars().any(is_hidden), "{line:?}");
        assert_eq!(clean_line(&line), line, "clean is clean");
        let several = clean_text(&text);
        assert!(several.len() <= text.len());
        assert!(!several.chars().any(|c| c != '\n' && is_hidden(c)));
        assert_eq!(clean_text(&several), several);
    });
}

/// Read to its end for each of them, such a text would take minutes.
#[test]
fn a_text_full_of_sequences_that_are_never_ended_is_read_once() {
    for opener in ["\u{9d}", "\u{90}", "\u{1b}]\u{9d}", "\u{9e}\u{9b}1"] {
        let text = opener.repeat(400_000);
        assert!(clean_line(&text).len() <= text.len());
    }
}

proptest! {
    #[test]
    fn a_cursor_is_read_as_it_was_written(
        epoch in any::<u64>(),
        seq in 0..=i64::MAX.cast_unsigned(),
        hash in any::<[u8; 8]>(),
        copying in prop::option::of((
            any::<u8>(),
            prop::option::of((any::<[u8; 16]>(), 0..=i64::MAX.cast_unsigned())),
        )),
    ) {
        let copying = copying.map(|(part, after)| Copying {
            part,
            after: after.map(|(id, seq)| Mark { id, seq: Seq(seq) }),
        });
        let cursor = Cursor { epoch, seq: Seq(seq), hash, copying };
        prop_assert_eq!(cursor.to_string().parse(), Ok(cursor));
    }
}
