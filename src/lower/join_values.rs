//! Values that change from point to point: several along an axis as one, and one of two by a condition.

use std::rc::Rc;

use crate::check::program::{Expr, SweepAxis};
use crate::columns::graph::{BinaryOp, NodeId, Op, UnaryOp};
use crate::diagnostic::Diagnostic;
use crate::lower::grid::axes::AxisValues;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::overrides::new_record;
use crate::lower::value::{Env, RecordValue, Slot, Value};

/// A field that some records of an axis give and others leave to its default: that is read when all axes are set, since
/// it may depend on them.
pub(super) struct Pending<'p> {
    path: Vec<u32>,
    given: NodeId,
    value: Value<'p>,
}

/// An axis whose values are being joined to one.
struct Joining<'a, 'p> {
    axis: &'p SweepAxis,
    rows: &'a [u32],
    group: usize,
    /// Paths of all axes: what they lead into is replaced later.
    replaced: &'a [&'p [u32]],
    pending: Vec<Pending<'p>>,
}

impl<'p> Lowerer<'p> {
    /// All values of an axis as one that goes along it.
    pub(super) fn along(
        &mut self,
        axis: &'p SweepAxis,
        values: &AxisValues<'p>,
        replaced: &[&'p [u32]],
    ) -> Result<(Value<'p>, Vec<Pending<'p>>), Stop> {
        let mut along = Joining { axis, rows: &values.rows, group: values.group, replaced, pending: vec![] };
        let all: Vec<Option<Value<'p>>> = values.values.iter().cloned().map(Some).collect();
        let value = self.spread(&mut along, &all, Some(&axis.path))?;
        Ok((value, along.pending))
    }

    /// Values, of which those that nothing reads are `None`, as one. `path` is where they go, as far as it can be told.
    fn spread(
        &mut self,
        along: &mut Joining<'_, 'p>,
        values: &[Option<Value<'p>>],
        path: Option<&[u32]>,
    ) -> Lowered<'p> {
        let absent = |v: &Option<Value>| matches!(v, Some(Value::Absent));
        if values.iter().any(absent) {
            // Where it is absent nothing reads what it holds.
            let present: Vec<f64> = values.iter().map(|v| f64::from(u8::from(!absent(v)))).collect();
            let there: Vec<Option<Value<'p>>> =
                values.iter().map(|v| v.clone().filter(|_| !absent(v))).collect();
            if there.iter().all(Option::is_none) {
                return Ok(Value::Absent);
            }
            let whole = self.spread(along, &there, None)?;
            return Ok(match self.numbers(along, &present) {
                Value::Node(present) => Value::Maybe(present, Box::new(whole)),
                _ => whole,
            });
        }
        match values.iter().flatten().next() {
            None => Ok(Value::Absent),
            Some(Value::Record(first)) => self.spread_records(along, first.clone(), values, path),
            Some(Value::List(first)) => {
                let length = first.len();
                let mut items = vec![];
                for index in 0..length {
                    let mut parts = vec![];
                    for value in values {
                        parts.push(match value {
                            None => None,
                            Some(Value::List(list)) if list.len() == length => Some(list[index].clone()),
                            Some(_) => return Err(self.not_along(along)),
                        });
                    }
                    items.push(self.spread(along, &parts, None)?);
                }
                Ok(Value::List(Rc::new(items)))
            }
            Some(_) => {
                let mut numbers = vec![];
                for value in values {
                    numbers.push(match value {
                        None => None,
                        Some(Value::Node(id) | Value::Poison(id)) => match self.graph.known(*id) {
                            Some(number) => Some(number),
                            None => return Err(self.not_along(along)),
                        },
                        Some(_) => return Err(self.not_along(along)),
                    });
                }
                let filler = numbers.iter().flatten().next().copied().unwrap_or(f64::NAN);
                let numbers: Vec<f64> = numbers.into_iter().map(|n| n.unwrap_or(filler)).collect();
                Ok(self.numbers(along, &numbers))
            }
        }
    }

    fn spread_records(
        &mut self,
        along: &mut Joining<'_, 'p>,
        first: Rc<RecordValue<'p>>,
        values: &[Option<Value<'p>>],
        path: Option<&[u32]>,
    ) -> Lowered<'p> {
        let mut given = vec![];
        for index in 0..first.given.len() {
            let gives = |v: &Option<Value>| match v {
                Some(Value::Record(record)) => record.given[index].is_some(),
                _ => false,
            };
            if !values.iter().any(gives) {
                given.push(None);
                continue;
            }
            let field_path: Option<Vec<u32>> =
                path.map(|p| p.iter().copied().chain([index as u32]).collect());
            let all_give = values.iter().all(|v| v.is_none() || gives(v));
            let has_default = self.program.ty(first.ty).fields[index].default.is_some();
            if let (false, true, Some(path)) = (all_give, has_default, &field_path)
                && !along.replaced.iter().any(|r| r.starts_with(path))
            {
                let mask: Vec<f64> = values.iter().map(|v| f64::from(u8::from(gives(v)))).collect();
                let parts: Result<Vec<_>, Stop> = values
                    .iter()
                    .map(|v| {
                        v.as_ref()
                            .filter(|_| gives(&Some(v.clone().unwrap_or(Value::Absent))))
                            .map(|v| self.field(v, index))
                            .transpose()
                    })
                    .collect();
                let value = self.spread(along, &parts?, None)?;
                if let Value::Node(given) = self.numbers(along, &mask) {
                    along.pending.push(Pending { path: path.clone(), given, value });
                }
                given.push(None);
                continue;
            }
            let parts: Result<Vec<_>, Stop> =
                values.iter().map(|v| v.as_ref().map(|v| self.field(v, index)).transpose()).collect();
            let value = self.spread(along, &parts?, field_path.as_deref())?;
            given.push(Some(Slot::new(value, None)));
        }
        Ok(Value::Record(new_record(first.ty, given)))
    }

    /// Numbers along an axis; a constant when they are all the same.
    fn numbers(&mut self, along: &Joining<'_, 'p>, numbers: &[f64]) -> Value<'p> {
        let e = Some(&along.axis.values);
        if numbers.windows(2).all(|w| w[0].to_bits() == w[1].to_bits()) {
            return self.constant(numbers.first().copied().unwrap_or(f64::NAN), e);
        }
        let list = self.graph.add_list(along.rows.iter().map(|row| numbers[*row as usize]).collect());
        Value::Node(self.push(Op::Along(along.group as u8, list), e))
    }

