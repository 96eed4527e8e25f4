//! Derivations for a page: of every output of every solve, each equation of a solve once.

use crate::check::program::Program;
use crate::explain::derivation::{Deriver, Detail};
use crate::lower::lowerer::Lowerer;
use crate::outcome::FileOutcome;
use crate::outcome::derivation::Derived;
use crate::run::declared_solves::{solve, solves};
use crate::source::Sources;

/// Values under one output that have not been shown under another, at most and at least: a large solver has thousands.
const NODES: (usize, usize) = (60, 8);
/// Values of all outputs of a file: of many solves each has fewer.
const FILE: usize = 12_000;

/// Adds the derivations to the files of a run.
pub fn derive(program: &Program, sources: &Sources, files: &mut [FileOutcome]) {
    let mut lowerer = Lowerer::new(program, sources);
    for (plan, outcome) in program.files.iter().zip(files) {
        let outputs: usize = outcome.solves.iter().map(|s| s.outputs.len()).sum();
        let nodes = (FILE / outputs.max(1)).clamp(NODES.1, NODES.0);
        for (id, scenario) in solves(plan) {
            let Some(solved) = solve(&mut lowerer, id) else { continue };
            let solver = program.solver(solved.solver);
            let Ok(results) = lowerer.results(&solved) else { continue };
            let mut deriver = Deriver::new(&mut lowerer, Detail { depth: 0, all: true });
            deriver.swept.extend(solved.point.map(|(sweep, _)| sweep));
            let mut outputs = vec![];
            for slot in &solver.outputs {
                let Some(origin) = results.origin(slot.index()) else { continue };
                outputs.push(deriver.output(&solver.locals[slot.index()].name, &origin, nodes));
            }
            outcome.derived.push(Derived { solve: (program.global(id).name.to_string(), scenario), outputs });
        }
    }
}
