//! Role × route × shop, enumerated from the router's own table, so that no route can be missing.

use redtag_protocol::{
    event::Scope,
    ids::{CustomerId, PersonId, ShopId},
    role::{Permission, Role},
};
use reqwest::{Response, StatusCode};
use serde_json::Value;

use super::{Server, SignedIn};
use crate::{
    auth::access::LIFE,
    core::tokens,
    router::{Access, ROUTES, Route},
};

/// Every shop's route for every role: in its own shop by what the role may do; in another, and in
/// one that is not there, as if there were none; and with an id that is none without a look.
pub async fn members(server: &Server) {
    let (shop, other) = (server.shop().await, server.shop().await);
    let none = ShopId::from_parts(1, [1; 10]);
    for (role, who) in everybody(server, shop, "in").await {
        for (route, permission) in of_shops() {
            let words = format!("{role} {} {}", route.method(), route.path());
            let access = Some(&*who.access);
            let own = call(server, route, &shop.to_string(), access).await;
            let (status, code) = outcome(own).await;
            if role.may(permission) {
                // Let in: what is wrong now is the missing body.
                let inside = status.is_success() || status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
                assert!(inside, "{words}: {status} {code}");
            } else {
                let found = (status, &*code);
                assert_eq!(found, (StatusCode::FORBIDDEN, "forbidden"), "{words}");
            }
            for id in [other, none] {
                let there = call(server, route, &id.to_string(), access).await;
                let wanted = (StatusCode::NOT_FOUND, "not_found".to_owned());
                assert_eq!(outcome(there).await, wanted, "{words}");
            }
            let malformed = call(server, route, "..%2f", access).await;
            let status = outcome(malformed).await.0;
            assert_eq!(status, StatusCode::BAD_REQUEST, "{words}");
        }
    }
}

/// Every shop's route for an owner's access tokens: open where the route says so, and else to none.
pub async fn scripts(server: &Server) {
    let shop = server.shop().await;
    let who = owner(server, shop).await;
    for scope in [Scope::Read, Scope::Write] {
        let wanted = tokens::Wanted {
            name: "script".to_owned(),
            scope,
            days: 1,
        };
        let now = server.app.clock.now();
        let made = tokens::make(&*server.app.storage, shop, who, wanted, now).await;
        let text = made.unwrap().unwrap().text;
        for (route, _) in of_shops() {
            let words = format!("{scope} {} {}", route.method(), route.path());
            let answer = call(server, route, &shop.to_string(), Some(text.as_str())).await;
            let (status, code) = outcome(answer).await;
            if route.scripts().is_some_and(|needed| needed <= scope) {
                let inside = status.is_success() || status == StatusCode::UNSUPPORTED_MEDIA_TYPE;
                assert!(inside, "{words}: {status} {code}");
            } else {
                let found = (status, &*code);
                assert_eq!(found, (StatusCode::FORBIDDEN, "forbidden"), "{words}");
            }
        }
    }
}

async fn owner(server: &Server, shop: ShopId) -> PersonId {
    server.member(shop, "script@example.com", Role::Owner).await
}

/// Every shop's route for those who are let into none: without a token, with one that is none, as a
/// member of each role who was removed, and with a token of each role that has run out. That is the
/// last thing here: time passes for the whole server.
pub async fn strangers(server: &Server) {
    let (left, stays) = (server.shop().await, server.shop().await);
    // A shop keeps one owner.
    server.member(left, "last@example.com", Role::Owner).await;
    let gone = everybody(server, left, "gone").await;
    let members = everybody(server, stays, "member").await;
    for (_, who) in &gone {
        server.remove(left, who.person).await;
    }
    let unauthorized = (StatusCode::UNAUTHORIZED, "unauthorized".to_owned());
    for (route, _) in of_shops() {
        for token in [None, Some("x"), Some("a.b.c")] {
            let answer = call(server, route, &stays.to_string(), token).await;
            assert!(answer.headers().contains_key("www-authenticate"));
            assert_eq!(outcome(answer).await, unauthorized, "{}", route.path());
        }
        for (role, who) in &gone {
            let answer = call(server, route, &left.to_string(), Some(&who.access)).await;
            let wanted = (StatusCode::FORBIDDEN, "not_a_member".to_owned());
            assert_eq!(outcome(answer).await, wanted, "{role} {}", route.path());
        }
    }
    server.pass(LIFE);
    for (route, _) in of_shops() {
        for (role, who) in &members {
            let answer = call(server, route, &stays.to_string(), Some(&who.access)).await;
            let found = outcome(answer).await;
            assert_eq!(found, unauthorized, "{role} {}", route.path());
        }
    }
}

/// The routes of a shop, with what they ask of a role.
pub fn of_shops() -> impl Iterator<Item = (&'static Route, Permission)> {
    ROUTES.iter().filter_map(|route| match route.access() {
        Access::Public => None,
        Access::Members(permission) => Some((route, permission)),
    })
}

async fn call(server: &Server, route: &Route, shop: &str, access: Option<&str>) -> Response {
    // A document that nobody has.
    let path = route.path().replace("{shop}", shop);
    let path = path.replace("{kind}", "customer");
    let path = path.replace("{id}", &CustomerId::from_parts(1, [1; 10]).to_string());
    let url = format!("{}{path}", server.url);
    let method = reqwest::Method::from_bytes(route.method().as_str().as_bytes()).unwrap();
    let mut request = server.http.request(method, url);
    if let Some(access) = access {
        request = request.bearer_auth(access);
    }
    request.send().await.unwrap()
}

/// The status, and the code where it is an error. A live stream is not read.
async fn outcome(answer: Response) -> (StatusCode, String) {
    let status = answer.status();
    if status.is_success() {
        return (status, String::new());
    }
    let body: Value = answer.json().await.unwrap();
    assert!(body["request_id"].is_string(), "{body}");
    assert!(!body["message"].as_str().unwrap().is_empty(), "{body}");
    (status, body["error"].as_str().unwrap().to_owned())
}

/// A member of each role.
async fn everybody(server: &Server, shop: ShopId, name: &str) -> Vec<(Role, SignedIn)> {
    let mut members = Vec::new();
    for role in Role::ALL {
        let email = format!("{name}.{role}@example.com");
        server.member(shop, &email, role).await;
        members.push((role, server.sign_in(&email).await));
    }
    members
}
