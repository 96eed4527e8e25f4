//! `run --out DIR`: each `plot` as an SVG file.

use std::path::Path;

use crate::cli::report::write;
use crate::outcome::Outcome;
use crate::report::chart::svg;

/// Writes every chart that a `plot` asked for into a folder that exists. Answers the first one that could not be.
pub fn write_all(folder: &str, outcome: &Outcome) -> Result<(), String> {
    let mut taken: Vec<String> = vec![];
    for file in &outcome.files {
        let stem = Path::new(&file.path).file_stem().map(|s| s.to_string_lossy().into_owned());
        for plot in &file.plots {
            let mut parts: Vec<String> = stem.iter().filter(|_| outcome.files.len() > 1).cloned().collect();
            parts.extend(plot.scenario.as_deref().map(plain));
            parts.push(plain(&plot.title));
            let base = parts.join(".");
            // Two charts of one title are told apart by a number.
            let numbered = (2..).map(|n| format!("{base}-{n}"));
            let name =
                std::iter::once(base.clone()).chain(numbered).find(|n| !taken.contains(n)).unwrap_or(base);
            let path = Path::new(folder).join(format!("{name}.svg"));
            write(&path.to_string_lossy(), &svg::file(plot))?;
            taken.push(name);
        }
    }
    Ok(())
}

/// A text as it can stand in a file's name on every system: `throughput-against-latency`.
fn plain(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars().take(80) {
        match c {
            c if c.is_alphanumeric() || c == '_' => out.extend(c.to_lowercase()),
            _ if !out.ends_with('-') && !out.is_empty() => out.push('-'),
            _ => {}
        }
    }
    match out.trim_end_matches('-') {
        "" => "plot".into(),
        name => name.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn titles_become_names() {
        assert_eq!(plain("Throughput against latency"), "throughput-against-latency");
        assert_eq!(plain("../../etc: \u{1b}[31m 東京"), "etc-31m-東京");
        assert_eq!(plain("***"), "plot");
    }
}
