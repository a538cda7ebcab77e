//! A device that waits to be let in, and the person with a browser.

use redtag_protocol::{api::device::DEVICE_CODE, ids::ShopId};
use reqwest::{RequestBuilder, Response, StatusCode};
use serde_json::Value;

use super::{PASSWORD, Server};
use crate::{auth::pairing::presented, storage::Pairing};

pub struct Waiting {
    pub user_code: String,
    pub device_code: String,
}

/// A browser without script: it keeps its cookie, and sends the hidden fields of the last page.
pub struct Browser<'a> {
    server: &'a Server,
    cookies: Vec<Cookie>,
    /// The last page.
    pub text: String,
    pub status: StatusCode,
}

struct Cookie {
    name: String,
    value: String,
    /// Whether it goes along when another site leads here.
    is_lax: bool,
}

fn form(request: RequestBuilder, body: String) -> RequestBuilder {
    let kind = "application/x-www-form-urlencoded";
    request.header("content-type", kind).body(body)
}

impl Waiting {
    /// The answer to a device that asks with this form.
    pub async fn ask(server: &Server, fields: &str) -> (StatusCode, Value) {
        let url = format!("{}/oauth/device_authorization", server.url);
        let answer = form(server.http.post(url), fields.to_owned()).send().await;
        let answer = answer.unwrap();
        (answer.status(), answer.json().await.unwrap())
    }

    pub async fn begin(server: &Server, fields: &str) -> Self {
        let (status, begun) = Self::ask(server, fields).await;
        assert_eq!(status, StatusCode::OK, "{begun}");
        Self {
            user_code: begun["user_code"].as_str().unwrap().to_owned(),
            device_code: begun["device_code"].as_str().unwrap().to_owned(),
        }
    }

    /// What the database holds of it.
    pub async fn pairing(&self, server: &Server) -> Option<Pairing> {
        let secret = presented(&self.device_code).unwrap();
        server.app.storage.pairing(secret).await.unwrap()
    }

    /// The answer of the token endpoint to a form.
    pub async fn token(
        server: &Server,
        fields: &str,
        proof: Option<String>,
    ) -> (StatusCode, Value) {
        let answer = Self::post(server, fields, proof).await;
        (answer.status(), answer.json().await.unwrap())
    }

    async fn post(server: &Server, fields: &str, proof: Option<String>) -> Response {
        let url = format!("{}/oauth/token", server.url);
        let mut request = form(server.http.post(url), fields.to_owned());
        if let Some(proof) = proof {
            request = request.header("DPoP", proof);
        }
        request.send().await.unwrap()
    }

    pub async fn ask_token(&self, server: &Server, proof: Option<String>) -> Response {
        let fields = format!(
            "grant_type={DEVICE_CODE}&client_id=a+client&device_code={}",
            self.device_code
        );
        Self::post(server, &fields, proof).await
    }

    pub async fn poll(&self, server: &Server, proof: Option<String>) -> (StatusCode, Value) {
        let answer = self.ask_token(server, proof).await;
        (answer.status(), answer.json().await.unwrap())
    }

    /// The page that the person ends up with before their word.
    pub async fn page(&self, server: &Server, email: &str) -> (StatusCode, String) {
        let browser = self.signed_in(server, email).await;
        (browser.status, browser.text)
    }

    /// The person's browser, as far as it gets before their word.
    pub async fn signed_in<'a>(&self, server: &'a Server, email: &str) -> Browser<'a> {
        let mut browser = Browser::open(server, "/device").await;
        browser.send("/device", &[("code", &self.user_code)]).await;
        if browser.status.is_success() {
            let fields = [("email", email), ("password", PASSWORD)];
            browser.send("/device/sign-in", &fields).await;
        }
        browser
    }

    pub async fn word(&self, server: &Server, email: &str, shop: ShopId, word: &str) {
        let mut browser = self.signed_in(server, email).await;
        let fields = [("shop", shop.to_string()), ("word", word.to_owned())];
        let fields = fields
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        browser.send("/device/word", &fields).await;
        assert_eq!(browser.status, StatusCode::OK, "{}", browser.text);
    }

    pub async fn allow(&self, server: &Server, email: &str, shop: ShopId) {
        self.word(server, email, shop, "yes").await;
    }
}

impl<'a> Browser<'a> {
    pub async fn open(server: &'a Server, path: &str) -> Self {
        let answer = server.http.get(format!("{}{path}", server.url)).send();
        let mut browser = Self {
            server,
            cookies: Vec::new(),
            text: String::new(),
            status: StatusCode::OK,
        };
        browser.show(answer.await.unwrap()).await;
        browser
    }

    /// Sends the form of the page with these fields filled in.
    pub async fn send(&mut self, path: &str, fields: &[(&str, &str)]) {
        // Of the form that goes there; of any, for a test that sends what no form of the page would.
        let action = format!("action=\"{path}\"");
        let mut forms = self.text.split("<form ").skip(1);
        let of = forms.find(|it| it.contains(&action));
        let hidden = of.map_or(&*self.text, |it| it.split("</form>").next().unwrap());
        let hidden = hidden.split("<input type=\"hidden\" name=\"").skip(1);
        let hidden = hidden.map(|rest| {
            let (name, rest) = rest.split_once("\" value=\"").unwrap();
            (name, rest.split_once('"').unwrap().0)
        });
        let fields: Vec<(&str, &str)> = hidden.chain(fields.iter().copied()).collect();
        let body = serde_urlencoded::to_string(fields).unwrap();
        let request = self.server.http.post(format!("{}{path}", self.server.url));
        let request = form(request, body).header("cookie", self.cookies(|_| true));
        self.show(request.send().await.unwrap()).await;
    }

    /// Comes to a page of this server's from another site.
    pub async fn arrive(&mut self, path: &str) {
        let request = self.server.http.get(format!("{}{path}", self.server.url));
        let request = request.header("cookie", self.cookies(|it| it.is_lax));
        self.show(request.send().await.unwrap()).await;
    }

    fn cookies(&self, goes: impl Fn(&Cookie) -> bool) -> String {
        let going = self.cookies.iter().filter(|it| goes(it));
        let pairs: Vec<_> = going
            .map(|it| format!("{}={}", it.name, it.value))
            .collect();
        pairs.join("; ")
    }

    async fn show(&mut self, answer: Response) {
        self.status = answer.status();
        for set in answer.headers().get_all("set-cookie") {
            let set = set.to_str().unwrap();
            let (name, value) = set.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.retain(|it| it.name != name);
            if !set.contains("Max-Age=0") {
                self.cookies.push(Cookie {
                    name: name.to_owned(),
                    value: value.to_owned(),
                    is_lax: set.contains("SameSite=Lax"),
                });
            }
        }
        self.text = answer.text().await.unwrap();
    }
}
