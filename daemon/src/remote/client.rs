//! One API: its calls.

use std::path::Path;

use redtag_protocol::{
    api::{devices, ops, sign_in, version::Version},
    ids::ShopId,
};

use super::{
    AccessToken, Changes, Dated, DeviceKey, Live, RefreshToken, RemoteError, SignedIn, Tokens,
};

/// A client of one API. Cloning is cheap and shares the connections.
#[derive(Debug, Clone)]
pub struct Remote {}

impl Remote {
    /// A client for the API at `url` (`https://…`, or `http://` on loopback), trusting also the
    /// PEM certificates in `ca`. Makes no call.
    pub fn new(url: &str, ca: Option<&Path>) -> Result<Self, RemoteError> {
        todo!()
    }

    /// What the server speaks. The other calls ask by themselves, once per connection.
    pub async fn version(&self) -> Result<Dated<Version>, RemoteError> {
        todo!()
    }

    /// Signs in. The password in `request` is wiped.
    pub async fn sign_in(&self, request: sign_in::Request) -> Result<Dated<SignedIn>, RemoteError> {
        todo!()
    }

    /// A refresh token for new tokens.
    pub async fn refresh(
        &self,
        token: &RefreshToken,
        key: &DeviceKey,
    ) -> Result<Dated<Tokens>, RemoteError> {
        todo!()
    }

    /// Opens one page of the change stream; no cursor is the bootstrap.
    pub async fn changes(
        &self,
        access: &AccessToken,
        shop: ShopId,
        cursor: Option<&str>,
    ) -> Result<Dated<Changes>, RemoteError> {
        todo!()
    }

    /// Hands in a batch, as the bytes of a [`redtag_protocol::api::ops::Batch`].
    pub async fn ops(
        &self,
        access: &AccessToken,
        shop: ShopId,
        batch: Vec<u8>,
    ) -> Result<Dated<ops::Answer>, RemoteError> {
        todo!()
    }

    /// Opens the live channel.
    pub async fn live(
        &self,
        access: &AccessToken,
        shop: ShopId,
    ) -> Result<Dated<Live>, RemoteError> {
        todo!()
    }

    /// Registers a further device id under the present sign-in.
    pub async fn register_device(
        &self,
        access: &AccessToken,
        shop: ShopId,
        request: &devices::Request,
    ) -> Result<Dated<devices::Registered>, RemoteError> {
        todo!()
    }
}
