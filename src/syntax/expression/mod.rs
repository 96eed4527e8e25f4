//! Expressions: operators get their precedence.

mod arguments;
mod atom;
mod form;
mod literal;

use std::sync::LazyLock;

use pest::pratt_parser::{Assoc, Op, PrattParser};

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::*;
use crate::syntax::error::too_deep;
use crate::syntax::grammar::{Node, Rule, is_keyword};
use crate::syntax::item::Builder;
use crate::syntax::split::DEPTH_LIMIT;

/// Operators of one expression without parentheses between them.
const OPERATOR_LIMIT: usize = 2_000;

/// `-`, `not` in a row.
const PREFIX_LIMIT: usize = 32;

/// Stack that one level of operators takes, in a build without optimisation.
const PRATT_LEVEL: usize = 8 * 1024;

/// From loosest to tightest.
static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    PrattParser::new()
        .op(Op::infix(Rule::r#where, Assoc::Left)
            | Op::infix(Rule::top, Assoc::Left)
            | Op::infix(Rule::sort, Assoc::Left)
            | Op::postfix(Rule::pareto)
            | Op::infix(Rule::minimize, Assoc::Left)
            | Op::infix(Rule::maximize, Assoc::Left))
        .op(Op::infix(Rule::or, Assoc::Left))
        .op(Op::infix(Rule::and, Assoc::Left))
        .op(Op::prefix(Rule::not))
        .op(Op::infix(Rule::less, Assoc::Left)
            | Op::infix(Rule::less_equal, Assoc::Left)
            | Op::infix(Rule::greater, Assoc::Left)
            | Op::infix(Rule::greater_equal, Assoc::Left)
            | Op::infix(Rule::equal, Assoc::Left)
            | Op::infix(Rule::not_equal, Assoc::Left)
            | Op::infix(Rule::within, Assoc::Left))
        .op(Op::infix(Rule::else_value, Assoc::Right))
        .op(Op::postfix(Rule::convert))
        .op(Op::infix(Rule::step, Assoc::Left))
        .op(Op::infix(Rule::range, Assoc::Left))
        .op(Op::infix(Rule::add, Assoc::Left) | Op::infix(Rule::subtract, Assoc::Left))
        .op(Op::infix(Rule::multiply, Assoc::Left) | Op::infix(Rule::divide, Assoc::Left))
        .op(Op::prefix(Rule::negate))
        .op(Op::infix(Rule::power, Assoc::Right))
});

