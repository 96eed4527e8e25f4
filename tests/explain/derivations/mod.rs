//! Derivations, recomputed: every value of every scenario follows from its equation and its inputs as the tree has them,
//! and what is given stands where the tree says, by a calculator that shares nothing with the program.
#![cfg(feature = "cli")]

mod questions;
mod texts;

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use mlsys::outcome::Outcome;
use mlsys::report::derivation::object;
use mlsys::session::{Detail, Options, Question, Session};
use mlsys::source::Memory;
use serde_json::Value;

use crate::explain::calculator::{Inputs, Worth, compute};
use questions::{Asked, PARTS, questions};
use texts::Texts;

/// What was recomputed, and what was not.
#[derive(Default)]
struct Tally {
    /// Equations that give their value.
    computed: usize,
    /// Searches whose condition holds at what was found and fails beyond.
    searched: usize,
    /// Numbers that stand where they are said to stand.
    given: usize,
    /// Names for what has been shown above.
    above: usize,
    /// Why others were not recomputed.
    left: BTreeMap<String, usize>,
    wrong: Vec<String>,
}

impl Tally {
    fn add(&mut self, other: Tally) {
        self.computed += other.computed;
        self.searched += other.searched;
        self.given += other.given;
        self.above += other.above;
        other.left.into_iter().for_each(|(why, count)| *self.left.entry(why).or_default() += count);
        self.wrong.extend(other.wrong);
    }

    fn leave(&mut self, why: &str) {
        *self.left.entry(why.to_string()).or_default() += 1;
    }
}

fn worth(value: &Value) -> Worth {
    match value {
        Value::Number(number) => Worth::Number(number.as_f64().expect("a number")),
        Value::String(text) => Worth::Text(text.clone()),
        Value::Bool(truth) => Worth::Bool(*truth),
        Value::Array(items) => Worth::List(items.iter().map(|i| worth(&i["value"])).collect()),
        _ => Worth::None,
    }
}

struct Recompute<'t> {
    texts: &'t Texts,
    /// What has been looked for in the files.
    said: HashMap<(String, String), bool>,
    /// Everything was asked for.
    whole: bool,
    /// Nodes that show their inputs, by their number: equation and value.
    shown: HashMap<u64, (Value, Value)>,
    tally: Tally,
}

