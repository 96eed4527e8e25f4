//! Laws of the language, on values, overrides and texts that a machine makes up.
#![cfg(feature = "cli")]

use mlsys::diagnostic::Severity;
use mlsys::outcome::{Datum, Outcome};
use mlsys::report::contract;
use mlsys::report::human::{Detail, render};
use mlsys::report::terminal::{self, Style};
use mlsys::session::{Options, Session};
use mlsys::source::Memory;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::RngSeed;
use serde_json::Value;

use crate::support::run_plainly;

/// The same cases in every run; other ones by another seed.
const SEED: RngSeed = RngSeed::Fixed(7);

/// Units by dimension.
const UNITS: &[&[&str]] = &[
    &["ns", "us", "ms", "s", "min", "h", "day", "week", "month", "year"],
    &["b", "B", "kB", "KiB", "MB", "MiB", "GB", "GiB", "Gb", "TB", "PB"],
    &["flop", "Mflop", "GFLOP", "TFLOP", "PFLOP"],
    &["TFLOPS", "PFLOP/s", "flop/h", "TOPS"],
    &["B/s", "Gbps", "GB/s", "TiB/h"],
    &["J", "kJ", "Wh", "kWh", "MWh"],
    &["USD", "cent", "kUSD"],
    &["USD/h", "USD/year"],
    &["tok", "Mtok"],
    &["tok/s", "Mtok/day"],
    &["flop/B", "TFLOP/GiB"],
    &["J/tok", "kWh/Mtok"],
    &["B/param", "b/param"],
    &["s^2", "ms*h"],
    &["%", "ppm", "bp"],
];

fn unit() -> impl Strategy<Value = &'static str> {
    select(UNITS.concat())
}

/// Two units of one dimension.
fn like_units() -> impl Strategy<Value = (&'static str, &'static str)> {
    select(UNITS).prop_flat_map(|units| (select(units), select(units)))
}

/// Two units of two dimensions.
fn unlike_units() -> impl Strategy<Value = (&'static str, &'static str)> {
    (any::<Index>(), any::<Index>(), any::<Index>(), any::<Index>()).prop_map(|(i, j, k, l)| {
        let first = i.index(UNITS.len());
        let second = (first + 1 + j.index(UNITS.len() - 1)) % UNITS.len();
        (UNITS[first][k.index(UNITS[first].len())], UNITS[second][l.index(UNITS[second].len())])
    })
}

/// Numbers of every size that plans have, and zero's neighbours.
fn number() -> impl Strategy<Value = f64> {
    (1.0f64..10.0, -9i32..10, any::<bool>())
        .prop_map(|(m, e, minus)| if minus { -m * 10f64.powi(e) } else { m * 10f64.powi(e) })
}

fn positive() -> impl Strategy<Value = f64> {
    number().prop_map(f64::abs)
}

/// A quantity as an operand.
fn quantity(value: f64, unit: &str) -> String {
    format!("({value} {unit})")
}

/// What each `show` of a text found: value, base unit, text.
fn shown(text: &str) -> Vec<(f64, String, String)> {
    let outcome = run_plainly(text);
    assert!(outcome.ok(), "{text}\n{:#?}", outcome.diagnostics);
    let shows = outcome.files[0].shows.iter().map(|show| match &show.value {
        Datum::Quantity { value, unit, text } => (*value, unit.clone(), text.clone()),
        other => panic!("{text}: {other:?}"),
    });
    shows.collect()
}

fn near(a: f64, b: f64, tolerance: f64) -> bool {
    (a - b).abs() <= tolerance * a.abs().max(b.abs())
}

/// Pairs of expressions that stand for one quantity.
fn assert_equal(laws: &[(String, String)]) {
    let items: String = laws.iter().map(|(left, right)| format!("show {left}, {right}\n")).collect();
    let found = shown(&items);
    assert_eq!(found.len(), 2 * laws.len());
    for (pair, law) in found.chunks(2).zip(laws) {
        assert_eq!(pair[0].1, pair[1].1, "the unit of {law:?}");
        assert!(near(pair[0].0, pair[1].0, 1e-13), "{law:?}: {pair:?}");
    }
}

/// The values of all `show` items as JSON has them.
fn json(outcome: &Outcome) -> Vec<Value> {
    let report = serde_json::to_value(contract::report(outcome)).expect("a report is JSON");
    report["files"][0]["shows"].as_array().expect("the shows").iter().map(|s| s["value"].clone()).collect()
}

