//! What an interpolation computes: the knots around its arguments, and the equation between them.

use std::rc::Rc;

use crate::check::program::text::one_line;
use crate::check::program::{Expr, ExprKind, Table, TableAxis, Type};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Env;
use crate::outcome::Datum;
use crate::outcome::derivation::Derivation;
use crate::units::dimension::Dimension;

/// An equation over knots, and those.
pub struct Interpolation {
    pub equation: String,
    pub knots: Vec<Derivation>,
}

/// Where an argument lies along its axis.
struct KnotPosition {
    low: usize,
    /// The next knot, and how far towards it, as text; `None` at a knot and beyond the ends.
    next: Option<(usize, String)>,
}

pub fn interpolation<'p>(lowerer: &mut Lowerer<'p>, e: &'p Expr, env: &Rc<Env<'p>>) -> Option<Interpolation> {
    let ExprKind::Table { table, arguments } = &e.kind else { return None };
    let table = lowerer.program.table(*table);
    let mut places = vec![];
    for (axis, argument) in table.axes.iter().zip(arguments) {
        let node = lowerer.node(argument, env).ok()?;
        let value = lowerer.graph.value(node);
        places.push(place(lowerer, axis, argument, value));
    }
    let mut found = Interpolation { equation: String::new(), knots: vec![] };
    let mut knot = |indices: &[usize]| {
        let knot = knot_of(lowerer, table, indices);
        let name = knot.name.clone();
        if !found.knots.iter().any(|k| k.name == name) {
            found.knots.push(knot);
        }
        name
    };
    let log = table.log_result;
    let equation = match places.as_slice() {
        [x] => {
            let low = knot(&[x.low]);
            let high = x.next.as_ref().map(|(index, fraction)| (knot(&[*index]), fraction));
            mixed(low, high, log)
        }
        [x, y] => {
            let mut row = |index: usize| {
                let low = knot(&[index, y.low]);
                let high = y.next.as_ref().map(|(at, fraction)| (knot(&[index, *at]), fraction));
                mixed(low, high, log)
            };
            let low = row(x.low);
            let high = x.next.as_ref().map(|(index, fraction)| (row(*index), fraction));
            mixed(low, high, log)
        }
        _ => return None,
    };
    Some(Interpolation { equation, ..found })
}

/// `a + (b - a) * fraction`, or the same of logarithms.
fn mixed(low: String, high: Option<(String, &String)>, log: bool) -> String {
    let Some((high, fraction)) = high else { return low };
    // A row is an equation itself.
    let whole = |text: &str| match text.contains(" + ") || text.contains(" * ") {
        true => format!("({text})"),
        false => text.to_string(),
    };
    let (low, high) = (whole(&low), whole(&high));
    match log {
        true => format!("{low} * ({high} / {low})^{fraction}"),
        false => format!("{low} + ({high} - {low}) * {fraction}"),
    }
}

fn place<'p>(lowerer: &Lowerer<'p>, axis: &TableAxis, argument: &'p Expr, value: f64) -> KnotPosition {
    let last = axis.knots.len() - 1;
    let above = axis.knots.partition_point(|k| *k <= value);
    let low = above.saturating_sub(1);
    if above == 0 || above > last || axis.knots[low] == value {
        return KnotPosition { low, next: None };
    }
    let text = one_line(lowerer.sources, argument);
    let simple = text.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
    let text = if simple { text } else { format!("({text})") };
    let (from, to) = (exact(lowerer, &axis.ty, axis.knots[low]), exact(lowerer, &axis.ty, axis.knots[above]));
    let fraction = match axis.log {
        true => format!("ln({text} / {from}) / ln({to} / {from})"),
        false => format!("({text} - {from}) / ({to} - {from})"),
    };
    KnotPosition { low, next: Some((above, format!("({fraction})"))) }
}

/// A value of the table: what it says, and where.
fn knot_of(lowerer: &Lowerer, table: &Table, indices: &[usize]) -> Derivation {
    let at: Vec<String> = table
        .axes
        .iter()
        .zip(indices)
        .map(|(axis, index)| exact(lowerer, &axis.ty, axis.knots[*index]))
        .collect();
    let width = table.axes.get(1).map_or(1, |axis| axis.knots.len());
    let value = table.values[indices.iter().fold(0, |sum, index| sum * width + index)];
    let registry = &lowerer.program.registry;
    let dimension = dimension(&table.result);
    let text = registry.format(value, dimension, None);
    let (file, line) = (lowerer.sources.file(table.span.file), lowerer.sources.line_column(table.span).0);
    let name = format!("{}({})", table.name, at.join(", "));
    let value = Datum::Quantity { value, unit: registry.base_unit(dimension), text };
    let given = Derivation::given(name, value, format!("{}:{line}", file.path));
    Derivation { holder: Some(format!("table {}", table.name)), ..given }
}

fn dimension(ty: &Type) -> Dimension {
    match ty.required() {
        Type::Quantity(dimension) => *dimension,
        _ => Dimension::SCALAR,
    }
}

/// A number with its base unit, to the last digit.
fn exact(lowerer: &Lowerer, ty: &Type, value: f64) -> String {
    let unit = lowerer.program.registry.base_unit(dimension(ty));
    let number = if value == 0.0 || (1e-4..1e15).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    };
    format!("{number} {unit}").trim_end().to_string()
}
