//! `sensitivity` in the language: what the equations say by hand, as numbers and as a list.
#![cfg(feature = "cli")]

use mlsys::outcome::{Datum, Outcome, Status};
use mlsys::report::human::{self, Detail};
use mlsys::report::sensitivity;
use mlsys::report::terminal::Style;
use mlsys::session::{self, Options, Question, Session, axes};
use mlsys::source::Memory;

use crate::support::{codes, run, run_with};

const PLAN: &str = "use std.hardware.nvidia.H100_SXM\n\
    use std.models.meta.llama3_70b\n\
    param efficiency: Scalar = 50%\n\
    system pod { hardware: H100_SXM, ram: 1 TB, devices: 8 }\n\
    solve one = roofline { model: llama3_70b, system: pod, batch: 512, efficiency }\n";

fn with(more: &str) -> Outcome {
    run(&format!("{PLAN}{more}\n"))
}

fn shown(outcome: &Outcome, index: usize) -> f64 {
    match &outcome.files[0].shows[index].value {
        Datum::Quantity { value, .. } => *value,
        other => panic!("{other:?}: {:?}", outcome.diagnostics),
    }
}

#[test]
fn numbers_are_those_of_the_equations() {
    let outcome = with(
        "show sensitivity(2 * efficiency ^ 3, efficiency), sensitivity(one.latency_memory, pod.hardware.memory_bw)\n\
         show sensitivity(one.latency_compute, one.batch), sensitivity(one.latency_memory, one.batch)\n\
         show sensitivity(one.latency, one.batch), one.latency_compute / one.latency",
    );
    for (index, expected) in [3.0, -1.0, 1.0, 0.0, shown(&outcome, 5)].into_iter().enumerate() {
        assert!((shown(&outcome, index) - expected).abs() < 1e-6, "{index}: {}", shown(&outcome, index));
    }
}

#[test]
fn a_list_is_ranked_and_can_be_asserted() {
    let outcome = with(
        "show sensitivity(one.latency)\n\
         assert max([abs(s.elasticity) for s in sensitivity(one.throughput)]) < 1.01\n\
         assert sensitivity(one.latency)[0].input == \"efficiency\"\n\
         assert sensitivity(one.latency, one.batch) < 0.5",
    );
    let statuses: Vec<Status> = outcome.files[0].assertions.iter().map(|a| a.status).collect();
    assert_eq!(statuses, [Status::Pass, Status::Pass, Status::Fail]);
    insta::assert_snapshot!(human::render(&outcome, Detail::Normal, Style::default()));
    // What would pass is found through it: at a small batch the memory decides.
    let batch = outcome.files[0].assertions[2].suggestions.iter().find(|s| s.input == "one.batch");
    assert!(batch.is_some_and(|s| s.change.is_some_and(|c| c < 0.0)));
}

#[test]
fn settings_and_points_of_sweeps() {
    let more = "sweep grid = one over { batch: [1, 2, 512] }\n\
                let best = grid maximize throughput\n\
                show sensitivity(best.latency, efficiency), sensitivity(efficiency ^ 2 + 1, efficiency)";
    let text = format!("{PLAN}{more}\n");
    let outcome = run_with(&text, &[("efficiency", "100%")]);
    assert!((shown(&outcome, 0) + 1.0).abs() < 1e-3, "{}", shown(&outcome, 0));
    assert!((shown(&outcome, 1) - 1.0).abs() < 1e-6, "2 e^2 / (e^2 + 1) at 1: {}", shown(&outcome, 1));
}

#[test]
fn what_has_no_sensitivity_is_told() {
    for (text, code) in [
        ("show sensitivity(one.bottleneck)", "mls::not-a-number"),
        ("show sensitivity(one.latency, one.throughput)", "mls::not-an-input"),
        ("show sensitivity(0 * efficiency)", "mls::no-elasticity"),
        ("show sensitivity()", "mls::argument-count"),
        ("fn f(x: Scalar) -> Scalar = sensitivity(2 * x)\nshow f(3)", "mls::not-declared"),
    ] {
        let outcome = with(text);
        assert!(codes(&outcome).contains(&code), "{text}: {:?}", codes(&outcome));
    }
}

