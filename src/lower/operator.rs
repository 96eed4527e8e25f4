//! Ranges, arithmetic and comparisons.

use std::rc::Rc;

use crate::check::program::Expr;
use crate::columns::graph::{BinaryOp, NodeId, Op};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{LIST_LIMIT, Lowered, Lowerer};
use crate::lower::value::{Env, Value};
use crate::syntax::ast;

impl<'p> Lowerer<'p> {
    pub(crate) fn range(
        &mut self,
        e: &'p Expr,
        low: &'p Expr,
        high: &'p Expr,
        step: Option<&'p Expr>,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let low = self.node(low, env)?;
        let high = self.node(high, env)?;
        let step = step.map(|s| self.node(s, env)).transpose()?;
        let (a, b) = (self.fixed(low, e)?, self.fixed(high, e)?);
        let by = match step {
            Some(step) => self.fixed(step, e)?,
            None => 1.0,
        };
        let count = ((b - a) / by + 1e-9).floor() + 1.0;
        // Comparing this way round also catches NaN.
        if !(by > 0.0 && count <= LIST_LIMIT as f64) {
            let message = format!("a list has at most {LIST_LIMIT} items, and its step is above zero");
            return Err(self.fail(
                Diagnostic::error("mls::list-too-long", message)
                    .label(e.span, format!("{a} to {b} by {by}"))
                    .help("take larger steps: `1..1_000_000 by 1000`"),
            ));
        }
        let items = (0..count.max(0.0) as usize).map(|i| self.constant(a + by * i as f64, Some(e))).collect();
        Ok(Value::List(Rc::new(items)))
    }

    pub(crate) fn binary(
        &mut self,
        e: &'p Expr,
        op: ast::BinaryOp,
        left: &'p Expr,
        right: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let a = self.node(left, env)?;
        // What the left side decides alone, the right side need not be able to answer.
        match (op, self.graph.known(a)) {
            (ast::BinaryOp::And, Some(0.0)) | (ast::BinaryOp::Or, Some(1.0)) => return Ok(Value::Node(a)),
            _ => {}
        }
        let b = self.node(right, env)?;
        let op = match op {
            ast::BinaryOp::Add => BinaryOp::Add,
            ast::BinaryOp::Subtract => BinaryOp::Subtract,
            ast::BinaryOp::Multiply => BinaryOp::Multiply,
            ast::BinaryOp::Divide => BinaryOp::Divide,
            ast::BinaryOp::Power => BinaryOp::Power,
            ast::BinaryOp::And => BinaryOp::And,
            ast::BinaryOp::Or | ast::BinaryOp::Else => BinaryOp::Or,
        };
        Ok(Value::Node(self.push(Op::Binary(op, a, b), Some(e))))
    }

    pub(crate) fn compare(
        &mut self,
        e: &'p Expr,
        first: &'p Expr,
        rest: &'p [(ast::CompareOp, Expr)],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut left = self.node(first, env)?;
        let mut all: Option<NodeId> = None;
        for (op, right) in rest {
            let right = self.node(right, env)?;
            let op = match op {
                ast::CompareOp::Less => Op::Binary(BinaryOp::Less, left, right),
                ast::CompareOp::LessEqual => Op::Binary(BinaryOp::LessEqual, left, right),
                ast::CompareOp::Greater => Op::Binary(BinaryOp::Less, right, left),
                ast::CompareOp::GreaterEqual => Op::Binary(BinaryOp::LessEqual, right, left),
                ast::CompareOp::Equal => Op::Binary(BinaryOp::Equal, left, right),
                ast::CompareOp::NotEqual => Op::Binary(BinaryOp::NotEqual, left, right),
            };
            let one = self.push(op, Some(e));
            all = Some(match all {
                Some(all) => self.push(Op::Binary(BinaryOp::And, all, one), Some(e)),
                None => one,
            });
            left = right;
        }
        Ok(Value::Node(all.unwrap_or(left)))
    }
}
