//! Being let in by a person with a browser (RFC 8628).

use std::time::Duration;

use redtag_protocol::{
    api::{
        device::{Begin, Begun, DAEMON, DEVICE_CODE, LetIn},
        error::code,
    },
    ids::DeviceId,
};
use reqwest::{Method, header::CONTENT_TYPE};
use secrecy::{ExposeSecret as _, SecretString};

use super::{
    Dated, DeviceKey, Remote, RemoteError, SignedIn,
    client::{CALL, unwritable},
};
use crate::core::Heard;

/// What the API calls a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// A device that waits.
#[derive(Debug)]
pub struct Waiting {
    /// What the API gives tokens for.
    secret: SecretString,
    /// What the person types.
    pub code: String,
    /// Where.
    pub page: String,
    /// How long the code is good.
    pub left: Duration,
    /// How long to wait between two questions.
    pub pause: Duration,
}

/// The answer to a question.
#[derive(Debug)]
pub enum Word {
    /// Yes, by the person with this e-mail address.
    In(Box<Dated<SignedIn>>, String),
    /// Nothing definite.
    NotYet(Heard),
}

impl Remote {
    /// Begins to wait.
    pub async fn pair(
        &self,
        name: &str,
        device: DeviceId,
        key: &DeviceKey,
    ) -> Result<Waiting, RemoteError> {
        let line = self.ready().await?;
        let form = Begin {
            client_id: DAEMON.to_owned(),
            device_name: Some(name.to_owned()),
            device_id: Some(device),
            device_key: Some(key.public()),
        };
        let form = serde_urlencoded::to_string(&form).map_err(|_| unwritable())?;
        let call = self
            .request(&line, Method::POST, &["oauth", "device_authorization"])
            .timeout(CALL)
            .header(CONTENT_TYPE, FORM)
            .body(form);
        let found: Dated<Begun> = self.json(&line, call).await.map_err(older)?;
        let it = found.value;
        // The page is where the bench itself found the API: a server behind a proxy may not know.
        let page = self.address().at(&["device"]);
        Ok(Waiting {
            secret: SecretString::from(it.device_code),
            code: it.user_code,
            page: page.to_string(),
            left: Duration::from_secs(it.expires_in),
            pause: Duration::from_secs(it.interval),
        })
    }

    /// Asks whether the device was let in, proven by its key. What is not definite is no failure:
    /// the code stays good.
    pub async fn word(&self, waiting: &Waiting, key: &DeviceKey) -> Result<Word, RemoteError> {
        let mut found = self.ask(waiting, key).await;
        if is(&found, code::USE_DPOP_NONCE) {
            found = self.ask(waiting, key).await;
        }
        match found {
            Ok(found) => Ok(found),
            Err(error) => not_yet(error).map(Word::NotYet),
        }
    }

    async fn ask(&self, waiting: &Waiting, key: &DeviceKey) -> Result<Word, RemoteError> {
        let line = self.ready().await?;
        let path = ["oauth", "token"];
        let proof = self.proof(self.address().at(&path).as_str(), key)?;
        let form = [
            ("grant_type", DEVICE_CODE),
            ("client_id", DAEMON),
            ("device_code", waiting.secret.expose_secret()),
        ];
        let form = serde_urlencoded::to_string(form).map_err(|_| unwritable())?;
        let call = self
            .request(&line, Method::POST, &path)
            .timeout(CALL)
            .header("dpop", proof)
            .header(CONTENT_TYPE, FORM)
            .body(form);
        let found: Dated<LetIn> = self.json(&line, call).await?;
        let it = found.value;
        let signed_in = Dated {
            date: found.date,
            value: SignedIn {
                person: it.person,
                name: it.name,
                email: None,
                membership: it.membership,
                tokens: it.tokens.into(),
                last_number: it.last_number,
            },
        };
        Ok(Word::In(Box::new(signed_in), it.email))
    }
}

/// An API from before there were codes.
fn older(error: RemoteError) -> RemoteError {
    match error {
        RemoteError::Rejected { code, shops, .. } if code == code::NOT_FOUND => {
            let words = "this API lets no device in by a code; sign in with --email";
            RemoteError::Rejected {
                code,
                words: words.to_owned(),
                shops,
            }
        }
        error => error,
    }
}

fn is(found: &Result<Word, RemoteError>, wanted: &str) -> bool {
    matches!(found, Err(RemoteError::Rejected { code, .. }) if code == wanted)
}

fn not_yet(error: RemoteError) -> Result<Heard, RemoteError> {
    match &error {
        RemoteError::Rejected { code, .. } if code == code::AUTHORIZATION_PENDING => {
            Ok(Heard::Wait)
        }
        RemoteError::Rejected { code, .. } if code == code::SLOW_DOWN => Ok(Heard::WaitLonger),
        RemoteError::SignedOut { .. } => Err(RemoteError::Rejected {
            code: code::EXPIRED_TOKEN.to_owned(),
            words: "the code is good no more; sign in again".to_owned(),
            shops: Vec::new(),
        }),
        error if error.passes() => Ok(Heard::Nothing),
        _ => Err(error),
    }
}
