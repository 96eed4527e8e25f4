//! Serving: extremes, what must rise and fall, every kind of model, and what the solver says when a plan does not hold.

use std::fmt::Write;

use mlsys::outcome::{Datum, Outcome};

use crate::support::{codes, output, refuses, run};

const PLAN: &str = "
use std.models.deepseek.{deepseek_r1, deepseek_v3_2}
use std.models.google.gemma_3_27b
use std.models.meta.{llama3_1_8b, llama3_1_70b, llama3_1_405b}
use std.models.minimax.minimax_m2_5
use std.models.nvidia.nemotron_3_nano_30b_a3b
use std.models.openai.gpt_oss_120b
use std.models.qwen.{qwen3_32b, qwen3_5_397b_a17b}
use std.solvers.disaggregated.disaggregated
use std.lengths.{LengthShare, length_quantile, length_variation, mean_length}
use std.solvers.serving.serving
use std.systems.{dgx_b200, dgx_h100, dgx_h200}
solve plan = serving {
  model: llama3_1_70b, system: dgx_h200, layout: { tensor: 4 }, prompt: 2000 tok, output: 500 tok, concurrency: 16 req
}
solve open = serving {
  model: llama3_1_70b, system: dgx_h200, layout: { tensor: 4 }, prompt: 2000 tok, output: 500 tok, arrival_rate: 1 req/s
}
solve split = disaggregated {
  model: llama3_1_70b, system: dgx_h200, weights: fp8, prefill_layout: { tensor: 2 }, decode_layout: { tensor: 4 }
  prefill_replicas: 4, prompt: 4000 tok, output: 500 tok, arrival_rate: 8 req/s
}
";

fn passes(text: &str) {
    let outcome = run(&format!("{PLAN}{text}"));
    let failed: Vec<String> = outcome
        .files
        .iter()
        .flat_map(|f| &f.assertions)
        .filter(|a| a.failure.is_some())
        .map(|a| format!("{}: {:#?}", a.text, a.failure))
        .collect();
    assert!(outcome.ok(), "{failed:?} {:#?}", outcome.diagnostics);
}

/// The plan `base` with each of the changes, solved together.
fn variants(base: &str, changes: &[String]) -> Outcome {
    let mut text = PLAN.to_string();
    for (i, change) in changes.iter().enumerate() {
        let _ = writeln!(text, "solve v{i} = {base} {{ {change} }}");
    }
    run(&text)
}

/// One output of each variant; all of them finite and none below zero.
fn series(outcome: &Outcome, name: &str) -> Vec<f64> {
    let number = |solve: &str| match output(outcome, solve, name) {
        Datum::Quantity { value, .. } => value,
        other => panic!("{solve}.{name} is {other:?}"),
    };
    let solves = outcome.files.iter().flat_map(|f| &f.solves).filter(|s| s.name.starts_with('v'));
    let values: Vec<f64> = solves.map(|s| number(&s.name)).collect();
    assert!(values.len() > 1 && values.iter().all(|v| v.is_finite() && *v >= 0.0), "{name}: {values:?}");
    values
}

fn changes(field: &str, values: &[f64], unit: &str) -> Vec<String> {
    values.iter().map(|v| format!("{field}: {v} {unit}")).collect()
}

fn rises(values: &[f64]) -> bool {
    values.windows(2).all(|w| w[0] <= w[1] * (1.0 + 1e-9))
}

fn falls(values: &[f64]) -> bool {
    values.windows(2).all(|w| w[0] > w[1])
}

fn percentiles_are_in_order(outcome: &Outcome) {
    let of = ["ttft_p50", "ttft_p90", "ttft_p99"].map(|name| series(outcome, name));
    for ((p50, p90), p99) in of[0].iter().zip(&of[1]).zip(&of[2]) {
        assert!(p50 <= p90 && p90 <= p99, "{p50} {p90} {p99}");
    }
}