/// Every stage on one text: nothing panics, and what is told can be shown.
fn survives(text: &str) -> Outcome {
    let memory = Memory::with("main.mls", text);
    let session = Session::new(&memory, Options { no_suggest: true, ..Options::default() });
    let _ = session.format("main.mls");
    let checked = session.check(&["main.mls".into()]);
    let outcome = session.run(&["main.mls".into()]);
    assert!(outcome.exit_code(true) <= 2);
    if checked.exit_code(false) == 2 {
        assert_eq!(outcome.exit_code(false), 2, "check refuses what run accepts");
    }
    for diagnostic in &outcome.diagnostics {
        assert!(diagnostic.code.starts_with("mls::"), "{diagnostic:?}");
        for label in &diagnostic.labels {
            let file = &outcome.sources.file(label.span.file).text;
            assert!(file.get(label.span.range()).is_some(), "{diagnostic:?}");
        }
        if diagnostic.severity == Severity::Error {
            assert!(diagnostic.help.is_some(), "no help: {diagnostic:?}");
        }
        terminal::render(diagnostic, &outcome.sources, Style::default());
    }
    assert!(!json(&outcome).iter().any(|v| v.as_f64().is_some_and(|n| !n.is_finite())));
    render(&outcome, Detail::Verbose, Style::default());
    outcome
}

/// A base whose other fields derive, one record within another, and a solver on it.
const PLANS: &str = "type Inner { p: Scalar = 1, q: Scalar = p * 10 }
type Plan { a: Scalar = 1, b: Scalar = a * 2, c: Scalar = a + b, inner: Inner = Inner { p: a } }
solver total(plan: Plan, extra: Scalar = plan.c) { out sum = plan.a + plan.b + plan.c + plan.inner.q + extra }
plan base { a: 3 }
plan deep = base { inner.p: 7 }
solve one = total { plan: base }
";
const FIELDS: &[&str] = &["a", "b", "c", "inner.p", "inner.q"];
const INPUTS: &[&str] = &["plan.a", "plan.b", "plan.c", "plan.inner.p", "plan.inner.q", "extra"];

/// Fields and values, each field once, and the order in which to give them.
fn overrides(fields: &'static [&'static str]) -> impl Strategy<Value = Vec<(&'static str, u16)>> {
    prop::sample::subsequence(fields, 1..=fields.len())
        .prop_shuffle()
        .prop_flat_map(|names| (Just(names.clone()), prop::collection::vec(any::<u16>(), names.len())))
        .prop_map(|(names, values)| names.into_iter().zip(values).collect())
}

fn one_by_one(fields: &[(&str, u16)]) -> String {
    fields.iter().map(|(name, value)| format!(" {{ {name}: {value} }}")).collect()
}

fn together(fields: &[(&str, u16)]) -> String {
    let fields: Vec<String> = fields.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!(" {{ {} }}", fields.join(", "))
}

/// Expressions that must be one record.
fn assert_same(expressions: &[String]) {
    let text = expressions.iter().fold(PLANS.to_string(), |text, e| format!("{text}show {e}\n"));
    let outcome = run_plainly(&text);
    assert!(outcome.ok(), "{text}\n{:#?}", outcome.diagnostics);
    let values = json(&outcome);
    assert_eq!(values.len(), expressions.len(), "{text}");
    for (value, expression) in values.iter().zip(expressions) {
        assert!(!value.is_null());
        assert_eq!(&values[0], value, "{expression} is not {}", expressions[0]);
    }
}

const WORDS: &[&str] = &[
    "let",
    "a",
    "b",
    "=",
    "1",
    "2.5",
    "ms",
    "GB/s",
    "%",
    "+",
    "-",
    "*",
    "/",
    "^",
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ":",
    "..",
    "...",
    "by",
    "to",
    "if",
    "then",
    "else",
    "match",
    "for",
    "in",
    "not",
    "and",
    "<",
    "==",
    "??",
    "within",
    "of",
    "\"",
    "\"{a}\"",
    "show",
    "assert",
    "warn",
    "solver",
    "solve",
    "out",
    "require",
    "sweep",
    "over",
    "where",
    "minimize",
    "pareto",
    "top",
    "sort",
    "plot",
    "against",
    "scenario",
    "\"s\"",
    "type",
    "enum",
    "fn",
    "table",
    "param",
    "unit",
    "dimension",
    "use",
    "std",
    ".",
    "roofline",
    "H100_SXM",
    "iterate",
    "from",
    "largest",
    "none",
    "true",
    "#",
    "##",
    "\n",
    "\n",
    "\n",
    "Time",
    "Scalar",
    "->",
    "?",
    "µs",
    "1e308",
    "import",
    "optimize",
    "zip",
    "seed",
    "all",
    "sum",
];

