//! Sweeps: the same numbers as their points run one at a time, and what is asked of them.

use std::fmt::Write;

use mlsys::outcome::{Datum, Outcome, Status};
use mlsys::session::{Options, Session, Terms};
use mlsys::source::Memory;

use crate::support::{codes, run};

/// A point of a sweep: what a solve overrides, and the condition that only this point meets.
struct Point {
    changes: String,
    condition: String,
}

/// Runs a sweep `grid` of `base` and each of its points as a solve; every output must be equal to the last bit.
fn same_as_alone(declarations: &str, base: &str, points: &[Point], outputs: &[&str]) {
    let mut text = declarations.to_string();
    for (index, point) in points.iter().enumerate() {
        let _ = writeln!(text, "solve alone{index} = {base} {{ {} }}", point.changes);
        let _ = writeln!(text, "assert count(grid where {}) == 1", point.condition);
        for output in outputs {
            // Neither less nor greater: equal, without asking for equality of computed numbers.
            let alone = format!("alone{index}.{output}");
            let equal = format!("{output} <= {alone} and {output} >= {alone}");
            let _ = writeln!(text, "assert all grid where {}: {equal}", point.condition);
        }
    }
    let _ = writeln!(text, "assert count(grid) == {}", points.len());
    passes(&text);
}

/// Every assertion of a text holds, and nothing is wrong with it.
fn passes(text: &str) -> Outcome {
    let outcome = run(text);
    assert!(!outcome.diagnostics.iter().any(|d| d.severity.name() == "error"), "{:#?}", outcome.diagnostics);
    for assertion in outcome.files.iter().flat_map(|f| &f.assertions) {
        assert_eq!(assertion.status, Status::Pass, "{} {:#?}", assertion.text, assertion.failure);
    }
    outcome
}

