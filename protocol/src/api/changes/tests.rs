use super::*;

#[test]
fn a_cursor_survives_its_text() {
    let plain = Cursor {
        epoch: u64::MAX,
        seq: Seq(77),
        hash: [1, 2, 3, 4, 5, 6, 7, 8],
        copying: None,
    };
    let begun = Copying {
        part: 3,
        after: None,
    };
    let mark = Mark {
        id: [9; 16],
        seq: Seq(5),
    };
    let marked = Copying {
        after: Some(mark),
        ..begun
    };
    for copying in [None, Some(begun), Some(marked)] {
        let cursor = Cursor { copying, ..plain };
        let text = cursor.to_string();
        assert_eq!(text.parse(), Ok(cursor));
        for bad in [
            "",
            "x",
            "%%%",
            &text[1..],
            &text[..text.len() - 1],
            &format!("{cursor}AAAA"),
            &text.repeat(1000),
        ] {
            assert_eq!(bad.parse::<Cursor>(), Err(CursorError), "{bad}");
        }
        let known = if copying.is_none() { 77 } else { 0 };
        assert_eq!(cursor.level(), Seq(known));
    }
}

#[test]
fn a_place_past_every_number_is_no_cursor() {
    let at = |seq, marked| Cursor {
        epoch: u64::MAX,
        seq: Seq(seq),
        hash: [1; 8],
        copying: Some(Copying {
            part: 7,
            after: Some(Mark {
                id: [9; 16],
                seq: Seq(marked),
            }),
        }),
    };
    let last = i64::MAX.cast_unsigned();
    let good = at(last, last);
    assert_eq!(good.to_string().parse(), Ok(good));
    for bad in [at(last + 1, 0), at(0, last + 1), at(u64::MAX, u64::MAX)] {
        assert_eq!(bad.to_string().parse::<Cursor>(), Err(CursorError));
    }
}

#[test]
fn a_document_body_passes_byte_for_byte() {
    let line = br#"{"kind":"later","id":"x","version":3,"body":{ "b":1,  "a":2.50 }}"#;
    let Line::Document(document) = Line::parse(line).unwrap() else {
        panic!("not a document")
    };
    assert_eq!(document.body.get(), r#"{ "b":1,  "a":2.50 }"#);
    let mut out = Vec::new();
    Line::Document(document).write(&mut out).unwrap();
    assert_eq!(out.strip_suffix(b"\n").unwrap(), line);
}

#[test]
fn every_line_comes_back_as_what_it_was() {
    for line in [
        r#"{"kind":"customer","id":"x","version":3}"#,
        r#"{"event":{"seq":1,"salt":"00","hash":"ff","payload":{}}}"#,
        r#"{"reset":true}"#,
        r#"{"cursor":"abc","more":false}"#,
        r#"{"kind":"customer","id":"x","version":3,"erased":true}"#,
        r#"{"cursor":"abc","more":true,"documents":7,"filling":true}"#,
        r#"{"cursor":"abc","more":false,"documents":7,"sum":"000102030405060708090a0b0c0d0e0f"}"#,
        r#"{"event":{"seq":1,"salt":"00","hash":"ff","payload":{},"digest":"aa"}}"#,
    ] {
        let mut out = Vec::new();
        Line::parse(line.as_bytes())
            .unwrap()
            .write(&mut out)
            .unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), format!("{line}\n"));
    }
    assert!(Line::parse(b"{}").is_err());
    assert!(Line::parse(b"garbage").is_err());
}

#[test]
fn a_body_that_is_null_deletes_nothing() {
    let line = br#"{"kind":"customer","id":"x","version":3,"body":null}"#;
    let Line::Document(document) = Line::parse(line).unwrap() else {
        panic!("taken for a tombstone")
    };
    assert_eq!(document.body.get(), "null");
}
