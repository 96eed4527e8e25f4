//! A derivation as a tree for people, as nested lists for Markdown, and as JSON.

use std::collections::HashSet;
use std::fmt::Write;

use serde_json::{Value, json};

use crate::outcome::derivation::Derivation;
use crate::outcome::text::share_text;
use crate::report::contract;

/// Characters of a name: a longer one is cut.
const NAME: usize = 60;
/// Columns of a tree.
const WIDTH: usize = 76;

/// A tree with one value a line, its equation below it.
pub fn tree(root: &Derivation) -> String {
    let mut tree = Tree::default();
    tree.node(root, "", "", true);
    tree.out
}

#[derive(Default)]
struct Tree<'d> {
    out: String,
    /// Papers and datasheets that have been named.
    told: HashSet<&'d str>,
}

impl<'d> Tree<'d> {
    fn node(&mut self, node: &'d Derivation, lead: &str, below: &str, top: bool) {
        let _ = write!(self.out, "{lead}{}", head(node, top));
        if node.equation.is_none() && !is_item(node) {
            let _ = write!(self.out, "  {}", place(node));
        }
        self.out.push('\n');
        let bar = if node.inputs.is_empty() { " " } else { "│" };
        for equation in equations(node) {
            self.under(below, bar, &format!("= {equation}"));
        }
        let paper = node.paper.as_deref().filter(|p| self.told.insert(p));
        if node.equation.is_some() && (top || paper.is_some()) {
            self.under(below, bar, &node.place);
        }
        if let Some(paper) = paper {
            self.under(below, bar, &format!("Source: {paper}"));
        }
        if let Some(datasheet) = node.datasheet.as_deref().filter(|d| self.told.insert(d)) {
            self.under(below, bar, &format!("source: {datasheet}"));
        }
        let more = !node.inputs.is_empty() && node.folded > 0;
        for (index, input) in node.inputs.iter().enumerate() {
            let last = index + 1 == node.inputs.len() && !more;
            let (branch, rest) = if last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            self.node(input, &format!("{below}{branch}"), &format!("{below}{rest}"), false);
        }
        if more {
            let _ = writeln!(self.out, "{below}└─ ... and {} more", node.folded);
        }
    }

    /// A text below a value: each of its lines begins one, further ones are indented.
    fn under(&mut self, below: &str, bar: &str, text: &str) {
        let width = WIDTH.saturating_sub(below.chars().count());
        for (number, statement) in text.lines().enumerate() {
            let lead = if number == 0 { "" } else { "    " };
            for (index, line) in wrap(statement, width - lead.len().min(width)).iter().enumerate() {
                let blank = if index == 0 { "" } else { "  " };
                let _ = writeln!(self.out, "{below}{bar}  {lead}{blank}{line}");
            }
        }
    }
}

/// `latency_memory = 42.12 ms (100 %)`
fn head(node: &Derivation, top: bool) -> String {
    // What is asked about is repeated whole.
    let name = if top { node.name.clone() } else { name(node) };
    let mut text = if name == node.text { node.text.clone() } else { format!("{name} = {}", node.text) };
    if let Some(remark) = remark(node) {
        let _ = write!(text, " ({remark})");
    }
    if node.folded > 0 && node.inputs.is_empty() && node.above.is_none() {
        text.push_str(" ...");
    }
    text
}

/// The call that a value comes from, and its equation; not what its name says already.
pub fn equations(node: &Derivation) -> impl Iterator<Item = &String> {
    node.call.iter().chain(&node.equation).filter(|e| **e != name(node))
}

/// An item of a list of records: its fields say where they stand.
fn is_item(node: &Derivation) -> bool {
    node.name.starts_with('[') && !node.inputs.is_empty()
}

/// What is to be said of a value beside it: `81 %`, `does not decide`, `see above`.
pub fn remark(node: &Derivation) -> Option<String> {
    let mut found = vec![];
    found.extend(node.share.map(share_text));
    if node.beaten {
        found.push("does not decide".into());
    }
    if node.above.is_some() {
        found.push("see above".into());
    }
    (!found.is_empty()).then(|| found.join(", "))
}

/// A name; one that the equation above it says in full is cut. A point of a sweep stands nowhere else.
pub fn name(node: &Derivation) -> String {
    let line = node.name.replace('\n', " ");
    let point = line.ends_with(']') && line.contains(": ");
    match line.chars().count() > NAME && !point {
        true => line.chars().take(NAME - 2).chain("..".chars()).collect(),
        false => line,
    }
}

/// `[NVIDIA H100 SXM, std/hardware/nvidia.mls:214]`
pub fn place(node: &Derivation) -> String {
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
    let (mut out, mut told) = (String::new(), HashSet::new());
    items(&mut out, &mut told, root, 0);
    out
}

fn items<'d>(out: &mut String, told: &mut HashSet<&'d str>, node: &'d Derivation, depth: usize) {
    let indent = "  ".repeat(depth);
    let _ = write!(out, "{indent}- `{}`", head(node, depth == 0));
    match &node.equation {
        Some(_) => {
            // A line break would end the item.
            equations(node).for_each(|equation| _ = write!(out, " = `{}`", equation.replace('\n', "; ")));
            let _ = write!(out, ", {}", node.place);
        }
        None if !is_item(node) => {
            let _ = write!(out, " {}", place(node));
        }
        None => {}
    }
    for source in node.paper.iter().chain(&node.datasheet).filter(|s| told.insert(s)) {
        let _ = write!(out, " ({source})");
    }
    out.push('\n');
    node.inputs.iter().for_each(|input| items(out, told, input, depth + 1));
    if !node.inputs.is_empty() && node.folded > 0 {
        let _ = writeln!(out, "{indent}  - ... and {} more", node.folded);
    }
}

/// The tree as data; values in base units.
pub fn object(node: &Derivation) -> Value {
    let value = contract::value(&node.value);
    json!({
        "name": node.name,
        "value": value.value,
        "unit": value.unit,
        "text": node.text,
        "call": node.call,
        "equation": node.equation,
        "place": node.place,
        "holder": node.holder,
        "datasheet": node.datasheet,
        "paper": node.paper,
        "share": node.share,
        "decides": !node.beaten,
        "folded": node.folded,
        "id": node.id,
        "above": node.above,
        "inputs": node.inputs.iter().map(object).collect::<Vec<_>>(),
    })
}
