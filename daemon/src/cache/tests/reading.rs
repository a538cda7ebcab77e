//! A page that is read line by line is the one that its lines make.

use redtag_protocol::api::changes::{Line, UnreadDocument};

use crate::{
    cache::{Page, Prepared},
    view::{Forms, corpus::Shop},
};

/// What a page comes to, as far as it can be compared.
fn told(page: &Prepared) -> String {
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        page.documents, page.added, page.gone, page.events, page.end
    )
}

#[test]
fn it_is_the_same_whether_bodies_were_walked_through_before_or_not() {
    let mut shop = Shop::new(3);
    let mut forms = Forms::default();
    for template in &shop.templates {
        forms.put(template);
    }
    let mut lines = Vec::new();
    let mut line = |kind: &str, id: &str, version: usize, body: &str| {
        lines.push(format!(
            r#"{{"kind":"{kind}","id":"{id}","version":{version},"body":{body}}}"#
        ));
    };
    for version in 1..20 {
        let (vehicle, body) = shop.vehicle();
        line("vehicle", &vehicle, version, &body);
        let (customer, body) = shop.customer();
        line("customer", &customer, version, &body);
        let (id, body) = shop.inspection(version % 3, 40, &vehicle, Some(&customer));
        line("inspection", &id, version, &body);
        // Filed under another's id, of a kind and of a form that only a newer program knows.
        line("inspection", &customer, version, &body);
        line("trailer", &id, version, &body);
        line("customer", &customer, version, r#"{"of":"another form"}"#);
    }
    let odd = [
        r#"{"id":"x","version":3,"kind":"vehicle","body":{}}"#,
        r#"{"kind":"vehicle","id":"x","version":3,"body":{},"later":1}"#,
        r#"{"kind":"vehicle","id":"x","version":4}"#,
        r#"{"kind":"customer","id":"x","version":4,"erased":true}"#,
        r#"{"cursor":"1-9-00","more":true,"documents":7}"#,
    ];
    lines.extend(odd.map(str::to_owned));
    let (mut reading, mut page) = (Page::after(forms.clone()), Page::after(forms));
    let mut unread = 0;
    for line in &lines {
        reading.read(line.as_bytes()).unwrap();
        page.push(&Line::parse(line.as_bytes()).unwrap());
        unread += usize::from(UnreadDocument::split(line.as_bytes()).is_some());
    }
    assert!(unread >= 19 * 6, "{unread}");
    assert_eq!(told(&reading.into()), told(&page.into()));
}

#[test]
fn what_is_no_line_is_said() {
    for line in [
        r#"{"kind":"vehicle","id":"x","version":3,"body":{]}"#,
        r#"{"kind":"vehicle","id":"x","version":3,"body":{}"#,
        r#"{"kind":"vehicle","id":"x","version":3,"body":}"#,
        "what",
    ] {
        let read = Page::default().read(line.as_bytes());
        assert!(read.is_err(), "{line}");
    }
}
