//! Calls: functions of the program, natives and tables.

use std::rc::Rc;

use crate::check::program::{Body, Expr, TableId, Type};
use crate::columns::graph::{BinaryOp, NodeId, Op, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::value::{Env, Origin, Owner, Value};
use crate::native::decimal::{Scale, as_written};
use crate::native::table::{Fold, Kernel, NATIVES};

impl<'p> Lowerer<'p> {
    pub(super) fn call(
        &mut self,
        e: &'p Expr,
        index: usize,
        arguments: &'p [Option<Expr>],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let function = &self.program.functions[index];
        match &function.body {
            Body::Native(native) => {
                let mut nodes = vec![];
                for argument in arguments.iter().flatten() {
                    match self.lower(argument, env)? {
                        Value::List(items) => {
                            for item in items.iter() {
                                nodes.push(self.column(item.clone(), argument));
                            }
                        }
                        value => nodes.push(self.column(value, argument)),
                    }
                }
                let unit = self.written_unit(arguments.iter().map(Option::as_ref), env);
                self.native(e, *native, &nodes, unit)
            }
            Body::Expression(body) => {
                let frame = self.frame_of(index, arguments, env)?;
                self.lower(body, &frame)
            }
        }
    }

    /// The frame of a call: its arguments, and defaults for the others.
    pub(super) fn frame_of(
        &mut self,
        index: usize,
        arguments: &'p [Option<Expr>],
        env: &Rc<Env<'p>>,
    ) -> Result<Rc<Env<'p>>, Stop> {
        let function = &self.program.functions[index];
        let frame = Env::new(Owner::Function(index as u32), function.locals.len());
        for (slot, argument) in arguments.iter().enumerate() {
            if let Some(argument) = argument {
                let value = self.lower(argument, env)?;
                frame.define(slot, value, Origin { expr: argument, env: env.clone() });
            }
        }
        for (slot, default) in function.defaults.iter().enumerate() {
            if let (None, Some(default)) = (&arguments[slot], default) {
                let value = self.lower(default, &frame)?;
                frame.define(slot, value, Origin { expr: default, env: frame.clone() });
            }
        }
        Ok(frame)
    }

    pub(super) fn native(
        &mut self,
        e: &'p Expr,
        native: usize,
        nodes: &[NodeId],
        unit: Scale,
    ) -> Lowered<'p> {
        let index = native as u16;
        if let Kernel::List(_, items) = NATIVES[native].kernel {
            let known: Result<Vec<f64>, Stop> = nodes.iter().map(|n| self.fixed(*n, e)).collect();
            return match items(&known?) {
                Ok(mut items) => {
                    // Powers are off in proportion, differences by the larger end.
                    let even = NATIVES[native].name == "linspace";
                    let ends = items.iter().fold(0.0_f64, |size, i| size.max(i.abs()));
                    for item in &mut items {
                        *item = as_written(*item, if even { ends } else { item.abs() }, unit);
                    }
                    Ok(Value::List(Rc::new(items.into_iter().map(|i| self.constant(i, Some(e))).collect())))
                }
                Err(reason) => {
                    let name = NATIVES[native].name;
                    let shown: Vec<String> = nodes.iter().map(|n| self.graph.value(*n).to_string()).collect();
                    Err(self.fail(
                        Diagnostic::error("mls::no-such-list", format!("`{name}` {reason}"))
                            .label(e.span, format!("{name} of {}", shown.join(", ")))
                            .help("round with `floor` or `ceil`, or leave such values out with a condition"),
                    ))
                }
            };
        }
        let op = match (NATIVES[native].kernel, nodes) {
            (Kernel::Unary(_), [a]) => Op::Unary(UnaryOp::Native(index), *a),
            (Kernel::Binary(_), [a, b]) => Op::Binary(BinaryOp::Native(index), *a, *b),
            (Kernel::Fold(fold), [first, rest @ ..]) => {
                let op = match fold {
                    Fold::Sum => BinaryOp::Add,
                    Fold::Product => BinaryOp::Multiply,
                    Fold::Min => BinaryOp::Min,
                    Fold::Max => BinaryOp::Max,
                };
                let mut result = *first;
                for next in rest {
                    result = self.push(Op::Binary(op, result, *next), Some(e));
                }
                return Ok(Value::Node(result));
            }
            (Kernel::Fold(Fold::Sum), []) => return Ok(self.constant(0.0, Some(e))),
            (Kernel::Fold(Fold::Product), []) => return Ok(self.constant(1.0, Some(e))),
            _ => {
                let name = NATIVES[native].name;
                return Err(self.fail(
                    Diagnostic::error("mls::empty-list", format!("`{name}` of nothing"))
                        .label(e.span, "the list is empty")
                        .help("give it a value to start from: `max(0 s, max(list))` needs a list that is never empty"),
                ));
            }
        };
        Ok(Value::Node(self.push(op, Some(e))))
    }

    /// A table at one or two numbers.
    pub(super) fn table(
        &mut self,
        e: &'p Expr,
        table: TableId,
        arguments: &'p [Expr],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let x = self.node(&arguments[0], env)?;
        let y = arguments.get(1).map(|y| self.node(y, env)).transpose()?;
        self.note_clamping(table.index(), x, y);
        Ok(Value::Node(self.push(Op::Interpolate(table, x, y), Some(e))))
    }

    pub(super) fn note_clamping(&mut self, table: usize, x: NodeId, y: Option<NodeId>) {
        let table = &self.program.tables[table];
        for (axis, node) in table.axes.iter().zip([Some(x), y].into_iter().flatten()) {
            let (Some(first), Some(last)) = (axis.knots.first(), axis.knots.last()) else { continue };
            let Some(value) = self.graph.known(node) else {
                if self.is_open(node) {
                    self.note_clamping_along(node, (*first, *last));
                }
                continue;
            };
            let edge = if value < *first {
                *first
            } else if value > *last {
                *last
            } else {
                continue;
            };
            let Type::Quantity(dimension) = axis.ty else { continue };
            let registry = &self.program.registry;
            let (value, edge) =
                (registry.format(value, dimension, None), registry.format(edge, dimension, None));
            let text = format!(
                "table `{}` ends at {} = {edge}: the value there is used for {value}",
                table.name, axis.name
            );
            self.add_note(text);
        }
    }

    /// Of an axis of a table whose value an open input changes.
    fn note_clamping_along(&mut self, node: NodeId, (first, last): (f64, f64)) {
        let [first, last] = [first, last].map(|edge| self.push(Op::Constant(edge.to_bits()), None));
        for (low, high) in [(node, first), (last, node)] {
            let beyond = self.push(Op::Binary(BinaryOp::Less, low, high), None);
            self.add_note_along(beyond);
        }
    }
}
