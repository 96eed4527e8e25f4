//! Parameters that the library counts from a model's shape, against published counts.

use mlsys::outcome::Datum;

use crate::support::run;

/// Rows of a committed table, without comments.
pub fn rows(text: &'static str) -> Vec<Vec<&'static str>> {
    let lines = text.lines().filter(|l| !l.starts_with('#') && !l.starts_with("name,"));
    lines.map(|l| l.split(',').collect()).collect()
}

/// The values of expressions over one model of the zoo, in base units.
fn values(path: &str, expressions: &[&str]) -> Vec<f64> {
    values_with("", path, expressions)
}

/// The same with other names in sight.
fn values_with(uses: &str, path: &str, expressions: &[&str]) -> Vec<f64> {
    let (_, name) = path.split_once('.').expect("`module.name`");
    let shown: Vec<String> = expressions.iter().map(|e| e.replace("$", name)).collect();
    let text = format!("{uses}use std.models.{path}\nshow {}\n", shown.join(", "));
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
    for row in rows(include_str!("../data/published_parameters.csv")) {
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
    for row in rows(include_str!("../data/parameter_parts.csv")) {
        let counted = values(row[0], &parts);
        for (index, part) in parts.iter().enumerate() {
            check(&format!("{part} of {}", row[0]), counted[index], row[index + 1], 0.0005);
        }
    }
}

/// Bytes of the cache for one token in 16 bits: 2 x 80 x 8 x 128 x 2, 61 x (512 + 64) x 2, and of half the layers.
#[test]
fn caches_are_those_of_the_attention() {
    let cases = [
        ("meta.llama3_70b", "kv_cache_per_token($)", 327_680.0),
        ("meta.llama3_70b", "kv_cache_per_token($, fp8)", 163_840.0),
        ("deepseek.deepseek_v3", "kv_cache_per_token($)", 70_272.0),
        ("openai.gpt_oss_120b", "kv_cache_per_token($)", 36_864.0),
        ("openai.gpt_oss_120b", "kv_cache($, context: 100 tok)", 7_372_800.0),
        ("openai.gpt_oss_120b", "kv_cache($, context: 1128 tok)", 1128.0 * 36_864.0 + 128.0 * 36_864.0),
        ("qwen.qwen3_5_397b_a17b", "kv_cache_per_token($)", 30_720.0),
    ];
    for (path, expression, expected) in cases {
        let found = values_with("use std.transformer.*\n", path, &[expression]);
        assert_eq!(found, [expected], "{expression} of {path}");
    }
}

/// gpt-oss-120b is published as 60.8 GiB (arXiv 2508.10925). Llama 3.1 70B in fp8: 68.45 billion of one byte, the rest of two.
#[test]
fn weights_take_what_their_precision_says() {
    let size = |path| values_with("use std.transformer.*\n", path, &["weights_size($)"])[0];
    check("gpt-oss-120b", size("openai.gpt_oss_120b"), "65.25e9", 0.01);
    check("Llama 3.1 70B FP8", size("nvidia.llama3_1_70b_fp8"), "72.7e9", 0.01);
}
