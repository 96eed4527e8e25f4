//! Interpolation tables.

use crate::check::error::TableError;
use crate::check::names::ScopeId;
use crate::check::program::{Entity, Table, TableAxis, TableId, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::syntax::ast;
use crate::syntax::ast::{Item, TableCell};

impl Checker<'_> {
    pub(super) fn check_table(&mut self, scope: ScopeId, item: &Item, table: &ast::Table) -> Entity {
        let mut frame = Frame::new(scope);
        let mut axes: Vec<TableAxis> = vec![];
        for axis in &table.axes {
            let ty = self.resolve_type(scope, &[], &axis.ty);
            let name = axis.name.text.clone();
            axes.push(TableAxis { name, ty, log: axis.log, knots: vec![] });
        }
        let declared = table.result.as_ref().map(|ty| (self.resolve_type(scope, &[], ty), ty.span));
        let mut result = declared.as_ref().map(|(ty, _)| ty.clone());
        let mut values = vec![];
        let mut ok = !table.rows.is_empty();
        for row in &table.rows {
            let key =
                self.table_number(&mut frame, &row.key, Some(&axes[0].ty.clone()), "a key of this table");
            ok &= self.push_knot(&mut axes[0], key, row.key.span);
            match (&row.value, axes.len()) {
                (TableCell::Value(value), 1) => {
                    let number = self.table_value(&mut frame, value, &mut result);
                    ok &= number.is_some();
                    values.extend(number);
                }
                (TableCell::Row { cells, span }, 2) => {
                    let first = axes[1].knots.is_empty();
                    let mut keys = TableAxis { knots: vec![], ..axes[1].clone() };
                    for (key, value) in cells {
                        let number =
                            self.table_number(&mut frame, key, Some(&keys.ty.clone()), "a key of this table");
                        ok &= self.push_knot(&mut keys, number, key.span);
                        let number = self.table_value(&mut frame, value, &mut result);
                        ok &= number.is_some();
                        values.extend(number);
                    }
                    if first {
                        axes[1].knots = keys.knots;
                    } else if ok && axes[1].knots != keys.knots {
                        self.report(TableError::TableRowsDiffer {
                            span: *span,
                            first: table.rows_span.head(),
                        });
                        ok = false;
                    }
                }
                (TableCell::Value(value), _) => {
                    self.report(TableError::TableShape { span: value.span, axes: axes.len() });
                    ok = false;
                }
                (TableCell::Row { span, .. }, _) => {
                    self.report(TableError::TableShape { span: *span, axes: axes.len() });
                    ok = false;
                }
            }
        }
        if table.rows.is_empty() {
            self.report(TableError::TableShape { span: table.rows_span, axes: axes.len() });
        }
        let positive = |axis: &TableAxis| !axis.log || axis.knots.iter().all(|k| *k > 0.0);
        if ok && !(axes.iter().all(positive) && (!table.log_result || values.iter().all(|v| *v > 0.0))) {
            self.report(TableError::LogOfNonPositive { span: table.rows_span });
            ok = false;
        }
        if !ok {
            return Entity::Unknown;
        }
        let id = TableId(self.program.tables.len() as u32);
        self.program.tables.push(Table {
            name: table.name.text.clone(),
            doc: item.doc.clone(),
            span: table.name.span,
            axes,
            result: result.unwrap_or(Type::Unknown),
            log_result: table.log_result,
            values,
        });
        Entity::Table(id)
    }

    fn push_knot(&mut self, axis: &mut TableAxis, key: Option<f64>, span: Span) -> bool {
        let Some(key) = key else { return false };
        if axis.knots.last().is_some_and(|last| *last >= key) {
            self.report(TableError::TableNotRising { span });
            return false;
        }
        axis.knots.push(key);
        true
    }

    fn table_value(
        &mut self,
        frame: &mut Frame,
        value: &ast::Expr,
        result: &mut Option<Type>,
    ) -> Option<f64> {
        let number = self.table_number(frame, value, result.clone().as_ref(), "a value of this table")?;
        if result.is_none() {
            *result = Some(self.infer(frame, value, None).ty);
        }
        Some(number)
    }

    /// A number that is known now: tables are data.
    fn table_number(
        &mut self,
        frame: &mut Frame,
        e: &ast::Expr,
        ty: Option<&Type>,
        what: &'static str,
    ) -> Option<f64> {
        let checked = match ty {
            Some(ty) => self.check_want(frame, e, &Want { ty, role: Role::Place(what) }),
            None => self.infer(frame, e, None),
        };
        let value = crate::check::statement::constant(&checked);
        if value.is_none() && !checked.ty.is_unknown() {
            self.report(TableError::NotConstant { span: e.span, what });
        }
        value
    }
}
