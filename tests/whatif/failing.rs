//! Scenarios that fail: what is suggested for each of their assertions is applied and run, and no smaller change of any
//! number that stands in them does as much, by brute force.

use std::fs;
use std::ops::Range;
use std::path::Path;

use mlsys::diagnostic::Severity;
use mlsys::outcome::{Outcome, Status, Suggestion};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use rayon::prelude::*;

/// Values tried of each number, each way.
const TRIED: u32 = 7;

/// The files of a scenario, the main one first.
type Files = Vec<(String, String)>;

fn files(names: &[&str]) -> Files {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/failing");
    let read = |name: &&str| {
        (name.to_string(), fs::read_to_string(folder.join(name)).expect("the scenario is committed"))
    };
    names.iter().map(read).collect()
}

fn run(files: &Files, no_suggest: bool) -> Outcome {
    let mut memory = Memory::default();
    files.iter().for_each(|(name, text)| memory.add(name, text.as_str()));
    let options = Options { no_suggest, ..Options::default() };
    Session::new(&memory, options).run(&[files[0].0.clone()])
}

fn changed(files: &Files, file: usize, range: Range<usize>, text: &str) -> Files {
    let mut files = files.clone();
    files[file].1.replace_range(range, text);
    files
}

fn notes(outcome: &Outcome) -> Vec<String> {
    outcome.files.iter().flat_map(|f| &f.solves).flat_map(|s| s.notes.clone()).collect()
}

/// Does an assertion hold, and is nothing wrong or noted that was not before?
fn holds(outcome: &Outcome, number: usize, known: &[String]) -> bool {
    let wrong = outcome.diagnostics.iter().any(|d| d.severity == Severity::Error);
    let passes = outcome.files[0].assertions.get(number).is_some_and(|a| a.status == Status::Pass);
    passes && !wrong && notes(outcome).iter().all(|n| known.contains(n))
}

/// A number that somebody wrote as the value of something.
struct Number {
    file: usize,
    range: Range<usize>,
    value: f64,
    /// Without a unit: a count stays whole.
    whole: bool,
}

/// Numbers of params, fields and arguments. Those of assertions, axes and equations are what is asked, not what is.
fn numbers(files: &Files) -> Vec<Number> {
    let mut found = vec![];
    for (file, (_, text)) in files.iter().enumerate() {
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let first = line.split_whitespace().next().unwrap_or_default();
            let asks = ["assert", "warn", "use", "fn", "sweep", "#"].contains(&first);
            if !(asks || first == "let" && line.contains(['*', '+', '(', '-'])) {
                found.extend(of_line(line).map(|n| Number {
                    file,
                    range: start + n.range.start..start + n.range.end,
                    ..n
                }));
            }
            start += line.len();
        }
    }
    found
}

fn of_line(line: &str) -> impl Iterator<Item = Number> {
    let bytes = line.as_bytes();
    let part = |c: u8| c.is_ascii_alphanumeric() || c == b'_' || c == b'.';
    let mut found = vec![];
    let mut at = 0;
    while at < bytes.len() {
        let begins = bytes[at].is_ascii_digit() && (at == 0 || !part(bytes[at - 1]));
        if !begins {
            at += 1;
            continue;
        }
        let end = (at..bytes.len()).find(|i| !part(bytes[*i])).unwrap_or(bytes.len());
        if let Ok(value) = line[at..end].parse::<f64>()
            && value != 0.0
        {
            let rest = line[end..].trim_start_matches(' ');
            let unit = rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '%');
            let whole = !unit && !line[at..end].contains(['.', 'e']);
            found.push(Number { file: 0, range: at..end, value, whole });
        }
        at = end;
    }
    found.into_iter()
}

fn size(suggestion: &Suggestion) -> f64 {
    suggestion.change.map_or(0.5, f64::abs)
}

