//! `mlsys check --fix`: the changes that diagnostics are sure of, written into the files.

use std::fs;
use std::path::Path;

use crate::cli::fmt::replace;
use crate::cli::output::print;
use crate::diagnostic::{Diagnostic, Edit};
use crate::disk::STDIN;
use crate::outcome::Outcome;
use crate::source::{Sources, Span};

/// Applies the edits of an outcome to those of the files that were given, prints each, and answers how many.
///
/// # Errors
/// What a file is that cannot be written.
pub fn fix(outcome: &Outcome, paths: &[String]) -> Result<usize, String> {
    let sources = &outcome.sources;
    let mut count = 0;
    for path in paths.iter().filter(|p| *p != STDIN) {
        let edits = edits_of(path, outcome);
        let Some((_, Edit { span, .. })) = edits.first() else { continue };
        let checked = &sources.file(span.file).text;
        let mut text = checked.to_string();
        let now = fs::read_to_string(path).map_err(|e| format!("`{path}` cannot be read: {e}"))?;
        let Some(mark) = now.strip_suffix(&**checked).filter(|mark| mark.is_empty() || *mark == "\u{feff}")
        else {
            return Err(format!("`{path}` has changed since it was checked"));
        };
        for (_, edit) in edits.iter().rev() {
            text.replace_range(edit.span.range(), &edit.text);
        }
        text.insert_str(0, mark);
        replace(Path::new(path), &text).map_err(|e| format!("`{path}` cannot be written: {e}"))?;
        for (diagnostic, edit) in &edits {
            print(&told(diagnostic, edit, sources));
        }
        count += edits.len();
    }
    Ok(count)
}

/// The edits in one file, by their places; of two that overlap the first.
fn edits_of<'o>(path: &str, outcome: &'o Outcome) -> Vec<(&'o Diagnostic, &'o Edit)> {
    let of_file = |span: Span| *outcome.sources.file(span.file).path == *path;
    let whole = outcome.diagnostics.iter().filter(|d| d.edits().all(|e| of_file(e.span)));
    let mut edits: Vec<_> = whole.flat_map(|d| d.edits().map(move |e| (d, e))).collect();
    edits.sort_by_key(|(_, e)| (e.span.start, e.span.end));
    let mut end = None;
    edits.retain(|(_, e)| {
        let apart = end.is_none_or(|end| e.span.start > end || e.span.start == end && !e.span.is_empty());
        if apart {
            end = Some(e.span.end);
        }
        apart
    });
    edits
}

/// `plan.mls:3:14: `&&` is now `and` (mls::foreign-syntax)`
fn told(diagnostic: &Diagnostic, edit: &Edit, sources: &Sources) -> String {
    let path = &sources.file(edit.span.file).path;
    let (line, column) = sources.line_column(edit.span);
    let (old, new) = (sources.text(edit.span), edit.text.trim());
    let what = match (old.is_empty(), new.is_empty()) {
        (true, _) => format!("`{new}` put in"),
        (_, true) => format!("`{old}` taken out"),
        _ => format!("`{old}` is now `{new}`"),
    };
    format!("{path}:{line}:{column}: {what} ({})\n", diagnostic.code)
}
