//! All integration tests in one binary.

mod book;
mod commands;
mod contract;
mod diagnostics;
mod explain;
mod export;
mod facade;
mod format;
mod golden;
mod import;
mod init;
mod layers;
mod library;
mod limits;
mod models;
mod mutations;
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
