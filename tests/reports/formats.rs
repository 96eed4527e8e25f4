//! One run in every format: what it looks like, and whether those who read the format can.
#![cfg(feature = "cli")]

use mlsys::outcome::Outcome;
use mlsys::report::{github, junit, markdown, sarif};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use roxmltree::Document;
use serde_json::Value;

use crate::support::schema;

/// A plan with one of everything: passes, fails, warns, a scenario, a note, a sweep.
const PLAN: &str = include_str!("../data/reports/chat.mls");

fn run_as(path: &str, text: &str) -> Outcome {
    let memory = Memory::with(path, text);
    Session::new(&memory, Options::default()).run(&[path.into()])
}

fn plan() -> Outcome {
    run_as("plans/chat.mls", PLAN)
}

/// Texts that some format gives a meaning to.
fn nasty() -> Outcome {
    let message = "50% of <b>\\\"all\\\"</b> & ']]>' | `x` \u{1b}[31mred\u{1b}[0m \u{1}\u{fffe} @everyone, 東京 😀: *yes*";
    run_as(
        r"C:\plans\a b,c:50%.mls",
        &format!(
            "let café = 1\r\nassert 1 < 0, \"{message}\"\r\n\r\nlet x = 2 param\r\nassert x == 3 param\r\n"
        )
        .replace("café", "cafe"),
    )
}

fn invalid() -> Outcome {
    run_as("plans/bad.mls", "let latency = 3 ms\nassert latencyy < 5 ms\nassert latency < 5 B\n")
}

#[test]
fn junit_is_as_expected() {
    insta::assert_snapshot!(junit::render(&plan(), false));
}

#[test]
fn sarif_is_as_expected() {
    insta::assert_snapshot!(sarif::render(&plan(), 1, ""));
}

#[test]
fn github_is_as_expected() {
    insta::assert_snapshot!(github::render(&plan(), ""));
}

#[test]
fn markdown_is_as_expected() {
    insta::assert_snapshot!(markdown::render(&plan()));
}

fn count(document: &Document, name: &str) -> usize {
    document.descendants().filter(|n| n.has_tag_name(name)).count()
}

#[test]
fn junit_has_a_case_for_each_assertion() {
    let outcome = plan();
    let text = junit::render(&outcome, false);
    let document = Document::parse(&text).expect("XML");
    let assertions = &outcome.files[0].assertions;
    assert_eq!(count(&document, "testcase"), assertions.len());
    let failing = outcome.files[0].assertions.iter().filter(|a| a.failure.is_some());
    let (warned, failed): (Vec<_>, Vec<_>) = failing.partition(|a| a.severity.name() == "warning");
    assert!(!warned.is_empty() && !failed.is_empty(), "the plan has both");
    assert_eq!(count(&document, "failure"), failed.len());
    assert_eq!(document.root_element().attribute("failures"), Some(&*failed.len().to_string()));
    let strict = junit::render(&outcome, true);
    let document = Document::parse(&strict).expect("XML");
    assert_eq!(count(&document, "failure"), failed.len() + warned.len());
    let body = document.descendants().find(|n| n.has_tag_name("failure")).and_then(|n| n.text());
    assert!(body.is_some_and(|b| b.contains("plans/chat.mls:")), "{body:?}");
    let names: Vec<_> = document
        .descendants()
        .filter(|n| n.has_tag_name("testcase"))
        .map(|n| (n.attribute("classname"), n.attribute("name")))
        .collect();
    assert!(names.iter().all(|n| names.iter().filter(|m| *m == n).count() == 1), "{names:?}");
}

