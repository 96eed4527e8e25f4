//! The registers of one core, and the instructions run over them.

use crate::columns::kernel;
use crate::columns::kernel::Operand;
use crate::columns::scan::schedule::{Guard, Instruction, NONE, Source, Work};
use crate::columns::scan::{Block, Scan};

pub struct Worker<'s, 'g, 'p> {
    scan: &'s Scan<'g, 'p>,
    scalars: Vec<f64>,
    registers: Vec<Vec<f64>>,
    kept: Vec<Vec<f64>>,
    packed: Vec<Vec<f64>>,
    /// One for each root: where a scalar, or what is left of a column, is laid out.
    shown: Vec<Vec<f64>>,
    /// Of guards that were looked at in this block: whether any lane takes their side.
    guards: Vec<Option<bool>>,
    /// The points of a block that are members.
    members: Vec<u32>,
    /// The outer setting that the scalars hold.
    outer: Option<u64>,
    /// The setting of each outer axis.
    setting: Vec<usize>,
}

/// A stretch of the cut axis: where it begins, and the lanes of a column for it.
#[derive(Clone, Copy)]
struct Stretch {
    from: usize,
    lanes: usize,
}

impl<'s, 'g, 'p> Worker<'s, 'g, 'p> {
    pub fn new(scan: &'s Scan<'g, 'p>) -> Self {
        let schedule = &scan.schedule;
        let columns = |count: usize| vec![vec![0.0; schedule.lanes()]; count];
        let whole = schedule.length() * schedule.trailing;
        let kept = schedule.kept.iter().map(|k| vec![0.0; if k.repeats { schedule.lanes() } else { whole }]);
        Worker {
            scan,
            scalars: schedule.scalars.clone(),
            registers: columns(schedule.registers),
            kept: kept.collect(),
            packed: columns(schedule.packed.len()),
            shown: columns(schedule.roots.len()),
            guards: vec![None; schedule.guards.len()],
            members: vec![],
            outer: None,
            setting: vec![],
        }
    }

    /// Runs one block, as far as its points are in the range; answers how many those are.
    pub fn block(&mut self, block: u64, range: (u64, u64), visit: &mut dyn FnMut(&Block)) -> u64 {
        let scan = self.scan;
        let schedule = &scan.schedule;
        let (length, trailing) = (schedule.length(), schedule.trailing);
        let chunks = length.div_ceil(schedule.chunk) as u64;
        let outer = block / chunks;
        self.set_outer(outer);
        let from = (block % chunks) as usize * schedule.chunk;
        let at = Stretch { from, lanes: schedule.chunk.min(length - from) * trailing };
        let first = (outer * length as u64 + from as u64) * trailing as u64;
        let low = range.0.saturating_sub(first).min(at.lanes as u64) as usize;
        let high = range.1.saturating_sub(first).min(at.lanes as u64) as usize;
        self.guards.fill(None);
        self.execute(&schedule.head, &schedule.guards, at);
        let (all, undecided) = self.find_members(at, low, high);
        let undecided = undecided.map(|lane| first + lane as u64);
        let done = (high - low) as u64;
        if all {
            self.execute(&schedule.tail, &schedule.guards, at);
            self.show(&schedule.roots, at, None);
            self.present(&schedule.roots, at, (first, None, None), visit);
            return done;
        }
        let members = std::mem::take(&mut self.members);
        let few = Stretch { from, lanes: members.len() };
        let points = (first, Some(members.as_slice()), undecided);
        if members.is_empty() && undecided.is_none() {
            // No point of the block is a member.
        } else if members.len() * 256 <= at.lanes * schedule.sparse {
            self.pack(at, &members);
            self.execute(&schedule.packed_tail, &schedule.packed_guards, few);
            self.show(&schedule.packed_roots, few, None);
            self.present(&schedule.packed_roots, few, points, visit);
        } else {
            self.execute(&schedule.tail, &schedule.guards, at);
            self.show(&schedule.roots, at, Some(&members));
            self.present(&[], few, points, visit);
        }
        self.members = members;
        done
    }

