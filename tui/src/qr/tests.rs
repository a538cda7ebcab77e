use super::*;

const TEXT: &str = "https://shop.example.com:7420/device";

/// The modules that a camera would see, quiet and all.
fn seen(lines: &[String], ascii: bool) -> Vec<Vec<bool>> {
    let mut rows = Vec::new();
    for line in lines {
        let cells: Vec<char> = line.chars().collect();
        if ascii {
            rows.push(cells.chunks(2).map(|it| it[0] == '#').collect());
            continue;
        }
        rows.push(cells.iter().map(|it| "█▀".contains(*it)).collect());
        rows.push(cells.iter().map(|it| "█▄".contains(*it)).collect());
    }
    rows
}

#[test]
fn every_module_is_where_the_code_has_it() {
    let qr = Qr::of(TEXT).unwrap();
    for ascii in [false, true] {
        let lines = qr.lines(ascii, 200).unwrap();
        let rows = seen(&lines, ascii);
        for y in 0..qr.side() {
            for x in 0..qr.side() {
                let (row, cell) = (usize::try_from(y).unwrap(), usize::try_from(x).unwrap());
                let dark = qr.0.get_module(x - QUIET, y - QUIET);
                assert_eq!(rows[row][cell], !dark, "{x}, {y}");
            }
        }
        // The corner that every reader looks for: dark, a light ring, dark.
        let quiet = usize::try_from(QUIET).unwrap();
        let corner: String = rows[quiet + 3][quiet..quiet + 8]
            .iter()
            .map(|light| if *light { '.' } else { 'X' })
            .collect();
        assert_eq!(corner, "X.XXX.X.");
    }
}

#[test]
fn a_code_that_does_not_fit_is_not_shown() {
    let qr = Qr::of(TEXT).unwrap();
    let lines = qr.lines(false, 80).unwrap();
    assert!(lines.len() <= 20, "{}", lines.len());
    let width = lines[0].chars().count();
    assert!(qr.lines(false, width).is_some());
    assert!(qr.lines(false, width - 1).is_none());
    assert!(qr.lines(true, width).is_none());
    assert!(Qr::of(&"x".repeat(5000)).is_none());
}
