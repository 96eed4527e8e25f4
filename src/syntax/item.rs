//! Items: from pest's pairs to the syntax tree.

use std::sync::Arc;

use crate::codes;
use crate::diagnostic::{Diagnostic, Label};
use crate::source::{FileId, Span};
use crate::syntax::ast::*;
use crate::syntax::error;
use crate::syntax::grammar::{Node, Rule, is_keyword, read};
use crate::syntax::one_line::separated;
use crate::syntax::split::{STATEMENT_KEYWORDS, Slice, split};

pub(super) fn parse_slice(file: FileId, text: &str, slice: &Slice, problems: &mut Vec<Diagnostic>) -> Item {
    let whole = Span::new(file, slice.body, text[..slice.end].trim_end().len().max(slice.body));
    let inside =
        |p: &Diagnostic| p.span().is_some_and(|s| s.start as usize >= slice.start && s.start <= whole.end);
    let declares = !matches!(slice.keyword, "use" | "assert" | "warn" | "show" | "scenario");
    let name = (declares && !slice.name.is_empty()).then(|| {
        let start = slice.body + text[slice.body..slice.end].find(&*slice.name).unwrap_or(0);
        Name { text: slice.name.clone(), span: Span::new(file, start, start + slice.name.len()) }
    });
    let bad = || Item { doc: "".into(), kind: ItemKind::Bad { name: name.clone() }, span: whole };
    // What is wrong with quotes or brackets has been said; parsing would only say it again. But a scenario's items
    // are cut again, and tell their own.
    let mut said = vec![];
    if problems.iter().any(inside) {
        let brace = text[slice.body..slice.end].find('{').map(|i| slice.body + i);
        let own = |p: &Diagnostic| {
            let starts = |l: &Label| brace.is_some_and(|brace| l.span.start as usize == brace);
            let before = p.span().is_some_and(|s| brace.is_none_or(|brace| (s.start as usize) < brace));
            before || p.labels.iter().any(starts)
        };
        if slice.keyword != "scenario" || problems.iter().any(|p| inside(p) && own(p)) {
            return bad();
        }
        said = problems.extract_if(.., |p| inside(p)).collect();
    }
    let body = &text[slice.body..slice.end];
    let separated = separated(body);
    match read(Rule::one_item, &separated) {
        Ok(mut pairs) => {
            let mut builder = Builder { file, offset: slice.body, text, problems: vec![], depth: 0 };
            let node = pairs.next().and_then(|p| p.into_inner().next());
            let kind = node.and_then(|n| builder.item(n));
            // `tpe Rack { .. }` is read as a record, and its fields make no sense as such.
            if !builder.problems.is_empty()
                && slice.keyword.is_empty()
                && let Some(told) = error::not_a_keyword(body, Span::new(file, slice.body, slice.end))
            {
                problems.push(told);
                return bad();
            }
            if !builder.problems.iter().any(of_delimiters) {
                problems.append(&mut said);
            }
            problems.append(&mut builder.problems);
            let doc = documentation(&text[slice.start..slice.body]);
            kind.map_or_else(bad, |kind| Item { doc, kind, span: whole })
        }
        Err(failure) => {
            let told = error::syntax(file, body, slice.body, slice.keyword, &failure);
            problems.append(&mut said);
            if !echoes(body, &told, problems, slice) {
                problems.push(told);
            }
            bad()
        }
    }
}

fn of_delimiters(problem: &Diagnostic) -> bool {
    matches!(problem.code, codes::UNCLOSED_DELIMITER | codes::UNTERMINATED_STRING)
}

/// Whether what is wrong with an item only follows from a bracket or quote that is missing elsewhere: a bracket that
/// closes nothing, or a statement of a solver that begins nowhere.
fn echoes(body: &str, told: &Diagnostic, problems: &[Diagnostic], slice: &Slice) -> bool {
    if !problems.iter().any(of_delimiters) {
        return false;
    }
    let at = told.span().map_or(0, |s| s.start as usize - slice.body);
    let first = body.split(|c: char| !c.is_ascii_alphabetic()).next().unwrap_or("");
    body[at..].starts_with([')', ']', '}']) || slice.keyword.is_empty() && STATEMENT_KEYWORDS.contains(&first)
}

