//! Values as the data that reports read.

use crate::check::program::Type;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Value;
use crate::outcome::Datum;
use crate::run::data::rows::table;
use crate::run::data::setting::setting;
use crate::units::registry::ResolvedUnit;

/// A value as data; what is poisoned is absent.
pub fn datum<'p>(
    lowerer: &mut Lowerer<'p>,
    value: &Value<'p>,
    ty: &Type,
    unit: Option<&ResolvedUnit>,
) -> Datum {
    match value {
        Value::Node(id) => {
            let number = lowerer.graph.value(*id);
            match ty.required() {
                _ if number.is_nan() => Datum::Absent,
                Type::Quantity(dimension) => Datum::Quantity {
                    value: number,
                    unit: lowerer.program.registry.base_unit(*dimension),
                    text: lowerer.program.registry.format(number, *dimension, unit),
                },
                Type::Bool => Datum::Bool(number != 0.0),
                _ => Datum::Text(lowerer.show(value, ty, unit)),
            }
        }
        Value::Absent | Value::Poison(_) | Value::Solver(_) | Value::Maybe(..) => Datum::Absent,
        Value::Grid(grid) => table(lowerer, grid, None),
        Value::Column(grid, body) => table(lowerer, grid, Some(body)),
        Value::List(items) => {
            let element = match ty.required() {
                Type::List(element) => (**element).clone(),
                other => other.clone(),
            };
            Datum::List(items.iter().map(|i| datum(lowerer, i, &element, unit)).collect())
        }
        Value::Record(record) => {
            let declared = lowerer.program.ty(record.ty);
            let mut fields = vec![];
            for (index, (name, field)) in declared.fields.iter().enumerate() {
                let unit = record.env.origin(index).and_then(|o| lowerer.unit_of(o.expr, &o.env));
                let value = lowerer.field(value, index).unwrap_or(Value::Absent);
                let shown = datum(lowerer, &value, &field.ty, unit.as_ref());
                if shown != Datum::Absent {
                    fields.push((name.to_string(), shown));
                }
            }
            Datum::Record { type_name: declared.name.to_string(), fields }
        }
        Value::Solve(solve) => {
            let solver = lowerer.program.solver(solve.solver);
            let Ok(env) = lowerer.results(solve) else { return Datum::Absent };
            let mut fields = match solve.point {
                Some((sweep, point)) => setting(lowerer, sweep, point),
                None => vec![],
            };
            for slot in &solver.outputs {
                let local = &solver.locals[slot.index()];
                let value = env.get(slot.index()).unwrap_or(Value::Absent);
                let shown = datum(lowerer, &value, &local.ty, local.unit.as_ref());
                fields.push((local.name.to_string(), shown));
            }
            Datum::Record { type_name: solver.name.to_string(), fields }
        }
    }
}
