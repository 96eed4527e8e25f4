//! Two runs side by side: which inputs changed, which results, which assertions flipped.

pub mod facts;
mod flips;
mod grids;
mod renames;

use indexmap::IndexSet;

use crate::check::program::Program;
use crate::diff::facts::{Fact, Facts, Key, Role};
use crate::diff::renames::{ComparedSide, Rename};
use crate::outcome::difference::{ChangeKind, Difference, FactChange, FactValue, ScenarioDifference};
use crate::outcome::{Datum, FileOutcome, Outcome};
use crate::units::registry::Registry;

/// Numbers that differ by less than this share are the same: two ways to write one thing round differently.
const EQUAL: f64 = 1e-12;

/// One run of one file, and what its program says.
pub struct CheckedRun {
    pub(crate) program: Program,
    /// What the run found.
    pub outcome: Outcome,
    pub(crate) facts: Facts,
}

impl CheckedRun {
    fn file(&self) -> &FileOutcome {
        &self.outcome.files[0]
    }
}

/// Compares two runs.
pub fn compare(before: &CheckedRun, after: &CheckedRun) -> Difference {
    let compared = |run: &CheckedRun| ComparedSide { facts: run.facts.clone(), file: run.file().clone() };
    let (mut old, new) = (compared(before), compared(after));
    let renames = renames::carry(&mut old, &new);
    let mut parts: Vec<ScenarioDifference> = scenarios(&old, &new)
        .into_iter()
        .map(|scenario| ScenarioDifference { scenario, ..ScenarioDifference::default() })
        .collect();
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
    let mentions = file.assertions.iter().map(|a| a.text.clone()).chain(shows).collect();
    Difference { parts, mentions }
}

/// A name that is another.
fn renamed(rename: &Rename) -> FactChange {
    let seen =
        |name: &str| Some(FactValue { value: Datum::Text(name.into()), text: name.into(), default: false });
    let name = match rename.of_scenario {
        true => "name of the scenario".into(),
        false => format!("name of {}", rename.after),
    };
    let (before, after) = (seen(&rename.before), seen(&rename.after));
    FactChange { what: ChangeKind::Value, file: None, name, before, after, difference: None, relative: None }
}

/// All scenarios, those of the second side in its order first.
fn scenarios(before: &ComparedSide, after: &ComparedSide) -> IndexSet<Option<String>> {
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
    fn facts(&self, part: &mut ScenarioDifference) {
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
            let seen = || Some(FactValue { value: Datum::Absent, text: String::new(), default: false });
            let (before, after) = if added { (None, seen()) } else { (seen(), None) };
            let what = ChangeKind::Declaration;
            part.inputs.push(FactChange {
                what,
                file,
                name,
                before,
                after,
                difference: None,
                relative: None,
            });
        }
    }

    fn both(&self, part: &mut ScenarioDifference, key: &Key, a: &Fact, b: &Fact) {
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
        part: &mut ScenarioDifference,
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
        let what = if fact.role == Role::Equation { ChangeKind::Equation } else { ChangeKind::Value };
        let change = FactChange {
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
            // A `let` that was a number and is computed now: the number is reported.
            Role::Equation if key.name.ends_with(" =") => {}
            _ => part.inputs.push(change),
        }
    }

    fn change(&self, key: &Key, a: &Fact, b: &Fact) -> FactChange {
        let (mut before, mut after) = (seen(a), seen(b));
        let (mut difference, mut relative) = (None, None);
        if let (Datum::Quantity { value: x, unit: u, .. }, Datum::Quantity { value: y, unit: v, .. }) =
            (&a.value, &b.value)
            && let Some(dimension) = b.dimension
            && u == v
        {
            let (first, second, text) = self.registry.format_change(*x, *y, dimension, b.unit.as_ref());
            (before.text, after.text) = (first, second);
            difference = Some((y - x, text));
            relative = (*x != 0.0).then(|| (y - x) / x.abs());
        }
        let what = if b.role == Role::Equation { ChangeKind::Equation } else { ChangeKind::Value };
        FactChange {
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

fn seen(fact: &Fact) -> FactValue {
    FactValue { value: fact.value.clone(), text: fact.value.to_string(), default: fact.role == Role::Default }
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
