//! What a run found, for people and programs. Every report reads the same [`Outcome`](crate::engine::outcome::Outcome).

pub mod contract;
pub mod human;
pub mod reference;
pub mod table;
pub mod terminal;
