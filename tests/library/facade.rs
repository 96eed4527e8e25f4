//! The typed door gives what a scenario gives, for every solver.

use crate::support;
use mlsys::facade::{Input, name, quantity, record, solve, text};
use mlsys::outcome::{Datum, Outcome};

fn h100() -> Input {
    let hardware = record(
        Some("Hardware"),
        &[
            ("name", text("H100 \"SXM\" {x}")),
            ("memory_bw", quantity(3.35, "TB/s")),
            ("memory_capacity", quantity(80.0, "GiB")),
            ("peak_flops", quantity(989.0, "Tflop/s")),
            ("peak_flops_fp8", quantity(1979.0, "Tflop/s")),
        ],
    );
    record(None, &[("name", text("one")), ("hardware", hardware)])
}

fn model() -> Input {
    record(None, &[("name", text("8B")), ("parameters", quantity(8e9, "param"))])
}

#[test]
fn a_solution_is_that_of_the_solver() {
    let inputs = |precision| {
        [("model", model()), ("system", h100()), ("batch", 4.0.into()), ("precision", name(precision))]
    };
    let found = solve("roofline", &inputs("fp8")).expect("a valid plan");
    assert_eq!(found.number("latency_memory"), Some(8e9 / 3.35e12));
    assert_eq!(found.number("latency_compute"), Some(2.0 * 8e9 * 4.0 / (0.5 * 1979e12)));
    assert_eq!(found.get("bottleneck"), Some(&Datum::Text("memory".into())));
    assert!(found.get("feasible") == Some(&Datum::Bool(true)) && found.notes.is_empty());
    let Some(Datum::Quantity { unit, .. }) = found.get("latency") else { panic!("{found:?}") };
    assert_eq!(unit, "s");
    assert_eq!(solve("roofline", &inputs("int4")).expect("a valid plan").notes.len(), 1);
}

#[test]
fn every_solver_answers_as_a_scenario_does() {
    let system = record(Some("System"), &[("hardware", name("H100_SXM")), ("devices", 8.0.into())]);
    let serving = [
        ("model", name("llama3_70b")),
        ("system", system),
        ("layout", record(None, &[("tensor", 8.0.into())])),
        ("weights", name("fp8")),
        ("prompt", quantity(2000.0, "tok")),
        ("output", quantity(300.0, "tok")),
        ("concurrency", quantity(32.0, "req")),
    ];
    let found = solve("serving", &serving);
    let found = found.unwrap_or_else(|outcome| panic!("{:#?}", outcome.diagnostics));
    let outcome = support::run(
        "use std.models.meta.llama3_70b\nuse std.hardware.nvidia.H100_SXM\nsolve one = serving {\n  \
         model: llama3_70b\n  system: System { hardware: H100_SXM, devices: 8 }\n  layout: { tensor: 8 }\n  \
         weights: fp8\n  prompt: 2000 tok\n  output: 300 tok\n  concurrency: 32 req\n}\n",
    );
    assert_eq!(found.outputs, outcome.files[0].solves[0].outputs);
    assert!(found.outputs.len() > 20);
}

#[test]
fn what_is_wrong_is_told_as_of_a_scenario() {
    let told = |inputs: &[(&str, Input)]| -> Vec<&'static str> {
        let Err(Outcome { diagnostics, .. }) = solve("roofline", inputs) else { return vec![] };
        diagnostics.iter().map(|d| d.code).collect()
    };
    let with = |path, value: Input| told(&[("model", model()), ("system", h100()), (path, value)]);
    assert_eq!(with("batch", quantity(1.0, "GB")), ["mls::dimension-mismatch"]);
    assert_eq!(with("bach", 1.0.into()), ["mls::unknown-input"]);
    assert_eq!(with("batch", (-1.0).into()), ["mls::require-failed"]);
    assert_eq!(with("batch", f64::NAN.into()), ["mls::bad-input"]);
    assert_eq!(with("batch }", 1.0.into()), ["mls::bad-input"]);
    assert_eq!(with("batch", quantity(1.0, "}\nassert false")), ["mls::bad-input"]);
    assert_eq!(with("precision", name("fp8\nassert false")), ["mls::bad-input"]);
    assert_eq!(told(&[("model", model())]), ["mls::missing-input"]);
}
