//! Values of a run as data: for reports, for tables, for files.

pub mod columns;
pub mod datum;
pub mod export;
pub mod page_tables;
pub mod rows;
pub mod setting;
pub mod sweep;
