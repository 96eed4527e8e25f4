//! Lowers a file with all that it asks for, and lists the nodes.

use std::rc::Rc;

use crate::check::program::{Action, Expr, PlotKind, Program, Step, SweepId};
use crate::columns::bisect::axis;
use crate::columns::graph::{NodeId, Op, operands};
use crate::columns::scan::Scan;
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::plan::origin::{Names, cut, one_line, operation};
use crate::lower::value::{Env, GridValue, Owner, Value};
use crate::outcome::plan::{Fate, PlanAlong, PlanAxis, PlanListing, PlanNode, PlanRoot, PlanSweep};
use crate::source::Sources;

/// Lowers the first file of a program that has no errors. Queries whose answer is one number are run, because what
/// follows is folded with it; the points of assertions and charts are not visited.
///
/// # Errors
///
/// What is wrong with the file, if it cannot be lowered.
pub fn plan(program: &Program, sources: &Sources) -> Result<PlanListing, Vec<Diagnostic>> {
    let mut collector = Collector {
        lowerer: Lowerer::new(program, sources),
        roots: vec![],
        sweeps: vec![],
        listing: PlanListing::default(),
    };
    if let Some(file) = program.files.first() {
        collector.listing.path = sources.file(file.file).path.to_string();
        for id in &file.globals {
            let _ = collector.lowerer.global(*id);
        }
        for step in &file.steps {
            let _ = collector.step(step);
        }
    }
    if !collector.lowerer.findings.problems.is_empty() {
        return Err(collector.lowerer.findings.problems);
    }
    Ok(collector.list())
}

/// A node that is asked for, and over which sweep.
struct Root {
    name: String,
    node: NodeId,
    sweep: Option<SweepId>,
}

struct Collector<'p> {
    lowerer: Lowerer<'p>,
    roots: Vec<Root>,
    /// The sweeps that are visited, and what reads their points.
    sweeps: Vec<SweepId>,
    listing: PlanListing,
}

impl<'p> Collector<'p> {
    fn step(&mut self, step: &'p Step) -> Result<(), Stop> {
        let env = Env::new(Owner::Step, step.locals.len());
        let scenario = step.scenario.as_ref().map_or(String::new(), |name| format!("{name}."));
        match &step.action {
            Action::Solve(id) | Action::Sweep(id) => {
                let name = format!("{scenario}{}", self.lowerer.program.global(*id).name);
                let (value, _) = self.lowerer.global(*id)?;
                self.value(&name, &value)
            }
            Action::Show(e) => self.expression("show", e, &env),
            Action::Assert { condition, .. } => self.expression("assert", condition, &env),
            Action::AssertGrid { grid, condition, .. } => {
                if let Value::Grid(grid) = self.lowerer.lower(grid, &env)? {
                    self.over(&grid, "assert", condition)?;
                }
                Ok(())
            }
            Action::Plot(plot) => match &plot.kind {
                PlotKind::Points { grid, y, x, .. } => {
                    if let Value::Grid(grid) = self.lowerer.lower(grid, &env)? {
                        self.over(&grid, "plot", &y.value)?;
                        self.over(&grid, "plot", &x.value)?;
                    }
                    Ok(())
                }
                PlotKind::Roofline(roofs) => {
                    roofs.iter().try_for_each(|roof| self.expression("plot", &roof.solve, &env))
                }
                PlotKind::Bars(values) => values.iter().try_for_each(|e| self.expression("plot", e, &env)),
            },
        }
    }

    fn expression(&mut self, what: &str, e: &'p Expr, env: &Rc<Env<'p>>) -> Result<(), Stop> {
        let value = self.lowerer.at_site(e.span, |l| l.lower(e, env))?;
        let name = format!("{what} {}", one_line(self.lowerer.sources, e));
        self.value(&name, &value)
    }