const NETS: &str = "
type Quant { bits: Scalar, group: Scalar = 2 * bits, extra: Scalar? }
type Net { name: String, layers: Scalar, quant: Quant?, heads: Scalar?, width: Scalar = layers * 2 }
net n1 { name: \"n1\", layers: 4 }
net n2 { name: \"n2\", layers: 8, quant: Quant { bits: 4 }, heads: 3 }
net n3 { name: \"n3\", layers: 8, quant: Quant { bits: 4, group: 128, extra: 1 }, width: 99 }
solver inner(net: Net, x: Scalar) { out y = x * net.layers + (net.heads ?? 7) / 3 }
solver cost(net: Net, q: Scalar = net.layers, opt: Scalar?, flag: Bool = false, p: Precision = fp16) {
  require q > 0
  let part = inner { net, x: q }
  out bits = if has(net.quant) then net.quant.bits else 16
  out group = (net.quant ?? Quant { bits: 3 }).group
  out extra = if has(net.quant) then net.quant.extra ?? 5 else -1
  out width = net.width + (opt ?? 100)
  out y = part.y
  out grown = iterate 4 from a = 1: sqrt(a + net.layers)
  out chosen = match p { fp16: q / 3, fp8: q / 7, else: 2 }
  out heads = if flag then net.heads ?? 0 else -1
}
";
const OUTPUTS: [&str; 8] = ["bits", "group", "extra", "width", "y", "grown", "chosen", "heads"];

fn point(pairs: &[(&str, &str, &str)]) -> Point {
    let changes: Vec<String> = pairs.iter().map(|(path, value, _)| format!("{path}: {value}")).collect();
    let conditions: Vec<&str> = pairs.iter().map(|(.., condition)| *condition).collect();
    Point { changes: changes.join(", "), condition: conditions.join(" and ") }
}

#[test]
fn zipped_axes_advance_together() {
    let text = format!(
        "{NETS}
solve base = cost {{ net: n1 }}
sweep grid = base over {{
  zip {{
    net: [n1, n2, n3]
    flag: [true, true, false]
    p: [fp16, fp8, fp4]
  }}
  opt: [1, 2.5]
}}
"
    );
    let mut points = vec![];
    for (net, flag, p) in [("n1", "true", "fp16"), ("n2", "true", "fp8"), ("n3", "false", "fp4")] {
        for opt in ["1", "2.5"] {
            points.push(point(&[
                ("net", net, &format!("net.name == \"{net}\"")),
                ("flag", flag, &format!("flag == {flag}")),
                ("p", p, &format!("p == {p}")),
                ("opt", opt, &format!("opt <= {opt} and opt >= {opt}")),
            ]));
        }
    }
    same_as_alone(&text, "base", &points, &OUTPUTS);
}

#[test]
fn records_with_different_optional_parts_go_along_an_axis() {
    let text = format!(
        "{NETS}
solve base = cost {{ net: n1, opt: 3 }}
sweep grid = base over {{ net: [n1, n2, n3], net.layers: [4, 5], net.heads: [2, 9] }}
"
    );
    let mut points = vec![];
    for net in ["n1", "n2", "n3"] {
        for layers in ["4", "5"] {
            for heads in ["2", "9"] {
                points.push(point(&[
                    (
                        "net",
                        &format!("{net} {{ layers: {layers}, heads: {heads} }}"),
                        &format!("net.name == \"{net}\""),
                    ),
                    ("flag", "false", &format!("net.layers == {layers}")),
                    ("p", "fp16", &format!("net.heads == {heads}")),
                ]));
            }
        }
    }
    same_as_alone(&text, "base", &points, &OUTPUTS);
}

#[test]
fn zips_of_thousands_of_rows_are_fine() {
    passes(
        "use std.models.meta.llama3_70b
use std.hardware.nvidia.{H100_SXM, H200_SXM}
system pod { hardware: H100_SXM }
solve one = roofline { model: llama3_70b, system: pod, precision: fp8 }
sweep grid = one over {
  zip {
    batch: 1..20_000
    efficiency: [n / 20_000 for n in 1..20_000]
    system.hardware: [if mod(n, 2) == 0 then H100_SXM else H200_SXM for n in 1..20_000]
  }
}
assert count(grid) == 20_000
assert all grid: batch / efficiency within 0.0001 of 20_000
assert count(grid where system.hardware.name == H100_SXM.name) == 10_000
",
    );
}

#[test]
fn axes_of_a_zip_have_as_many_values() {
    let outcome = run(&format!(
        "{NETS}
solve base = cost {{ net: n1 }}
sweep grid = base over {{ zip {{ q: [1, 2, 3], opt: [1, 2] }} }}
"
    ));
    assert_eq!(codes(&outcome), ["mls::zip-lengths"]);
    let message = &outcome.diagnostics[0].message;
    assert_eq!(message, "`q` has 3 values and `opt` has 2 values: axes of a `zip` advance together");
}

#[test]
fn an_axis_that_undoes_another_is_told() {
    let outcome = run(&format!(
        "{NETS}\nsolve base = cost {{ net: n1 }}\nsweep grid = base over {{ net.layers: [1], net: [n1] }}"
    ));
    assert_eq!(codes(&outcome), ["mls::axis-replaces"]);
    let outcome = run(&format!(
        "{NETS}\nsolve base = cost {{ net: n1 }}\nsweep grid = base over {{ zip {{ q: [1, 2], opt: [q, 2] }} }}"
    ));
    assert_eq!(codes(&outcome), ["mls::zip-reads"]);
}

const CURVE: &str = "
solver curve(x: Scalar = 1, y: Scalar = 1, up: Bool = false) {
  require x != 13
  out cost = (x - 4) ^ 2 + y
  out gain = if up then x * y else 7 - y
}
solve base = curve {}
sweep grid = base over { x: 1..9, y: [3, 1, 2], up: [true, false] }
";

/// The points of `CURVE`'s grid, computed here: x, y, up, cost, gain.
fn curve() -> Vec<(f64, f64, bool, f64, f64)> {
    let mut points = vec![];
    for x in (1..=9).map(f64::from) {
        for y in [3.0, 1.0, 2.0] {
            for up in [true, false] {
                points.push((x, y, up, (x - 4.0) * (x - 4.0) + y, if up { x * y } else { 7.0 - y }));
            }
        }
    }
    points
}

#[test]
fn what_is_asked_of_all_points_is_what_a_loop_finds() {
    let points = curve();
    let costs: Vec<f64> = points.iter().map(|p| p.3).collect();
    let mut sorted = costs.clone();
    sorted.sort_by(f64::total_cmp);
    let at = |share: f64| {
        let position = share * (sorted.len() - 1) as f64;
        let (low, part) = (position.floor() as usize, position.fract());
        sorted[low] + (sorted[(low + 1).min(sorted.len() - 1)] - sorted[low]) * part
    };
    let sum: f64 = costs.iter().sum();
    let steep = points.iter().filter(|p| p.2 && p.3 > 9.0);
    passes(&format!(
        "{CURVE}
assert count(grid) == {}
assert count(grid where up and cost > 9) == {}
assert sum(grid.cost) within 1e-12 of {sum}
assert mean(grid.cost) within 1e-12 of {}
assert min(grid.cost) == {}
assert max(grid.cost) == {}
assert median(grid.cost) within 1e-12 of {}
assert percentile(grid.cost, 99%) within 1e-12 of {}
assert percentile(grid.cost, 0%) == {}
assert percentile((grid where up).cost, 100%) == {}
",
        points.len(),
        steep.count(),
        sum / costs.len() as f64,
        sorted[0],
        sorted[sorted.len() - 1],
        at(0.5),
        at(0.99),
        sorted[0],
        points.iter().filter(|p| p.2).map(|p| p.3).fold(0.0, f64::max),
    ));
}

/// Those of the points that no other covers, in the order of the first goal.
fn front(points: &[(f64, f64, bool, f64, f64)]) -> Vec<(f64, f64, bool)> {
    let covers = |i: usize, j: usize| {
        let (a, b) = (&points[i], &points[j]);
        a.3 <= b.3 && a.4 >= b.4 && (a.3 < b.3 || a.4 > b.4 || i < j)
    };
    let mut kept: Vec<usize> =
        (0..points.len()).filter(|j| !(0..points.len()).any(|i| i != *j && covers(i, *j))).collect();
    kept.sort_by(|a, b| points[*a].3.total_cmp(&points[*b].3));
    kept.into_iter().map(|i| (points[i].0, points[i].1, points[i].2)).collect()
}

/// The first columns of the table that a text shows, as texts.
fn shown(outcome: &Outcome, columns: usize) -> Vec<Vec<String>> {
    let Datum::Table { rows, .. } = &outcome.files[0].shows[0].value else { panic!("no table") };
    let text = |d: &Datum| match d {
        Datum::Quantity { value, .. } => value.to_string(),
        Datum::Bool(value) => value.to_string(),
        other => format!("{other:?}"),
    };
    rows.iter().map(|row| row.iter().take(columns).map(text).collect()).collect()
}

#[test]
fn picked_points_are_those_that_a_loop_picks() {
    let points = curve();
    let texts = |points: Vec<(f64, f64, bool)>| -> Vec<Vec<String>> {
        points.iter().map(|p| vec![p.0.to_string(), p.1.to_string(), p.2.to_string()]).collect()
    };
    let outcome = passes(&format!("{CURVE}\nshow grid pareto(minimize cost, maximize gain)"));
    assert_eq!(shown(&outcome, 3), texts(front(&points)));
    // Picked points are a grid like any other.
    passes(&format!(
        "{CURVE}
let front = grid pareto(minimize cost, maximize gain)
assert count(front) == {}
assert all front where up: gain == x * y
assert max((front where up).cost) <= max(front.cost)
",
        front(&points).len()
    ));
    let mut sorted: Vec<_> = points.iter().filter(|p| !p.2).collect();
    // Stable: points that are equal keep the order of the axes.
    sorted.sort_by(|a, b| b.3.total_cmp(&a.3));
    let top: Vec<_> = sorted.iter().take(5).map(|p| (p.0, p.1, p.2)).collect();
    let outcome = passes(&format!("{CURVE}\nshow grid where not up top 5 by cost"));
    assert_eq!(shown(&outcome, 3), texts(top));
    sorted.sort_by(|a, b| a.3.total_cmp(&b.3));
    let all: Vec<_> = sorted.iter().map(|p| (p.0, p.1, p.2)).collect();
    let outcome = passes(&format!("{CURVE}\nshow (grid where not up) sort by cost"));
    let mut by_axes = points.iter().filter(|p| !p.2).collect::<Vec<_>>();
    by_axes.sort_by(|a, b| a.3.total_cmp(&b.3));
    assert_eq!(shown(&outcome, 3), texts(by_axes.iter().map(|p| (p.0, p.1, p.2)).collect()));
    assert_eq!(all.len(), 27);
}

#[test]
fn a_tie_is_told() {
    let outcome = run(&format!("{CURVE}\nlet best = grid minimize cost\nshow best.x, best.y, best.up"));
    assert_eq!(codes(&outcome), ["mls::note"]);
    assert_eq!(
        outcome.diagnostics[0].message,
        "2 points have the least `cost`; the first in the order of the axes is taken: x 4, y 1, up true"
    );
}

#[test]
fn a_requirement_that_fails_at_some_points_names_the_first() {
    let text = "solver curve(x: Scalar = 1, y: Scalar = 1) {
  require x * y != 12, \"unlucky\"
  out cost = x + y
}
solve base = curve {}
sweep grid = base over { x: [1, 3, 4], y: [3, 4] }
";
    let outcome = run(&format!("{text}assert all grid: cost > 0\nshow max(grid.cost)"));
    assert_eq!(codes(&outcome), ["mls::require-failed"]);
    assert_eq!(outcome.diagnostics[0].notes, ["first at the point x 3, y 4", "unlucky"]);
    passes(&format!("{text}assert all grid where x * y != 12: cost > 0"));
    passes(&text.replace("y: [3, 4] }", "y: [3, 4] } where x * y != 12").replace("unlucky\"", "unlucky\"\n"));
}

#[test]
fn axes_that_depend_on_others_are_enumerated_with_them() {
    let text = "
solver layout(devices: Scalar, tensor: Scalar = 1, pipeline: Scalar = 1, data: Scalar = 1) {
  require abs(tensor * pipeline * data - devices) < 0.5
  out replicas = data / 3
}
solve base = layout { devices: 1 }
sweep grid = base over {
  devices: [4, 6]
  tensor: divisors(devices)
  pipeline: divisors(devices / tensor)
  data: [devices / tensor / pipeline]
}
";
    let mut points = vec![];
    for devices in [4, 6] {
        for tensor in (1..=devices).filter(|t| devices % t == 0) {
            for pipeline in (1..=devices / tensor).filter(|p| devices / tensor % p == 0) {
                let data = devices / tensor / pipeline;
                let value = |name: &str, n: i32| (name.to_string(), n.to_string(), format!("{name} == {n}"));
                let all = [
                    value("devices", devices),
                    value("tensor", tensor),
                    value("pipeline", pipeline),
                    value("data", data),
                ];
                let all: Vec<(&str, &str, &str)> = all.iter().map(|(a, b, c)| (&**a, &**b, &**c)).collect();
                points.push(point(&all));
            }
        }
    }
    assert_eq!(points.len(), 15);
    same_as_alone(text, "base", &points, &["replicas"]);
}

#[test]
fn optimize_finds_what_a_loop_finds() {
    // Small: enumerated. Ties go to the first point.
    passes(&format!(
        "{CURVE}
optimize best = base over {{ x: 1..9, y: [3, 1, 2], up: [true, false] }} where x > 4 minimize cost
let same = grid where x > 4 minimize cost
assert best.x == 5 and best.y == 1 and best.up
assert same.x == 5 and same.y == 1 and same.up
"
    ));
    // Too large to enumerate: bounded, and proven.
    let mut least = (f64::MAX, 0, 0, 0);
    for x in 1..=180 {
        for y in 1..=180 {
            for z in 1..=180 {
                let cost = f64::from(x + 2 * y + 3 * z);
                if x * y * z >= 123_456 && cost < least.0 {
                    least = (cost, x, y, z);
                }
            }
        }
    }
    let outcome = passes(&format!(
        "type Pt {{ x: Scalar, y: Scalar, z: Scalar }}
pt p {{ x: 1, y: 1, z: 1 }}
optimize best = p over {{ x: 1..180, y: 1..180, z: 1..180 }} where {{ x * y * z >= 123_456 }} minimize x + 2 * y + 3 * z
assert best.x == {} and best.y == {} and best.z == {}
",
        least.1, least.2, least.3
    ));
    let note = &outcome.diagnostics[0].message;
    assert!(note.starts_with("proven best: ") && note.ends_with("of 5832000 points evaluated"), "{note}");
}

#[test]
fn an_optimum_that_cannot_be_is_told() {
    let text = "type Pt { x: Scalar, y: Scalar }
pt p { x: 1, y: 1 }
optimize best = p over { x: 1..3000, y: 1..3000 } where x * y > 1e9 minimize x
";
    let outcome = run(text);
    assert_eq!(codes(&outcome), ["mls::empty-grid"]);
    assert_eq!(outcome.diagnostics[0].labels[0].text, "shown by bounds over the whole space");
    let outcome =
        run("type Pt { x: Scalar }\npt p { x: 1 }\nsweep g = p over { x: 1..3 } where x > 1 minimize x\n");
    assert_eq!(codes(&outcome), ["mls::syntax"]);
}

/// The notes of the one failed assertion of a text.
fn explanation(text: &str) -> Vec<String> {
    let outcome = run(text);
    let failed = outcome.files.iter().flat_map(|f| &f.assertions).find(|a| a.status == Status::Fail);
    let failed = failed.unwrap_or_else(|| panic!("nothing fails: {:#?}", outcome.diagnostics));
    failed.failure.as_ref().map(|d| d.notes.clone()).unwrap_or_default()
}

#[test]
fn a_failure_says_where_its_boundary_runs() {
    let text = "type Card { name: String, peak: Scalar }
card slow { name: \"Slow\", peak: 100 }
card fast { name: \"Fast\", peak: 1000 }
solver step(card: Card, batch: Scalar = 1, sparse: Bool = false) {
  out time = batch * (if sparse then 1 else 2) / card.peak
}
solve base = step { card: slow }
sweep grid = base over { card: [slow, fast], batch: doubling(1, 128), sparse: [false, true] }
";
    let notes = explanation(&format!("{text}assert all grid where sparse: time < 0.5"));
    assert_eq!(
        notes[..3],
        [
            "2 of 16 points fail",
            "fails for batch >= 64 on Slow; passes everywhere on Fast",
            "worst at card Slow, batch 128, sparse true"
        ]
    );
    let notes = explanation(&format!("{text}assert all grid where card.name == \"Slow\": time < 0.5"));
    assert_eq!(notes[1], "fails for batch >= 32 at sparse false; fails for batch >= 64 at sparse true");
    let notes = explanation(&format!("{text}assert all grid: card.peak > 500"));
    assert_eq!(notes[1], "fails everywhere on Slow; passes everywhere on Fast");
    let notes =
        explanation(&format!("{text}assert all grid where sparse and card.name == \"Slow\": time > 0.1"));
    assert_eq!(notes[1], "fails for batch <= 8, passes otherwise");
    let notes = explanation(&format!("{text}assert any grid where sparse: time < 0.001 and batch > 1"));
    assert_eq!(
        notes[..3],
        [
            "none of 16 points meets it",
            "nearest at card Fast, batch 1, sparse true",
            "both sides are equal, and the comparison excludes that"
        ]
    );
}

#[test]
fn what_empties_a_grid_is_named() {
    let outcome = run(&format!("{CURVE}assert all grid where up where x > 20: cost > 0"));
    assert_eq!(codes(&outcome), ["mls::empty-grid"]);
    assert_eq!(outcome.diagnostics[0].labels[1].text, "holds at none of 27 points");
    for asked in
        ["grid minimize cost", "max(grid.cost)", "mean(grid.cost)", "median(grid.cost)", "grid top 3 by cost"]
    {
        let asked = asked.replace("grid", "(grid where x > 20)");
        let outcome = run(&format!("{CURVE}show {asked}"));
        assert_eq!(codes(&outcome), ["mls::empty-grid"], "{asked}");
    }
    passes(&format!("{CURVE}assert count(grid where x > 20) == 0"));
}

/// A run whose outcome holds the columns of its sweeps.
fn run_with_columns(text: &str) -> Outcome {
    let memory = Memory::with("main.mls", text);
    let terms = Terms { columns: 10_000, ..Terms::default() };
    Session::new(&memory, Options::default()).on(terms).run(&["main.mls".into()])
}

#[test]
fn columns_of_random_sweeps_have_the_bits_of_their_points_alone() {
    let cards = ["H100_SXM", "H200_SXM", "B200", "A100_SXM_80GB"];
    let formats = ["fp16", "fp8", "fp32", "int8", "fp4"];
    let models = ["llama3_8b", "llama3_70b"];
    let mut state = 20_26u64;
    let mut random = |below: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    for _ in 0..6 {
        let mut some = |all: &[&str]| -> Vec<String> {
            let count = 1 + random(all.len() as u64) as usize;
            (0..count).map(|_| all[random(all.len() as u64) as usize].to_string()).collect()
        };
        let (card, format, model) = (some(&cards), some(&formats), some(&models));
        let batch: Vec<String> = (0..3).map(|_| (1 + random(4000)).to_string()).collect();
        let efficiency: Vec<String> = (0..3).map(|_| format!("{}%", 1 + random(99))).collect();
        let mut text = format!(
            "use std.hardware.nvidia.*
use std.models.meta.*
system pod {{ hardware: H100_SXM }}
solve base = roofline {{ model: llama3_8b, system: pod }}
sweep grid = base over {{
  system.hardware: [{}]
  precision: [{}]
  zip {{ batch: [{}], efficiency: [{}] }}
  model: [{}]
}}
",
            card.join(", "),
            format.join(", "),
            batch.join(", "),
            efficiency.join(", "),
            model.join(", ")
        );
        let mut count = 0;
        for card in &card {
            for format in &format {
                for (batch, efficiency) in batch.iter().zip(&efficiency) {
                    for model in &model {
                        let inputs = format!("precision: {format}, batch: {batch}, efficiency: {efficiency}");
                        let _ = writeln!(
                            text,
                            "solve s{count} = base {{ system.hardware: {card}, model: {model}, {inputs} }}"
                        );
                        count += 1;
                    }
                }
            }
        }
        let outcome = run_with_columns(&text);
        assert_eq!(outcome.exit_code(false), 0, "{:#?}", outcome.diagnostics);
        let file = &outcome.files[0];
        let columns = &file.sweeps[0].columns;
        assert_eq!(file.sweeps[0].points, count);
        for index in 0..count as usize {
            let solve = file.solves.iter().find(|s| s.name == format!("s{index}")).expect("a solve");
            for (name, alone) in &solve.outputs {
                let column = columns.iter().find(|c| c.name == *name).expect("a column");
                match (&column.values[index], alone) {
                    (
                        Datum::Quantity { value: a, unit: u, .. },
                        Datum::Quantity { value: b, unit: v, .. },
                    ) => {
                        assert_eq!((a.to_bits(), u), (b.to_bits(), v), "{name} of point {index}");
                    }
                    (a, b) => assert_eq!(a, b, "{name} of point {index}"),
                }
            }
        }
    }
}

#[test]
fn a_search_goes_as_fine_as_its_range_asks() {
    let text = "
let whole = largest n in 1..4096 where n ^ 2 <= 1e6
let step = smallest t in 1 ms..100 ms by 0.5 ms where t >= 7.3 ms
let fine = smallest t in 1 ms..100 ms where t >= 7.3 ms
let share = largest x in 10%..90% where 100 * x <= 33
show whole, step to s, fine to s, share
";
    let outcome = run(text);
    assert_eq!(codes(&outcome), Vec::<&str>::new());
    let shown: Vec<f64> = outcome.files[0].shows.iter().map(|s| number(&s.value)).collect();
    assert_eq!(shown[0], 1000.0);
    assert!((shown[1] - 7.5e-3).abs() < 1e-15, "{shown:?}");
    assert!((7.3e-3..7.3001e-3).contains(&shown[2]), "{shown:?}");
    assert!((0.32999..=0.33).contains(&shown[3]), "{shown:?}");
}

#[test]
fn a_search_notices_a_condition_that_changes_more_than_once() {
    // Holds up to 10 and from 500 to 600.
    let search = |high: &str| format!("show largest n in 1..{high} where n <= 10 or 500 <= n and n <= 600\n");
    let outcome = run(&search("1000"));
    assert_eq!(codes(&outcome), Vec::<&str>::new());
    assert_eq!(number(&outcome.files[0].shows[0].value), 600.0);
    let text = "show largest n in 1..100_000 where n <= 10 or 40_000 <= n and n <= 60_000\n";
    assert_eq!(codes(&run(text)), ["mls::not-monotone"]);
}

fn number(value: &Datum) -> f64 {
    match value {
        Datum::Quantity { value, .. } => *value,
        other => panic!("{other:?}"),
    }
}

/// More values than are sorted at once: their digits are counted first.
#[test]
fn percentiles_of_millions_are_exact() {
    passes(
        "
solver line(a: Scalar, b: Scalar) { out x = 1500 * a + b }
sweep grid = line { a: 1, b: 1 } over { a: 1..1500, b: 1..1500 }
assert count(grid) == 2_250_000
assert median(grid.x) == 1_126_500.5
assert percentile(grid.x, 0%) == 1501
assert percentile(grid.x, 100%) == 2_251_500
assert percentile(grid.x, 10%) within 1e-12 of 226_500.9
",
    );
}
