//! A sweep as a table: its axes and all outputs at every point, handed on piece by piece and never held as a whole.

use std::rc::Rc;
use std::sync::Arc;

use crate::check::program::{Expr, Type};
use crate::columns::graph::NodeId;
use crate::columns::scan::count::Tally;
use crate::columns::scan::observer::Shard;
use crate::columns::scan::{Block, Scan};
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::{GridValue, Value};

/// Records within records that become columns.
const DEPTH: usize = 4;
/// Items of a list that become columns.
const ITEMS: usize = 64;

/// Where tables go. Files are its business, not the engine's.
pub trait Tables: Sync {
    /// Begins a table. Errors: it cannot be written there, in words for the user.
    fn open(&self, head: Head) -> Result<Box<dyn Table>, String>;
}

/// A table being written. If it is dropped unfinished, nothing of it is left.
pub trait Table: Sync {
    /// Prepares some rows; called on several cores at once.
    fn encode(&self, rows: &Rows) -> Piece;
    /// Adds what was prepared; called in the order of the rows.
    fn append(&self, piece: Piece) -> Result<(), String>;
    /// Keeps the table. Errors: it could not be written to its end, in words for the user.
    fn finish(self: Box<Self>) -> Result<(), String>;
}

/// What a table is of.
#[derive(Clone, Debug)]
pub struct Head {
    /// The file that declares the sweep, as it was named on the command line.
    pub path: String,
    /// The scenario in which the sweep stands.
    pub scenario: Option<String>,
    /// The name of the sweep.
    pub name: String,
    /// Which share of the points is written; `None` for all of them.
    pub shard: Option<Shard>,
    /// Axes, then outputs.
    pub columns: Vec<ColumnHead>,
}

/// What a column of a table holds.
#[derive(Clone, Debug)]
pub struct ColumnHead {
    /// `batch`, `system.hardware`, `latency`
    pub name: String,
    /// The base unit; empty for a plain number and for what is no number.
    pub unit: String,
    /// What its numbers mean.
    pub kind: ColumnKind,
}

/// What the numbers of a column mean.
#[derive(Clone, Debug)]
pub enum ColumnKind {
    /// Numbers, quantities in base units.
    Number,
    /// 0 or 1.
    Bool,
    /// Texts and members of enums: a value is the index of its text.
    Text(Arc<[Arc<str>]>),
}

/// Some rows. A cell without a value is NaN.
pub struct Rows<'a> {
    /// The columns in the order of [`Head::columns`], each with `len` values.
    pub columns: Vec<&'a [f64]>,
    /// How many rows there are.
    pub len: usize,
}

/// Rows as a table keeps them on the way.
pub enum Piece {
    /// Rows as the text or bytes of a file.
    Bytes(Vec<u8>),
    /// Values of each column, for files that are kept by column.
    Columns(Vec<Vec<f64>>),
}

/// Writes a grid. `Err(None)`: lowering stopped, or the run was interrupted.
pub fn export<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &Rc<GridValue<'p>>,
    names: (&str, &str, Option<String>),
    tables: &dyn Tables,
) -> Result<(), Option<String>> {
    let points = lowerer.points(grid.sweep).map_err(|Stop| None)?;
    let member = lowerer.membership(grid).map_err(|Stop| None)?;
    let mut flat = Flat { heads: vec![], nodes: vec![] };
    flat.grid(lowerer, grid, &points.point).map_err(|Stop| None)?;
    let (path, name, scenario) = names;
    let head = Head {
        path: path.into(),
        name: name.into(),
        scenario,
        shard: lowerer.graph.watch.shard,
        columns: flat.heads,
    };
    let table = tables.open(head)?;
    let scan = Scan::new(&lowerer.graph, lowerer.program, &points.lengths, member, &flat.nodes);
    let encode = |block: &Block| {
        let columns = (0..flat.nodes.len()).map(|root| block.column(root)).collect();
        table.encode(&Rows { columns, len: block.len() })
    };
    scan.stream(encode, |piece| table.append(piece))?;
    if lowerer.graph.watch.stopped() {
        return Err(None);
    }
    table.finish().map_err(Some)
}

/// A column and its values.
pub type FilledColumn = (ColumnHead, Vec<f64>);

/// All points of a grid as columns: those of its table, for a report that holds them. `None` beyond `limit` points.
pub fn columns<'p>(
    lowerer: &mut Lowerer<'p>,
    grid: &Rc<GridValue<'p>>,
    limit: u64,
) -> Result<Option<Vec<FilledColumn>>, Stop> {
    let points = lowerer.points(grid.sweep)?;
    let member = lowerer.membership(grid)?;
    if Tally::of(&lowerer.graph, lowerer.program, &points.lengths, member, None).points > limit {
        return Ok(None);
    }
    let mut flat = Flat { heads: vec![], nodes: vec![] };
    flat.grid(lowerer, grid, &points.point)?;
    let scan = Scan::new(&lowerer.graph, lowerer.program, &points.lengths, member, &flat.nodes);
    let empty = || vec![vec![]; flat.nodes.len()];
    let parts = scan.run(empty, |all: &mut Vec<Vec<f64>>, block| {
        for (root, column) in all.iter_mut().enumerate() {
            column.extend_from_slice(block.column(root));
        }
    });
    let mut all = empty();
    for part in parts {
        all.iter_mut().zip(part).for_each(|(all, part)| all.extend(part));
    }
    Ok(Some(flat.heads.into_iter().zip(all).collect()))
}

