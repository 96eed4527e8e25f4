//! Open loops up to their capacity and beyond it: what users wait for never falls as requests come faster, or as memory or
//! speed falls, and no plan beyond its capacity holds. The eight tests solve 13,824 random plans, of which memory holds more
//! than 10,000.

use crate::support::{Random, run_plainly};

const SERVING: &str = "layout: { tensor: width }";
const DISAGGREGATED: &str =
    "prefill_layout: { tensor: width }, decode_layout: { tensor: width }, prefill_replicas: 16";

const MEMORY: &str = "ram: system.ram * share";
const BANDWIDTH: &str = "hardware: system.hardware { memory_bw: system.hardware.memory_bw * share }";
const ARITHMETIC: &str = "hardware: system.hardware {
    peak_flops: system.hardware.peak_flops * share
    peak_flops_bf16: (system.hardware.peak_flops_bf16 ?? system.hardware.peak_flops) * share
    peak_flops_fp8: (system.hardware.peak_flops_fp8 ?? system.hardware.peak_flops) * share
  }";

/// With fewer slots, fewer sequences decode at a time, each of them faster: the time per token may fall with memory.
const WAITS: [&str; 5] = ["ttft", "ttft_p50", "ttft_p90", "ttft_p99", "latency"];
const WAITS_AND_TOKENS: [&str; 6] = ["tpot", "ttft", "ttft_p50", "ttft_p90", "ttft_p99", "latency"];

/// So many numbers between both, even by their logarithms, as a list has them.
fn numbers(random: &mut Random, count: usize, low: f64, high: f64, unit: &str) -> String {
    let mut value = || low * (high / low).powf(random.below(1_000_000) as f64 / 1e6);
    let values: Vec<String> = (0..count).map(|_| format!("{:.4} {unit}", value())).collect();
    values.join(", ")
}

/// Solves random plans in pairs, of which the second has `change`, and holds that none of its outputs `named` is lower.
fn never_fall(seed: u64, solver: &str, fields: &str, change: &str, named: &[&str]) {
    let mut random = Random::new(seed);
    let ratios: Vec<String> = named.iter().map(|name| format!("after.{name} / before.{name}")).collect();
    let ratios = ratios.join(", ");
    let engine = *random.choose(&["vllm", "sglang", "trtllm"]).expect("there are three");
    let share = 50 + random.below(49);
    let prompt = numbers(&mut random, 1, 50.0, 8000.0, "tok");
    let short = numbers(&mut random, 1, 2.0, 300.0, "tok");
    let long = numbers(&mut random, 1, 300.0, 3000.0, "tok");
    let arrivals = numbers(&mut random, 18, 0.05, 2000.0, "req/s");
    let text = format!(
        "use std.calibration.engines.{engine}
use std.models.deepseek.deepseek_r1
use std.models.meta.{{llama3_1_70b, llama3_1_8b}}
use std.models.openai.gpt_oss_120b
use std.solvers.{solver}.{solver}
use std.systems.{{dgx_b200, dgx_h100, dgx_h200}}
solver pair(
  model: Model, system: System, width: Scalar, prompt: Token, output: Token, arrivals: Request / Time, share: Scalar,
) {{
  let before = {solver} {{
    model, system, engine: {engine}, weights: fp8, kv_cache: fp8, prompt, output, arrival_rate: arrivals, prompt_variation: share
    {fields}
  }}
  let after = before {{ {change} }}
  out fits: Bool    = before.limit != weight_memory and before.limit != cache_memory
    and after.limit != weight_memory and after.limit != cache_memory
  out fell: Bool    = min({ratios}) < 1 - 1e-9
  out rose: Bool    = max({ratios}) > 1 + 1e-6
  out gained: Bool  = after.max_request_rate > before.max_request_rate * (1 + 1e-9)
  out missed: Bool  = before.feasible != (arrivals < before.max_request_rate)
  out brief: Bool   = not before.feasible and before.ttft_p50 < 1000 s
}}
solve one = pair {{
  model: llama3_1_70b, system: dgx_h200, width: 8, prompt: 2000 tok, output: 300 tok, arrivals: 1 req/s, share: {share}%
}}
sweep plans = one over {{
  model: [llama3_1_8b, llama3_1_70b, gpt_oss_120b, deepseek_r1]
  system: [dgx_h100, dgx_h200, dgx_b200]
  width: [4, 8]
  prompt: [{prompt}]
  output: [{short}, {long}]
  arrivals: [{arrivals}]
}} where fits
assert count(plans) >= 630
assert count(plans where fell) == 0
assert count(plans where gained) == 0
assert count(plans where missed) == 0
assert count(plans where brief) == 0
assert count(plans where rose) > 0
"
    );
    let outcome = run_plainly(&text);
    let failed: Vec<&String> = outcome
        .files
        .iter()
        .flat_map(|f| &f.assertions)
        .filter(|a| a.failure.is_some())
        .map(|a| &a.text)
        .collect();
    assert!(outcome.ok(), "{failed:?} of\n{text}\n{:#?}", outcome.diagnostics);
}

#[test]
fn faster_arrivals_never_help_serving() {
    never_fall(1, "serving", SERVING, "arrival_rate: arrivals / share", &WAITS_AND_TOKENS);
}

#[test]
fn less_memory_never_helps_serving() {
    never_fall(2, "serving", SERVING, &format!("system: system {{ {MEMORY} }}"), &WAITS);
}

#[test]
fn less_bandwidth_never_helps_serving() {
    never_fall(3, "serving", SERVING, &format!("system: system {{ {BANDWIDTH} }}"), &WAITS);
}

#[test]
fn less_arithmetic_never_helps_serving() {
    never_fall(4, "serving", SERVING, &format!("system: system {{ {ARITHMETIC} }}"), &WAITS);
}

#[test]
fn faster_arrivals_never_help_disaggregated() {
    never_fall(5, "disaggregated", DISAGGREGATED, "arrival_rate: arrivals / share", &WAITS_AND_TOKENS);
}

/// `system` is that of the prefill pool, and where nothing else is given that of the decode pool.
fn of_both_pools(change: &str) -> String {
    format!("system: system {{ {change} }}, decode_system: system {{ {change} }}")
}

#[test]
fn less_memory_never_helps_disaggregated() {
    never_fall(6, "disaggregated", DISAGGREGATED, &of_both_pools(MEMORY), &WAITS);
}

#[test]
fn less_bandwidth_never_helps_disaggregated() {
    never_fall(7, "disaggregated", DISAGGREGATED, &of_both_pools(BANDWIDTH), &WAITS);
}

#[test]
fn less_arithmetic_never_helps_disaggregated() {
    never_fall(8, "disaggregated", DISAGGREGATED, &of_both_pools(ARITHMETIC), &WAITS);
}