    /// Sets the fields that were left, now that all axes are in `point`.
    pub(super) fn settle(&mut self, point: Value<'p>, pending: Vec<Pending<'p>>, e: &'p Expr) -> Lowered<'p> {
        let mut point = point;
        for field in pending {
            let Some(default) = self.at_path(&point, &field.path)? else { continue };
            let value = self.select(field.given, field.value, default, e)?;
            point = self.replace(&point, &field.path, Slot::new(value, None), e)?;
        }
        Ok(point)
    }

    /// What stands at a path of given fields.
    fn at_path(&mut self, base: &Value<'p>, path: &[u32]) -> Result<Option<Value<'p>>, Stop> {
        let mut at = base.clone();
        for step in path {
            let index = *step as usize;
            at = match &at {
                Value::Record(_) => self.field(&at, index)?,
                Value::Solve(solve) => match &solve.given[index] {
                    Some(slot) => slot.value.clone(),
                    None => return Ok(None),
                },
                _ => return Ok(None),
            };
        }
        Ok(Some(at))
    }

    fn not_along(&mut self, along: &Joining<'_, 'p>) -> Stop {
        self.fail(
            Diagnostic::error("mls::varies", "these cannot be the values of an axis")
                .label(along.axis.values.span, "not numbers, members, texts or records of the same shape")
                .help("an axis takes plain values or records that are known without the sweep; lists in them are of one length"),
        )
    }

    /// One value of several, chosen by a condition that changes from point to point.
    pub fn select(&mut self, condition: NodeId, a: Value<'p>, b: Value<'p>, e: &'p Expr) -> Lowered<'p> {
        Ok(match (a, b) {
            (Value::Node(a) | Value::Poison(a), Value::Node(b)) | (Value::Node(a), Value::Poison(b)) => {
                Value::Node(self.push(Op::Select(condition, a, b), Some(e)))
            }
            (Value::Poison(a), Value::Poison(b)) => {
                Value::Poison(self.push(Op::Select(condition, a, b), Some(e)))
            }
            (Value::Absent, Value::Absent) => Value::Absent,
            (Value::Absent, Value::Maybe(present, value)) => {
                let not = self.push(Op::Unary(UnaryOp::Not, condition), Some(e));
                Value::Maybe(self.push(Op::Binary(BinaryOp::And, not, present), Some(e)), value)
            }
            (Value::Maybe(present, value), Value::Absent) => {
                Value::Maybe(self.push(Op::Binary(BinaryOp::And, condition, present), Some(e)), value)
            }
            (Value::Absent, value) => {
                Value::Maybe(self.push(Op::Unary(UnaryOp::Not, condition), Some(e)), Box::new(value))
            }
            (value, Value::Absent) => Value::Maybe(condition, Box::new(value)),
            (Value::Maybe(p, a), Value::Maybe(q, b)) => {
                let present = self.push(Op::Select(condition, p, q), Some(e));
                Value::Maybe(present, Box::new(self.select(condition, *a, *b, e)?))
            }
            (Value::Maybe(present, a), b) => {
                let one = self.push(Op::Constant(1f64.to_bits()), Some(e));
                let present = self.push(Op::Select(condition, present, one), Some(e));
                Value::Maybe(present, Box::new(self.select(condition, *a, b, e)?))
            }
            (a, Value::Maybe(present, b)) => {
                let one = self.push(Op::Constant(1f64.to_bits()), Some(e));
                let present = self.push(Op::Select(condition, one, present), Some(e));
                Value::Maybe(present, Box::new(self.select(condition, a, *b, e)?))
            }
            (Value::Record(a), Value::Record(b)) => {
                let mut given = vec![];
                for index in 0..a.given.len() {
                    let x = self.field(&Value::Record(a.clone()), index)?;
                    let y = self.field(&Value::Record(b.clone()), index)?;
                    given.push(Some(Slot::new(self.select(condition, x, y, e)?, None)));
                }
                Value::Record(new_record(a.ty, given))
            }
            // The record is poisoned field by field, so that what reads it knows.
            (Value::Record(a), poison @ Value::Poison(_)) => {
                let mut given = vec![];
                for index in 0..a.given.len() {
                    let x = self.field(&Value::Record(a.clone()), index)?;
                    given.push(Some(Slot::new(self.select(condition, x, poison.clone(), e)?, None)));
                }
                Value::Record(new_record(a.ty, given))
            }
            (poison @ Value::Poison(_), Value::Record(b)) => {
                let not = self.push(Op::Unary(UnaryOp::Not, condition), Some(e));
                self.select(not, Value::Record(b), poison, e)?
            }
            // A list is poisoned item by item.
            (Value::List(items), poison @ Value::Poison(_)) => {
                let mut chosen = vec![];
                for item in items.iter() {
                    chosen.push(self.select(condition, item.clone(), poison.clone(), e)?);
                }
                Value::List(Rc::new(chosen))
            }
            (poison @ Value::Poison(_), items @ Value::List(_)) => {
                let not = self.push(Op::Unary(UnaryOp::Not, condition), Some(e));
                self.select(not, items, poison, e)?
            }
            (Value::List(a), Value::List(b)) if a.len() == b.len() => {
                let mut items = vec![];
                for (x, y) in a.iter().zip(b.iter()) {
                    items.push(self.select(condition, x.clone(), y.clone(), e)?);
                }
                Value::List(Rc::new(items))
            }
            _ => {
                return Err(self.fail(
                    Diagnostic::error("mls::varies", "this cannot change from point to point of a sweep")
                        .label(e.span, "chosen along an axis")
                        .help("numbers, members, texts and records can; lists of different lengths and solves cannot"),
                ));
            }
        })
    }

    /// A `match` whose subject goes along an axis: every arm that some point may take.
    pub(super) fn match_along(
        &mut self,
        e: &'p Expr,
        subject: NodeId,
        arms: &'p [(Vec<u32>, Expr)],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut result: Option<Value<'p>> = None;
        for (members, value) in arms.iter().rev() {
            let value = self.lower(value, env)?;
            let Some(rest) = result.take() else {
                result = Some(value);
                continue;
            };
            let mut hit: Option<NodeId> = None;
            for member in members {
                let member = self.push(Op::Constant(f64::from(*member).to_bits()), Some(e));
                let one = self.push(Op::Binary(BinaryOp::Equal, subject, member), Some(e));
                hit = Some(match hit {
                    Some(hit) => self.push(Op::Binary(BinaryOp::Or, hit, one), Some(e)),
                    None => one,
                });
            }
            result = Some(match hit {
                Some(hit) => self.select(hit, value, rest, e)?,
                None => rest,
            });
        }
        Ok(result.unwrap_or(Value::Absent))
    }
}
