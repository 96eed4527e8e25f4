//! The library itself: everything checks and evaluates.
#![cfg(feature = "cli")]

use mlsys::catalogue::problems;
use mlsys::outcome::Outcome;
use mlsys::report::terminal::{Style, render};
use mlsys::source::Library;

#[test]
fn nothing_is_wrong_with_the_library() {
    let Outcome { sources, diagnostics: problems, .. } = problems(Library::embedded());
    let text: Vec<String> = problems.iter().map(|d| render(d, &sources, Style::default())).collect();
    assert!(problems.is_empty(), "{}", text.join("\n"));
}
