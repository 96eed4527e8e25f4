//! A derivation as a tree for people, as nested lists for Markdown, and as JSON.

use std::fmt::Write;

use serde_json::{Value, json};

use super::contract;
use crate::explain::derivation::Derivation;
use crate::explain::terms::share_text;

/// A tree with one value a line, its equation below it.
pub fn tree(root: &Derivation) -> String {
    let mut out = String::new();
    lines(&mut out, root, "", "", true);
    out
}

fn lines(out: &mut String, node: &Derivation, lead: &str, below: &str, top: bool) {
    let _ = write!(out, "{lead}{}", head(node));
    if node.equation.is_none() {
        let _ = write!(out, "  {}", place(node));
    }
    out.push('\n');
    let bar = if node.inputs.is_empty() { " " } else { "│" };
    let mut under = |text: &str| {
        for (index, line) in wrap(text, 76usize.saturating_sub(below.chars().count())).iter().enumerate() {
            let blank = if index == 0 { "" } else { "  " };
            let _ = writeln!(out, "{below}{bar}  {blank}{line}");
        }
    };
    if let Some(equation) = &node.equation {
        under(&format!("= {equation}"));
        if top || node.paper.is_some() {
            under(&node.place);
        }
    }
    if let Some(paper) = &node.paper {
        under(&format!("Source: {paper}"));
    }
    if let Some(datasheet) = &node.datasheet {
        under(&format!("source: {datasheet}"));
    }
    for (index, input) in node.inputs.iter().enumerate() {
        let last = index + 1 == node.inputs.len();
        let (branch, rest) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
        lines(out, input, &format!("{below}{branch}"), &format!("{below}{rest}"), false);
    }
}

/// `latency_memory = 42.12 ms (100 %)`
fn head(node: &Derivation) -> String {
    let mut text =
        if node.name == node.text { node.text.clone() } else { format!("{} = {}", node.name, node.text) };
    if let Some(share) = node.share {
        let _ = write!(text, " ({})", share_text(share));
    }
    if node.beaten {
        text.push_str(" (does not decide)");
    }
    if node.folded > 0 {
        text.push_str(" ...");
    }
    text
}

/// `NVIDIA H100 SXM, std/hardware/nvidia.mls:214`
fn place(node: &Derivation) -> String {
    match &node.holder {
        Some(holder) => format!("[{holder}, {}]", node.place),
        None => format!("[{}]", node.place),
    }
}

fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut found = vec![String::new()];
    for word in text.split(' ') {
        let last = found.len() - 1;
        if !found[last].is_empty() && found[last].chars().count() + 1 + word.chars().count() > width.max(24) {
            found.push(word.to_string());
        } else {
            if !found[last].is_empty() {
                found[last].push(' ');
            }
            found[last].push_str(word);
        }
    }
    found
}

/// Nested lists.
pub fn markdown(root: &Derivation) -> String {
    let mut out = String::new();
    items(&mut out, root, 0);
    out
}

fn items(out: &mut String, node: &Derivation, depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = write!(out, "{indent}- `{}`", head(node));
    match &node.equation {
        Some(equation) => {
            let _ = write!(out, " = `{equation}`, {}", node.place);
        }
        None => {
            let _ = write!(out, " {}", place(node));
        }
    }
    for source in node.paper.iter().chain(&node.datasheet) {
        let _ = write!(out, " ({source})");
    }
    out.push('\n');
    node.inputs.iter().for_each(|input| items(out, input, depth + 1));
}

/// The tree as data; values in base units.
pub fn object(node: &Derivation) -> Value {
    let value = contract::value(&node.value);
    json!({
        "name": node.name,
        "value": value.value,
        "unit": value.unit,
        "text": node.text,
        "equation": node.equation,
        "place": node.place,
        "holder": node.holder,
        "datasheet": node.datasheet,
        "paper": node.paper,
        "share": node.share,
        "decides": !node.beaten,
        "folded": node.folded,
        "inputs": node.inputs.iter().map(object).collect::<Vec<_>>(),
    })
}
