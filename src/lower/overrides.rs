//! Overrides: a record or a solve with changes, and the inputs of a solve.

use std::cell::OnceCell;
use std::rc::Rc;

use crate::check::program::{Change, Expr, SolverId, Type, TypeId};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer, Stop};
use crate::lower::value::{Env, GivenPart, Origin, Owner, RecordValue, Slot, SolveValue, Value};

impl<'p> Lowerer<'p> {
    /// A record as it is written.
    pub(super) fn record(&mut self, e: &'p Expr, changes: &'p [Change], env: &Rc<Env<'p>>) -> Lowered<'p> {
        let Type::Record(id) = e.ty else { return Ok(Value::Absent) };
        let empty = vec![None; self.program.ty(id).fields.len()];
        self.change(&Value::Record(new_record(id, empty)), changes, e, env)
    }

    /// `base` with changes: a record or a solve.
    pub(super) fn change(
        &mut self,
        base: &Value<'p>,
        changes: &'p [Change],
        e: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut value = match base {
            Value::Solver(id) => {
                let given = vec![None; self.program.solver(*id).inputs];
                Value::Solve(new_solve(*id, given, e))
            }
            other => other.clone(),
        };
        // Whole fields before parts of others, whose defaults may read them.
        let mut changes: Vec<&'p Change> = changes.iter().collect();
        changes.sort_by_key(|c| c.path.len());
        for change in changes {
            let new = self.lower(&change.value, env)?;
            let slot = Slot::new(new, Some(Origin { expr: &change.value, env: env.clone() }));
            value = self.replace(&value, &change.path, slot, e)?;
        }
        self.added_change(value, e)
    }

    pub(super) fn replace(
        &mut self,
        base: &Value<'p>,
        path: &[u32],
        slot: Slot<'p>,
        e: &'p Expr,
    ) -> Lowered<'p> {
        let Some((first, rest)) = path.split_first() else { return Ok(slot.value) };
        let index = *first as usize;
        let slot = match rest.is_empty() {
            true => slot,
            false => self.with_part(base, index, GivenPart { path: rest.to_vec(), slot, site: e })?,
        };
        Ok(match base {
            Value::Maybe(..) => {
                return Err(self.fail(
                    Diagnostic::error(
                        "mls::absent-value",
                        "a field of a record that is absent at some points cannot be overridden",
                    )
                    .label(e.span, "the record before the last dot comes from an axis, and not always")
                    .help("give whole records along that axis"),
                ));
            }
            Value::Record(record) => {
                let mut given = record.given.clone();
                given[index] = Some(slot);
                let given = self.renewed(base, given, index)?;
                Value::Record(new_record(record.ty, given))
            }
            Value::Solve(solve) => {
                let mut given = solve.given.clone();
                given[index] = Some(slot);
                let given = self.renewed(base, given, index)?;
                Value::Solve(new_solve(solve.solver, given, e))
            }
            other => other.clone(),
        })
    }

