//! Whether this machine's network is another than before, so that a try comes at once when the line is
//! back, and no call waits for an answer over a line that is gone.

use std::{
    collections::hash_map::DefaultHasher,
    fs,
    hash::{Hash, Hasher},
    time::{Duration, Instant},
};

use tokio::{sync::mpsc::UnboundedSender, task::AbortHandle};

use super::{clock, event::Event};

/// How often to look: three small files of the kernel.
const EVERY: Duration = Duration::from_secs(5);

/// A machine that slept for longer than this is on another network, for all we know.
const SLEPT: Duration = Duration::from_secs(10);

/// Looks until it is aborted, and says what it saw.
pub(super) fn watch(events: UnboundedSender<Event>) -> AbortHandle {
    let task = tokio::spawn(async move {
        let mut seen = look();
        let mut at = (Instant::now(), clock::since_boot());
        loop {
            tokio::time::sleep(EVERY).await;
            let now = (Instant::now(), clock::since_boot());
            // The one clock stands still while the machine sleeps, the other does not.
            let slept = (now.1.saturating_sub(at.1)).saturating_sub(now.0 - at.0) > SLEPT;
            at = now;
            let found = look();
            if (slept || found != seen) && events.send(Event::Network { slept }).is_err() {
                return;
            }
            seen = found;
        }
    });
    task.abort_handle()
}

/// A hash of the routes and addresses, without what the kernel counts in them. Files that are not
/// there count as empty.
fn look() -> u64 {
    let read =
        |name: &str| fs::read_to_string(format!("/proc/self/net/{name}")).unwrap_or_default();
    hash(&read("route"), &read("ipv6_route"), &read("if_inet6"))
}

fn hash(route: &str, ipv6_route: &str, if_inet6: &str) -> u64 {
    /// Columns that count uses: proc(5) and the kernel's `ipv6_route` format.
    const COUNTED: [&[usize]; 3] = [&[4, 5], &[6, 7], &[]];
    let mut hasher = DefaultHasher::new();
    for (text, counted) in [route, ipv6_route, if_inet6].into_iter().zip(COUNTED) {
        let mut lines: Vec<Vec<&str>> = text
            .lines()
            .map(|line| {
                let columns = line.split_whitespace().enumerate();
                let kept = columns.filter(|(at, _)| !counted.contains(at));
                kept.map(|(_, column)| column).collect()
            })
            .collect();
        // The kernel's order says nothing.
        lines.sort_unstable();
        lines.hash(&mut hasher);
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROUTE: &str = "\
Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT
eth0\t00000000\t0102A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0
eth0\t0002A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0
";

    #[test]
    fn another_route_is_news_and_counters_and_order_are_not() {
        let before = hash(ROUTE, "", "");
        let counted = ROUTE.replace("0003\t0\t0", "0003\t7\t9");
        assert_eq!(hash(&counted, "", ""), before);
        let mut lines: Vec<&str> = ROUTE.lines().collect();
        lines.swap(1, 2);
        assert_eq!(hash(&lines.join("\n"), "", ""), before);
        assert_ne!(hash(&ROUTE.replace("0102A8C0", "0103A8C0"), "", ""), before);
        assert_ne!(hash(ROUTE, "", "fe80 02 40 20 80 eth0"), before);
    }
}
