//! The formatter: one way to lay out a scenario. Line breaks and comments stay where the author put them; indentation,
//! blanks and the alignment of columns are ours.
//!
//! Tokens come from a scan of the text; the parser says which stretches are one token (a quantity with its unit, a text)
//! and where statements and fields begin, so that what continues a line is indented below it.

mod layout;
mod token;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// The text of a file, laid out. A text that does not parse is left alone: the answer says what is wrong with it.
pub fn format(file: FileId, text: &str) -> Result<String, Vec<Diagnostic>> {
    let tokens = token::tokens(file, text)?;
    let laid_out = layout::lay_out(&tokens);
    // Whatever the rules of layout do, what was written must still be what is read.
    let unchanged = token::tokens(file, &laid_out).is_ok_and(|again| token::same(&tokens, &again));
    if unchanged {
        return Ok(laid_out);
    }
    Err(vec![
        Diagnostic::error("mls::format-unsure", "this file cannot be laid out without changing what it says")
            .label(Span::new(file, 0, 0), "left as it is")
            .help("this is a mistake of mlsys: please report the file"),
    ])
}
