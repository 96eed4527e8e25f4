//! Arithmetic and comparisons.

use std::rc::Rc;

use crate::check::program::Expr;
use crate::columns::graph::{BinaryOp, NodeId, Op, UnaryOp};
use crate::lower::lowerer::{Lowered, Lowerer};
use crate::lower::value::{Env, Value};
use crate::native::table::find;
use crate::syntax::ast;

impl<'p> Lowerer<'p> {
    pub(super) fn binary(
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

    pub(super) fn compare(
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

    /// `value within tolerance of reference`: not further from it than the tolerance, or than that share of it.
    pub(super) fn within_tolerance(
        &mut self,
        e: &'p Expr,
        value: NodeId,
        reference: NodeId,
        tolerance: NodeId,
        relative: bool,
    ) -> Value<'p> {
        let difference = self.push(Op::Binary(BinaryOp::Subtract, value, reference), Some(e));
        let distance = self.absolute(difference, e);
        let allowed = if relative {
            let size = self.absolute(reference, e);
            self.push(Op::Binary(BinaryOp::Multiply, tolerance, size), Some(e))
        } else {
            tolerance
        };
        Value::Node(self.push(Op::Binary(BinaryOp::LessEqual, distance, allowed), Some(e)))
    }

    fn absolute(&mut self, id: NodeId, e: &'p Expr) -> NodeId {
        let abs = find("abs").unwrap_or(0) as u16;
        self.push(Op::Unary(UnaryOp::Native(abs), id), Some(e))
    }
}
