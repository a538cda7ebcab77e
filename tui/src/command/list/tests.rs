use redtag_protocol::{ids::InspectionId, inspection::Counts, stamp::Stamp};
use unicode_width::UnicodeWidthStr as _;

use super::*;

fn row(vehicle: &str, customer: &str, sync: SyncState) -> BoardRow {
    BoardRow {
        id: InspectionId::from_bytes([4; 16]),
        label: "#1042".to_owned(),
        state: State::InProgress,
        revision: 0,
        vehicle: vehicle.to_owned(),
        mark: "1HGCM82633A004352".to_owned(),
        customer: customer.to_owned(),
        assignee: "Tess Tester of the North".to_owned(),
        bay: String::new(),
        template: "Bicycle service".to_owned(),
        created: Stamp(1_700_000_000_000),
        counts: Counts::default(),
        conflicts: 1,
        late: 0,
        sync,
        touched: None,
        found: None,
        noted: false,
    }
}

#[test]
fn lines_fit_the_terminal_and_columns_stand_under_each_other() {
    let rows = [
        row(
            "2014 Honda Accord Tourer",
            "Ada Example",
            SyncState::Waiting,
        ),
        row(
            "2019 日産自動車 リーフ 特別仕様車",
            "山田太郎山田太郎",
            SyncState::Acknowledged,
        ),
    ];
    let text = render(&rows, 2, 2, 80);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines.iter().all(|line| line.width() <= 80), "{text}");
    let place = |line: &str, what: &str| line.find(what).map(|at| line[..at].width());
    let conflict = |line: &str| place(line, "conflict");
    assert_eq!(conflict(lines[1]), conflict(lines[2]));
    assert!(
        lines[1].ends_with("waiting") && text.contains('…'),
        "{text}"
    );
}

#[test]
fn with_room_nothing_is_cut() {
    let rows = [row("2014 Honda Accord", "Ada Example", SyncState::Waiting)];
    let text = render(&rows, 3, 3, 200);
    assert!(
        text.contains("Accord") && text.contains("saved here, waiting to send"),
        "{text}"
    );
    assert!(text.contains("1 of 3"), "{text}");
}
