//! Runs a checked program and says what it found.

pub mod assertion;
pub mod datum;
mod fault;
mod grid;
pub mod outcome;
pub mod run;
