//! What each operation does to columns: the only place where anything is computed.
//!
//! A run is of width 1 and a sweep of width N, through the same loops, so both give the same bits. Booleans are 0 and 1,
//! enum members and texts their index. NaN is poison: a result that is not finite becomes NaN, comparisons and logic
//! pass it on, and [`BinaryOp::And`], [`BinaryOp::Or`] and selection drop it where it does not decide.
//!
//! The loops are compiled twice where that pays, and the machine's widest vectors are taken. The operations are the same
//! ones lane by lane, so the bits do not depend on it.

use multiversion::multiversion;

use crate::check::program::Table;
use crate::native::table::{Kernel, NATIVES, power};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnaryOp {
    Negate,
    Not,
    /// Index in [`NATIVES`].
    Native(u16),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BinaryOp {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Min,
    Max,
    Less,
    LessEqual,
    Equal,
    NotEqual,
    And,
    Or,
    /// Index in [`NATIVES`].
    Native(u16),
}

#[inline(always)]
fn finite(x: f64) -> f64 {
    if x.is_finite() { x } else { f64::NAN }
}

#[inline(always)]
fn truth(condition: bool, a: f64, b: f64) -> f64 {
    if a.is_nan() || b.is_nan() { f64::NAN } else { f64::from(u8::from(condition)) }
}

/// What an operation reads: a value for each lane, or one for all of them.
#[derive(Clone, Copy)]
pub enum Operand<'a> {
    One(f64),
    Each(&'a [f64]),
}

impl Operand<'_> {
    pub fn at(self, lane: usize) -> f64 {
        match self {
            Operand::One(value) => value,
            Operand::Each(column) => column[lane],
        }
    }
}

#[inline(always)]
fn map1(a: Operand, out: &mut [f64], f: impl Fn(f64) -> f64) {
    match a {
        Operand::One(a) => out.fill(f(a)),
        Operand::Each(a) => {
            for (o, a) in out.iter_mut().zip(a) {
                *o = f(*a);
            }
        }
    }
}

#[inline(always)]
fn map2(a: Operand, b: Operand, out: &mut [f64], f: impl Fn(f64, f64) -> f64) {
    match (a, b) {
        (Operand::One(a), Operand::One(b)) => out.fill(f(a, b)),
        (Operand::One(a), Operand::Each(b)) => {
            for (o, b) in out.iter_mut().zip(b) {
                *o = f(a, *b);
            }
        }
        (Operand::Each(a), Operand::One(b)) => {
            for (o, a) in out.iter_mut().zip(a) {
                *o = f(*a, b);
            }
        }
        (Operand::Each(a), Operand::Each(b)) => {
            for ((o, a), b) in out.iter_mut().zip(a).zip(b) {
                *o = f(*a, *b);
            }
        }
    }
}

/// One operand.
#[multiversion(targets("x86_64+avx2"))]
pub fn unary(op: UnaryOp, a: Operand, out: &mut [f64]) {
    match op {
        UnaryOp::Negate => map1(a, out, |a| -a),
        UnaryOp::Not => map1(a, out, |a| 1.0 - a),
        UnaryOp::Native(index) => match NATIVES[usize::from(index)].kernel {
            Kernel::Unary(f) => map1(a, out, |a| finite(f(a))),
            _ => out.fill(f64::NAN),
        },
    }
}

