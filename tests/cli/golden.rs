//! The program as people run it: `tests/cli/golden/CASE` holds its files, `args` its arguments, one a line (`run main.mls`
//! where there is none), and what it printed on both channels.
#![cfg(feature = "cli")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::without_library_lines;

pub fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cli/golden")
}

/// The program, in plain text of a fixed width whatever the surroundings.
pub fn mlsys(folder: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
    command.current_dir(folder).args(arguments).env("NO_COLOR", "1").env("LC_ALL", "C.UTF-8");
    command
}

#[test]
fn every_case_prints_as_reviewed() {
    let mut cases: Vec<PathBuf> =
        fs::read_dir(folder()).expect("the goldens are committed").flatten().map(|e| e.path()).collect();
    cases.sort();
    assert!(cases.len() > 25);
    let mut wrong = vec![];
    for case in &cases {
        let arguments = fs::read_to_string(case.join("args")).unwrap_or("run\nmain.mls".into());
        let arguments: Vec<&str> = arguments.lines().collect();
        let output = mlsys(case, &arguments).output().expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let code = output.status.code().expect("not killed");
        assert!(code <= 2, "{}: exit code {code}\n{}", case.display(), text(&output.stderr));
        let printed = format!("$ mlsys {}\n{}[exit code {code}]", arguments.join(" "), text(&output.stdout));
        let told = without_library_lines(&text(&output.stderr));
        let mut settings = insta::Settings::clone_current();
        settings.set_snapshot_path(case);
        settings.set_prepend_module_to_snapshot(false);
        settings.set_omit_expression(true);
        let held = settings.bind(|| {
            let check = |name: &str, text: &str| {
                std::panic::catch_unwind(|| insta::assert_snapshot!(name, text)).is_ok()
            };
            check("stdout", &printed) & check("stderr", &told)
        });
        if !held {
            wrong.push(case.display().to_string());
        }
    }
    assert!(wrong.is_empty(), "changed: {}", wrong.join(", "));
}