    /// A field of `base` with a part of it replaced. Of a default, the part is remembered.
    fn with_part(&mut self, base: &Value<'p>, index: usize, part: GivenPart<'p>) -> Result<Slot<'p>, Stop> {
        let given = match base {
            Value::Record(record) => record.given[index].as_ref(),
            Value::Solve(solve) => solve.given[index].as_ref(),
            _ => None,
        };
        // The whole is still what it was made as: only its part comes from elsewhere.
        let (inner, origin, mut parts) = match (given, base) {
            (Some(slot), _) => {
                let parts = Some(slot.parts.clone()).filter(|p| !p.is_empty());
                (slot.value.clone(), slot.origin.clone(), parts)
            }
            (None, Value::Solve(solve)) => {
                let inputs = self.inputs_of(solve)?;
                (inputs.get(index).unwrap_or(Value::Absent), inputs.origin(index), Some(vec![]))
            }
            (None, Value::Record(record)) => {
                (self.field(base, index)?, record.env.origin(index), Some(vec![]))
            }
            (None, other) => (self.field(other, index)?, None, Some(vec![])),
        };
        let value = self.set_part(&inner, &part)?;
        if let Some(parts) = &mut parts {
            parts.retain(|p| !p.path.starts_with(&part.path));
            parts.push(part.clone());
        }
        Ok(Slot { value, origin, parts: parts.unwrap_or_default() })
    }

    fn set_part(&mut self, inner: &Value<'p>, part: &GivenPart<'p>) -> Lowered<'p> {
        if matches!(inner, Value::Absent) {
            return Err(self.fail(
                Diagnostic::error("mls::absent-value", "a field of an absent record cannot be overridden")
                    .label(part.site.span, "the record before the last dot has no value")
                    .help("give the whole record instead"),
            ));
        }
        self.replace(inner, &part.path, part.slot.clone(), part.site)
    }

    /// The default of a field or input, with the parts of it that were given.
    pub(super) fn default_value(
        &mut self,
        default: &'p Expr,
        index: usize,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let mut value = self.lower(default, env)?;
        for part in env.parts(index).to_vec() {
            value = self.set_part(&value, &part)?;
        }
        Ok(value)
    }

    /// What was given, after `changed` was: defaults of which parts were given may read it, and are evaluated anew. So
    /// it does not matter which override comes first.
    fn renewed(
        &mut self,
        base: &Value<'p>,
        mut given: Vec<Option<Slot<'p>>>,
        changed: usize,
    ) -> Result<Vec<Option<Slot<'p>>>, Stop> {
        let in_part = |slot: &Option<Slot<'p>>| slot.as_ref().is_some_and(|s| !s.parts.is_empty());
        if !given.iter().enumerate().any(|(i, slot)| i != changed && in_part(slot)) {
            return Ok(given);
        }
        let mut plain = given.clone();
        let mut parts = vec![];
        for (index, slot) in plain.iter_mut().enumerate().filter(|(_, slot)| in_part(slot)) {
            parts.push((index, slot.take().map_or(vec![], |s| s.parts)));
        }
        let indexes: Vec<usize> = parts.iter().map(|(index, _)| *index).collect();
        let env = match base {
            Value::Record(record) => record_frame(record.ty, &plain, parts),
            Value::Solve(solve) => {
                let size = self.program.solver(solve.solver).locals.len();
                let env = Env::with_parts(Owner::Solver(solve.solver), size, parts);
                self.inputs(&new_solve(solve.solver, plain, solve.site), &env)?;
                env
            }
            _ => return Ok(given),
        };
        for index in indexes {
            let value = match (env.get(index), base) {
                (Some(value), _) => value,
                (None, Value::Record(record)) => self.default_field(record.ty, index, &env)?,
                (None, _) => Value::Absent,
            };
            if let Some(slot) = &mut given[index] {
                slot.value = value;
            }
        }
        Ok(given)
    }

    pub(super) fn default_input(&mut self, solve: &Rc<SolveValue<'p>>, index: usize) -> Lowered<'p> {
        Ok(self.inputs_of(solve)?.get(index).unwrap_or(Value::Absent))
    }

    /// The inputs of a solve that is not run.
    fn inputs_of(&mut self, solve: &Rc<SolveValue<'p>>) -> Result<Rc<Env<'p>>, Stop> {
        let env = Env::new(Owner::Solver(solve.solver), self.program.solver(solve.solver).locals.len());
        self.inputs(solve, &env)?;
        Ok(env)
    }

    /// Fills the inputs of a solve: what was given, else defaults, which may name the inputs before them.
    pub(super) fn inputs(&mut self, solve: &Rc<SolveValue<'p>>, env: &Rc<Env<'p>>) -> Result<(), Stop> {
        let solver = self.program.solver(solve.solver);
        for (index, given) in solve.given.iter().enumerate() {
            match (given, &solver.defaults[index]) {
                (Some(slot), _) => {
                    env.set(index, slot.value.clone());
                    env.set_origin(index, slot.origin.clone());
                }
                (None, Some(default)) => {
                    let value = self.default_value(default, index, env)?;
                    env.define(index, value, Origin { expr: default, env: env.clone() });
                }
                (None, None) => env.set(index, Value::Absent),
            }
        }
        Ok(())
    }
}

pub(super) fn new_record<'p>(ty: TypeId, given: Vec<Option<Slot<'p>>>) -> Rc<RecordValue<'p>> {
    let env = record_frame(ty, &given, vec![]);
    Rc::new(RecordValue { ty, given, env })
}

/// The frame that defaults of a record see.
fn record_frame<'p>(
    ty: TypeId,
    given: &[Option<Slot<'p>>],
    parts: Vec<(usize, Vec<GivenPart<'p>>)>,
) -> Rc<Env<'p>> {
    let env = Env::with_parts(Owner::Record(ty), given.len(), parts);
    for (index, slot) in given.iter().enumerate() {
        if let Some(slot) = slot {
            env.set(index, slot.value.clone());
            env.set_origin(index, slot.origin.clone());
        }
    }
    env
}

fn new_solve<'p>(solver: SolverId, given: Vec<Option<Slot<'p>>>, site: &'p Expr) -> Rc<SolveValue<'p>> {
    Rc::new(SolveValue { solver, given, site, results: OnceCell::new(), point: None })
}
