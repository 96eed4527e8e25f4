//! The command line: channels, exit codes, files, colour, and readers that go away.
#![cfg(feature = "cli")]

use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Output, Stdio};

use crate::cli::golden::mlsys;
use crate::support::Folder;

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn ran(folder: &Path, arguments: &[&str]) -> Output {
    mlsys(folder, arguments).output().expect("the program runs")
}

fn plans() -> Folder {
    let folder = Folder::new("commands");
    for (name, text) in [
        ("good.mls", "let a = 3 s\nassert a < 4 s\n"),
        ("bad.mls", "let a = 3 s\nassert a < 2 s\n"),
        ("wrong.mls", "let a = 3 gb\n"),
        ("warned.mls", "let a = 3 s\nwarn a < 2 s\n"),
    ] {
        fs::write(folder.path().join(name), text).expect("a temporary file");
    }
    folder
}

#[test]
fn exit_codes_are_the_contract() {
    let folder = plans();
    for (arguments, code) in [
        (&["run", "good.mls"][..], 0),
        (&["run", "bad.mls"], 1),
        (&["run", "wrong.mls"], 2),
        (&["run", "good.mls", "bad.mls"], 1),
        (&["run", "good.mls", "bad.mls", "wrong.mls"], 2),
        (&["run", "."], 2),
        (&["run", "nowhere.mls"], 2),
        (&["run", "warned.mls"], 0),
        (&["run", "warned.mls", "--fail-on-warn"], 1),
        (&["run", "good.mls", "--set", "nosuch=1"], 2),
        (&["check", "bad.mls"], 0),
        (&["check", "wrong.mls"], 2),
        (&["list", "nosuch"], 2),
        (&["run"], 2),
        (&["nosuch"], 2),
    ] {
        assert_eq!(ran(folder.path(), arguments).status.code(), Some(code), "{arguments:?}");
    }
}