#[test]
fn an_invalid_file_is_not_green() {
    let outcome = invalid();
    assert_eq!(outcome.exit_code(false), 2);
    let text = junit::render(&outcome, false);
    let document = Document::parse(&text).expect("XML");
    assert_eq!(count(&document, "error"), outcome.diagnostics.len());
    assert_ne!(document.root_element().attribute("errors"), Some("0"));
    let log: Value = serde_json::from_str(&sarif::render(&outcome, 2, "")).expect("JSON");
    assert_eq!(log["runs"][0]["results"].as_array().map(Vec::len), Some(outcome.diagnostics.len()));
    assert_eq!(log["runs"][0]["invocations"][0]["executionSuccessful"], false);
    assert!(github::render(&outcome, "").lines().all(|l| l.starts_with("::error file=plans/bad.mls,line=")));
    assert!(markdown::render(&outcome).starts_with("### ❌ mlsys: 2 errors"));
}

#[test]
fn sarif_keeps_to_its_schema() {
    for (outcome, code) in [(plan(), 1), (nasty(), 1), (invalid(), 2)] {
        let log: Value = serde_json::from_str(&sarif::render(&outcome, code, "")).expect("JSON");
        schema("sarif-2.1.0.json", &log);
        let run = &log["runs"][0];
        for result in run["results"].as_array().expect("results") {
            let index = result["ruleIndex"].as_u64().expect("an index") as usize;
            assert_eq!(run["tool"]["driver"]["rules"][index]["id"], result["ruleId"]);
        }
    }
}

/// Columns count characters: a letter of several bytes is one.
#[test]
fn regions_are_in_characters() {
    let outcome = run_as("main.mls", "let a = 1 # é\nassert \"é😀\" == \"\" and a < 0\n");
    let log: Value = serde_json::from_str(&sarif::render(&outcome, 1, "")).expect("JSON");
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(region["startLine"], 2);
    let line = "assert \"é😀\" == \"\" and a < 0";
    assert!(region["endColumn"].as_u64().is_some_and(|c| c as usize <= line.chars().count() + 1), "{region}");
}

#[test]
fn nothing_in_a_message_is_taken_for_markup() {
    let outcome = nasty();
    let text = junit::render(&outcome, false);
    assert!(text.chars().all(|c| c == '\n' || !c.is_control()), "{text:?}");
    let document = Document::parse(&text).expect("XML");
    let failure = document.descendants().find(|n| n.has_tag_name("failure")).expect("a failure");
    let message = failure.attribute("message").expect("a message");
    assert!(message.contains("50% of <b>\"all\"</b> & ']]>' | `x`"), "{message}");
    assert!(message.contains("東京 😀"), "{message}");

    let annotations = github::render(&outcome, "");
    assert_eq!(annotations.lines().count(), 2, "{annotations}");
    let first = annotations.lines().next().unwrap_or("");
    assert!(
        first.starts_with("::error file=C%3A/plans/a b%2Cc%3A50%25.mls,line=2,col=8,endColumn=9,title="),
        "{first}"
    );
    let (_, message) = first.split_once("::error ").and_then(|(_, r)| r.split_once("::")).expect("a message");
    // `title=mls%3A%3Aassert-failed` has no `::` of its own, so what is left is the message.
    assert!(message.starts_with("50%25 of <b>"), "{message}");
    assert!(annotations.chars().all(|c| c == '\n' || !c.is_control()), "{annotations:?}");

    let comment = markdown::render(&outcome);
    assert!(comment.chars().all(|c| c == '\n' || !c.is_control()), "{comment:?}");
    let calls = |l: &&str| l.contains("@everyone") && (l.starts_with('|') || l.starts_with('<'));
    assert_eq!(comment.lines().filter(calls).count(), 0, "{comment}");
    let row = comment.lines().find(|l| l.contains("1 < 0")).expect("a row");
    let cells = row.replace("\\|", "").matches('|').count();
    assert_eq!(cells, 6, "{row}");
    assert!(row.contains("&lt;b&gt;"), "{row}");
    insta::assert_snapshot!(comment);
}

/// A comment on GitHub has at most 65,536 characters.
#[test]
fn a_comment_has_an_end() {
    let text: String = (0..300).map(|i| format!("assert {i} + 1 ms / 1 ms < {i}\n")).collect();
    let comment = markdown::render(&run_as("main.mls", &text));
    assert!(comment.chars().count() < 65_536, "{}", comment.len());
    assert!(comment.contains("left out here"), "{comment}");
    assert_eq!(comment.lines().filter(|l| l.starts_with("| ❌")).count(), 300);
}

