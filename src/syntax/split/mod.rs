//! Cuts a text into its items before anything is parsed: a scan over bytes that knows strings, comments and brackets.
//!
//! It serves twice. A mistake in one item cannot hide the next, because each slice is parsed alone; and of a library
//! module only the items that a plan needs are ever parsed.

mod bracket;

use std::sync::Arc;

use crate::codes;
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
pub const STATEMENT_KEYWORDS: &[&str] = &["require", "note", "infeasible", "out"];

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
        let mut splitter = Splitter {
            text,
            bytes,
            at: from,
            to,
            file,
            recover,
            open: vec![],
            doubtful: None,
            cut: None,
            slices: vec![],
            problems: vec![],
        };
        splitter.run();
        (splitter.slices, splitter.problems)
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
struct OpenBracket {
    at: usize,
    /// That it is not closed has been said.
    told: bool,
}

struct Splitter<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
    to: usize,
    file: FileId,
    /// Whether an item at the left margin ends whatever is open.
    recover: bool,
    open: Vec<OpenBracket>,
    /// A bracket of this item that closed one where it should not have, by the layout of the lines: which, and what.
    doubtful: Option<(usize, usize)>,
    /// Where the last item ends, if before a bracket that closes nothing.
    cut: Option<usize>,
    slices: Vec<Slice>,
    problems: Vec<Diagnostic>,
}

impl Splitter<'_> {
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
                    self.open.push(OpenBracket { at: self.at, told: false });
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
        let end = self.cut.take().unwrap_or(self.to);
        if let Some(last) = self.slices.last_mut() {
            last.end = end;
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
        let Some(first) = word(rest) else { return self.nameless(rest) };
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
        // `sceario "night" {`
        let text = blank.trim_start_matches([' ', '\t']).starts_with('"');
        ((second.is_some() || text) && !continues).then_some("")
    }

    /// `"night" {` at the left margin: a scenario without its keyword.
    fn nameless(&self, rest: &str) -> Option<&'static str> {
        let line = rest.lines().next().filter(|l| l.starts_with('"') && l.trim_end().ends_with('{'))?;
        (self.open.is_empty() && line.matches('"').count() == 2 && self.at == self.line_start(self.at))
            .then_some("")
    }

    fn begin(&mut self, keyword: &'static str, doc: Option<usize>) {
        let start = doc.unwrap_or(self.at);
        if self.at == self.line_start(self.at) {
            self.doubtful = None;
        }
        let end = self.cut.take().unwrap_or(start);
        if let Some(last) = self.slices.last_mut() {
            last.end = end;
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
        // `scenario "night {`: the brace is not of the text.
        let line = self.text[start..self.at].trim_end();
        if line.ends_with('{') {
            self.at = start + line.len() - 1;
        }
        self.problems.push(
            Diagnostic::error(codes::UNTERMINATED_STRING, "this text has no closing quote")
                .label(self.span(start, start + self.text[start..self.at].trim_end().len()), "opened here")
                .help("close it with `\"` on the same line"),
        );
    }
}

/// The word that a text begins with.
fn word(text: &str) -> Option<&str> {
    let end = text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
    let starts = text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    (starts && end > 0).then(|| &text[..end])
}
