//! Cuts a text into its items before anything is parsed: a scan over bytes that knows strings, comments and brackets.
//!
//! It serves twice. A mistake in one item cannot hide the next, because each slice is parsed alone; and of a library
//! module only the items that somebody names are ever parsed.

use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Words that begin an item.
pub const ITEM_KEYWORDS: &[&str] = &[
    "use",
    "param",
    "let",
    "unit",
    "dimension",
    "type",
    "enum",
    "fn",
    "table",
    "solver",
    "solve",
    "assert",
    "warn",
    "show",
    "plot",
    "scenario",
    "sweep",
    "optimize",
];

/// Words that begin a statement of a solver and nothing at the top of a file.
const STATEMENT_KEYWORDS: &[&str] = &["require", "note", "out"];

/// Brackets within brackets; deeper text is a mistake, and would cost stack in every later stage.
pub const DEPTH_LIMIT: usize = 128;

/// The text of one item, its documentation comment included.
#[derive(Clone, Debug, PartialEq)]
pub struct Slice {
    /// The keyword; `""` for `KIND NAME ..` and for what begins like no item.
    pub keyword: &'static str,
    /// What it declares, if that can be read.
    pub name: Arc<str>,
    pub start: usize,
    /// Where the item itself begins, after its documentation.
    pub body: usize,
    pub end: usize,
}

/// The items of a well-formed text.
pub fn outline(text: &str) -> Vec<Slice> {
    let mut ignored = vec![];
    split(text, 0, text.len(), FileId(0), &mut ignored)
}

/// The items between `from` and `to`. What is wrong with quotes and brackets goes to `problems`.
pub(super) fn split(
    text: &str,
    from: usize,
    to: usize,
    file: FileId,
    problems: &mut Vec<Diagnostic>,
) -> Vec<Slice> {
    let scan = |recover| {
        let bytes = text.as_bytes();
        let mut scan =
            Scan { text, bytes, at: from, to, file, recover, open: vec![], slices: vec![], problems: vec![] };
        scan.run();
        (scan.slices, scan.problems)
    };
    let (mut slices, mut found) = scan(false);
    if !found.is_empty() {
        // Only where brackets do not match may the layout of the lines say which one is missing.
        let recovered = scan(true);
        if !recovered.1.is_empty() {
            (slices, found) = recovered;
        }
    }
    problems.append(&mut found);
    slices
}

/// A bracket not closed yet.
struct Open {
    at: usize,
    /// That it is not closed has been said.
    told: bool,
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    to: usize,
    file: FileId,
    /// Whether an item at the left margin ends whatever is open.
    recover: bool,
    open: Vec<Open>,
    slices: Vec<Slice>,
    problems: Vec<Diagnostic>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut line_start = true;
        let mut doc: Option<usize> = None;
        let mut too_deep = false;
        let outer = self.at;
        // A mark of the byte order, as some editors write it.
        if self.text[self.at..self.to].starts_with('\u{feff}') {
            self.at += '\u{feff}'.len_utf8();
        }
        while self.at < self.to {
            let byte = self.bytes[self.at];
            match byte {
                b'\n' => {
                    line_start = true;
                    self.at += 1;
                    continue;
                }
                b' ' | b'\t' | b'\r' => {
                    self.at += 1;
                    continue;
                }
                b'#' => {
                    if line_start && self.text[self.at..].starts_with("##") && self.open.is_empty() {
                        doc.get_or_insert(self.at);
                    }
                    self.skip_line();
                    continue;
                }
                _ => {}
            }
            if line_start && self.recover {
                self.drop_parentheses();
            }
            if line_start
                && (self.open.is_empty() || self.recover && self.at_margin(outer))
                && let Some(keyword) = self.item_start()
            {
                self.report_open(0);
                self.open.clear();
                self.begin(keyword, doc);
            }
            if self.slices.is_empty() {
                self.begin("", doc);
            }
            doc = None;
            line_start = false;
            match byte {
                b'"' => self.string(),
                b'(' | b'[' | b'{' => {
                    if self.open.len() == DEPTH_LIMIT && !std::mem::replace(&mut too_deep, true) {
                        self.problems.push(
                            Diagnostic::error("mls::nesting-too-deep", "brackets are nested too deep")
                                .label(self.span(self.at, self.at + 1), format!("level {}", DEPTH_LIMIT + 1))
                                .help("give the inner parts names with `let`"),
                        );
                    }
                    self.open.push(Open { at: self.at, told: false });
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    self.close(byte);
                    self.at += 1;
                }
                _ => self.skip_plain(),
            }
        }
        self.report_open(0);
        if let Some(last) = self.slices.last_mut() {
            last.end = self.to;
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
    }

