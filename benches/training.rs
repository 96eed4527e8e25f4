//! What one point of a sweep over the training solver costs. Prints time per point: divide the throughput by the cores.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

const POINTS: u64 = 1_000_000;

/// Dense and mixture models, layouts and devices along the axes: nothing folds that would not in a real search.
fn scenario(points: u64) -> String {
    format!(
        "use std.models.meta.llama3_70b
use std.models.deepseek.deepseek_v3
use std.systems.dgx_h100
solve base = training {{ model: MODEL, system: dgx_h100, devices: 4096, global_batch: 4096 }}
sweep grid = base over {{
  devices: [4096 + 64 * n for n in 1..{}]
  layout.tensor: [1, 2, 4, 8]
  layout.pipeline: [1, 2, 4, 8, 16]
  micro_batch: [1, 2, 4, 8, 16]
}}
assert all grid: step_time > 0 s and memory > 0 B
show percentile(grid.step_time, 50%)
",
        points / 100
    )
}

fn point(c: &mut Criterion) {
    let mut group = c.benchmark_group("training");
    group.sample_size(10);
    for model in ["llama3_70b", "deepseek_v3"] {
        let run = |points: u64| {
            let memory = Memory::with("bench.mls", scenario(points).replace("MODEL", model));
            let outcome = Session::new(&memory, Options::default()).run(&["bench.mls".into()]);
            assert!(outcome.ok(), "{:#?}", outcome.diagnostics);
        };
        group.throughput(Throughput::Elements(POINTS));
        group.bench_function(format!("{model}, a million points"), |b| b.iter(|| run(POINTS)));
        group.bench_function(format!("{model}, compiled, a hundred points"), |b| b.iter(|| run(100)));
    }
    group.finish();
}

criterion_group!(benches, point);
criterion_main!(benches);
