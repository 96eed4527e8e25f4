//! Sweeps against what `scripts/sweeps.py` computed without mlsys.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};
use std::process::Command;

use mlsys::outcome::Datum;

use crate::support::{Folder, run};

fn data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/sweeps").join(name)
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-12 * expected.abs()
}

#[test]
fn every_point_is_what_python_says() {
    let folder = Folder::new("independent");
    let (plan, out) = (data("sweeps.mls"), folder.path().join("out"));
    let arguments = [plan.as_os_str(), "--quiet".as_ref(), "--out".as_ref(), out.as_os_str()];
    let output = Command::new(env!("CARGO_BIN_EXE_mlsys")).arg("run").args(arguments).output();
    let output = output.expect("mlsys starts");
    assert!(output.status.success(), "{output:?}");

    let (found, expected) = (read(&out.join("grid.csv")), read(&data("grid.csv")));
    let (mut found, mut expected) =
        (csv::Reader::from_reader(found.as_bytes()), csv::Reader::from_reader(expected.as_bytes()));
    // `latency [s]`, and `system.hardware` for its name.
    let short = |name: &str| {
        let name = name.split(' ').next().unwrap_or(name);
        name.strip_prefix("system.").unwrap_or(name).to_string()
    };
    let columns: Vec<String> = found.headers().expect("a header").iter().map(short).collect();
    let names = expected.headers().expect("a header").clone();
    let rows: Vec<csv::StringRecord> = found.records().map(|r| r.expect("a row")).collect();
    let wanted: Vec<csv::StringRecord> = expected.records().map(|r| r.expect("a row")).collect();
    assert_eq!(rows.len(), wanted.len());
    for (row, wanted) in rows.iter().zip(&wanted) {
        for (name, expected) in names.iter().zip(wanted) {
            let column = columns.iter().position(|c| c == name).unwrap_or_else(|| panic!("no column {name}"));
            let found = &row[column];
            match (found.parse::<f64>(), expected.parse::<f64>()) {
                (Ok(found), Ok(expected)) => assert!(close(found, expected), "{name}: {found} is {expected}"),
                _ => assert_eq!(found.to_lowercase(), expected.to_lowercase(), "{name}"),
            }
        }
    }
}

#[test]
fn every_answer_is_what_python_says() {
    let expected: Vec<f64> = serde_json::from_str(&read(&data("shows.json"))).expect("numbers");
    let outcome = run(&read(&data("sweeps.mls")));
    let shows: Vec<_> = outcome.files.iter().flat_map(|f| &f.shows).collect();
    assert_eq!(shows.len(), expected.len());
    for (show, expected) in shows.iter().zip(expected) {
        match &show.value {
            Datum::Quantity { value, .. } => {
                assert!(close(*value, expected), "{}: {value} is {expected}", show.text);
            }
            other => panic!("{}: {other:?}", show.text),
        }
    }
}
