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
