//! The place where a parse broke, and what stands around it.

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Where a parse broke.
pub(super) struct ParseStop<'a> {
    pub file: FileId,
    pub text: &'a str,
    pub offset: usize,
    pub at: usize,
    pub context: &'a str,
}

impl ParseStop<'_> {
    pub(super) fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, self.offset + start, self.offset + end)
    }

    /// The token at the place: a word, a number, a string, or one character.
    pub(super) fn token(&self) -> &str {
        let rest = self.rest();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match rest.chars().next() {
            None => 0,
            Some('"') => rest[1..].find(['"', '\n']).map_or(rest.len(), |i| i + 2),
            Some(c) if word(c) => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            Some(c) => c.len_utf8(),
        };
        &rest[..end.min(rest.len())]
    }

    /// Where to point: at the token, or where there is none at the last one before.
    pub(super) fn token_span(&self) -> Span {
        let (end, last) = (self.before().len(), self.last_token().len());
        match self.token() {
            "" => self.span(end - last, end),
            token => self.span(self.at, self.at + token.len()),
        }
    }

    /// The token that stands before the place.
    pub(super) fn last_token(&self) -> &str {
        let before = self.before();
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let start = match before.chars().next_back() {
            None => 0,
            Some(c) if word(c) => {
                before.char_indices().rev().take_while(|(_, c)| word(*c)).last().map_or(0, |(i, _)| i)
            }
            Some(c) => before.len() - c.len_utf8(),
        };
        &before[start..]
    }

    /// What stands before the place, without blanks and comments.
    pub(super) fn before(&self) -> &str {
        let mut before = self.text[..self.at].trim_end();
        loop {
            let line = before.rfind('\n').map_or(0, |i| i + 1);
            match comment_start(&before[line..]) {
                Some(comment) => before = before[..line + comment].trim_end(),
                None => return before,
            }
        }
    }

    pub(super) fn error(
        &self,
        code: &'static str,
        message: impl Into<String>,
        label: &str,
        help: String,
    ) -> Diagnostic {
        Diagnostic::error(code, message).label(self.token_span(), label).help(help)
    }
}

/// Where the comment of a line begins: at a `#` outside of quotes.
fn comment_start(line: &str) -> Option<usize> {
    let mut quoted = false;
    line.char_indices().find_map(|(at, c)| {
        quoted ^= c == '"';
        (c == '#' && !quoted).then_some(at)
    })
}

/// Length of the blanks and comments that a text begins with.
pub(super) fn leading_blank(text: &str) -> usize {
    let mut rest = text;
    loop {
        rest = rest.trim_start();
        match rest.strip_prefix('#') {
            Some(comment) => rest = comment.find('\n').map_or("", |i| &comment[i..]),
            None => return text.len() - rest.len(),
        }
    }
}

pub(super) fn first_line(text: &str) -> &str {
    let line =
        text.trim_start().lines().next().unwrap_or("").trim_end().trim_end_matches([',', '}']).trim_end();
    if line.len() > 40 { ".." } else { line }
}
