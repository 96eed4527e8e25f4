//! The tokens of a text with the line breaks between them.

use pest::iterators::Pair;

use crate::diagnostic::{Diagnostic, Severity};
use crate::source::FileId;
use crate::syntax::grammar::{Rule, read};
use crate::syntax::one_line::separated;
use crate::syntax::parse::parse_file;
use crate::syntax::split::split;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or keyword.
    Word,
    /// One token by the grammar, whatever is in it: a quantity, a text, the generics of a function.
    Atom,
    Mark,
    Comment,
}

#[derive(Clone, Debug)]
pub struct Token {
    pub kind: Kind,
    pub text: String,
    /// Line breaks before it: 0 on the line of the token before, 2 or more after an empty line.
    pub breaks: usize,
    /// Blanks before it, on its line.
    pub blanks: usize,
    /// An item, statement, field or other element begins here.
    pub begins: bool,
}

impl Token {
    pub fn is(&self, text: &str) -> bool {
        self.kind != Kind::Comment && self.kind != Kind::Atom && self.text == text
    }
}

/// True when two texts say the same: the same tokens, blanks aside.
pub fn same(a: &[Token], b: &[Token]) -> bool {
    let alike = |(a, b): (&Token, &Token)| a.kind == b.kind && a.text == b.text && a.begins == b.begins;
    a.len() == b.len() && a.iter().zip(b).all(alike)
}

/// The tokens of a text that parses.
pub fn tokens(file: FileId, text: &str) -> Result<Vec<Token>, Vec<Diagnostic>> {
    let (_, problems) = parse_file(file, text);
    if problems.iter().any(|p| p.severity == Severity::Error) {
        return Err(problems);
    }
    let mut marks = Marks::default();
    marks.items(file, text, 0, text.len());
    marks.atoms.sort_unstable();
    marks.begins.sort_unstable();
    Ok(Tokenizer { text, marks, at: 0 }.run())
}

/// What the parser knows of a text.
#[derive(Default)]
struct Marks {
    /// Start and end of what is one token.
    atoms: Vec<(usize, usize)>,
    /// Where elements begin.
    begins: Vec<usize>,
}

impl Marks {
    fn items(&mut self, file: FileId, text: &str, from: usize, to: usize) {
        let mut ignored = vec![];
        for slice in split(text, from, to, file, &mut ignored) {
            self.begins.push(slice.body);
            if let Ok(pairs) = read(Rule::one_item, &separated(&text[slice.body..slice.end])) {
                pairs.for_each(|pair| self.pair(file, text, slice.body, pair));
            }
        }
    }

    fn pair(&mut self, file: FileId, text: &str, offset: usize, pair: Pair<Rule>) {
        let (start, end) = (offset + pair.as_span().start(), offset + pair.as_span().end());
        let rule = pair.as_rule();
        match rule {
            Rule::quantity
            | Rule::string
            | Rule::unit_expr
            | Rule::unit_per
            | Rule::unit_name
            | Rule::generics => {
                self.atoms.push((start, end));
                return;
            }
            Rule::scenario_body => {
                // Its text runs to the end of the item: the last brace closes the scenario.
                let close = text[start..end].rfind('}').map_or(end, |at| start + at);
                return self.items(file, text, start, close);
            }
            Rule::field
            | Rule::type_field
            | Rule::statement
            | Rule::axis
            | Rule::arm
            | Rule::parameter
            | Rule::argument
            | Rule::use_name
            | Rule::table_row => self.begins.push(start),
            _ => {}
        }
        for inner in pair.into_inner() {
            let of_list = matches!(
                (rule, inner.as_rule()),
                (Rule::block | Rule::list, Rule::expr | Rule::let_item) | (Rule::enum_item, Rule::ident)
            );
            if of_list {
                self.begins.push(offset + inner.as_span().start());
            }
            self.pair(file, text, offset, inner);
        }
    }

    /// The end of the token that begins at `at`, if the parser knows one.
    fn atom_at(&self, at: usize) -> Option<usize> {
        let index = self.atoms.partition_point(|(start, _)| *start < at);
        // Of several that begin here the longest is the whole one, and it comes last.
        self.atoms[index..].iter().take_while(|(start, _)| *start == at).last().map(|(_, end)| *end)
    }
}

struct Tokenizer<'t> {
    text: &'t str,
    marks: Marks,
    at: usize,
}

/// Marks of several characters, longer ones first.
const MARKS: &[&str] = &["...", "..", "->", "==", "!=", "<=", ">=", "??"];

impl Tokenizer<'_> {
    fn run(mut self) -> Vec<Token> {
        let mut tokens = vec![];
        loop {
            let (breaks, blanks) = self.skip_blanks();
            let Some(next) = self.text[self.at..].chars().next() else { return tokens };
            let start = self.at;
            let kind = self.advance(next);
            let text = self.text[start..self.at].trim_end();
            let text = if kind == Kind::Atom { single_blanks(text) } else { text.to_string() };
            let begins = self.marks.begins.binary_search(&start).is_ok();
            tokens.push(Token { kind, text, breaks, blanks, begins });
        }
    }

    fn skip_blanks(&mut self) -> (usize, usize) {
        let (mut breaks, mut blanks) = (0, 0);
        while let Some(c) = self.text[self.at..].chars().next() {
            match c {
                '\n' => (breaks, blanks) = (breaks + 1, 0),
                ' ' | '\t' | '\r' | '\u{feff}' => blanks += 1,
                _ => break,
            }
            self.at += c.len_utf8();
        }
        (breaks, blanks)
    }

    fn advance(&mut self, next: char) -> Kind {
        let rest = &self.text[self.at..];
        if next == '#' {
            self.at += rest.find('\n').unwrap_or(rest.len());
            return Kind::Comment;
        }
        if let Some(end) = self.marks.atom_at(self.at) {
            self.at = end;
            return Kind::Atom;
        }
        let word = |c: char| c.is_alphanumeric() || c == '_';
        if word(next) {
            self.at += rest.find(|c| !word(c)).unwrap_or(rest.len());
            return Kind::Word;
        }
        self.at += MARKS.iter().find(|m| rest.starts_with(**m)).map_or(next.len_utf8(), |m| m.len());
        Kind::Mark
    }
}

/// `80   GB` is `80 GB`; the blanks inside a text are its own.
fn single_blanks(text: &str) -> String {
    if text.starts_with('"') {
        return text.to_string();
    }
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
