//! Whose a number is: the file and line that say it, the record it stands in and that record's source, a default, an axis.

use std::rc::Rc;
use std::sync::Arc;

use crate::check::program::{Body, Expr, ExprKind, GlobalKind, Local, LocalId, Statement, Type, TypeId};
use crate::explain::derivation::Deriver;
use crate::lower::value::{Env, Origin, Owner, Value};
use crate::source::{Origin as Source, Span};

/// What is known of a number that is given.
#[derive(Default)]
pub struct Provenance {
    pub holder: Option<String>,
    pub datasheet: Option<String>,
    /// Where it stands, when that is not where it is read.
    pub place: Option<String>,
}

/// Names that are followed from where a value is read to where it is given.
const STEPS: usize = 64;

impl<'p> Deriver<'_, 'p> {
    pub(crate) fn place(&self, at: &Origin<'p>) -> String {
        self.place_of(at.expr.span)
    }

    pub(crate) fn place_of(&self, span: Span) -> String {
        let sources = self.lowerer.sources;
        let file = sources.file(span.file);
        match file.origin {
            Source::Argument => file.path.to_string(),
            _ => format!("{}:{}", file.path, sources.line_column(span).0),
        }
    }

    /// The `Source:` line of the solver or function around an equation.
    pub(crate) fn paper(&self, at: &Origin<'p>) -> Option<String> {
        let program = self.lowerer.program;
        let doc = match at.env.owner {
            Owner::Solver(id) => &program.solver(id).doc,
            Owner::Function(id) => &program.functions[id as usize].doc,
            _ => return None,
        };
        let line = doc.lines().find_map(|l| l.trim().strip_prefix("Source:"))?;
        Some(line.trim().to_string())
    }

    /// The record that a given value stands in, and its `source`; or what else gives it.
    pub(crate) fn whose(&mut self, at: &Origin<'p>, made: &Origin<'p>) -> Provenance {
        if let Some((name, declared)) = self.open_end(made) {
            if let Some(axis) = self.axis(&name) {
                return axis;
            }
            if let Ok(Value::Absent) = self.lowerer.lower(made.expr, &made.env) {
                let place = Some(self.place_of(declared));
                return Provenance { holder: Some("not given".into()), datasheet: None, place };
            }
        }
        if let Some(holder) = self.bound(made) {
            return Provenance { holder: Some(holder.into()), ..Provenance::default() };
        }
        if let Some(holder) = self.default_of(made) {
            return Provenance { holder: Some(holder), ..Provenance::default() };
        }
        let mut found = Provenance::default();
        let mut at = at.clone();
        for _ in 0..STEPS {
            match &at.expr.kind {
                ExprKind::Field { base, .. } => {
                    if let Ok(Value::Record(record)) = self.lowerer.lower(base, &at.env) {
                        self.stands_in(record.ty, &record.env, &mut found);
                    }
                }
                // In a default, the record's own field.
                ExprKind::Local(_) => {
                    if let Owner::Record(ty) = at.env.owner {
                        self.stands_in(ty, &at.env.clone(), &mut found);
                    }
                }
                ExprKind::Global(id) => {
                    let global = self.lowerer.program.global(*id);
                    if global.kind == GlobalKind::Param {
                        found.holder = Some(format!("param {}", global.name));
                        found.datasheet = None;
                    }
                }
                _ => {}
            }
            match self.lowerer.definition(at.expr, &at.env) {
                Some(next) => at = next,
                None => break,
            }
        }
        // A figure that the user put in a record's place is not its datasheet's.
        if !self.lowerer.sources.is_library(made.expr.span) {
            found.datasheet = None;
        }
        found
    }

    /// The `name` and `source` of a record, by its frame.
    fn stands_in(&self, ty: TypeId, env: &Rc<Env<'p>>, found: &mut Provenance) {
        let text = |field: &str| {
            let (index, _, declared) = self.lowerer.program.ty(ty).fields.get_full(field)?;
            match env.get(index)? {
                Value::Node(id) if *declared.ty.required() == Type::String => {
                    self.lowerer.text_of(self.lowerer.graph.value(id)).map(|t| t.to_string())
                }
                _ => None,
            }
        };
        (found.holder, found.datasheet) = (text("name"), text("source"));
    }

    /// `default of roofline`: of the solver, function or type that gives a value when the plan does not.
    fn default_of(&self, made: &Origin<'p>) -> Option<String> {
        let program = self.lowerer.program;
        let (name, defaults) = match made.env.owner {
            // Whatever is evaluated among the fields of a record is one of their defaults.
            Owner::Record(ty) => return Some(format!("default of {}", program.ty(ty).name)),
            Owner::Solver(id) => (&program.solver(id).name, &program.solver(id).defaults),
            Owner::Function(id) => {
                let function = &program.functions[id as usize];
                (&function.name, &function.defaults)
            }
            _ => return None,
        };
        let given = defaults.iter().flatten().any(|d| d.span.covers(made.expr.span));
        given.then(|| format!("default of {name}"))
    }

    /// The name at which a value ends without a definition, and where it is declared: an optional that is absent, or
    /// what an axis gives.
    fn open_end(&mut self, made: &Origin<'p>) -> Option<(Arc<str>, Span)> {
        let program = self.lowerer.program;
        let field = |ty: TypeId, index: usize| {
            program.ty(ty).fields.get_index(index).map(|(name, field)| (name.clone(), field.span))
        };
        let local = |local: &Local| (local.name.clone(), local.span);
        match (&made.expr.kind, made.env.owner) {
            (ExprKind::Local(id), Owner::Solver(solver)) => {
                program.solver(solver).locals.get(id.index()).map(local)
            }
            (ExprKind::Local(id), Owner::Function(function)) => {
                program.functions[function as usize].locals.get(id.index()).map(local)
            }
            (ExprKind::Local(id), Owner::Record(ty)) => field(ty, id.index()),
            (ExprKind::Slot { base, slot }, _) => match self.lowerer.lower(base, &made.env).ok()? {
                Value::Solve(solve) => {
                    self.meet(solve.point.map(|(sweep, _)| sweep));
                    program.solver(solve.solver).locals.get(slot.index()).map(local)
                }
                _ => None,
            },
            (ExprKind::Field { base, field: index }, _) => match base.ty.required() {
                Type::Record(ty) => field(*ty, *index as usize),
                _ => None,
            },
            _ => None,
        }
    }

    /// What a variable is of a search or of a comprehension.
    fn bound(&mut self, made: &Origin<'p>) -> Option<&'static str> {
        let ExprKind::Local(id) = made.expr.kind else { return None };
        let program = self.lowerer.program;
        let bodies: Vec<&Expr> = match made.env.owner {
            Owner::Global(global) => vec![&program.global(global).value],
            Owner::Function(function) => match &program.functions[function as usize].body {
                Body::Expression(body) => vec![body],
                Body::Native(_) => vec![],
            },
            Owner::Solver(solver) => program.solver(solver).body.iter().filter_map(defined).collect(),
            Owner::Step => self.asked.into_iter().collect(),
            Owner::Record(_) => vec![],
        };
        if self.lowerer.definition(made.expr, &made.env).is_some() {
            return None;
        }
        bodies.into_iter().find_map(|body| binder(body, id))
    }

    /// `axis of grid`, where a sweep has an axis of that name.
    fn axis(&self, name: &str) -> Option<Provenance> {
        for sweep in self.swept.iter().rev() {
            let declared = self.lowerer.declared(*sweep);
            let axis = declared.axes.iter().find(|a| a.name.rsplit('.').next() == Some(name));
            if let Some(axis) = axis {
                let holder = Some(format!("axis of {}", declared.name));
                return Some(Provenance { holder, datasheet: None, place: Some(self.place_of(axis.span)) });
            }
        }
        None
    }
}

fn defined(statement: &Statement) -> Option<&Expr> {
    match statement {
        Statement::Define { value, .. } => Some(value),
        _ => None,
    }
}

/// What binds a local within an expression.
fn binder(e: &Expr, id: LocalId) -> Option<&'static str> {
    match &e.kind {
        ExprKind::Extremum { variable, .. } if *variable == id => return Some("tried by the search"),
        ExprKind::Comprehension { variable, .. } if *variable == id => return Some("item of the list"),
        _ => {}
    }
    let mut found = None;
    e.for_each_child(&mut |child| found = found.or_else(|| binder(child, id)));
    found
}
