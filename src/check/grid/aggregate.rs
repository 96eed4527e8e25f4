//! One number of all points: `count(grid)`, `max(grid.latency)`.

use crate::check::error::{CallError, SweepError, TypeError};
use crate::check::program::{Aggregate, Expr, ExprKind, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::Name;

impl Checker<'_> {
    /// `count(grid)`, `max(grid.latency)`: `None` when the argument is neither grid nor column.
    pub(in crate::check) fn infer_aggregate(
        &mut self,
        frame: &mut Frame,
        function: &Name,
        argument: &ast::Expr,
        rest: &[ast::Argument],
        span: Span,
    ) -> Option<Expr> {
        let kind = match &*function.text {
            "count" | "len" => Aggregate::Count,
            "sum" => Aggregate::Sum,
            "mean" => Aggregate::Mean,
            "min" => Aggregate::Min,
            "max" => Aggregate::Max,
            "percentile" | "median" => Aggregate::Percentile,
            _ => return None,
        };
        let wanted = usize::from(&*function.text == "percentile");
        // A function of the file comes first.
        if kind == Aggregate::Percentile && self.lookup(frame.scope, &function.text).is_some() {
            return None;
        }
        if !may_be_grid(argument) || (rest.len() != wanted && kind != Aggregate::Percentile) {
            return None;
        }
        if rest.len() != wanted {
            let function = function.text.clone();
            let found = rest.len() + 1;
            self.report(CallError::ArgumentCount { function, span, wanted: wanted + 1, found });
            return Some(Expr::bad(span));
        }
        let argument_of = |this: &mut Self, frame: &mut Frame| match rest {
            [fraction] => {
                let want = Want { ty: &Type::SCALAR, role: Role::Place("the share of a percentile") };
                Some(Box::new(this.check_want(frame, &fraction.value, &want)))
            }
            _ => None,
        };
        let share = argument_of(self, frame);
        let column = self.infer(frame, argument, None);
        let ty = match (&column.ty, kind) {
            (Type::Grid(_) | Type::Column(..), Aggregate::Count) => Type::SCALAR,
            (Type::Column(_, inner), _) => match inner.required() {
                Type::Quantity(d) => Type::Quantity(*d),
                _ => {
                    let found = self.program.describe(inner);
                    self.report(TypeError::NotANumber {
                        span: column.span,
                        found,
                        operator: "this function",
                    });
                    return Some(Expr::bad(span));
                }
            },
            (Type::Grid(_), _) => {
                self.report(SweepError::GridNeedsColumn {
                    span: column.span,
                    function: function.text.clone(),
                });
                return Some(Expr::bad(span));
            }
            (other, Aggregate::Percentile) => {
                if !other.is_unknown() {
                    let found = self.program.describe(other);
                    self.report(SweepError::NotAGrid { span: column.span, found });
                }
                return Some(Expr::bad(span));
            }
            _ => return None,
        };
        let column = Box::new(column);
        Some(Expr { kind: ExprKind::Aggregate { kind, column, argument: share }, ty, span })
    }
}

/// Spares other calls a second look at their argument.
fn may_be_grid(e: &ast::Expr) -> bool {
    match &e.kind {
        ast::ExprKind::Name(_) | ast::ExprKind::Query { .. } | ast::ExprKind::Pick { .. } => true,
        ast::ExprKind::Field { base, .. } => may_be_grid(base),
        ast::ExprKind::Parenthesized(inner) => may_be_grid(inner),
        _ => false,
    }
}