/// Columns found in values: records become a column for each field.
struct Flat {
    heads: Vec<ColumnHead>,
    nodes: Vec<NodeId>,
}

impl Flat {
    /// The axes, then what a point has besides.
    fn grid<'p>(
        &mut self,
        lowerer: &mut Lowerer<'p>,
        grid: &GridValue<'p>,
        point: &Value<'p>,
    ) -> Result<(), Stop> {
        let program = lowerer.program;
        let sweep = program.sweep(grid.sweep);
        for axis in &sweep.axes {
            let value = at_path(lowerer, point, &axis.path)?;
            self.add(lowerer, &axis.name, &value, &axis.ty, &axis.values, DEPTH)?;
        }
        match point {
            Value::Solve(solve) => {
                let solver = program.solver(solve.solver);
                let env = lowerer.results(solve)?;
                for slot in &solver.outputs {
                    let local = &solver.locals[slot.index()];
                    let value = env.get(slot.index()).unwrap_or(Value::Absent);
                    self.add(lowerer, &local.name, &value, &local.ty, &sweep.base, DEPTH)?;
                }
            }
            Value::Record(record) => {
                for (index, (name, field)) in program.ty(record.ty).fields.iter().enumerate() {
                    let value = lowerer.field(point, index)?;
                    // Axes have a column already.
                    if !sweep.axes.iter().any(|a| a.path[0] == index as u32) {
                        self.add(lowerer, name, &value, &field.ty, &sweep.base, DEPTH)?;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn add<'p>(
        &mut self,
        lowerer: &mut Lowerer<'p>,
        name: &str,
        value: &Value<'p>,
        ty: &Type,
        e: &'p Expr,
        depth: usize,
    ) -> Result<(), Stop> {
        let program = lowerer.program;
        match value {
            Value::Node(id) => {
                let kind = kind(lowerer, ty);
                let unit = match ty.required() {
                    Type::Quantity(dimension) => program.registry.base_unit(*dimension),
                    _ => String::new(),
                };
                self.heads.push(ColumnHead { name: name.into(), unit, kind });
                self.nodes.push(*id);
            }
            Value::Record(record) if depth > 0 => {
                let declared = program.ty(record.ty);
                let known_by_name = declared.fields.get_full("name");
                if let Some((index, _, field)) = known_by_name
                    && *field.ty.required() == Type::String
                    && let Value::Node(id) = lowerer.field(value, index)?
                {
                    return self.add(lowerer, name, &Value::Node(id), &field.ty, e, depth);
                }
                for (index, (field, declared)) in declared.fields.iter().enumerate() {
                    let inner = lowerer.field(value, index)?;
                    self.add(lowerer, &format!("{name}.{field}"), &inner, &declared.ty, e, depth - 1)?;
                }
            }
            Value::List(items) if depth > 0 => {
                let Type::List(element) = ty.required() else { return Ok(()) };
                for (index, item) in items.iter().take(ITEMS).enumerate() {
                    self.add(lowerer, &format!("{name}.{index}"), item, element, e, depth - 1)?;
                }
            }
            Value::Maybe(present, inner) => {
                let nothing = nothing(lowerer);
                let value = lowerer.select(*present, (**inner).clone(), nothing, e)?;
                self.add(lowerer, name, &value, ty, e, depth)?;
            }
            Value::Poison(id) => self.add(lowerer, name, &Value::Node(*id), ty, e, depth)?,
            Value::Absent => {
                let nothing = nothing(lowerer);
                self.add(lowerer, name, &nothing, ty, e, depth)?;
            }
            _ => {}
        }
        Ok(())
    }
}

fn kind(lowerer: &Lowerer, ty: &Type) -> ColumnKind {
    match ty.required() {
        Type::Bool => ColumnKind::Bool,
        Type::Enum(id) => {
            let members = &lowerer.program.enumeration(*id).members;
            ColumnKind::Text(members.keys().cloned().collect())
        }
        Type::Quantity(_) => ColumnKind::Number,
        _ => ColumnKind::Text(lowerer.texts().collect()),
    }
}

/// The field or input of a point that an axis sets.
fn at_path<'p>(lowerer: &mut Lowerer<'p>, point: &Value<'p>, path: &[u32]) -> Result<Value<'p>, Stop> {
    let mut value = point.clone();
    for index in path {
        value = match &value {
            Value::Solve(solve) => lowerer.results(solve)?.get(*index as usize).unwrap_or(Value::Absent),
            other => lowerer.field(other, *index as usize)?,
        };
    }
    Ok(value)
}

/// A column without values.
fn nothing<'p>(lowerer: &mut Lowerer<'p>) -> Value<'p> {
    lowerer.constant(f64::NAN, None)
}
