//! Two runs side by side: which inputs changed, which results, which assertions flipped.

pub mod facts;
mod flips;
mod grids;
mod renames;

use indexmap::IndexSet;

use crate::check::program::Program;
use crate::diff::facts::{Fact, Facts, Key, Role};
pub use crate::diff::flips::{Flip, Turn};
pub use crate::diff::grids::GridChange;
use crate::diff::renames::{Rename, Told};
use crate::outcome::{Datum, FileOutcome, Outcome};
use crate::units::registry::Registry;

/// Numbers that differ by less than this share are the same: two ways to write one thing round differently.
const EQUAL: f64 = 1e-12;

/// One run of one file, and what its program says.
pub struct Side {
    pub(crate) program: Program,
    /// What the run found.
    pub outcome: Outcome,
    pub(crate) facts: Facts,
}

impl Side {
    fn file(&self) -> &FileOutcome {
        &self.outcome.files[0]
    }
}

/// What is different.
#[derive(Clone, Debug, Default)]
pub struct Difference {
    /// What stands outside of any scenario is first.
    pub parts: Vec<Part>,
    /// What the second side asserts and shows, as written: the results that somebody looks at.
    pub asked: Vec<String>,
}

impl Difference {
    /// Assertions that fail now and did not before.
    pub fn newly_fails(&self, with_warnings: bool) -> bool {
        self.parts
            .iter()
            .flat_map(|p| &p.flips)
            .any(|f| f.turn == Turn::NewlyFails && (with_warnings || f.counts()))
    }
}

/// What is different in one scenario.
#[derive(Clone, Debug, Default)]
pub struct Part {
    pub scenario: Option<String>,
    pub inputs: Vec<Change>,
    pub results: Vec<Change>,
    pub grids: Vec<GridChange>,
    pub flips: Vec<Flip>,
    pub same: Same,
}

/// How much is as it was.
#[derive(Clone, Copy, Debug, Default)]
pub struct Same {
    pub inputs: usize,
    pub results: usize,
    pub assertions: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// A value somebody wrote, or one that came out.
    Value,
    /// How something is computed.
    Equation,
    /// A whole declaration that only one side has.
    Declaration,
}

#[derive(Clone, Debug)]
pub struct Change {
    pub what: What,
    /// The file beside the one that was asked for.
    pub file: Option<String>,
    pub name: String,
    pub before: Option<Seen>,
    pub after: Option<Seen>,
    /// Between numbers: in base units, and as people read it.
    pub difference: Option<(f64, String)>,
    /// As a share of the value before.
    pub relative: Option<f64>,
}

/// A value on one side.
#[derive(Clone, Debug)]
pub struct Seen {
    pub value: Datum,
    pub text: String,
    /// Nobody gave it.
    pub default: bool,
}

/// Compares two runs.
pub fn compare(before: &Side, after: &Side) -> Difference {
    let told = |side: &Side| Told { facts: side.facts.clone(), file: side.file().clone() };
    let (mut old, new) = (told(before), told(after));
    let renames = renames::carry(&mut old, &new);
    let mut parts: Vec<Part> =
        scenarios(&old, &new).into_iter().map(|scenario| Part { scenario, ..Part::default() }).collect();
    for part in &mut parts {
        let here = renames.iter().filter(|r| r.scenario == part.scenario);
        part.inputs.extend(here.map(renamed));
        let comparison =
            Comparison { before: &old.facts, after: &new.facts, registry: &after.program.registry };
        comparison.facts(part);
        grids::compare(&old.file, &new.file, part);
        flips::compare(&old.file, &new.file, part);
    }
    parts.retain(|p| p.scenario.is_none() || !p.is_empty());
    let file = after.file();
    let shows = file.shows.iter().map(|s| s.text.clone());
    let asked = file.assertions.iter().map(|a| a.text.clone()).chain(shows).collect();
    Difference { parts, asked }
}

/// A name that is another.
fn renamed(rename: &Rename) -> Change {
    let seen = |name: &str| Some(Seen { value: Datum::Text(name.into()), text: name.into(), default: false });
    let name = match rename.of_scenario {
        true => "name of the scenario".into(),
        false => format!("name of {}", rename.after),
    };
    let (before, after) = (seen(&rename.before), seen(&rename.after));
    Change { what: What::Value, file: None, name, before, after, difference: None, relative: None }
}

impl Part {
    fn is_empty(&self) -> bool {
        let same = self.same.inputs + self.same.results + self.same.assertions;
        same == 0 && !self.tells()
    }

    /// Is there anything to tell?
    pub fn tells(&self) -> bool {
        self.differs() || !self.flips.is_empty()
    }

    /// Is anything not what it was?
    pub fn differs(&self) -> bool {
        let flipped = self.flips.iter().any(|f| f.turn != Turn::StillFails);
        flipped || !(self.inputs.is_empty() && self.results.is_empty() && self.grids.is_empty())
    }
}

/// All scenarios, those of the second side in its order first.
fn scenarios(before: &Told, after: &Told) -> IndexSet<Option<String>> {
    let mut found: IndexSet<Option<String>> = IndexSet::from([None]);
    for side in [after, before] {
        found.extend(side.facts.keys().map(|k| k.scenario.clone()));
        found.extend(side.file.assertions.iter().map(|a| a.scenario.clone()));
    }
    found
}

struct Comparison<'s> {
    before: &'s Facts,
    after: &'s Facts,
    registry: &'s Registry,
}

