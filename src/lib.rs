//! mlsys: a small language for checking ML hardware plans, and the engine that runs it.

mod check;
pub mod diagnostic;
pub mod engine;
mod explain;
mod library;
mod native;
mod plan;
pub mod session;
pub mod source;
mod suggest;
mod syntax;
mod units;
