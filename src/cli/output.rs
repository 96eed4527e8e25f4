//! Where text goes and how it is drawn there.

use std::io::{IsTerminal, Write};

use clap::ValueEnum;

use crate::codes;
use crate::diagnostic::{Diagnostic, Severity};
use crate::report::human::plural;
use crate::report::terminal;
use crate::report::terminal::Style;
use crate::source::Sources;

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal, unless NO_COLOR is set.
    Auto,
    Always,
    Never,
}

/// Width of text that goes to a file or pipe, and the most that is used on a terminal.
const WIDTH: (usize, usize) = (80, 120);

/// How to draw for standard output or standard error.
pub fn style(color: Color, terminal: bool) -> Style {
    let color = colored(color, terminal, |name| std::env::var(name).ok());
    let asked = || std::env::var("COLUMNS").ok().and_then(|c| c.parse::<usize>().ok());
    let measured = || terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
    let width = match terminal {
        true => asked().or_else(measured).unwrap_or(WIDTH.0).clamp(40, WIDTH.1),
        false => WIDTH.0,
    };
    Style { width, color, unicode: unicode() }
}

/// Whether to use colour: on a terminal that can show it, unless NO_COLOR is set to anything (<https://no-color.org>).
fn colored(color: Color, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let plain = variable("NO_COLOR").is_some_and(|v| !v.is_empty())
        || variable("TERM").is_some_and(|terminal| terminal == "dumb");
    match color {
        Color::Auto => terminal && !plain,
        Color::Always => true,
        Color::Never => false,
    }
}

/// The locale says whether the terminal shows more than ASCII; where it says nothing, it does.
fn unicode() -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|v| !v.is_empty()));
    match locale {
        Some(locale) => {
            let locale = locale.to_lowercase();
            locale.contains("utf-8") || locale.contains("utf8")
        }
        None => true,
    }
}

pub fn stdout_style(color: Color) -> Style {
    style(color, std::io::stdout().is_terminal())
}

pub fn stderr_style(color: Color) -> Style {
    style(color, std::io::stderr().is_terminal())
}

/// Prints to standard output. A reader that has gone away (`| head`) is no error.
pub fn print(text: &str) {
    let mut out = std::io::stdout().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// Prints to standard error.
pub fn complain(text: &str) {
    let mut out = std::io::stderr().lock();
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

/// The line below errors that says where to read on: about the first code of an error, if there is one.
pub fn read_on<'d>(all: impl IntoIterator<Item = &'d Diagnostic>) -> String {
    let first = all.into_iter().find(|d| d.severity == Severity::Error && codes::entry(d.code).is_some());
    first.map_or(String::new(), |d| {
        format!("For more information about this error, try `mlsys explain {}`.\n\n", d.code)
    })
}

/// Renders diagnostics, at most `limit` of them (0: all).
pub fn diagnostics<'d>(
    all: impl IntoIterator<Item = &'d Diagnostic>,
    sources: &Sources,
    style: Style,
    limit: usize,
) -> String {
    let all: Vec<&Diagnostic> = all.into_iter().collect();
    let shown = if limit == 0 { all.len() } else { limit.min(all.len()) };
    let mut text = String::new();
    for diagnostic in &all[..shown] {
        text.push_str(&terminal::render(diagnostic, sources, style));
        text.push('\n');
    }
    if shown < all.len() {
        let more = plural(all.len() - shown, "more diagnostic");
        text.push_str(&format!("... and {more}; `--max-errors 0` shows all\n\n"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_for_terminals_that_want_it() {
        let with = |set: &'static [(&str, &str)]| {
            move |name: &str| set.iter().find(|(n, _)| *n == name).map(|(_, v)| v.to_string())
        };
        assert!(colored(Color::Auto, true, with(&[("TERM", "xterm-256color")])));
        assert!(!colored(Color::Auto, false, with(&[("TERM", "xterm-256color")])));
        assert!(!colored(Color::Auto, true, with(&[("NO_COLOR", "1")])));
        assert!(!colored(Color::Auto, true, with(&[("NO_COLOR", "0")])));
        // Set to nothing is not set, says the convention.
        assert!(colored(Color::Auto, true, with(&[("NO_COLOR", "")])));
        assert!(!colored(Color::Auto, true, with(&[("TERM", "dumb")])));
        // What is asked for wins over the environment.
        assert!(colored(Color::Always, false, with(&[("NO_COLOR", "1")])));
        assert!(!colored(Color::Never, true, with(&[])));
    }
}