impl Comparison<'_> {
    fn facts(&self, part: &mut Part) {
        let mut whole: IndexSet<(Option<String>, String, bool)> = IndexSet::new();
        let after = self.after.keys();
        let before = self.before.keys().filter(|k| !self.after.contains_key(*k));
        let scenario = part.scenario.clone();
        for key in after.chain(before).filter(|k| k.scenario == scenario) {
            match (self.before.get(key), self.after.get(key)) {
                (Some(a), Some(b)) => self.both(part, key, a, b),
                (None, Some(b)) => self.one(part, &mut whole, key, b, true),
                (Some(a), None) => self.one(part, &mut whole, key, a, false),
                (None, None) => {}
            }
        }
        for (file, name, added) in whole {
            let seen = || Some(Seen { value: Datum::Absent, text: String::new(), default: false });
            let (before, after) = if added { (None, seen()) } else { (seen(), None) };
            let what = What::Declaration;
            part.inputs.push(Change { what, file, name, before, after, difference: None, relative: None });
        }
    }

    fn both(&self, part: &mut Part, key: &Key, a: &Fact, b: &Fact) {
        let given = |f: &Fact| f.role == Role::Input || f.role == Role::Equation;
        match (given(a) || given(b), same(&a.value, &b.value)) {
            (true, true) => part.same.inputs += 1,
            (false, true) => part.same.results += usize::from(b.role == Role::Result),
            // The same words with other values: something else that changed is behind it.
            (true, false) if a.text == b.text && !a.literal && !b.literal => {}
            (true, false) => part.inputs.push(self.change(key, a, b)),
            (false, false) if b.role == Role::Result => part.results.push(self.change(key, a, b)),
            (false, false) => {}
        }
    }

    /// Of what only one side has.
    fn one(
        &self,
        part: &mut Part,
        whole: &mut IndexSet<(Option<String>, String, bool)>,
        key: &Key,
        fact: &Fact,
        added: bool,
    ) {
        let other = if added { self.before } else { self.after };
        let owned = other
            .iter()
            .any(|(k, f)| k.scenario == key.scenario && k.file == key.file && f.owner == fact.owner);
        let seen = Some(seen(fact));
        let (before, after) = if added { (None, seen) } else { (seen, None) };
        let what = if fact.role == Role::Equation { What::Equation } else { What::Value };
        let change = Change {
            what,
            file: key.file.clone(),
            name: key.name.clone(),
            before,
            after,
            difference: None,
            relative: None,
        };
        match fact.role {
            Role::Default => {}
            Role::Result if owned || fact.owner == key.name => part.results.push(change),
            _ if !owned => {
                whole.insert((key.file.clone(), fact.owner.clone(), added));
            }
            // A `let` that was a number and is computed now: the number is told of.
            Role::Equation if key.name.ends_with(" =") => {}
            _ => part.inputs.push(change),
        }
    }

    fn change(&self, key: &Key, a: &Fact, b: &Fact) -> Change {
        let (mut before, mut after) = (seen(a), seen(b));
        let (mut difference, mut relative) = (None, None);
        if let (Datum::Quantity { value: x, unit: u, .. }, Datum::Quantity { value: y, unit: v, .. }) =
            (&a.value, &b.value)
            && let Some(dimension) = b.dimension
            && u == v
        {
            let (first, second, text) = self.registry.format_change((*x, *y), dimension, b.unit.as_ref());
            (before.text, after.text) = (first, second);
            difference = Some((y - x, text));
            relative = (*x != 0.0).then(|| (y - x) / x.abs());
        }
        let what = if b.role == Role::Equation { What::Equation } else { What::Value };
        Change {
            what,
            file: key.file.clone(),
            name: key.name.clone(),
            before: Some(before),
            after: Some(after),
            difference,
            relative,
        }
    }
}

fn seen(fact: &Fact) -> Seen {
    Seen { value: fact.value.clone(), text: text(&fact.value), default: fact.role == Role::Default }
}

fn text(value: &Datum) -> String {
    match value {
        Datum::Quantity { text, .. } | Datum::Text(text) => text.clone(),
        Datum::Bool(true) => "yes".into(),
        Datum::Bool(false) => "no".into(),
        Datum::Absent => "none".into(),
        Datum::List(items) => format!("[{}]", items.iter().map(text).collect::<Vec<_>>().join(", ")),
        Datum::Table { rows, more, .. } => format!("{} points", rows.len() as u64 + more),
        Datum::Record { type_name, fields } => {
            let name = fields.iter().find_map(|(field, value)| match value {
                Datum::Text(text) if field == "name" => Some(text.clone()),
                _ => None,
            });
            name.unwrap_or_else(|| type_name.clone())
        }
    }
}

/// The same value, but for rounding.
fn same(a: &Datum, b: &Datum) -> bool {
    match (a, b) {
        (Datum::Quantity { value: x, unit: u, .. }, Datum::Quantity { value: y, unit: v, .. }) => {
            u == v && near(*x, *y)
        }
        (Datum::List(a), Datum::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| same(a, b)),
        (
            Datum::Table { columns, rows, more, .. },
            Datum::Table { columns: others, rows: other_rows, more: other_more, .. },
        ) => {
            let cells = |a: &Vec<Datum>, b: &Vec<Datum>| a.iter().zip(b).all(|(a, b)| same(a, b));
            columns == others
                && more == other_more
                && rows.len() == other_rows.len()
                && rows.iter().zip(other_rows).all(|(a, b)| cells(a, b))
        }
        (Datum::Record { type_name: t, fields: a }, Datum::Record { type_name: u, fields: b }) => {
            t == u && a.len() == b.len() && a.iter().zip(b).all(|((n, x), (m, y))| n == m && same(x, y))
        }
        _ => a == b,
    }
}

fn near(a: f64, b: f64) -> bool {
    a == b || (a - b).abs() <= EQUAL * a.abs().max(b.abs())
}
