//! All integration tests in one binary.

mod book;
mod diagnostics;
mod export;
mod facade;
mod format;
mod import;
mod init;
mod library;
mod models;
mod pages;
mod passing;
mod plots;
mod reports;
mod scenarios;
mod seed;
mod support;
mod sweeps;
mod targets;
mod training;
