//! What offering and closing a template's versions is foreseen to do.

use redtag_protocol::{
    lifecycle::{State, Verb},
    template::TemplateState,
};

use super::*;

const SECOND: u8 = 0x31;

/// Ticket 1 is the only one that runs on the first version; an owner works here.
fn owned(over: bool) -> Bench {
    let mut bench = Bench::filled();
    let owner = json!({"id": me(), "name": "Ada", "role": "owner"});
    let mut lines = vec![raw("member", &me().to_string(), 11, owner.to_string())];
    if over {
        let mut it = ticket_one();
        it.state.value = State::Void;
        lines.push(document(&Entity::Inspection(Box::new(it)), 12));
    }
    bench.pull(lines, 12, false);
    bench
}

fn offer(bench: &mut Bench) {
    let id = TemplateId::from_bytes(bytes(SECOND));
    let text = "key = \"bike\"\nname = \"Bike\"\n[[section]]\nkey = \"tyres\"\nlabel = \"Tyres\"\n\
                [[section.point]]\nkey = \"tyres.wear\"\nlabel = \"Wear\"\n";
    let stroke = vec![
        Edit::DraftTemplate {
            id,
            text: text.to_owned(),
        },
        Edit::PublishTemplate {
            id,
            instead_of: Some(template()),
        },
    ];
    bench.store().save(stroke, now(0)).unwrap();
}

fn states(bench: &mut Bench) -> Vec<(u32, TemplateState)> {
    let all = crate::view::templates(bench.store());
    all.iter().map(|it| (it.version, it.state)).collect()
}

#[test]
fn a_version_is_closing_here_as_long_as_an_inspection_runs_on_it() {
    let mut bench = owned(false);
    offer(&mut bench);
    let (active, closing) = (TemplateState::Active, TemplateState::Closing);
    assert_eq!(states(&mut bench), [(2, active), (1, closing)]);
    let void = Edit::Move {
        id: ticket(1),
        verb: Verb::Void,
        from: ticket_one().state.value,
        reason: Some("a mistake".to_owned()),
    };
    bench.save(void, 1);
    let closed = [(2, active), (1, TemplateState::Closed)];
    assert_eq!(states(&mut bench), closed);
    // Worked out anew from what is confirmed and what waits.
    bench.reopen();
    assert_eq!(states(&mut bench), closed);
}

#[test]
fn a_version_on_which_nothing_runs_here_is_closed_at_once() {
    let mut bench = owned(true);
    offer(&mut bench);
    let closed = [(2, TemplateState::Active), (1, TemplateState::Closed)];
    assert_eq!(states(&mut bench), closed);
    bench.reopen();
    assert_eq!(states(&mut bench), closed);
}

/// A version of the bike whose body takes so many bytes.
fn sized(version: u8, size: usize) -> Line {
    let id = TemplateId::from_bytes(bytes(0x60 + version));
    let body = |name: &str| {
        let it = json!({
            "id": id, "key": "bike", "version": version, "name": name, "state": "closed",
            "sections": [],
        });
        let it: redtag_protocol::template::Template = serde_json::from_value(it).unwrap();
        serde_json::to_string(&it).unwrap()
    };
    let name = "x".repeat(size - body("").len());
    assert_eq!(body(&name).len(), size);
    raw(
        "template",
        &id.to_string(),
        20 + u64::from(version),
        body(&name),
    )
}

fn parts(bench: &mut Bench) -> Vec<Vec<u32>> {
    let mut parts = Vec::new();
    let mut offset = 0;
    loop {
        let page = crate::view::template_page(bench.store(), offset);
        assert_eq!(page.offset, offset);
        let versions: Vec<u32> = page.templates.iter().map(|it| it.version).collect();
        let total = page.total;
        let frame = redtag_protocol::ipc::frame::encode(&page).unwrap();
        assert!(frame.len() < redtag_protocol::ipc::frame::MAX_FRAME / 2);
        offset += u32::try_from(versions.len()).unwrap();
        parts.push(versions);
        if offset >= total {
            return parts;
        }
    }
}

#[test]
fn templates_come_in_parts_that_a_message_carries() {
    use redtag_protocol::ipc::{
        PART,
        frame::{MAX_FRAME, encode},
    };
    // To the byte: what fills a part alone leaves no room for the first version, which is small.
    let first = serde_json::to_vec(&crate::view::templates(owned(false).store())[0]);
    let first = first.unwrap().len();
    for (size, wanted) in [
        (PART - first - 1, vec![vec![2, 1]]),
        (PART - first, vec![vec![2], vec![1]]),
        (PART + 1, vec![vec![2], vec![1]]),
    ] {
        let mut bench = owned(false);
        bench.pull(vec![sized(2, size)], 30, false);
        assert_eq!(parts(&mut bench), wanted, "{size}");
    }
    // More than one message carries.
    let mut bench = owned(false);
    let lines = (2..12).map(|version| sized(version, 900_000)).collect();
    bench.pull(lines, 40, false);
    let all = crate::view::templates(bench.store());
    assert!(encode(&all).is_err(), "less than {MAX_FRAME}");
    let all: Vec<u32> = all.iter().map(|it| it.version).collect();
    assert_eq!(parts(&mut bench).concat(), all);
    assert_eq!(all.len(), 11);
    // Beyond the end there is nothing.
    let page = crate::view::template_page(bench.store(), 99);
    assert_eq!((page.templates.len(), page.total), (0, 11));
}
