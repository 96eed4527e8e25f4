//! Training: what every input moves, on GPUs and TPUs, dense and with experts, and that no corner of the grid is odd.

use std::fmt::Write;

use mlsys::outcome::{Datum, Outcome};

use crate::support::{codes, output, run};

const PLANS: &str = "
use std.models.deepseek.deepseek_v3
use std.models.meta.{llama3_8b, llama3_70b}
use std.models.qwen.qwen3_30b_a3b
use std.systems.{dgx_a100, dgx_b200, dgx_h100, gb200_nvl72, mi300x_8x}
use std.hardware.google.TPU_v5p
system tpus { hardware: TPU_v5p, devices: 256, network_bw: 256 * 6.2 GB/s }
solve dense = training {
  model: llama3_70b, system: dgx_h100, devices: 512, global_batch: 512, sequence: 8192 tok
  layout: { tensor: 4, pipeline: 4, virtual_stages: 5 }
}
solve sharded = training {
  model: llama3_8b, system: dgx_a100, devices: 64, global_batch: 256, micro_batch: 2, sequence: 4096 tok
  zero: zero3, recompute: selective
}
solve mixture = training {
  model: deepseek_v3, system: gb200_nvl72, devices: 288, global_batch: 2304, layout: { expert: 64, pipeline: 4, tensor: 1 }
  precision: fp8
}
solve slices = training {
  model: llama3_70b, system: tpus, domain: 256, devices: 512, global_batch: 1024, micro_batch: 8, layout: { tensor: 4 }, zero: zero3
  recompute: full
}
";

/// The plan `base` with each of the changes, solved together.
fn variants(base: &str, changes: &[String]) -> Outcome {
    let mut text = PLANS.to_string();
    for (i, change) in changes.iter().enumerate() {
        let _ = writeln!(text, "solve v{i} = {base} {{ {change} }}");
    }
    run(&text)
}

fn number(outcome: &Outcome, solve: &str, name: &str) -> f64 {
    match output(outcome, solve, name) {
        Datum::Quantity { value, .. } => value,
        other => panic!("{solve}.{name} is {other:?}"),
    }
}

/// One output of each variant.
fn series(base: &str, changes: &[String], name: &str) -> Vec<f64> {
    let outcome = variants(base, changes);
    assert!(outcome.ok(), "{base} {changes:?}: {:#?}", outcome.diagnostics);
    let values: Vec<f64> = (0..changes.len()).map(|i| number(&outcome, &format!("v{i}"), name)).collect();
    assert!(values.iter().all(|v| v.is_finite() && *v >= 0.0), "{base} {changes:?} {name}: {values:?}");
    values
}

/// `input: value` for each value.
fn settings(input: &str, values: &[&str]) -> Vec<String> {
    values.iter().map(|value| format!("{input}: {value}")).collect()
}

#[derive(Clone, Copy, PartialEq)]
enum Way {
    Up,
    Down,
}

/// Holds when each value of `input` moves `output` that way, strictly.
fn moves(base: &str, input: &str, values: &[&str], output: &str, way: Way) {
    let found = series(base, &settings(input, values), output);
    let right = |pair: &[f64]| if way == Way::Up { pair[1] > pair[0] } else { pair[1] < pair[0] };
    assert!(found.windows(2).all(right), "{base}.{output} by {input} {values:?}: {found:?}");
}

#[test]
fn every_input_moves_the_time() {
    use Way::{Down, Up};
    for (base, input, values, way) in [
        ("dense", "devices", &["64", "128", "256", "512", "1024", "8192"][..], Down),
        ("dense", "global_batch", &["128", "256", "512", "1024"], Up),
        ("dense", "sequence", &["1024 tok", "4096 tok", "16384 tok", "131072 tok"], Up),
        ("dense", "layout.virtual_stages", &["1", "2", "5", "20"], Down),
        ("dense", "recompute", &["off", "selective", "full"], Up),
        ("dense", "attention", &["flash", "flash1", "standard"], Up),
        ("dense", "precision", &["fp8", "bf16"], Up),
        ("dense", "power_cap", &["50%", "70%", "100%"], Down),
        ("dense", "overlap_data", &["true", "false"], Up),
        ("dense", "overlap_tensor", &["true", "false"], Up),
        ("dense", "overlap_pipeline", &["true", "false"], Up),
        ("dense", "scale_up_bw", &["100 GB/s", "200 GB/s", "450 GB/s", "900 GB/s"], Down),
        ("dense", "scale_out_bw", &["10 GB/s", "25 GB/s", "50 GB/s", "100 GB/s"], Down),
        ("dense", "system", &["dgx_b200", "dgx_h100", "mi300x_8x", "dgx_a100"], Up),
        ("sharded", "prefetch", &["true", "false"], Up),
        ("sharded", "devices", &["16", "32", "64", "128"], Down),
        ("sharded", "recompute", &["off", "offload", "full"], Up),
        ("mixture", "precision", &["fp4", "fp8", "bf16"], Up),
        ("mixture", "overlap_expert", &["true", "false"], Up),
        ("mixture", "expert_imbalance", &["1", "1.2", "2"], Up),
        ("mixture", "domain", &["72", "8", "1"], Up),
        ("mixture", "layout.expert", &["8", "16", "64"], Down),
        ("slices", "devices", &["256", "512", "1024", "4096"], Down),
        ("slices", "scale_out_bw", &["0.1 GB/s", "0.5 GB/s", "6 GB/s"], Down),
        ("slices", "recompute", &["off", "offload", "selective", "full"], Up),
    ] {
        moves(base, input, values, "step_time", way);
    }
}

