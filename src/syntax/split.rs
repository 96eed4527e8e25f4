//! Cuts a text into its items before anything is parsed: a scan over bytes that knows strings, comments and brackets.
//!
//! It serves twice. A mistake in one item cannot hide the next, because each slice is parsed alone; and of a library
//! module only the items that somebody names are ever parsed.

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
    "scenario",
    "sweep",
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
    pub name: String,
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
    let mut scan =
        Scan { text, bytes: text.as_bytes(), at: from, to, file, open: vec![], slices: vec![], problems };
    scan.run();
    scan.slices
}

struct Scan<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    to: usize,
    file: FileId,
    /// Brackets not closed yet.
    open: Vec<usize>,
    slices: Vec<Slice>,
    problems: &'a mut Vec<Diagnostic>,
}

impl Scan<'_> {
    fn run(&mut self) {
        let mut line_start = true;
        let mut doc: Option<usize> = None;
        let mut too_deep = false;
        let outer = self.at;
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
            if line_start
                && (self.open.is_empty() || self.at_margin(outer))
                && let Some(keyword) = self.item_start()
            {
                self.report_open();
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
                    self.open.push(self.at);
                    self.at += 1;
                }
                b')' | b']' | b'}' => {
                    self.close(byte);
                    self.at += 1;
                }
                _ => self.at += self.text[self.at..].chars().next().map_or(1, char::len_utf8),
            }
        }
        self.report_open();
        if let Some(last) = self.slices.last_mut() {
            last.end = self.to;
        }
    }

    fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, start, end)
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
            return Some(keyword);
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
        let continues =
            matches!(first, "and" | "or" | "to" | "within" | "of" | "then" | "else" | "by" | "for" | "if");
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
        let name = name[..name.find(|c| !letters(c)).unwrap_or(name.len())].to_string();
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
        match self.open.last().map(|o| (*o, self.bytes[*o])) {
            Some((_, found)) if found == opener => {
                self.open.pop();
            }
            Some((at, found)) => {
                let (here, there) = (byte as char, found as char);
                let message = format!("`{here}` closes nothing: `{there}` is open");
                self.problems.push(
                    Diagnostic::error("mls::unclosed-delimiter", message)
                        .label(self.span(self.at, self.at + 1), format!("expected `{}`", closer(found)))
                        .label(self.span(at, at + 1), "opened here")
                        .help(format!("write `{}` before it", closer(found))),
                );
                // Take it for what it was meant to close, if anything.
                if let Some(index) = self.open.iter().rposition(|o| self.bytes[*o] == opener) {
                    self.open.truncate(index);
                }
            }
            None => self.problems.push(
                Diagnostic::error("mls::unclosed-delimiter", format!("`{}` closes nothing", byte as char))
                    .label(self.span(self.at, self.at + 1), "nothing is open here")
                    .help("remove it, or open it before"),
            ),
        }
    }

    /// Whatever is open where an item begins or the text ends was never closed.
    fn report_open(&mut self) {
        if let Some(at) = self.open.first().copied() {
            let found = self.bytes[at];
            self.problems.push(
                Diagnostic::error("mls::unclosed-delimiter", format!("`{}` is never closed", found as char))
                    .label(self.span(at, at + 1), "opened here")
                    .help(format!("close it with `{}`", closer(found))),
            );
            self.open.clear();
        }
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
