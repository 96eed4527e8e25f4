//! Derivations on a page: a value unfolds into its equation and what stands in it. An equation that has been shown under
//! another output is linked.

use std::collections::HashSet;
use std::fmt::Write;

use crate::outcome::derivation::Derivation;
use crate::outcome::text::share_text;
use crate::report::derivation::{equations, name, place};
use crate::report::html::text;

/// Draws the derivations of one solve.
pub struct Drawn<'d> {
    /// What its numbers begin with: those of other solves begin otherwise.
    pub prefix: String,
    /// Papers and datasheets that have been named.
    pub told: HashSet<&'d str>,
}

impl<'d> Drawn<'d> {
    pub fn node(&mut self, out: &mut String, node: &'d Derivation) {
        let head = head(node);
        if node.equation.is_none() {
            let _ = write!(out, "<div class=\"leaf\">{head} <span class=\"soft\">{}", text(&place(node)));
            if let Some(datasheet) = node.datasheet.as_deref().filter(|d| self.told.insert(d)) {
                let _ = write!(out, " {}", text(datasheet));
            }
            out.push_str("</span></div>\n");
            return;
        };
        if let Some(above) = node.above {
            let link = format!("<a href=\"#{}{above}\">see above</a>", self.prefix);
            let _ = writeln!(out, "<div class=\"leaf\">{head} {link}</div>");
            return;
        }
        let id = node.id.map_or(String::new(), |id| format!(" id=\"{}{id}\"", self.prefix));
        let _ = write!(
            out,
            "<details{id}><summary>{head}</summary>\n<div class=\"tree\"><span class=\"equation\"><code>"
        );
        let _ = write!(out, "{}", text(&name(node)));
        for equation in equations(node) {
            let _ = write!(out, " = {}", text(equation));
        }
        let _ = write!(out, "</code> {}", text(&node.place));
        if let Some(paper) = node.paper.as_deref().filter(|p| self.told.insert(p)) {
            let _ = write!(out, "<br>Source: {}", text(paper));
        }
        out.push_str("</span>\n");
        node.inputs.iter().for_each(|input| self.node(out, input));
        if node.folded > 0 {
            let _ = writeln!(out, "<div class=\"leaf soft\">... and {} more</div>", node.folded);
        }
        out.push_str("</div></details>\n");
    }
}

/// `latency_memory 42.12 ms (100 %)`
fn head(node: &Derivation) -> String {
    let mut head = format!("{} <span class=\"value\">{}</span>", text(&name(node)), text(&node.text));
    if let Some(share) = node.share {
        let _ = write!(head, " <span class=\"soft\">{}</span>", share_text(share));
    }
    if node.beaten {
        head.push_str(" <span class=\"soft\">does not decide</span>");
    }
    head
}
