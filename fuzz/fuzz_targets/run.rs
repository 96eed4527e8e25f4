//! Any text runs or is diagnosed: no panic, no hang, no value that is not a number, a place for every diagnostic.

#![no_main]

use libfuzzer_sys::fuzz_target;
use mlsys::outcome::Datum;
use mlsys::report::terminal::{Style, render};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;

fuzz_target!(|text: &str| {
    let memory = Memory::with("main.mls", text);
    let outcome = Session::new(&memory, Options::default()).run(&["main.mls".into()]);
    for diagnostic in &outcome.diagnostics {
        assert!(diagnostic.span().is_some(), "`{}` has no place", diagnostic.message);
        render(diagnostic, &outcome.sources, Style::default());
    }
    if outcome.exit_code(false) < 2 {
        let outputs = outcome.files.iter().flat_map(|f| &f.solves).flat_map(|s| &s.outputs).map(|(_, d)| d);
        let shown = outcome.files.iter().flat_map(|f| &f.shows).map(|s| &s.value);
        assert!(outputs.chain(shown).all(is_finite), "a value that is not a number");
    }
});

fn is_finite(datum: &Datum) -> bool {
    match datum {
        Datum::Quantity { value, .. } => value.is_finite(),
        Datum::List(items) => items.iter().all(is_finite),
        Datum::Table { rows, .. } => rows.iter().flatten().all(is_finite),
        Datum::Record { fields, .. } => fields.iter().all(|(_, d)| is_finite(d)),
        Datum::Bool(_) | Datum::Text(_) | Datum::Absent => true,
    }
}
