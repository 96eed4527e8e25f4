//! mlsys: a small language for checking ML hardware plans, and the engine that runs it.
//!
//! ```
//! use mlsys::session::{Options, Session};
//! use mlsys::source::Memory;
//!
//! let mut session = Session::new(Memory::default(), Options::default());
//! session.open("plan.mls", "param batch: Scalar = 8\nlet work = batch * 2 Gflop\nassert work < 10 Gflop\n");
//! assert!(session.diagnostics("plan.mls").is_empty());
//! assert_eq!(session.evaluated("plan.mls").exit_code(false), 1, "an assertion does not hold");
//! let symbol = session.at("plan.mls", 28).expect("a name stands there");
//! assert_eq!((symbol.name.as_str(), symbol.uses.len()), ("work", 1));
//! ```
//!
//! [`session::Session`] checks and runs scenarios, and answers for any place in a text; [`outcome::Outcome`] is what it
//! found. Texts and the library come from a [`source::SourceProvider`]: [`disk::Disk`], [`source::Memory`] or one of the
//! caller's. [`solve`] runs one solver without a text; [`catalogue`] lists what a library has. Reports (feature
//! `reports`) turn an outcome into text, JSON and pages; the command line (feature `cli`) is one client of these.

#![warn(missing_docs)]

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
mod run;
pub mod session;
pub mod source;
mod suggest;
mod syntax;
mod units;
mod whatif;

pub use facade::{Input, Solution, solve};

/// A map from names that keeps the order in which they were declared.
pub(crate) type NameMap<V> = indexmap::IndexMap<std::sync::Arc<str>, V, rustc_hash::FxBuildHasher>;
