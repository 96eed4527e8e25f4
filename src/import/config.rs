//! A configuration as a set of keys: typed access that remembers what was wrong and what was missing.

use crate::diagnostic::{Diagnostic, Severity};
use crate::import::json::{Json, Kind, Object};
use crate::source::Span;

/// No model has more of anything: beyond it, a number is a mistake.
const LARGEST: f64 = 1e9;

/// Keys under which multimodal models keep the configuration of their language model.
const NESTED: &[&str] = &["text_config", "language_config", "llm_config", "thinker_config"];

/// The keys of a configuration. Those of the language model hide those around it.
pub struct Config<'j> {
    scopes: Vec<&'j Object>,
    span: Span,
    pub problems: Vec<Diagnostic>,
    /// Facts that the configuration does not state, each with the key that would.
    missing: Vec<(&'static str, &'static str)>,
    /// What the architecture says where the file is silent.
    pub defaults: &'static [(&'static str, f64)],
}

impl<'j> Config<'j> {
    /// `None` where the file is no object.
    pub fn new(root: &'j Json) -> Option<Self> {
        let mut scopes = vec![root.object()?];
        while let Some(inner) = NESTED.iter().find_map(|key| scopes[0].get(*key)?.object()) {
            scopes.insert(0, inner);
        }
        let span = root.span.head();
        Some(Config {
            scopes,
            span: Span { end: span.start + 1, ..span },
            problems: vec![],
            missing: vec![],
            defaults: &[],
        })
    }

    /// True when a language model is nested in a multimodal one.
    pub fn is_nested(&self) -> bool {
        self.scopes.len() > 1
    }

    /// The value of the first of these keys that is there and not null. `a.b` is the member `b` of `a`.
    pub fn find(&self, keys: &[&str]) -> Option<&'j Json> {
        self.find_key(keys).map(|(_, json)| json)
    }

    /// The same with the key that was there.
    fn find_key<'k>(&self, keys: &[&'k str]) -> Option<(&'k str, &'j Json)> {
        let present = |json: &&Json| !matches!(json.kind, Kind::Null);
        let look = |scope: &&'j Object, key: &str| match key.split_once('.') {
            Some((outer, inner)) => scope.get(outer)?.object()?.get(inner).filter(present),
            None => scope.get(key).filter(present),
        };
        let in_scope =
            |scope: &&'j Object| keys.iter().find_map(|key| look(scope, key).map(|json| (*key, json)));
        self.scopes.iter().find_map(in_scope)
    }

    pub fn text(&self, keys: &[&str]) -> Option<&'j str> {
        self.find(keys)?.text()
    }

    pub fn flag(&self, keys: &[&str]) -> Option<bool> {
        match self.find(keys)?.kind {
            Kind::Bool(value) => Some(value),
            _ => None,
        }
    }

    /// A whole number of at least one. Zero stands for absent where `zero` says so.
    fn whole(&mut self, keys: &[&str], zero: bool) -> Option<f64> {
        let Some((key, json)) = self.find_key(keys) else { return self.default_of(keys) };
        match uniform(json) {
            Some(n) if n == 0.0 && zero => None,
            Some(n) if n.fract() == 0.0 && (1.0..=LARGEST).contains(&n) => Some(n),
            Some(n) if n > LARGEST => self.wrong(key, json, "is too large to be true"),
            Some(_) => self.wrong(key, json, "is not a whole number of at least 1"),
            None => self.wrong(key, json, &format!("is {}, not a number", json.describe())),
        }
    }

    fn default_of(&self, keys: &[&str]) -> Option<f64> {
        self.defaults.iter().find(|(key, _)| keys.contains(key)).map(|(_, value)| *value)
    }

    /// A count that must be positive where it is given.
    pub fn count(&mut self, keys: &[&str]) -> Option<f64> {
        self.whole(keys, false)
    }

    /// A count of something that a model may lack: zero is none.
    pub fn some(&mut self, keys: &[&str]) -> Option<f64> {
        self.whole(keys, true)
    }

    /// A positive number that need not be whole.
    pub fn factor(&mut self, keys: &[&str]) -> Option<f64> {
        let (key, json) = self.find_key(keys)?;
        match json.number() {
            Some(n) if n > 0.0 && n <= LARGEST => Some(n),
            _ => self.wrong(key, json, "is not a positive number"),
        }
    }

    /// A count without which there is no model. The first key is the usual one.
    pub fn need(&mut self, fact: &'static str, keys: &[&'static str]) -> f64 {
        if self.find(keys).is_none() && self.default_of(keys).is_none() {
            self.lack(fact, keys[0]);
        }
        self.count(keys).unwrap_or(1.0)
    }

    /// Notes that a fact is not stated.
    pub fn lack(&mut self, fact: &'static str, key: &'static str) {
        if !self.missing.iter().any(|(f, _)| *f == fact) {
            self.missing.push((fact, key));
        }
    }

    /// Reports the value of the first of these keys that is there.
    pub fn bad(&mut self, keys: &[&str], why: &str) {
        if let Some((key, json)) = self.find_key(keys) {
            self.wrong::<()>(key, json, why);
        }
    }

    /// Reports a value; `why` continues a sentence that begins with its key.
    pub fn wrong<T>(&mut self, key: &str, json: &Json, why: &str) -> Option<T> {
        self.problems.push(
            Diagnostic::error("mls::import-bad-value", format!("`{key}` {why}"))
                .label(json.span, why)
                .help("check the file against the published one"),
        );
        None
    }

    /// A fact that the configuration states and a `Model` cannot hold.
    pub fn unsupported(&mut self, json: &Json, what: &str) {
        self.problems.push(
            Diagnostic::error("mls::import-unsupported", format!("a `Model` cannot express {what}"))
                .label(json.span, "stated here")
                .with_note("the parts that can be expressed would add up to another model than this one")
                .help("write the `model` by hand, with `parameters` and `active_parameters` as published"),
        );
    }

    /// A precision that is not known here: the shape is, so the import goes on without it.
    pub fn unknown_precision(&mut self, json: &Json, what: &str) {
        self.problems.push(
            Diagnostic::warning(
                "mls::unknown-quantization",
                format!("{what} is not known: the model comes without"),
            )
            .label(json.span, "weights are stored in some other precision than bf16")
            .help("state it by hand: `quantization: { weights: fp4, attention: bf16 }`"),
        );
    }

    /// Everything found, the missing facts as one diagnostic that names them all.
    pub fn finish(mut self) -> Vec<Diagnostic> {
        if !self.missing.is_empty() {
            let facts: Vec<&str> = self.missing.iter().map(|(fact, _)| *fact).collect();
            let keys: Vec<String> =
                self.missing.iter().map(|(fact, key)| format!("`{key}` ({fact})")).collect();
            let named = crate::suggest::enumerate(facts.iter().copied(), facts.len());
            self.problems.push(
                Diagnostic::error(
                    "mls::import-missing-fact",
                    format!("the configuration does not state {named}"),
                )
                .label(self.span, format!("lacks {}", keys.join(", ")))
                .help("add the keys to the file, or write the `model` by hand; nothing is guessed"),
            );
        }
        self.problems
    }

    pub fn is_sound(&self) -> bool {
        self.missing.is_empty() && self.problems.iter().all(|p| p.severity != Severity::Error)
    }
}

/// A number, or the one that a list repeats for every layer.
fn uniform(json: &Json) -> Option<f64> {
    match json.list() {
        Some([first, rest @ ..]) => {
            let number = first.number()?;
            rest.iter().all(|item| item.number() == Some(number)).then_some(number)
        }
        Some([]) => None,
        None => json.number(),
    }
}
