//! JSON with the place of every value, so that diagnostics can point into the file.
//!
//! Not serde_json, which keeps no places, and which refuses the `Infinity` and `NaN` that Python writes into
//! configurations. Nothing is lost: of members with the same name the last one counts, as in Python.

use indexmap::IndexMap;

use crate::diagnostic::Diagnostic;
use crate::source::{FileId, Span};

/// Values inside values.
const DEPTH: usize = 64;

#[derive(Clone, Debug)]
pub struct Json {
    pub kind: Kind,
    pub span: Span,
}

#[derive(Clone, Debug)]
pub enum Kind {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    List(Vec<Json>),
    Object(Object),
}

pub type Object = IndexMap<String, Json>;

impl Json {
    /// What it is, for messages.
    pub fn describe(&self) -> &'static str {
        match self.kind {
            Kind::Null => "null",
            Kind::Bool(_) => "true or false",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a text",
            Kind::List(_) => "a list",
            Kind::Object(_) => "an object",
        }
    }

    pub fn object(&self) -> Option<&Object> {
        match &self.kind {
            Kind::Object(object) => Some(object),
            _ => None,
        }
    }

    pub fn list(&self) -> Option<&[Json]> {
        match &self.kind {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    pub fn text(&self) -> Option<&str> {
        match &self.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    pub fn number(&self) -> Option<f64> {
        match self.kind {
            Kind::Number(number) => Some(number),
            _ => None,
        }
    }
}

/// Reads a whole text as one value.
pub fn parse(file: FileId, text: &str) -> Result<Json, Diagnostic> {
    let mut reader = Reader { file, text, at: if text.starts_with('\u{FEFF}') { 3 } else { 0 } };
    reader.blanks();
    let value = reader.value(0)?;
    reader.blanks();
    match reader.at == text.len() {
        true => Ok(value),
        false => Err(reader.wrong("the end of the file")),
    }
}

struct Reader<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
}

impl Reader<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn blanks(&mut self) {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.peek() {
            self.at += 1;
        }
    }

    fn span(&self, start: usize) -> Span {
        Span::new(self.file, start, self.at)
    }

    fn wrong(&self, expected: &str) -> Diagnostic {
        let next = self.rest().chars().next();
        let found = match next {
            Some(c) if !c.is_control() => format!("`{c}`"),
            Some(_) => "a control character".into(),
            None => "the end of the file".into(),
        };
        let span = Span::new(self.file, self.at, self.at + next.map_or(0, char::len_utf8));
        Diagnostic::error(
            "mls::malformed-json",
            format!("this is not JSON: expected {expected}, found {found}"),
        )
        .label(span, format!("expected {expected}"))
        .help("`import` reads the `config.json` of a Hugging Face model as it was published")
    }

    fn value(&mut self, depth: usize) -> Result<Json, Diagnostic> {
        let start = self.at;
        let kind = match self.peek() {
            Some(b'{' | b'[') if depth == DEPTH => {
                return Err(self.wrong(&format!("no more than {DEPTH} values inside one another")));
            }
            Some(b'{') => Kind::Object(self.object(depth)?),
            Some(b'[') => Kind::List(self.list(depth)?),
            Some(b'"') => Kind::Text(self.string()?),
            Some(b'-' | b'0'..=b'9') if !self.rest().starts_with("-I") => Kind::Number(self.number()?),
            _ => self.word()?,
        };
        Ok(Json { kind, span: self.span(start) })
    }

    fn word(&mut self) -> Result<Kind, Diagnostic> {
        let words = [
            ("null", Kind::Null),
            ("true", Kind::Bool(true)),
            ("false", Kind::Bool(false)),
            ("NaN", Kind::Number(f64::NAN)),
            ("Infinity", Kind::Number(f64::INFINITY)),
            ("-Infinity", Kind::Number(f64::NEG_INFINITY)),
        ];
        for (word, kind) in words {
            if self.rest().starts_with(word) {
                self.at += word.len();
                return Ok(kind);
            }
        }
        Err(self.wrong("a value"))
    }

    fn object(&mut self, depth: usize) -> Result<Object, Diagnostic> {
        let mut object = Object::new();
        self.at += 1;
        self.blanks();
        if self.take(b'}') {
            return Ok(object);
        }
        loop {
            self.blanks();
            if self.peek() != Some(b'"') {
                return Err(self.wrong("a name in double quotes"));
            }
            let name = self.string()?;
            self.blanks();
            if !self.take(b':') {
                return Err(self.wrong("`:`"));
            }
            self.blanks();
            let value = self.value(depth + 1)?;
            object.insert(name, value);
            self.blanks();
            if self.take(b'}') {
                return Ok(object);
            }
            if !self.take(b',') {
                return Err(self.wrong("`,` or `}`"));
            }
        }
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Json>, Diagnostic> {
        let mut items = vec![];
        self.at += 1;
        self.blanks();
        if self.take(b']') {
            return Ok(items);
        }
        loop {
            self.blanks();
            items.push(self.value(depth + 1)?);
            self.blanks();
            if self.take(b']') {
                return Ok(items);
            }
            if !self.take(b',') {
                return Err(self.wrong("`,` or `]`"));
            }
        }
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    /// A number too large for a float becomes infinite, and is refused by whoever wants a count.
    fn number(&mut self) -> Result<f64, Diagnostic> {
        let start = self.at;
        let end = self.rest().find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        self.at += end.unwrap_or(self.rest().len());
        self.text[start..self.at].parse().map_err(|_| {
            self.at = start;
            self.wrong("a number")
        })
    }

    fn string(&mut self) -> Result<String, Diagnostic> {
        self.at += 1;
        let mut text = String::new();
        loop {
            let Some(next) = self.rest().chars().next() else { return Err(self.wrong("`\"`")) };
            match next {
                '"' => {
                    self.at += 1;
                    return Ok(text);
                }
                '\\' => text.push(self.escape()?),
                c if c < ' ' => return Err(self.wrong("`\"`")),
                c => {
                    self.at += c.len_utf8();
                    text.push(c);
                }
            }
        }
    }

    fn escape(&mut self) -> Result<char, Diagnostic> {
        self.at += 1;
        let meant = match self.peek() {
            Some(b'u') => return self.code_point(),
            Some(c @ (b'"' | b'\\' | b'/')) => c as char,
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            _ => return Err(self.wrong("an escape such as `\\n`")),
        };
        self.at += 1;
        Ok(meant)
    }

    /// `\u00e9`, or a pair of surrogates. Half a pair is replaced: no name that we read has one.
    fn code_point(&mut self) -> Result<char, Diagnostic> {
        let first = self.unit()?;
        if (0xD800..0xDC00).contains(&first) && self.rest().starts_with("\\u") {
            self.at += 1;
            let second = self.unit()?;
            let code = 0x10000 + ((first - 0xD800) << 10) + (second.wrapping_sub(0xDC00) & 0x3FF);
            return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
        }
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The four digits after `u`.
    fn unit(&mut self) -> Result<u32, Diagnostic> {
        self.at += 1;
        let digits = self.rest().get(..4).filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()));
        let Some(unit) = digits.and_then(|d| u32::from_str_radix(d, 16).ok()) else {
            return Err(self.wrong("four hexadecimal digits"));
        };
        self.at += 4;
        Ok(unit)
    }
}