const CROWDS: [f64; 12] = [0.0, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 1024.0, 10_000.0];

#[test]
fn more_requests_in_flight_never_help_a_user() {
    for shape in [
        "",
        "prompts_per_slot: 10, ",
        "prompt: 100 tok, output: 20 tok, ",
        "output: 1 tok, ",
        "engine.poll_interval: 30, ",
        "engine.batch_wait: 20, ",
        "layout.pipeline: 2, ",
        "drafts: 3, ",
    ] {
        let crowds: Vec<String> =
            changes("concurrency", &CROWDS, "req").iter().map(|c| format!("{shape}{c}")).collect();
        let outcome = variants("plan", &crowds);
        for name in ["tpot", "ttft", "latency", "request_rate", "running_batch", "token_gap"] {
            let values = series(&outcome, name);
            assert!(rises(&values), "{shape}{name}: {values:?}");
        }
        percentiles_are_in_order(&outcome);
        // Nothing serves more than it can, up to what the settled batch is off.
        let (rate, most) = (series(&outcome, "request_rate"), series(&outcome, "max_request_rate"));
        assert!(rate.iter().zip(&most).all(|(r, m)| *r <= 1.05 * m), "{shape}: {rate:?} {most:?}");
        // Little's law.
        let latency = series(&outcome, "latency");
        for ((crowd, rate), latency) in CROWDS.iter().zip(&rate).zip(&latency) {
            assert!((rate * latency - crowd).abs() <= 1e-6 * crowd.max(1.0), "{crowd}: {rate} * {latency}");
        }
    }
}

#[test]
fn more_arrivals_never_help_a_user() {
    let rates = [0.0, 0.1, 0.5, 1.0, 2.0, 3.0, 4.0, 4.5, 4.8, 5.0, 5.2, 6.0, 10.0, 1000.0];
    for shape in ["", "prompt: 100 tok, output: 20 tok, ", "output: 1 tok, ", "prompt_variation: 2, "] {
        let arrivals: Vec<String> =
            changes("arrival_rate", &rates, "req/s").iter().map(|c| format!("{shape}{c}")).collect();
        let outcome = variants("open", &arrivals);
        for name in
            ["tpot", "ttft", "ttft_p50", "ttft_p90", "ttft_p99", "latency", "request_rate", "running_batch"]
        {
            let values = series(&outcome, name);
            assert!(rises(&values), "{shape}{name}: {values:?}");
        }
        percentiles_are_in_order(&outcome);
        let (rate, most) = (series(&outcome, "request_rate"), series(&outcome, "max_request_rate"));
        assert!(rate.iter().zip(&most).all(|(r, m)| r <= m), "{shape}: {rate:?} {most:?}");
    }
    passes(
        "
solve idle = open { arrival_rate: 0 req/s }
solve flooded = open { arrival_rate: 1000 req/s }
assert idle.feasible and idle.request_rate == 0 req/s and idle.energy_per_token == 0 J/tok and idle.running_batch == 0 req
assert not flooded.feasible and flooded.limit == rate
",
    );
    let flooded = variants("open", &changes("arrival_rate", &[900.0, 1000.0], "req/s"));
    let (rate, most) = (series(&flooded, "request_rate"), series(&flooded, "max_request_rate"));
    assert!(rate[0] < most[0] && rate[1] < most[1], "{rate:?} {most:?}");
}

#[test]
fn more_devices_make_a_token_faster() {
    let outcome = variants("plan", &changes("layout.tensor", &[2.0, 4.0, 8.0], ""));
    for name in ["tpot", "ttft", "prefill_step", "weights_memory"] {
        let values = series(&outcome, name);
        assert!(falls(&values), "{name}: {values:?}");
    }
    passes(
        "
# As many requests a replica: the same service, from more devices.
solve many = plan { replicas: 25_000, concurrency: 400_000 req }
assert many.devices == 100_000 and many.tpot within 0.001% of plan.tpot and many.ttft within 0.001% of plan.ttft
assert many.throughput within 0.001% of 25_000 * plan.throughput
solve sparse = many { concurrency: 1 req }
assert sparse.tpot < plan.tpot and sparse.throughput > 0 tok/s
solve staged = plan { layout.pipeline: 2 }
assert staged.weights_memory within 1% of plan.weights_memory / 2
assert staged.max_request_rate > 1.5 * plan.max_request_rate and staged.decode_bottleneck == plan.decode_bottleneck
",
    );
}

