use std::time::Duration;

use redtag_protocol::stamp::Seq;
use reqwest::Response;
use tokio::time::timeout;

use super::{Server, SignedIn};

const PATIENCE: Duration = Duration::from_secs(20);

/// A live stream, as a bench reads it.
pub struct Live(Response);

impl Live {
    pub async fn of(server: &Server, who: &SignedIn) -> Self {
        let answer = server.get(who.shop, "live", &who.access).send().await;
        let answer = answer.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream");
        Self(answer)
    }

    /// The next piece; none at the end.
    pub async fn next(&mut self) -> Option<String> {
        let piece = timeout(PATIENCE, self.0.chunk()).await.unwrap().unwrap();
        piece.map(|piece| String::from_utf8(piece.to_vec()).unwrap())
    }

    /// The next sequence, past heartbeats.
    pub async fn seq(&mut self) -> Seq {
        loop {
            let piece = self.next().await.unwrap();
            // Several pieces may arrive as one; the last counts.
            let said = piece.lines().rev().find_map(|it| it.strip_prefix("data: "));
            if let Some(seq) = said {
                return Seq(seq.parse().unwrap());
            }
        }
    }

    /// Waits until the stream has said that the shop is at least at a sequence.
    pub async fn until(&mut self, seq: Seq) {
        while self.seq().await < seq {}
    }
}
