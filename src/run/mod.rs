//! Runs a checked program and says what it found.

pub mod assertion;
pub mod chart;
pub mod data;
pub mod declared_solves;
pub mod headline;
pub mod page;
pub mod steps;
pub mod summands;
pub mod undefined_value;
