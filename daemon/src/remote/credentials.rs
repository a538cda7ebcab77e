//! What a person signs in with, and where.

use redtag_protocol::{
    api::{enrol, error, password, second_factor, sessions, tokens},
    ids::{PassId, SessionId, ShopId},
};
use reqwest::{Method, header::CONTENT_TYPE};
use zeroize::Zeroize as _;

use super::{
    AccessToken, Dated, DeviceKey, RefreshToken, Remote, RemoteError, SignedIn,
    client::{CALL, unwritable},
};

impl Remote {
    /// Begins, confirms or gives up a second factor. The password in `request` is wiped.
    pub async fn second_factor(
        &self,
        mut request: second_factor::Request,
    ) -> Result<Dated<second_factor::Answer>, RemoteError> {
        let body = serde_json::to_vec(&request).map_err(|_| unwritable());
        request.password.zeroize();
        let line = self.ready().await?;
        let call = self
            .request(&line, Method::POST, &["v1", "second-factor"])
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(body?);
        self.json(&line, call).await
    }

    /// How things stand with the second factor of whoever has signed in.
    pub async fn second_factor_standing(
        &self,
        access: &AccessToken,
        shop: ShopId,
    ) -> Result<Dated<second_factor::Standing>, RemoteError> {
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::GET, access, shop, "second-factor")
            .timeout(CALL);
        self.json(&line, call).await
    }

    /// Who is signed in to the shop on what.
    pub async fn sessions(
        &self,
        access: &AccessToken,
        shop: ShopId,
    ) -> Result<Dated<sessions::Sessions>, RemoteError> {
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::GET, access, shop, "sessions")
            .timeout(CALL);
        self.json(&line, call).await
    }

    /// Takes a sign-in from its device.
    pub async fn revoke(
        &self,
        access: &AccessToken,
        shop: ShopId,
        session: SessionId,
    ) -> Result<Dated<sessions::Revoked>, RemoteError> {
        let line = self.ready().await?;
        let path = ["v1", "shops", &shop.to_string(), "sessions", "revoke"];
        let call = self
            .request(&line, Method::POST, &path)
            .bearer_auth(access.expose())
            .timeout(CALL)
            .json(&sessions::Revoke { session });
        self.json(&line, call).await
    }

    /// The access tokens of scripts.
    pub async fn tokens(
        &self,
        access: &AccessToken,
        shop: ShopId,
    ) -> Result<Dated<tokens::Tokens>, RemoteError> {
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::GET, access, shop, "tokens")
            .timeout(CALL);
        self.json(&line, call).await
    }

    /// Another access token for a script. The password in `request` is wiped.
    pub async fn new_token(
        &self,
        access: &AccessToken,
        shop: ShopId,
        mut request: tokens::Request,
    ) -> Result<Dated<tokens::Made>, RemoteError> {
        let body = serde_json::to_vec(&request).map_err(|_| unwritable());
        request.password.zeroize();
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::POST, access, shop, "tokens")
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(body?);
        self.json(&line, call).await
    }

    /// Takes an access token back.
    pub async fn end_token(
        &self,
        access: &AccessToken,
        shop: ShopId,
        token: PassId,
    ) -> Result<Dated<tokens::Ended>, RemoteError> {
        let line = self.ready().await?;
        let path = ["v1", "shops", &shop.to_string(), "tokens", "end"];
        let call = self
            .request(&line, Method::POST, &path)
            .bearer_auth(access.expose())
            .timeout(CALL)
            .json(&tokens::End { token });
        self.json(&line, call).await
    }

    /// A new password. Those in `request` are wiped.
    pub async fn password(
        &self,
        access: &AccessToken,
        shop: ShopId,
        mut request: password::Request,
    ) -> Result<Dated<password::Changed>, RemoteError> {
        let body = serde_json::to_vec(&request).map_err(|_| unwritable());
        request.current.zeroize();
        request.new.zeroize();
        let line = self.ready().await?;
        let call = self
            .shop(&line, Method::POST, access, shop, "password")
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(body?);
        self.json(&line, call).await
    }

    /// Signs a kiosk in. The token in `request` is wiped.
    pub async fn enrol(&self, mut request: enrol::Request) -> Result<Dated<SignedIn>, RemoteError> {
        let body = serde_json::to_vec(&request).map_err(|_| unwritable());
        request.token.zeroize();
        let line = self.ready().await?;
        let call = self
            .request(&line, Method::POST, &["v1", "enrol"])
            .timeout(CALL)
            .header(CONTENT_TYPE, "application/json")
            .body(body?);
        self.begun(&line, call).await
    }

    /// Says that the device has destroyed its key, after the sign-in of this token was revoked. A
    /// first try without the server's nonce costs a second one.
    pub async fn destroyed(
        &self,
        token: &RefreshToken,
        key: &DeviceKey,
    ) -> Result<(), RemoteError> {
        let line = self.ready().await?;
        for last in [false, true] {
            let call = self.proven(&line, &["v1", "destroyed"], "", token, key)?;
            match self.json::<sessions::Noted>(&line, call).await {
                Err(RemoteError::Rejected { code, .. })
                    if !last && code == error::code::USE_DPOP_NONCE => {}
                said => return said.map(drop),
            }
        }
        Ok(())
    }
}
