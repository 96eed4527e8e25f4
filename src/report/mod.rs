//! What a run found, for people and programs. Every report reads the same [`Outcome`](crate::outcome::Outcome).

pub mod chart;
pub mod codes;
pub mod contract;
pub mod derivation;
pub mod difference;
pub mod github;
mod groups;
pub mod html;
pub mod human;
pub mod junit;
mod margins;
pub mod markdown;
pub mod plan;
mod plots;
mod points;
pub mod reference;
pub mod sarif;
pub mod sensitivity;
pub mod standing;
pub mod table;
mod tally;
pub mod terminal;
pub mod wrap;
