//! Runs a checked program and says what it found.

pub mod assertion;
mod boundary;
mod brief;
pub mod columns;
pub mod comparison;
pub mod datum;
pub mod derivation;
pub mod export;
pub mod fault;
pub mod figure;
pub mod grid;
mod nearest;
pub mod outcome;
pub mod page;
mod parts;
mod plot;
pub mod rows;
pub mod run;
mod scatter;