/// Holds every suggestion of a scenario against the scenario itself. Answers how many there were.
fn check(names: &[&str]) -> usize {
    let files = files(names);
    let outcome = run(&files, false);
    let errors: Vec<_> = outcome.diagnostics.iter().filter(|d| d.severity == Severity::Error).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let known = notes(&outcome);
    let numbers = numbers(&files);
    let mut applied = 0;
    for (number, assertion) in outcome.files[0].assertions.iter().enumerate() {
        assert_eq!(assertion.status, Status::Fail, "`{}` is there to fail", assertion.text);
        let index_of = |s: &Suggestion| {
            let path = &outcome.sources.file(s.edit.as_ref()?.span.file).path;
            files.iter().position(|(name, _)| **name == **path)
        };
        for suggestion in &assertion.suggestions {
            let (edit, file) = (suggestion.edit.as_ref(), index_of(suggestion));
            let (edit, file) = (edit.expect("an edit"), file.expect("a file of the user's"));
            let after = run(&changed(&files, file, edit.span.range(), &edit.text), true);
            let status = after.files[0].assertions[number].status;
            assert_eq!(status, Status::Pass, "`{}` with {}", assertion.text, suggestion.write);
            applied += 1;
        }
        let plain: Vec<&Suggestion> = assertion.suggestions.iter().filter(|s| s.notes.is_empty()).collect();
        let largest = if plain.len() == 4 { size(plain[3]) } else { 15.0 };
        let smaller: Vec<(usize, f64)> = numbers
            .iter()
            .enumerate()
            .flat_map(|(index, n)| {
                let own = plain.iter().find(|s| {
                    index_of(s) == Some(n.file)
                        && s.edit.as_ref().is_some_and(|e| e.span.range().start == n.range.start)
                });
                let limit = own.map_or(largest, |s| size(s)) * 0.99;
                candidates(n, limit).into_iter().map(move |v| (index, v))
            })
            .collect();
        let better: Vec<String> = smaller
            .par_iter()
            .filter(|(index, value)| {
                let n = &numbers[*index];
                let after = run(&changed(&files, n.file, n.range.clone(), &format!("{value:?}")), true);
                holds(&after, number, &known)
            })
            .map(|(index, value)| format!("{} -> {value}", numbers[*index].value))
            .collect();
        let shown: Vec<&String> = plain.iter().map(|s| &s.write).collect();
        assert!(better.is_empty(), "`{}` holds with {better:?}, suggested: {shown:?}", assertion.text);
    }
    applied
}

/// Other values of a number, nearer than a change of `limit`.
fn candidates(number: &Number, limit: f64) -> Vec<f64> {
    let mut found = vec![];
    for step in 1..=TRIED {
        let share = f64::from(step) / f64::from(TRIED);
        let up = (1.0 + limit).powf(share);
        let down = 1.0 - limit.min(15.0 / 16.0) * share;
        for factor in [up, down] {
            let value = number.value * factor;
            let value = if number.whole { value.round() } else { value };
            if value != number.value && value > 0.0 && (value / number.value - 1.0).abs() <= limit {
                found.push(value);
            }
        }
    }
    found.sort_by(f64::total_cmp);
    found.dedup();
    found
}

#[test]
fn serving() {
    assert!(check(&["serving.mls"]) >= 3);
}

#[test]
fn training() {
    assert!(check(&["training.mls"]) >= 9);
}

#[test]
fn sweeps() {
    assert!(check(&["sweeps.mls"]) >= 3);
}

#[test]
fn windows_steps_and_scenarios() {
    assert!(check(&["windows.mls"]) >= 10);
}

#[test]
fn imports_flags_and_members() {
    assert!(check(&["imports.mls", "fleet.mls"]) >= 5);
}

/// What a failed assertion takes beyond the run itself, where there is an optimized build and a quiet machine to ask.
#[test]
#[ignore = "measures time: cargo test --release --test main whatif::failing::within_the_budget -- --ignored"]
fn within_the_budget() {
    for name in ["serving.mls", "training.mls", "windows.mls"] {
        let files = files(&[name]);
        let time = |no_suggest| {
            let runs = (0..20).map(|_| {
                let start = std::time::Instant::now();
                let failed = run(&files, no_suggest).files[0].assertions.len();
                start.elapsed().as_secs_f64() / failed as f64
            });
            runs.fold(f64::INFINITY, f64::min) * 1e3
        };
        let (plain, searched) = (time(true), time(false));
        println!("{name}: {:.1} ms an assertion", searched - plain);
        assert!(searched - plain < 50.0, "{name}: {plain} ms, {searched} ms");
    }
}
