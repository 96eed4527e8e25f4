//! What one point of a sweep over the serving solver costs, in a closed and an open loop. Prints points a second of all
//! cores: `RAYON_NUM_THREADS=1 cargo bench --bench serving` gives those of one.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

const POINTS: u64 = 1_000_000;

/// A dense model, and one of latent attention and experts; the load and the lengths vary from point to point.
const MODELS: [(&str, &str, u32); 2] = [
    ("llama3_1_70b", "std.models.meta.llama3_1_70b", 4),
    ("deepseek_v3", "std.models.deepseek.deepseek_v3", 8),
];

/// What is swept of each kind of load; a benchmark's burst is a closed loop that begins with all its prompts.
const LOADS: [(&str, &str, &str); 3] = [
    ("closed loop", "concurrency: 8 req", "concurrency: [1 req * n for n in 1..1_000]"),
    (
        "closed loop from a burst",
        "concurrency: 8 req, prompts_per_slot: 10",
        "concurrency: [1 req * n for n in 1..1_000]",
    ),
    ("open loop", "arrival_rate: 1 req/s", "arrival_rate: [0.01 req/s * n for n in 1..1_000]"),
];

fn scenario(model: (&str, &str, u32), load: (&str, &str, &str), points: u64) -> String {
    format!(
        "use {}
use std.calibration.engines.sglang
use std.systems.dgx_h200
solve base = serving {{
  model: {}, system: dgx_h200, layout: {{ tensor: {} }}, engine: sglang, weights: fp8, prompt: 1000 tok, output: 500 tok
  {}
}}
sweep grid = base over {{
  prompt: [1 tok * (100 + 8 * n) for n in 1..{}]
  {}
}}
assert all grid: tpot > 0 s and ttft > 0 s and throughput_per_device >= 0 tok/s
show percentile(grid.ttft, 50%)
",
        model.1,
        model.0,
        model.2,
        load.1,
        points / 1_000,
        load.2
    )
}

fn point(c: &mut Criterion) {
    let mut group = c.benchmark_group("serving");
    group.sample_size(10);
    for (model, load) in MODELS.into_iter().flat_map(|model| LOADS.map(|load| (model, load))) {
        let text = scenario(model, load, POINTS);
        let run = || {
            let memory = Memory::with("bench.mls", text.clone());
            let outcome = Session::new(&memory, Options::default()).run(&["bench.mls".into()]);
            assert!(outcome.ok(), "{:#?}", outcome.diagnostics);
        };
        group.throughput(Throughput::Elements(POINTS));
        group.bench_function(format!("{}, {}, a million points", model.0, load.0), |b| b.iter(run));
    }
    group.finish();
}

criterion_group!(benches, point);
criterion_main!(benches);