/// The lines of `##` at the end of a stretch of blanks and comments.
fn documentation(text: &str) -> Arc<str> {
    let mut lines: Vec<&str> = vec![];
    for line in text.lines() {
        match line.trim().strip_prefix("##") {
            Some(doc) => lines.push(doc.strip_prefix(' ').unwrap_or(doc).trim_end()),
            None if line.trim().is_empty() => {}
            None => lines.clear(),
        }
    }
    lines.join("\n").into()
}

/// Turns pairs into the tree, with spans of the whole file.
pub(super) struct Builder<'t> {
    pub file: FileId,
    /// Where the parsed text begins in the file.
    pub offset: usize,
    /// The whole file.
    pub text: &'t str,
    pub problems: Vec<Diagnostic>,
    pub depth: usize,
}

impl<'t> Builder<'t> {
    pub(super) fn span(&self, node: &Node) -> Span {
        let span = node.as_span();
        // Pairs of non-atomic rules may end in the blanks before what follows.
        let trimmed = span.as_str().trim_end().len();
        Span::new(self.file, self.offset + span.start(), self.offset + span.start() + trimmed)
    }

    pub(super) fn name(&self, node: &Node) -> Name {
        Name { text: node.as_str().into(), span: self.span(node) }
    }

    /// The `##` comments just above a node, or behind it on its last line.
    pub(super) fn doc_of(&self, span: Span) -> Arc<str> {
        let start = span.start as usize;
        let line = self.text[..start].rfind('\n').map_or(0, |i| i + 1);
        let alone = self.text[line..start].trim().is_empty();
        let mut above = line;
        if alone {
            while above > 0 {
                let previous = self.text[..above - 1].rfind('\n').map_or(0, |i| i + 1);
                if !self.text[previous..above].trim().starts_with("##") {
                    break;
                }
                above = previous;
            }
        }
        let doc = documentation(&self.text[above..line]);
        if !doc.is_empty() {
            return doc;
        }
        let rest = &self.text[span.end as usize..];
        let rest = &rest[..rest.find('\n').unwrap_or(rest.len())];
        let rest = rest.trim_start().trim_start_matches(',').trim_start();
        rest.strip_prefix("##").map_or("".into(), |doc| doc.trim().into())
    }

