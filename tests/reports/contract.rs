//! `--format json`: the schema in `docs/` is that of the code, and what is printed keeps to it.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;

use mlsys::report::contract;

use crate::cli::golden::{folder, mlsys};
use crate::support::schema_at;

#[test]
fn the_schema_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let current = contract::schema();
    if std::env::var_os("MLSYS_UPDATE").is_some() {
        fs::write(&path, &current).expect("docs/ can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/report.schema.json is stale: MLSYS_UPDATE=1 cargo test contract");
}

#[test]
fn every_report_keeps_to_the_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/report.schema.json");
    let mut reports = 0;
    for case in fs::read_dir(folder()).expect("the goldens are committed").flatten() {
        if !case.path().join("main.mls").exists() {
            continue;
        }
        let output = mlsys(&case.path(), &["run", "main.mls", "--format", "json"]).output().expect("runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!(report["version"], 1);
        assert_eq!(report["ok"], output.status.success(), "{}", case.path().display());
        schema_at(&path, &report);
        reports += 1;
    }
    assert!(reports > 20);
}
