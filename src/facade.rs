//! A typed door for Rust callers: one solve of any solver of the library, without a text.
//!
//! The numbers come from the same `.mls` solver that a scenario runs: the inputs are written as a scenario and run
//! through a [`Session`], so that a wrong one is told as in a scenario.

use std::fmt::Write;

use crate::diagnostic::Diagnostic;
use crate::library;
use crate::outcome::{Datum, Outcome};
use crate::session::{Answer, Options, Session};
use crate::source::{FileId, Memory, SourceProvider, Sources};
use crate::syntax;
use crate::syntax::ast::ExprKind;
use crate::syntax::is_name;

/// The value of an input.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// A plain number. Not a number and the infinities are refused.
    Number(f64),
    /// A number of a unit, as a scenario writes it: `80.0` of `GB`, `3.35` of `TB/s`, `40.0` of `%`.
    Quantity {
        /// How many of the unit.
        value: f64,
        /// Such as `TB/s`.
        unit: String,
    },
    /// An entry of the library or a member of an enum: `H100_SXM`, `fp8`, `std.hardware.nvidia.H100_SXM`. One that
    /// several modules declare needs its module.
    Name(String),
    /// A flag.
    Bool(bool),
    /// A string.
    Text(String),
    /// Several values.
    List(Vec<Input>),
    /// A record: another one, an entry of the library or a type's name, with fields replaced. A path leads into records
    /// within it: `hardware.memory_bw`.
    Record {
        /// `H100_SXM`, or `Hardware` for a new one. `None` where the solver's input says which type it is.
        base: Option<String>,
        /// Fields by path.
        fields: Vec<(String, Input)>,
    },
    /// No value, for an input that may have none.
    None,
}

impl From<f64> for Input {
    fn from(value: f64) -> Self {
        Input::Number(value)
    }
}

impl From<bool> for Input {
    fn from(value: bool) -> Self {
        Input::Bool(value)
    }
}

/// `80.0` of `GB`.
pub fn quantity(value: f64, unit: &str) -> Input {
    Input::Quantity { value, unit: unit.to_string() }
}

/// An entry of the library, or a member of an enum.
pub fn name(name: &str) -> Input {
    Input::Name(name.to_string())
}

/// A string.
pub fn text(text: &str) -> Input {
    Input::Text(text.to_string())
}

/// A record: `base` with some fields replaced, or a new one.
pub fn record(base: Option<&str>, fields: &[(&str, Input)]) -> Input {
    let fields = fields.iter().map(|(path, value)| (path.to_string(), value.clone())).collect();
    Input::Record { base: base.map(str::to_string), fields }
}

/// What a solve yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Solution {
    /// Every output by name, in the order of the solver. Quantities are in base units, which they name.
    pub outputs: Vec<(String, Datum)>,
    /// What the solver has to say, such as a precision without a peak of its own.
    pub notes: Vec<String>,
}

impl Solution {
    /// An output by name.
    pub fn get(&self, output: &str) -> Option<&Datum> {
        self.outputs.iter().find(|(name, _)| name == output).map(|(_, value)| value)
    }

    /// An output that is a quantity, in base units: seconds, bytes, flop/s.
    pub fn number(&self, output: &str) -> Option<f64> {
        match self.get(output)? {
            Datum::Quantity { value, .. } => Some(*value),
            _ => None,
        }
    }
}

/// Solves with the library that is built in: the solver's name, and its inputs by path.
///
/// # Errors
/// The outcome that says what is wrong: an input that there is not, that is missing, of another dimension or out of
/// range; a fact that the solver needs and nothing states; a result that is not finite.
pub fn solve(solver: &str, inputs: &[(&str, Input)]) -> Answer<Solution> {
    solve_with(&Memory::default(), solver, inputs)
}

/// The same with the library of a provider.
///
/// # Errors
/// As with [`solve`].
pub fn solve_with(provider: &dyn SourceProvider, solver: &str, inputs: &[(&str, Input)]) -> Answer<Solution> {
    let mut writer = Writer { provider, uses: vec![], text: String::new() };
    if let Err(problem) = writer.plan(solver, inputs) {
        return Err(Outcome { sources: Sources::default(), files: vec![], diagnostics: vec![problem] });
    }
    let scenario = format!("{}{}", writer.uses.concat(), writer.text);
    let memory = Memory::with(PATH, scenario).on_library(provider.library().cloned());
    let options = Options { no_suggest: true, ..Options::default() };
    let mut outcome = Session::new(memory, options).run(&[PATH.into()]);
    if !outcome.ok() {
        return Err(outcome);
    }
    let solved = outcome.files.first_mut().and_then(|file| file.solves.pop());
    solved.map(|solve| Solution { outputs: solve.outputs, notes: solve.notes }).ok_or(outcome)
}

