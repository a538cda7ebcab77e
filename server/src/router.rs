//! Every address of the API, in one table. A route says in its own file which method and path it
//! has, who may call it and what it takes and gives; a handler of a shop's route gets its
//! [`Caller`] from the guard, so none can be called without one.

use std::pin::Pin;

use axum::{
    Router,
    extract::Request,
    http::Method,
    middleware,
    response::Response,
    routing::{MethodFilter, on},
};
use redtag_protocol::{event::Scope, role::Permission};

use crate::{
    app::App,
    caller::{Caller, admit},
    error::ApiError,
    openapi::Doc,
    outer,
    pages::{self, form::Form},
    routes,
};

/// What a handler gives back.
pub type Reply = Pin<Box<dyn Future<Output = Result<Response, ApiError>> + Send>>;

/// Where every path of a shop begins.
pub const SHOP: &str = "/v1/shops/{shop}/";

/// All routes. What is not listed here is not reachable, and the compiler says so.
pub const ROUTES: &[Route] = &[
    pages::home::ROUTE,
    pages::device::PAGE,
    pages::device::CODE,
    pages::device::SIGN_IN,
    pages::device::WORD,
    pages::device::OPENID,
    pages::device::OPENID_BACK,
    pages::device::OPENID_FACTOR,
    pages::forgotten::PAGE,
    pages::forgotten::ASKED,
    pages::link::PAGE,
    pages::link::CHOSEN,
    routes::health::LIVE,
    routes::health::READY,
    routes::version::ROUTE,
    routes::openapi::ROUTE,
    routes::sign_in::ROUTE,
    routes::enrol::ROUTE,
    routes::second_factor::ROUTE,
    routes::own_second_factor::ROUTE,
    routes::password::ROUTE,
    routes::sessions::ROUTE,
    routes::revoke::ROUTE,
    routes::tokens::ROUTE,
    routes::token_made::ROUTE,
    routes::token_ended::ROUTE,
    routes::destroyed::ROUTE,
    routes::key_kept::ROUTE,
    routes::key_found::ROUTE,
    routes::key_forgotten::ROUTE,
    routes::token::ROUTE,
    routes::device_authorization::ROUTE,
    routes::oauth_token::ROUTE,
    routes::changes::ROUTE,
    routes::timeline::ROUTE,
    routes::ops::ROUTE,
    routes::live::ROUTE,
    routes::devices::ROUTE,
];

/// One address of the API.
#[derive(Clone)]
pub struct Route {
    method: Method,
    path: &'static str,
    handler: Handler,
    scripts: Option<Scope>,
    doc: fn() -> Doc,
}

#[derive(Clone, Copy)]
enum Handler {
    Public(fn(App, Request) -> Reply),
    Page(fn(App, Request) -> Reply),
    Form(fn(App, Form) -> Reply),
    Shop(Permission, fn(App, Caller, Request) -> Reply),
}

/// Who may call a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Anybody.
    Public,
    /// Members of the shop in the path whose role holds the permission.
    Members(Permission),
}

impl Route {
    /// A route that needs no sign-in.
    pub const fn public(
        method: Method,
        path: &'static str,
        handler: fn(App, Request) -> Reply,
        doc: fn() -> Doc,
    ) -> Self {
        Self {
            method,
            path,
            handler: Handler::Public(handler),
            scripts: None,
            doc,
        }
    }

    /// A page for anybody. What goes wrong is told as a page too.
    pub const fn page(
        path: &'static str,
        handler: fn(App, Request) -> Reply,
        doc: fn() -> Doc,
    ) -> Self {
        Self {
            method: Method::GET,
            path,
            handler: Handler::Page(handler),
            scripts: None,
            doc,
        }
    }

    /// Where a page's form goes, which the guard lets in.
    pub const fn form(
        path: &'static str,
        handler: fn(App, Form) -> Reply,
        doc: fn() -> Doc,
    ) -> Self {
        Self {
            method: Method::POST,
            path,
            handler: Handler::Form(handler),
            scripts: None,
            doc,
        }
    }

    /// A route of one shop, whose path begins with [`SHOP`].
    pub const fn shop(
        method: Method,
        path: &'static str,
        permission: Permission,
        handler: fn(App, Caller, Request) -> Reply,
        doc: fn() -> Doc,
    ) -> Self {
        Self {
            method,
            path,
            handler: Handler::Shop(permission, handler),
            scripts: None,
            doc,
        }
    }

    /// The same, open to the access tokens of scripts that may do so much.
    #[must_use]
    pub const fn for_scripts(mut self, scope: Scope) -> Self {
        self.scripts = Some(scope);
        self
    }

    /// What a script's access token must be good for, where one reaches it at all.
    pub fn scripts(&self) -> Option<Scope> {
        self.scripts
    }

    /// Its method.
    pub fn method(&self) -> &Method {
        &self.method
    }

    /// Its path, with `{shop}` where the shop's id stands.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// Who may call it.
    pub fn access(&self) -> Access {
        match self.handler {
            Handler::Public(_) | Handler::Page(_) | Handler::Form(_) => Access::Public,
            Handler::Shop(permission, _) => Access::Members(permission),
        }
    }

    /// Whether people with a browser are meant.
    pub fn is_page(&self) -> bool {
        matches!(self.handler, Handler::Page(_) | Handler::Form(_))
    }

    /// What it takes and gives.
    pub fn doc(&self) -> Doc {
        (self.doc)()
    }

    async fn call(self, app: App, request: Request) -> Result<Response, ApiError> {
        match self.handler {
            Handler::Public(handler) | Handler::Page(handler) => handler(app, request).await,
            Handler::Form(handler) => {
                let form = Form::admit(&app, request).await?;
                handler(app, form).await
            }
            Handler::Shop(permission, handler) => {
                // /v1/shops/{shop}/…: the fourth piece, as a test holds.
                let shop = request.uri().path().split('/').nth(3).unwrap_or_default();
                let caller = admit(&app, request.headers(), shop, permission, self.scripts).await?;
                tracing::Span::current().record("shop", tracing::field::display(caller.shop));
                handler(app, caller, request).await
            }
        }
    }
}

/// The service that answers requests.
pub fn build(app: App) -> Router {
    let mut router = Router::new();
    for route in ROUTES.iter().cloned() {
        // A test calls every route of the table, so a method that axum does not know shows there.
        let Ok(method) = MethodFilter::try_from(route.method.clone()) else {
            continue;
        };
        let app = app.clone();
        let path = route.path;
        let handler = move |request: Request| route.call(app, request);
        router = router.route(path, on(method, handler));
    }
    router
        .fallback(async || ApiError::not_found())
        .layer(outer::compression())
        .layer(middleware::from_fn_with_state(app, outer::handle))
}

#[cfg(test)]
mod tests;