#[test]
fn results_and_diagnostics_have_their_channels() {
    let folder = plans();
    let output = ran(folder.path(), &["run", "bad.mls"]);
    assert!(text(&output.stdout).contains("1 failed"));
    assert!(!text(&output.stdout).contains("mls::assert-failed"));
    assert!(text(&output.stderr).contains("mls::assert-failed"));
    let output = ran(folder.path(), &["run", "wrong.mls", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("only JSON on stdout");
    assert_eq!(report["files"][0]["diagnostics"][0]["code"], "mls::unknown-unit");
}

#[test]
fn standard_input_is_a_file() {
    let folder = plans();
    let mut child = mlsys(folder.path(), &["run", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    child.stdin.take().expect("piped").write_all(b"assert 1 < 2\n").expect("it reads");
    let output = child.wait_with_output().expect("it ends");
    assert!(output.status.success(), "{}", text(&output.stderr));
    assert!(text(&output.stdout).contains("1 passed"));
}

#[test]
fn colour_is_asked_for() {
    let folder = plans();
    for (arguments, colour) in [
        (&["run", "bad.mls"][..], false),
        (&["run", "bad.mls", "--color", "always"], true),
        (&["run", "bad.mls", "--color", "never"], false),
    ] {
        let output = ran(folder.path(), arguments);
        assert_eq!(text(&output.stdout).contains('\u{1b}'), colour, "{arguments:?}");
        assert_eq!(text(&output.stderr).contains('\u{1b}'), colour, "{arguments:?}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = plans();
    let mut child = mlsys(folder.path(), &["list", "hardware", "--format", "json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut first = [0; 16];
    child.stdout.take().expect("piped").read_exact(&mut first).expect("it prints");
    let output = child.wait_with_output().expect("it ends");
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn list_shows_every_kind_and_every_entry() {
    let folder = Folder::new("list");
    let all = ran(folder.path(), &["list", "--format", "json"]);
    let all: serde_json::Value = serde_json::from_slice(&all.stdout).expect("JSON");
    let entries = all.as_array().expect("an array of entries");
    assert!(entries.len() > 300);
    let mut kinds: Vec<&str> = entries.iter().filter_map(|e| e["kind"].as_str()).collect();
    kinds.dedup();
    kinds.sort_unstable();
    kinds.dedup();
    assert!(kinds.len() > 8, "{kinds:?}");
    for kind in kinds {
        let table = ran(folder.path(), &["list", kind]);
        assert!(table.status.success(), "{kind}");
        let entry = entries.iter().find(|e| e["kind"] == kind).expect("an entry");
        let name = entry["name"].as_str().expect("a name");
        let one = ran(folder.path(), &["list", kind, name]);
        assert!(one.status.success() && text(&one.stdout).contains(name), "{kind} {name}");
    }
    for arguments in
        [&["modules"][..], &["prices"], &["std.hardware.nvidia"], &["H100_SXM"], &["enums", "Precision"]]
    {
        let output = ran(folder.path(), &[&["list"], arguments, &["--format", "json"]].concat());
        let found: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert!(found.as_array().is_some_and(|a| !a.is_empty() && a[0]["name"].is_string()), "{arguments:?}");
    }
    let hardware = text(&ran(folder.path(), &["list", "hardware", "H100_SXM"]).stdout);
    assert!(hardware.contains("3.35 TB/s") && hardware.contains("source"), "{hardware}");
    let near = ran(folder.path(), &["list", "hardware", "H100_SMX"]);
    assert!(text(&near.stderr).contains("H100_SXM"), "{}", text(&near.stderr));
}

#[test]
fn init_writes_a_plan_that_runs() {
    let folder = Folder::new("init-runs");
    let output = ran(folder.path(), &["init"]);
    assert!(output.status.success(), "{}", text(&output.stderr));
    let output = ran(folder.path(), &["run", "."]);
    assert!(matches!(output.status.code(), Some(0 | 1)), "{}", text(&output.stderr));
}

#[test]
fn completions_are_written_for_every_shell() {
    let folder = Folder::new("completions");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = ran(folder.path(), &["completions", shell]);
        assert!(output.status.success() && text(&output.stdout).contains("mlsys"), "{shell}");
    }
}

#[test]
fn check_fix_writes_what_is_sure_and_nothing_else() {
    let folder = Folder::new("fix");
    let path = folder.path().join("plan.mls");
    let broken = "\u{feff}# `&&` in a comment stays.\nlet a = 007\nparam n = 3\nlet b = a > 3 && n > 2 || a < 1\n\
                  c = [1,024, 2,048]   # kept\nfn half(x: Scalar) -> Data = 80 GB/x\nlet t = 2 h 30 min\n\
                  show b, c, half(2), t, nosuch\n";
    let mended = "\u{feff}# `&&` in a comment stays.\nlet a = 7\nparam n: Scalar = 3\nlet b = a > 3 and n > 2 or a < 1\n\
                  let c = [1_024, 2_048]   # kept\nfn half(x: Scalar) -> Data = 80 GB / x\nlet t = 2 h + 30 min\n\
                  show b, c, half(2), t, nosuch\n";
    fs::write(&path, broken).expect("a temporary file");
    let other = folder.path().join("other.mls");
    fs::write(&other, "let a = 007\n").expect("a temporary file");
    let output = ran(folder.path(), &["check", "--fix", "plan.mls"]);
    assert_eq!(fs::read_to_string(&path).expect("it is there"), mended);
    assert_eq!(fs::read_to_string(&other).expect("it is there"), "let a = 007\n");
    assert_eq!(output.status.code(), Some(2), "`nosuch` is left to its author");
    let said = text(&output.stdout);
    for line in
        ["plan.mls:2:9: `007` is now `7` (mls::malformed-number)", "plan.mls:7:13: `+` put in (mls::syntax)"]
    {
        assert!(said.contains(line), "{said}");
    }
    // Once more there is nothing to do.
    let again = ran(folder.path(), &["check", "--fix", "plan.mls"]);
    assert_eq!(text(&again.stdout), "1 file checked, 1 diagnostic\n");
}