/// What Pratt combines: operands are built, operators kept as nodes.
impl<'t> Builder<'t> {
    pub(super) fn expr(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        if self.depth >= DEPTH_LIMIT {
            self.problems.push(too_deep(span.head(), &format!("level {}", DEPTH_LIMIT + 1)));
            return bad(span);
        }
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.expr_inner(node, span));
        self.depth -= 1;
        result
    }

    fn expr_inner(&mut self, node: Node<'t>, span: Span) -> Expr {
        match node.as_rule() {
            Rule::expr | Rule::expr_no_record | Rule::plot_value => {}
            _ => return self.postfix(node),
        }
        // A prefix node wraps its operator.
        let parts: Vec<Node<'t>> = node
            .into_inner()
            .filter_map(|n| if n.as_rule() == Rule::prefix { n.into_inner().next() } else { Some(n) })
            .collect();
        if let [_] = parts.as_slice() {
            return parts.into_iter().next().map_or(bad(span), |only| self.postfix(only));
        }
        let is_prefix = |p: &Node| matches!(p.as_rule(), Rule::negate | Rule::not);
        let in_a_row = parts.split(|p| !is_prefix(p)).map(<[_]>::len).max().unwrap_or(0);
        if parts.len() > 2 * OPERATOR_LIMIT || in_a_row > PREFIX_LIMIT {
            self.problems.push(
                Diagnostic::error("mls::expression-too-long", "this expression has too many operators")
                    .label(span.head(), format!("more than {OPERATOR_LIMIT} in a row"))
                    .help("sum a list: `sum([a, b, c])`, or give parts of it names with `let`"),
            );
            return bad(span);
        }
        // Pratt goes a level deeper for each operator that waits for what is to its right.
        let waits = |p: &&Node| is_prefix(p) || matches!(p.as_rule(), Rule::power | Rule::else_value);
        let room = 64 * 1024 + parts.iter().filter(waits).count() * PRATT_LEVEL;
        let this = std::cell::RefCell::new(self);
        stacker::maybe_grow(room, room + 1024 * 1024, || {
            PRECEDENCE
                .map_primary(|n| this.borrow_mut().postfix(n))
                .map_prefix(|op, operand| this.borrow_mut().prefix(op, operand))
                .map_postfix(|operand, op| match op.as_rule() {
                    Rule::pareto => this.borrow_mut().pareto(operand, op),
                    _ => this.borrow_mut().convert(operand, op),
                })
                .map_infix(|left, op, right| this.borrow_mut().infix(left, op, right))
                .parse(parts.into_iter())
        })
    }

    fn prefix(&mut self, op: Node<'t>, operand: Expr) -> Expr {
        let span = self.span(&op).to(operand.span);
        let op = if op.as_rule() == Rule::negate { UnaryOp::Negate } else { UnaryOp::Not };
        Expr { kind: ExprKind::Unary { op, operand: Box::new(operand) }, span }
    }

    fn convert(&mut self, operand: Expr, op: Node<'t>) -> Expr {
        let span = operand.span.to(self.span(&op));
        let unit = op.into_inner().find(|n| !is_keyword(n.as_rule()));
        let Some(unit) = unit else { return bad(span) };
        let unit = self.unit_expr(unit);
        Expr { kind: ExprKind::Convert { value: Box::new(operand), unit }, span }
    }

    fn pareto(&mut self, operand: Expr, op: Node<'t>) -> Expr {
        let span = operand.span.to(self.span(&op));
        let mut goals = vec![];
        for goal in op.into_inner().filter(|n| n.as_rule() == Rule::goal) {
            let mut inner = goal.into_inner();
            let most = inner.next().is_some_and(|n| n.as_rule() == Rule::maximize);
            goals.extend(inner.next().map(|n| (most, self.expr(n))));
        }
        Expr { kind: ExprKind::Pick { grid: Box::new(operand), pick: Pick::Pareto(goals) }, span }
    }

    fn infix(&mut self, left: Expr, op: Node<'t>, right: Expr) -> Expr {
        let op_span = self.span(&op);
        let span = left.span.to(right.span);
        let (l, r) = (left, right);
        let binary = |op, l, r| ExprKind::Binary { op, op_span, left: Box::new(l), right: Box::new(r) };
        let compare = |op, l: Expr, r| match l.kind {
            ExprKind::Compare { first, mut rest } => {
                rest.push((op, op_span, r));
                ExprKind::Compare { first, rest }
            }
            _ => ExprKind::Compare { first: Box::new(l), rest: vec![(op, op_span, r)] },
        };
        let query = |op, l: Expr, r: Expr| ExprKind::Query { op, grid: Box::new(l), body: Box::new(r) };
        let kind = match op.as_rule() {
            Rule::r#where => query(QueryOp::Where, l, r),
            Rule::top => {
                let mut inner = op.into_inner();
                let least = inner.next().is_some_and(|n| n.as_rule() == Rule::kw_bottom);
                let count = inner.next().map_or(bad(op_span), |n| self.atom(n));
                let pick = Pick::Top { count: Box::new(count), least, by: Box::new(r) };
                ExprKind::Pick { grid: Box::new(l), pick }
            }
            Rule::sort => ExprKind::Pick { grid: Box::new(l), pick: Pick::Sort { by: Box::new(r) } },
            Rule::minimize => query(QueryOp::Minimize, l, r),
            Rule::maximize => query(QueryOp::Maximize, l, r),
            Rule::or => binary(BinaryOp::Or, l, r),
            Rule::and => binary(BinaryOp::And, l, r),
            Rule::else_value => binary(BinaryOp::Else, l, r),
            Rule::add => binary(BinaryOp::Add, l, r),
            Rule::subtract => binary(BinaryOp::Subtract, l, r),
            Rule::multiply => binary(BinaryOp::Multiply, l, r),
            Rule::divide => binary(BinaryOp::Divide, l, r),
            Rule::power => binary(BinaryOp::Power, l, r),
            Rule::less => compare(CompareOp::Less, l, r),
            Rule::less_equal => compare(CompareOp::LessEqual, l, r),
            Rule::greater => compare(CompareOp::Greater, l, r),
            Rule::greater_equal => compare(CompareOp::GreaterEqual, l, r),
            Rule::equal => compare(CompareOp::Equal, l, r),
            Rule::not_equal => compare(CompareOp::NotEqual, l, r),
            Rule::range => ExprKind::Range { low: Box::new(l), high: Box::new(r), step: None },
            Rule::step => match l.kind {
                ExprKind::Range { low, high, step: None } => {
                    ExprKind::Range { low, high, step: Some(Box::new(r)) }
                }
                _ => {
                    self.problems.push(
                        Diagnostic::error("mls::syntax", "`by` follows a range")
                            .label(op_span, "there is no range before it")
                            .help("write `1..64 by 8`"),
                    );
                    ExprKind::Bad
                }
            },
            Rule::within => {
                let tolerance = op.into_inner().find(|n| n.as_rule() == Rule::expr);
                let tolerance = tolerance.map_or(bad(op_span), |n| self.expr(n));
                let (value, reference) = (Box::new(l), Box::new(r));
                ExprKind::Within { value, tolerance: Box::new(tolerance), reference }
            }
            _ => ExprKind::Bad,
        };
        Expr { kind, span }
    }
}

fn parts<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    node.into_inner().filter(|n| !is_keyword(n.as_rule()))
}

fn bad(span: Span) -> Expr {
    Expr { kind: ExprKind::Bad, span }
}
