//! What all reports have in common: which scenarios a file has, whose diagnostic is whose, words for a reader.

use crate::diagnostic::Diagnostic;
use crate::outcome::{FileOutcome, Outcome};
use crate::source::{Origin, Sources};

/// The scenarios of a file in the order in which they are met; `None`, for what stands outside of any, is first.
pub fn scenarios(file: &FileOutcome) -> Vec<Option<&str>> {
    let solves = file.solves.iter().map(|s| s.scenario.as_deref());
    let shows = file.shows.iter().map(|s| s.scenario.as_deref());
    let sweeps = file.sweeps.iter().map(|s| s.scenario.as_deref());
    let assertions = file.assertions.iter().map(|a| a.scenario.as_deref());
    let mut found = vec![None];
    let shows = shows.chain(file.plots.iter().map(|p| p.scenario.as_deref()));
    for scenario in solves.chain(shows).chain(sweeps).chain(assertions) {
        if !found.contains(&scenario) {
            found.push(scenario);
        }
    }
    found
}

/// Everything that is wrong with a run: its diagnostics, then the assertions that failed.
pub fn findings(outcome: &Outcome) -> impl Iterator<Item = &Diagnostic> {
    let failures = outcome.files.iter().flat_map(|f| &f.assertions).filter_map(|a| a.failure.as_ref());
    outcome.diagnostics.iter().chain(failures)
}

/// Which label of a diagnostic lies in a file of the user's: what lies in the library or on the command line is in no
/// checkout.
pub fn own_label(diagnostic: &Diagnostic, sources: &Sources) -> Option<usize> {
    diagnostic.labels.iter().position(|l| sources.file(l.span.file).origin == Origin::User)
}

/// The file that a diagnostic without such a place belongs to.
pub fn home<'o>(outcome: &'o Outcome, diagnostic: &Diagnostic) -> Option<&'o str> {
    let told = outcome.files.iter().find(|f| f.diagnostics.contains(diagnostic));
    told.or(outcome.files.first()).map(|f| f.path.as_str())
}

/// The message, the notes and the help, a paragraph each.
pub fn paragraphs(diagnostic: &Diagnostic) -> Vec<String> {
    let help = diagnostic.help.iter().map(|h| format!("help: {h}"));
    std::iter::once(diagnostic.message.clone()).chain(diagnostic.notes.iter().cloned()).chain(help).collect()
}

/// A text without control characters: a terminal, a log or a browser would act upon them. Line ends and tabs stay.
pub fn printable(text: &str) -> String {
    let keep =
        |c: char| matches!(c, '\n' | '\t') || !(c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}'));
    text.replace("\r\n", "\n").chars().map(|c| if keep(c) { c } else { '\u{fffd}' }).collect()
}

/// The same on one line.
pub fn one_line(text: &str) -> String {
    printable(text).split_whitespace().collect::<Vec<_>>().join(" ")
}
