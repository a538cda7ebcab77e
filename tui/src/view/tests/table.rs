//! Every screen and everything that opens above one: who sees it, and what brings it about.

use redtag_protocol::{
    ids::TemplateId,
    ipc::{Connection, Lock, Push},
    lifecycle::{State as Stage, Verb},
    op::Edit,
    role::Role,
    stamp::{Seq, Stamp},
    template::TemplateState,
};

use super::{client, happened, not_saved};
use crate::{
    app::{
        Message, Screen,
        fixture::{self, Client, ticket},
    },
    link::Event,
};

/// A screen: its name for its pictures, the client that it is shown by, and what brings it about.
pub(super) type Entry = (&'static str, fn() -> Client, fn(&mut Client));

/// Every screen.
pub(super) const SCREENS: &[Entry] = &[
    ("locked", client, |client| {
        client.open();
        lock(client);
        client.keys("4711");
    }),
    ("board", client, |client| {
        client.settle();
        client.keys("<Down>4");
    }),
    ("board_news", dispatcher, |client| news(client, "4")),
    ("board_tab_new", dispatcher, |client| news(client, "6")),
    ("board_narrowed", dispatcher, |client| {
        client.settle();
        client.keys("4f");
        client.settle();
        client.keys("4");
        client.settle();
        client.keys("o4");
    }),
    ("board_by_bay", dispatcher, |client| {
        client.settle();
        client.keys("4o6");
    }),
    ("board_looked", dispatcher, |client| {
        client.settle();
        client.keys("x");
    }),
    ("filter", client, |client| sought(client, "10")),
    ("board_found", dispatcher, |client| sought(client, "squeal")),
    ("board_found_cut", dispatcher, |client| {
        sought(client, "ccord");
    }),
    ("board_found_bay", dispatcher, |client| {
        sought(client, "bay 2");
    }),
    ("board_filtered", dispatcher, |client| sought(client, "ABC")),
    ("narrow_menu", dispatcher, |client| on_board(client, "f")),
    ("jump", dispatcher, |client| {
        on_board(client, "gnowhere<Enter>");
    }),
    ("accounts", dispatcher, |client| on_board(client, "a")),
    ("vehicles", dispatcher, |client| on_board(client, "v")),
    ("customers_none", dispatcher, |client| {
        on_board(client, "cNobody");
    }),
    ("vehicle", dispatcher, |client| {
        on_board(client, "vABC<Enter>");
    }),
    ("customer", dispatcher, |client| {
        on_board(client, "cDana<Enter>");
    }),
    ("card_vehicle", dispatcher, |client| {
        on_board(client, "vabc 1234<C-n>");
        client.keys("<Tab>1HGCM82633A123456<Tab>");
    }),
    ("card_customer", dispatcher, |client| {
        on_board(client, "cDana<Enter>");
        client.keys("e<C-u><C-s>");
    }),
    ("templates", dispatcher, |client| on_board(client, "t")),
    ("templates_changes", dispatcher, changed_template),
    ("inspection", client, |client| {
        client.open();
        client.keys("<Tab><Tab><Tab><Tab><Tab>");
        client.settle();
    }),
    ("value", client, |client| {
        client.open();
        client.keys("<Tab><Tab><Tab><Tab><Down><Down>1,5");
    }),
    ("help", client, |client| {
        client.open();
        client.keys("?");
    }),
    ("help_board", client, |client| {
        client.settle();
        client.keys("?<PgDn><PgDn><PgDn>");
    }),
    ("new", client, |client| {
        client.settle();
        client.keys("n");
        client.settle();
        client.keys("1HGCM82633A123456<Enter>");
        client.settle();
    }),
    ("note", client, |client| {
        client.open();
        client.keys("nInner shoulder worn,<A-Enter>see the alignment");
    }),
    ("note_canned", client, |client| {
        at_headlamps(client);
        client.keys("<Up>rnbeam<Tab>");
    }),
    ("canned", client, |client| {
        at_headlamps(client);
        client.keys("<Up>r ");
    }),
    ("canned_found", client, |client| {
        at_headlamps(client);
        client.keys("<Up>r dim");
    }),
    ("work", client, work),
    ("red_point", client, |client| {
        work(client);
        client.keys("<Esc> 1<Up>");
        client.settle();
        client.keys("<Up>");
    }),
    ("moves", client, |client| {
        client.open();
        client.keys("m");
    }),
    ("missing", driver, |client| {
        client.open();
        client.keys("r<Esc>r<Esc>");
        client.settle();
        client.keys("m1");
    }),
    ("past", reopened, |client| {
        client.open();
        client.keys("<Tab><Tab><Tab><Tab>h");
    }),
    ("timeline", client, |client| {
        client.timeline = happened();
        client.open();
        client.keys("t");
        client.settle();
        client.keys("<Down><Down>");
    }),
    ("not_saved", client, not_saved),
    ("unsaved", client, |client| {
        not_saved(client);
        client.keys("<F2>");
    }),
    ("outbox", client, outbox),
    ("outbox_stroke", client, |client| {
        outbox(client);
        client.keys("<End>");
    }),
    ("outbox_discard", client, |client| {
        outbox(client);
        client.keys("<End><Home>x");
    }),
    ("outbox_export", client, |client| {
        outbox(client);
        client.keys("e1<Enter>sesame");
    }),
    ("outbox_empty", client, |client| on_board(client, "w")),
    ("conflicts", client, conflicts),
    ("conflicts_late", client, |client| {
        conflicts(client);
        client.keys("<Down><Tab>");
    }),
    ("conflicts_deletion", client, |client| {
        conflicts(client);
        client.keys("<Down><Tab><Down>1");
    }),
    ("conflicts_help", client, |client| {
        conflicts(client);
        client.keys("<Down><Tab><Down>?");
    }),
    ("palette", client, |client| {
        client.open();
        client.keys(":no");
    }),
    ("palette_with_nothing", client, |client| {
        client.settle();
        client.keys("<C-p>xyzzy");
    }),
    ("standing", client, |client| {
        client.open();
        client.keys("s<F3>");
        let mut status = behind();
        status.waiting = 3;
        status.held = None;
        status.conflicts = 0;
        status.connection = Connection::Offline {
            why: "the server cannot be reached".to_owned(),
            next_try: None,
        };
        tell(client, status);
    }),
];

fn dispatcher() -> Client {
    Client::new(Role::Dispatcher, fixture::CAR)
}

fn driver() -> Client {
    Client::new(Role::Technician, fixture::TRUCK)
}

/// An owner's, with a revision that reopening ended.
fn reopened() -> Client {
    let mut client = Client::new(Role::Owner, fixture::CAR);
    fixture::filled(&mut client.bench);
    let steps = [
        (Verb::Submit, Stage::InProgress, None),
        (Verb::Approve, Stage::Submitted, None),
        (Verb::Reopen, Stage::Approved, Some("the brakes again")),
    ];
    for (verb, from, reason) in steps {
        client.bench.apply(&[Edit::Move {
            id: ticket(),
            verb,
            from,
            reason: reason.map(ToOwned::to_owned),
        }]);
    }
    client
}

fn on_board(client: &mut Client, keys: &str) {
    client.settle();
    client.keys(keys);
    client.settle();
}

fn sought(client: &mut Client, text: &str) {
    on_board(client, &format!("4/{text}"));
}

fn news(client: &mut Client, tab: &str) {
    client.settle();
    client.state.memory.as_mut().unwrap().since = Some(Seq(2));
    client.keys(tab);
}

fn at_headlamps(client: &mut Client) {
    client.open();
    client.keys("<Tab><Down>");
}

fn work(client: &mut Client) {
    at_headlamps(client);
    client.keys("<Up>rl<Enter>12,345<Enter>");
}

fn outbox(client: &mut Client) {
    client.outbox = fixture::outbox();
    client.settle();
    client.keys("w");
    tell(client, behind());
    client.keys("<Home>");
    client.settle();
}

fn conflicts(client: &mut Client) {
    client.conflicts = fixture::conflicts();
    client.settle();
    client.keys("!");
    client.settle();
}

/// An older version, in which one point was called otherwise and one was missing.
fn changed_template(client: &mut Client) {
    on_board(client, "t");
    let Some(Screen::Templates(screen)) = client.state.above.last_mut() else {
        panic!("no templates");
    };
    let now = screen.all.clone().unwrap().remove(0);
    let mut before = now.clone();
    before.id = TemplateId::from_parts(9, [9; 10]);
    before.state = TemplateState::Closing;
    before.sections[0].points[0].label = "Mileage".to_owned();
    before.sections[0].points.pop();
    let mut after = now;
    after.version = 2;
    screen.take(redtag_protocol::ipc::TemplatePage::of(vec![before, after]));
    client.keys("<Tab>");
}

/// A bench whose work does not come through.
fn behind() -> redtag_protocol::ipc::Status {
    let mut status = fixture::status(Role::Technician);
    status.waiting = 2;
    status.sent = 1;
    status.quarantined = 1;
    status.conflicts = 2;
    status.waiting_since = Some(Stamp(fixture::NOW.0 - 480_000));
    status.held = Some("the server cannot be reached".to_owned());
    status.next_try = Some(Stamp(fixture::NOW.0 + 60_000));
    status
}

fn tell(client: &mut Client, status: redtag_protocol::ipc::Status) {
    let push = Push::Status(Box::new(status));
    client.send(Message::Link(Event::Push(push)));
}

/// The account is locked, and there is another one.
pub(super) fn lock(client: &mut Client) {
    let mut status = fixture::status(client.bench.role);
    let account = status.account.as_mut().unwrap();
    account.lock = Some(Lock::Open);
    let mut locked = account.clone();
    locked.lock = Some(Lock::Locked);
    tell(client, status);
    client.keys("<F4>");
    client.asked.clear();
    let screen = client.state.locked.as_mut().unwrap();
    let mut other = fixture::around::other_account();
    other.name = "Zoe Else".to_owned();
    other.email = "zoe@example.com".to_owned();
    screen.take(vec![locked, other], None);
}