    /// What is neither a line break nor a comment, quote or bracket. The text is cut at bytes of one character only.
    fn skip_plain(&mut self) {
        let marks = |b: &u8| matches!(b, b'\n' | b'#' | b'"' | b'(' | b')' | b'[' | b']' | b'{' | b'}');
        let rest = &self.bytes[self.at..self.to];
        self.at += rest.iter().position(marks).unwrap_or(rest.len()).max(1);
    }

    fn skip_line(&mut self) {
        let rest = &self.text[self.at..self.to];
        self.at += rest.find('\n').unwrap_or(rest.len());
    }

    /// A line that begins at the left margin: there nothing continues a bracket of an item.
    fn at_margin(&self, outer: usize) -> bool {
        outer == 0 && (self.at == 0 || self.bytes[self.at - 1] == b'\n')
    }

    /// The keyword of the item that begins here, `""` for `KIND NAME`.
    fn item_start(&self) -> Option<&'static str> {
        let rest = &self.text[self.at..self.to];
        let first = word(rest)?;
        if let Some(keyword) = ITEM_KEYWORDS.iter().find(|k| **k == first) {
            // `unit: 3` is a field.
            return (!rest[first.len()..].trim_start().starts_with(':')).then_some(keyword);
        }
        if !self.open.is_empty() {
            // `}` is missing, or this is a field: only a declaration that cannot be a field counts.
            let second = word(rest[first.len()..].trim_start_matches([' ', '\t']))?;
            let after = rest[first.len()..].trim_start_matches([' ', '\t'])[second.len()..].trim_start();
            let declares = after.starts_with('{') || after.starts_with("= ");
            return (declares && !STATEMENT_KEYWORDS.contains(&first)).then_some("");
        }
        let blank = &rest[first.len()..];
        let second = word(blank.trim_start_matches([' ', '\t']));
        // A word alone at the start of a line may be a misspelt keyword; an operator would continue the last item.
        let continues = matches!(
            first,
            "and"
                | "or"
                | "to"
                | "within"
                | "of"
                | "then"
                | "else"
                | "by"
                | "for"
                | "if"
                | "over"
                | "where"
                | "minimize"
                | "maximize"
        ) || (first, second) == ("sort", Some("by"));
        (second.is_some() && !continues).then_some("")
    }

    fn begin(&mut self, keyword: &'static str, doc: Option<usize>) {
        let start = doc.unwrap_or(self.at);
        if let Some(last) = self.slices.last_mut() {
            last.end = start;
        }
        let rest = &self.text[self.at..self.to];
        let skip = if keyword.is_empty() { word(rest).map_or(0, str::len) } else { keyword.len() };
        let name = rest[skip..].trim_start_matches([' ', '\t']);
        let letters = |c: char| c.is_alphanumeric() || "_%$µ".contains(c);
        let name = name[..name.find(|c| !letters(c)).unwrap_or(name.len())].into();
        self.slices.push(Slice { keyword, name, start, body: self.at, end: self.to });
    }

    fn string(&mut self) {
        let start = self.at;
        self.at += 1;
        while self.at < self.to {
            match self.bytes[self.at] {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' if self.at + 1 < self.to && self.bytes[self.at + 1].is_ascii() => self.at += 2,
                b'\n' => break,
                _ => self.at += 1,
            }
        }
        self.at = self.at.min(self.to);
        self.problems.push(
            Diagnostic::error("mls::unterminated-string", "this text has no closing quote")
                .label(self.span(start, self.at), "opened here")
                .help("close it with `\"` on the same line"),
        );
    }

    fn close(&mut self, byte: u8) {
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
                Diagnostic::error("mls::unclosed-delimiter", message)
                    .label(self.span(self.at, self.at + 1), format!("expected `{wanted}`"))
                    .label(self.span(at, at + 1), "opened here")
                    .help(format!("write `{wanted}` before it, or in its place"))
            }
            None => {
                let at = self.span(self.at, self.at + 1);
                let diagnostic =
                    Diagnostic::error("mls::unclosed-delimiter", format!("`{here}` closes nothing"));
                let opener = opener as char;
                match self.lacks_opener() {
                    Some((start, end)) => diagnostic
                        .label(self.span(start, end), format!("no `{opener}` after this"))
                        .label(at, "closes nothing")
                        .help(format!("open it with `{opener}`, or remove the `{here}`")),
                    None => diagnostic.label(at, "nothing is open here").help("remove it, or open it before"),
                }
            }
        };
        self.problems.push(diagnostic);
    }

    /// The last character of the line that should have opened the bracket which begins this line: the one above it
    /// that is indented alike, with deeper lines between, and opens nothing.
    fn lacks_opener(&self) -> Option<(usize, usize)> {
        let line = self.line_start(self.at);
        if !self.text[line..self.at].trim().is_empty() {
            return None;
        }
        let indent = self.indentation(line);
        let mut end = line.checked_sub(1)?;
        let mut between = 0;
        loop {
            let start = self.line_start(end);
            let code = self.text[start..end].trim();
            if !code.is_empty() && !code.starts_with('#') && self.indentation(start) <= indent {
                let opens = code.contains(['{', '(', '[', '}', ')', ']']);
                let last =
                    self.text[..start + self.text[start..end].trim_end().len()].char_indices().next_back();
                return last.filter(|_| between > 0 && !opens).map(|(i, c)| (i, i + c.len_utf8()));
            }
            between += 1;
            end = start.checked_sub(1)?;
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
        let same = |o: &Open| self.bytes[o.at] == self.bytes[self.open[index].at] && indent(o.at) == here;
        self.open[..index].iter().rposition(same).unwrap_or(index)
    }

    /// An item's keyword at the start of a line cannot be inside `(` or `[`.
    fn drop_parentheses(&mut self) {
        let braces = self.open.iter().rposition(|o| self.bytes[o.at] == b'{').map_or(0, |i| i + 1);
        if braces < self.open.len() && self.item_start().is_some_and(|k| !k.is_empty()) {
            self.report_open(braces);
            self.open.truncate(braces);
        }
    }

    /// Says that the first bracket from `index` on was never closed: behind what that was expected, and where it
    /// opened.
    fn report_open(&mut self, index: usize) {
        let Some(open) = self.open.get(index).filter(|o| !o.told) else { return };
        let at = open.at;
        let (found, wanted) = (self.bytes[at] as char, closer(self.bytes[at]));
        let end = self.expected_close(at);
        let last = self.text[..end].char_indices().next_back().map_or(0, |(i, _)| i);
        self.problems.push(
            Diagnostic::error("mls::unclosed-delimiter", format!("`{found}` is never closed"))
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

    fn line_start(&self, at: usize) -> usize {
        self.text[..at].rfind('\n').map_or(0, |i| i + 1)
    }

    /// Blanks that a line begins with.
    fn indentation(&self, line: usize) -> usize {
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

/// The word that a text begins with.
fn word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (starts && end > 0).then(|| &text[..end])
}
