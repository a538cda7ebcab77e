//! How far an edit came: whoever typed it is told what is, not what will be.

use std::time::Duration;

use redtag_protocol::{
    ids::InspectionId,
    ipc::{Connection, InspectionView, SyncState},
};
use tokio::time::{Instant, sleep};

use crate::command::{desk::Line, fault::Fault};

/// How long a command waits to hear what came of its edit. On a good line that is enough for the
/// API's word, and nobody at a prompt feels it.
const PATIENCE: Duration = Duration::from_millis(400);

/// How long between two questions.
const PAUSE: Duration = Duration::from_millis(40);

/// The inspection as it stands once something came of the edit, the line is known to be down, or
/// the patience is over; and how far it is, in words.
pub(super) async fn settled(
    line: &Line,
    id: InspectionId,
) -> Result<(InspectionView, String), Fault> {
    let end = Instant::now() + PATIENCE;
    loop {
        let view = line.inspection(id).await?;
        if !matches!(view.sync, SyncState::Waiting | SyncState::Sent) {
            let words = words(view.sync, &Connection::Online);
            return Ok((view, words));
        }
        let connection = line.status().await?.connection;
        let up = matches!(connection, Connection::Online | Connection::Connecting);
        if !up || Instant::now() + PAUSE >= end {
            let words = words(view.sync, &connection);
            return Ok((view, words));
        }
        sleep(PAUSE).await;
    }
}

/// Where the connection is down, something sent may have been lost on the way and will be sent
/// again.
pub(super) fn words(sync: SyncState, connection: &Connection) -> String {
    let down = match connection {
        Connection::Online | Connection::Connecting => None,
        Connection::Offline { .. } => Some("offline"),
        Connection::SignedOut { .. } | Connection::NoAccount => Some("signed out"),
    };
    match (sync, down) {
        (SyncState::Acknowledged, _) => "acknowledged by the server".to_owned(),
        (SyncState::Refused, _) => {
            "something was refused and is kept here; “redtag outbox” says why".to_owned()
        }
        (_, Some(down)) => format!("saved here, waiting to send ({down})"),
        (SyncState::Waiting, None) => SyncState::Waiting.words().to_owned(),
        (SyncState::Sent, None) => "sent, not yet acknowledged".to_owned(),
    }
}
