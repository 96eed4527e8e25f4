//! Derivations: their numbers agree with arithmetic done here, and they say whose figures they are.
#![cfg(feature = "cli")]

use mlsys::outcome::{Datum, Outcome};
use mlsys::report::derivation::{object, tree};
use mlsys::report::terminal::{Style, render};
use mlsys::session::{Detail, Options, Question, Session};
use mlsys::source::Memory;
use serde_json::Value;

const PLAN: &str = "use std.hardware.nvidia.H100_SXM\n\
    param efficiency: Scalar = 50%\n\
    model m { parameters: 7e9 param }\n\
    system pod { hardware: H100_SXM }\n\
    solve one = roofline { model: m, system: pod, batch: 512, efficiency }\n\
    scenario \"night\" { solve quiet = one { batch: 4 } }\n\
    sweep grid = one over { batch: [1, 8], precision: [fp16, fp8] }\n";

fn ask(expression: &str) -> Result<(String, Value), Vec<&'static str>> {
    let memory = Memory::with("main.mls", PLAN);
    let session = Session::new(&memory, Options::default());
    let question = Question { expression: expression.into(), ..Question::default() };
    match session.explain("main.mls", &question, Detail { depth: 9, all: false }, false) {
        Ok(explained) => Ok((tree(&explained.derivation), object(&explained.derivation))),
        Err(Outcome { diagnostics: problems, .. }) => Err(problems.iter().map(|p| p.code).collect()),
    }
}

fn input<'v>(node: &'v Value, name: &str) -> &'v Value {
    let inputs = node["inputs"].as_array().expect("a list");
    inputs.iter().find(|i| i["name"] == name).unwrap_or_else(|| panic!("no {name} in {node:#}"))
}

fn number(node: &Value) -> f64 {
    node["value"].as_f64().expect("a number")
}

#[test]
fn numbers_follow_from_their_inputs() {
    let (_, latency) = ask("one.latency").expect("a value");
    let compute = input(&latency, "latency_compute");
    let overhead = input(&latency, "latency_overhead");
    let memory = input(&latency, "latency_memory");
    assert_eq!(number(&latency), number(compute).max(number(memory)) + number(overhead));
    assert_eq!(number(compute), number(input(compute, "ops")) / number(input(compute, "peak_flops")));
    assert_eq!(number(input(compute, "ops")), 2.0 * 7e9 * 512.0);
    assert_eq!(number(input(compute, "peak_flops")), 0.5 * 989e12);
    assert_eq!(compute["decides"], true);
    assert_eq!(memory["decides"], false);
    assert!(latency["paper"].as_str().is_some_and(|p| p.contains("Roofline")));
    let efficiency = input(input(compute, "peak_flops"), "efficiency");
    assert_eq!(
        (&efficiency["holder"], &efficiency["place"]),
        (&"param efficiency".into(), &"main.mls:2".into())
    );
    assert_eq!(overhead["holder"], "NVIDIA H100 SXM");
    assert!(overhead["datasheet"].as_str().is_some_and(|d| d.contains("datasheet")));
}

#[test]
fn scenarios_points_and_expressions() {
    assert_eq!(number(&ask("night.quiet.batch").expect("an input").1), 4.0);
    let point = ask("grid[batch: 8, precision: fp8].latency_compute").expect("a point").1;
    assert_eq!(number(&point), 2.0 * 7e9 * 8.0 / (0.5 * 1979e12));
    assert_eq!(number(&ask("2 * one.batch + 1").expect("a sum").1), 1025.0);
}

#[test]
fn whole_solves_and_records() {
    for (asked, part) in [("one", "latency"), ("night.quiet", "throughput"), ("one { batch: 3 }", "energy")] {
        let node = ask(asked).expect("a solve").1;
        let of = asked.strip_prefix("night.").unwrap_or(asked);
        let alone = match asked.strip_prefix("night.") {
            Some(_) => ask(&format!("{asked}.{part}")),
            None => ask(&format!("({of}).{part}")),
        };
        assert_eq!(number(input(&node, part)), number(&alone.expect("an output").1), "{asked}");
    }
    assert_eq!(number(input(&ask("pod").expect("a record").1, "devices")), 1.0);
    assert_eq!(number(input(&ask("pod.hardware").expect("a record").1, "memory_bw")), 3.35e12);
}

