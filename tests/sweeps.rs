//! Sweeps: the same numbers as their points run one at a time, and what is asked of them.

use std::fmt::Write;

use mlsys::engine::outcome::{Outcome, Status};

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
