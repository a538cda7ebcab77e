//! Copies of keys that the API keeps for a machine that forgets its own.

use redtag_protocol::{
    api::key_copies::{Forgotten, Found, Keep, Kept, Named},
    ids::{KeyCopyId, ShopId},
};
use reqwest::Method;
use serde::{Serialize, de::DeserializeOwned};

use super::{AccessToken, Remote, RemoteError, client::CALL};

impl Remote {
    /// Has a copy of a key kept.
    pub async fn keep_key(
        &self,
        access: &AccessToken,
        shop: ShopId,
        keep: &Keep,
    ) -> Result<Kept, RemoteError> {
        self.key_copies(access, shop, &[], keep).await
    }

    /// A key that was kept. Given back only right after a full sign-in.
    pub async fn fetch_key(
        &self,
        access: &AccessToken,
        shop: ShopId,
        id: KeyCopyId,
    ) -> Result<Found, RemoteError> {
        self.key_copies(access, shop, &["fetch"], &Named { id })
            .await
    }

    /// Has a copy forgotten.
    pub async fn forget_key(
        &self,
        access: &AccessToken,
        shop: ShopId,
        id: KeyCopyId,
    ) -> Result<Forgotten, RemoteError> {
        self.key_copies(access, shop, &["forget"], &Named { id })
            .await
    }

    async fn key_copies<T: DeserializeOwned>(
        &self,
        access: &AccessToken,
        shop: ShopId,
        what: &[&str],
        body: &impl Serialize,
    ) -> Result<T, RemoteError> {
        let line = self.ready().await?;
        let shop = shop.to_string();
        let path: Vec<&str> = ["v1", "shops", &shop, "key-copies"]
            .into_iter()
            .chain(what.iter().copied())
            .collect();
        let call = self
            .request(&line, Method::POST, &path)
            .bearer_auth(access.expose())
            .timeout(CALL)
            .json(body);
        Ok(self.json(&line, call).await?.value)
    }
}
