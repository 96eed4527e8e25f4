//! Solves, records and lists of records as wholes: by their parts.

use crate::check::program::text::statements;
use crate::check::program::{ExprKind, SweepId, Type};
use crate::explain::derivation::{Deriver, computes};
use crate::explain::read::operands::{ITEMS, Operand};
use crate::lower::value::{Origin, Value};
use crate::outcome::Datum;
use crate::outcome::derivation::Derivation;
use crate::run::data::datum::datum;
use crate::run::data::setting::setting;

impl<'p> Deriver<'_, 'p> {
    /// Of a solve its outputs, of a record its fields, each without its own derivation unless all is asked for.
    pub(crate) fn parts(&mut self, value: &Value<'p>) -> Option<Vec<Derivation>> {
        let program = self.lowerer.program;
        let mut parts: Vec<(String, Origin<'p>)> = vec![];
        let mut axes = vec![];
        match value {
            Value::Solve(solve) => {
                let solver = program.solver(solve.solver);
                let results = self.lowerer.results(solve).ok()?;
                if let Some((sweep, point)) = solve.point {
                    self.meet(Some(sweep));
                    axes = self.setting(sweep, point);
                }
                for slot in &solver.outputs {
                    let name = solver.locals[slot.index()].name.to_string();
                    parts.extend(results.origin(slot.index()).map(|origin| (name, origin)));
                }
            }
            Value::Record(record) => {
                let declared = program.ty(record.ty);
                for (index, name) in declared.fields.keys().enumerate() {
                    let _ = self.lowerer.field(value, index);
                    parts.extend(record.env.origin(index).map(|origin| (name.to_string(), origin)));
                }
            }
            _ => return None,
        }
        let below = if self.detail.all { 1 } else { self.detail.depth.max(1) };
        let found = parts.into_iter().map(|(name, origin)| self.node(Operand::new(name, origin), below));
        let found: Vec<Derivation> = found.filter(|part| part.value != Datum::Absent).collect();
        axes.extend(found);
        Some(axes)
    }

    /// The axes of a sweep at a point.
    fn setting(&mut self, sweep: SweepId, point: u64) -> Vec<Derivation> {
        let values = setting(self.lowerer, sweep, point);
        let declared = self.lowerer.declared(sweep);
        let axes = declared.axes.iter().zip(values);
        let given = axes.map(|(axis, (name, value))| {
            let holder = Some(format!("axis of {}", declared.name));
            Derivation { holder, ..Derivation::given(name, value, self.place_of(axis.span)) }
        });
        given.collect()
    }

    /// Of a list of records its items with their fields.
    pub(crate) fn records(&mut self, items: &[Value<'p>], place: &str) -> Vec<Derivation> {
        let mut found = vec![];
        for (index, item) in items.iter().enumerate().take(ITEMS) {
            let Value::Record(record) = item else { continue };
            let ty = Type::Record(record.ty);
            let text = self.lowerer.show(item, &ty, None);
            let mut inputs = self.parts(item).unwrap_or_default();
            // What the program itself puts into a record stands nowhere.
            if let (true, Datum::Record { fields, .. }) =
                (inputs.is_empty(), datum(self.lowerer, item, &ty, None))
            {
                let given = |(name, value)| Derivation::given(name, value, place.to_string());
                inputs = fields.into_iter().map(given).collect();
            }
            let whole = Derivation::given(format!("[{index}]"), Datum::Text(text), place.to_string());
            found.push(Derivation { inputs, ..whole });
        }
        found
    }

    /// A solve or record as a whole.
    pub(crate) fn whole(
        &mut self,
        operand: Operand<'p>,
        text: String,
        value: Datum,
        inputs: Vec<Derivation>,
    ) -> Derivation {
        let at = &operand.at;
        let made = self.lowerer.computation(at.expr, &at.env);
        let expr = match &at.expr.kind {
            ExprKind::Global(id) => &self.lowerer.program.global(*id).value,
            _ => made.expr,
        };
        let place = self.place(&Origin { expr, env: made.env });
        let derived = matches!(expr.kind, ExprKind::Override { .. }) || computes(expr);
        let equation = derived.then(|| statements(self.lowerer.sources, expr));
        Derivation { text, equation, inputs, ..Derivation::given(operand.name, value, place) }
    }
}
