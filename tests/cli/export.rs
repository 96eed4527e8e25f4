//! `run --out`: sweeps as files, in shares, by processes that may be interrupted.
#![cfg(feature = "cli")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use mlsys::outcome::Datum;

use crate::support;

const PLAN: &str = r#"
use std.hardware.nvidia.{H100_SXM, H200_SXM, B200}
use std.models.meta.llama3_70b
system pod { hardware: H100_SXM, ram: 1 TB, devices: 8 }
solve one = roofline { model: llama3_70b, system: pod }
"#;

const GRID: &str = r#"
sweep grid = one over {
  batch: 1..97
  precision: [fp16, fp8]
  efficiency: [30%, 45.5%]
  system.hardware: [H100_SXM, H200_SXM, B200]
} where batch != 13
assert all grid: latency < 1 s
"#;

/// A folder of its own, gone with the test.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("mlsys-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).expect("a folder for the test");
        Folder(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).expect("a file for the test");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.0.join(name)).unwrap_or_else(|e| panic!("{name}: {e}"))
    }

    /// Everything in a folder below, hidden files too.
    fn names(&self, below: &str) -> Vec<String> {
        let Ok(entries) = std::fs::read_dir(self.0.join(below)) else { return vec![] };
        let mut names: Vec<String> =
            entries.flatten().map(|e| e.file_name().to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    fn mlsys(&self, arguments: &[&str]) -> Output {
        mlsys(&self.0, arguments).output().expect("mlsys starts")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn mlsys(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
    command.current_dir(folder).args(arguments);
    command
}

/// Header and rows.
fn parse(text: &str) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let header = reader.headers().expect("a header").iter().map(str::to_string).collect();
    let rows = reader.records().map(|r| r.expect("a row").iter().map(str::to_string).collect());
    (header, rows.collect())
}

#[test]
fn every_row_has_the_bits_of_its_point_alone() {
    let folder = Folder::new("alone");
    folder.write("plan.mls", &format!("{PLAN}{GRID}"));
    let output = folder.mlsys(&["run", "plan.mls", "--out", "out"]);
    assert!(output.status.success(), "{output:?}");
    let (header, rows) = parse(&folder.read("out/grid.csv"));
    assert_eq!(header[..4], ["batch", "precision", "efficiency", "system.hardware"]);
    assert!(header.contains(&"latency [s]".into()) && header.contains(&"memory_footprint [B]".into()));
    assert_eq!(rows.len(), 96 * 2 * 2 * 3);

    // A tenth of the rows, each as a solve of its own.
    let names: BTreeMap<&str, &str> =
        [("NVIDIA H100 SXM", "H100_SXM"), ("NVIDIA H200 SXM", "H200_SXM"), ("NVIDIA B200 SXM", "B200")]
            .into();
    let mut text = PLAN.to_string();
    for (index, row) in rows.iter().enumerate().step_by(10) {
        let hardware = names.get(row[3].as_str()).unwrap_or_else(|| panic!("{}", row[3]));
        text += &format!(
            "solve p{index} = one {{ batch: {}, precision: {}, efficiency: {}, system.hardware: {hardware} }}\n",
            row[0], row[1], row[2]
        );
    }
    let outcome = support::run(&text);
    for (index, row) in rows.iter().enumerate().step_by(10) {
        for (name, cell) in header.iter().zip(row).skip(4) {
            let name = name.split(' ').next().unwrap_or(name);
            match support::output(&outcome, &format!("p{index}"), name) {
                Datum::Quantity { value, .. } => {
                    assert_eq!(cell.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{index} {name}");
                }
                Datum::Bool(value) => assert_eq!(*cell, value.to_string()),
                Datum::Text(value) => assert_eq!(*cell, value),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}

#[test]
fn shards_of_separate_processes_are_the_sweep() {
    let folder = Folder::new("shards");
    folder.write("plan.mls", &format!("{PLAN}{GRID}"));
    assert!(folder.mlsys(&["run", "plan.mls", "--out", "whole"]).status.success());
    let jobs: Vec<_> = (1..=16)
        .map(|k| {
            let shard = format!("{k}/16");
            mlsys(&folder.0, &["run", "plan.mls", "--out", "shares", "--shard", &shard])
                .output()
                .expect("mlsys starts")
        })
        .collect();
    assert!(jobs.iter().all(|job| job.status.success()), "{jobs:?}");
    let names = folder.names("shares");
    assert_eq!(names.len(), 16);
    assert_eq!(names[2], "grid.03-of-16.csv");
    let (header, mut union) = (parse(&folder.read("whole/grid.csv")).0, vec![]);
    for name in names {
        let (own, rows) = parse(&folder.read(&format!("shares/{name}")));
        assert_eq!(own, header);
        union.extend(rows);
    }
    // In the order of the files' names they are the sweep, each point once and in its place.
    assert_eq!(union, parse(&folder.read("whole/grid.csv")).1);
}

/// The example of docs/src/distributed.md: sixteen processes at a time, and a question to all their files.
#[test]
fn the_distributed_example_runs() {
    let folder = Folder::new("distributed");
    let plan = concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios/distributed.mls");
    let jobs: Vec<_> = (1..=16)
        .map(|k| {
            let shard = format!("{k}/16");
            mlsys(&folder.0, &["run", "-q", plan, "--out", "out", "--shard", &shard])
                .spawn()
                .expect("mlsys starts")
        })
        .collect();
    for mut job in jobs {
        assert!(job.wait().expect("it ends").success());
    }
    let mut count = 0;
    let mut least = f64::INFINITY;
    for name in folder.names("out") {
        let (header, rows) = parse(&folder.read(&format!("out/{name}")));
        let at = |name: &str| header.iter().position(|h| h == name).unwrap_or_else(|| panic!("{header:?}"));
        let (feasible, latency) = (at("feasible"), at("latency [s]"));
        assert!(rows.iter().all(|row| row[feasible] == "true"));
        count += rows.len();
        least = rows.iter().filter_map(|row| row[latency].parse::<f64>().ok()).fold(least, f64::min);
    }
    // What fits does not depend on the batch or the efficiency.
    let whole = folder.mlsys(&["run", "-q", plan, "--out", "whole"]);
    assert!(whole.status.success(), "{whole:?}");
    let (header, rows) = parse(&folder.read("whole/grid.csv"));
    assert_eq!(count, rows.len());
    assert_eq!(count % (256 * 9), 0);
    let latency = header.iter().position(|h| h == "latency [s]").expect("a latency");
    let one = rows.iter().filter_map(|row| row[latency].parse::<f64>().ok()).fold(f64::INFINITY, f64::min);
    assert_eq!(least, one);
}

#[test]
fn an_assertion_speaks_of_its_shard() {
    let folder = Folder::new("shard-assert");
    let asserts = "assert all grid: batch <= 50\nassert any grid: batch == 97\nlet late = grid where batch > 90 minimize latency\nassert late.batch > 90\n";
    folder.write("plan.mls", &format!("{PLAN}{GRID}{asserts}"));
    let first = folder.mlsys(&["run", "plan.mls", "--shard", "1/2"]);
    let second = folder.mlsys(&["run", "plan.mls", "--shard", "2/2"]);
    // The first half holds no batch above 90, which only the whole sweep could say is an error.
    assert_eq!(first.status.code(), Some(0), "{first:?}");
    // The second half has points above 50.
    assert_eq!(second.status.code(), Some(1), "{second:?}");
}

#[test]
fn what_is_wrong_with_shards_and_tables_is_said() {
    let folder = Folder::new("flags");
    folder.write("plan.mls", &format!("{PLAN}{GRID}"));
    for shard in ["0/4", "5/4", "x", "1/0", "-1/2"] {
        let output = folder.mlsys(&["run", "plan.mls", &format!("--shard={shard}")]);
        assert_eq!(output.status.code(), Some(2), "{shard}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("3/16"), "{output:?}");
    }
    folder.write("taken", "");
    let output = folder.mlsys(&["run", "plan.mls", "--out", "taken"]);
    assert_eq!(output.status.code(), Some(2));
    #[cfg(not(feature = "parquet"))]
    {
        let output = folder.mlsys(&["run", "plan.mls", "--out", "out", "--table", "parquet"]);
        assert_eq!(output.status.code(), Some(2));
        assert!(String::from_utf8_lossy(&output.stderr).contains("--features parquet"), "{output:?}");
    }
}

/// The rows of a table that DuckDB printed, as cells.
#[cfg(feature = "parquet")]
fn duckdb_rows(text: &str) -> Vec<Vec<&str>> {
    let rows = text.lines().filter_map(|line| line.trim().strip_prefix('│')?.strip_suffix('│'));
    rows.map(|row| row.split('│').map(str::trim).collect()).collect()
}

/// The example of docs/src/distributed.md, as it stands there. Needs `python3` with `duckdb`: without it there is
/// nothing to test, which is an error only where MLSYS_DUCKDB says that it must be there.
#[cfg(feature = "parquet")]
#[test]
fn duckdb_queries_the_shares() {
    let python = std::env::var("MLSYS_PYTHON").unwrap_or_else(|_| "python3".into());
    let duckdb = Command::new(&python).args(["-c", "import duckdb"]).output();
    if !duckdb.is_ok_and(|o| o.status.success()) {
        assert!(std::env::var_os("MLSYS_DUCKDB").is_none(), "{python} has no duckdb");
        eprintln!("left out: {python} has no duckdb");
        return;
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (plan, folder) = (root.join("scenarios/distributed.mls"), Folder::new("duckdb"));
    let jobs: Vec<_> = (1..=16)
        .map(|k| {
            let (plan, shard) = (plan.to_string_lossy(), format!("{k}/16"));
            let arguments = ["run", "-q", &plan, "--out", "out", "--table", "parquet", "--shard", &shard];
            mlsys(&folder.0, &arguments).spawn().expect("mlsys starts")
        })
        .collect();
    for mut job in jobs {
        assert!(job.wait().expect("it ends").success());
    }
    let script = root.join("scripts/query.py");
    let output = Command::new(&python).arg(script).arg(folder.0.join("out")).output().expect("python starts");
    assert!(output.status.success(), "{output:?}");
    let page = std::fs::read_to_string(root.join("docs/src/distributed.md")).expect("the page");
    let found = String::from_utf8_lossy(&output.stdout);
    let (found, shown) = (duckdb_rows(&found), duckdb_rows(&page));
    // Eleven combinations fit; DuckDB's own lines (types, counts) may change with its version.
    let of_models = |rows: Vec<Vec<&str>>| -> Vec<Vec<String>> {
        let rows = rows.into_iter().filter(|row| row[0].starts_with("Llama"));
        rows.map(|row| row.into_iter().map(str::to_string).collect()).collect()
    };
    let (found, shown) = (of_models(found), of_models(shown));
    assert_eq!(found.len(), 11);
    assert_eq!(found, shown);
}

#[cfg(feature = "parquet")]
#[test]
fn parquet_holds_the_values_of_the_csv_and_the_units() {
    use parquet::file::reader::{FileReader, SerializedFileReader};
    use parquet::record::Field;

    let folder = Folder::new("parquet");
    folder.write("plan.mls", &format!("{PLAN}{GRID}"));
    assert!(folder.mlsys(&["run", "plan.mls", "--out", "out"]).status.success());
    assert!(folder.mlsys(&["run", "plan.mls", "--out", "out", "--table", "parquet"]).status.success());
    let (header, rows) = parse(&folder.read("out/grid.csv"));
    let file = std::fs::File::open(folder.0.join("out/grid.parquet")).expect("the file");
    let reader = SerializedFileReader::new(file).expect("a Parquet file");
    let metadata = reader.metadata().file_metadata().key_value_metadata().cloned().unwrap_or_default();
    let units = metadata.iter().find(|m| m.key == "units").and_then(|m| m.value.clone()).unwrap_or_default();
    assert!(units.contains(r#""latency":"s""#), "{units}");
    let mut count = 0;
    for (record, row) in reader.get_row_iter(None).expect("rows").zip(&rows) {
        let record = record.expect("a row");
        for (((name, field), cell), title) in record.get_column_iter().zip(row).zip(&header) {
            assert_eq!(title.split(" [").next(), Some(name.as_str()));
            match field {
                Field::Double(value) => {
                    assert_eq!(cell.parse::<f64>().map(f64::to_bits), Ok(value.to_bits()), "{name}");
                }
                Field::Bool(value) => assert_eq!(*cell, value.to_string()),
                Field::Str(value) => assert_eq!(cell, value),
                other => panic!("{name}: {other:?}"),
            }
        }
        count += 1;
    }
    assert_eq!(count, rows.len());
}

#[cfg(unix)]
mod stopped {
    use std::io::Read;
    use std::process::{Child, Stdio};
    use std::time::{Duration, Instant};

    use super::*;

    /// Too many points to write in a test's time.
    const LARGE: &str = r#"
sweep grid = one over {
  batch: 1..50_000
  efficiency: [i / 10_000 for i in 1..10_000]
  precision: [fp16, fp8]
}
"#;

    /// A run that has begun to write.
    fn start(folder: &Folder) -> Child {
        folder.write("plan.mls", &format!("{PLAN}{LARGE}"));
        let child = mlsys(&folder.0, &["run", "plan.mls", "--out", "out"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("mlsys starts");
        let begun = Instant::now();
        let writes = || {
            folder.names("out").iter().any(|name| {
                std::fs::metadata(folder.0.join("out").join(name)).is_ok_and(|m| m.len() > 100_000)
            })
        };
        while !writes() {
            assert!(begun.elapsed() < Duration::from_secs(60), "nothing is written");
            std::thread::sleep(Duration::from_millis(5));
        }
        child
    }

    fn signal(child: &Child, name: &str) {
        let sent = Command::new("kill").args([name, &child.id().to_string()]).status().expect("kill");
        assert!(sent.success());
    }

    #[test]
    fn interrupt_leaves_nothing_and_says_how_far_it_came() {
        let folder = Folder::new("interrupt");
        let mut child = start(&folder);
        signal(&child, "-INT");
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(130));
        let mut told = String::new();
        child.stderr.take().expect("piped").read_to_string(&mut told).expect("text");
        assert!(told.contains("interrupted after") && told.contains("of 1,000,000,000 points"), "{told}");
        assert_eq!(folder.names("out"), [""; 0]);
    }

    #[test]
    fn kill_leaves_no_file_under_the_name() {
        let folder = Folder::new("kill");
        let mut child = start(&folder);
        signal(&child, "-KILL");
        child.wait().expect("it ends");
        let names = folder.names("out");
        assert!(names.iter().all(|n| n.starts_with('.') && n.ends_with(".tmp")), "{names:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_points() {
    let folder = Folder::new("memory");
    let grid = "sweep grid = one over { batch: 1..1000, efficiency: [i / 1000 for i in 1..1000], precision: [fp16, fp8, int8] }
assert all grid: latency < latency + 1 ms\nlet mean_energy = mean(grid.energy)\nassert mean_energy > 0 J\n";
    folder.write("plan.mls", &format!("{PLAN}{grid}"));
    // One column of three million numbers would be 24 MB; the limit is on addresses, which the process needs anyway.
    let limited = format!("ulimit -v 250000; exec {} run plan.mls", env!("CARGO_BIN_EXE_mlsys"));
    let output = Command::new("sh")
        .args(["-c", &limited])
        .env("RAYON_NUM_THREADS", "2")
        .current_dir(&folder.0)
        .output()
        .expect("sh starts");
    assert!(output.status.success(), "{output:?}");
}
