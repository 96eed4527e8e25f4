pub mod diagnostic;
pub mod engine;
pub mod source;
pub mod suggest;
pub mod syntax;
pub mod units;
