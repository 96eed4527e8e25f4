//! mlsys: a small language for checking ML hardware plans, and the engine that runs it.
//!
//! [`session::Session`] compiles and runs scenarios; [`engine::outcome::Outcome`] is what it found; `report` turns that
//! into text and JSON. The command line in [`cli`] is one client of these.

pub mod catalogue;
mod check;
pub mod cli;
pub mod codes;
pub mod diagnostic;
pub mod engine;
mod explain;
pub mod facade;
mod import;
mod library;
mod native;
mod plan;
pub mod report;
pub mod session;
pub mod source;
mod suggest;
mod syntax;
mod units;

pub use facade::{ModelSpec, PerformanceProfile, SolveOptions, SystemArchetype, solve};

/// A map from names that keeps the order in which they were declared.
pub(crate) type NameMap<V> = indexmap::IndexMap<std::sync::Arc<str>, V, rustc_hash::FxBuildHasher>;