/// Expressions of the right form: most are wrong in their dimensions, some in their values.
fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        (number(), unit()).prop_map(|(n, u)| quantity(n, u)),
        select(
            &[
                "0", "1", "2", "1e308", "a", "b", "xs", "true", "none", "p", "p.x", "s.t", "g.t", "\"{a}\"",
                "f", "eager"
            ][..]
        )
        .prop_map(String::from),
    ];
    leaf.prop_recursive(4, 24, 3, |inner| {
        let operator = select(&["+", "-", "*", "/", "^", "<", "==", "and", "or", "??", ".."][..]);
        let function = select(&["max", "sqrt", "sum", "len", "ln", "exp", "floor", "f", "count", "mean", "abs"][..]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(l, o, r)| format!("({l} {o} {r})")),
            2 => (function, prop::collection::vec(inner.clone(), 0..3))
                .prop_map(|(f, args)| format!("{f}({})", args.join(", "))),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(c, t, e)| format!("(if {c} then {t} else {e})")),
            1 => (inner.clone(), unit()).prop_map(|(e, u)| format!("({e} to {u})")),
            1 => (inner.clone(), inner.clone()).prop_map(|(e, l)| format!("[{e} for x in {l}]")),
            1 => prop::collection::vec(inner.clone(), 0..3).prop_map(|items| format!("[{}]", items.join(", "))),
            1 => inner.clone().prop_map(|e| format!("p {{ x: {e} }}.x")),
            1 => inner.clone().prop_map(|e| format!("s {{ n: {e} }}.t")),
            1 => (inner.clone(), inner.clone()).prop_map(|(c, e)| format!("(g where {c} minimize {e})")),
            1 => (inner.clone(), inner).prop_map(|(e, i)| format!("({e})[{i}]")),
        ]
    })
}