/// What the scenario is called in diagnostics.
const PATH: &str = "solve";

/// Writes inputs as a scenario.
struct Writer<'p> {
    provider: &'p dyn SourceProvider,
    uses: Vec<String>,
    text: String,
}

type Written = Result<(), Diagnostic>;

impl Writer<'_> {
    fn plan(&mut self, solver: &str, inputs: &[(&str, Input)]) -> Written {
        let solver = self.named(solver)?;
        let _ = writeln!(self.text, "solve answer = {solver} {{");
        for (path, value) in inputs {
            self.field(path, value)?;
        }
        self.text.push_str("}\n");
        Ok(())
    }

    fn field(&mut self, path: &str, value: &Input) -> Written {
        checked(path)?;
        let _ = write!(self.text, "  {path}: ");
        self.value(value)?;
        self.text.push('\n');
        Ok(())
    }

    /// Numbers are written so that they read back to the same bits.
    fn value(&mut self, value: &Input) -> Written {
        match value {
            Input::Number(value) => self.number(*value, "")?,
            Input::Quantity { value, unit } => {
                if !is_unit(unit) {
                    return Err(wrong(format!("`{unit}` is no unit"), "write it as in a scenario: `TB/s`"));
                }
                self.number(*value, unit)?;
            }
            Input::Name(name) => {
                let name = self.named(name)?;
                self.text.push_str(&name);
            }
            Input::Bool(value) => self.text.push_str(if *value { "true" } else { "false" }),
            Input::Text(text) => self.text.push_str(&quoted(text)),
            Input::None => self.text.push_str("none"),
            Input::List(items) => {
                self.text.push('[');
                for item in items {
                    self.value(item)?;
                    self.text.push_str(", ");
                }
                self.text.push(']');
            }
            Input::Record { base, fields } => {
                if let Some(base) = base {
                    let base = self.named(base)?;
                    let _ = write!(self.text, "{base} ");
                }
                self.text.push_str("{\n");
                for (path, value) in fields {
                    self.field(path, value)?;
                }
                self.text.push('}');
            }
        }
        Ok(())
    }

    fn number(&mut self, value: f64, unit: &str) -> Written {
        if !value.is_finite() {
            return Err(wrong(format!("`{value}` is no input"), "give a finite number"));
        }
        let _ = write!(self.text, "{value:e} {unit}");
        Ok(())
    }

    /// A name as the scenario sees it, after the `use` that brings it in.
    fn named(&mut self, name: &str) -> Result<String, Diagnostic> {
        checked(name)?;
        if let Some((module, last)) = name.rsplit_once('.') {
            self.import(module, last);
            return Ok(last.to_string());
        }
        let modules = library::of(self.provider).find(name);
        let in_sight = |m: &String| library::PRELUDE.contains(&m.as_str()) || m.starts_with("std.solvers.");
        match modules.as_slice() {
            [only] if !in_sight(only) => self.import(only, name),
            [first, _, ..] if !modules.iter().any(in_sight) => {
                let help = format!("name the module: `{first}.{name}`");
                return Err(wrong(format!("{} modules declare `{name}`", modules.len()), &help));
            }
            _ => {}
        }
        Ok(name.to_string())
    }

    fn import(&mut self, module: &str, name: &str) {
        let line = format!("use {module}.{name}\n");
        if !self.uses.contains(&line) {
            self.uses.push(line);
        }
    }
}

/// Says of a path that it is none.
fn checked(path: &str) -> Written {
    match path.split('.').all(is_name) {
        true => Ok(()),
        false => Err(wrong(format!("`{path}` is no name"), "names are joined by dots: `hardware.memory_bw`")),
    }
}

fn wrong(message: String, help: &str) -> Diagnostic {
    Diagnostic::error("mls::bad-input", message).help(help)
}

fn is_unit(unit: &str) -> bool {
    let parsed = syntax::parse_expression(FileId(0), &format!("1 {unit}"));
    parsed.is_ok_and(|e| matches!(e.kind, ExprKind::Quantity { .. }))
}

fn quoted(text: &str) -> String {
    let mut result = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => result.extend(['\\', c]),
            '{' => result.push_str("{{"),
            '}' => result.push_str("}}"),
            c if c.is_control() => result.push(' '),
            c => result.push(c),
        }
    }
    result.push('"');
    result
}
