//! `mlsys check`: names, types and dimensions, without running anything.

use clap::Args;

use crate::cli::fix::fix;
use crate::cli::output::{Color, complain, diagnostics, read_on, stderr_style};
use crate::cli::report::{Target, TargetParser, emit, targets};
use crate::disk::{Disk, expand};
use crate::outcome::Outcome;
use crate::report::human::plural;
use crate::report::terminal::Style;
use crate::session::{Options, Session};

/// How often the files are checked again after changes: a mistake may hide another.
const PASSES: usize = 16;

/// Check scenarios without running them
#[derive(Args)]
pub struct Check {
    /// Files, directories (every .mls below them), or - for standard input
    #[arg(required = true)]
    paths: Vec<String>,
    /// How to report, and into which file; may be given several times
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = TargetParser)]
    format: Vec<Target>,
    /// Diagnostics to print at most; 0 for all
    #[arg(long, default_value_t = 20, value_name = "N")]
    max_errors: usize,
    /// Mend what is wrong without a doubt: write the suggested changes into the files, and say which
    #[arg(long)]
    fix: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

impl Check {
    pub fn execute(self, disk: &Disk) -> u8 {
        let (targets, paths) = match targets(&self.format).and_then(|t| Ok((t, expand(&self.paths)?))) {
            Ok(found) => found,
            Err(message) => {
                complain(&format!("error: {message}\n"));
                return 2;
            }
        };
        let mut outcome = Session::new(disk, Options::default()).check(&paths);
        if self.fix {
            for _ in 0..PASSES {
                match fix(&outcome, &paths) {
                    Ok(0) => break,
                    Ok(_) => outcome = Session::new(disk, Options::default()).check(&paths),
                    Err(message) => {
                        complain(&format!("error: {message}\n"));
                        return 2;
                    }
                }
            }
        }
        emit(&targets, &outcome, (outcome.exit_code(false), false), &|to_file| self.human(&outcome, to_file))
    }

    /// The report for people. What was found goes to standard error before it; in a file it stands above it.
    fn human(&self, outcome: &Outcome, to_file: bool) -> String {
        let style = if to_file { Style::default() } else { stderr_style(self.color) };
        let told = diagnostics(&outcome.diagnostics, &outcome.sources, style, self.max_errors);
        let files = plural(outcome.files.len(), "file");
        let verdict = match outcome.diagnostics.len() {
            0 => format!("{files} checked, nothing found\n"),
            n => format!("{files} checked, {}\n", plural(n, "diagnostic")),
        };
        if to_file {
            return told + &verdict;
        }
        complain(&(told + &read_on(&outcome.diagnostics)));
        verdict
    }
}
