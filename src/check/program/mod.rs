//! The checked program: names resolved, types proved, units erased. What `plan/` reads.

mod declared;
mod expr;
mod fold;
mod step;
pub mod text;
mod types;

pub use crate::check::program::declared::*;
pub use crate::check::program::expr::*;
pub use crate::check::program::step::*;
pub use crate::check::program::types::*;

use crate::units::registry::Registry;

#[derive(Clone, Debug, Default)]
pub struct Program {
    pub registry: Registry,
    pub types: Vec<RecordType>,
    pub enums: Vec<EnumType>,
    pub functions: Vec<Function>,
    pub tables: Vec<Table>,
    pub solvers: Vec<Solver>,
    pub globals: Vec<Global>,
    pub sweeps: Vec<Sweep>,
    pub files: Vec<FilePlan>,
}

impl Program {
    pub fn ty(&self, id: TypeId) -> &RecordType {
        &self.types[id.index()]
    }

    pub fn enumeration(&self, id: EnumId) -> &EnumType {
        &self.enums[id.index()]
    }

    pub fn function(&self, id: FunctionId) -> &Function {
        &self.functions[id.index()]
    }

    pub fn table(&self, id: TableId) -> &Table {
        &self.tables[id.index()]
    }

    pub fn solver(&self, id: SolverId) -> &Solver {
        &self.solvers[id.index()]
    }

    pub fn sweep(&self, id: SweepId) -> &Sweep {
        &self.sweeps[id.index()]
    }

    pub fn global(&self, id: GlobalId) -> &Global {
        &self.globals[id.index()]
    }

    /// A type as people write it: `Data / Time`, `Hardware`, `[Precision]`, `Power?`.
    pub fn describe(&self, ty: &Type) -> String {
        match ty {
            Type::Quantity(d) => self.registry.describe(*d),
            Type::Bool => "Bool".into(),
            Type::String => "String".into(),
            Type::Enum(id) => self.enumeration(*id).name.to_string(),
            Type::Record(id) => self.ty(*id).name.to_string(),
            Type::Solver(id) => format!("the solver {}", self.solver(*id).name),
            Type::Solve(id) => format!("a solve of {}", self.solver(*id).name),
            Type::Optional(inner) => format!("{}?", self.describe(inner)),
            Type::List(inner) => format!("[{}]", self.describe(inner)),
            Type::Grid(_) => "a grid of points".into(),
            Type::Column(_, inner) => format!("{} at each point of a grid", self.describe(inner)),
            Type::None => "none".into(),
            Type::Unknown => "unknown".into(),
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entity {
    Value(GlobalId),
    Type(TypeId),
    Enum(EnumId),
    Function(FunctionId),
    Table(TableId),
    Solver(SolverId),
    /// A library module bound by `use std.hardware.nvidia`; the scope's index.
    Module(u32),
    /// A unit or dimension: those live in the registry.
    Unit,
    /// Could not be checked; uses of it raise nothing.
    Unknown,
}
