//! Functions whose body is in Rust: name, arity and kernel. Signature and documentation are in `src/std/math.mls`.
//!
//! A kernel maps plain numbers to a plain number; a result that is not finite is an error that the engine reports.

use crate::native::decimal::whole;
use crate::native::queue;

/// A native function.
pub struct Native {
    pub name: &'static str,
    pub kernel: Kernel,
    /// Typed by a rule of its own, not by its signature alone.
    pub special: Option<Special>,
}

#[derive(Clone, Copy)]
pub enum Kernel {
    Unary(fn(f64) -> f64),
    Binary(fn(f64, f64) -> f64),
    /// Of any number of arguments, folded two by two from the left.
    Fold(Fold),
    /// Has no kernel: the planner knows the answer.
    Planned,
    /// Answers a list; so many arguments, which are known before anything runs.
    List(usize, fn(&[f64]) -> crate::native::list::Items),
}

/// What a variadic function folds with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    Sum,
    Product,
    Min,
    Max,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Special {
    /// `has(x)`: is an optional present?
    Has,
    /// `len(list)`
    Length,
    /// `count(x)`: drops Token, Request and Param.
    Count,
}

impl Native {
    /// Parameters of the declaration; a variadic one counts as one.
    pub fn parameters(&self) -> usize {
        match self.kernel {
            Kernel::Binary(_) => 2,
            Kernel::List(arguments, _) => arguments,
            _ => 1,
        }
    }
}

const fn unary(name: &'static str, kernel: fn(f64) -> f64) -> Native {
    Native { name, kernel: Kernel::Unary(kernel), special: None }
}

const fn binary(name: &'static str, kernel: fn(f64, f64) -> f64) -> Native {
    Native { name, kernel: Kernel::Binary(kernel), special: None }
}

const fn fold(name: &'static str, fold: Fold) -> Native {
    Native { name, kernel: Kernel::Fold(fold), special: None }
}

const fn list(
    name: &'static str,
    arguments: usize,
    items: fn(&[f64]) -> crate::native::list::Items,
) -> Native {
    Native { name, kernel: Kernel::List(arguments, items), special: None }
}

const fn special(name: &'static str, special: Special) -> Native {
    Native { name, kernel: Kernel::Planned, special: Some(special) }
}

fn identity(x: f64) -> f64 {
    x
}

fn sign(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { x.signum() }
}

fn floor(x: f64) -> f64 {
    whole(x).floor()
}

fn ceil(x: f64) -> f64 {
    whole(x).ceil()
}

fn trunc(x: f64) -> f64 {
    whole(x).trunc()
}

/// The rest of `x / divisor` with the sign of `x`; none where the quotient is whole but for its last bits.
fn rest(x: f64, divisor: f64) -> f64 {
    let quotient = x / divisor;
    if quotient.is_finite() && quotient.abs() >= 0.5 && whole(quotient).fract() == 0.0 {
        return 0.0;
    }
    libm::fmod(x, divisor)
}

/// `a^b`. Exponents for which there is a cheaper way go that way, as where the exponent is known before: the same bits.
pub fn power(a: f64, b: f64) -> f64 {
    match b {
        1.0 => a,
        2.0 => a * a,
        0.5 => a.sqrt(),
        -1.0 => 1.0 / a,
        _ => libm::pow(a, b),
    }
}

/// All natives. `std.math` declares each of them, which a test checks both ways.
pub const NATIVES: &[Native] = &[
    unary("abs", f64::abs),
    unary("sign", sign),
    unary("floor", floor),
    unary("ceil", ceil),
    unary("round", f64::round),
    unary("trunc", trunc),
    unary("sqrt", f64::sqrt),
    unary("cbrt", libm::cbrt),
    unary("exp", libm::exp),
    unary("ln", libm::log),
    unary("log2", libm::log2),
    unary("log10", libm::log10),
    binary("pow", power),
    binary("mod", rest),
    binary("erlang_c", queue::erlang_c),
    fold("sum", Fold::Sum),
    fold("product", Fold::Product),
    fold("min", Fold::Min),
    fold("max", Fold::Max),
    list("divisors", 1, crate::native::list::divisors),
    list("doubling", 2, crate::native::list::doubling),
    list("linspace", 3, crate::native::list::linspace),
    list("logspace", 3, crate::native::list::logspace),
    special("has", Special::Has),
    special("len", Special::Length),
    Native { name: "count", kernel: Kernel::Unary(identity), special: Some(Special::Count) },
];

/// The index of a native by name.
pub fn find(name: &str) -> Option<usize> {
    NATIVES.iter().position(|n| n.name == name)
}
