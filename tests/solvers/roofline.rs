//! The roofline against the reference vectors of the seed engine (`tests/data/seed_dev.json`; its `meta` says where
//! they come from). Each case becomes a scenario, and every field agrees to 1e-12.

use mlsys::outcome::Datum;
use serde_json::Value;

use crate::support::{codes, output, run};

const TOLERANCE: f64 = 1e-12;

fn vectors() -> Value {
    serde_json::from_str(include_str!("../data/seed_dev.json")).expect("the vectors are JSON")
}

fn field(text: &mut String, name: &str, value: &Value, unit: &str) {
    if let Some(number) = value.as_f64() {
        text.push_str(&format!("  {name}: {number:?} {unit}\n"));
    }
}

/// A scenario for one case. The seed takes every precision that it does not know for fp16, without a word.
fn scenario(case: &Value) -> String {
    let (model, hardware) = (&case["model"], &case["hardware"]);
    let mut text = "model m {\n".to_string();
    field(&mut text, "parameters", &model["parameters_count"], "param");
    field(&mut text, "inference_flops", &model["inference_flops_flop"], "flop");
    field(&mut text, "size", &model["model_size_bytes"], "B");
    text.push_str("}\nhardware h {\n");
    field(&mut text, "peak_flops", &hardware["peak_flops_flop_per_s"], "flop/s");
    field(&mut text, "peak_flops_fp32", &hardware["peak_flops_fp32_flop_per_s"], "flop/s");
    field(&mut text, "peak_flops_int8", &hardware["int8_flops_flop_per_s"], "flop/s");
    field(&mut text, "memory_bw", &hardware["memory_bw_bytes_per_s"], "B/s");
    field(&mut text, "memory_capacity", &hardware["memory_capacity_bytes"], "B");
    field(&mut text, "tdp", &hardware["tdp_w"], "W");
    field(&mut text, "dispatch_tax", &hardware["dispatch_tax_s"], "s");
    let known = case["precision"].as_str().filter(|p| ["fp32", "int8"].contains(p));
    let precision = known.unwrap_or("fp16");
    let number = |name: &str| case[name].as_f64().expect("a number");
    text.push_str(&format!(
        "}}\nsystem s {{ hardware: h }}\nsolve one = roofline {{ model: m, system: s, batch: {:?}, precision: {precision}, \
         efficiency: {:?} }}\n",
        number("batch_size"),
        number("efficiency"),
    ));
    text
}

#[test]
fn every_case_agrees() {
    let vectors = vectors();
    let cases = vectors["cases"].as_array().expect("cases");
    assert!(cases.len() >= 275, "only {} cases", cases.len());
    const FIELDS: &[(&str, &str)] = &[
        ("latency", "latency_s"),
        ("latency_compute", "latency_compute_s"),
        ("latency_memory", "latency_memory_s"),
        ("latency_overhead", "latency_overhead_s"),
        ("throughput", "throughput_per_s"),
        ("arithmetic_intensity", "arithmetic_intensity_flop_per_byte"),
        ("energy", "energy_j"),
        ("memory_footprint", "memory_footprint_bytes"),
        ("peak_flops_actual", "peak_flops_actual_flop_per_s"),
        ("peak_bw_actual", "peak_bw_actual_bytes_per_s"),
    ];
    for case in cases {
        let text = scenario(case);
        let outcome = run(&text);
        assert_eq!(outcome.exit_code(false), 0, "{}: {:#?}\n{text}", case["id"], outcome.diagnostics);
        let expected = &case["expected"];
        for (name, key) in FIELDS {
            let Datum::Quantity { value, .. } = output(&outcome, "one", name) else {
                panic!("{}: {name} is no quantity", case["id"])
            };
            let wanted = expected[*key].as_f64().expect("a number");
            assert!(
                (value - wanted).abs() <= TOLERANCE * wanted.abs(),
                "{} {name}: {value:e}, expected {wanted:e}\n{text}",
                case["id"]
            );
        }
        let bottleneck = Datum::Text(expected["bottleneck"].as_str().expect("a text").to_lowercase());
        assert_eq!(output(&outcome, "one", "bottleneck"), bottleneck, "{} {text}", case["id"]);
        let feasible = Datum::Bool(expected["feasible"].as_bool().expect("a boolean"));
        assert_eq!(output(&outcome, "one", "feasible"), feasible, "{}", case["id"]);
    }
}

/// A plan that works, with one line changed.
fn mistaken(from: &str, to: &str) -> String {
    let plan = "model m { parameters: 1e9 param }\n\
                hardware h {\n  peak_flops: 100 TFLOP/s\n  memory_bw: 1 TB/s\n  memory_capacity: 80 GB\n  tdp: 300 W\n  \
                dispatch_tax: 10 us\n}\n\
                system s { hardware: h }\n\
                solve one = roofline { model: m, system: s, batch: 1, efficiency: 0.5 }\n";
    assert!(plan.contains(from), "{from}");
    plan.replace(from, to)
}

#[test]
fn the_seeds_error_cases_are_diagnosed() {
    let cases = [
        ("efficiency: 0.5", "efficiency: 0", "mls::require-failed"),
        ("efficiency: 0.5", "efficiency: -0.5", "mls::require-failed"),
        ("batch: 1", "batch: 0", "mls::require-failed"),
        ("batch: 1", "batch: -4", "mls::require-failed"),
        ("1e9 param", "0 param", "mls::require-failed"),
        ("1e9 param", "-1 param", "mls::require-failed"),
        ("1e9 param", "5 B", "mls::dimension-mismatch"),
        ("1e9 param", "5 s", "mls::dimension-mismatch"),
        ("100 TFLOP/s", "0 TFLOP/s", "mls::require-failed"),
        ("memory_bw: 1 TB/s", "memory_bw: 0 TB/s", "mls::require-failed"),
        ("80 GB", "-1 B", "mls::require-failed"),
        ("dispatch_tax: 10 us", "dispatch_tax: -1 s", "mls::require-failed"),
        ("tdp: 300 W", "tdp: -5 W", "mls::require-failed"),
        ("memory_bw: 1 TB/s", "memory_bw: 1 TFLOP/s", "mls::dimension-mismatch"),
        ("memory_bw: 1 TB/s", "memory_bw: 5 W", "mls::dimension-mismatch"),
        ("parameters: 1e9 param", "", "mls::absent-value"),
        ("parameters: 1e9 param", "inference_flops: 3 GFLOP", "mls::absent-value"),
    ];
    for (from, to, code) in cases {
        let outcome = run(&mistaken(from, to));
        assert_eq!(outcome.exit_code(false), 2, "{to}: {:#?}", outcome.diagnostics);
        assert!(codes(&outcome).contains(&code), "{to}: {:?}", codes(&outcome));
    }
}

#[test]
fn units_of_any_scale_mean_the_same() {
    let outcome =
        run(&mistaken("parameters: 1e9 param", "parameters: 1 billion param\n inference_flops: 2 GFLOP"));
    let Datum::Quantity { value, .. } = output(&outcome, "one", "arithmetic_intensity") else { panic!() };
    assert_eq!(value, 1.0);
}
