//! A lowered plan for people, and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use crate::outcome::plan::{Fate, PlanAlong, PlanListing, PlanNode, PlanSweep};

/// Digits of a number, at most.
const DIGITS: usize = 12;

/// A summary, the sweeps, what is asked for, and the nodes: those that are kept, or `all`.
pub fn text(plan: &PlanListing, all: bool) -> String {
    let mut out = format!("plan of {}: {}\n", plan.path, summary(plan));
    for sweep in &plan.sweeps {
        let _ = writeln!(out, "\nsweep {}: {}", sweep.name, points(sweep));
        for (along, columns) in plan.columns().iter().filter(|(along, _)| along.sweep == sweep.name) {
            let values = counted(along.values, "value");
            let _ =
                writeln!(out, "  {} of {values}  along {}", counted(*columns as u64, "column"), axes(along));
        }
    }
    if !plan.roots.is_empty() {
        out.push_str("\nasked for:\n");
        let rows = plan.roots.iter().map(|root| {
            let over = root.sweep.as_ref().map_or(String::new(), |sweep| format!("over {sweep}"));
            vec![format!("%{}", root.node), root.name.clone(), over]
        });
        table(&mut out, rows.collect());
    }
    let shown: Vec<&PlanNode> = plan.nodes.iter().filter(|node| all || !is_dropped(node)).collect();
    if !shown.is_empty() {
        out.push_str("\nnodes:\n");
        table(&mut out, shown.iter().map(|node| row(plan, node)).collect());
    }
    let hidden = plan.nodes.len() - shown.len();
    if hidden > 0 {
        let _ = writeln!(out, "  ... and {hidden} that only what is folded reads (`--all` shows them)");
    }
    out
}

/// `57 nodes: 12 given, 30 folded, 12 along axes, 3 pruned; 35 of them dropped; 12 points`
fn summary(plan: &PlanListing) -> String {
    let counts = plan.counts();
    let parts = [
        (counts.given, "given"),
        (counts.folded, "folded"),
        (counts.along, "along axes"),
        (counts.searched, "in searches"),
        (counts.pruned, "pruned"),
    ];
    let mut text = counted(counts.nodes as u64, "node");
    for (index, (count, what)) in parts.iter().filter(|(count, _)| *count > 0).enumerate() {
        let _ = write!(text, "{} {count} {what}", if index == 0 { ":" } else { "," });
    }
    if counts.dropped > 0 {
        let _ = write!(text, "; {} dropped once folded", counts.dropped);
    }
    if !plan.sweeps.is_empty() {
        let points = plan.sweeps.iter().map(|sweep| sweep.points).sum();
        let _ = write!(text, "; {}", counted(points, "point"));
    }
    text
}

/// `12 points (batch 4 x precision 3)`
fn points(sweep: &PlanSweep) -> String {
    let axes: Vec<String> = sweep.axes.iter().map(|axis| format!("{} {}", axis.name, axis.length)).collect();
    format!("{} ({})", counted(sweep.points, "point"), axes.join(" x "))
}

fn counted(count: u64, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}

fn axes(along: &PlanAlong) -> String {
    match along.axes.is_empty() {
        true => "no axis of it".into(),
        false => along.axes.join(", "),
    }
}

fn is_dropped(node: &PlanNode) -> bool {
    matches!(node.fate, Fate::Folded { dropped: true, .. })
}

/// `%12  + %3 %7  batch, precision  plan.mls:7  latency: a + b`
fn row(plan: &PlanListing, node: &PlanNode) -> Vec<String> {
    let mut operation = node.operation.clone();
    node.operands.iter().for_each(|operand| _ = write!(operation, " %{operand}"));
    let fate = match &node.fate {
        Fate::Folded { value, dropped, .. } => {
            let value = value.map_or("undefined".into(), number);
            format!("= {value}{}", if *dropped { ", dropped" } else { "" })
        }
        Fate::Along(along) => {
            let one = |along: &PlanAlong| match plan.sweeps.len() {
                1 => axes(along),
                _ => format!("{}: {}", along.sweep, axes(along)),
            };
            format!("along {}", along.iter().map(one).collect::<Vec<_>>().join("; "))
        }
        Fate::Pruned => "pruned".into(),
        Fate::Searched => "in a search".into(),
    };
    let place = node.place.as_ref().map_or(String::new(), |(path, line)| format!("{path}:{line}"));
    let from = match (&node.name, &node.expression) {
        (Some(name), Some(expression)) if name != expression => format!("{name} = {expression}"),
        (_, expression) => expression.clone().unwrap_or_default(),
    };
    vec![format!("%{}", node.id), operation, fate, place, from]
}

/// A number in base units; JSON has all of its digits.
fn number(value: f64) -> String {
    let text = value.to_string();
    if text.len() <= DIGITS { text } else { format!("{value:.5e}") }
}

/// Rows of columns, each as wide as its widest text.
fn table(out: &mut String, rows: Vec<Vec<String>>) {
    let columns = rows.first().map_or(0, Vec::len);
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    for row in &rows {
        let mut line = String::new();
        for (text, width) in row.iter().zip(&widths) {
            let _ = write!(line, "  {text:<width$}");
        }
        let _ = writeln!(out, "{}", line.trim_end());
    }
}

/// The plan as data: every node, values in base units.
pub fn object(plan: &PlanListing) -> Value {
    let counts = plan.counts();
    json!({
        "version": 1,
        "path": plan.path,
        "summary": {
            "nodes": counts.nodes,
            "given": counts.given,
            "folded": counts.folded,
            "along": counts.along,
            "searched": counts.searched,
            "pruned": counts.pruned,
            "dropped": counts.dropped,
            "points": plan.sweeps.iter().map(|sweep| sweep.points).sum::<u64>(),
        },
        "sweeps": plan.sweeps.iter().map(|sweep| json!({
            "name": sweep.name,
            "points": sweep.points,
            "axes": sweep.axes.iter().map(|axis| json!({ "name": axis.name, "length": axis.length }))
                .collect::<Vec<_>>(),
        })).collect::<Vec<_>>(),
        "columns": plan.columns().iter().map(|(along, columns)| {
            let mut object = along_object(along);
            object["columns"] = json!(columns);
            object
        }).collect::<Vec<_>>(),
        "asked": plan.roots.iter().map(|root| json!({
            "name": root.name, "node": root.node, "sweep": root.sweep,
        })).collect::<Vec<_>>(),
        "nodes": plan.nodes.iter().map(node).collect::<Vec<_>>(),
    })
}

fn along_object(along: &PlanAlong) -> Value {
    json!({ "sweep": along.sweep, "axes": along.axes, "values": along.values })
}

fn node(node: &PlanNode) -> Value {
    let (fate, value, dropped) = match &node.fate {
        Fate::Folded { value, given: true, dropped } => ("given", *value, *dropped),
        Fate::Folded { value, given: false, dropped } => ("folded", *value, *dropped),
        Fate::Along(_) => ("along", None, false),
        Fate::Pruned => ("pruned", None, false),
        Fate::Searched => ("searched", None, false),
    };
    let along: Vec<Value> = match &node.fate {
        Fate::Along(along) => along.iter().map(along_object).collect(),
        _ => vec![],
    };
    json!({
        "id": node.id,
        "operation": node.operation,
        "operands": node.operands,
        "fate": fate,
        "value": value,
        "dropped": dropped,
        "along": along,
        "name": node.name,
        "expression": node.expression,
        "path": node.place.as_ref().map(|(path, _)| path),
        "line": node.place.as_ref().map(|(_, line)| line),
    })
}
