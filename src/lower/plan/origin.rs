//! What the program calls a node, and where the expression stands that it came from.

use rustc_hash::FxHashMap;

use crate::check::program::{Body, Expr, ExprKind, Program, Statement};
use crate::columns::graph::{BinaryOp, Graph, NodeId, Op, UnaryOp};
use crate::lower::perturb::probe::ExprKey;
use crate::native::table::NATIVES;
use crate::source::Sources;

/// Characters of an expression: a longer one is cut.
const WIDTH: usize = 60;

/// The names that a program gives to expressions.
pub struct Names(FxHashMap<ExprKey, String>);

impl Names {
    pub fn of(program: &Program) -> Self {
        let mut names = Names(FxHashMap::default());
        for global in &program.globals {
            names.give(&global.value, &global.name);
        }
        for ty in &program.types {
            for (name, field) in &ty.fields {
                field.default.iter().for_each(|e| names.give(e, name));
            }
        }
        for function in &program.functions {
            if let Body::Expression(body) = &function.body {
                names.give(body, &function.name);
                if let ExprKind::Block { lets, .. } = &body.kind {
                    lets.iter().for_each(|(slot, e)| names.give(e, &function.locals[slot.index()].name));
                }
            }
        }
        for solver in &program.solvers {
            for (default, local) in solver.defaults.iter().zip(&solver.locals) {
                default.iter().for_each(|e| names.give(e, &local.name));
            }
            for statement in &solver.body {
                if let Statement::Define { slot, value } = statement {
                    names.give(value, &solver.locals[slot.index()].name);
                }
            }
        }
        names
    }

    /// Names an expression, and what it only wraps.
    fn give(&mut self, e: &Expr, name: &str) {
        self.0.entry(ExprKey::of(e)).or_insert_with(|| name.to_string());
        match &e.kind {
            ExprKind::Parenthesized(inner)
            | ExprKind::Unwrap(inner)
            | ExprKind::Convert { value: inner, .. }
            | ExprKind::Block { value: inner, .. } => self.give(inner, name),
            _ => {}
        }
    }

    pub fn get(&self, e: &Expr) -> Option<&String> {
        self.0.get(&ExprKey::of(e))
    }
}

/// An expression on one line, cut where it is long.
pub fn one_line(sources: &Sources, e: &Expr) -> String {
    let text = sources.text(e.span);
    let code: Vec<&str> =
        text.lines().flat_map(|line| line.split('#').next().unwrap_or_default().split_whitespace()).collect();
    cut(&code.join(" "))
}

pub fn cut(line: &str) -> String {
    match line.chars().count() > WIDTH {
        true => line.chars().take(WIDTH - 2).chain("..".chars()).collect(),
        false => line.to_string(),
    }
}

/// What a node does, by its name in the language.
pub fn operation(graph: &Graph, program: &Program, id: NodeId) -> String {
    let native = |index: u16| NATIVES[usize::from(index)].name.to_string();
    match graph.node(id).op {
        Op::Constant(_) => "constant".into(),
        Op::Unary(UnaryOp::Negate, _) => "negate".into(),
        Op::Unary(UnaryOp::Not, _) => "not".into(),
        Op::Unary(UnaryOp::Native(index), _) | Op::Binary(BinaryOp::Native(index), ..) => native(index),
        Op::Binary(op, ..) => match op {
            BinaryOp::Add => "+",
            BinaryOp::Subtract => "-",
            BinaryOp::Multiply => "*",
            BinaryOp::Divide => "/",
            BinaryOp::Power => "^",
            BinaryOp::Min => "min",
            BinaryOp::Max => "max",
            BinaryOp::Less => "<",
            BinaryOp::LessEqual => "<=",
            BinaryOp::Equal => "==",
            BinaryOp::NotEqual => "!=",
            BinaryOp::And => "and",
            BinaryOp::Or => "or",
            BinaryOp::Native(_) => "native",
        }
        .into(),
        Op::Select(..) => "select".into(),
        Op::Interpolate(table, ..) => format!("table {}", program.table(table).name),
        Op::Along(..) => "axis".into(),
        Op::Search(..) => "search".into(),
        Op::Marked(..) => "marked".into(),
        Op::Absent(_) => "absent".into(),
        Op::Failed(_) => "failed require".into(),
    }
}
