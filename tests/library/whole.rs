//! The library itself: everything checks and evaluates, every solver says what goes in and comes out, and whose equations
//! it has.

use std::fs;
use std::path::Path;

use mlsys::catalogue::problems;
use mlsys::outcome::Outcome;
use mlsys::report::terminal::{Style, render};
use mlsys::source::Library;

#[test]
fn nothing_is_wrong_with_the_library() {
    let Outcome { sources, diagnostics: problems, .. } = problems(Library::embedded());
    let text: Vec<String> = problems.iter().map(|d| render(d, &sources, Style::default())).collect();
    assert!(problems.is_empty(), "{}", text.join("\n"));
}

/// The files of the library with their texts.
fn files(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).expect("the library's folder");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let of = |path: &Path| match path.is_dir() {
        true => files(path),
        false => vec![(path.display().to_string(), fs::read_to_string(path).expect("a text"))],
    };
    paths.iter().flat_map(|path| of(path)).collect()
}

fn library() -> Vec<(String, String)> {
    files(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src/std"))
}

/// What the solvers of a text leave unsaid: an argument or output without a `##` line, an output without its type (which
/// is its unit), a solver without a source. Arguments stand one a line, as the formatter leaves them.
fn unsaid(text: &str) -> Vec<String> {
    let lines: Vec<&str> = text.lines().collect();
    let documented = |at: usize| at > 0 && lines[at - 1].trim_start().starts_with("## ");
    let mut found = vec![];
    let (mut solver, mut arguments) = ("", false);
    for (at, line) in lines.iter().enumerate() {
        if let Some(rest) = line.strip_prefix("solver ") {
            solver = rest.split('(').next().unwrap_or(rest);
            let doc = lines[..at].iter().rev().take_while(|l| l.starts_with("##"));
            if !doc.into_iter().any(|l| l.starts_with("## Source: ") || l.starts_with("## Sources: ")) {
                found.push(format!("{solver}: no source"));
            }
            arguments = rest.ends_with('(');
            if !arguments {
                found.push(format!("{solver}: arguments on one line"));
            }
        } else if line.starts_with(')') {
            arguments = false;
        } else if arguments && line.starts_with("  ") && !line.starts_with("   ") && !line.contains("##") {
            let name = line.trim_start().split(':').next().unwrap_or(line);
            if !documented(at) {
                found.push(format!("{solver}: {name} is not described"));
            }
            let above = lines[at - 1].trim_start();
            let several = line.split(", ").skip(1).any(|part| part.contains(": "))
                && !line.contains('{')
                && !line.contains('(');
            if several || above.starts_with('#') && !above.starts_with("##") {
                found.push(format!("{solver}: {name} shares its line"));
            }
        } else if let Some(rest) = line.strip_prefix("  out ") {
            let name = rest.split([':', ' ']).next().unwrap_or(rest);
            if !documented(at) {
                found.push(format!("{solver}: {name} is not described"));
            }
            if !rest[name.len()..].starts_with(':') {
                found.push(format!("{solver}: {name} states no type"));
            }
        } else if line.starts_with("fn ") && !documented(at) {
            let name = line["fn ".len()..].split(['(', '<']).next().unwrap_or(line);
            found.push(format!("{name} is not described"));
        }
    }
    found
}

#[test]
fn what_is_left_unsaid_is_found() {
    let text = "## Time to send.\n## Source: counted.\nsolver send(\n  ## What is sent.\n  size: Data,\n  bandwidth: Data / Time,\n) {\n  \
                ## Without latency.\n  out time = size / bandwidth\n  out hops: Scalar = 1\n}\nfn twice(x: Scalar) -> Scalar = 2 * x\n\
                ## No paper.\nsolver none(a: Scalar) {\n}\n";
    let expected = [
        "send: bandwidth is not described",
        "send: time states no type",
        "send: hops is not described",
        "twice is not described",
        "none: no source",
        "none: arguments on one line",
    ];
    assert_eq!(unsaid(text), expected);
}

#[test]
fn every_solver_describes_its_arguments_and_outputs_and_names_its_sources() {
    let solvers: Vec<_> = library().into_iter().filter(|(_, text)| text.contains("\nsolver ")).collect();
    assert!(solvers.len() >= 7, "{} files with solvers", solvers.len());
    let found: Vec<String> = solvers
        .iter()
        .flat_map(|(path, text)| unsaid(text).into_iter().map(move |f| format!("{path}: {f}")))
        .collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// A file of equations is about one thing, and says so in its first line.
#[test]
fn files_of_equations_are_short_and_begin_with_their_subject() {
    for (path, text) in library().into_iter().filter(|(path, _)| path.contains("solvers")) {
        assert!(text.starts_with("# "), "{path}");
        assert!(text.lines().count() <= 330, "{path}: {} lines", text.lines().count());
    }
}
