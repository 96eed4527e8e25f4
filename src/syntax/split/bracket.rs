//! Brackets that do not match: which one is missing or too much, as the layout of the lines has it.

use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::syntax::split::{OpenBracket, Splitter, word};

/// What a bracket that closes nothing lacks, and where it shows.
enum Lack {
    /// The bracket at the end of this line.
    Opener(usize, usize),
    /// The whole line above this one.
    Line(usize, usize),
}

impl Splitter<'_> {
    pub(super) fn close(&mut self, byte: u8) {
        let opener = match byte {
            b')' => b'(',
            b']' => b'[',
            _ => b'{',
        };
        let matching = self.open.iter().rposition(|o| self.bytes[o.at] == opener);
        let matching = matching.map(|index| self.by_indentation(index));
        if let Some(index) = matching {
            // Whatever was opened after it is not closed.
            self.report_open(index + 1);
            self.doubt(self.open[index].at);
            self.open.truncate(index);
            return;
        }
        let here = byte as char;
        let diagnostic = match self.open.last_mut() {
            Some(last) => {
                let at = last.at;
                if std::mem::replace(&mut last.told, true) {
                    return;
                }
                let (found, wanted) = (self.bytes[at] as char, closer(self.bytes[at]));
                let message = format!("`{here}` closes nothing: `{found}` is open");
                Diagnostic::error(codes::UNCLOSED_DELIMITER, message)
                    .label(self.span(self.at, self.at + 1), format!("expected `{wanted}`"))
                    .label(self.span(at, at + 1), "opened here")
                    .help(format!("write `{wanted}` before it, or in its place"))
            }
            None => {
                self.cut.get_or_insert(self.at);
                self.closes_nothing(opener as char, here)
            }
        };
        self.problems.push(diagnostic);
    }

    /// A bracket is closed where nothing is open.
    fn closes_nothing(&self, opener: char, closer: char) -> Diagnostic {
        let at = self.span(self.at, self.at + 1);
        let diagnostic = Diagnostic::error(codes::UNCLOSED_DELIMITER, format!("`{closer}` closes nothing"));
        let indent = |at: usize| self.indentation(self.line_start(at));
        if let Some((close, open)) = self.doubtful.filter(|(_, open)| indent(*open) == indent(self.at)) {
            let line = self.text[..open].matches('\n').count() + 1;
            return diagnostic
                .label(self.span(close, close + 1), format!("closes the `{opener}` of line {line}"))
                .label(at, "so that this closes nothing")
                .help(format!(
                    "remove one of the two, or write the `{opener}` that is missing before the first"
                ));
        }
        match self.lacks_opener() {
            Some(Lack::Opener(start, end)) => diagnostic
                .label(self.span(start, end), format!("no `{opener}` after this"))
                .label(at, "closes nothing")
                .help(format!("open it with `{opener}`, or remove the `{closer}`")),
            Some(Lack::Line(start, end)) => diagnostic
                .label(self.span(start, end), format!("no line with a `{opener}` begins this"))
                .label(at, "closes nothing")
                .help(format!(
                    "write above it what it belongs to, such as `solve NAME = SOLVER {opener}`, or remove it"
                )),
            None => diagnostic.label(at, "nothing is open here").help("remove it, or open it before"),
        }
    }

    /// What is missing above a bracket that begins a line and closes nothing: lines that are indented deeper stand
    /// between it and a line indented alike.
    fn lacks_opener(&self) -> Option<Lack> {
        let line = self.line_start(self.at);
        if !self.text[line..self.at].trim().is_empty() {
            return None;
        }
        let indent = self.indentation(line);
        let mut end = line.checked_sub(1)?;
        // The first of the deeper lines, and whether the line above it is blank.
        let (mut first, mut gap) = (None, false);
        loop {
            let start = self.line_start(end);
            let code = self.text[start..end].trim_end();
            if code.is_empty() {
                gap = true;
            } else if code.trim_start().starts_with('#') {
                gap |= self.indentation(start) <= indent;
            } else if self.indentation(start) > indent {
                (first, gap) = (Some((start + self.indentation(start), start + code.len())), false);
            } else {
                let (first, last) = (first?, code.char_indices().next_back()?);
                let whole = code.contains(['{', '(', '[', '}', ')', ']']) || gap || !opens_braces(code);
                return Some(match whole {
                    true => Lack::Line(first.0, first.1),
                    false => Lack::Opener(start + last.0, start + last.0 + last.1.len_utf8()),
                });
            }
            match start.checked_sub(1) {
                Some(above) => end = above,
                None => return first.map(|(start, end)| Lack::Line(start, end)),
            }
        }
    }

    /// Remembers a bracket that closes one of an earlier line from within a line, or from a deeper one.
    fn doubt(&mut self, open: usize) {
        let (line, opened) = (self.line_start(self.at), self.line_start(open));
        let begins = self.text[line..self.at].trim().is_empty();
        if line != opened && (!begins || self.indentation(line) > self.indentation(opened)) {
            self.doubtful = Some((self.at, open));
        }
    }

    /// A brace that begins a line closes the bracket whose line is indented like its own, where there is one.
    fn by_indentation(&self, index: usize) -> usize {
        if !self.recover {
            return index;
        }
        let blank = self.bytes[..self.at].iter().rev().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if !matches!(self.bytes[..self.at - blank].last(), None | Some(b'\n')) {
            return index;
        }
        let indent = |at: usize| self.indentation(self.line_start(at));
        let here = indent(self.at);
        if indent(self.open[index].at) <= here {
            return index;
        }
        let same =
            |o: &OpenBracket| self.bytes[o.at] == self.bytes[self.open[index].at] && indent(o.at) == here;
        self.open[..index].iter().rposition(same).unwrap_or(index)
    }

    /// An item's keyword at the start of a line cannot be inside `(` or `[`.
    pub(super) fn drop_parentheses(&mut self) {
        let braces = self.open.iter().rposition(|o| self.bytes[o.at] == b'{').map_or(0, |i| i + 1);
        if braces < self.open.len() && self.item_start().is_some_and(|k| !k.is_empty()) {
            self.report_open(braces);
            self.open.truncate(braces);
        }
    }

    /// Says that the first bracket from `index` on was never closed: behind what that was expected, and where it
    /// opened.
    pub(super) fn report_open(&mut self, index: usize) {
        let Some(open) = self.open.get(index).filter(|o| !o.told) else { return };
        let at = open.at;
        let (found, wanted) = (self.bytes[at] as char, closer(self.bytes[at]));
        let end = self.expected_close(at);
        let last = self.text[..end].char_indices().next_back().map_or(0, |(i, _)| i);
        self.problems.push(
            Diagnostic::error(codes::UNCLOSED_DELIMITER, format!("`{found}` is never closed"))
                .label(self.span(last, end), format!("expected `{wanted}` after this"))
                .label(self.span(at, at + 1), "opened here")
                .help(format!("close it with `{wanted}`")),
        );
    }

    /// Where the bracket at `open` should have been closed: before the lines are indented as little as its own.
    fn expected_close(&self, open: usize) -> usize {
        let indent = self.indentation(self.line_start(open));
        let mut end = open + 1;
        let mut start = open;
        while start < self.at {
            let rest = &self.text[start..self.at];
            let line = &rest[..rest.find('\n').unwrap_or(rest.len())];
            let code = line.trim();
            if !code.is_empty() && !code.starts_with('#') {
                if start > open && self.indentation(start) <= indent {
                    break;
                }
                end = end.max(start + line.trim_end().len());
                // A parenthesis goes on to the next line only where something is open-ended.
                let goes_on = code.ends_with(|c: char| "([{,+-*/<>=&|:?^".contains(c));
                if self.bytes[open] != b'{' && !goes_on {
                    break;
                }
            }
            start += line.len() + 1;
        }
        end
    }

    pub(super) fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |i| i + 1)
    }

    /// Blanks that a line begins with.
    pub(super) fn indentation(&self, line: usize) -> usize {
        self.bytes[line..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
    }
}

fn closer(opener: u8) -> char {
    match opener {
        b'(' => ')',
        b'[' => ']',
        _ => '}',
    }
}

/// Whether a line is the beginning of something in braces.
fn opens_braces(code: &str) -> bool {
    let plain = ["use", "assert", "warn", "show", "plot", "param", "unit", "dimension", "fn", "table"];
    word(code.trim_start()).is_some_and(|first| !plain.contains(&first))
}
