//! Scenarios with one mistake put in by a machine: a character, word or line less, a unit or name or mark changed.
//!
//! Every run must end in one of the three exit codes, and where a file is invalid the first label must lie at the
//! mistake. `cargo test mutations:: -- --nocapture` prints the share of those that do, and the ones that do not.

use std::fs;
use std::path::Path;

use mlsys::session::{Options, Session};
use mlsys::source::{Memory, Origin};

use super::support::Random;

/// A mutated text, the line that was touched (from 1), and what was done.
struct Mutation {
    text: String,
    line: usize,
    what: String,
}

/// Texts to mutate: what users copy, and the goldens.
fn texts() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = vec![];
    for folder in ["scenarios", "tests/golden"] {
        below(&root.join(folder), &mut found);
    }
    found.sort();
    found
}

fn below(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let path = entry.path();
        if path.is_dir() {
            below(&path, found);
        } else if path.extension().is_some_and(|e| e == "mls") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            found.push((path.to_string_lossy().into_owned(), text));
        }
    }
}

/// The words, numbers and marks of a text that are not in a comment.
fn tokens(text: &str) -> Vec<(usize, usize)> {
    let mut tokens = vec![];
    let mut at = 0;
    while let Some(c) = text[at..].chars().next() {
        let word = |c: char| c.is_alphanumeric() || c == '_';
        let end = match c {
            '#' => at + text[at..].find('\n').unwrap_or(text.len() - at),
            '"' => at + 1 + text[at + 1..].find(['"', '\n']).map_or(text.len() - at - 1, |i| i + 1),
            c if word(c) => at + text[at..].find(|c| !word(c)).unwrap_or(text.len() - at),
            c => at + c.len_utf8(),
        };
        if !c.is_whitespace() && c != '#' {
            tokens.push((at, end));
        }
        at = end;
    }
    tokens
}

fn line_of(text: &str, at: usize) -> usize {
    text[..at].matches('\n').count() + 1
}

fn replaced(text: &str, start: usize, end: usize, by: &str, what: &str) -> Mutation {
    let mutated = format!("{}{by}{}", &text[..start], &text[end..]);
    Mutation { text: mutated, line: line_of(text, start), what: format!("{what} `{}`", &text[start..end]) }
}

/// One mutation of a kind, if the text offers a place for it.
fn mutate(text: &str, kind: usize, random: &mut Random) -> Option<Mutation> {
    let tokens = tokens(text);
    let is = |f: &dyn Fn(&str) -> bool| -> Vec<(usize, usize)> {
        tokens.iter().copied().filter(|(s, e)| f(&text[*s..*e])).collect()
    };
    let name = |t: &str| t.len() > 3 && t.is_ascii() && t.starts_with(|c: char| c.is_alphabetic());
    let (kinds, what): (Vec<(usize, usize)>, _) = match kind {
        0 => (is(&|_| true), "without token"),
        1 => (is(&name), "without a letter of"),
        2 => (is(&name), "two letters swapped in"),
        3 => (is(&|t| matches!(t, "{" | "}" | "(" | ")" | "[" | "]")), "without bracket"),
        4 => (is(&|t| t.starts_with('"')), "without the last quote of"),
        5 => (
            is(&|t| matches!(t, "s" | "ms" | "GB" | "B" | "TB" | "W" | "kW" | "USD" | "h")),
            "other unit for",
        ),
        6 => (is(&|t| matches!(t, ":" | "=" | "<" | ">" | "+" | "*" | "/" | ",")), "other mark for"),
        7 => (is(&|t| t.starts_with(|c: char| c.is_ascii_digit())), "text for"),
        8 => (is(&|t| matches!(t, "Scalar" | "Time" | "Data" | "Money" | "Power")), "other type for"),
        _ => return line_mutation(text, kind, random),
    };
    let (start, end) = *random.choose(&kinds)?;
    let token = &text[start..end];
    let middle = 1 + random.below(token.len().saturating_sub(2).max(1));
    Some(match kind {
        1 => {
            let letter = start + middle;
            let mut mutation = replaced(text, letter, letter + 1, "", what);
            mutation.what = format!("{what} `{token}`");
            mutation
        }
        2 => {
            let mut letters: Vec<char> = token.chars().collect();
            letters.swap(middle - 1, middle);
            replaced(text, start, end, &letters.into_iter().collect::<String>(), what)
        }
        4 => replaced(text, start, end, &token[..token.len() - 1], what),
        5 => replaced(text, start, end, random.choose(&["gb", "Gib/s", "km", "flop", "xyz"])?, what),
        6 => replaced(text, start, end, random.choose(&["=", ":", ";", "==", "&&", "%", "-", "->"])?, what),
        7 => replaced(text, start, end, "\"much\"", what),
        8 => replaced(text, start, end, random.choose(&["Length", "String", "Hardware", "Tiem"])?, what),
        _ => replaced(text, start, end, "", what),
    })
}

