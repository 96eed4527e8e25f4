//! The formatter: it keeps what a text says, it keeps comments, and what it has laid out it leaves alone.

use std::path::{Path, PathBuf};

use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use proptest::prelude::*;

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
