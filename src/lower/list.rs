//! Lists, which are unrolled: written out, from a range, from another list; and iterations.

use std::rc::Rc;

use crate::check::program::{Expr, LocalId};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{LIST_LIMIT, Lowered, Lowerer, Stop};
use crate::lower::value::{Env, Value};
use crate::native::decimal::{Scale, Steps};

impl<'p> Lowerer<'p> {
    pub(super) fn list(&mut self, items: &'p [Expr], env: &Rc<Env<'p>>) -> Lowered<'p> {
        let items: Result<Vec<_>, Stop> = items.iter().map(|item| self.lower(item, env)).collect();
        Ok(Value::List(Rc::new(items?)))
    }

    /// `[body for variable in list if condition]`
    pub(super) fn comprehension(
        &mut self,
        body: &'p Expr,
        variable: LocalId,
        list: &'p Expr,
        condition: Option<&'p Expr>,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let Value::List(items) = self.lower(list, env)? else { return Ok(Value::Absent) };
        let mut result = vec![];
        for item in items.iter() {
            env.set(variable.index(), item.clone());
            if let Some(condition) = condition {
                let keep = self.node(condition, env)?;
                if self.fixed(keep, condition)? == 0.0 {
                    continue;
                }
            }
            result.push(self.lower(body, env)?);
        }
        Ok(Value::List(Rc::new(result)))
    }

    /// `len(list)`
    pub(super) fn length(&mut self, e: &'p Expr, list: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        Ok(match self.lower(list, env)? {
            Value::List(items) => self.constant(items.len() as f64, Some(e)),
            _ => self.constant(0.0, Some(e)),
        })
    }

    pub(super) fn iterate(
        &mut self,
        count: u32,
        variable: LocalId,
        start: &'p Expr,
        next: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut value = self.lower(start, env)?;
        for _ in 0..count {
            env.set(variable.index(), value);
            value = self.lower(next, env)?;
        }
        Ok(value)
    }

    /// `low..high by step`
    pub(super) fn range(
        &mut self,
        e: &'p Expr,
        (low_expr, high_expr): (&'p Expr, &'p Expr),
        step_expr: Option<&'p Expr>,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let low = self.node(low_expr, env)?;
        let high = self.node(high_expr, env)?;
        let step = step_expr.map(|s| self.node(s, env)).transpose()?;
        let (a, b) = (self.fixed(low, e)?, self.fixed(high, e)?);
        let by = match step {
            Some(step) => self.fixed(step, e)?,
            None => 1.0,
        };
        let unit = self.written_unit([Some(low_expr), step_expr, Some(high_expr)], env);
        let steps = Steps::new(a, b, by, unit);
        let count = steps.count + 1.0;
        // Comparing this way round also catches NaN.
        if !(by > 0.0 && count <= LIST_LIMIT as f64) {
            let message = format!("a list has at most {LIST_LIMIT} items, and its step is above zero");
            return Err(self.fail(
                Diagnostic::error("mls::list-too-long", message)
                    .label(e.span, format!("{a} to {b} by {by}"))
                    .help("take larger steps: `1..1_000_000 by 1000`"),
            ));
        }
        let items =
            (0..count.max(0.0) as usize).map(|i| self.constant(steps.at(i as f64), Some(e))).collect();
        Ok(Value::List(Rc::new(items)))
    }

    /// The unit that the first of some expressions with one is written in.
    pub(super) fn written_unit<'e>(
        &self,
        of: impl IntoIterator<Item = Option<&'e Expr>>,
        env: &Rc<Env<'p>>,
    ) -> Scale {
        let unit = of.into_iter().flatten().find_map(|e| self.unit_of(e, env));
        unit.map_or(Scale::ONE, |u| Scale { numerator: u.numerator, denominator: u.denominator })
    }
}