#[test]
fn the_axes_of_a_sweep_are_inputs_at_a_point() {
    let text = "model m { parameters: 7e9 param }\n\
                hardware h { memory_bw: 2 TB/s, memory_capacity: 80 GiB, peak_flops: 300 TFLOP/s, dispatch_tax: 1 ns }\n\
                system s { hardware: h }\n\
                solve one = roofline { model: m, system: s }\n\
                sweep grid = one over { batch: [64, 1024], system.hardware.peak_flops: [200 TFLOP/s, 400 TFLOP/s] }\n";
    let mut memory = Memory::default();
    memory.add("plan.mls", text);
    let session = Session::new(&memory, Options::default());
    let question = Question {
        expression: "grid.latency".into(),
        scenario: None,
        at: axes("batch=1024, system.hardware.peak_flops=400 TFLOP/s").expect("axes"),
    };
    let Ok(explained) =
        session.explain("plan.mls", &question, session::Detail { depth: 3, all: false }, true)
    else {
        panic!("the point is there");
    };
    let found: Vec<(String, i64)> = explained
        .sensitivity
        .iter()
        .map(|e| (e.input.clone(), (e.elasticity * 100.0).round() as i64))
        .collect();
    for wanted in [("batch", 100), ("system.hardware.peak_flops", -100), ("m.parameters", 100)] {
        assert!(found.contains(&(wanted.0.to_string(), wanted.1)), "{found:?}");
    }
}

/// Devices come in whole replicas, micro batches are whole: a small step would tell of a jump, not of the trend.
#[test]
fn counts_that_are_rounded_tell_the_trend() {
    let text = "param devices: Scalar = 2048\n\
                param usable: Scalar = 100%\n\
                solver fleet(devices: Scalar, usable: Scalar) {\n  require usable <= 100%\n  \
                out time = 1 s / (floor(devices / 32 + 0.000001) * usable)\n}\n\
                solve run = fleet { devices, usable }\n\
                show sensitivity(run.time, devices), sensitivity(run.time, usable), sensitivity(run.time)\n";
    let outcome = run(text);
    assert!((shown(&outcome, 0) + 1.0).abs() < 1e-3, "{}", shown(&outcome, 0));
    assert!((shown(&outcome, 1) + 1.0).abs() < 1e-3, "no value above 100 %: {}", shown(&outcome, 1));
    let Datum::List(all) = &outcome.files[0].shows[2].value else { panic!("a list") };
    assert_eq!(all.len(), 2);
}

/// An equation that is linear in an input says 1, and that can be asserted.
#[test]
fn what_is_exact_is_told_exactly() {
    let text = "param p: Scalar = 3\nparam n: Scalar = 4\nlet a = (p ^ 2 + 1) * n\n\
                assert sensitivity(a, n) == 1\nassert sensitivity(a, p) == 1.8\nassert sensitivity(1 / n, n) == -1\n";
    let outcome = run(text);
    assert!(
        outcome.files[0].assertions.iter().all(|a| a.status == Status::Pass),
        "{:?}",
        outcome.files[0].assertions
    );
}

fn explained(text: &str, expression: &str) -> Result<String, Vec<&'static str>> {
    let memory = Memory::with("plan.mls", text);
    let session = Session::new(&memory, Options::default());
    let question = Question { expression: expression.into(), scenario: None, at: vec![] };
    match session.explain("plan.mls", &question, session::Detail { depth: 3, all: false }, true) {
        Ok(found) => Ok(format!("{}\n{}", sensitivity::lines(&found), sensitivity::markdown(&found))),
        Err(Outcome { diagnostics: problems, .. }) => Err(problems.iter().map(|p| p.code).collect()),
    }
}

#[test]
fn a_question_about_what_is_no_number_is_told() {
    let text = format!("{PLAN}let none_of_it = one.batch - one.batch\n");
    assert_eq!(explained(&text, "one.feasible"), Err(vec!["mls::not-a-number"]));
    assert_eq!(explained(&text, "none_of_it"), Err(vec!["mls::no-elasticity"]));
}

#[test]
fn lines_and_tables() {
    let text = "use std.hardware.nvidia.H100_SXM\nuse std.models.meta.llama3_70b\nuse std.systems.dgx_h100\n\
                solve run = training {\n  model: llama3_70b\n  system: dgx_h100\n  devices: 256\n  sequence: 8192 tok\n  \
                global_batch: 256\n  layout: { tensor: 8, pipeline: 4 }\n  precision: bf16\n  token_budget: 1e12 tok\n}\n";
    insta::assert_snapshot!(explained(text, "run.duration").expect("a number"));
}

/// A member on an axis is no number, and a point has it all the same.
#[test]
fn members_are_no_inputs() {
    let text = format!("{PLAN}sweep grid = one over {{ batch: [1, 2], precision: [fp16, fp8] }}\n");
    let found = explained(&text, "grid[batch: 2, precision: fp8].latency").expect("a number");
    // The first line of each form repeats the question.
    let inputs = |line: &&str| !line.contains("per cent that it moves");
    assert!(found.lines().filter(inputs).all(|line| !line.contains("precision")), "{found}");
    assert!(found.contains("pod.hardware.memory_bw"), "{found}");
}
