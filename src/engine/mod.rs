//! Runs a checked program and says what it found.

pub mod assertion;
mod boundary;
pub mod datum;
pub mod export;
mod fault;
mod grid;
mod nearest;
pub mod outcome;
mod rows;
pub mod run;
