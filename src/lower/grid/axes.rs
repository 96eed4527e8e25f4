//! The axes of a sweep, enumerated: which values, and which of them stand together.

use std::rc::Rc;

use rustc_hash::FxHashMap;

use crate::check::program::{Sweep, SweepAxis};
use crate::codes;
use crate::columns::graph::NodeId;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{Env, Slot, Value};

/// Rows of axes that are enumerated together.
const ROW_LIMIT: usize = 1 << 20;

/// The values of one axis: each once, and by the row of its joined axis which one it takes there.
pub struct AxisValues<'p> {
    pub values: Vec<Value<'p>>,
    pub rows: Vec<u32>,
    pub group: usize,
}

impl<'p> AxisValues<'p> {
    /// The value at a setting of the joined axes.
    pub fn at(&self, setting: &[usize]) -> &Value<'p> {
        &self.values[self.rows[setting[self.group]] as usize]
    }
}

/// What makes two values of an axis the same one.
#[derive(PartialEq, Eq, Hash)]
enum Identity {
    Number(NodeId),
    Shared(usize),
    Absent,
}

fn identity(value: &Value) -> Option<Identity> {
    match value {
        Value::Node(id) => Some(Identity::Number(*id)),
        Value::Record(record) => Some(Identity::Shared(Rc::as_ptr(record) as usize)),
        Value::Absent => Some(Identity::Absent),
        _ => None,
    }
}

