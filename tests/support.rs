//! What several test modules share.

use mlsys::engine::outcome::{Datum, Outcome};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

/// Runs one text as `main.mls`.
pub fn run(text: &str) -> Outcome {
    run_with(text, &[])
}

/// The same with `--set`.
pub fn run_with(text: &str, set: &[(&str, &str)]) -> Outcome {
    let memory = Memory::with("main.mls", text);
    let set = set.iter().map(|(n, v)| (n.to_string(), v.to_string())).collect();
    Session::new(&memory, Options { set }).run(&["main.mls".into()])
}

/// The value of an output of a solve, in base units.
pub fn output(outcome: &Outcome, solve: &str, name: &str) -> Datum {
    let solves = outcome.files.iter().flat_map(|f| &f.solves);
    let found = solves.filter(|s| s.name == solve).flat_map(|s| &s.outputs).find(|(n, _)| n == name);
    found.unwrap_or_else(|| panic!("no {solve}.{name}: {:#?}", outcome.diagnostics)).1.clone()
}

/// The codes of all diagnostics.
pub fn codes(outcome: &Outcome) -> Vec<&'static str> {
    outcome.diagnostics.iter().map(|d| d.code).collect()
}
