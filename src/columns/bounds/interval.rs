//! Interval arithmetic that knows comparisons and poison: what each operation makes of the least and greatest value.
//!
//! Rounding is monotone, so bounds that are computed like the values themselves hold for the values as they are
//! computed, to the last bit; functions of libm, which may be off by their last bit, get wider bounds.

use crate::columns::graph::{BinaryOp, UnaryOp};
use crate::native::table::{Kernel, NATIVES};

/// Relative distance that makes up for what libm is off: less than 2^-52 in a function, about 1e-13 in a value that is
/// interpolated between logarithms.
const SLACK: f64 = 1e-12;

/// The values of a node over a part of the points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// No value is less or greater. Where `low` is above `high`, no point has a value.
    low: f64,
    high: f64,
    /// Some points may have no value: a `require` fails there, a result is not finite.
    partial: bool,
}

const FALSE: Interval = Interval::of(0.0, 0.0);
const TRUE: Interval = Interval::of(1.0, 1.0);
const EITHER: Interval = Interval::of(0.0, 1.0);

impl Interval {
    /// Nothing is known.
    pub const ANY: Interval = Interval { low: f64::NEG_INFINITY, high: f64::INFINITY, partial: true };
    /// No point has a value.
    pub const NONE: Interval = Interval { low: f64::INFINITY, high: f64::NEG_INFINITY, partial: true };

    const fn of(low: f64, high: f64) -> Self {
        Interval { low, high, partial: false }
    }

    /// Of some values as they are; NaN is no value.
    pub fn hull(values: impl IntoIterator<Item = f64>) -> Self {
        let all = values.into_iter().fold(Interval { partial: false, ..Interval::NONE }, |all, v| {
            match v.is_nan() {
                true => Interval { partial: true, ..all },
                false => Interval { low: all.low.min(v), high: all.high.max(v), ..all },
            }
        });
        all.checked()
    }

    /// The least and greatest value, where every point has one.
    pub fn everywhere(self) -> Option<(f64, f64)> {
        (!self.partial).then_some((self.low, self.high))
    }

    /// The least and greatest value, where any point has one.
    pub fn anywhere(self) -> Option<(f64, f64)> {
        (self.low <= self.high).then_some((self.low, self.high))
    }

    /// A condition that holds at no point.
    pub fn never_holds(self) -> bool {
        self.high <= 0.0
    }

    /// The values of both.
    pub fn or(self, other: Interval) -> Interval {
        Interval {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
            partial: self.partial || other.partial,
        }
    }

    /// Without a value wherever the other has none.
    pub fn where_defined(self, other: Interval) -> Interval {
        Interval { partial: self.partial || other.partial, ..self }
    }

    /// A result that is not finite is none.
    fn checked(self) -> Interval {
        if self.low.is_nan() || self.high.is_nan() {
            return Interval::ANY;
        }
        let finite = self.low.is_finite() && self.high.is_finite();
        Interval { partial: self.partial || !finite, ..self }
    }

    /// Room for results that are off by their last bits.
    pub fn widened(self) -> Interval {
        let off = |x: f64| x.abs() * SLACK + f64::MIN_POSITIVE;
        Interval { low: self.low - off(self.low), high: self.high + off(self.high), ..self }.checked()
    }

    fn corners(values: [f64; 4]) -> Interval {
        match values.iter().any(|v| v.is_nan()) {
            true => Interval::ANY,
            false => Interval::hull(values),
        }
    }
}

