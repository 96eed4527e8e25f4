//! What is asked about a scenario: its solves, conditions, values and what it shows.

use std::collections::HashMap;

use mlsys::session::{Options, Session};
use mlsys::source::Memory;

/// Solves of one solver that are derived to the end, of all files; other questions go two levels deep. `MLSYS_ALL=1`
/// derives everything to the end.
const WHOLE: usize = 1;
/// Values of one question.
const TOGETHER: usize = 8;
/// Of files with more assertions, every so many is asked about.
const MANY: usize = 40;

/// Values that are asked about at once: checking the file takes longer than answering.
#[derive(Clone)]
pub struct Asked {
    pub scenario: Option<String>,
    pub parts: Vec<String>,
    /// To the end of its derivation.
    pub whole: bool,
}

/// One of each thing that is made of several.
pub const PARTS: &str = "tests/data/explain/parts.mls";
/// Ten million points, which take long to run: only its solve is asked about.
const LONG: &str = "scenarios/sensitivity.mls";

/// What is asked about a file: each solve as a whole, each value, each condition, each thing shown.
pub fn questions(path: &str, text: &str, solvers: &mut HashMap<String, usize>) -> Vec<Asked> {
    if path == LONG {
        return vec![Asked { scenario: None, parts: vec!["plan".into()], whole: true }];
    }
    let memory = Memory::with(path, text);
    let options = Options { no_suggest: true, ..Options::default() };
    let outcome = Session::new(&memory, options).run(&[path.into()]);
    let everything = std::env::var_os("MLSYS_ALL").is_some();
    let mut asked = vec![];
    let mut ask = |scenario: &Option<String>, expression: &str, whole: bool| {
        let whole = whole || everything || path == PARTS;
        match asked.last_mut() {
            Some(Asked { scenario: last, parts, whole: false })
                if !whole && last == scenario && parts.len() < TOGETHER =>
            {
                parts.push(expression.to_string());
            }
            _ => {
                let (scenario, parts) = (scenario.clone(), vec![expression.to_string()]);
                asked.push(Asked { scenario, parts, whole });
            }
        }
    };
    for file in &outcome.files {
        for solve in &file.solves {
            let seen = solvers.entry(solve.solver.clone()).or_default();
            *seen += 1;
            if everything || *seen <= WHOLE {
                ask(&solve.scenario, &solve.name, true);
            }
        }
        let every = if file.assertions.len() > MANY && !everything { MANY } else { 1 };
        for single in file.assertions.iter().filter(|a| a.points.is_none()).step_by(every) {
            ask(&single.scenario, &single.text, false);
        }
        for show in &file.shows {
            ask(&show.scenario, &show.text, false);
        }
    }
    let mut scenario = None;
    for line in text.lines() {
        let words: Vec<&str> = line.split([' ', ':']).filter(|w| !w.is_empty()).collect();
        match words.as_slice() {
            ["scenario", ..] => scenario = line.split('"').nth(1).map(str::to_string),
            ["let", name, ..] if line.starts_with("let") => ask(&None, name, false),
            ["let", name, ..] if scenario.is_some() && line.starts_with("  let") => {
                ask(&scenario, name, false);
            }
            _ if line.starts_with('}') => scenario = None,
            _ => {}
        }
    }
    asked
}
