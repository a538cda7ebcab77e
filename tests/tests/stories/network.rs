//! The network of a machine goes away and comes back, in a network namespace of the test's own. Needs
//! root.

use std::{ffi::OsString, process::Command, time::Duration};

use anyhow::{Context as _, Result, ensure};
use redtag_protocol::{grade::Condition, ipc::Connection, role::Role};
use redtag_tests::{
    harness::{Ground, Process, Stack, condition, eventually, program, within},
    now,
};
use rustix::process::geteuid;

use crate::story::{Story, stories};

pub(crate) const STORIES: &[Story] =
    stories![a_network_that_comes_back_is_tried_at_once];

/// The bench's interface, which goes and comes with the line to the API.
const INTERFACE: &str = "ip link add bench0 type dummy
    ip link set bench0 up
    ip addr add 192.0.2.7/24 dev bench0
    ip link set lo up";
const AWAY: &str = "ip addr del 192.0.2.7/24 dev bench0
    ip link set lo down";
const BACK: &str = "ip link set lo up
    ip addr add 192.0.2.7/24 dev bench0";

/// So far away the next try is to be, in milliseconds, for what comes before it to tell something: the
/// daemon looks at the network every five seconds.
const FAR: u64 = 20_000;

/// How long it may take until tries are so far apart.
const APART: Duration = Duration::from_mins(4);

/// What this story needs and this machine has not.
pub(crate) fn missing() -> Option<String> {
    if !geteuid().is_root() {
        return Some("needs root, for a network of its own".to_owned());
    }
    let programs = ["unshare", "nsenter", "ip"];
    if let Some(missing) = programs.into_iter().find(|it| program(it).is_none()) {
        return Some(format!("needs {missing}"));
    }
    let script = format!("set -e\n{INTERFACE}\n{AWAY}\n{BACK}");
    let own = Command::new("unshare")
        .args(["--net", "sh", "-c", &script])
        .output();
    let may = own.is_ok_and(|out| out.status.success());
    (!may).then(|| "needs a network namespace, which this container forbids".to_owned())
}

/// A network in which nothing of the machine's is; it ends with this.
struct Network {
    holder: Process,
}

impl Network {
    fn new(ground: &Ground) -> Result<Self> {
        let mut command = Command::new("unshare");
        let script = format!("{INTERFACE}\necho ready\nexec sleep infinity");
        command.args(["--net", "sh", "-ec", &script]);
        let log = ground.path().join("network.log");
        let mut holder = Process::start(command, "a network", &log)?;
        ensure!(holder.first_line()? == "ready", "{}", holder.log());
        Ok(Self { holder })
    }

    fn enter(&self) -> Vec<OsString> {
        let net = format!("--net=/proc/{}/ns/net", self.holder.pid());
        vec!["nsenter".into(), net.into()]
    }

    fn changes(&self, script: &str) -> Result<()> {
        let enter = self.enter();
        let done = Command::new(&enter[0])
            .args(&enter[1..])
            .args(["sh", "-ec", script])
            .output()?;
        let words = String::from_utf8_lossy(&done.stderr);
        ensure!(done.status.success(), "{script}: {words}");
        Ok(())
    }
}

fn a_network_that_comes_back_is_tried_at_once(ground: &Ground) -> Result<()> {
    let network = Network::new(ground)?;
    ground.enter(network.enter())?;
    let stack = Stack::on(ground)?;
    let bench = stack.bench("bench", Role::Technician)?;
    let id = bench.new_inspection("NET 1")?;
    bench.client()?.start(id)?;
    bench.settled()?;

    network.changes(AWAY)?;
    let edit = condition(id, "lights.horn", Condition::Red)?;
    bench.client()?.save(vec![edit])?;
    let next = within(APART, "tries that are far apart", || {
        let status = bench.client()?.status()?;
        let Connection::Offline { next_try, .. } = status.connection else {
            anyhow::bail!("{:?}", status.connection);
        };
        let next = next_try.context("no next try")?;
        ensure!(next.0 > now() + FAR, "{next:?}");
        Ok(next)
    });
    let next = next.with_context(|| bench.log())?;
    network.changes(BACK)?;
    let arrived = eventually("the edit to arrive before the next try", || {
        let status = bench.client()?.status()?;
        ensure!(status.waiting + status.sent == 0, "{status:?}");
        Ok(now())
    });
    let arrived = arrived.with_context(|| bench.log())?;
    ensure!(
        arrived < next.0,
        "it came {} ms after the next try was due anyway",
        arrived - next.0
    );
    ensure!(bench.log().contains("the network changed"), "{}", bench.log());
    Ok(())
}
