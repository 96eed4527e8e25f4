//! Sweeps, what is asked of their points, and charts.

use crate::source::Span;
use crate::syntax::ast::*;
use crate::syntax::error;
use crate::syntax::grammar::{Node, Rule, is_keyword};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    pub(super) fn quantified(&mut self, node: Node<'t>) -> Option<(Quantifier, Expr)> {
        let mut inner = node.into_inner();
        let all = inner.next()?.as_rule() == Rule::kw_all;
        let grid = inner.find(|n| n.as_rule() == Rule::expr)?;
        Some((if all { Quantifier::All } else { Quantifier::Any }, self.expr(grid)))
    }

    pub(super) fn plot(&mut self, node: Node<'t>) -> Option<PlotKind> {
        let rule = node.as_rule();
        let mut inner = node.into_inner().filter(|n| !is_keyword(n.as_rule()));
        Some(match rule {
            Rule::plot_roofline => PlotKind::Roofline(inner.map(|n| self.expr(n)).collect()),
            Rule::plot_bars => PlotKind::Bars(inner.map(|n| self.expr(n)).collect()),
            _ => {
                let grid = Box::new(self.expr(inner.next()?));
                let mut axes = inner.by_ref().filter(|n| n.as_rule() != Rule::colon);
                let y = Box::new(self.plot_axis(axes.next()?)?);
                let x = Box::new(self.plot_axis(axes.next()?)?);
                let by = axes.next().map(|n| Box::new(self.expr(n)));
                PlotKind::Points { grid, y, x, by }
            }
        })
    }

    pub(super) fn plot_axis(&mut self, node: Node<'t>) -> Option<PlotAxis> {
        let (mut goal, mut log) = (None, false);
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::minimize => goal = Some(QueryOp::Minimize),
                Rule::maximize => goal = Some(QueryOp::Maximize),
                Rule::log_axis => log = true,
                _ => return Some(PlotAxis { goal, log, value: self.expr(part) }),
            }
        }
        None
    }

    pub(super) fn sweep(&mut self, mut inner: impl Iterator<Item = Node<'t>>) -> Option<Sweep> {
        let name = self.name(&inner.next()?);
        let base = self.expr(inner.next()?);
        let mut sweep = Sweep { name, base, axes: vec![], condition: None, optimum: None };
        for node in inner {
            match node.as_rule() {
                Rule::axes => {
                    for axis in node.into_inner().filter(|n| n.as_rule() == Rule::axis) {
                        self.axis(axis, None, &mut sweep.axes);
                    }
                }
                Rule::goal => sweep.optimum = self.goal(node),
                Rule::seed => {
                    if let Some(optimum) = &mut sweep.optimum {
                        optimum.seed = node.as_str().parse().unwrap_or(u64::MAX);
                    }
                }
                Rule::conditions => {
                    for condition in node.into_inner().filter(|n| n.as_rule() == Rule::expr) {
                        let next = self.expr(condition);
                        sweep.condition = Some(match sweep.condition.take() {
                            Some(before) => both(before, next),
                            None => next,
                        });
                    }
                }
                _ => {
                    let (condition, optimum) = goal_within(self.expr(node));
                    sweep.condition = condition;
                    sweep.optimum = optimum;
                }
            }
        }
        Some(sweep)
    }

    pub(super) fn optimize(&mut self, inner: impl Iterator<Item = Node<'t>>, span: Span) -> Option<Sweep> {
        let sweep = self.sweep(inner)?;
        if sweep.optimum.is_none() {
            self.problems.push(error::no_goal(span));
            return None;
        }
        Some(sweep)
    }

    pub(super) fn goal(&mut self, node: Node<'t>) -> Option<Optimum> {
        let mut inner = node.into_inner();
        let maximize = inner.next()?.as_rule() == Rule::maximize;
        Some(Optimum { maximize, body: self.expr(inner.next()?), seed: 0 })
    }

    pub(super) fn axis(&mut self, node: Node<'t>, zip: Option<Span>, axes: &mut Vec<AxisInit>) {
        let mut parts = node.into_inner().filter(|n| !is_keyword(n.as_rule()));
        let Some(first) = parts.next() else { return };
        match first.as_rule() {
            Rule::bad_field => self.bad_part(&first, Rule::one_field, "field"),
            Rule::zip => {
                let span = self.span(&first);
                if let Some(outer) = zip {
                    self.problems.push(error::nested_zip(span, outer));
                }
                for inner in first.into_inner().filter(|n| n.as_rule() == Rule::axis) {
                    self.axis(inner, zip.or(Some(span)), axes);
                }
            }
            _ => {
                let path = first.into_inner().map(|n| self.name(&n)).collect();
                if let Some(values) = parts.next() {
                    axes.push(AxisInit { path, values: self.expr(values), zip });
                }
            }
        }
    }
}

/// `C minimize E` as its two parts.
fn goal_within(e: Expr) -> (Option<Expr>, Option<Optimum>) {
    match e.kind {
        ExprKind::Query { op: op @ (QueryOp::Minimize | QueryOp::Maximize), grid, body } => {
            let maximize = op == QueryOp::Maximize;
            (Some(*grid), Some(Optimum { maximize, body: *body, seed: 0 }))
        }
        _ => (Some(e), None),
    }
}

/// `a and b`
fn both(left: Expr, right: Expr) -> Expr {
    let (span, op_span) = (left.span.to(right.span), right.span.head());
    let kind = ExprKind::Binary { op: BinaryOp::And, op_span, left: Box::new(left), right: Box::new(right) };
    Expr { kind, span }
}
