//! From the embedded engine to this one.

mod differing;
mod program;
mod refused;
mod same;
mod source;
mod stopped;

use std::ops::ControlFlow;

use redtag_protocol::stamp::Stamp;
use redtag_server::{
    keys,
    storage::{
        StorageError,
        postgres::{Options, PATIENCE, PostgresStorage},
        sqlite::Alone,
        transfer::{self, Done, MoveError, Pace, Plan, Step, Target},
    },
};

use super::{Case, ground::Database, on_database};

pub(super) fn cases() -> Vec<Case> {
    vec![
        on_database("the_list_names_every_table_and_column", same::listed),
        on_database("both_sides_answer_the_same", same::answers),
        on_database("stopped_at_any_point_it_goes_on", stopped::anywhere),
        on_database("a_source_that_went_on_is_noticed", stopped::went_on),
        on_database("whatever_differs_is_found", differing::found),
        on_database("what_is_not_empty_is_refused", refused::taken),
        on_database("a_source_moves_to_one_place", refused::elsewhere),
        on_database("of_two_that_were_begun_one_is_finished", refused::two_begun),
        on_database("taken_back_nothing_is_served_there", refused::withdrawn),
        on_database("two_moves_at_once_are_one", refused::at_once),
        on_database("a_server_and_a_move_never_both_begin", refused::racing),
        on_database("a_process_that_is_killed_is_no_loss", program::killed),
        on_database("the_command_tells_what_it_did", program::told),
    ]
}

const NOW: Stamp = Stamp(1_790_000_000_000);

/// A connection of the app role.
async fn target(database: &Database) -> Result<Target, MoveError> {
    let address = database.address();
    let (client, connection) = address.connect().await.unwrap();
    tokio::spawn(connection);
    Target::new(client, address.place()).await
}

/// Moves in small chunks, and stops where `watch` says so.
async fn go(
    source: &Alone,
    database: &Database,
    mut watch: impl FnMut(Step<'_>) -> ControlFlow<()> + Send,
) -> Result<Done, MoveError> {
    let mut target = target(database).await?;
    let plan = Plan {
        pace: Pace {
            rows: 1500,
            bytes: 1 << 20,
        },
        seal: keys::seal(&database.keys.wrapping, NOW),
    };
    transfer::run(source, &mut target, plan, &|| NOW, &mut watch).await
}

/// Opens the database as a server does.
async fn try_open(database: &Database) -> Result<PostgresStorage, StorageError> {
    PostgresStorage::open(Options {
        address: database.address(),
        wrap: database.keys.wrapping.clone(),
        connections: 2,
        patience: PATIENCE,
    })
    .await
}

/// Moves all of it.
async fn whole(source: &Alone, database: &Database) -> Result<Done, MoveError> {
    go(source, database, |_| ControlFlow::Continue(())).await
}
