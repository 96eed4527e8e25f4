//! Expressions as text: as they are written, without comments and line breaks.

use crate::check::program::{Expr, ExprKind};
use crate::source::Sources;

/// What stands in place of a line break.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mark {
    /// Before a statement of a block: there a number and a name would be read as one.
    Line,
    /// After an arm of a `match`, for the same reason.
    Comma,
}

/// The text of an expression on one line, the statements of a block separated by `; `.
pub fn one_line(sources: &Sources, e: &Expr) -> String {
    statements(sources, e).replace('\n', "; ")
}

/// The same where it is `most` characters or fewer.
pub fn fitting_line(sources: &Sources, e: &Expr, most: usize) -> Option<String> {
    Some(one_line(sources, e)).filter(|line| line.chars().count() <= most)
}

/// The same cut to `most` characters.
pub fn cut_line(sources: &Sources, e: &Expr, most: usize) -> String {
    let line = one_line(sources, e);
    match line.chars().count() > most {
        true => line.chars().take(most - 3).chain("..".chars()).collect(),
        false => line,
    }
}

/// The text of an expression on one line; but each statement of a block begins one, and arms of a `match` are separated
/// by commas.
pub fn statements(sources: &Sources, e: &Expr) -> String {
    let text = sources.text(e.span);
    let mut marks = vec![];
    find_marks(text, e.span.start as usize, e, &mut marks);
    let mut out = String::new();
    let mut end = 0;
    for word in text.lines().flat_map(|line| code(line).split_whitespace()) {
        let start = word.as_ptr() as usize - text.as_ptr() as usize;
        // `f(` on one line and its arguments on the next.
        let wrapped = text[end..start].contains('\n');
        let inside = wrapped && (out.ends_with(['(', '[']) || word.starts_with([')', ']']));
        let marked = |at: usize, mark: Mark| marks.contains(&(at, mark));
        out.push_str(match (out.is_empty(), marked(start, Mark::Line), marked(end, Mark::Comma)) {
            (true, ..) => "",
            (_, true, _) => "\n",
            (_, _, true) => ", ",
            _ if inside => "",
            _ => " ",
        });
        out.push_str(word);
        end = start + word.len();
    }
    out
}

/// Marks by their bytes in a text that begins at `from`.
fn find_marks(text: &str, from: usize, e: &Expr, marks: &mut Vec<(usize, Mark)>) {
    let place = |at: u32| (at as usize).saturating_sub(from);
    match &e.kind {
        ExprKind::Block { lets, value } => {
            for (_, next) in lets.iter().skip(1) {
                let before = text.get(..place(next.span.start)).unwrap_or("");
                marks.extend(before.rfind("let").map(|at| (at, Mark::Line)));
            }
            marks.push((place(value.span.start), Mark::Line));
        }
        ExprKind::Match { arms, .. } => {
            for (_, arm) in arms.iter().rev().skip(1) {
                let end = text.get(..place(arm.span.end)).unwrap_or("").trim_end().len();
                if !text[end..].trim_start().starts_with(',') {
                    marks.push((end, Mark::Comma));
                }
            }
        }
        _ => {}
    }
    e.for_each_child(&mut |child| find_marks(text, from, child, marks));
}

/// A line up to its comment.
fn code(line: &str) -> &str {
    let (mut quoted, mut escaped) = (false, false);
    for (index, c) in line.char_indices() {
        match c {
            '#' if !quoted => return &line[..index],
            '"' if !escaped => quoted = !quoted,
            _ => {}
        }
        escaped = c == '\\' && !escaped;
    }
    line
}
