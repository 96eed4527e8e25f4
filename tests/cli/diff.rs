//! `mlsys diff`: two files, two settings, two revisions; what it says, and its exit codes.
#![cfg(feature = "cli")]

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use mlsys::report::difference::contract;

use crate::cli::golden::mlsys;
use crate::support::{Folder, schema_at};

const PLAN: &str = "use std.hardware.nvidia.{H100_SXM, H200_SXM}\n\
    use std.models.meta.llama3_70b\n\
    use \"fleet.mls\"\n\
    param efficiency: Scalar = 50%\n\
    system pod { hardware: H100_SXM, devices: cards }\n\
    solve one = roofline { model: llama3_70b, system: pod, batch: 32, precision: fp8, efficiency }\n\
    fn spare(used: Time) -> Time = 30 ms - used\n\
    let room = spare(one.latency)\n\
    sweep grid = one over { batch: [8, 64, 512], precision: [fp16, fp8] }\n\
    show room, one.throughput\n\
    assert one.latency < 25 ms, \"interactive\"\n\
    assert one.latency_compute > 3 ms\n\
    warn one.bottleneck == compute\n\
    scenario \"night\" {\n  solve quiet = one { batch: 4 }\n  assert quiet.latency <= one.latency\n}\n";
const FLEET: &str = "let cards: Scalar = 8\n";

fn folder() -> Folder {
    let folder = Folder::new("diff");
    write(&folder, "plan.mls", PLAN);
    write(&folder, "fleet.mls", FLEET);
    folder
}

fn write(folder: &Folder, name: &str, text: &str) {
    fs::write(folder.path().join(name), text).expect("a temporary file");
}

fn diff(folder: &Path, arguments: &[&str]) -> (Option<i32>, String) {
    let all: Vec<&str> = ["diff"].iter().chain(arguments).copied().collect();
    let Output { status, stdout, stderr } = mlsys(folder, &all).output().expect("the program runs");
    (status.code(), String::from_utf8_lossy(&stdout).into_owned() + &String::from_utf8_lossy(&stderr))
}

/// Another plan: a new device, a larger batch, another bound, another equation, one solve more.
fn changed() -> String {
    PLAN.replace("hardware: H100_SXM", "hardware: H200_SXM")
        .replace("batch: 32", "batch: 128")
        .replace("> 3 ms", "> 2 ms")
        .replace("30 ms - used", "2 * (30 ms - used)")
        .replace("let room", "solve two = one { batch: 1 }\nlet room")
        .replace("<= one.latency\n", "< 0.5 * one.latency\n")
}

