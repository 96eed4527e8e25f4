//! `run --margins`: each change really makes the assertion fail, no smaller one does, and the closest comes first.
#![cfg(feature = "cli")]

use mlsys::outcome::{AssertionOutcome, Outcome, Status, Suggestion};
use mlsys::report::human::{self, Detail};
use mlsys::report::terminal::Style;
use mlsys::report::{contract, markdown};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

use crate::support::run_plainly;

const PLAN: &str = "use std.hardware.nvidia.H100_SXM\n\
    use std.models.meta.llama3_70b\n\
    param efficiency: Scalar = 50%\n\
    system pod { hardware: H100_SXM, devices: 8 }\n\
    solve one = roofline { model: llama3_70b, system: pod, batch: 60, precision: fp8, efficiency }\n\
    sweep grid = one over { batch: [8, 64], precision: [fp8, int8] }\n\
    assert one.latency < 25 ms, \"interactive\"\n\
    assert one.feasible\n\
    assert 1 < 2\n\
    warn one.latency_compute > 3 ms\n\
    assert all grid: latency < 50 ms\n\
    scenario \"night\" {\n  solve quiet = one { batch: 4 }\n  assert quiet.bottleneck == memory\n}\n";

fn run(text: &str) -> Outcome {
    let memory = Memory::with("main.mls", text);
    let options = Options { margins: true, ..Options::default() };
    Session::new(&memory, options).run(&["main.mls".into()])
}

fn breaks(assertion: &AssertionOutcome) -> &[Suggestion] {
    assertion.breaks.as_deref().expect("it was searched")
}

fn edited(outcome: &Outcome, change: &Suggestion) -> String {
    let edit = change.edit.as_ref().expect("it stands in the file");
    let mut text = outcome.sources.file(edit.span.file).text.to_string();
    text.replace_range(edit.span.range(), &edit.text);
    text
}

fn status(text: &str, number: usize) -> Status {
    run_plainly(text).files[0].assertions[number].status
}

#[test]
fn each_change_makes_its_assertion_fail() {
    let outcome = run(PLAN);
    let mut tried = 0;
    for (number, assertion) in outcome.files[0].assertions.iter().enumerate() {
        assert_eq!(assertion.status, Status::Pass, "{}", assertion.text);
        for change in breaks(assertion) {
            let after = status(&edited(&outcome, change), number);
            assert!(after.fails(), "{}: {after:?}", change.write);
            tried += 1;
        }
    }
    assert!(tried >= 12, "{tried}");
    assert!(breaks(&outcome.files[0].assertions[2]).is_empty(), "nothing can break arithmetic");
}

#[test]
fn no_smaller_change_does() {
    let outcome = run(PLAN);
    for (number, assertion) in outcome.files[0].assertions.iter().enumerate() {
        for (input, old, unit) in [("efficiency", 50.0, "%"), ("one.batch", 60.0, "")] {
            let Some(found) = breaks(assertion).iter().find(|b| b.input == input) else { continue };
            let size = found.change.expect("a number").abs();
            for part in 1..40 {
                let smaller = size * 0.99 * f64::from(part) / 40.0;
                for factor in [1.0 + smaller, 1.0 - smaller] {
                    let value = if unit.is_empty() { (old * factor).round() } else { old * factor };
                    if ((value / old) - 1.0).abs() >= size * 0.99 {
                        continue;
                    }
                    let text = match unit {
                        "%" => PLAN.replace("= 50%", &format!("= {value}%")),
                        _ => PLAN.replace("batch: 60", &format!("batch: {value}")),
                    };
                    let found = status(&text, number);
                    assert!(!found.fails(), "{}: {input} = {value}", assertion.text);
                }
            }
        }
    }
}

#[test]
fn the_closest_comes_first() {
    let outcome = run(PLAN);
    insta::assert_snapshot!(human::render(&outcome, Detail::Quiet, Style::default()));
    insta::assert_snapshot!(markdown::render(&outcome));
    let report = serde_json::to_value(contract::report(&outcome)).expect("a report is JSON");
    let assertions = &report["files"][0]["assertions"];
    assert_eq!(assertions[0]["breaks"][0]["input"], breaks(&outcome.files[0].assertions[0])[0].input);
    let plain = serde_json::to_value(contract::report(&run_plainly(PLAN))).expect("a report is JSON");
    assert!(plain["files"][0]["assertions"][0]["breaks"].is_null());
}

/// Another member is no step on a scale: the number is shown, and how far it may move.
#[test]
fn a_number_is_shown_before_a_member() {
    let text = PLAN.replace("assert one.latency < 25 ms, \"interactive\"\n", "assert one.latency < 60 ms\n");
    let outcome = run(&text);
    let first = &outcome.files[0].assertions[0];
    assert!(
        breaks(first).iter().any(|b| b.change.is_none()) && breaks(first).iter().any(|b| b.change.is_some())
    );
    let shown = human::render(&outcome, Detail::Quiet, Style::default());
    let line = shown.lines().find(|l| l.contains("one.latency < 60 ms  (")).expect("it is listed");
    assert!(line.trim_start().starts_with('-'), "{line}");
}

/// Where searching takes long, that is told: it is not said that nothing makes it fail.
#[test]
fn what_was_not_tried_is_told() {
    let text = include_str!("../../scenarios/serving_slo.mls");
    let outcome = run(text);
    let untried = outcome.files[0].assertions.iter().filter(|a| a.untried.is_some()).count();
    let shown = human::render(&outcome, Detail::Quiet, Style::default())
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert_eq!(shown.matches("not tried: that takes long").count(), untried, "{shown}");
    let report = serde_json::to_value(contract::report(&outcome)).expect("a report is JSON");
    let told = report["files"][0]["assertions"].as_array().expect("assertions").iter();
    assert_eq!(told.filter(|a| a["untried"].is_string()).count(), untried);
}
