//! Scenarios with one mistake put in by a machine: a character, word or line less, a unit or name or mark changed.
//!
//! Every run must end in one of the three exit codes, and where a file is invalid the first label must lie at the
//! mistake. `cargo test mutations:: -- --nocapture` prints the share of those that do, and the ones that do not;
//! `MLSYS_MUTATIONS=4` makes four of each kind in each text.

mod change;

use std::fs;
use std::path::Path;

use mlsys::diagnostic::{Diagnostic, Severity};
use mlsys::session::{Options, Session};
use mlsys::source::{Memory, Origin};

use crate::support::Random;
use change::{KINDS, mutate};

/// Texts to mutate: what users copy, and the goldens.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    for folder in ["scenarios", "tests/cli/golden"] {
        below(&root.join(folder), &mut found);
    }
    found.sort();
    found
}

fn below(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let path = entry.path();
        if path.is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|e| e == "mls") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            found.push((path.to_string_lossy().into_owned(), text));
        }
    }
}

/// What a run of a mutated text comes to.
struct Told {
    code: u8,
    /// The line of the first label of the first error, and its message.
    first: Option<(usize, String)>,
    /// The lines of all labels of each error, and its message.
    errors: Vec<(Vec<usize>, String)>,
}

fn run(path: &str, text: &str) -> Told {
    let mut memory = Memory::with(path, text);
    // Files beside it, for its `use`.
    let folder = Path::new(path).parent().expect("a file has a folder");
    for entry in fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let beside = entry.path().to_string_lossy().into_owned();
        if beside.ends_with(".mls") && beside != path {
            memory.add(&beside, fs::read_to_string(&beside).expect("UTF-8"));
        }
    }
    let options = Options { no_suggest: true, ..Options::default() };
    let outcome = Session::new(&memory, options).run(&[path.to_string()]);
    let errors: Vec<_> = outcome.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    let line = |span| outcome.sources.line_column(span).0;
    let first = errors.iter().find_map(|d| Some((d.span()?, &d.message))).map(|(span, message)| {
        assert_ne!(outcome.sources.file(span.file).origin, Origin::Library);
        (line(span), message.clone())
    });
    let lines = |d: &Diagnostic| d.labels.iter().map(|l| line(l.span)).collect();
    let errors = errors.iter().map(|d| (lines(d), d.message.clone())).collect();
    Told { code: outcome.exit_code(false), first, errors }
}

/// Mutations of each kind and text.
fn rounds() -> usize {
    std::env::var("MLSYS_MUTATIONS").ok().and_then(|n| n.parse().ok()).unwrap_or(1)
}

#[test]
fn the_first_label_lies_at_the_mistake() {
    let mut random = Random::new(20);
    let (mut invalid, mut near) = (0, 0);
    // The same of those that leave something to point at.
    let (mut present, mut present_near) = (0, 0);
    // Errors of which no label lies there.
    let (mut errors, mut astray) = (0, 0);
    let (mut misses, mut echoes) = (vec![], vec![]);
    let mut runs = 0;
    for (path, text) in texts() {
        // What is invalid on purpose stays so.
        if run(&path, &text).code == 2 {
            continue;
        }
        for kind in (0..KINDS).flat_map(|k| std::iter::repeat_n(k, rounds())) {
            let Some(mutation) = mutate(&text, kind, &mut random) else { continue };
            if mutation.text == text {
                continue;
            }
            let told = run(&path, &mutation.text);
            runs += 1;
            if told.code != 2 {
                continue;
            }
            invalid += 1;
            present += u32::from(!mutation.gone);
            let at = |line: &usize| line.abs_diff(mutation.line) <= 1;
            errors += told.errors.len();
            astray += told.errors.iter().filter(|(lines, _)| !lines.iter().any(at)).count();
            for (lines, message) in &told.errors {
                if !lines.iter().any(at) && told.first.as_ref().is_some_and(|(l, _)| at(l)) {
                    echoes.push(format!("{path}:{}: {}: {lines:?} {message}", mutation.line, mutation.what));
                }
            }
            match told.first {
                Some((line, _)) if at(&line) => {
                    near += 1;
                    present_near += u32::from(!mutation.gone);
                }
                first => {
                    misses.push(format!("{path}:{}: {}: label at {first:?}", mutation.line, mutation.what))
                }
            }
        }
    }
    let share = 100.0 * f64::from(near) / f64::from(invalid);
    let present_share = 100.0 * f64::from(present_near) / f64::from(present);
    println!("{runs} mutations, {invalid} invalid, first label within a line of the mistake: {share:.1} %");
    println!("{present} where the line is not gone: {present_share:.1} %");
    println!("{errors} errors, {astray} of them without a label there");
    println!("{}\nerrors elsewhere than the first:\n{}", misses.join("\n"), echoes.join("\n"));
    assert!(runs >= 600, "{runs} mutations");
    assert!(
        present_share >= 96.8,
        "{present_share:.1} % of those with something to point at:\n{}",
        misses.join("\n")
    );
    assert!(share >= 95.0, "{share:.1} % of the first labels lie at the mistake:\n{}", misses.join("\n"));
}