    /// Computes what the outer axes change, as far as they did.
    fn set_outer(&mut self, outer: u64) {
        if self.outer == Some(outer) {
            return;
        }
        let schedule = &self.scan.schedule;
        let setting = Scan::setting(&schedule.lengths[..schedule.cut.min(schedule.lengths.len())], outer);
        let mut changed = 0u64;
        for (axis, index) in setting.iter().enumerate() {
            changed |= u64::from(self.setting.get(axis) != Some(index)) << axis;
        }
        let new = self.outer.replace(outer).is_none();
        self.setting = setting;
        let one = Stretch { from: 0, lanes: 1 };
        for (axes, instruction) in &schedule.settings {
            if axes & changed != 0 {
                let mut out = [0.0];
                self.compute(instruction.work, one, &mut out);
                self.scalars[instruction.target as usize] = out[0];
            }
        }
        if new || schedule.kept_axes & changed != 0 {
            self.keep();
        }
    }

    /// Fills the kept columns, stretch by stretch.
    fn keep(&mut self) {
        let schedule = &self.scan.schedule;
        if schedule.kept.is_empty() {
            return;
        }
        let length = schedule.length();
        let long = schedule.kept.iter().any(|k| !k.repeats);
        for from in (0..if long { length } else { 1 }).step_by(schedule.chunk) {
            let values = schedule.chunk.min(length - from);
            let at = Stretch { from, lanes: values * schedule.trailing };
            self.execute(&schedule.keeping, &[], at);
            for (column, kept) in self.kept.iter_mut().zip(&schedule.kept) {
                let start = match kept.repeats {
                    true if from > 0 => continue,
                    true => 0,
                    false => from * schedule.trailing,
                };
                let source = &self.registers[kept.register as usize][..at.lanes];
                column[start..start + at.lanes].copy_from_slice(source);
            }
        }
    }

    /// Finds the members among the lanes of the range. Answers whether all lanes are, and the first that is not decided.
    fn find_members(&mut self, at: Stretch, low: usize, high: usize) -> (bool, Option<usize>) {
        let whole = low == 0 && high == at.lanes;
        let mut members = std::mem::take(&mut self.members);
        members.clear();
        let answer = match self.scan.schedule.member.map(|source| self.operand(source, at)) {
            Some(Operand::Each(column)) => {
                if whole && kernel::others(column) == 0 {
                    (true, None)
                } else {
                    let own = || column.iter().enumerate().take(high).skip(low);
                    members.extend(own().filter(|(_, m)| **m == 1.0).map(|(lane, _)| lane as u32));
                    (false, own().find(|(_, m)| m.is_nan()).map(|(lane, _)| lane))
                }
            }
            Some(Operand::One(m)) if m != 1.0 => (false, m.is_nan().then_some(low)),
            _ if whole => (true, None),
            _ => {
                members.extend(low as u32..high as u32);
                (false, None)
            }
        };
        self.members = members;
        answer
    }

    /// Moves the members of what the tail reads together.
    fn pack(&mut self, at: Stretch, members: &[u32]) {
        let mut packed = std::mem::take(&mut self.packed);
        for (column, source) in packed.iter_mut().zip(&self.scan.schedule.packed) {
            gather(self.operand(*source, at), members, column);
        }
        self.packed = packed;
    }

    /// Lays out the roots that are scalars, or with `members` all roots, as columns.
    fn show(&mut self, roots: &[Source], at: Stretch, members: Option<&[u32]>) {
        let mut shown = std::mem::take(&mut self.shown);
        for (column, source) in shown.iter_mut().zip(roots) {
            match (self.operand(*source, at), members) {
                (Operand::One(value), None) => column[..at.lanes].fill(value),
                (Operand::Each(_), None) => {}
                (operand, Some(members)) => gather(operand, members, column),
            }
        }
        self.shown = shown;
    }