/// Two operands.
#[multiversion(targets("x86_64+avx2"))]
pub fn binary(op: BinaryOp, a: Operand, b: Operand, out: &mut [f64]) {
    match op {
        BinaryOp::Add => map2(a, b, out, |a, b| finite(a + b)),
        BinaryOp::Subtract => map2(a, b, out, |a, b| finite(a - b)),
        BinaryOp::Multiply => map2(a, b, out, |a, b| finite(a * b)),
        BinaryOp::Divide => map2(a, b, out, |a, b| finite(a / b)),
        BinaryOp::Power => map2(a, b, out, |a, b| {
            // libm's power takes NaN^0 for 1, which would lose the poison.
            if a.is_nan() || b.is_nan() { f64::NAN } else { finite(power(a, b)) }
        }),
        BinaryOp::Min => map2(a, b, out, |a, b| {
            if a.is_nan() || b.is_nan() {
                f64::NAN
            } else if b < a {
                b
            } else {
                a
            }
        }),
        BinaryOp::Max => map2(a, b, out, |a, b| {
            if a.is_nan() || b.is_nan() {
                f64::NAN
            } else if b > a {
                b
            } else {
                a
            }
        }),
        BinaryOp::Less => map2(a, b, out, |a, b| truth(a < b, a, b)),
        BinaryOp::LessEqual => map2(a, b, out, |a, b| truth(a <= b, a, b)),
        BinaryOp::Equal => map2(a, b, out, |a, b| truth(a == b, a, b)),
        BinaryOp::NotEqual => map2(a, b, out, |a, b| truth(a != b, a, b)),
        BinaryOp::And => map2(a, b, out, |a, b| if a == 0.0 || b == 0.0 { 0.0 } else { a * b }),
        BinaryOp::Or => map2(a, b, out, |a, b| if a == 1.0 || b == 1.0 { 1.0 } else { a + b }),
        BinaryOp::Native(index) => match NATIVES[usize::from(index)].kernel {
            Kernel::Binary(f) => {
                map2(a, b, out, |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { finite(f(a, b)) })
            }
            _ => out.fill(f64::NAN),
        },
    }
}

/// A column as it is.
pub fn copy(a: Operand, out: &mut [f64]) {
    match a {
        Operand::One(a) => out.fill(a),
        Operand::Each(a) => out.copy_from_slice(&a[..out.len()]),
    }
}

/// `condition ? a : b`. The other branch may be poisoned.
#[multiversion(targets("x86_64+avx2"))]
pub fn select(condition: Operand, a: Operand, b: Operand, out: &mut [f64]) {
    choose(condition, a, b, out, |c, a, b| {
        if c.is_nan() {
            f64::NAN
        } else if c != 0.0 {
            a
        } else {
            b
        }
    });
}

/// [`select`] by a condition that is known to be 0 or 1.
#[multiversion(targets("x86_64+avx2"))]
pub fn select_finite(condition: Operand, a: Operand, b: Operand, out: &mut [f64]) {
    choose(condition, a, b, out, |c, a, b| if c != 0.0 { a } else { b });
}

#[inline(always)]
fn choose(condition: Operand, a: Operand, b: Operand, out: &mut [f64], f: impl Fn(f64, f64, f64) -> f64) {
    match (condition, a, b) {
        (Operand::One(c), a, b) => match if c != 0.0 { a } else { b } {
            Operand::One(x) => out.fill(f(c, x, x)),
            Operand::Each(_) if c.is_nan() => out.fill(c),
            Operand::Each(x) => out.copy_from_slice(&x[..out.len()]),
        },
        (Operand::Each(c), Operand::One(a), Operand::One(b)) => {
            for (o, c) in out.iter_mut().zip(c) {
                *o = f(*c, a, b);
            }
        }
        (Operand::Each(c), Operand::One(a), Operand::Each(b)) => {
            for ((o, c), b) in out.iter_mut().zip(c).zip(b) {
                *o = f(*c, a, *b);
            }
        }
        (Operand::Each(c), Operand::Each(a), Operand::One(b)) => {
            for ((o, c), a) in out.iter_mut().zip(c).zip(a) {
                *o = f(*c, *a, b);
            }
        }
        (Operand::Each(c), Operand::Each(a), Operand::Each(b)) => {
            for (((o, c), a), b) in out.iter_mut().zip(c).zip(a).zip(b) {
                *o = f(*c, *a, *b);
            }
        }
    }
}

