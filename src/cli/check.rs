//! `mlsys check`: names, types and dimensions, without running anything.

use clap::Args;

use super::disk::{Disk, expand};
use super::output::{Color, complain, diagnostics, print, stderr_style};
use super::run::Format;
use crate::report::contract;
use crate::report::human::plural;
use crate::session::{Options, Session};

/// Check scenarios without running them
#[derive(Args)]
pub struct Check {
    /// Files, directories (every .mls below them), or - for standard input
    #[arg(required = true)]
    paths: Vec<String>,
    /// How to report
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Diagnostics to print at most; 0 for all
    #[arg(long, default_value_t = 20, value_name = "N")]
    max_errors: usize,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

impl Check {
    pub fn execute(self) -> u8 {
        let paths = match expand(&self.paths) {
            Ok(paths) => paths,
            Err(message) => {
                complain(&format!("error: {message}\n"));
                return 2;
            }
        };
        let outcome = Session::new(&Disk, Options::default()).check(&paths);
        let code = outcome.exit_code(false);
        if self.format == Format::Json {
            let report = contract::report(&outcome);
            print(&format!("{}\n", serde_json::to_string_pretty(&report).expect("a report is JSON")));
            return code;
        }
        let style = stderr_style(self.color);
        complain(&diagnostics(&outcome.diagnostics, &outcome.sources, style, self.max_errors));
        let files = plural(paths.len(), "file");
        let verdict = match outcome.diagnostics.len() {
            0 => format!("{files} checked, nothing found\n"),
            n => format!("{files} checked, {}\n", plural(n, "diagnostic")),
        };
        print(&verdict);
        code
    }
}