#[test]
fn extremes_are_finite_and_sensible() {
    let tokens = [1.0, 10.0, 1000.0, 8192.0, 8193.0, 100_000.0, 1_000_000.0];
    // One request: of more, fewer would fit and run at a time.
    let prompts: Vec<String> =
        changes("prompt", &tokens, "tok").iter().map(|c| format!("{c}, concurrency: 1 req")).collect();
    let outcome = variants("plan", &prompts);
    for name in ["ttft", "tpot", "prefill_step", "kv_memory", "latency"] {
        let values = series(&outcome, name);
        assert!(rises(&values), "{name}: {values:?}");
    }
    let outcome = variants("plan", &changes("output", &tokens, "tok"));
    for name in ["kv_memory", "latency"] {
        let values = series(&outcome, name);
        assert!(rises(&values), "{name}: {values:?}");
    }
    passes(
        "
solve tiny = plan { prompt: 1 tok, output: 1 tok, concurrency: 1 req }
assert 0 s < tiny.ttft < 0.2 s and tiny.latency == tiny.ttft and tiny.feasible
solve alone = plan { model: llama3_1_8b, layout: {}, concurrency: 1 req }
assert alone.feasible and alone.devices == 1 and alone.decode_communication == 0 s
solve idle = plan { concurrency: 0 req }
assert idle.throughput == 0 tok/s and idle.feasible and idle.tpot < plan.tpot
",
    );
}

/// What no plan should ask for is answered all the same: each with finite numbers, in the right order.
#[test]
fn odd_settings_have_sensible_answers() {
    passes(
        "
solve nobody = plan { concurrency: 0 req, prompts_per_slot: 10 }
assert nobody.ttft > 0 s and nobody.throughput == 0 tok/s and nobody.ttft <= plan.ttft
solve cached = plan { prefix_hit: 100% }
assert 0 s < cached.prefill_step < plan.prefill_step and cached.ttft < plan.ttft
solve guessing = plan { drafts: 100_000, acceptance: 100% }
assert guessing.tpot > plan.tpot and guessing.decode_compute_use < 1
solve one_expert = plan { model: gpt_oss_120b { moe.experts: 1, moe.experts_per_token: 1 } }
assert one_expert.feasible and 0 s < one_expert.decode_experts and one_expert.weights_memory < plan.weights_memory
solve crowd = split { arrival_rate: 0 req/s }
assert crowd.feasible and crowd.throughput == 0 tok/s and crowd.ttft < split.ttft
solve whole_book = split { prompt: 1_000_000 tok }
assert not whole_book.feasible and whole_book.prefill_step > split.prefill_step
",
    );
}

/// On any kind of attention: what a short prompt takes is memory or launches.
#[test]
fn long_prompts_are_bound_by_arithmetic() {
    for model in ["llama3_1_70b", "qwen3_5_397b_a17b", "deepseek_r1", "nemotron_3_nano_30b_a3b"] {
        passes(&format!(
            "
solve long = plan {{ model: {model}, layout: {{ tensor: 8 }}, weights: fp8, prompt: 200_000 tok, concurrency: 1 req }}
solve short = long {{ prompt: 10 tok }}
assert long.prefill_bottleneck == compute and short.prefill_bottleneck != compute
"
        ));
    }
}