/// What an operation with one operand makes of it.
pub fn unary(op: UnaryOp, a: Interval) -> Interval {
    let Some((low, high)) = a.anywhere() else { return Interval::NONE };
    let found = match op {
        UnaryOp::Negate => Interval::of(-high, -low),
        UnaryOp::Not => Interval::of(1.0 - high, 1.0 - low),
        UnaryOp::Native(index) => {
            let native = &NATIVES[usize::from(index)];
            let Kernel::Unary(f) = native.kernel else { return Interval::ANY };
            let rising = || Interval::of(f(low), f(high)).checked();
            match native.name {
                "abs" if low >= 0.0 => Interval::of(low, high),
                "abs" => Interval::of(0f64.max(-high), high.max(-low)),
                "floor" | "ceil" | "round" | "trunc" | "count" | "sign" => rising(),
                "sqrt" if low >= 0.0 => rising(),
                "cbrt" | "exp" => rising().widened(),
                "ln" | "log2" | "log10" if low > 0.0 => rising().widened(),
                _ => return Interval::ANY,
            }
        }
    };
    found.checked().where_defined(a)
}

/// What an operation with two operands makes of them.
pub fn binary(op: BinaryOp, a: Interval, b: Interval) -> Interval {
    let decisive = match op {
        BinaryOp::And => Some(FALSE),
        BinaryOp::Or => Some(TRUE),
        _ => None,
    };
    if let Some(decisive) = decisive {
        return logic(op, a, b, decisive);
    }
    let (Some(_), Some(_)) = (a.anywhere(), b.anywhere()) else { return Interval::NONE };
    let corners = |f: fn(f64, f64) -> f64| {
        Interval::corners([f(a.low, b.low), f(a.low, b.high), f(a.high, b.low), f(a.high, b.high)])
    };
    let truth = |always: bool, never: bool| match (always, never) {
        (true, _) => TRUE,
        (_, true) => FALSE,
        _ => EITHER,
    };
    let apart = a.high < b.low || b.high < a.low;
    let same = a.low == a.high && b.low == b.high && a.low == b.low;
    let found = match op {
        BinaryOp::Add => Interval::of(a.low + b.low, a.high + b.high),
        BinaryOp::Subtract => Interval::of(a.low - b.high, a.high - b.low),
        BinaryOp::Multiply => corners(|x, y| x * y),
        BinaryOp::Divide if b.low > 0.0 || b.high < 0.0 => corners(|x, y| x / y),
        BinaryOp::Min => Interval::of(a.low.min(b.low), a.high.min(b.high)),
        BinaryOp::Max => Interval::of(a.low.max(b.low), a.high.max(b.high)),
        BinaryOp::Less => truth(a.high < b.low, a.low >= b.high),
        BinaryOp::LessEqual => truth(a.high <= b.low, a.low > b.high),
        BinaryOp::Equal => truth(same, apart),
        BinaryOp::NotEqual => truth(apart, same),
        // A power of positive numbers is monotone in both.
        BinaryOp::Power if a.low > 0.0 => corners(libm::pow).widened(),
        BinaryOp::Native(index) if a.low > 0.0 && NATIVES[usize::from(index)].name == "pow" => {
            corners(libm::pow).widened()
        }
        _ => return Interval::ANY,
    };
    found.checked().where_defined(a).where_defined(b)
}

/// One side decides if it has its value everywhere; the other may then have none.
fn logic(op: BinaryOp, a: Interval, b: Interval, decisive: Interval) -> Interval {
    if a == decisive || b == decisive {
        return decisive;
    }
    let found = match (a.anywhere(), b.anywhere()) {
        (Some((low, high)), Some((other_low, other_high))) if op == BinaryOp::And => {
            Interval::of(low.min(other_low), high.min(other_high))
        }
        (Some((low, high)), Some((other_low, other_high))) => {
            Interval::of(low.max(other_low), high.max(other_high))
        }
        _ => EITHER,
    };
    found.where_defined(a).where_defined(b)
}

/// `c ? a : b`, where what is not chosen may have no value.
pub fn select(c: Interval, a: Interval, b: Interval) -> Interval {
    let Some((low, high)) = c.anywhere() else { return Interval::NONE };
    let chosen = match (low, high) {
        (0.0, 0.0) => b,
        (low, high) if low > 0.0 || high < 0.0 => a,
        _ => a.or(b),
    };
    chosen.where_defined(c)
}
