//! From the checked program to flat operations over columns.
//!
//! Lowering inlines functions and solvers, unrolls iterations and lists, and shares what is computed twice. Records,
//! optionals and lists exist only here; what is left are columns of `f64`.

pub mod call;
pub mod choice;
pub mod definition;
pub mod expression;
pub mod extremum;
pub mod feasibility;
pub mod field;
pub mod format;
pub mod grid;
pub mod join_values;
pub mod list;
pub mod lowerer;
pub mod operator;
pub mod overrides;
pub mod perturb;
pub mod plan;
pub mod solver;
pub mod state;
pub mod template;
pub mod value;
