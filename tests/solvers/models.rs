//! Parameters that the library counts from a model's shape, against published counts; and what their weights take.

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

/// The models of the zoo: each module with its names.
fn zoo() -> Vec<(String, Vec<String>)> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/std/models");
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).expect("the zoo").map(|e| e.expect("an entry").path()).collect();
    paths.sort();
    let of = |path: &std::path::PathBuf| {
        let module = path.file_stem().expect("a name").to_string_lossy().to_string();
        let text = std::fs::read_to_string(path).expect("a text");
        let names = text
            .lines()
            .filter_map(|l| l.strip_prefix("model ")?.split_whitespace().next().map(String::from));
        (module, names.collect())
    };
    paths.iter().map(of).collect()
}

/// Bytes of a weight in this precision, with its share of the scale factors.
fn bytes(precision: &Datum, scales: f64) -> f64 {
    match precision {
        Datum::Text(name) => match name.as_str() {
            "fp32" => 4.0,
            "bf16" | "fp16" => 2.0,
            "fp8" | "int8" => 1.0 + scales,
            "fp4" | "int4" => 0.5 + scales,
            other => panic!("{other}"),
        },
        other => panic!("{other:?}"),
    }
}

/// What is asked of a model `$` in a quantisation `q$`.
const WEIGHTS: [&str; 23] = [
    "has($.parts)",
    "has($.quantization)",
    "weights_on_device($, q$, {})",
    "weights_size($)",
    "$.parameters",
    // The last projections of attention, over the whole context and over a window.
    "($.hidden ?? 0) * ($.attention_layers ?? 0) * ($.heads ?? 0) * ($.value_head_dim ?? 0)",
    "($.hidden ?? 0) * (if has($.window) then $.window.layers * ($.window.heads ?? $.heads ?? 0) else 0)",
    "if has($.window) then $.window.value_head_dim ?? $.window.head_dim ?? $.value_head_dim ?? 0 else 0",
    "q$.scales",
    "q$.head",
    "q$.attention",
    "q$.attention_output",
    "q$.ffn",
    "q$.shared_experts",
    "q$.experts",
    "if has($.parts) then $.parts.embedding else 0 param",
    "if has($.parts) then $.parts.router else 0 param",
    "if has($.parts) then $.parts.head else 0 param",
    "if has($.parts) then $.parts.attention else 0 param",
    "if has($.parts) then $.parts.recurrent else 0 param",
    "if has($.parts) then $.parts.dense_ffn else 0 param",
    "if has($.parts) then $.parts.shared_experts else 0 param",
    "if has($.parts) then $.parts.routed_experts else 0 param",
];

/// On one device lie all parameters, each part in its own precision; counted here from the parts and the shape of the last
/// projections. Without quantization that is two bytes a parameter, and what `weights_size` says either way.
#[test]
fn weights_on_one_device_are_the_parameters_times_their_bytes() {
    let quantizations = [
        ("published", "$.quantization ?? Quantization { weights: bf16 }"),
        ("bf16", "Quantization { weights: bf16 }"),
        ("fp8", "quantized($, fp8)"),
        ("int4", "quantized($, int4)"),
        (
            "mixed",
            "Quantization { weights: fp4, attention: fp8, attention_output: bf16, scales: 0.0625 B/param }",
        ),
    ];
    let (mut counted, mut windows_apart) = (0, 0);
    for (module, names) in zoo() {
        for (case, quantization) in quantizations {
            let mut text = String::from(
                "use std.precision.*\nuse std.solvers.serving_memory.weights_on_device\nuse std.transformer.weights_size\n",
            );
            for name in &names {
                let shown = WEIGHTS.join(", ").replace('$', name);
                let quantization = quantization.replace('$', name);
                text +=
                    &format!("use std.models.{module}.{name}\nlet q{name} = {quantization}\nshow {shown}\n");
            }
            let outcome = run(&text);
            let wrong = outcome.diagnostics.iter().find(|d| d.code != "mls::unused-import");
            assert!(wrong.is_none(), "{module}: {wrong:#?}");
            let values: Vec<Datum> =
                outcome.files.iter().flat_map(|f| &f.shows).map(|s| s.value.clone()).collect();
            assert_eq!(values.len(), names.len() * WEIGHTS.len());
            for (name, values) in names.iter().zip(values.chunks(WEIGHTS.len())) {
                let number = |at: usize| match &values[at] {
                    Datum::Quantity { value, .. } => *value,
                    other => panic!("{name}: {} is {other:?}", WEIGHTS[at]),
                };
                if !matches!(values[0], Datum::Bool(true)) {
                    continue;
                }
                let precision = |at: usize| bytes(&values[at], number(8));
                let output = number(5) + number(6) * number(7);
                let all: f64 = (15..=22).map(number).sum();
                let expected = (number(15) + number(16)) * 2.0
                    + number(17) * precision(9)
                    + (number(18) - output + number(19)) * precision(10)
                    + output * precision(11)
                    + number(20) * precision(12)
                    + number(21) * precision(13)
                    + number(22) * precision(14);
                let same = |found: f64, expected: f64| (found - expected).abs() <= 1e-9 * expected;
                assert!(
                    same(number(2), expected),
                    "{name}, {case}: {} on a device, {expected} counted",
                    number(2)
                );
                if case == "bf16" {
                    assert!(same(expected, 2.0 * all), "{name}: {expected} of {all}");
                }
                // Parameters that a model states, and not its shape, are another count.
                if case == "published" && (matches!(values[1], Datum::Bool(true)) || same(number(4), all)) {
                    assert!(same(number(3), expected), "{name}: {} in all, {expected} counted", number(3));
                }
                counted += 1;
                windows_apart += usize::from(number(7) > 0.0 && precision(10) != precision(11));
            }
        }
    }
    // Most models have a shape, and some windows whose last projection has a precision of its own.
    assert!(counted >= 5 * 60 && windows_apart >= 10, "{counted} {windows_apart}");
}

/// Under a causal mask each of 1000 tokens after 500 sees those before it: 500 at first, and no more than a window of 800.
#[test]
fn pairs_under_a_causal_mask_are_counted() {
    let pairs = |new, cached, window| {
        let asked =
            format!("use std.transformer.causal_pairs\nshow causal_pairs({new}, {cached}, {window})\n");
        match run(&asked).files[0].shows[0].value {
            Datum::Quantity { value, .. } => value,
            ref other => panic!("{other:?}"),
        }
    };
    assert_eq!(pairs("1000", "500", "1e12"), 1000.0 * 500.0 + 1000.0 * 1000.0 / 2.0);
    assert_eq!(pairs("1000", "500", "800"), 300.0 * (500.0 + 150.0) + 700.0 * 800.0);
    assert_eq!(pairs("1000", "500", "100"), 1000.0 * 100.0);
    assert_eq!(pairs("1000", "0", "1000"), 1000.0 * 1000.0 / 2.0);
    assert_eq!(pairs("1000", "0", "100"), 100.0 * 100.0 / 2.0 + 900.0 * 100.0);
}