#[test]
fn two_files() {
    let folder = folder();
    write(&folder, "new.mls", &changed());
    let (code, text) = diff(folder.path(), &["plan.mls", "new.mls"]);
    insta::assert_snapshot!(text);
    assert_eq!(code, Some(1), "an assertion newly fails");
    insta::assert_snapshot!(diff(folder.path(), &["plan.mls", "new.mls", "--format", "markdown"]).1);
    let (code, text) = diff(folder.path(), &["plan.mls", "plan.mls"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("nothing is different"), "{text}");
}

#[test]
fn two_settings() {
    let folder = folder();
    let (code, text) =
        diff(folder.path(), &["plan.mls", "--before", "efficiency=60%", "--after", "efficiency=20%"]);
    insta::assert_snapshot!(text);
    assert_eq!(code, Some(0));
    // The other way round it newly fails.
    assert_eq!(
        diff(folder.path(), &["plan.mls", "--before", "efficiency=50%", "--after", "efficiency=90%"]).0,
        Some(1)
    );
    // On both sides.
    write(&folder, "new.mls", PLAN);
    let (code, text) = diff(folder.path(), &["plan.mls", "new.mls", "--set", "efficiency=90%"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("still fails: one.latency_compute > 3 ms"), "{text}");
}

fn git(folder: &Folder, arguments: &[&str]) {
    let mut git = Command::new("git");
    git.arg("-C").arg(folder.path()).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
    let output = git.args(arguments).output().expect("git is installed");
    assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn two_revisions() {
    let folder = Folder::new("diff-git");
    fs::create_dir(folder.path().join("plans")).expect("a folder");
    write(&folder, "plans/plan.mls", PLAN);
    write(&folder, "plans/fleet.mls", FLEET);
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    git(&folder, &["checkout", "-q", "-b", "more"]);
    // Only what is imported changes: it must come from the revision too.
    write(&folder, "plans/fleet.mls", "let cards: Scalar = 16\n");
    git(&folder, &["commit", "-q", "-am", "two"]);
    write(&folder, "plans/plan.mls", &PLAN.replace("batch: 32", "batch: 64"));
    let plans = folder.path().join("plans");
    let (code, range) = diff(&plans, &["main..HEAD", "plan.mls"]);
    assert_eq!(code, Some(0), "{range}");
    insta::assert_snapshot!(range);
    for same in [
        &["main..", "plan.mls"][..],
        &["main:plans/plan.mls", "HEAD:./plan.mls"],
        &["HEAD~1..more", "plan.mls"],
        &["main...more", "plan.mls"],
    ] {
        let (code, text) = diff(&plans, same);
        let body = |text: &str| text.lines().skip(1).collect::<Vec<_>>().join("\n");
        assert_eq!((code, body(&text)), (Some(0), body(&range)), "{same:?}");
    }
    let (_, text) = diff(folder.path(), &["main..HEAD", "plans/plan.mls"]);
    assert_eq!(text, range, "from another folder");
    // The last commit and the file as it is.
    let (_, text) = diff(&plans, &["plan.mls"]);
    insta::assert_snapshot!(text);
    assert_eq!(diff(&plans, &["HEAD", "plan.mls"]).1, text);
    assert_eq!(diff(folder.path(), &["HEAD:plans/plan.mls"]).1.lines().nth(3), text.lines().nth(3));
    let (code, text) = diff(&plans, &["main", "plan.mls"]);
    assert!(code == Some(0) && text.contains("cards") && text.contains("one.batch"), "{text}");
}

#[test]
fn what_cannot_be_compared() {
    let folder = folder();
    write(&folder, "wrong.mls", "let a = 3 gb\n");
    for arguments in [
        &["plan.mls", "wrong.mls"][..],
        &["wrong.mls", "plan.mls"],
        &["plan.mls", "nowhere.mls"],
        &["nosuch", "plan.mls"],
        &["plan.mls"],
        &["-", "-"],
        &["main:plan.mls", "plan.mls"],
        &["plan.mls", "--after", "nosuch=1"],
        &[],
    ] {
        let (code, text) = diff(folder.path(), arguments);
        assert_eq!(code, Some(2), "{arguments:?}: {text}");
        assert!(!text.is_empty());
    }
    // In a repository, but not at that revision.
    git(&folder, &["init", "-q"]);
    write(&folder, "late.mls", PLAN);
    git(&folder, &["add", "plan.mls", "fleet.mls"]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    let (code, text) = diff(folder.path(), &["late.mls"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("HEAD:late.mls"), "{text}");
    assert!(diff(folder.path(), &["nosuch", "plan.mls"]).1.contains("no revision `nosuch`"));
}

#[test]
fn warnings_count_when_asked() {
    let folder = Folder::new("diff-warn");
    write(&folder, "plan.mls", "param a: Scalar = 1\nwarn a < 2\nassert a < 5\n");
    assert_eq!(diff(folder.path(), &["plan.mls", "--after", "a=3"]).0, Some(0));
    assert_eq!(diff(folder.path(), &["plan.mls", "--after", "a=3", "--fail-on-warn"]).0, Some(1));
    assert_eq!(diff(folder.path(), &["plan.mls", "--after", "a=6"]).0, Some(1));
    assert_eq!(
        diff(folder.path(), &["plan.mls", "--before", "a=6", "--after", "a=7"]).0,
        Some(0),
        "still fails"
    );
    assert_eq!(diff(folder.path(), &["plan.mls", "--before", "a=6"]).0, Some(0), "newly passes");
}

#[test]
fn the_schema_is_current_and_kept_to() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/diff.schema.json");
    let current = contract::schema();
    if std::env::var_os("MLSYS_UPDATE").is_some() {
        fs::write(&path, &current).expect("docs/ can be written");
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    assert!(written == current, "docs/diff.schema.json is stale: MLSYS_UPDATE=1 cargo test diff");
    let folder = folder();
    write(&folder, "new.mls", &changed());
    write(&folder, "wrong.mls", "let a = 3 gb\n");
    for (arguments, ok) in [
        (&["plan.mls", "new.mls"][..], false),
        (&["plan.mls", "--after", "efficiency=40%"], true),
        (&["plan.mls", "wrong.mls"], false),
    ] {
        let all: Vec<&str> = ["diff", "--format", "json"].iter().chain(arguments).copied().collect();
        let output = mlsys(folder.path(), &all).output().expect("the program runs");
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("one JSON object");
        assert_eq!(report["ok"], ok);
        schema_at(&path, &report);
    }
}

/// The same plan with other names: nothing newly fails, and what belongs together is compared.
#[test]
fn another_name_is_no_other_plan() {
    let folder = folder();
    let failing = PLAN.replace("one.latency < 25 ms", "one.latency < 20 ms");
    write(&folder, "old.mls", &failing);
    let renamed = failing
        .replace("one.", "uno.")
        .replace("solve one ", "solve uno ")
        .replace("= one ", "= uno ")
        .replace("\"night\"", "\"evening\"")
        .replace("batch: 4 }", "batch: 4, efficiency: 45% }");
    write(&folder, "new.mls", &renamed);
    let (code, text) = diff(folder.path(), &["old.mls", "new.mls"]);
    assert_eq!(code, Some(0), "{text}");
    insta::assert_snapshot!(text);
    // With a scenario that says the same, that one is known again too.
    write(&folder, "new.mls", &renamed.replace(", efficiency: 45% }", " }"));
    let (code, text) = diff(folder.path(), &["old.mls", "new.mls"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("name of the scenario  night → evening"), "{text}");
    assert!(text.contains("name of uno  one → uno"), "{text}");
    assert!(!text.contains("gone") && !text.contains("newly"), "{text}");
}

/// A field that only one side replaces is compared with what stood behind it.
#[test]
fn what_is_replaced_is_compared_with_what_was_there() {
    let folder = folder();
    let slower = PLAN
        .replace("devices: cards }", "devices: cards, hardware.memory_bw: 3.2 TB/s }")
        .replace("batch: 32,", "batch: 32, system.hardware.dispatch_tax: 20 us,");
    write(&folder, "new.mls", &slower);
    let (_, text) = diff(folder.path(), &["plan.mls", "new.mls"]);
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("pod.hardware.memory_bw 3.35 TB/s (default) → 3.2 TB/s"), "{text}");
    assert!(words.contains("one.system.hardware.dispatch_tax 10 us (default) → 20 us"), "{text}");
}

/// What only warned and stops now has newly failed.
#[test]
fn a_warning_that_becomes_an_assertion() {
    let folder = folder();
    write(&folder, "new.mls", &PLAN.replace("warn one.bottleneck", "assert one.bottleneck"));
    let (code, text) = diff(folder.path(), &["plan.mls", "new.mls"]);
    assert_eq!(code, Some(1), "{text}");
}

#[test]
fn a_side_that_is_invalid_is_told_in_every_format() {
    let folder = folder();
    write(&folder, "new.mls", "let a = nothing\n");
    for (format, start) in
        [("human", "mls::unknown-name"), ("json", "{"), ("markdown", "### ❌ mlsys diff: cannot")]
    {
        let (code, text) = diff(folder.path(), &["plan.mls", "new.mls", "--format", format]);
        assert_eq!(code, Some(2), "{text}");
        assert!(text.starts_with(start) && text.contains("`nothing` is not declared"), "{text}");
    }
}

/// A configuration that a plan imports is of the same revision, and is called there what it is called here.
#[test]
fn an_imported_configuration_at_a_revision() {
    let folder = Folder::new("diff-import");
    for name in ["llama", "plans"] {
        fs::create_dir(folder.path().join(name)).expect("a folder");
    }
    let config = include_str!("../data/hf_configs/Qwen--Qwen3-8B/config.json");
    let layers = config.find("\"num_hidden_layers\":").expect("it has 36 layers");
    write(&folder, "llama/config.json", config);
    write(&folder, "plans/plan.mls", "model m = import \"../llama/config.json\"\nshow m.layers ?? 0\n");
    git(&folder, &["init", "-q", "-b", "main"]);
    git(&folder, &["add", "."]);
    git(&folder, &["commit", "-q", "-m", "one"]);
    let deeper = config[..layers].to_string() + &config[layers..].replacen("36", "40", 1);
    write(&folder, "llama/config.json", &deeper);
    let (code, text) = diff(folder.path(), &["plans/plan.mls"]);
    assert_eq!(code, Some(0), "{text}");
    assert!(text.contains("m.layers") && text.contains("36 → 40"), "{text}");
    assert!(!text.contains("m.name") && !text.contains("m.source"), "{text}");
}
