//! `--format sarif`: SARIF 2.1.0, for code scanning. Only the part of the format that we fill is described here; a test
//! holds the output against the whole schema.

use indexmap::IndexMap;
use serde::Serialize;

use crate::codes;
use crate::diagnostic::{Diagnostic, Label, Severity};
use crate::outcome::Outcome;
use crate::report::github::from_top;
use crate::report::groups::{findings, home, own_label, paragraphs, printable};
use crate::source::{Origin, Sources, Span};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    invocations: [Invocation; 1],
    /// Our columns count characters, not the units of an encoding.
    column_kind: &'static str,
    results: Vec<Finding>,
}

#[derive(Serialize)]
struct Tool {
    driver: Driver,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Driver {
    name: &'static str,
    semantic_version: &'static str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: &'static str,
    short_description: Message,
    /// What `mlsys explain` says of the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    full_description: Option<Message>,
    default_configuration: Configuration,
}

#[derive(Serialize)]
struct Configuration {
    level: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    /// False when a file could not be run: then the results are not all.
    execution_successful: bool,
    exit_code: u8,
}

/// What the format calls a result.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Finding {
    rule_id: &'static str,
    rule_index: usize,
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location>,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Message>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
struct ArtifactLocation {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
    end_line: usize,
    /// Just past the last character.
    end_column: usize,
}

/// Where a file begins.
const HEAD: Region = Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 };

/// The report as JSON. `prefix` is the way from the top of the checkout to where relative paths begin.
pub fn render(outcome: &Outcome, exit_code: u8, prefix: &str) -> String {
    let mut rules: IndexMap<&'static str, &'static str> = IndexMap::new();
    let mut results = vec![];
    for diagnostic in findings(outcome) {
        let entry = rules.entry(diagnostic.code);
        let rule_index = entry.index();
        entry.or_insert(level(diagnostic.severity));
        results.push(finding(diagnostic, rule_index, outcome, prefix));
    }
    let rules = rules.into_iter().map(|(id, level)| Rule {
        id,
        short_description: Message { text: in_words(id) },
        full_description: codes::entry(id).map(|e| Message { text: e.meaning.to_string() }),
        default_configuration: Configuration { level },
    });
    let driver =
        Driver { name: "mlsys", semantic_version: env!("CARGO_PKG_VERSION"), rules: rules.collect() };
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool { driver },
            invocations: [Invocation { execution_successful: exit_code != 2, exit_code }],
            column_kind: "unicodeCodePoints",
            results,
        }],
    };
    serde_json::to_string_pretty(&log).expect("a log is JSON") + "\n"
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// `mls::assert-failed` as `assert failed`.
fn in_words(code: &str) -> String {
    code.rsplit("::").next().unwrap_or(code).replace('-', " ")
}

/// Its first location is in a file of the checkout, at its head if nowhere else: code scanning takes no finding without.
fn finding(diagnostic: &Diagnostic, rule_index: usize, outcome: &Outcome, prefix: &str) -> Finding {
    let sources = &outcome.sources;
    let place = |label: &Label| Location {
        physical_location: physical(label.span, sources, prefix),
        message: (!label.text.is_empty()).then(|| Message { text: printable(&label.text) }),
    };
    let own = own_label(diagnostic, sources);
    let first = match own {
        Some(label) => Some(place(&diagnostic.labels[label])),
        None => home(outcome, diagnostic).map(|path| {
            let artifact_location = ArtifactLocation { uri: uri(&from_top(path, prefix), Origin::User) };
            Location {
                physical_location: PhysicalLocation { artifact_location, region: HEAD },
                message: None,
            }
        }),
    };
    let others = diagnostic.labels.iter().enumerate().filter(|(index, _)| Some(*index) != own);
    Finding {
        rule_id: diagnostic.code,
        rule_index,
        level: level(diagnostic.severity),
        message: Message { text: printable(&paragraphs(diagnostic).join("\n")) },
        locations: first.into_iter().collect(),
        related_locations: others.map(|(_, label)| place(label)).collect(),
    }
}

fn physical(span: Span, sources: &Sources, prefix: &str) -> PhysicalLocation {
    let file = sources.file(span.file);
    let path = match file.origin {
        Origin::User => from_top(&file.path, prefix),
        Origin::Library | Origin::Argument => file.path.to_string(),
    };
    let (start_line, start_column) = file.line_column(span.start);
    let (end_line, end_column) = file.line_column(span.end);
    PhysicalLocation {
        artifact_location: ArtifactLocation { uri: uri(&path, file.origin) },
        region: Region { start_line, start_column, end_line, end_column },
    }
}

/// A path as a reference of RFC 3986: relative ones stay relative, so that a viewer finds them in its checkout.
fn uri(path: &str, origin: Origin) -> String {
    let path = path.replace('\\', "/");
    let drive = path.as_bytes().get(1) == Some(&b':') && path.as_bytes()[0].is_ascii_alphabetic();
    let head = match origin {
        Origin::Library => "mlsys:",
        Origin::Argument => "mlsys:argument/",
        Origin::User if drive => "file:///",
        Origin::User if path.starts_with("//") => "file:",
        Origin::User if path.starts_with('/') => "file://",
        Origin::User => "",
    };
    let mut out = head.to_string();
    for byte in path.strip_prefix("./").unwrap_or(&path).bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => {
                out.push(byte as char)
            }
            b':' if drive && out.len() == head.len() + 1 => out.push(':'),
            _ => out.push_str(&format!("%{byte:02X}")),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_references() {
        let user = |path| uri(path, Origin::User);
        assert_eq!(user("plans/a b.mls"), "plans/a%20b.mls");
        assert_eq!(user("./a.mls"), "a.mls");
        assert_eq!(user(r"plans\a.mls"), "plans/a.mls");
        assert_eq!(user(r"C:\plans\ä.mls"), "file:///C:/plans/%C3%A4.mls");
        assert_eq!(user("/srv/50%.mls"), "file:///srv/50%25.mls");
        assert_eq!(user(r"\\host\share\a.mls"), "file://host/share/a.mls");
        assert_eq!(uri("std/units.mls", Origin::Library), "mlsys:std/units.mls");
    }
}