/// A prefill waits for its launches: a slow host shows in short prompts, and hides behind the device's work in long ones.
#[test]
fn launches_hide_behind_long_prompts() {
    passes(
        "
solve slow = plan { engine.launch: 50 us }
solve fast = plan { engine.launch: 1 us }
assert slow.ttft > fast.ttft and slow.tpot > fast.tpot
solve slow_long = slow { prompt: 20_000 tok }
solve fast_long = fast { prompt: 20_000 tok }
assert slow_long.prefill_step - fast_long.prefill_step < slow.prefill_step - fast.prefill_step
assert plan { engine.tokenize: 100 us/tok }.ttft > plan.ttft
",
    );
}

/// Plans that differ in one figure of the device never get slower by a better one.
#[test]
fn better_hardware_never_makes_a_plan_slower() {
    let shapes = [
        "",
        "concurrency: 1 req, prompt: 1 tok, ",
        "concurrency: 2000 req, prompt: 20_000 tok, layout.tensor: 8, ",
        "model: deepseek_v3_2, system: dgx_h200, layout: { tensor: 2, attention_data: 8, expert: 16 }, weights: fp8, ",
        "model: qwen3_5_397b_a17b, layout.tensor: 8, weights: fp8, prompts_per_slot: 10, ",
        "model: gpt_oss_120b, layout: { tensor: 2, pipeline: 8 }, ",
    ];
    let figures = [
        ("memory_bw", vec![0.01, 0.5, 2.0, 4.8, 20.0, 1000.0], "TB/s"),
        ("peak_flops", vec![1.0, 100.0, 1000.0, 1e5], "TFLOP/s"),
        ("peak_flops_fp8", vec![1.0, 100.0, 1000.0, 1e5], "TFLOP/s"),
        ("scale_up_bw", vec![1.0, 50.0, 450.0, 9000.0], "GB/s"),
        ("scale_up_domain", vec![1.0, 8.0, 16.0, 72.0], ""),
    ];
    for shape in shapes {
        for (figure, values, unit) in &figures {
            let field = format!("{shape}system.hardware.{figure}");
            let outcome = variants("plan", &changes(&field, values, unit));
            for name in ["ttft", "tpot", "prefill_step", "decode_step"] {
                let mut slower_first = series(&outcome, name);
                slower_first.reverse();
                assert!(rises(&slower_first), "{field}, {name}: {slower_first:?}");
            }
        }
    }
}

#[test]
fn schedulers_that_hold_prompts_back_delay_them() {
    let waits = [1.0, 2.0, 10.0, 30.0, 100.0];
    for (field, base) in
        [("engine.poll_interval", "plan"), ("engine.batch_wait", "plan"), ("engine.batch_wait", "open")]
    {
        let outcome = variants(base, &changes(field, &waits, ""));
        assert!(rises(&series(&outcome, "ttft")), "{field} of {base}");
    }
    passes(
        "
# A new prompt waits for half of the interval in the mean.
solve polled = open { engine.poll_interval: 20 }
assert polled.ttft - open.ttft within 2% of 10 * open.decode_step
assert plan { engine.output_room: 1 }.max_concurrency < plan.max_concurrency
assert plan { engine.cache_share: 50% }.max_concurrency within 0.1% of plan.max_concurrency / 2
",
    );
}

#[test]
fn links_between_domains_have_one_rule() {
    passes(
        "
solve wide = plan { layout.tensor: 16, system.network_bw: 3200 Gbps, system.devices: 8 }
assert wide { system.network_bw: 1600 Gbps }.tpot > wide.tpot
# What the system states counts, not the card of the device.
assert wide { system.hardware.scale_out_bw: 1 GB/s }.tpot == wide.tpot
system cards { hardware: dgx_h200.hardware { scale_out_bw: 50 GB/s }, devices: 8 }
assert wide { system: cards }.tpot within 0.001% of wide.tpot
",
    );
    let outcome = run(&format!(
        "{PLAN}system alone {{ hardware: dgx_h200.hardware {{ scale_out_bw: 0 GB/s }} }}\n\
         solve broken = plan {{ layout.tensor: 16, system: alone }}"
    ));
    assert!(codes(&outcome).contains(&"mls::require-failed"), "{:#?}", outcome.diagnostics);
}