/// A table of one or two axes, linear between its knots along the axes or their logarithms, clamped at the ends.
pub fn interpolate(table: &Table, x: Operand, y: Option<Operand>, out: &mut [f64]) {
    for (lane, o) in out.iter_mut().enumerate() {
        let (x, y) = (x.at(lane), y.map(|y| y.at(lane)));
        *o = if x.is_nan() || y.is_some_and(f64::is_nan) { f64::NAN } else { finite(at(table, x, y)) };
    }
}

fn at(table: &Table, x: f64, y: Option<f64>) -> f64 {
    let value =
        |index: usize| if table.log_result { libm::log(table.values[index]) } else { table.values[index] };
    let (i, fx) = position(&table.axes[0].knots, table.axes[0].log, x);
    let mixed = match (y, table.axes.get(1)) {
        (Some(y), Some(axis)) => {
            let width = axis.knots.len();
            let (j, fy) = position(&axis.knots, axis.log, y);
            let row = |i: usize| mix(value(i * width + j), value(i * width + (j + 1).min(width - 1)), fy);
            mix(row(i), row((i + 1).min(table.axes[0].knots.len() - 1)), fx)
        }
        _ => mix(value(i), value((i + 1).min(table.values.len() - 1)), fx),
    };
    if table.log_result { libm::exp(mixed) } else { mixed }
}

fn mix(a: f64, b: f64, fraction: f64) -> f64 {
    // At a knot the value is the knot's, to the last bit.
    if fraction == 0.0 { a } else { a + (b - a) * fraction }
}

/// The knot at or below `x`, and how far towards the next one `x` lies.
fn position(knots: &[f64], log: bool, x: f64) -> (usize, f64) {
    let last = knots.len() - 1;
    let i = knots.partition_point(|k| *k <= x);
    if i == 0 {
        return (0, 0.0);
    }
    if i > last {
        return (last, 0.0);
    }
    let (low, high) = (knots[i - 1], knots[i]);
    let fraction = if log { libm::log(x / low) / libm::log(high / low) } else { (x - low) / (high - low) };
    (i - 1, fraction)
}

/// [`binary`] for operands and results that are known to be finite: the same bits without the tests for poison.
/// Answers false for operations that have no such form.
#[multiversion(targets("x86_64+avx2"))]
pub fn binary_finite(op: BinaryOp, a: Operand, b: Operand, out: &mut [f64]) -> bool {
    let bit = |c: bool| f64::from(u8::from(c));
    match op {
        BinaryOp::Add => map2(a, b, out, |a, b| a + b),
        BinaryOp::Subtract => map2(a, b, out, |a, b| a - b),
        BinaryOp::Multiply => map2(a, b, out, |a, b| a * b),
        BinaryOp::Divide => map2(a, b, out, |a, b| a / b),
        BinaryOp::Min => map2(a, b, out, |a, b| if b < a { b } else { a }),
        BinaryOp::Max => map2(a, b, out, |a, b| if b > a { b } else { a }),
        BinaryOp::Less => map2(a, b, out, |a, b| bit(a < b)),
        BinaryOp::LessEqual => map2(a, b, out, |a, b| bit(a <= b)),
        BinaryOp::Equal => map2(a, b, out, |a, b| bit(a == b)),
        BinaryOp::NotEqual => map2(a, b, out, |a, b| bit(a != b)),
        BinaryOp::And => map2(a, b, out, |a, b| a * b),
        BinaryOp::Or => map2(a, b, out, |a, b| if a == 1.0 { 1.0 } else { b }),
        BinaryOp::Power | BinaryOp::Native(_) => return false,
    }
    true
}

/// How many lanes are not 1: points that are no members, or at which a condition does not hold or is not decided.
#[multiversion(targets("x86_64+avx2"))]
pub fn others(column: &[f64]) -> u32 {
    column.iter().map(|c| u32::from(*c != 1.0)).sum()
}
