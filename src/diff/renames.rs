//! Declarations and scenarios that have another name on the second side, and are otherwise what they were. The first
//! side is rewritten with the new names, so that what belongs together is compared.

use indexmap::IndexMap;

use crate::diff::facts::{Fact, Facts, Key, Role};
use crate::outcome::{Datum, FileOutcome};

/// A side as it is compared.
#[derive(Clone)]
pub struct ComparedSide {
    pub facts: Facts,
    pub file: FileOutcome,
}

/// Another name for the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rename {
    /// Where a declaration stands; of a scenario, that scenario by its new name.
    pub scenario: Option<String>,
    pub of_scenario: bool,
    pub before: String,
    pub after: String,
}

/// Gives the first side the names of the second. Answers what was renamed.
pub fn carry(before: &mut ComparedSide, after: &ComparedSide) -> Vec<Rename> {
    // What a scenario says has the names of what stands outside in it.
    let mut found = declarations(before, after);
    for rename in &found {
        before.rename_declaration(rename);
    }
    let scenarios = scenarios(before, after);
    for rename in &scenarios {
        before.rename_scenario(rename);
    }
    found.extend(scenarios);
    found
}

impl ComparedSide {
    fn rename_scenario(&mut self, rename: &Rename) {
        let renamed = |scenario: &mut Option<String>| {
            if scenario.as_deref() == Some(&*rename.before) {
                *scenario = Some(rename.after.clone());
            }
        };
        self.facts = std::mem::take(&mut self.facts)
            .into_iter()
            .map(|(mut key, fact)| {
                renamed(&mut key.scenario);
                (key, fact)
            })
            .collect();
        self.file.assertions.iter_mut().for_each(|a| renamed(&mut a.scenario));
        self.file.sweeps.iter_mut().for_each(|s| renamed(&mut s.scenario));
    }

    fn rename_declaration(&mut self, rename: &Rename) {
        // What stands outside of any scenario is seen in all of them.
        let seen = |scenario: &Option<String>| rename.scenario.is_none() || *scenario == rename.scenario;
        let renamed = |text: &mut String| *text = with_name(text, &rename.before, &rename.after);
        self.facts = std::mem::take(&mut self.facts)
            .into_iter()
            .map(|(mut key, mut fact)| {
                if seen(&key.scenario) {
                    renamed(&mut key.name);
                    renamed(&mut fact.owner);
                    renamed(&mut fact.text);
                    if let (Datum::Text(text), true) = (&mut fact.value, fact.literal) {
                        renamed(text);
                    }
                }
                (key, fact)
            })
            .collect();
        self.file.assertions.iter_mut().filter(|a| seen(&a.scenario)).for_each(|a| renamed(&mut a.text));
        self.file.sweeps.iter_mut().filter(|s| seen(&s.scenario)).for_each(|s| renamed(&mut s.name));
    }
}

/// What a scenario says: its facts and its assertions.
fn scenarios(before: &ComparedSide, after: &ComparedSide) -> Vec<Rename> {
    let says = |side: &ComparedSide| {
        let mut found: IndexMap<String, Vec<String>> = IndexMap::new();
        let facts = side.facts.iter().filter(|(_, f)| is_written(f));
        let facts = facts.map(|(k, f)| (k.scenario.clone(), format!("{}: {}", k.name, f.text)));
        let asked = side.file.assertions.iter().map(|a| (a.scenario.clone(), a.text.clone()));
        for (scenario, text) in facts.chain(asked) {
            if let Some(scenario) = scenario {
                found.entry(scenario).or_default().push(text);
            }
        }
        found
    };
    let pairs = matched(says(before), says(after));
    let rename = |(before, after): (String, String)| Rename {
        scenario: Some(after.clone()),
        of_scenario: true,
        before,
        after,
    };
    pairs.into_iter().map(rename).collect()
}

/// What a declaration says: its facts, by their names below its own.
fn declarations(before: &ComparedSide, after: &ComparedSide) -> Vec<Rename> {
    /// A scenario and a file.
    type Scope = (Option<String>, Option<String>);
    let says = |side: &ComparedSide| {
        let mut found: IndexMap<Scope, IndexMap<String, Vec<String>>> = IndexMap::new();
        for (Key { scenario, file, name }, fact) in side.facts.iter().filter(|(_, f)| is_written(f)) {
            let place = (scenario.clone(), file.clone());
            let text = format!("{}: {}", with_name(name, &fact.owner, ""), fact.text);
            found.entry(place).or_default().entry(fact.owner.clone()).or_default().push(text);
        }
        found
    };
    let (old, mut new) = (says(before), says(after));
    let mut found = vec![];
    for (place, old) in old {
        let pairs = matched(old, new.swap_remove(&place).unwrap_or_default());
        found.extend(pairs.into_iter().map(|(before, after)| Rename {
            scenario: place.0.clone(),
            of_scenario: false,
            before,
            after,
        }));
    }
    found
}

/// Names that only one side has, with the only one of the other side that says the same.
fn matched(old: IndexMap<String, Vec<String>>, new: IndexMap<String, Vec<String>>) -> Vec<(String, String)> {
    let gone: Vec<&String> = old.keys().filter(|name| !new.contains_key(*name)).collect();
    let came: Vec<&String> = new.keys().filter(|name| !old.contains_key(*name)).collect();
    let alike = |a: &String, b: &String| old[a] == new[b];
    let mut found = vec![];
    for name in &gone {
        let others: Vec<&&String> = came.iter().filter(|other| alike(name, other)).collect();
        let alone = gone.iter().filter(|other| old[**other] == old[*name]).count() == 1;
        if let ([other], true) = (others.as_slice(), alone) {
            found.push((name.to_string(), other.to_string()));
        }
    }
    found
}

fn is_written(fact: &Fact) -> bool {
    fact.role == Role::Input || fact.role == Role::Equation
}

/// A text with another name for a declaration: where the name stands by itself, not as a field.
fn with_name(text: &str, before: &str, after: &str) -> String {
    let word = |c: char| c.is_alphanumeric() || c == '_';
    let (mut out, mut rest, mut field) = (String::new(), text, false);
    while let Some(first) = rest.chars().next() {
        let end = match word(first) {
            true => rest.find(|c| !word(c)).unwrap_or(rest.len()),
            false => first.len_utf8(),
        };
        let (token, more) = rest.split_at(end);
        out.push_str(if token == before && !field { after } else { token });
        // `grid.one` is a field; `1..one` is not.
        field = token == "." && !out.ends_with("..");
        rest = more;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::with_name;

    #[test]
    fn names_are_whole_words_and_no_fields() {
        assert_eq!(with_name("one.latency < 2 * one.one", "one", "uno"), "uno.latency < 2 * uno.one");
        assert_eq!(with_name("gone + one_more + 1..one", "one", "uno"), "gone + one_more + 1..uno");
        assert_eq!(with_name("one", "one", ""), "");
    }
}