#[test]
fn every_input_moves_the_memory() {
    use Way::{Down, Up};
    for (base, input, values, output, way) in [
        ("dense", "layout.tensor", &["1", "2", "4", "8"][..], "weights_memory", Down),
        ("dense", "layout.tensor", &["1", "2", "4", "8"], "activations_memory", Down),
        ("dense", "layout.pipeline", &["1", "2", "4", "8"], "weights_memory", Down),
        ("dense", "micro_batch", &["1", "2", "4"], "activations_memory", Up),
        ("dense", "layout.context", &["1", "2", "4"], "activations_memory", Down),
        ("dense", "recompute", &["full", "off"], "activations_memory", Up),
        ("dense", "layout.sequence_parallel", &["true", "false"], "activations_memory", Up),
        ("dense", "attention", &["flash", "standard"], "activations_memory", Up),
        ("dense", "dropout", &["false", "true"], "activations_memory", Up),
        ("dense", "precision", &["fp8", "bf16"], "activations_memory", Up),
        ("dense", "zero", &["zero1", "zero0"], "optimizer_memory", Up),
        ("dense", "zero", &["zero2", "zero1"], "gradients_memory", Up),
        ("dense", "zero", &["zero3", "zero2"], "weights_memory", Up),
        ("dense", "overlap_data", &["true", "false"], "gradients_memory", Up),
        ("sharded", "devices", &["8", "16", "64", "512"], "optimizer_memory", Down),
        ("sharded", "recompute", &["offload", "full", "selective", "off"], "activations_memory", Up),
        ("mixture", "layout.expert", &["8", "16", "64"], "weights_memory", Down),
        ("slices", "layout.tensor", &["1", "4", "16"], "activations_memory", Down),
    ] {
        moves(base, input, values, output, way);
    }
}

#[test]
fn a_pipeline_waits_as_its_formula_says() {
    // (p - 1) / (v m) of the busy time, Narayanan et al., SC21.
    let found = series("dense", &settings("layout.virtual_stages", &["1", "2", "5"]), "bubble_fraction");
    for (virtual_stages, bubble) in [1.0, 2.0, 5.0].into_iter().zip(found) {
        let relative = 3.0 / virtual_stages / 16.0;
        assert!((bubble - relative / (1.0 + relative)).abs() < 1e-9, "{virtual_stages}: {bubble}");
    }
    assert_eq!(series("sharded", &[String::new()], "bubble_fraction"), [0.0]);
}

#[test]
fn parts_add_up() {
    let parts = ["weights", "gradients", "optimizer", "activations", "logits", "working_set", "allocator"];
    for base in ["dense", "sharded", "mixture", "slices"] {
        let outcome = run(PLANS);
        let of = |name: &str| number(&outcome, base, name);
        let sum: f64 = parts.iter().map(|part| of(&format!("{part}_memory"))).sum();
        assert!((sum / of("memory") - 1.0).abs() < 1e-9, "{base}");
        let again = of("hfu") / of("mfu");
        let recomputed = of("recomputation");
        assert!(again > 1.0 || recomputed == 0.0, "{base}: {again}");
        assert!(0.05 < of("mfu") && of("hfu") < 1.0, "{base}: {} {}", of("mfu"), of("hfu"));
        let tokens = of("throughput_per_device") / of("throughput");
        assert!(tokens > 0.0 && of("headroom").is_finite());
    }
}

/// Every corner of the grid: finite, above zero, or a `require` that says why not.
#[test]
fn corners_are_finite_or_refused() {
    let mut corners = Vec::new();
    for devices in ["1", "8", "100_000"] {
        for sequence in ["1 tok", "4096 tok", "1_000_000 tok"] {
            for batch in ["0.001", "1", "1_000_000"] {
                for rest in [
                    "zero: zero0",
                    "zero: zero3, recompute: full",
                    "precision: fp4, recompute: offload, attention: standard",
                    "overlap_data: false, overlap_tensor: false, power_cap: 1%",
                ] {
                    corners.push(format!(
                        "devices: {devices}, sequence: {sequence}, global_batch: {batch}, {rest}"
                    ));
                }
            }
        }
    }
    for (base, layout) in [
        ("sharded", ""),
        ("mixture", "layout.expert: 1, layout.pipeline: 1,"),
        ("slices", "layout.tensor: 1,"),
    ] {
        let changes: Vec<String> = corners.iter().map(|c| format!("{layout} {c}")).collect();
        let outcome = variants(base, &changes);
        assert!(outcome.ok(), "{base}: {:#?}", outcome.diagnostics);
        for (i, change) in changes.iter().enumerate() {
            let of = |name: &str| number(&outcome, &format!("v{i}"), name);
            assert!(0.0 < of("step_time") && of("step_time") < 1e15, "{base} {change}: {}", of("step_time"));
            for name in ["memory", "mfu", "exposed_data"] {
                assert!(of(name).is_finite() && of(name) >= 0.0, "{base} {change}: {name} {}", of(name));
            }
        }
    }
    for change in ["devices: 8", "global_batch: 0", "sequence: 0 tok", "micro_batch: 0"] {
        let outcome = variants("dense", &[change.to_string()]);
        assert!(codes(&outcome).contains(&"mls::require-failed"), "{change}: {:#?}", outcome.diagnostics);
    }
}
