//! Parameters that the library counts from a model's shape, against published counts.

use mlsys::engine::outcome::Datum;

use crate::support::run;

/// Rows of a committed table, without comments.
pub fn rows(text: &'static str) -> Vec<Vec<&'static str>> {
    let lines = text.lines().filter(|l| !l.starts_with('#') && !l.starts_with("name,"));
    lines.map(|l| l.split(',').collect()).collect()
}

/// The values of expressions over one model of the zoo, in base units.
fn values(path: &str, expressions: &[&str]) -> Vec<f64> {
    let (_, name) = path.split_once('.').expect("`module.name`");
    let shown: Vec<String> = expressions.iter().map(|e| e.replace("$", name)).collect();
    let text = format!("use std.models.{path}\nshow {}\n", shown.join(", "));
    let outcome = run(&text);
    let of = |datum: &Datum| match datum {
        Datum::Quantity { value, .. } => *value,
        other => panic!("{path}: {other:?}"),
    };
    assert!(outcome.diagnostics.is_empty(), "{path}: {:#?}", outcome.diagnostics);
    outcome.files.iter().flat_map(|f| &f.shows).map(|s| of(&s.value)).collect()
}

pub fn check(what: &str, counted: f64, expected: &str, tolerance: f64) {
    let expected: f64 = expected.parse().expect("a number");
    let off = (counted - expected).abs();
    assert!(off <= tolerance * expected, "{what}: counted {counted:.5e}, expected {expected:.5e}");
}

#[test]
fn counts_agree_with_published_ones() {
    for row in rows(include_str!("data/published_parameters.csv")) {
        let counted = values(row[0], &["$.parameters", "$.active_parameters"]);
        check(&format!("{} in all", row[0]), counted[0], row[1], 0.01);
        if !row[2].is_empty() {
            check(&format!("{} active", row[0]), counted[1], row[2], 0.01);
        }
    }
}

#[test]
fn parts_agree_with_an_independent_count() {
    let parts = [
        "$.parameters",
        "$.active_parameters",
        "$.parts.attention + $.parts.recurrent",
        "$.parts.routed_experts",
        "$.parts.shared_experts + $.parts.router",
        "$.parts.dense_ffn",
        "$.parts.embedding",
    ];
    for row in rows(include_str!("data/parameter_parts.csv")) {
        let counted = values(row[0], &parts);
        for (index, part) in parts.iter().enumerate() {
            check(&format!("{part} of {}", row[0]), counted[index], row[index + 1], 0.0005);
        }
    }
}
