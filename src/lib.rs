//! mlsys: a small language for checking ML hardware plans, and the engine that runs it.
//!
//! [`session::Session`] compiles and runs scenarios; [`outcome::Outcome`] is what it found; `report` turns that
//! into text and JSON. The command line in [`cli`] is one client of these.

pub mod catalogue;
mod check;
#[cfg(feature = "cli")]
pub mod cli;
pub mod codes;
mod columns;
pub mod diagnostic;
pub mod diff;
pub mod disk;
mod explain;
pub mod facade;
mod import;
mod library;
mod lower;
mod native;
pub mod outcome;
#[cfg(feature = "reports")]
pub mod report;
pub mod run;
pub mod session;
pub mod source;
mod suggest;
mod syntax;
mod units;
mod whatif;

pub use facade::{Input, Solution, solve};

/// A map from names that keeps the order in which they were declared.
pub(crate) type NameMap<V> = indexmap::IndexMap<std::sync::Arc<str>, V, rustc_hash::FxBuildHasher>;
