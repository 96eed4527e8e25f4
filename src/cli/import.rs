//! `mlsys import`: a Hugging Face configuration as a `model` declaration.

use clap::Args;

use crate::cli::output::{Color, complain, diagnostics, print, stderr_style};
use crate::disk::Disk;
use crate::outcome::Outcome;
use crate::session::{Options, Session};
use crate::syntax::is_name;

/// Turn a Hugging Face config.json into a `model` declaration
#[derive(Args)]
pub struct Import {
    /// A config.json, the folder that holds one (with hf_quant_config.json, if any), or - for standard input
    path: String,
    /// What to call the model; its published name otherwise
    #[arg(long)]
    name: Option<String>,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

impl Import {
    pub fn execute(self, disk: &Disk) -> u8 {
        if let Some(name) = self.name.as_deref().filter(|name| !is_name(name)) {
            complain(&format!(
                "error: `{name}` cannot be the name of a model: letters, digits and `_`, no word of the language\n"
            ));
            return 2;
        }
        match Session::new(disk, Options::default()).import(&self.path, self.name.as_deref()) {
            Ok(imported) => {
                let style = stderr_style(self.color);
                complain(&diagnostics(&imported.warnings, &imported.sources, style, 0));
                print(&imported.text);
                0
            }
            Err(Outcome { sources, diagnostics: problems, .. }) => {
                complain(&diagnostics(&problems, &sources, stderr_style(self.color), 0));
                2
            }
        }
    }
}
