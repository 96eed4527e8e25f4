//! What a page shows besides the results: frontiers, where solves stand on their rooflines, what sums are made of, the
//! points of sweeps. It is worked out only when a page is asked for.

use crate::check::program::Program;
use crate::lower::lowerer::Lowerer;
use crate::outcome::FileOutcome;
use crate::run::chart::page::{frontiers, rooflines, sums};
use crate::run::data::page_tables;
use crate::source::Sources;

/// Adds to the files of a run what a page shows besides.
pub fn fill(program: &Program, sources: &Sources, files: &mut [FileOutcome]) {
    let mut lowerer = Lowerer::new(program, sources);
    for (plan, outcome) in program.files.iter().zip(files) {
        page_tables::add(&mut lowerer, plan, outcome);
        frontiers::add(&mut lowerer, plan, outcome);
        rooflines::add(&mut lowerer, plan, outcome);
        sums::add(&mut lowerer, plan, outcome);
    }
}
