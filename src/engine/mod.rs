//! Runs a checked program and says what it found.

mod assertion;
mod datum;
mod fault;
pub mod outcome;
pub mod run;
