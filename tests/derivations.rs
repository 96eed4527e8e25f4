//! Derivations, recomputed: the value of each node follows from its own equation and the values of its inputs, by a
//! small calculator that shares nothing with the program.

use std::path::Path;

use mlsys::report::derivation::object;
use mlsys::session::{Options, Question, Session};
use mlsys::source::Memory;
use serde_json::Value;

fn derivation(file: &str, expression: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/failing").join(file);
    let text = std::fs::read_to_string(path).expect("the scenario is committed");
    let memory = Memory::with("main.mls", text);
    let session = Session::new(&memory, Options::default());
    let question = Question { expression: expression.into(), ..Question::default() };
    match session.explain("main.mls", &question, (12, true), false) {
        Ok(explained) => object(&explained.derivation),
        Err((_, problems)) => panic!("{expression}: {problems:?}"),
    }
}

/// Sums, products, quotients, `max` and `min` of names and plain numbers. Anything else it does not know.
struct Calculator<'t> {
    rest: &'t str,
    values: &'t [(String, f64)],
}

impl Calculator<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, mark: &str) -> bool {
        self.blanks();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn whole(mut self) -> Option<f64> {
        let value = self.sum()?;
        self.blanks();
        self.rest.is_empty().then_some(value)
    }

    fn sum(&mut self) -> Option<f64> {
        let mut value = self.product()?;
        loop {
            if self.takes("+") {
                value += self.product()?;
            } else if self.takes("-") {
                value -= self.product()?;
            } else {
                return Some(value);
            }
        }
    }

    fn product(&mut self) -> Option<f64> {
        let mut value = self.operand()?;
        loop {
            if self.takes("*") {
                value *= self.operand()?;
            } else if self.takes("/") {
                value /= self.operand()?;
            } else {
                return Some(value);
            }
        }
    }

    fn operand(&mut self) -> Option<f64> {
        self.blanks();
        // An input by the name it is read by, the longest first: some are calls.
        let ends = |rest: &str| !rest.starts_with(|c: char| c.is_alphanumeric() || "_.({[".contains(c));
        let found =
            self.values.iter().find(|(name, _)| self.rest.strip_prefix(name.as_str()).is_some_and(ends));
        if let Some((name, value)) = found {
            self.rest = &self.rest[name.len()..];
            return Some(*value);
        }
        for (function, better) in [("max(", f64::max as fn(f64, f64) -> f64), ("min(", f64::min)] {
            if self.takes(function) {
                let mut value = self.sum()?;
                while self.takes(",") {
                    value = better(value, self.sum()?);
                }
                return self.takes(")").then_some(value);
            }
        }
        if self.takes("(") {
            let value = self.sum()?;
            return self.takes(")").then_some(value);
        }
        let digits = self.rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).unwrap_or(self.rest.len());
        let value = self.rest[..digits].parse().ok()?;
        self.rest = &self.rest[digits..];
        // A unit after it would scale it, or not: that is not for here.
        let unit = self.rest.trim_start().starts_with(|c: char| c.is_alphabetic() || c == '%');
        (!unit).then_some(value)
    }
}

/// Recomputes all nodes that it can, and answers how many those were.
fn recompute(node: &Value) -> usize {
    let inputs = node["inputs"].as_array().expect("a list");
    let mut values: Vec<(String, f64)> =
        inputs.iter().filter_map(|i| Some((i["name"].as_str()?.to_string(), i["value"].as_f64()?))).collect();
    values.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    let mut count = 0;
    if let (Some(equation), Some(value)) = (node["equation"].as_str(), node["value"].as_f64()) {
        let calculator = Calculator { rest: equation, values: &values };
        if let Some(found) = calculator.whole() {
            let near = (found - value).abs() <= 1e-12 * value.abs().max(found.abs());
            assert!(near, "{} = {equation}: {value}, by hand {found} of {values:?}", node["name"]);
            count += 1;
        }
    }
    count + inputs.iter().map(recompute).sum::<usize>()
}

#[test]
fn nodes_follow_from_their_equations() {
    for (file, expression, least) in [
        ("windows.mls", "one.latency", 4),
        ("windows.mls", "one.throughput / one.latency", 5),
        ("training.mls", "run.cost", 20),
        ("serving.mls", "one.ttft_p99", 50),
        ("serving.mls", "one.max_request_rate", 20),
    ] {
        let count = recompute(&derivation(file, expression));
        assert!(count >= least, "{file} {expression}: {count} nodes recomputed");
    }
}
