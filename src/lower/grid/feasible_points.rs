//! The points of a grid that describe machines that run, and those that queries leave out.

use crate::check::program::Expr;
use crate::columns::graph::{BinaryOp, NodeId, Op, UnaryOp};
use crate::columns::scan::count::Tally;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::GridValue;

/// The members of a grid at which something rests on an infeasible solve.
pub struct LeftOut {
    pub points: u64,
    /// All members of the grid.
    pub of: u64,
    pub first: u64,
    /// The reason at the first of them.
    pub reason: String,
}

impl LeftOut {
    /// `3 of 28 points are infeasible`
    pub fn counted(&self) -> String {
        match self.points {
            n if n == self.of => format!("all {n} points are infeasible"),
            1 => format!("1 of {} points is infeasible", self.of),
            n => format!("{n} of {} points are infeasible", self.of),
        }
    }
}

impl<'p> Lowerer<'p> {
    /// Where one of these columns rests on an infeasible solve.
    fn any_infeasible(&mut self, columns: &[NodeId]) -> Option<NodeId> {
        columns.iter().fold(None, |any, column| {
            let doubt = self.infeasible_where(*column);
            self.either(any, doubt)
        })
    }

    /// The members of a grid at which none of these columns rests on an infeasible solve; `None` for all points.
    pub fn feasible_members(
        &mut self,
        grid: &GridValue<'p>,
        columns: &[NodeId],
    ) -> Result<Option<NodeId>, Stop> {
        let all = self.membership(grid)?;
        let Some(doubt) = self.any_infeasible(columns) else { return Ok(all) };
        let sure = self.push(Op::Unary(UnaryOp::Not, doubt), None);
        Ok(Some(match all {
            Some(all) => self.push(Op::Binary(BinaryOp::And, all, sure), None),
            None => sure,
        }))
    }

    /// The members at which one of these columns, lowered from `bodies`, rests on an infeasible solve.
    pub fn left_out(
        &mut self,
        grid: &GridValue<'p>,
        columns: &[(NodeId, &'p Expr)],
    ) -> Result<Option<LeftOut>, Stop> {
        let nodes: Vec<NodeId> = columns.iter().map(|(node, _)| *node).collect();
        let Some(doubt) = self.any_infeasible(&nodes) else { return Ok(None) };
        let points = self.points(grid.sweep)?;
        let member = self.membership(grid)?;
        let sure = self.push(Op::Unary(UnaryOp::Not, doubt), None);
        let tally = Tally::of(&self.graph, self.program, &points.lengths, member, Some(sure));
        let Some(first) = tally.first_failing else { return Ok(None) };
        let mut reason = String::new();
        for (_, body) in columns {
            let reasons = self.looking_at(grid.sweep, first, |l| {
                let value = l.at_one_point(grid.sweep, first, body)?;
                let node = l.column(value, body);
                let found = l.infeasibilities(node);
                Ok(found.into_iter().map(|i| l.infeasibility_text(i)).collect::<Vec<_>>())
            })?;
            if let Some(text) = reasons.into_iter().next() {
                reason = text;
                break;
            }
        }
        Ok(Some(LeftOut { points: tally.failing, of: tally.points, first, reason }))
    }

    /// Notes how many members a query leaves out, and why; an error where none are left.
    pub(in crate::lower) fn note_left_out(
        &mut self,
        grid: &GridValue<'p>,
        columns: &[(NodeId, &'p Expr)],
        e: &'p Expr,
    ) -> Result<(), Stop> {
        let Some(left_out) = self.left_out(grid, columns)? else { return Ok(()) };
        let place = self.place_of(grid.sweep, left_out.first)?;
        if left_out.points < left_out.of {
            let counted = left_out.counted();
            self.add_note(format!("{counted} and left out: {} (first at {place})", left_out.reason));
            return Ok(());
        }
        let sweep = self.declared(grid.sweep);
        let message = format!("no point of `{}` describes a machine that runs", sweep.name);
        Err(self.fail(
            Diagnostic::error("mls::infeasible", message)
                .label(e.span, format!("{}: {} ({place})", left_out.counted(), left_out.reason))
                .help(
                    "widen the axes, or take hardware, a layout or a rate with which some point is feasible",
                ),
        ))
    }
}
