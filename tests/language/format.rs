//! The formatter: it keeps what a text says, it keeps comments, and what it has laid out it leaves alone.
#![cfg(feature = "cli")]

use std::path::{Path, PathBuf};

use std::io::Write;
use std::process::{Command, Output, Stdio};

use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use proptest::prelude::*;

use crate::support::Folder;

fn format(text: &str) -> Option<String> {
    let memory = Memory::with("main.mls", text);
    Session::new(&memory, Options::default()).format("main.mls").ok().map(|f| f.after)
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the project").flatten() {
        let path = entry.path();
        if path.is_dir() {
            files_below(&path, found);
        } else if path.extension().is_some_and(|e| e == "mls") {
            found.push(path);
        }
    }
}

/// Every `.mls` file of the project that parses.
fn texts() -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    for folder in ["scenarios", "src", "tests"] {
        files_below(&root.join(folder), &mut found);
    }
    found.sort();
    let read = |path: PathBuf| std::fs::read_to_string(&path).ok().map(|text| (path, text));
    found.into_iter().filter_map(read).collect()
}

fn without_blanks(text: &str) -> String {
    text.trim_start_matches('\u{feff}').split_whitespace().collect()
}

#[test]
fn what_is_laid_out_stays() {
    let mut parsed = 0;
    for (path, text) in texts() {
        let Some(once) = format(&text) else { continue };
        parsed += 1;
        assert_eq!(format(&once).as_ref(), Some(&once), "{}", path.display());
        assert_eq!(without_blanks(&text), without_blanks(&once), "{}", path.display());
    }
    assert!(parsed > 40, "only {parsed} files parse");
}

#[test]
fn the_library_and_the_scenarios_are_laid_out() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (path, text) in texts() {
        if path.starts_with(root.join("tests")) {
            continue;
        }
        assert_eq!(format(&text).as_ref(), Some(&text), "run `mlsys fmt {}`", path.display());
    }
}

#[test]
fn indentation_is_ours() {
    for (path, text) in texts() {
        let Some(once) = format(&text) else { continue };
        let flat: String = text.lines().map(|line| format!("{}\n", line.trim_start())).collect();
        // A scenario's items and brackets at the left margin are read otherwise; such a text may not parse.
        if let Some(again) = format(&flat) {
            assert_eq!(again, once, "{}", path.display());
        }
    }
}

#[test]
fn blanks_between_tokens() {
    let untidy = "use std.hardware.nvidia.{ H100_SXM,H200_SXM }\n\n\n\nlet  a=1+2*3\nlet b = - a\nlet c=80   GB/(2 s)  # why\n\
                  let d = [1,2 , 3][ 0 ]\nfn twice( x : Scalar )->Scalar=x*2\nlet e = if a<1 then -1 else a^2\n\
                  system s{hardware:H100_SXM,devices :8}\nassert a within 5% of b  ,  \"close\"\nlet f = clamp(a, low:1,high: 2)\n\
                  solver v(a: Scalar) {\nout x = a\nout longer   = a +\n1\n}\n";
    insta::assert_snapshot!(format(untidy).expect("it parses"), @r#"
    use std.hardware.nvidia.{H100_SXM, H200_SXM}

    let a = 1 + 2 * 3
    let b = -a
    let c = 80 GB / (2 s)  # why
    let d = [1, 2, 3][0]
    fn twice(x: Scalar) -> Scalar = x * 2
    let e = if a < 1 then -1 else a^2
    system s { hardware: H100_SXM, devices: 8 }
    assert a within 5% of b, "close"
    let f = clamp(a, low: 1, high: 2)
    solver v(a: Scalar) {
      out x      = a
      out longer = a +
        1
    }
    "#);
}

fn fmt(folder: &Folder, arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mlsys"));
    command.current_dir(folder.path()).arg("fmt").args(arguments).env("NO_COLOR", "1");
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = pipes.spawn().expect("mlsys runs");
    // One that reads nothing has gone by now.
    let _ = child.stdin.take().expect("a pipe").write_all(input.as_bytes());
    let Output { status, stdout, stderr } = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (status.code(), text(&stdout), text(&stderr))
}

#[test]
fn the_command_writes_what_it_may() {
    let folder = Folder::new("format");
    let path = |name: &str| folder.path().join(name);
    let read = |name: &str| std::fs::read_to_string(path(name)).expect("it is there");
    for (name, text) in [("a.mls", "let a=1\n"), ("bad.mls", "let a = = 1\n"), ("ok.mls", "let a = 1\n")] {
        std::fs::write(path(name), text).expect("a file");
    }
    let (code, out, err) = fmt(&folder, &["--check", "a.mls", "ok.mls"], "");
    assert_eq!((code, read("a.mls").as_str()), (Some(1), "let a=1\n"));
    assert!(out.contains("-let a=1\n+let a = 1\n") && err.starts_with("1 file would change"), "{out}{err}");
    // What does not parse is left alone; the rest is laid out.
    let (code, _, err) = fmt(&folder, &["."], "");
    assert_eq!(
        (code, read("a.mls").as_str(), read("bad.mls").as_str()),
        (Some(2), "let a = 1\n", "let a = = 1\n")
    );
    assert!(err.contains("bad.mls:1:9"), "{err}");
    assert_eq!(fmt(&folder, &["--check", "a.mls", "ok.mls"], "").0, Some(0));
    // Standard input to standard output.
    assert_eq!(fmt(&folder, &["-"], "let a=1"), (Some(0), "let a = 1\n".into(), String::new()));
    assert_eq!(fmt(&folder, &["--check", "-"], "let a=1").0, Some(1));
    let (code, out, _) = fmt(&folder, &["-"], "let a==1");
    assert_eq!((code, out.as_str()), (Some(2), ""));
}

#[test]
fn a_read_only_file_stays() {
    let folder = Folder::new("format-read-only");
    let path = folder.path().join("a.mls");
    std::fs::write(&path, "let a=1\n").expect("a file");
    let mut rights = std::fs::metadata(&path).expect("it is there").permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&path, rights).expect("rights");
    let (code, _, err) = fmt(&folder, &["a.mls"], "");
    assert_eq!(code, Some(2));
    assert!(err.contains("`a.mls` cannot be written: it is read-only"), "{err}");
    assert_eq!(std::fs::read_to_string(&path).expect("it is there"), "let a=1\n");
}

