//! Several files in one run: each is a plan by itself.
#![cfg(feature = "cli")]

use mlsys::outcome::{Outcome, Status};
use mlsys::report::{contract, junit};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use roxmltree::Document;

const NAMES: [&str; 4] = ["a.mls", "b.mls", "c.mls", "d.mls"];

fn run(texts: &[&str], set: &[(&str, &str)]) -> Outcome {
    let mut memory = Memory::default();
    memory.add("fleet.mls", "let rate = unknown\n");
    NAMES.iter().zip(texts).for_each(|(name, text)| memory.add(name, *text));
    let set = set.iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
    let paths: Vec<String> = NAMES.iter().take(texts.len()).map(|n| n.to_string()).collect();
    Session::new(&memory, Options { set, ..Options::default() }).run(&paths)
}

fn statuses(outcome: &Outcome) -> Vec<Vec<Status>> {
    outcome.files.iter().map(|f| f.assertions.iter().map(|a| a.status).collect()).collect()
}

/// A mistake in one plan does not hide what the others say.
#[test]
fn an_invalid_file_leaves_the_others() {
    let outcome = run(&["assert 1 < 2\n", "assert nothing < 2\n", "assert 3 < 2\n"], &[]);
    assert_eq!(outcome.exit_code(false), 2);
    assert_eq!(statuses(&outcome), [vec![Status::Pass], vec![], vec![Status::Fail]]);
    let invalid: Vec<bool> = outcome.files.iter().map(|f| f.is_invalid()).collect();
    assert_eq!(invalid, [false, true, false]);
    let text = junit::render(&outcome, false);
    let document = Document::parse(&text).expect("XML");
    let suites: Vec<_> = document
        .descendants()
        .filter(|n| n.has_tag_name("testsuite"))
        .map(|n| ["name", "tests", "errors", "failures"].map(|a| n.attribute(a).unwrap_or("")))
        .collect();
    assert_eq!(suites, [["a.mls", "1", "0", "0"], ["b.mls", "1", "1", "0"], ["c.mls", "1", "0", "1"]]);
}

/// Every team has its own exchange rate; one without it has no `EUR`.
#[test]
fn units_belong_to_their_file() {
    let euro = |rate: &str| format!("unit EUR = {rate} USD\nassert 1 EUR > 1.09 USD\n");
    let outcome = run(&[&euro("1.08"), &euro("1.1"), "assert 1 EUR > 1 USD\n"], &[]);
    assert_eq!(statuses(&outcome), [vec![Status::Fail], vec![Status::Pass], vec![]]);
    let codes: Vec<&str> = outcome.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["mls::unknown-unit"]);
}

/// What two plans use wrongly is told once, and neither of them is green.
#[test]
fn what_is_shared_is_told_once() {
    let text = "use \"fleet.mls\"\nassert rate < 2\n";
    let outcome = run(&[text, "assert 1 < 2\n", text], &[]);
    assert_eq!(outcome.diagnostics.len(), 1, "{:?}", outcome.diagnostics);
    let report = serde_json::to_value(contract::report(&outcome)).expect("JSON");
    let counts: Vec<usize> =
        (0..3).map(|i| report["files"][i]["diagnostics"].as_array().map_or(0, Vec::len)).collect();
    assert_eq!(counts, [1, 0, 1]);
    assert_eq!(report["files"][0]["diagnostics"][0]["labels"][0]["path"], "fleet.mls");
}

#[test]
fn a_setting_is_for_the_files_that_have_it() {
    let texts = ["param rate: Scalar = 1\nassert rate == 3\n", "assert 1 < 2\n"];
    let outcome = run(&texts, &[("rate", "3")]);
    assert_eq!(outcome.exit_code(false), 0, "{:?}", outcome.diagnostics);
    let outcome = run(&texts, &[("rat", "3")]);
    assert_eq!(outcome.exit_code(false), 2);
    let codes: Vec<&str> = outcome.diagnostics.iter().map(|d| d.code).collect();
    assert_eq!(codes, ["mls::unknown-param"]);
}
