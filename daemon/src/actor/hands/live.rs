//! How far the shop is: the live channel, or questions in its place.

use redtag_protocol::stamp::Seq;

use super::{CallError, Hands, News};
use crate::{
    core::Input,
    remote::{AccessToken, LiveEvent},
};

impl Hands {
    /// The live channel, until it ends.
    pub(in crate::actor) async fn live(&self, access: &AccessToken) -> Result<Input, CallError> {
        let answer = self.remote.live(access, self.shop).await?;
        self.correct_clock(answer.date);
        let mut live = answer.value;
        self.tell(News::Input(Input::LiveOpened));
        let ended = loop {
            match live.next().await {
                Ok(Some(LiveEvent::Seq(seq))) => self.tell(News::Input(Input::Hint(seq))),
                Ok(Some(_)) => {}
                Ok(None) => break Ok(Input::LiveEnded),
                Err(error) => break Err(error.into()),
            }
        };
        // A server that ended may have made room for another.
        self.remote.doubt();
        ended
    }

    /// Asks how far the shop is; answered once it is past `after`, or when it was time.
    pub(in crate::actor) async fn poll(
        &self,
        access: &AccessToken,
        after: Seq,
    ) -> Result<Input, CallError> {
        let answer = self.remote.poll(access, self.shop, after).await?;
        self.correct_clock(answer.date);
        Ok(Input::Polled(answer.value))
    }
}
