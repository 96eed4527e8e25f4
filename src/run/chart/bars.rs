//! Values as bars of the terms that they are the sums of.

use std::rc::Rc;

use crate::check::program::text::one_line;
use crate::check::program::{Expr, Type};
use crate::lower::lowerer::Lowerer;
use crate::lower::value::Env;
use crate::outcome::figure::{Bar, Bars};
use crate::run::chart::NoChart;
use crate::run::chart::axis::measured_axis;
use crate::run::summands::parts;
use crate::units::dimension::Dimension;

/// The chart of `plot bars`.
pub fn bars<'p>(lowerer: &mut Lowerer<'p>, values: &'p [Expr], env: &Rc<Env<'p>>) -> Result<Bars, NoChart> {
    let mut bars = vec![];
    let mut dimension = Dimension::SCALAR;
    for e in values {
        let node = lowerer.node(e, env)?;
        let total = lowerer.graph.value(node);
        if total.is_nan() {
            return Err(NoChart::Undefined(node));
        }
        if let Type::Quantity(d) = e.ty {
            dimension = d;
        }
        let name = one_line(lowerer.sources, e);
        let terms = parts(lowerer, e, env);
        bars.push(bar_of(lowerer, name, Sum { terms, total, dimension }));
    }
    let greatest = bars.iter().map(|b| b.total.abs()).fold(0.0, f64::max);
    let axis = measured_axis(lowerer, String::new(), dimension, greatest, None, false);
    Ok(Bars { axis, bars })
}

/// A value that is a sum.
pub struct Sum {
    pub terms: Vec<(String, f64)>,
    pub total: f64,
    pub dimension: Dimension,
}

/// A value as the sum of its terms.
pub fn bar_of(lowerer: &Lowerer, name: String, sum: Sum) -> Bar {
    let Sum { terms, total, dimension } = sum;
    let shown = |value: f64| lowerer.program.registry.format(value, dimension, None);
    let parts = terms.into_iter().map(|(name, value)| (name, value, shown(value))).collect();
    Bar { name, text: shown(total), total, parts }
}