/// Thousands of assertions: what fails is told before what holds, and the rest is counted.
#[test]
fn a_table_has_an_end() {
    let line = |i: usize| {
        let limit = if i.is_multiple_of(3) { i } else { i + 9 };
        format!(
            "assert {i} + 1 ms / 1 ms < {limit}, \"assertion {i} about the pods of the northern data centre\"\n"
        )
    };
    let text: String = (0..3000).map(line).collect();
    let comment = markdown::render(&run_as("main.mls", &text));
    assert!(comment.chars().count() < 65_536, "{}", comment.len());
    assert!(!comment.contains("| ✅"), "no room for what holds");
    let rows = comment.lines().filter(|l| l.starts_with("| ❌")).count();
    let left = format!("Not in this table: {} more that do not hold, 2000 that hold.", 1000 - rows);
    assert!(comment.contains(&left), "{left}");
    // Not a wall: a few explanations are open.
    assert_eq!(comment.matches("<details open>").count(), 3);
    let files: Vec<String> = (0..4000).map(|i| format!("{i}.mls")).collect();
    let mut memory = Memory::default();
    files.iter().for_each(|f| memory.add(f, "assert 1 < 2\n"));
    let options = Options { no_suggest: true, ..Options::default() };
    let comment = markdown::render(&Session::new(&memory, options).run(&files[..1500]));
    assert!(comment.chars().count() < 65_536, "{}", comment.len());
    assert!(comment.contains(" more files\n"), "{}", &comment[comment.len() - 300..]);
}

/// In a folder of the checkout: GitHub looks for files from its top.
#[test]
fn places_are_from_the_top_of_the_checkout() {
    let outcome = plan();
    assert!(github::render(&outcome, "infra/").starts_with("::error file=infra/plans/chat.mls,line="));
    let log: Value = serde_json::from_str(&sarif::render(&outcome, 1, "infra/")).expect("JSON");
    let place = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "infra/plans/chat.mls");
    // What was set on the command line is in no file.
    let memory = Memory::with("a.mls", "let a = 1\n");
    let options = Options { set: vec![("b".into(), "2".into())], ..Options::default() };
    let annotations = github::render(&Session::new(&memory, options).run(&["a.mls".into()]), "");
    assert!(
        annotations.starts_with("::error file=a.mls,title=mls%3A%3Aunknown-param::no `param b` to set"),
        "{annotations}"
    );
}

/// Code scanning takes no finding without a place in the checkout.
#[test]
fn every_finding_is_in_a_file_of_the_checkout() {
    let memory = Memory::with("a.mls", "assert 2 < 1\nlet n = 1\n");
    let options = Options { set: vec![("b".into(), "2".into())], ..Options::default() };
    let runs = [
        Session::new(&memory, Options::default()).run(&["a.mls".into(), "gone.mls".into()]),
        Session::new(&memory, options).run(&["a.mls".into()]),
    ];
    for (outcome, count) in runs.iter().zip([2, 1]) {
        let log: Value = serde_json::from_str(&sarif::render(outcome, 2, "")).expect("JSON");
        schema("sarif-2.1.0.json", &log);
        let results = log["runs"][0]["results"].as_array().expect("results");
        assert_eq!(results.len(), count);
        for result in results {
            assert_eq!(result["locations"][0]["physicalLocation"]["region"]["startLine"], 1);
            let place = &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"];
            assert!(["a.mls", "gone.mls"].contains(&place.as_str().unwrap_or("")), "{result}");
        }
        let annotations = github::render(outcome, "");
        assert!(annotations.lines().all(|l| l.starts_with("::error file=")), "{annotations}");
    }
}

#[test]
fn nothing_asserted_is_not_green() {
    let outcome = run_as("a.mls", "let a = 1\n");
    assert!(markdown::render(&outcome).starts_with("### ⚠️ mlsys: no assertions"));
}
