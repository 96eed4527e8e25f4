//! What a user waits for before anything is computed: `cargo bench --bench start`.
//!
//! Whole processes, and a generated scenario of 25,000 to 100,000 lines, whose cost must be linear.

use std::fmt::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use mlsys::session::{Options, Session};
use mlsys::source::Memory;

const GRID: &str = "
use std.hardware.nvidia.{H100_SXM, H200_SXM}
use std.models.meta.llama3_70b
system pod { hardware: H100_SXM, devices: 8 }
solve one = roofline { model: llama3_70b, system: pod }
sweep grid = one over { batch: 1..2500, precision: [fp16, fp8], system.hardware: [H100_SXM, H200_SXM] }
assert all grid: latency < 10 s
";

fn main() {
    let capacity = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/capacity.mls");
    println!(
        "mlsys run scenarios/capacity.mls: {:.1} ms, median of 40 processes",
        process(Path::new(capacity))
    );
    let grid = std::env::temp_dir().join(format!("mlsys-start-{}.mls", std::process::id()));
    std::fs::write(&grid, GRID).expect("a file");
    println!("mlsys run, 10,000 points: {:.1} ms, median of 40 processes", process(&grid));
    let _ = std::fs::remove_file(&grid);
    let mut first = None;
    for lines in [25_000, 50_000, 100_000] {
        let text = scenario(lines);
        let time = (0..3).map(|_| check(&text)).fold(f64::INFINITY, f64::min);
        let linear = first.get_or_insert(time / lines as f64);
        println!("check of {lines} lines: {time:.2} s, {:.2} times linear", time / (*linear * lines as f64));
    }
}

/// Milliseconds from the start of a process to its end.
fn process(path: &Path) -> f64 {
    let mut times: Vec<f64> = (0..40)
        .map(|_| {
            let start = Instant::now();
            let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
            command.arg("run").arg(path).stdout(Stdio::null()).stderr(Stdio::null());
            command.status().expect("mlsys starts");
            start.elapsed().as_secs_f64() * 1e3
        })
        .collect();
    times.sort_by(f64::total_cmp);
    times[times.len() / 2]
}

fn check(text: &str) -> f64 {
    let memory = Memory::with("main.mls", text);
    let start = Instant::now();
    let outcome = Session::new(&memory, Options::default()).check(&["main.mls".into()]);
    assert!(outcome.ok(), "{:?}", outcome.diagnostics.first());
    start.elapsed().as_secs_f64()
}

/// Declarations of every common kind, over and over.
fn scenario(lines: usize) -> String {
    let mut text = "use std.hardware.nvidia.H100_SXM\nuse std.models.meta.llama3_70b\nsystem pod { hardware: H100_SXM, devices: 8 }\nsolve base = roofline { model: llama3_70b, system: pod }\n".to_string();
    for i in 0..lines / 10 {
        let _ = write!(
            text,
            "# block {i}\nparam efficiency{i}: Scalar = {}%\nhardware gpu{i} = H100_SXM {{\n  memory_bw: 0.{} * \
             H100_SXM.memory_bw\n  tdp: {} W\n}}\nlet price{i} = {}.5 USD/h\nsolve s{i} = base {{ system.hardware: \
             gpu{i}, batch: {}, efficiency: efficiency{i} }}\nassert s{i}.latency < 10 s\nassert s{i}.feasible, \
             \"fits {i}\"\n",
            10 + i % 80,
            5 + i % 5,
            300 + i % 400,
            1 + i % 5,
            1 + i % 64,
        );
    }
    text
}
