//! `mlsys explain`: where a value comes from.

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::cli::output::{Color, complain, diagnostics, print, stderr_style, stdout_style};
use crate::cli::run::setting;
use crate::codes;
use crate::disk::Disk;
use crate::outcome::Outcome;
use crate::report::codes as report;
use crate::report::{derivation, plan, sensitivity};
use crate::session::{Detail, Explained, Options, Question, Session, axes};

/// Show where a value comes from: its equation, what goes into it, and whose figures those are. Or what a code means
#[derive(Args)]
pub struct Explain {
    /// The scenario file, or - for standard input; or the code of a diagnostic alone: `mls::unknown-name`
    #[arg(value_name = "FILE|CODE")]
    file: String,
    /// What to explain: `one.latency`, `night.quiet.latency`, `grid[batch: 64].latency`, or any expression
    expression: Option<String>,
    /// Levels of the derivation to show
    #[arg(long, default_value_t = 3, value_name = "N")]
    depth: usize,
    /// Show all of it: every level, and terms that do not matter
    #[arg(long)]
    all: bool,
    /// Show how much each input moves the value, in per cent for one per cent
    #[arg(long)]
    sensitivity: bool,
    /// Show the operations that the file is lowered to, and which axis each of them goes along
    #[arg(long, conflicts_with_all = ["expression", "sensitivity", "scenario", "at"])]
    plan: bool,
    /// The scenario whose names are meant
    #[arg(long, value_name = "NAME")]
    scenario: Option<String>,
    /// The point of a sweep: --at "batch=64, precision=fp8"
    #[arg(long, value_name = "AXIS=VALUE")]
    at: Option<String>,
    /// Set a `param` of the scenario, for instance --set "efficiency=40%"
    #[arg(long, value_name = "NAME=VALUE", value_parser = setting)]
    set: Vec<(String, String)>,
    /// How to print
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A tree
    Human,
    /// One object, values in base units
    Json,
    /// Nested lists
    Markdown,
}

impl Explain {
    pub fn execute(self, disk: &Disk) -> u8 {
        if self.plan {
            return self.lowered(disk);
        }
        let Some(at) = self.at.as_deref().map_or(Some(vec![]), axes) else {
            complain("error: write --at \"AXIS=VALUE, AXIS=VALUE\"\n");
            return 2;
        };
        let Some(expression) = self.expression.clone() else { return self.code() };
        let question = Question { expression, scenario: self.scenario.clone(), at };
        let options = Options { set: self.set.clone(), ..Options::default() };
        let session = Session::new(disk, options);
        let detail = Detail { depth: self.depth, all: self.all };
        match session.explain(&self.file, &question, detail, self.sensitivity) {
            Ok(explained) => {
                print(&self.text(&explained));
                0
            }
            Err(Outcome { sources, diagnostics: problems, .. }) => {
                complain(&diagnostics(&problems, &sources, stderr_style(Color::Auto), 20));
                2
            }
        }
    }

    /// Prints the lowered plan of the file.
    fn lowered(&self, disk: &Disk) -> u8 {
        let options = Options { set: self.set.clone(), ..Options::default() };
        match Session::new(disk, options).plan(&self.file) {
            Ok(listing) => {
                print(&match self.format {
                    Format::Human => plan::text(&listing, self.all),
                    Format::Markdown => format!("```text\n{}```\n", plan::text(&listing, self.all)),
                    Format::Json => {
                        let text = serde_json::to_string_pretty(&plan::object(&listing));
                        format!("{}\n", text.expect("a plan is JSON"))
                    }
                });
                0
            }
            Err(Outcome { sources, diagnostics: problems, .. }) => {
                complain(&diagnostics(&problems, &sources, stderr_style(Color::Auto), 20));
                2
            }
        }
    }

    /// Explains the code of a diagnostic.
    fn code(&self) -> u8 {
        let Some(entry) = codes::entry(&self.file) else {
            let near = codes::nearest_code(&self.file).filter(|_| !self.file.ends_with(".mls"));
            complain(&match near {
                Some(near) => format!("error: there is no code `{}`; did you mean `{near}`?\n", self.file),
                None if self.file.starts_with("mls::") => {
                    format!("error: there is no code `{}`\n", self.file)
                }
                None => format!("error: which value? mlsys explain {} one.latency\n", self.file),
            });
            return 2;
        };
        print(&match self.format {
            Format::Human => report::text(&entry, stdout_style(Color::Auto)),
            Format::Json => {
                format!(
                    "{}\n",
                    serde_json::to_string_pretty(&report::object(&entry)).expect("texts are JSON")
                )
            }
            Format::Markdown => report::markdown(&entry),
        });
        0
    }

    fn text(&self, explained: &Explained) -> String {
        let root = &explained.derivation;
        match (self.format, self.sensitivity) {
            (Format::Human, false) => derivation::tree(root),
            (Format::Markdown, false) => derivation::markdown(root),
            (Format::Human, true) => sensitivity::lines(explained),
            (Format::Markdown, true) => sensitivity::markdown(explained),
            (Format::Json, _) => {
                let mut object = json!({
                    "version": 1,
                    "path": self.file,
                    "expression": self.expression,
                    "derivation": derivation::object(root),
                });
                if self.sensitivity {
                    let list = explained.sensitivity.iter().map(|e| {
                        json!({
                            "input": e.input, "now": e.now, "elasticity": e.elasticity, "doubled": e.doubled
                        })
                    });
                    object["sensitivity"] = list.collect();
                }
                // Of a whole tree indentation would be most of it.
                let text = match self.all {
                    true => serde_json::to_string(&object),
                    false => serde_json::to_string_pretty(&object),
                };
                format!("{}\n", text.expect("a derivation is JSON"))
            }
        }
    }
}