/// The notes of a plan, as one text.
fn notes(change: &str) -> String {
    let outcome = run(&format!("{PLAN}solve told = plan {{ {change} }}\nassert not told.feasible\n"));
    assert!(outcome.ok(), "{change}: {:#?}", outcome.diagnostics);
    let solves = outcome.files.into_iter().flat_map(|f| f.solves);
    solves
        .filter(|s| s.name == "told")
        .flat_map(|s| s.notes.into_iter().chain(s.infeasible))
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_plan_that_does_not_fit_is_told_with_its_numbers() {
    passes(
        "
solve heavy = plan { layout: {}, system: dgx_h100 }
assert heavy.limit == weight_memory and not heavy.feasible and heavy.headroom < 0 B
assert heavy.smallest_tensor == 4 and plan { system: dgx_h100, layout: { tensor: 4 } }.feasible
assert not plan { system: dgx_h100, layout: { tensor: 2 } }.feasible
solve crowd = plan { concurrency: 10_000 req }
assert crowd.limit == cache_memory and crowd.max_concurrency < 10_000 req and crowd.smallest_tensor == 0
solve long = plan { prompt: 1_000_000 tok, output: 1 tok, concurrency: 1 req, system: dgx_h100 }
assert long.limit == cache_memory and long.smallest_tensor == 8
assert plan { prompt: 1_000_000 tok, output: 1 tok, concurrency: 1 req, system: dgx_h100, layout: { tensor: 8 } }.feasible
",
    );
    assert_eq!(
        notes("layout: {}, system: dgx_h100"),
        "the weights take 141.1 GB of each device, of which 85.9 GB times 0.9 less 3 GB may be used"
    );
    let crowd = notes("concurrency: 10_000 req");
    assert!(crowd.starts_with("KV cache for 10000 requests needs 1.884 TB on each device, "), "{crowd}");
    assert!(crowd.contains("; at most "), "{crowd}");
    let long = notes("prompt: 1_000_000 tok, output: 1 tok, concurrency: 1 req, system: dgx_h100");
    assert_eq!(long, "KV cache for one request needs 81.92 GB on each device, 39.03 GB left");
}

#[test]
fn inputs_that_cannot_be_are_diagnostics() {
    let cases = [
        ("prompt: 0 tok", "a prompt has a token"),
        ("output: 0 tok", "an answer has a token"),
        ("arrival_rate: 1 req/s", "not both"),
        ("concurrency: -1 req", "requires"),
        ("layout.tensor: 128", "tensor parallelism splits heads"),
        ("layout.pipeline: 81", "a pipeline stage has a layer"),
        ("layout.expert: 8", "experts are spread"),
        ("prefix_hit: 110%", "requires"),
        ("acceptance: 2", "requires"),
    ];
    refuses(PLAN, &cases);
}

#[test]
fn every_kind_of_model_is_served() {
    let kinds = [
        ("deepseek_r1", "system: dgx_h200, layout: { tensor: 8 }"),
        ("deepseek_r1", "system: dgx_h200, layout: { attention_data: 8, expert: 8 }"),
        ("deepseek_v3_2", "system: dgx_h200, layout: { tensor: 8, expert: 8 }"),
        ("gemma_3_27b", "layout: { tensor: 4 }"),
        ("gpt_oss_120b", "layout: { tensor: 2 }"),
        ("minimax_m2_5", "layout: { tensor: 4 }"),
        ("nemotron_3_nano_30b_a3b", "layout: {}"),
        ("qwen3_32b", "layout: { tensor: 2 }"),
        ("qwen3_5_397b_a17b", "system: dgx_b200, layout: { tensor: 4 }, weights: fp8"),
    ];
    let served: Vec<String> = kinds.iter().map(|(model, rest)| format!("model: {model}, {rest}")).collect();
    let outcome = variants("plan", &served);
    assert!(outcome.ok(), "{:#?}", outcome.diagnostics);
    for (i, (model, _)) in kinds.iter().enumerate() {
        assert!(matches!(output(&outcome, &format!("v{i}"), "feasible"), Datum::Bool(true)), "{model}");
    }
    for name in ["ttft", "tpot", "throughput", "decode_attention", "decode_gemm"] {
        assert!(series(&outcome, name).iter().all(|v| *v > 0.0), "{name}");
    }
    // The parts of a step make up the step.
    let parts = ["gemm", "attention", "experts", "communication", "small_kernels", "host"];
    let parts = parts.map(|p| series(&outcome, &format!("decode_{p}")));
    for (i, step) in series(&outcome, "decode_step").iter().enumerate() {
        let sum: f64 = parts.iter().map(|p| p[i]).sum();
        assert!((sum / step - 1.0).abs() < 1e-9, "{}: {sum} of {step}", kinds[i].0);
    }
    for (phase, resource) in
        ["decode", "prefill"].iter().flat_map(|p| ["compute", "bandwidth"].map(|r| (p, r)))
    {
        let used = series(&outcome, &format!("{phase}_{resource}_use"));
        assert!(used.iter().all(|u| *u <= 1.0), "{phase} {resource}: {used:?}");
    }
}

#[test]
fn choices_move_what_they_should() {
    passes(
        "
assert plan { weights: fp8 }.tpot < plan.tpot and plan { weights: fp8 }.weights_memory < plan.weights_memory
assert plan { kv_cache: fp8 }.kv_memory within 0.1% of plan.kv_memory / 2
assert plan { kv_cache: fp8 }.decode_attention < plan.decode_attention
assert plan { prefix_hit: 50% }.ttft < plan.ttft and plan { prefix_hit: 50% }.prefill_interference < plan.prefill_interference
assert plan { prefix_hit: 100% }.ttft < plan { prefix_hit: 50% }.ttft
assert plan { drafts: 3 }.tpot < plan.tpot and plan { drafts: 3, acceptance: 0 }.tpot > plan.tpot
assert plan { drafts: 3, acceptance: 90% }.tpot < plan { drafts: 3 }.tpot
assert plan { system: dgx_b200 }.tpot < plan.tpot
assert plan { prompts_per_slot: 10 }.ttft > plan.ttft
assert open { prompt_variation: 2 }.ttft > open.ttft
assert open { prompt_p99: 8000 tok }.ttft_p99 > open.ttft_p99
assert open { replicas: 2 }.ttft < open.ttft
let lengths: [LengthShare] = [{ length: 100 tok, share: 3 }, { length: 900 tok, share: 1 }]
assert mean_length(lengths) == 300 tok and length_quantile(lengths, 0.5) == 100 tok and length_quantile(lengths, 0.99) == 900 tok
assert length_variation(lengths) within 0.001% of (3 * 200^2 + 600^2) / 4 / 300^2
",
    );
}

#[test]
fn pools_for_prefill_and_decode() {
    let rates = [0.0, 1.0, 4.0, 8.0, 11.0, 12.0, 13.0, 100.0];
    let outcome = variants("split", &changes("arrival_rate", &rates, "req/s"));
    for name in ["ttft", "tpot", "latency", "request_rate", "running_batch", "prefill_use", "decode_use"] {
        let values = series(&outcome, name);
        assert!(rises(&values), "{name}: {values:?}");
    }
    percentiles_are_in_order(&outcome);
    passes(
        "
assert split.feasible and split.devices == 12 and split.request_rate == 8 req/s
# 80 layers, four of the eight key and value heads on each prefill device, 400 Gb/s a device.
assert split.transfer within 0.1% of 4000 * 80 * 4 * 2 * 128 * 2 B / (400 Gbps)
assert split { transfer_bw: 5 GB/s }.ttft > split.ttft
assert split { transfer_overlap: 90% }.transfer within 0.1% of split.transfer / 10
# No prefill comes between the tokens.
solve together = serving {
  model: llama3_1_70b, system: dgx_h200, weights: fp8, layout: { tensor: 4 }, replicas: 3, prompt: 4000 tok
  output: 500 tok, arrival_rate: 8 req/s
}
assert together.devices == split.devices and split.tpot < together.tpot
solve flooded = split { arrival_rate: 100 req/s }
assert flooded.limit == rate and not flooded.feasible
assert split { arrival_rate: 100 req/s, prefill_replicas: flooded.prefill_needed, decode_replicas: flooded.decode_needed }.prefill_use <= 1
assert split { prefill_layout: {}, system: dgx_h100, weights: bf16 }.limit == weight_memory
assert split { prompt: 1_000_000 tok, arrival_rate: 0.001 req/s, decode_layout: { tensor: 1 } }.limit == cache_memory
",
    );
}

/// A step is its operations: of every kind of model, of decoding sequences and prompts, over stages and groups.
#[test]
fn the_operations_of_a_step_add_up_to_its_time() {
    let cases = [
        (
            "llama3_1_70b",
            "{ tensor: 4, pipeline: 2 }",
            "decoding: 16, prompts: 0, new: 0, host: 1 ms, between_stages: 10 us",
        ),
        ("llama3_1_70b", "{ tensor: 4 }", "decoding: 16, prompts: 2, new: 1000, cached: 500"),
        ("deepseek_v3_2", "{ tensor: 8 }", "decoding: 64, prompts: 1, new: 3000"),
        (
            "deepseek_r1",
            "{ tensor: 2, attention_data: 4, expert: 8 }",
            "decoding: 64, prompts: 0, new: 0, rows: 3",
        ),
        ("gemma_3_27b", "{ tensor: 2 }", "decoding: 1, prompts: 1, new: 5000"),
        ("nemotron_3_nano_30b_a3b", "{}", "decoding: 256, prompts: 1, new: 100"),
        ("qwen3_5_397b_a17b", "{ tensor: 8 }", "decoding: 32, prompts: 1, new: 100"),
        ("gpt_oss_120b", "{ tensor: 2 }", "decoding: 0, prompts: 4, new: 2000"),
    ];
    let mut text = String::from(
        "use std.calibration.engines.vllm
use std.calibration.kernels.universal_kernels
use std.solvers.serving_replica.replica_on
use std.solvers.serving_step.engine_step
",
    );
    for (i, (model, layout, change)) in cases.iter().enumerate() {
        let _ = writeln!(
            text,
            "let r{i} = replica_on(dgx_h200, {model}, universal_kernels, vllm, {layout}, {{ weights: fp8 }}, bf16)
solve s{i} = engine_step {{ replica: r{i}, context: 3000, {change} }}
assert sum([o.time for o in s{i}.operations]) within 1e-9 of s{i}.time
assert abs(s{i}.operations[6].time - s{i}.experts) <= 1e-12 s
assert len([1 for o in s{i}.operations if o.time > 0 s and o.count <= 0]) == 0"
        );
    }
    // What bounds them: reading weights for few sequences, arithmetic for prompts, launches for next to nothing.
    text += "
solve few = s0 { decoding: 1 }
assert few.operations[5].name == \"feed-forward\" and few.operations[5].bound == memory and few.operations[11].bound == overhead
solve prompt = s0 { decoding: 0, prompts: 1, new: 4000 }
assert prompt.operations[5].bound == compute and prompt.operations[7].bound == network
solve small = s0 { replica.model: llama3_1_8b, replica.layout: { tensor: 8 }, decoding: 1 }
assert small.operations[0].bound == overhead
";
    passes(&text);
}