/// A text with a character removed, doubled, or replaced by a blank or a line break.
fn mutated(text: &str, at: usize, how: usize) -> String {
    let mut chars: Vec<char> = text.chars().collect();
    let at = at % chars.len();
    match how % 4 {
        0 => drop(chars.remove(at)),
        1 => chars.insert(at, chars[at]),
        2 => chars[at] = ' ',
        _ => chars.insert(at, '\n'),
    }
    chars.into_iter().collect()
}

/// A text with comments, line breaks and blanks where a blank was: what people do to a plan, by the handful.
fn handled(text: &str, places: &[(usize, usize)]) -> String {
    let mut out = text.to_string();
    for (at, how) in places {
        let blanks: Vec<usize> = out.match_indices([' ', '\n']).map(|(at, _)| at).collect();
        let at = blanks[at % blanks.len()];
        let put = ["\n", "  # why, \"} (\n", "\n\n\n", "\t", "\r\n", "   ", "\n# of its own\n"][how % 7];
        out.insert_str(at, put);
    }
    out
}

fn comments(text: &str) -> Vec<String> {
    let lines = text.lines().filter_map(|line| line.find('#').map(|at| line[at..].trim_end().to_string()));
    lines.collect()
}

/// Mutated texts that are laid out; `MLSYS_CASES=5000 cargo test format` tries more.
fn cases() -> u32 {
    std::env::var("MLSYS_CASES").ok().and_then(|count| count.parse().ok()).unwrap_or(256)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_mutated_texts_too(file in 0usize..1000, at in 0usize..100_000, how in 0usize..4) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = vec![];
        files_below(&root.join("scenarios"), &mut found);
        found.push(root.join("src/std/solvers/roofline.mls"));
        found.push(root.join("src/std/types.mls"));
        found.sort();
        let text = std::fs::read_to_string(&found[file % found.len()]).expect("a scenario");
        let text = mutated(&text, at, how);
        if let Some(once) = format(&text) {
            prop_assert_eq!(without_blanks(&text), without_blanks(&once));
            prop_assert_eq!(format(&once), Some(once));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases() / 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn of_texts_with_comments_in_odd_places(
        file in 0usize..1000,
        places in prop::collection::vec((0usize..100_000, 0usize..7), 1..6),
    ) {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let mut found = vec![];
        files_below(&root.join("scenarios"), &mut found);
        files_below(&root.join("src/std/solvers"), &mut found);
        found.sort();
        let text = std::fs::read_to_string(&found[file % found.len()]).expect("a scenario");
        let text = handled(&text, &places);
        if let Some(once) = format(&text) {
            prop_assert_eq!(without_blanks(&text), without_blanks(&once));
            prop_assert_eq!(comments(&text), comments(&once));
            prop_assert!(once.lines().all(|line| line.trim_end() == line) && !once.contains('\r'), "{}", once);
            prop_assert_eq!(format(&once), Some(once));
        }
    }
}