    /// The columns that a value is made of.
    fn value(&mut self, name: &str, value: &Value<'p>) -> Result<(), Stop> {
        match value {
            Value::Node(id) | Value::Poison(id) => self.root(name.to_string(), *id, None),
            Value::Maybe(present, inner) => {
                self.root(format!("has({name})"), *present, None);
                self.value(name, inner)?;
            }
            Value::List(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.value(&format!("{name}[{index}]"), item)?;
                }
            }
            Value::Record(record) => {
                let fields = &self.lowerer.program.ty(record.ty).fields;
                for (index, (field, _)) in fields.iter().enumerate() {
                    let field_value = self.lowerer.field(value, index)?;
                    self.value(&format!("{name}.{field}"), &field_value)?;
                }
            }
            Value::Solve(solve) => {
                let solver = self.lowerer.program.solver(solve.solver);
                let results = self.lowerer.results(solve)?;
                for slot in &solver.outputs {
                    let Some(output) = results.get(slot.index()) else { continue };
                    self.value(&format!("{name}.{}", solver.locals[slot.index()].name), &output)?;
                }
            }
            Value::Grid(grid) => self.members(grid)?,
            Value::Column(grid, body) => self.over(grid, "column", body)?,
            Value::Solver(_) | Value::Absent => {}
        }
        Ok(())
    }

    /// What decides which points belong to a grid.
    fn members(&mut self, grid: &GridValue<'p>) -> Result<(), Stop> {
        self.visited(grid.sweep);
        if let Some(member) = self.lowerer.membership(grid)? {
            let condition = self.lowerer.declared(grid.sweep).condition.as_ref();
            let last = grid.filters.last().map(|filter| filter.expr).or(condition);
            let text = last.map_or(String::new(), |e| one_line(self.lowerer.sources, e));
            self.root(format!("where {text}"), member, Some(grid.sweep));
        }
        Ok(())
    }

    /// An expression that is evaluated at every point of a grid.
    fn over(&mut self, grid: &GridValue<'p>, what: &str, e: &'p Expr) -> Result<(), Stop> {
        self.members(grid)?;
        let value = self.lowerer.over_points(grid.sweep, e)?;
        let node = self.lowerer.column(value, e);
        self.root(format!("{what} {}", one_line(self.lowerer.sources, e)), node, Some(grid.sweep));
        Ok(())
    }

    fn root(&mut self, name: String, node: NodeId, sweep: Option<SweepId>) {
        let known = |root: &Root| root.name == name && root.node == node && root.sweep == sweep;
        if !self.roots.iter().any(known) {
            self.roots.push(Root { name, node, sweep });
        }
    }

    fn visited(&mut self, id: SweepId) {
        if !self.sweeps.contains(&id) {
            self.sweeps.push(id);
        }
    }

    fn list(mut self) -> PlanListing {
        for read in std::mem::take(&mut self.lowerer.findings.scanned) {
            self.visited(read.sweep);
            self.root(read.what.to_string(), read.node, Some(read.sweep));
        }
        let sweeps: Vec<PlanSweep> = self.sweeps.clone().into_iter().map(|id| self.sweep(id)).collect();
        let graph = &self.lowerer.graph;
        // Which sweeps read a node, one bit each, the last for what is asked of no sweep.
        let mut readers: Vec<Vec<bool>> = vec![];
        for id in self.sweeps.iter().copied().map(Some).chain([None]) {
            let roots = self.roots.iter().filter(|root| root.sweep == id).map(|root| root.node);
            let mut read = vec![false; graph.len()];
            graph.needed(roots).iter().for_each(|node| read[node.index()] = true);
            readers.push(read);
        }
        let mut kept = vec![false; graph.len()];
        self.roots.iter().for_each(|root| kept[root.node.index()] = true);
        for id in graph.ids().filter(|id| graph.node(*id).axes != 0) {
            let searched = graph.node(id).axes & axis::AXES != 0;
            for operand in operands(graph.node(id).op).into_iter().flatten() {
                kept[operand.index()] |= searched || readers.iter().any(|read| read[id.index()]);
            }
        }
        let names = Names::of(self.lowerer.program);
        let sweep_of = |root: &Root| {
            let at = self.sweeps.iter().position(|id| Some(*id) == root.sweep)?;
            Some(sweeps[at].name.clone())
        };
        let nodes = graph
            .ids()
            .map(|id| {
                let along = |(sweep, read): (&PlanSweep, &Vec<bool>)| {
                    read[id.index()].then(|| along(sweep, graph.node(id).axes))
                };
                let along = sweeps.iter().zip(&readers).filter_map(along).collect();
                self.node(id, &names, along, kept[id.index()])
            })
            .collect();
        let roots = self.roots.iter().map(|root| PlanRoot {
            name: cut(&root.name),
            node: root.node.index() as u32,
            sweep: sweep_of(root),
        });
        PlanListing { roots: roots.collect(), sweeps: sweeps.clone(), nodes, ..self.listing }
    }

    fn node(&self, id: NodeId, names: &Names, along: Vec<PlanAlong>, kept: bool) -> PlanNode {
        let (graph, sources) = (&self.lowerer.graph, self.lowerer.sources);
        let node = graph.node(id);
        let fate = match node.axes {
            0 => Fate::Folded {
                value: Some(node.value).filter(|v| !v.is_nan()),
                given: matches!(node.op, Op::Constant(_)),
                dropped: !kept,
            },
            axes if axes & axis::AXES != 0 => Fate::Searched,
            _ if along.is_empty() => Fate::Pruned,
            _ => Fate::Along(along),
        };
        let place =
            node.origin.map(|e| (sources.file(e.span.file).path.to_string(), sources.line_column(e.span).0));
        PlanNode {
            id: id.index() as u32,
            operation: operation(graph, self.lowerer.program, id),
            operands: operands(node.op).into_iter().flatten().map(|id| id.index() as u32).collect(),
            fate,
            name: node.origin.and_then(|e| names.get(e).cloned()),
            expression: node.origin.map(|e| one_line(sources, e)),
            place,
        }
    }

    fn sweep(&mut self, id: SweepId) -> PlanSweep {
        let declared = self.lowerer.declared(id);
        // A grid that was picked from another has its axes in one.
        let (lengths, groups) = match self.lowerer.points(id) {
            Ok(points) => (points.lengths.clone(), points.axes.iter().map(|a| a.group).collect()),
            Err(Stop) => (vec![], vec![]),
        };
        let axes = lengths.iter().enumerate().map(|(group, length)| {
            let joined = declared.axes.iter().zip(&groups).filter(|(_, own)| **own == group);
            let names: Vec<&str> = joined.map(|(axis, _)| axis.name.as_str()).collect();
            PlanAxis { name: names.join(" + "), length: *length }
        });
        let axes = axes.collect();
        let picked = id.index() >= self.lowerer.program.sweeps.len();
        let name = match picked {
            true => format!("{} (picked)", declared.name),
            false => declared.name.to_string(),
        };
        PlanSweep { name, axes, points: Scan::points(&lengths) }
    }
}

/// The axes of a sweep that a node goes along.
fn along(sweep: &PlanSweep, bits: u64) -> PlanAlong {
    let own = |(group, _): &(usize, &PlanAxis)| bits >> group & 1 == 1;
    let axes: Vec<&PlanAxis> = sweep.axes.iter().enumerate().filter(own).map(|(_, axis)| axis).collect();
    PlanAlong {
        sweep: sweep.name.clone(),
        axes: axes.iter().map(|axis| axis.name.clone()).collect(),
        values: axes.iter().map(|axis| axis.length as u64).product(),
    }
}
