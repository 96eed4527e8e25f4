//! All integration tests in one binary.

mod book;
mod facade;
mod format;
mod import;
mod init;
mod library;
mod models;
mod seed;
mod support;
mod sweeps;