#[test]
fn queries_searches_and_functions() {
    let plan = format!(
        "{PLAN}fn spare(used: Time) -> Time = {{ let limit = 200 ms\n limit - used }}\n\
         let room = spare(one.latency)\n\
         let best = grid where latency < 60 ms maximize throughput\n\
         let least = min(grid.latency)\n\
         let n = largest k in 1..400 where (one {{ batch: k }}).latency < 5 ms\n\
         let sizes = [1, 2, 4]\nlet total = sum(sizes) * one.latency\n"
    );
    let ask = |expression: &str| {
        let memory = Memory::with("main.mls", plan.as_str());
        let question = Question { expression: expression.into(), ..Question::default() };
        let session = Session::new(&memory, Options::default());
        let explained = session.explain("main.mls", &question, Detail { depth: 9, all: false }, false);
        object(
            &explained
                .unwrap_or_else(|Outcome { diagnostics: problems, .. }| panic!("{expression}: {problems:?}"))
                .derivation,
        )
    };
    let room = ask("room");
    assert_eq!(number(&room), number(input(&room, "limit")) - number(input(&room, "used")));
    let n = ask("n");
    // The condition at what was found, and one further.
    for (further, holds) in [(0.0, true), (1.0, false)] {
        let found = number(&n) + further;
        let candidate = input(&n, &format!("[k: {found}]"));
        assert_eq!(candidate["value"], holds);
        let at = input(candidate, "(one { batch: k }).latency");
        assert_eq!(number(at) < 0.005, holds, "{at:#}");
        assert_eq!(number(input(input(at, "latency_compute"), "ops")), 2.0 * 7e9 * found);
    }
    let total = ask("total");
    assert_eq!(number(&total), 7.0 * number(input(&total, "one.latency")));
    let batch = ask("best.batch");
    assert_eq!(
        (number(&batch), &batch["holder"], &batch["place"]),
        (8.0, &"axis of grid".into(), &"main.mls:7".into())
    );
    // Of an extreme the point that decides comes first.
    let least = ask("least");
    let points = least["inputs"].as_array().expect("a list");
    assert_eq!(points.len(), 4);
    assert_eq!((points[0]["decides"].as_bool(), number(&points[0])), (Some(true), number(&least)));
    assert!(points[1..].iter().all(|p| p["decides"] == false && number(p) >= number(&least)), "{least:#}");
    let asked = points[0]["name"].as_str().expect("a point").replace("; ", ", ");
    assert_eq!(number(&ask(&format!("{asked}.latency"))), number(&least), "{asked}");
    assert_eq!(number(input(&ask("best"), "throughput")), number(&ask("best.throughput")));
    assert_eq!(
        number(input(&ask("one { batch: 1 }"), "latency")),
        number(&ask("(one { batch: 1 }).latency"))
    );
}

/// One of each thing that is made of several.
const PARTS: &str = include_str!("../data/explain/parts.mls");

#[test]
fn things_made_of_several() {
    let memory = Memory::with("main.mls", PARTS);
    let mut trees = String::new();
    let asked = [
        "power",
        "most",
        "root",
        "found",
        "rate",
        "far",
        "total",
        "middle",
        "best",
        "budget",
        "ok",
        "third",
        "timed.late",
        "timed.text",
        "timed.cost",
        "racks",
        "one.hours",
        "grid[n: 2]",
    ];
    for asked in asked {
        let question = Question { expression: asked.into(), ..Question::default() };
        match Session::new(&memory, Options::default()).explain(
            "main.mls",
            &question,
            Detail { depth: 2, all: false },
            false,
        ) {
            Ok(explained) => trees += &tree(&explained.derivation),
            Err(Outcome { diagnostics: problems, .. }) => panic!("{asked}: {problems:?}"),
        }
    }
    insta::assert_snapshot!(trees);
}

/// What is asked of a sweep's points, and of names that are somewhere else.
#[test]
fn questions_that_miss() {
    let mut told = String::new();
    for asked in ["grid[n: 9].cost", "grid[m: 1].cost", "grid.cost", "cost", "one.costs", "late.cost"] {
        let memory = Memory::with("main.mls", format!("{PARTS}scenario \"late\" {{ let cost = 1 USD }}\n"));
        let question = Question { expression: asked.into(), ..Question::default() };
        match Session::new(&memory, Options::default()).explain(
            "main.mls",
            &question,
            Detail { depth: 1, all: false },
            false,
        ) {
            Ok(explained) => told += &tree(&explained.derivation),
            Err(Outcome { sources, diagnostics: problems, .. }) => {
                problems.iter().for_each(|p| told += &render(p, &sources, Style::default()));
            }
        }
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_cannot_be_explained() {
    assert_eq!(ask("one.latncy").expect_err("no such output"), ["mls::unknown-field"]);
    assert_eq!(ask("grid[batch: 8].latency").expect_err("two points"), ["mls::no-such-point"]);
    assert_eq!(ask("grid[batch: 9, precision: fp8].latency").expect_err("no point"), ["mls::no-such-point"]);
    assert_eq!(ask("grid[batch: 8, size: 9].latency").expect_err("no axis"), ["mls::unknown-axis"]);
    assert_eq!(ask("grid").expect_err("many values"), ["mls::not-a-value"]);
    assert_eq!(ask("roofline").expect_err("a solver"), ["mls::not-a-value"]);
    assert_eq!(ask("quiet.latency").expect_err("in a scenario"), ["mls::unknown-name"]);
}

#[test]
fn elasticities_are_those_of_the_equation() {
    let memory = Memory::with("main.mls", PLAN);
    let session = Session::new(&memory, Options::default());
    let question = Question { expression: "one.latency_compute".into(), ..Question::default() };
    let Ok(explained) = session.explain("main.mls", &question, Detail { depth: 1, all: false }, true) else {
        panic!("no value")
    };
    assert!(matches!(explained.derivation.value, Datum::Quantity { .. }));
    let of = |name: &str| explained.sensitivity.iter().find(|e| e.input == name).map(|e| e.elasticity);
    for (name, expected) in [("one.batch", 1.0), ("efficiency", -1.0), ("m.parameters", 1.0)] {
        assert!((of(name).expect(name) - expected).abs() < 1e-6, "{name}: {:?}", of(name));
    }
    assert_eq!(of("pod.hardware.memory_bw"), None);
}

#[test]
fn a_tree_to_read() {
    // Lines of the library move.
    insta::with_settings!({ filters => vec![(r"(std/[\w/]+\.mls):\d+", "$1:LINE")] }, {
        insta::assert_snapshot!(ask("one.latency").expect("a value").0);
    });
}
