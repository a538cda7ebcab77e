//! What a person signs in with, and where they are signed in. The secret of a second factor passes
//! through once, to be shown, and stays nowhere here.

use redtag_protocol::{
    api::second_factor::{self, Wish},
    ids::ShopId,
    ipc::{Failure, FailureCode, NewPassword, Reply, Request, SignIn},
};

use super::{Actor, line};
use crate::{
    ipc::ConnId,
    remote::{AccessToken, Remote, RemoteError},
};

impl Actor {
    /// Begins, confirms or gives up the second factor of who would sign in so.
    pub(super) fn second_factor(&self, conn: ConnId, id: u64, who: SignIn, wish: Wish) {
        let Some(mut answer) = self.owed(conn, id) else {
            return;
        };
        let ways = line::for_sign_in(&self.desk(), &who);
        tokio::spawn(async move {
            let done = async {
                let (remote, _) = ways?.chosen().await;
                let request = second_factor::Request {
                    email: who.email.trim().to_owned(),
                    password: who.password,
                    code: who.code,
                    wish,
                };
                let done = remote.second_factor(request).await?;
                Ok::<_, Failure>(Reply::SecondFactor(done.value))
            };
            answer.give(done.await);
        });
    }

    /// What the API says to an account's person, now or not at all.
    pub(super) fn ask_api<F, A>(&mut self, conn: ConnId, id: u64, at: &str, ask: F)
    where
        F: FnOnce(Remote, AccessToken, ShopId) -> A + Send + 'static,
        A: Future<Output = Result<Reply, RemoteError>> + Send,
    {
        let Some((mut answer, hands)) = self.answering(conn, id, at) else {
            return;
        };
        let Some(account) = self.accounts.get_mut(at) else {
            return;
        };
        let access = account.access_token();
        account.spawn(async move {
            let Some(access) = access else {
                return answer.give(Err(Failure::new(
                    FailureCode::Offline,
                    "this needs the API, which is not reached at the moment; “redtag status” says \
                     why",
                )));
            };
            let said = ask(hands.remote.clone(), access, hands.shop).await;
            answer.give(said.map_err(Failure::from));
        });
    }

    /// What is asked of the API about an account's person; the request where it is none of these.
    pub(super) fn about_person(
        &mut self,
        conn: ConnId,
        id: u64,
        at: &str,
        request: Request,
    ) -> Option<Request> {
        match request {
            Request::Standing => self.ask_api(conn, id, at, |remote, access, shop| async move {
                let found = remote.second_factor_standing(&access, shop).await?;
                Ok(Reply::Standing(found.value))
            }),
            Request::Sessions => self.ask_api(conn, id, at, |remote, access, shop| async move {
                let found = remote.sessions(&access, shop).await?;
                Ok(Reply::Sessions(found.value.sessions))
            }),
            Request::Revoke { session } => {
                self.ask_api(conn, id, at, move |remote, access, shop| async move {
                    remote.revoke(&access, shop, session).await?;
                    Ok(Reply::Done)
                });
            }
            Request::Tokens => self.ask_api(conn, id, at, |remote, access, shop| async move {
                let found = remote.tokens(&access, shop).await?;
                Ok(Reply::Tokens(found.value.tokens))
            }),
            Request::NewToken(wanted) => {
                self.ask_api(conn, id, at, move |remote, access, shop| async move {
                    let made = remote.new_token(&access, shop, wanted).await?;
                    Ok(Reply::Token(made.value))
                });
            }
            Request::EndToken { token } => {
                self.ask_api(conn, id, at, move |remote, access, shop| async move {
                    remote.end_token(&access, shop, token).await?;
                    Ok(Reply::Done)
                });
            }
            Request::Password(NewPassword(new)) => {
                self.ask_api(conn, id, at, move |remote, access, shop| async move {
                    remote.password(&access, shop, new).await?;
                    Ok(Reply::Done)
                });
            }
            other => return Some(other),
        }
        None
    }
}