/// Kind 9: a line less. Kind 10: a line twice. Kind 11: a field renamed. Kind 12: a stray character.
fn line_mutation(text: &str, kind: usize, random: &mut Random) -> Option<Mutation> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let wanted = |l: &&str| {
        let code = l.trim();
        let field =
            code.split_once(':').is_some_and(|(n, _)| n.chars().all(|c| c.is_alphanumeric() || c == '_'));
        !code.is_empty() && !code.starts_with('#') && (kind != 11 || field)
    };
    let choices: Vec<usize> = (0..lines.len()).filter(|i| wanted(&lines[*i])).collect();
    let index = *random.choose(&choices)?;
    let start: usize = lines[..index].iter().map(|l| l.len()).sum();
    let (line, end) = (lines[index], start + lines[index].len());
    Some(match kind {
        9 => replaced(text, start, end, "", "without line"),
        10 => replaced(text, start, end, &format!("{line}{line}"), "twice line"),
        11 => {
            let name = start + line.len() - line.trim_start().len();
            replaced(text, name, name + 1, "q", "other field in line of")
        }
        12 => {
            let columns: Vec<usize> = line.char_indices().map(|(i, _)| start + i).collect();
            let at = *random.choose(&columns)?;
            let stray = random.choose(&["@", "$", "~", ";", "?", "\\", "é"])?;
            replaced(text, at, at, stray, "stray character before")
        }
        _ => return None,
    })
}

/// Runs a mutated text: the exit code and the lines of the first label of the first error.
fn run(path: &str, text: &str) -> (u8, Option<usize>) {
    let mut memory = Memory::with(path, text);
    // Files beside it, for its `use`.
    let folder = Path::new(path).parent().expect("a file has a folder");
    for entry in fs::read_dir(folder).expect("a folder of the repository").flatten() {
        let beside = entry.path().to_string_lossy().into_owned();
        if beside.ends_with(".mls") && beside != path {
            memory.add(&beside, fs::read_to_string(&beside).expect("UTF-8"));
        }
    }
    let outcome = Session::new(&memory, Options::default()).run(&[path.to_string()]);
    let errors = outcome.diagnostics.iter().filter(|d| d.severity == mlsys::diagnostic::Severity::Error);
    let first = errors.filter_map(|d| d.span()).next().map(|span| {
        assert_ne!(outcome.sources.file(span.file).origin, Origin::Library);
        outcome.sources.line_column(span).0
    });
    (outcome.exit_code(false), first)
}

/// Mutations of each kind and text.
const ROUNDS: usize = 1;
const KINDS: usize = 13;

#[test]
fn the_first_label_lies_at_the_mistake() {
    let mut random = Random::new(20);
    let (mut invalid, mut near) = (0, 0);
    let mut misses = vec![];
    let mut runs = 0;
    for (path, text) in texts() {
        // What is invalid on purpose stays so.
        if run(&path, &text).0 == 2 {
            continue;
        }
        for kind in (0..KINDS).flat_map(|k| [k; ROUNDS]) {
            let Some(mutation) = mutate(&text, kind, &mut random) else { continue };
            let (code, line) = run(&path, &mutation.text);
            runs += 1;
            if code != 2 {
                continue;
            }
            invalid += 1;
            match line {
                Some(line) if line.abs_diff(mutation.line) <= 1 => near += 1,
                _ => misses.push(format!("{path}:{}: {}: label at {line:?}", mutation.line, mutation.what)),
            }
        }
    }
    let share = 100.0 * f64::from(near) / f64::from(invalid);
    println!("{runs} mutations, {invalid} invalid, first label within a line of the mistake: {share:.1} %");
    println!("{}", misses.join("\n"));
    assert!(runs >= 200, "{runs} mutations");
    assert!(share >= 90.0, "{share:.1} % of the first labels lie at the mistake:\n{}", misses.join("\n"));
}