impl Recompute<'_> {
    fn node(&mut self, node: &Value) {
        let inputs = node["inputs"].as_array().expect("a list");
        if let Some(id) = node["id"].as_u64() {
            self.shown.insert(id, (node["equation"].clone(), node["value"].clone()));
        }
        if let Some(above) = node["above"].as_u64() {
            let same = self.shown.get(&above) == Some(&(node["equation"].clone(), node["value"].clone()));
            if !same {
                self.tally.wrong.push(format!("{} is not what is above", node["name"]));
            }
            self.tally.above += 1;
        } else if let Some(equation) = node["equation"].as_str().filter(|_| !node["value"].is_object()) {
            self.equation(node, equation, inputs);
        } else if inputs.is_empty() {
            self.given(node);
        }
        inputs.iter().for_each(|input| self.node(input));
    }

    /// What is given stands where the tree says that it stands.
    fn given(&mut self, node: &Value) {
        let place = node["place"].as_str().expect("a place");
        match node["holder"].as_str() {
            Some("not given") if node["value"].is_null() => return self.tally.leave("not given"),
            Some(holder) if holder.starts_with("axis of ") => return self.tally.leave("a value of an axis"),
            Some("tried by the search") => return self.tally.leave("a number that a search tries"),
            Some("item of the list") => return self.tally.leave("item of the list"),
            _ => {}
        }
        let value = worth(&node["value"]);
        if matches!(value, Worth::List(_)) {
            return self.tally.leave("a list that is given");
        }
        // A record that a function makes is shown by its name, which the call states.
        if let (Worth::Text(own), Some(call)) = (&value, node["name"].as_str())
            && call.contains(&format!("(\"{own}\""))
        {
            return self.tally.leave("a record by the name in its call");
        }
        let key = (place.to_string(), node["value"].to_string());
        // The values of a table stand on the lines below its name.
        let lines = if node["holder"].as_str().is_some_and(|h| h.starts_with("table ")) { 20 } else { 1 };
        let said = *self.said.entry(key).or_insert_with(|| self.texts.say(place, lines, &value));
        match said {
            true => self.tally.given += 1,
            false => self
                .tally
                .wrong
                .push(format!("{} = {} does not stand at {place}", node["name"], node["text"])),
        }
    }

    fn equation(&mut self, node: &Value, equation: &str, inputs: &[Value]) {
        let own = worth(&node["value"]);
        let folded = node["folded"].as_u64() != Some(0);
        if folded && inputs.is_empty() && !self.whole {
            return self.tally.leave("folded");
        }
        if equation.starts_with("largest ") || equation.starts_with("smallest ") {
            return self.search(node, inputs);
        }
        if equation.starts_with("sensitivity(") {
            return self.tally.leave("sensitivity");
        }
        let points = inputs.iter().all(|i| {
            i["name"].as_str().is_some_and(|n| n.ends_with(']') && n.contains("[") && n.contains(": "))
        });
        let points = points && !inputs.is_empty();
        let items = inputs.iter().enumerate().all(|(i, input)| input["name"] == format!("[{i}]"));
        // Records are compared field by field where each is read.
        let records = matches!(&own, Worth::List(items) if !items.is_empty() && items.iter().all(|i| *i == Worth::None));
        if records && inputs.iter().any(|i| i["value"].is_string()) {
            return self.tally.leave("a list of records");
        }
        if equation.starts_with('[')
            && items
            && inputs.iter().all(|i| i["equation"].is_null() && i["value"].is_string())
        {
            return self.tally.leave("a list of records");
        }
        if equation.starts_with('[') && equation.contains(" for ") && items && !folded {
            let found = Worth::List(inputs.iter().map(|i| worth(&i["value"])).collect());
            return self.compare(node, equation, found, own);
        }
        if folded && points && (equation.starts_with("min(") || equation.starts_with("max(")) {
            return self.compare(node, equation, worth(&inputs[0]["value"]), own);
        }
        if folded {
            return self.tally.leave("a sweep of many points, or what goes on for too long");
        }
        if equation.starts_with("count(") && inputs.is_empty() {
            return self.tally.leave("how many points a sweep has");
        }
        let mut named: Vec<(String, Worth)> = inputs
            .iter()
            .map(|i| (i["name"].as_str().expect("a name").to_string(), worth(&i["value"])))
            .collect();
        named.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
        let points = points.then(|| inputs.iter().map(|i| worth(&i["value"])).collect());
        let text = |i: &Value, key: &str| i[key].as_str().expect("a text").to_string();
        let shown = inputs.iter().map(|i| (text(i, "name"), text(i, "text"))).collect();
        let known = Inputs { named, members: &self.texts.members, shown, points };
        // Of a sweep the column is what its points have.
        let equation = match (&known.points, equation.split_once('('), equation.rsplit_once(", ")) {
            (Some(_), Some(("percentile", _)), Some((_, share))) => format!("percentile(points, {share}"),
            (Some(_), Some((function, _)), _) => format!("{function}(points)"),
            _ => equation.to_string(),
        };
        let equation = equation.as_str();
        match compute(equation, &known) {
            Ok(found) => self.compare(node, equation, found, own),
            Err(lack) => {
                let names: Vec<&str> = known.named.iter().map(|(n, _)| n.as_str()).collect();
                self.tally.wrong.push(format!("{} = {equation}: {lack:?}; it reads {names:?}", node["name"]));
            }
        }
    }

    fn compare(&mut self, node: &Value, equation: &str, found: Worth, own: Worth) {
        match found.agrees(&own) {
            true => self.tally.computed += 1,
            false => {
                let told = format!("{} = {equation}: {own:?}, by hand {found:?}", node["name"]);
                self.tally.wrong.push(told);
            }
        }
    }

    /// The condition holds at what was found, and not one further, where there is one further.
    fn search(&mut self, node: &Value, inputs: &[Value]) {
        let found = |input: &Value| {
            input["name"].as_str().is_some_and(|n| n.contains(node["text"].as_str().expect("a text")))
        };
        let good = match inputs {
            [at] => found(at) && at["value"] == true,
            [at, further] => found(at) && at["value"] == true && further["value"] == false,
            _ => false,
        };
        match good {
            true => self.tally.searched += 1,
            false => self.tally.wrong.push(format!("{} = {}: {inputs:?}", node["name"], node["equation"])),
        }
    }
}

