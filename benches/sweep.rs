//! Sweeps against loops written by hand, as ratios of one run: `cargo bench --bench sweep`.
//!
//! 10^8 points of the roofline: batch x efficiency x precision x hardware. The loops and the engine take turns, and the
//! best of a few turns counts, so that what else the machine does falls on all of them. No statistics are wanted beyond
//! that, so there is no harness.

use std::hint::black_box;
use std::time::Instant;

use mlsys::session::{Options, Session};
use mlsys::source::Memory;

const TURNS: usize = 5;
const BATCHES: usize = 10_000;
const EFFICIENCIES: usize = 1_250;
const POINTS: f64 = 1e8;

const PLAN: &str = "
use std.hardware.nvidia.{A100_SXM_80GB, B200, H100_SXM, H200_SXM}
use std.models.meta.llama3_70b
system pod { hardware: H100_SXM, devices: 8 }
solve one = roofline { model: llama3_70b, system: pod }
sweep grid = one over {
  batch: 1..10_000
  efficiency: [i / 1250 for i in 1..1250]
  precision: [fp16, fp8]
  system.hardware: [H100_SXM, H200_SXM, A100_SXM_80GB, B200]
}
";

/// A name, and what is timed.
type Row<'a> = (&'a str, Box<dyn Fn() + 'a>);

fn main() {
    let asserted = format!("{PLAN}assert all grid: latency < 100_000 s");
    // Bounds cannot decide it anywhere, so every point is computed and compared.
    let computed = format!("{PLAN}assert all grid: latency <= latency");
    let hardware = hardware();
    let rows: [Row; 6] = [
        ("loop by hand, latency and assertion", Box::new(|| assert!(latency_loop(&hardware)))),
        ("loop by hand, twelve outputs", Box::new(|| assert!(outputs_loop(&hardware)))),
        ("mlsys, every point computed, 1 core", Box::new(|| run(&computed, 1))),
        ("mlsys, every point computed, 2 cores", Box::new(|| run(&computed, 2))),
        ("mlsys, 1 core", Box::new(|| run(&asserted, 1))),
        ("mlsys, 2 cores", Box::new(|| run(&asserted, 2))),
    ];
    let mut best = [f64::INFINITY; 6];
    for _ in 0..TURNS {
        for ((_, row), best) in rows.iter().zip(&mut best) {
            let start = Instant::now();
            row();
            *best = best.min(start.elapsed().as_secs_f64());
        }
    }
    println!("{:<40} {:>12} {:>12} {:>14}", "10^8 points", "M points/s", "x latency", "x 12 outputs");
    for ((name, _), time) in rows.iter().zip(best) {
        let (latency, outputs) = (best[0] / time, best[1] / time);
        println!("{name:<40} {:>12.0} {latency:>12.2} {outputs:>14.2}", POINTS / time / 1e6);
    }
    println!("second core, every point computed: x {:.2}", best[2] / best[3]);
}

/// A whole run: parsing, checking and the library included.
fn run(text: &str, cores: usize) {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(cores).build().expect("threads");
    let outcome = pool.install(|| {
        let memory = Memory::with("main.mls", text);
        Session::new(&memory, Options::default()).run(&["main.mls".into()])
    });
    assert!(outcome.ok(), "{:?}", outcome.diagnostics);
}

/// What the loops need of an accelerator: peak FLOP/s in fp16 and fp8, bandwidth, power, memory, overhead.
struct Hardware {
    peak: [f64; 2],
    bandwidth: f64,
    tdp: f64,
    memory: f64,
    overhead: f64,
}

fn hardware() -> Vec<Hardware> {
    let row = |fp16: f64, fp8: f64, bandwidth: f64, tdp: f64, memory: f64| Hardware {
        peak: [fp16 * 1e12, fp8 * 1e12],
        bandwidth: bandwidth * 1e12,
        tdp,
        memory: memory * 1e9,
        overhead: 1e-5,
    };
    black_box(vec![
        row(989.0, 1979.0, 3.35, 700.0, 80.0),
        row(989.0, 1979.0, 4.8, 700.0, 141.0),
        row(312.0, 312.0, 2.039, 400.0, 80.0),
        row(2250.0, 4500.0, 8.0, 1000.0, 192.0),
    ])
}

const PARAMETERS: f64 = 70.55e9;
const BYTES: [f64; 2] = [2.0, 1.0];

/// The least work: one latency a point, compared and forgotten.
fn latency_loop(hardware: &[Hardware]) -> bool {
    let limit = black_box(100_000.0);
    let mut all = true;
    for batch in 1..=BATCHES {
        let ops = 2.0 * PARAMETERS * batch as f64;
        for step in 1..=EFFICIENCIES {
            let efficiency = step as f64 / 1250.0;
            for (precision, bytes) in BYTES.iter().enumerate() {
                for h in hardware {
                    let compute = ops / (efficiency * h.peak[precision]);
                    let memory = PARAMETERS * bytes / h.bandwidth;
                    all &= compute.max(memory) + h.overhead < limit;
                }
            }
        }
    }
    all
}

/// All outputs of the solver, into columns that stay in cache.
fn outputs_loop(hardware: &[Hardware]) -> bool {
    const LANES: usize = 1024;
    let limit = black_box(100_000.0);
    let mut columns = vec![[0.0f64; LANES]; 12];
    let (mut lane, mut all) = (0, true);
    for batch in 1..=BATCHES {
        let ops = 2.0 * PARAMETERS * batch as f64;
        for step in 1..=EFFICIENCIES {
            let efficiency = step as f64 / 1250.0;
            for (precision, bytes) in BYTES.iter().enumerate() {
                for h in hardware {
                    let peak = efficiency * h.peak[precision];
                    let weights = PARAMETERS * bytes;
                    let (compute, memory) = (ops / peak, weights / h.bandwidth);
                    let latency = compute.max(memory) + h.overhead;
                    let outputs = [
                        compute,
                        memory,
                        h.overhead,
                        latency,
                        batch as f64 / latency,
                        f64::from(u8::from(memory > compute)),
                        ops / weights,
                        h.tdp * latency,
                        weights,
                        peak,
                        h.bandwidth,
                        f64::from(u8::from(weights <= h.memory)),
                    ];
                    for (column, value) in columns.iter_mut().zip(outputs) {
                        column[lane] = value;
                    }
                    all &= latency < limit;
                    lane += 1;
                    if lane == LANES {
                        black_box(&mut columns);
                        lane = 0;
                    }
                }
            }
        }
    }
    all
}
