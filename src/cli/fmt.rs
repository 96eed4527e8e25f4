//! `mlsys fmt`: scenarios in the one layout.

use std::fs;
use std::io::Write;
use std::path::Path;

use clap::Args;
use similar::TextDiff;

use crate::cli::output::{Color, complain, diagnostics, print, stderr_style};
use crate::disk::{Disk, STDIN, expand};
use crate::outcome::Outcome;
use crate::report::human::plural;
use crate::session::{Formatted, Options, Session};

/// Lay out scenarios: indentation, blanks, aligned columns
#[derive(Args)]
pub struct Fmt {
    /// Files, directories (every .mls below them), or - for standard input to standard output
    #[arg(required = true)]
    paths: Vec<String>,
    /// Change nothing; print what would change, and exit with 1 if anything would
    #[arg(long)]
    check: bool,
    /// When to use colour
    #[arg(long, value_enum, default_value_t = Color::Auto, value_name = "WHEN")]
    color: Color,
}

impl Fmt {
    pub fn execute(self, disk: &Disk) -> u8 {
        let paths = match expand(&self.paths) {
            Ok(paths) => paths,
            Err(message) => {
                complain(&format!("error: {message}\n"));
                return 2;
            }
        };
        let session = Session::new(disk, Options::default());
        let (mut code, mut changed) = (0, 0);
        for path in &paths {
            match session.format(path) {
                Err(Outcome { sources, diagnostics: problems, .. }) => {
                    complain(&diagnostics(&problems, &sources, stderr_style(self.color), 0));
                    code = 2;
                }
                Ok(formatted) => match self.apply(path, &formatted) {
                    Ok(differs) => changed += usize::from(differs),
                    Err(error) => {
                        complain(&format!("error: `{path}` cannot be written: {error}\n"));
                        code = 2;
                    }
                },
            }
        }
        if self.check && changed > 0 {
            complain(&format!("{} would change; `mlsys fmt` changes them\n", plural(changed, "file")));
            return code.max(1);
        }
        code
    }

    /// True when the text is not laid out yet.
    fn apply(&self, path: &str, formatted: &Formatted) -> std::io::Result<bool> {
        let differs = formatted.before != formatted.after;
        if self.check {
            if differs {
                let diff = TextDiff::from_lines(&formatted.before, &formatted.after);
                print(&diff.unified_diff().header(path, path).to_string());
            }
        } else if path == STDIN {
            print(&formatted.after);
        } else if differs {
            replace(Path::new(path), &formatted.after)?;
        }
        Ok(differs)
    }
}

/// Writes beside the file and renames, so that a full disk or a kill leaves the old text.
pub(super) fn replace(path: &Path, text: &str) -> std::io::Result<()> {
    // Through a link to the file itself, which keeps the link.
    let path = fs::canonicalize(path)?;
    // A new file would take the name of one that nobody is to write.
    if fs::metadata(&path)?.permissions().readonly() {
        return Err(std::io::Error::other("it is read-only"));
    }
    let mut name = path.file_name().unwrap_or_default().to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let written = fs::File::create(&beside).and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.set_permissions(fs::metadata(&path)?.permissions())?;
        fs::rename(&beside, &path)
    });
    if written.is_err() {
        // Nothing is lost with it: the text is still in the file.
        let _ = fs::remove_file(&beside);
    }
    written
}
