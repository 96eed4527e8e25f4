//! The report for people: how an assertion stands, in which words.
#![cfg(feature = "cli")]

use mlsys::report::human::{Detail, render};
use mlsys::report::terminal::Style;

use crate::support::run_plainly;

fn report(text: &str) -> String {
    render(&run_plainly(text), Detail::Normal, Style::default())
}

#[test]
fn how_assertions_stand() {
    let text = "
let t = 100 s
let q = 6
assert t < 120 s
assert t < 90 s
assert t > 120 s
assert 120 s > t
assert 90 s < t < 95 s
assert 90 s < t < 120 s, \"a chain\"
assert t within 5% of 98 s
assert t within 1 s of 98 s
assert t < 90 s or q > 9
assert t < 190 s and q < 10, \"a message that takes some more room than the rest of the line can give it\"
assert not (t < 190 s)
assert t < 100 s
assert q == 6
let late = t > 90 s
assert late
";
    insta::assert_snapshot!(report(text));
}

#[test]
fn durations_are_in_the_unit_a_person_would_use() {
    let shown = |text: &str| {
        let report = report(&format!("show {text}"));
        report.split_once(" = ").map(|(_, v)| v.lines().next().unwrap_or("").to_string()).expect("a value")
    };
    let cases = [
        ("1 s * 59.9", "59.9 s"),
        ("1 s * 60", "1 min"),
        ("1 s * 100", "100 s"),
        ("1 s * 250", "250 s"),
        ("1 s * 300.5", "5.008 min"),
        ("1 s * 5400", "90 min"),
        ("1 s * 10000", "2.778 h"),
        ("1 s * 86400", "1 day"),
        ("1 s * 129600", "36 h"),
        ("1 ms * 0.5", "500 us"),
        ("1 req * 1458", "1458 req"),
        ("1 tok * 8192", "8192 tok"),
        ("1 * 10_000_000", "10_000_000"),
    ];
    for (text, expected) in cases {
        assert_eq!(shown(text), expected, "{text}");
    }
}

#[test]
fn the_name_of_a_scenario_is_a_text_like_any_other() {
    let shown = report("scenario \"a \\\"b\\\" \\\\ c\" { assert 1 < 2 }\n");
    assert!(shown.contains("scenario \"a \"b\" \\ c\""), "{shown}");
}