/// A file around expressions: one in each place where an expression may stand.
fn program(e: &[String]) -> String {
    format!(
        "enum Mode {{ eager, graph }}
type P {{ x: Scalar = 1, y: Scalar = {} }}
fn f(x: Scalar) -> Scalar = {}
solver work(n: Scalar, mode: Mode = eager) {{
  require n > 0, \"n is {{n}}\"
  let half = {}
  out t = n * 1 ms
  out u = match mode {{ eager: 1, graph: half }}
}}
p p {{ x: 2 }}
let a = 3
let b = 5 ms
let xs = [1, 2, 3]
solve s = work {{ n: 2 }}
sweep g = s over {{ n: 1..4, mode: [eager, graph] }} where {}
show {}
assert {}
assert all g: {}
",
        e[0], e[1], e[2], e[3], e[4], e[5], e[6]
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, rng_seed: SEED, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn products_quotients_and_powers_keep_their_laws(
        (u, v) in (unit(), unit()), (a, b) in (number(), number()), (i, j) in (1i32..4, 1i32..4)
    ) {
        let (x, y) = (quantity(a, u), quantity(b, v));
        let size = quantity(a.abs(), u);
        assert_equal(&[
            (format!("{x} * {y} / {y}"), x.clone()),
            (format!("{x} / {y} * {y}"), x.clone()),
            (format!("{x} * {y}"), format!("{y} * {x}")),
            (format!("1 / (1 / {x})"), x.clone()),
            (format!("({x} / {y}) * ({y} / {x})"), "1".into()),
            (format!("{x}^{i} * {x}^{j}"), format!("{x}^{}", i + j)),
            (format!("{x}^{} / {x}^{j}", i + j), format!("{x}^{i}")),
            (format!("({x} * {y})^{i}"), format!("{x}^{i} * {y}^{i}")),
            (format!("({x}^{i})^{j}"), format!("{x}^{}", i * j)),
            (format!("{x}^-{i}"), format!("1 / {x}^{i}")),
            (format!("sqrt({size}^2)"), size.clone()),
            (format!("({size}^{i})^(1/{i})"), size),
        ]);
    }

    #[test]
    fn sums_are_of_one_dimension((u, v) in like_units(), (w, z) in unlike_units(), a in positive(), b in positive()) {
        let (x, y) = (quantity(a, u), quantity(b, v));
        assert_equal(&[
            (format!("{x} + {y}"), format!("{y} + {x}")),
            (format!("{x} + {x}"), format!("2 * {x}")),
            (format!("{x} + {y} - {y} + {y}"), format!("{x} + {y}")),
            (format!("3 * ({x} + {y})"), format!("3 * {x} + 3 * {y}")),
            (format!("max({x}, {y}) * min({x}, {y})"), format!("{x} * {y}")),
        ]);
        for operator in ["+", "-", "<"] {
            let outcome = run_plainly(&format!("show {} {operator} {}\n", quantity(a, w), quantity(b, z)));
            prop_assert_eq!(outcome.exit_code(false), 2, "{} {} {}", w, operator, z);
        }
    }

    #[test]
    fn conversions_change_the_text_alone((u, v) in like_units(), a in number()) {
        let x = quantity(a, u);
        let found = shown(&format!("let x = {x}\nshow x, x to {v}, (x to {v}) to {u}, 1 * x\n"));
        for (value, unit, _) in &found {
            prop_assert_eq!((value.to_bits(), unit), (found[0].0.to_bits(), &found[0].1));
        }
        let ending = if v == "%" { v.to_string() } else { format!(" {v}") };
        prop_assert!(found[1].2.ends_with(&ending), "{} is not in {v}", found[1].2);
    }

    #[test]
    fn what_is_shown_reads_back((u, v) in like_units(), (w, a, b) in (unit(), number(), number())) {
        let text = format!("show {0}, {0} to {v}, 1 * {0}, {0} * {1}\n", quantity(a, u), quantity(b, w));
        let first = shown(&text);
        let again: String = first.iter().map(|(_, _, text)| format!("show {text}\n")).collect();
        for (before, after) in first.iter().zip(shown(&again)) {
            prop_assert_eq!(&before.1, &after.1);
            prop_assert!(near(before.0, after.0, 0.5001e-3), "{before:?} {after:?}");
        }
    }

    #[test]
    fn json_has_every_bit((u, a) in (unit(), number())) {
        let outcome = run_plainly(&format!("show {0}, {0}^2 / 3\n", quantity(a, u)));
        let values = json(&outcome);
        for (show, value) in outcome.files[0].shows.iter().zip(&values) {
            let Datum::Quantity { value: exact, unit, .. } = &show.value else { panic!("{show:?}") };
            let read: f64 = value.to_string().parse().expect("a number");
            prop_assert_eq!(read.to_bits(), exact.to_bits(), "{}", value);
            // Base units have the factor one, so the number as JSON writes it is the quantity.
            let again = shown(&format!("show {value} {unit}\n"));
            prop_assert_eq!((again[0].0.to_bits(), &again[0].1), (exact.to_bits(), unit));
        }
    }

    #[test]
    fn overrides_are_one_whatever_their_order(fields in overrides(FIELDS), inputs in overrides(INPUTS)) {
        // Also parts of a field whose default reads other fields.
        for (base, fields) in [("base", &fields), ("one", &inputs), ("deep", &fields)] {
            let backwards: Vec<_> = fields.iter().rev().copied().collect();
            let forms = [one_by_one(fields), one_by_one(&backwards), together(fields), together(&backwards)];
            assert_same(&forms.map(|form| format!("{base}{form}")));
        }
    }

    #[test]
    fn overrides_of_fields_commute(fields in overrides(&["a", "b", "c"]), inputs in overrides(&["plan.a", "plan.b", "plan.c", "extra"])) {
        for (base, fields) in [("base", &fields), ("one", &inputs)] {
            let backwards: Vec<_> = fields.iter().rev().copied().collect();
            let forms = [one_by_one(fields), one_by_one(&backwards), together(fields), together(&backwards)];
            assert_same(&forms.map(|form| format!("{base}{form}")));
        }
    }

    #[test]
    fn the_last_override_wins(first in overrides(&["a", "b", "c"]), second in overrides(FIELDS)) {
        let mut merged = second.clone();
        merged.extend(first.iter().filter(|(name, _)| !second.iter().any(|(other, _)| other == name)));
        assert_same(&[
            format!("base{}{}", together(&first), together(&second)),
            format!("base{}", together(&merged)),
        ]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, rng_seed: SEED, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_ends_in_a_report(text in any::<String>(), printable in "(\\PC|\n){0,200}") {
        survives(&text);
        survives(&format!("let a = {printable}"));
    }

    #[test]
    fn any_words_end_in_a_report(words in prop::collection::vec(select(WORDS), 0..40)) {
        survives(&words.join(" "));
        survives(&format!("let a = 1\nlet b = {}", words.concat()));
    }

    #[test]
    fn any_program_ends_in_a_report(e in prop::collection::vec(expression(), 7), at in any::<Index>()) {
        let plain = ["1", "x", "3", "n < 4", "1", "true", "t > 0 s"].map(String::from);
        // One place at a time, so that the others do not keep it from being run, then all.
        let at = at.index(plain.len());
        let mut one = plain;
        one[at].clone_from(&e[at]);
        survives(&program(&one));
        survives(&program(&e));
    }
}

#[test]
fn the_programs_around_expressions_hold() {
    let plain = ["1", "x", "3", "n < 4", "1", "true", "t > 0 s"].map(String::from);
    let outcome = survives(&program(&plain));
    assert!(outcome.ok(), "{:#?}", outcome.diagnostics);
}
