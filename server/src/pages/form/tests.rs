use axum::body::Body;
use http_body_util::BodyExt as _;
use maud::html;
use reqwest::StatusCode as Status;

use super::*;
use crate::{
    pages::page,
    testing::{Place, Server},
};

/// A page with a form, and what a browser has of it: the cookie as it sends it back, and the field.
async fn visit(app: &App) -> (String, String, String) {
    let seal = Seal::of(app, &HeaderMap::new());
    let content = html! { (seal.field(app)) };
    let answer = seal.on(app, page(StatusCode::OK, "A form", &content));
    let set = answer.headers()[header::SET_COOKIE]
        .to_str()
        .unwrap()
        .to_owned();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    let body = String::from_utf8(body.to_vec()).unwrap();
    let (_, rest) = body.split_once("name=\"form\" value=\"").unwrap();
    let (field, _) = rest.split_once('"').unwrap();
    let (cookie, _) = set.split_once(';').unwrap();
    (cookie.to_owned(), field.to_owned(), set.clone())
}

async fn admit(app: &App, body: &str, headers: &[(&'static str, &str)]) -> Result<Form, ApiError> {
    let mut request = Request::post("/device")
        .header("content-type", "application/x-www-form-urlencoded")
        .header("host", "shop.example:7420");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    Form::admit(app, request.body(Body::from(body.to_owned())).unwrap()).await
}

#[tokio::test]
async fn a_form_is_let_in_with_the_field_and_the_cookie_of_one_visit() {
    let server = Server::start().await;
    let app = &server.app;
    let (cookie, field, _) = visit(app).await;
    let body = format!("code=a+b&form={field}");
    let several = format!("other=1; {cookie}; third=x");
    let mut form = admit(app, &body, &[("cookie", &several)])
        .await
        .ok()
        .unwrap();
    let [code, missing] = form.take(["code", "missing"]).unwrap();
    assert_eq!((code.as_str(), missing.as_str()), ("a b", ""));
    // Somebody else's field, none, an altered one, no cookie, another cookie.
    let (strange, others, _) = visit(app).await;
    for (body, cookie) in [
        (format!("form={others}"), &cookie),
        ("code=x".to_owned(), &cookie),
        (format!("form=A{}", &field[1..]), &cookie),
        (format!("form={field}"), &String::new()),
        (format!("form={field}"), &strange),
    ] {
        let refused = admit(app, &body, &[("cookie", cookie)])
            .await
            .err()
            .unwrap();
        assert_eq!(refused.status(), Status::FORBIDDEN, "{body} {cookie}");
    }
    server.stop().await;
}

#[tokio::test]
async fn a_form_from_another_site_is_refused_whatever_it_holds() {
    let server = Server::start().await;
    let app = &server.app;
    let (cookie, field, _) = visit(app).await;
    let body = format!("form={field}");
    let at = |name, value| [("cookie", cookie.clone()), (name, value)];
    for (name, value, is_in) in [
        ("sec-fetch-site", "same-origin", true),
        ("sec-fetch-site", "same-site", false),
        ("sec-fetch-site", "cross-site", false),
        ("sec-fetch-site", "none", false),
        ("origin", "https://shop.example:7420", true),
        ("origin", "null", true),
        ("origin", "https://shop.example", false),
        ("origin", "https://evil.example", false),
        ("origin", "https://shop.example:7420.evil.example", false),
    ] {
        let given = at(name, value.to_owned());
        let given = given
            .each_ref()
            .map(|(name, value)| (*name, value.as_str()));
        let found = admit(app, &body, &given).await;
        assert_eq!(found.is_ok(), is_in, "{name}: {value}");
    }
    server.stop().await;
}

#[tokio::test]
async fn fields_that_the_page_does_not_know_are_refused() {
    let server = Server::start().await;
    let app = &server.app;
    let (cookie, field, _) = visit(app).await;
    for body in ["code=1&more=2", "code=1&code=2"] {
        let body = format!("{body}&form={field}");
        let mut form = admit(app, &body, &[("cookie", &cookie)])
            .await
            .ok()
            .unwrap();
        let refused = form.take(["code"]).unwrap_err();
        assert_eq!(refused.status(), Status::BAD_REQUEST, "{body}");
    }
    server.stop().await;
}

#[tokio::test]
async fn the_cookie_is_for_this_host_and_for_no_script() {
    let plain = Server::start().await;
    let (_, _, set) = visit(&plain.app).await;
    for word in ["HttpOnly", "SameSite=Strict", "Path=/"] {
        assert!(set.contains(word), "{set}");
    }
    plain.stop().await;
    let secure = Server::start_in(Place {
        secure: true,
        ..Place::default()
    });
    let secure = secure.await;
    let (_, _, set) = visit(&secure.app).await;
    assert!(set.starts_with("__Host-redtag="), "{set}");
    assert!(set.ends_with("; Secure"), "{set}");
    let answer = secure.http.get(format!("{}/", secure.url)).send().await;
    let held = answer.unwrap().headers()["strict-transport-security"].clone();
    assert!(held.to_str().unwrap().starts_with("max-age="), "{held:?}");
    secure.stop().await;
}
