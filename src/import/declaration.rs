//! A `model` declaration, fact by fact.

use crate::diagnostic::Diagnostic;

/// What an import found: the fields of a `Model`, in order.
#[derive(Clone, Debug, Default)]
pub struct Declaration {
    /// The name that the declaration binds: `qwen3_8b`.
    pub identifier: String,
    /// Parts of the published model that the fields do not cover.
    pub left_out: Vec<String>,
    /// What the file states and the fields do not hold.
    pub warnings: Vec<Diagnostic>,
    fields: Vec<Field>,
}

#[derive(Clone, Debug)]
struct Field {
    name: &'static str,
    value: String,
    /// Why, where the file does not say so itself.
    comment: Option<String>,
}

impl Declaration {
    pub fn text(&mut self, name: &'static str, value: &str) {
        self.push(name, quoted(value));
    }

    pub fn number(&mut self, name: &'static str, value: f64) {
        self.push(name, grouped(value));
    }

    pub fn maybe(&mut self, name: &'static str, value: Option<f64>) {
        if let Some(value) = value {
            self.number(name, value);
        }
    }

    pub fn tokens(&mut self, name: &'static str, value: f64) {
        self.push(name, format!("{} tok", grouped(value)));
    }

    pub fn flag(&mut self, name: &'static str, value: bool) {
        self.push(name, value.to_string());
    }

    /// A record of the fields that are there: `{ size: 128 tok, layers: 18 }`.
    pub fn record(&mut self, name: &'static str, fields: &[(&str, Option<String>)]) {
        let fields: Vec<String> =
            fields.iter().filter_map(|(n, v)| v.as_ref().map(|v| format!("{n}: {v}"))).collect();
        self.push(name, format!("{{ {} }}", fields.join(", ")));
    }

    fn push(&mut self, name: &'static str, value: String) {
        self.fields.push(Field { name, value, comment: None });
    }

    /// Explains the field last given.
    pub fn because(&mut self, comment: impl Into<String>) {
        if let Some(field) = self.fields.last_mut() {
            field.comment = Some(comment.into());
        }
    }

    /// `model NAME { .. }`, as it would be written in a file.
    pub fn item(&self) -> String {
        format!("model {} {}", self.identifier, self.body())
    }

    /// `Model { .. }`, as it would be written in an expression.
    pub fn expression(&self) -> String {
        format!("Model {}", self.body())
    }

    fn body(&self) -> String {
        let mut text = String::from("{\n");
        for field in &self.fields {
            text.push_str(&format!("  {}: {}", field.name, field.value));
            if let Some(comment) = &field.comment {
                text.push_str(&format!("  # {comment}"));
            }
            text.push('\n');
        }
        text.push('}');
        text
    }
}

/// `14_336`, `8192`: groups of three from five digits on.
pub fn grouped(value: f64) -> String {
    let digits = format!("{value}");
    let whole = digits.split('.').next().unwrap_or_default();
    if whole.len() < 5 || whole.len() != digits.len() {
        return digits;
    }
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index) % 3 == 0 {
            text.push('_');
        }
        text.push(digit);
    }
    text
}

/// A text as a literal.
fn quoted(text: &str) -> String {
    let mut literal = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => literal.extend(['\\', c]),
            '{' | '}' => literal.extend([c, c]),
            c if c.is_control() => literal.push(' '),
            c => literal.push(c),
        }
    }
    literal.push('"');
    literal
}

/// A name of the language from any text: `Qwen3-8B` is `qwen3_8b`.
pub fn identifier(text: &str) -> String {
    let mut name = String::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'a'..='z' | '0'..='9' => name.push(c),
            _ if !name.is_empty() && !name.ends_with('_') => name.push('_'),
            _ => {}
        }
    }
    let name = name.trim_end_matches('_');
    match name.chars().next() {
        Some('a'..='z') if !crate::syntax::is_reserved(name) => name.to_string(),
        Some(_) => format!("model_{name}"),
        None => "imported".into(),
    }
}