    /// Hands the block to the visitor. Roots that are columns are read where they are; the others were laid out.
    fn present(
        &self,
        roots: &[Source],
        at: Stretch,
        (first, offsets, undecided): (u64, Option<&[u32]>, Option<u64>),
        visit: &mut dyn FnMut(&Block),
    ) {
        let mut columns: Vec<&[f64]> = Vec::with_capacity(self.shown.len());
        for (index, shown) in self.shown.iter().enumerate() {
            columns.push(match roots.get(index).map(|source| self.operand(*source, at)) {
                Some(Operand::Each(column)) => column,
                _ => &shown[..at.lanes],
            });
        }
        visit(&Block { first, offsets, columns: &columns, lanes: at.lanes, undecided });
    }

    fn execute(&mut self, instructions: &[Instruction], guards: &[Guard], at: Stretch) {
        for instruction in instructions {
            if instruction.guard != NONE && !self.is_read(instruction.guard, guards, at) {
                continue;
            }
            let target = instruction.target as usize;
            let mut out = std::mem::take(&mut self.registers[target]);
            self.compute(instruction.work, at, &mut out[..at.lanes]);
            self.registers[target] = out;
        }
    }

    /// Does any lane take the side of a guard?
    fn is_read(&mut self, guard: u32, guards: &[Guard], at: Stretch) -> bool {
        if let Some(known) = self.guards[guard as usize] {
            return known;
        }
        let Guard { parent, condition, positive } = guards[guard as usize];
        let read = (parent == NONE || self.is_read(parent, guards, at))
            && match self.operand(condition, at) {
                Operand::One(c) => (c != 0.0) == positive,
                Operand::Each(column) => column.iter().any(|c| (*c != 0.0) == positive),
            };
        self.guards[guard as usize] = Some(read);
        read
    }

    fn operand(&self, source: Source, at: Stretch) -> Operand<'_> {
        match source {
            Source::Scalar(index) => Operand::One(self.scalars[index as usize]),
            Source::Register(index) => Operand::Each(&self.registers[index as usize][..at.lanes]),
            Source::Packed(index) => Operand::Each(&self.packed[index as usize][..at.lanes]),
            Source::Kept(index) => {
                let schedule = &self.scan.schedule;
                let repeats = schedule.kept[index as usize].repeats;
                let start = if repeats { 0 } else { at.from * schedule.trailing };
                Operand::Each(&self.kept[index as usize][start..start + at.lanes])
            }
        }
    }

    fn compute(&self, work: Work, at: Stretch, out: &mut [f64]) {
        let operand = |source: Source| self.operand(source, at);
        match work {
            Work::Fill(value) => out.fill(value),
            Work::Unary(op, a) => kernel::unary(op, operand(a), out),
            Work::Binary(op, a, b, finite) => {
                if !(finite && kernel::binary_finite(op, operand(a), operand(b), out)) {
                    kernel::binary(op, operand(a), operand(b), out);
                }
            }
            Work::Select(c, a, b, true) => kernel::select_finite(operand(c), operand(a), operand(b), out),
            Work::Select(c, a, b, false) => kernel::select(operand(c), operand(a), operand(b), out),
            Work::Interpolate(table, x, y) => {
                kernel::interpolate(self.scan.program.table(table), operand(x), y.map(operand), out);
            }
            Work::Copy(a) => kernel::copy(operand(a), out),
            Work::Along(axis, list) => {
                self.along(usize::from(axis), self.scan.graph.list(list), out, at.from);
            }
        }
    }

    fn along(&self, axis: usize, values: &[f64], out: &mut [f64], from: usize) {
        let schedule = &self.scan.schedule;
        if axis < schedule.cut {
            out.fill(values[self.setting.get(axis).copied().unwrap_or(0)]);
            return;
        }
        // Each value stands as long as the axes after it take to go round.
        let stride: usize = schedule.lengths[axis + 1..].iter().product();
        let length = schedule.lengths[axis];
        let mut index = if axis == schedule.cut { from } else { 0 };
        for part in out.chunks_mut(stride.max(1)) {
            part.fill(values[index]);
            index = if index + 1 == length { 0 } else { index + 1 };
        }
    }
}

fn gather(operand: Operand, members: &[u32], out: &mut [f64]) {
    match operand {
        Operand::One(value) => out[..members.len()].fill(value),
        Operand::Each(column) => {
            for (o, lane) in out.iter_mut().zip(members) {
                *o = column[*lane as usize];
            }
        }
    }
}