impl<'p> Lowerer<'p> {
    /// The axes of a sweep with the rows of those that are joined.
    pub(in crate::lower) fn enumerate(
        &mut self,
        sweep: &'p Sweep,
        base: &Value<'p>,
        env: &Rc<Env<'p>>,
    ) -> Result<Vec<AxisValues<'p>>, Stop> {
        let mut axes: Vec<AxisValues<'p>> =
            sweep.axes.iter().map(|a| AxisValues { values: vec![], rows: vec![], group: a.group }).collect();
        let mut known: Vec<FxHashMap<Identity, u32>> =
            sweep.axes.iter().map(|_| FxHashMap::default()).collect();
        for first in (0..axes.len()).filter(|i| sweep.axes[*i].step == *i) {
            let step: Vec<usize> = (first..axes.len()).filter(|i| sweep.axes[*i].step == first).collect();
            let group = axes[first].group;
            let before: Vec<usize> =
                (0..axes.len()).filter(|i| axes[*i].group == group && !axes[*i].rows.is_empty()).collect();
            let mut reads: Vec<usize> =
                step.iter().flat_map(|a| sweep.axes[*a].reads.iter().copied()).collect();
            reads.sort_unstable();
            reads.dedup();
            let count = before.first().map_or(1, |b| axes[*b].rows.len());
            // The columns as they will be: those before, then those of this step.
            let mut rows: Vec<Vec<u32>> = vec![vec![]; before.len() + step.len()];
            let mut seen: FxHashMap<Vec<u32>, Vec<Vec<u32>>> = FxHashMap::default();
            for row in 0..count {
                let key: Vec<u32> = reads.iter().map(|r| axes[*r].rows[row]).collect();
                if !seen.contains_key(&key) {
                    let lists = self.step_values(sweep, base, env, (&step, &reads), (&axes, &key))?;
                    let mut numbered = vec![];
                    for (axis, list) in step.iter().zip(lists) {
                        numbered.push(number(&mut axes[*axis], &mut known[*axis], list));
                    }
                    seen.insert(key.clone(), numbered);
                }
                let lists = &seen[&key];
                let length = lists[0].len();
                if rows[0].len() + length > ROW_LIMIT {
                    return Err(self.too_many_rows(sweep, &step, &before));
                }
                for (column, axis) in before.iter().enumerate() {
                    let value = axes[*axis].rows[row];
                    rows[column].extend(std::iter::repeat_n(value, length));
                }
                for (column, list) in lists.iter().enumerate() {
                    rows[before.len() + column].extend(list);
                }
            }
            if rows[0].is_empty() {
                return Err(self.no_values(&sweep.axes[first], &reads, sweep));
            }
            for (axis, column) in before.iter().chain(&step).zip(rows) {
                axes[*axis].rows = column;
            }
        }
        Ok(axes)
    }

    /// The lists of the axes of one step, where the axes they read have the values `key`.
    fn step_values(
        &mut self,
        sweep: &'p Sweep,
        base: &Value<'p>,
        env: &Rc<Env<'p>>,
        (step, reads): (&[usize], &[usize]),
        (axes, key): (&[AxisValues<'p>], &[u32]),
    ) -> Result<Vec<Vec<Value<'p>>>, Stop> {
        let mut point = base.clone();
        for (axis, index) in reads.iter().zip(key) {
            let slot = Slot::new(axes[*axis].values[*index as usize].clone(), None);
            point = self.replace(&point, &sweep.axes[*axis].path, slot, &sweep.base)?;
        }
        env.set(sweep.point.index(), point);
        let mut lists: Vec<Vec<Value<'p>>> = vec![];
        for axis in step {
            let axis = &sweep.axes[*axis];
            lists.push(match self.at_site(sweep.span, |l| l.lower(&axis.values, env))? {
                Value::List(items) => items.to_vec(),
                _ => vec![],
            });
        }
        let lengths: Vec<usize> = lists.iter().map(Vec::len).collect();
        if let Some(other) = lengths.iter().position(|l| *l != lengths[0]) {
            return Err(self.unequal(sweep, step, &lengths, other));
        }
        Ok(lists)
    }

    fn unequal(&mut self, sweep: &'p Sweep, step: &[usize], lengths: &[usize], other: usize) -> Stop {
        let (first, second) = (&sweep.axes[step[0]], &sweep.axes[step[other]]);
        let values = |n: usize| if n == 1 { "1 value".to_string() } else { format!("{n} values") };
        let message = format!(
            "`{}` has {} and `{}` has {}: axes of a `zip` advance together",
            first.name,
            values(lengths[0]),
            second.name,
            values(lengths[other])
        );
        self.fail(
            Diagnostic::error("mls::zip-lengths", message)
                .label(second.values.span, values(lengths[other]))
                .label(first.values.span, values(lengths[0]))
                .help("give both the same number of values, or take one out of the `zip` to combine all with all"),
        )
    }

    fn no_values(&mut self, axis: &'p SweepAxis, reads: &[usize], sweep: &'p Sweep) -> Stop {
        let names: Vec<String> = reads.iter().map(|r| format!("`{}`", sweep.axes[*r].name)).collect();
        let text = match names.is_empty() {
            true => "an empty list".to_string(),
            false => format!("an empty list for every {}", names.join(" and ")),
        };
        self.fail(
            Diagnostic::error(codes::EMPTY_GRID, format!("axis `{}` has no values", axis.name))
                .label(axis.values.span, text)
                .help("give it at least one value"),
        )
    }

    fn too_many_rows(&mut self, sweep: &'p Sweep, step: &[usize], before: &[usize]) -> Stop {
        let names = |axes: &[usize]| -> String {
            let names: Vec<String> = axes.iter().map(|a| format!("`{}`", sweep.axes[*a].name)).collect();
            names.join(", ")
        };
        let together: Vec<usize> = before.iter().chain(step).copied().collect();
        self.fail(
            Diagnostic::error("mls::sweep-too-large", "these axes depend on each other and have too many combinations")
                .label(sweep.axes[step[0]].span, format!("more than {ROW_LIMIT} of {}", names(&together)))
                .help("axes that depend on each other are enumerated: take larger steps along them, or fewer together"),
        )
    }
}

/// Values as numbers in the axis's list, new ones at its end.
fn number<'p>(
    axis: &mut AxisValues<'p>,
    known: &mut FxHashMap<Identity, u32>,
    list: Vec<Value<'p>>,
) -> Vec<u32> {
    let mut numbers = vec![];
    for value in list {
        let next = axis.values.len() as u32;
        let index = match identity(&value) {
            Some(identity) => *known.entry(identity).or_insert(next),
            None => next,
        };
        if index == next {
            axis.values.push(value);
        }
        numbers.push(index);
    }
    numbers
}
