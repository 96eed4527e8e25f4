//! The types of values, and what they point to.

use crate::units::dimension::Dimension;

macro_rules! index {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub u32);

        impl $name {
            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    )*};
}

index! {
    /// A record type in [`Program::types`].
    TypeId,
    /// An enum in [`Program::enums`].
    EnumId,
    /// A function in [`Program::functions`].
    FunctionId,
    /// A table in [`Program::tables`].
    TableId,
    /// A solver in [`Program::solvers`].
    SolverId,
    /// A named value in [`Program::globals`].
    GlobalId,
    /// A sweep in [`Program::sweeps`].
    SweepId,
    /// A slot in the frame of a function, solver or record.
    LocalId,
}

/// The type of an expression.
#[derive(Clone, Debug, PartialEq)]
pub enum Type {
    Quantity(Dimension),
    Bool,
    String,
    Enum(EnumId),
    Record(TypeId),
    /// A solver whose inputs are not given yet.
    Solver(SolverId),
    /// A solver with its inputs: a record of inputs and outputs.
    Solve(SolverId),
    Optional(Box<Type>),
    List(Box<Type>),
    /// The points of a sweep, all or some.
    Grid(SweepId),
    /// A value at each point of a grid.
    Column(SweepId, Box<Type>),
    /// Of `none`, which fits every optional.
    None,
    /// Of what could not be checked; fits everything and raises nothing.
    Unknown,
}

impl Type {
    pub const SCALAR: Type = Type::Quantity(Dimension::SCALAR);

    pub fn is_unknown(&self) -> bool {
        matches!(self, Type::Unknown)
    }

    /// The type without its outer optional.
    pub fn required(&self) -> &Type {
        match self {
            Type::Optional(inner) => inner,
            other => other,
        }
    }

    pub fn optional(self) -> Type {
        match self {
            Type::Optional(_) | Type::Unknown => self,
            other => Type::Optional(Box::new(other)),
        }
    }
}
