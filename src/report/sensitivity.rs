//! `explain --sensitivity`: what moves a value, as lines for people and as a table for Markdown.

use std::fmt::Write;

use crate::outcome::derivation::Explained;
use crate::report::markdown::{code, text as plain};

const NOTHING: &str = "no input moves it: what it depends on is rounded, or does not decide";
const DOUBLED: &str = "between half and twice the input: the value goes in steps there";

/// For people: the largest first.
pub fn lines(explained: &Explained) -> String {
    let mut out = format!("{}:\n", heading(explained));
    let width = explained.sensitivity.iter().map(|e| e.input.chars().count()).max().unwrap_or(0);
    let numbers: Vec<String> = explained.sensitivity.iter().map(|e| number(e.elasticity)).collect();
    let digits = numbers.iter().map(String::len).max().unwrap_or(0);
    for (e, number) in explained.sensitivity.iter().zip(&numbers) {
        let mark = if e.doubled { "*" } else { " " };
        let _ = writeln!(out, "  {:width$}  {number:>digits$}{mark} (now {})", e.input, e.now);
    }
    below(&mut out, explained, "  ");
    out
}

/// The same as a table.
pub fn markdown(explained: &Explained) -> String {
    let mut out = format!("{}:\n\n", plain(&heading(explained)));
    if !explained.sensitivity.is_empty() {
        out.push_str("| input | now | elasticity |\n|---|--:|--:|\n");
    }
    for e in &explained.sensitivity {
        let mark = if e.doubled { "\\*" } else { "" };
        let _ = writeln!(out, "| {} | {} | {}{mark} |", code(&e.input), plain(&e.now), number(e.elasticity));
    }
    out.push('\n');
    below(&mut out, explained, "");
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

fn heading(explained: &Explained) -> String {
    let root = &explained.derivation;
    format!("{} = {}, and per cent that it moves when an input grows by 1 %", root.name, root.text)
}

fn below(out: &mut String, explained: &Explained, lead: &str) {
    if explained.sensitivity.is_empty() {
        let _ = writeln!(out, "{lead}{NOTHING}");
    }
    if explained.sensitivity.iter().any(|e| e.doubled) {
        let mark = if lead.is_empty() { "\\*" } else { "*" };
        let _ = writeln!(out, "{lead}{mark} {DOUBLED}");
    }
}

/// Three decimals, and of less than a hundredth two digits.
fn number(elasticity: f64) -> String {
    let size = elasticity.abs();
    if size >= 0.01 {
        return format!("{elasticity:+.3}");
    }
    if size < 1e-4 {
        return format!("{elasticity:+.1e}");
    }
    let decimals = (1.0 - libm::log10(size).floor()) as usize;
    format!("{elasticity:+.decimals$}")
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn small_numbers_keep_digits() {
        let numbers = [-1.0, 0.012_34, 0.000_474_6, -0.002_6, 2.63e-5].map(number);
        assert_eq!(numbers, ["-1.000", "+0.012", "+0.00047", "-0.0026", "+2.6e-5"]);
    }
}
