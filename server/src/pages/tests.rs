use reqwest::{Method, StatusCode, header};

use super::*;
use crate::{router::ROUTES, testing::Server};

/// What every page must carry, whatever became of the request.
const CARRIED: [(&str, &str); 7] = [
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "no-referrer"),
    ("cache-control", "no-store"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("content-type", KIND),
];

async fn is_whole(answer: reqwest::Response, words: &str) {
    for (name, value) in CARRIED {
        assert_eq!(answer.headers()[name], value, "{words}: {name}");
    }
    let policy = answer.headers()["content-security-policy"].to_str();
    let policy = policy.unwrap().to_owned();
    for piece in [
        "default-src 'none'",
        "style-src 'sha256-",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(policy.contains(piece), "{words}: {policy}");
    }
    assert!(!policy.contains("unsafe"), "{words}: {policy}");
    let text = answer.text().await.unwrap();
    assert!(text.contains("<html lang=\"en\">"), "{words}: {text}");
    assert!(text.contains("width=device-width"), "{words}");
    for foreign in ["<script", " style=", " on", "://", "<link", "<img"] {
        let found = text.replace(STYLE, "").replace("https://redtag", "");
        let body = found.split("<body>").nth(1).unwrap();
        let tags: String = body
            .split('<')
            .filter_map(|it| it.split('>').next())
            .collect();
        assert!(
            !format!("<{tags}").contains(foreign),
            "{words}: {foreign}: {tags}"
        );
    }
}

#[tokio::test]
async fn every_page_carries_its_headers_whatever_became_of_the_request() {
    let server = Server::start().await;
    let url = |path: &str| format!("{}{path}", server.url);
    let pages: Vec<_> = ROUTES.iter().filter(|it| it.is_page()).collect();
    assert!(!pages.is_empty());
    for route in pages {
        let path = route.path().replace("{link}", "x");
        let method = Method::from_bytes(route.method().as_str().as_bytes()).unwrap();
        let right = server
            .http
            .request(method, url(&path))
            .send()
            .await
            .unwrap();
        is_whole(right, &format!("{} {path}", route.method())).await;
        let wrong = server.http.delete(url(&path)).send().await.unwrap();
        assert_eq!(wrong.status(), StatusCode::METHOD_NOT_ALLOWED);
        is_whole(wrong, &format!("DELETE {path}")).await;
    }
    // An address that is none, in a browser's eyes.
    let lost = server.http.get(url("/nowhere/at/all"));
    let lost = lost.header(header::ACCEPT, "text/html,*/*;q=0.8");
    let lost = lost.send().await.unwrap();
    assert_eq!(lost.status(), StatusCode::NOT_FOUND);
    is_whole(lost, "nowhere").await;
    server.stop().await;
}

#[tokio::test]
async fn programs_are_told_in_json_and_a_browser_in_a_page() {
    let server = Server::start().await;
    let lost = server.http.get(format!("{}/nowhere", server.url));
    let lost = lost.send().await.unwrap();
    assert_eq!(lost.headers()["content-type"], "application/json");
    let api = server.http.get(format!("{}/v1/token", server.url));
    let api = api
        .header(header::ACCEPT, "text/html")
        .send()
        .await
        .unwrap();
    assert_eq!(api.headers()["content-type"], "application/json");
    server.stop().await;
}

#[test]
fn what_comes_from_outside_is_text_and_never_markup() {
    let hostile = "<script>alert(1)</script>\"'&";
    let answer = page(
        StatusCode::OK.as_u16().try_into().unwrap(),
        hostile,
        &html! {
            p { (hostile) }
            input value=(hostile);
        },
    );
    let body = axum::body::to_bytes(answer.into_body(), 100_000);
    let body = futures_util::FutureExt::now_or_never(body)
        .unwrap()
        .unwrap();
    let text = std::str::from_utf8(&body).unwrap();
    assert!(!text.contains("<script"), "{text}");
    assert!(!text.contains("\"'&"), "{text}");
}

/// The contrast of two colours (WCAG 2.2, "contrast ratio").
fn contrast(one: &str, other: &str) -> f64 {
    let light = |text: &str| {
        let part = |at: usize| {
            let byte = u8::from_str_radix(&text[at..at + 2], 16).unwrap();
            let share = f64::from(byte) / 255.0;
            if share <= 0.040_45 {
                share / 12.92
            } else {
                ((share + 0.055) / 1.055).powf(2.4)
            }
        };
        0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
    };
    let (one, other) = (light(one), light(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[test]
fn text_stands_out_from_its_ground_in_light_and_in_dark() {
    let schemes: Vec<&str> = STYLE.split(":root{").skip(1).collect();
    assert_eq!(schemes.len(), 2);
    for scheme in schemes {
        let colour = |name: &str| {
            let (_, rest) = scheme.split_once(&format!("--{name}:")).unwrap();
            &rest[..7]
        };
        for (ink, ground, least) in [
            ("ink", "paper", 4.5),
            ("act", "paper", 4.5),
            ("warn", "paper", 4.5),
            ("on-act", "act", 4.5),
            ("edge", "paper", 3.0),
        ] {
            let found = contrast(colour(ink), colour(ground));
            assert!(found >= least, "{ink} on {ground}: {found}");
        }
    }
}