/// Recomputes what `explain --all --format json` says of one value.
fn recompute(texts: &Texts, (path, text): (&str, &str), asked: &Asked) -> Tally {
    let Asked { scenario, parts, whole } = asked;
    // Several values in one expression: each is what it is.
    let expression = &match parts.as_slice() {
        [only] => only.clone(),
        many => many.iter().map(|part| format!("(({part}) == ({part}))")).collect::<Vec<_>>().join(" and "),
    };
    let memory = Memory::with(path, text);
    let question =
        Question { expression: expression.clone(), scenario: scenario.clone(), ..Question::default() };
    let session = Session::new(&memory, Options::default());
    let explained = session.explain(path, &question, Detail { depth: 3, all: *whole }, false);
    let tree = match explained {
        Ok(explained) => object(&explained.derivation),
        // A sweep is no part of an expression.
        Err(_) if parts.len() > 1 => {
            let mut tally = Tally::default();
            for part in parts {
                tally.add(recompute(
                    texts,
                    (path, text),
                    &Asked { parts: vec![part.clone()], ..asked.clone() },
                ));
            }
            return tally;
        }
        Err(Outcome { diagnostics: problems, .. }) => {
            // A sweep, a part of one and a whole list of points have many values.
            let many = |code: &str| matches!(code, "mls::not-a-value" | "mls::no-such-point");
            let mut tally = Tally::default();
            match problems.iter().all(|p| many(p.code)) {
                true => tally.leave("a sweep"),
                false => tally.wrong.push(format!("{problems:?}")),
            }
            return tally;
        }
    };
    // A number of the question itself.
    let mut texts = texts.clone();
    texts.add("EXPR", expression);
    let mut recompute = Recompute {
        texts: &texts,
        said: HashMap::new(),
        whole: *whole,
        shown: HashMap::new(),
        tally: Tally::default(),
    };
    recompute.node(&tree);
    let place =
        format!("{path}: {}{expression}: ", scenario.as_ref().map_or(String::new(), |s| format!("{s}: ")));
    recompute.tally.wrong.iter_mut().for_each(|w| w.insert_str(0, &place));
    recompute.tally
}

/// All questions about the scenarios, on all cores.
fn all(paths: &[String]) -> Tally {
    use std::sync::Mutex;
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut work, mut solvers) = (vec![], HashMap::new());
    for path in paths {
        let text = std::fs::read_to_string(root.join(path)).expect("a scenario");
        let texts = Texts::of(path, &text);
        let asked = questions(path, &text, &mut solvers);
        work.push((path, text, texts, asked));
    }
    let questions = work
        .iter()
        .flat_map(|(path, text, texts, asked)| asked.iter().map(move |asked| (*path, text, texts, asked)));
    let (queue, total) = (Mutex::new(questions), Mutex::new(Tally::default()));
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(2, |n| n.get()) {
            scope.spawn(|| {
                loop {
                    let next = queue.lock().expect("whole").next();
                    let Some((path, text, texts, asked)) = next else { break };
                    let tally = recompute(texts, (path, text), asked);
                    total.lock().expect("whole").add(tally);
                }
            });
        }
    });
    total.into_inner().expect("whole")
}

fn scenarios(folder: &str) -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found: Vec<String> = std::fs::read_dir(root.join(folder))
        .expect("scenarios")
        .flatten()
        .map(|e| format!("{folder}/{}", e.file_name().to_string_lossy()))
        .filter(|p| p.ends_with(".mls"))
        .collect();
    found.sort();
    found
}

/// Small plans with what the scenarios do not have: tables, functions and units of their own.
fn golden() -> Vec<String> {
    let names =
        ["comparisons", "functions", "math", "params", "scenarios", "solvers", "sweeps", "tables", "types"];
    let golden = names.map(|name| format!("tests/cli/golden/{name}/main.mls"));
    golden.into_iter().chain([PARTS.to_string()]).collect()
}

#[test]
fn every_number_follows_from_its_equation() {
    let tally = all(&[scenarios("scenarios"), scenarios("scenarios/validation"), golden()].concat());
    println!(
        "{} equations recomputed, {} searches, {} given values found in their files, {} shown above; not: {:?}",
        tally.computed, tally.searched, tally.given, tally.above, tally.left
    );
    let mut wrong = tally.wrong;
    wrong.sort();
    wrong.dedup();
    assert!(wrong.is_empty(), "{} do not follow:\n{}", wrong.len(), wrong[..wrong.len().min(40)].join("\n"));
    assert!(tally.computed > 8_000, "{} equations", tally.computed);
    assert!(tally.given > 6_000 && tally.searched > 10 && tally.above > 4_500);
    // What is left out is known, and little.
    let known = [
        ("a list of records", 20),
        ("a record by the name in its call", 120),
        ("a list that is given", 10),
        ("a number that a search tries", 50),
        ("a sweep", 20),
        ("a sweep of many points, or what goes on for too long", 10),
        ("a value of an axis", 150),
        ("folded", 2_000),
        ("how many points a sweep has", 10),
        ("item of the list", 20),
        ("not given", 2_000),
        ("sensitivity", 20),
    ];
    if std::env::var_os("MLSYS_ALL").is_none() {
        for (why, count) in &tally.left {
            let most = known.iter().find(|(known, _)| known == why).map_or(0, |(_, most)| *most);
            assert!(*count <= most, "{why}: {count}, {most} at most");
        }
    }
}
