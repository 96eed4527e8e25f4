//! The axes of a sweep at one of its points.

use crate::check::program::{SweepId, Type};
use crate::columns::scan::Scan;
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Value;
use crate::outcome::Datum;
use crate::run::data::datum::datum;

/// A value of an axis: of a record, its name.
pub(crate) fn label<'p>(lowerer: &mut Lowerer<'p>, value: &Value<'p>, ty: &Type) -> Datum {
    match value {
        Value::Record(_) => Datum::Text(lowerer.show(value, ty, None)),
        _ => datum(lowerer, value, ty, None),
    }
}

/// The axes of a sweep with their values at a point.
pub fn setting(lowerer: &mut Lowerer, id: SweepId, point: u64) -> Vec<(String, Datum)> {
    let Ok(points) = lowerer.points(id) else { return vec![] };
    let setting = Scan::setting(&points.lengths, point);
    let axes = lowerer.declared(id).axes.iter().zip(&points.axes);
    axes.map(|(axis, values)| (axis.name.clone(), label(lowerer, values.at(&setting), &axis.ty))).collect()
}
