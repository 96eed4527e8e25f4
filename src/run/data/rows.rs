//! Grids as tables.

use std::rc::Rc;

use crate::check::program::text::one_line;
use crate::check::program::{Expr, Type};
use crate::columns::scan::Scan;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{GridValue, Value};
use crate::outcome::Datum;
use crate::run::data::datum::datum;
use crate::run::data::setting::label;
use crate::run::headline::is_whole;

/// Rows that a `show` of a grid prints.
const ROWS: usize = 50;

/// A grid as rows: its axes, and its outputs or the one column asked for.
pub fn table<'p>(lowerer: &mut Lowerer<'p>, grid: &Rc<GridValue<'p>>, body: Option<&'p Expr>) -> Datum {
    rows(lowerer, grid, body).unwrap_or(Datum::Absent)
}

fn rows<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &Rc<GridValue<'p>>,
    body: Option<&'p Expr>,
) -> Result<Datum, Stop> {
    let points = lowerer.points(grid.sweep)?;
    let program = lowerer.program;
    let sweep = lowerer.declared(grid.sweep);
    let (chosen, total) = members(lowerer, grid, ROWS)?;
    let mut columns: Vec<String> = sweep.axes.iter().map(|a| a.name.clone()).collect();
    match (body, &sweep.base.ty) {
        (Some(body), _) => columns.push(one_line(lowerer.sources, body)),
        (None, Type::Solve(id)) => {
            let solver = program.solver(*id);
            columns.extend(
                solver
                    .outputs
                    .iter()
                    .map(|o| solver.locals[o.index()].name.to_string())
                    .filter(|n| is_whole(n, solver)),
            );
        }
        _ => {}
    }
    let mut types: Vec<Type> = sweep.axes.iter().map(|a| a.ty.clone()).collect();
    let mut rows = vec![];
    for point in &chosen {
        let mut row = vec![];
        let setting = Scan::setting(&points.lengths, *point);
        for (declared, values) in sweep.axes.iter().zip(&points.axes) {
            row.push(label(lowerer, values.at(&setting), &declared.ty));
        }
        lowerer.looking_at(grid.sweep, *point, |l| cells(l, grid, *point, body, &mut row, &mut types))?;
        rows.push(row);
    }
    let more = total - rows.len() as u64;
    let units =
        columns.iter().enumerate().map(|(at, _)| common_unit(lowerer, &types, at, &mut rows)).collect();
    Ok(Datum::Table { columns, units, rows, more })
}

/// What is asked of one point.
fn cells<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    point: u64,
    body: Option<&'p Expr>,
    row: &mut Vec<Datum>,
    types: &mut Vec<Type>,
) -> Result<(), Stop> {
    let mut push = |cell: Datum, ty: &Type| {
        row.push(cell);
        if types.len() < row.len() {
            types.push(ty.clone());
        }
    };
    if let Some(body) = body {
        let value = lowerer.at_one_point(grid.sweep, point, body)?;
        push(label(lowerer, &value, &body.ty), &body.ty);
        return Ok(());
    }
    if let Value::Solve(solve) = lowerer.at_point(grid.sweep, point)? {
        let solver = lowerer.program.solver(solve.solver);
        let env = lowerer.results(&solve)?;
        for slot in &solver.outputs {
            let local = &solver.locals[slot.index()];
            if is_whole(&local.name, solver) {
                let value = env.get(slot.index()).unwrap_or(Value::Absent);
                push(datum(lowerer, &value, &local.ty, local.unit.as_ref()), &local.ty);
            }
        }
    }
    Ok(())
}

/// Puts the quantities of a column in one unit, which goes to the heading.
fn common_unit(lowerer: &Lowerer, types: &[Type], at: usize, rows: &mut [Vec<Datum>]) -> String {
    let Some(Type::Quantity(dimension)) = types.get(at).map(Type::required) else { return String::new() };
    let mut values: Vec<f64> = vec![];
    for row in rows.iter() {
        match row.get(at) {
            Some(Datum::Quantity { value, .. }) => values.push(*value),
            Some(Datum::Absent) => {}
            _ => return String::new(),
        }
    }
    let registry = &lowerer.program.registry;
    let (unit, texts) = registry.format_column(&values, *dimension);
    let mut texts = texts.into_iter();
    for row in rows {
        if let Some(Datum::Quantity { text, .. }) = row.get_mut(at) {
            *text = texts.next().unwrap_or_default();
        }
    }
    unit
}

/// The first points of a grid, and how many it has.
pub fn members<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &GridValue<'p>,
    limit: usize,
) -> Result<(Vec<u64>, u64), Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    let scan = Scan::new(&lowerer.graph, lowerer.program, &points.lengths, member, &[]);
    if member.is_none() {
        let (from, to) = scan.range();
        return Ok(((from..to.min(from.saturating_add(limit as u64))).collect(), to - from));
    }
    let parts = scan.run(
        || (vec![], 0u64),
        |found: &mut (Vec<u64>, u64), block| {
            found.1 += block.len() as u64;
            let wanted = block.len().min(limit.saturating_sub(found.0.len()));
            found.0.extend((0..wanted).map(|lane| block.point(lane)));
        },
    );
    let mut all = (vec![], 0);
    for (mut points, total) in parts {
        all.0.append(&mut points);
        all.1 += total;
    }
    all.0.truncate(limit);
    Ok(all)
}
