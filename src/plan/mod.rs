//! From the checked program to flat operations over columns.
//!
//! Lowering inlines functions and solvers, unrolls iterations and lists, and shares what is computed twice. Records,
//! optionals and lists exist only here; what is left are columns of `f64`.

mod along;
pub mod axes;
mod bounds;
mod branch;
mod call;
mod change;
pub mod columns;
mod define;
mod field;
mod fold;
mod format;
pub mod graph;
pub mod input;
mod interval;
mod kernel;
pub mod lanes;
pub mod lower;
mod message;
pub mod opening;
mod operator;
mod optimize;
mod percentile;
mod pick;
pub mod probe;
mod sample;
mod schedule;
mod search;
mod seek;
pub mod sensitivity;
pub mod skim;
pub mod slope;
mod solver;
pub mod sweep;
pub mod tally;
pub mod value;
pub mod watch;
mod worker;