    fn item(&mut self, node: Node<'t>) -> Option<ItemKind> {
        let rule = node.as_rule();
        let span = self.span(&node);
        let mut inner = node.into_inner().filter(|n| !is_keyword(n.as_rule())).peekable();
        Some(match rule {
            Rule::use_item => ItemKind::Use(self.use_item(inner)?),
            Rule::param_item => {
                let name = self.name(&inner.next()?);
                let ty = self.ty(inner.next()?);
                let default = inner.next().map(|n| self.expr(n));
                ItemKind::Param { name, ty, default }
            }
            Rule::let_item => ItemKind::Let(self.let_item(inner, span)?),
            Rule::unit_item => ItemKind::Unit(self.unit_item(inner)?),
            Rule::dimension_item => {
                let name = self.name(&inner.next()?);
                let (mut definition, mut options) = (None, vec![]);
                for node in inner {
                    match node.as_rule() {
                        Rule::ty => definition = Some(self.ty(node)),
                        _ => options = self.record_body(node).fields,
                    }
                }
                ItemKind::Dimension { name, definition, options }
            }
            Rule::type_item => {
                let name = self.name(&inner.next()?);
                let mut fields: Vec<FieldDecl> = vec![];
                for node in inner {
                    // `power: Power = *`: the field before has a default, whatever it is.
                    if let Some(last) = fields.last_mut().filter(|_| node.as_str().starts_with('=')) {
                        last.ty.kind = TypeExprKind::Bad;
                    }
                    fields.extend(self.type_field(node));
                }
                ItemKind::Type { name, fields }
            }
            Rule::enum_item => {
                let name = self.name(&inner.next()?);
                let members = inner
                    .map(|n| {
                        let name = self.name(&n);
                        EnumMember { doc: self.doc_of(name.span), name }
                    })
                    .collect();
                ItemKind::Enum { name, members }
            }
            Rule::fn_item => ItemKind::Function(self.function(inner)?),
            Rule::table_item => ItemKind::Table(self.table(inner)?),
            Rule::solver_item => {
                let name = self.name(&inner.next()?);
                let params = self.parameters(inner.next()?);
                let body = inner.flat_map(|n| self.statements(n)).collect();
                ItemKind::Solver(Solver { name, params, body })
            }
            Rule::solve_item => {
                let name = self.name(&inner.next()?);
                ItemKind::Solve { name, value: self.expr(inner.next()?) }
            }
            Rule::assert_item | Rule::warn_item => {
                let kind = if rule == Rule::assert_item { AssertKind::Assert } else { AssertKind::Warn };
                let over =
                    inner.next_if(|n| n.as_rule() == Rule::quantified).and_then(|n| self.quantified(n));
                let condition = self.expr(inner.next()?);
                let message = inner.next().map(|n| self.string(n));
                ItemKind::Assert(Assert { kind, over, condition, message, span })
            }
            Rule::sweep_item => {
                let sweep = self.sweep(inner)?;
                if sweep.optimum.is_some() {
                    self.problems.push(error::sweep_with_goal(span));
                    return None;
                }
                ItemKind::Sweep(sweep)
            }
            Rule::optimize_item => ItemKind::Sweep(self.optimize(inner, span)?),
            Rule::show_item => {
                let values: Vec<Expr> = inner.map(|n| self.expr(n)).collect();
                self.report_thousands(&values.iter().collect::<Vec<_>>());
                ItemKind::Show(values)
            }
            Rule::plot_item => {
                let kind = self.plot(inner.next()?)?;
                let title = inner.next().map(|n| self.string(n));
                ItemKind::Plot(Plot { kind, title, span })
            }
            Rule::scenario_item => self.scenario(inner)?,
            Rule::record_item => {
                let kind = self.name(&inner.next()?);
                let name = self.name(&inner.next()?);
                let value = inner.next()?;
                match value.as_rule() {
                    Rule::expr => ItemKind::Record { kind, name, base: Some(self.expr(value)), fields: None },
                    _ => ItemKind::Record { kind, name, base: None, fields: Some(self.record_body(value)) },
                }
            }
            _ => return None,
        })
    }

    /// Says what is wrong with a part that the grammar passed over: by parsing it alone.
    pub(super) fn bad_part(&mut self, node: &Node<'t>, rule: Rule, what: &'static str) {
        let span = node.as_span();
        let text = span.as_str();
        let offset = self.offset + span.start();
        if let Err(failure) = read(rule, text) {
            self.problems.push(error::syntax(self.file, text, offset, what, &failure));
        } else {
            // Right by itself, so what follows it is wrong.
            let part = text.trim_end();
            let last = part.char_indices().next_back().map_or(0, |(i, _)| i);
            let at = Span::new(self.file, offset + last, offset + part.len());
            self.problems.push(error::expected_separator(at, what));
        }
    }

    fn scenario(&mut self, mut inner: impl Iterator<Item = Node<'t>>) -> Option<ItemKind> {
        let title = inner.next()?;
        let (raw, span) = (title.as_str(), self.span(&title));
        let text = match self.string(title).kind {
            ExprKind::String(text) => text,
            // A name is no template: braces stand for themselves.
            _ => raw[1..raw.len() - 1].into(),
        };
        let name = Name { text, span };
        let body = inner.find(|n| n.as_rule() == Rule::scenario_body)?;
        let (start, text) = (self.offset + body.as_span().start(), body.as_str());
        let end = start + text.rfind('}')?;
        let mut problems = vec![];
        let slices = split(self.text, start, end, self.file, &mut problems);
        let mut items = vec![];
        for slice in &slices {
            items.push(parse_slice(self.file, self.text, slice, &mut problems));
        }
        self.problems.append(&mut problems);
        Some(ItemKind::Scenario { name, items })
    }
}
