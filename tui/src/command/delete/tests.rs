use redtag_protocol::{
    ipc::{Reply, Request},
    lifecycle::State,
};

use super::*;
use crate::{
    command::{erase, merge},
    link::Link,
    testing::{self, Daemon},
};

/// A daemon that knows a vehicle and two customers by name.
fn daemon() -> Daemon {
    Daemon::new(|request| {
        Some(Ok(match request {
            Request::Find { .. } => Reply::Inspection(Box::new(testing::view(State::Draft))),
            Request::Vehicles { .. } => {
                Reply::Vehicles(vec![testing::view(State::Draft).vehicle.unwrap()])
            }
            Request::Customers { .. } => Reply::Customers(vec![
                testing::customer(6, "Ada Example"),
                testing::customer(7, "Ada Exmaple"),
            ]),
            _ => Reply::Saved {
                first: 4,
                last: 4,
                inspection: None,
            },
        }))
    })
}

fn edits(daemon: &mut Daemon) -> Vec<Edit> {
    let asked = std::iter::from_fn(|| daemon.requests.try_recv().ok());
    let edits = asked.filter_map(|it| match it.request {
        Request::Edit { edits } => Some(edits),
        _ => None,
    });
    edits.flatten().collect()
}

fn args(ticket: Option<&str>, customer: Option<&str>, vehicle: Option<&str>) -> Args {
    Args {
        ticket: ticket.map(str::to_owned),
        customer: customer.map(str::to_owned),
        vehicle: vehicle.map(str::to_owned),
        yes: true,
        format: Format { json: true },
    }
}

#[tokio::test]
async fn what_is_named_is_deleted_and_nothing_else() {
    let mut daemon = daemon();
    let line = Line::over(Link::open(daemon.options()).0);
    let view = testing::view(State::Draft);
    run(&args(Some("1042"), None, None), &line).await.unwrap();
    run(&args(None, Some("ada example"), None), &line)
        .await
        .unwrap();
    run(&args(None, None, Some("wtu-123")), &line)
        .await
        .unwrap();
    let known = [
        EntityRef::Inspection(view.inspection.id),
        EntityRef::Customer(testing::customer(6, "").id),
        EntityRef::Vehicle(view.inspection.vehicle),
    ];
    let deleted = known.map(|what| Edit::Delete { what });
    assert_eq!(edits(&mut daemon), deleted);
    let none = run(&args(None, Some("Nobody"), None), &line)
        .await
        .unwrap_err();
    assert!(none.words.contains("nothing was changed"), "{none:?}");
    assert!(edits(&mut daemon).is_empty());
}

#[tokio::test]
async fn a_customer_is_erased_or_merged_by_name() {
    let mut daemon = daemon();
    let line = Line::over(Link::open(daemon.options()).0);
    let erased = erase::Args::named("Ada Exmaple");
    erase::run(&erased, &line).await.unwrap();
    let merged = merge::Args::customers("Ada Exmaple", "Ada Example");
    merge::run(&merged, &line).await.unwrap();
    let (stays, other) = (testing::customer(6, "").id, testing::customer(7, "").id);
    let merged = Edit::MergeCustomers {
        id: other,
        into: stays,
    };
    assert_eq!(
        edits(&mut daemon),
        [Edit::EraseCustomer { id: other }, merged]
    );
}
