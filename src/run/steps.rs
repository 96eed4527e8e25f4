//! A run: every value of a file evaluated, its solves and assertions reported in order.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::check::program::{Action, FilePlan, GlobalId, Program, Step};
use crate::codes;
use crate::columns::graph::NodeId;
use crate::columns::scan::observer::Watch;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::probe::Probe;
use crate::lower::value::{Env, GridValue, Owner, Value};
use crate::outcome::{FileOutcome, ShowOutcome, SolveOutcome, SweepOutcome};
use crate::run::assertion;
use crate::run::assertion::all_points;
use crate::run::assertion::{Claim, Explain};
use crate::run::chart::plot;
use crate::run::data::datum::datum;
use crate::run::data::export;
use crate::run::data::export::Tables;
use crate::run::headline;
use crate::run::headline::Asked;
use crate::run::undefined_value;
use crate::source::{Sources, Span};

/// What a run is told besides the program.
#[derive(Clone, Default)]
pub struct Terms<'a> {
    /// Who looks on, and which share of the points is asked for.
    pub watch: Watch,
    /// Where sweeps are written.
    pub tables: Option<&'a dyn Tables>,
    /// The points of a sweep that the outcome holds, at most; with none, axes are all it says of them.
    pub columns: u64,
}

/// Runs all files of a program that has no errors.
pub fn run<'p>(
    program: &'p Program,
    sources: &'p Sources,
    explain: Explain,
    terms: &Terms<'p>,
) -> (Vec<FileOutcome>, Vec<Diagnostic>) {
    let mut lowerer = Lowerer::new(program, sources);
    lowerer.graph.watch = terms.watch.clone();
    let (files, problems, _) = execute(program, lowerer, explain, terms);
    (files, problems)
}

/// The same with another value for one input, and without explanations. The last part of the answer is the work.
pub fn try_change(
    program: &Program,
    sources: &Sources,
    probe: Probe,
) -> (Vec<FileOutcome>, Vec<Diagnostic>, u64) {
    let lowerer = Lowerer::probing(program, sources, probe);
    execute(program, lowerer, |_, _, _| vec![], &Terms::default())
}

fn execute<'p>(
    program: &'p Program,
    lowerer: Lowerer<'p>,
    explain: Explain,
    terms: &Terms<'p>,
) -> (Vec<FileOutcome>, Vec<Diagnostic>, u64) {
    let mut runner = Runner {
        lowerer,
        tables: terms.tables,
        columns: terms.columns,
        explain,
        problems: vec![],
        blamed: FxHashSet::default(),
        asked: Asked::default(),
        told: 0,
    };
    let files = program.files.iter().map(|plan| runner.file(plan)).collect();
    let mut problems = runner.problems;
    problems.append(&mut runner.lowerer.problems);
    (files, problems, runner.lowerer.work())
}

struct Runner<'p> {
    lowerer: Lowerer<'p>,
    tables: Option<&'p dyn Tables>,
    columns: u64,
    explain: Explain,
    problems: Vec<Diagnostic>,
    /// Causes that have been reported.
    blamed: FxHashSet<NodeId>,
    /// Outputs that the file asks about.
    asked: Asked,
    /// Requirements that have been reported.
    told: usize,
}

impl<'p> Runner<'p> {
    fn file(&mut self, plan: &'p FilePlan) -> FileOutcome {
        let path = self.lowerer.sources.file(plan.file).path.to_string();
        let mut outcome = FileOutcome { path, ..FileOutcome::default() };
        for id in &plan.globals {
            self.force(*id);
        }
        self.asked = headline::asked(self.lowerer.program, plan);
        for step in &plan.steps {
            self.guarded_step(step, &mut outcome);
        }
        if self.lowerer.graph.watch.shard.is_some() {
            self.tell_of_shard();
        }
        self.requirements();
        self.sweep_notes(plan, &mut outcome);
        self.notes(&mut outcome);
        outcome
    }

    /// Evaluates a value that the file declares, so that what is wrong with it is told even if nothing reads it.
    fn force(&mut self, id: GlobalId) {
        if let Ok((value, _)) = self.lowerer.global(id) {
            self.inspect(&value);
        }
    }

    /// Reports poison in a value and in what it holds.
    fn inspect(&mut self, value: &Value<'p>) {
        match value {
            Value::Node(id) | Value::Poison(id) => self.report_poison(*id),
            Value::List(items) => items.iter().for_each(|i| self.inspect(i)),
            Value::Record(record) => {
                for slot in record.given.iter().flatten() {
                    self.inspect(&slot.value);
                }
            }
            Value::Solve(solve) => {
                let outputs = self.lowerer.program.solver(solve.solver).outputs.clone();
                if let Ok(env) = self.lowerer.results(solve) {
                    for slot in outputs {
                        if let Some(value) = env.get(slot.index()) {
                            self.inspect(&value);
                        }
                    }
                }
            }
            Value::Maybe(_, inner) => self.inspect(inner),
            Value::Solver(_) | Value::Absent | Value::Grid(_) | Value::Column(..) => {}
        }
    }

    fn report_poison(&mut self, node: NodeId) {
        if !self.lowerer.graph.value(node).is_nan() {
            return;
        }
        if let Some((cause, diagnostic)) = undefined_value::poisoned(&mut self.lowerer, node)
            && self.blamed.insert(cause)
        {
            self.problems.push(diagnostic);
        }
    }

    fn requirements(&mut self) {
        while self.told < self.lowerer.requirements.len() {
            let node = self.lowerer.requirements[self.told].node;
            if self.lowerer.graph.value(node).is_nan() {
                // A condition without a value: what it lacks is told, not that it fails.
                self.report_poison(node);
                self.told += 1;
                continue;
            }
            let diagnostic = undefined_value::requirement(&mut self.lowerer, self.told);
            if !self.problems.contains(&diagnostic) {
                self.problems.push(diagnostic);
            }
            self.told += 1;
        }
    }

    /// A step whose findings count only if it ran to its end. Under `--shard` what asks something of no points is left
    /// out too: other shards may have some.
    fn guarded_step(&mut self, step: &'p Step, outcome: &mut FileOutcome) {
        let before = (outcome.sweeps.len(), outcome.shows.len(), outcome.assertions.len());
        let told = self.lowerer.problems.len();
        if let Some(observer) = &self.lowerer.graph.watch.observer {
            observer.enter(
                self.lowerer
                    .sources
                    .text(step.span(&self.lowerer.program.globals))
                    .lines()
                    .next()
                    .unwrap_or_default(),
            );
        }
        self.step(step, outcome);
        let watch = &self.lowerer.graph.watch;
        let empty = || self.lowerer.problems[told..].iter().any(|d| d.code == codes::EMPTY_GRID);
        if watch.stopped() || watch.shard.is_some() && empty() {
            outcome.sweeps.truncate(before.0);
            outcome.shows.truncate(before.1);
            outcome.assertions.truncate(before.2);
        }
    }

    /// What one share of the points cannot know is no error of the plan.
    fn tell_of_shard(&mut self) {
        for problem in self.lowerer.problems.iter_mut().filter(|d| d.code == codes::EMPTY_GRID) {
            problem.severity = Severity::Note;
            problem.help = Some("this shard has no such point; another may have one".into());
        }
    }

    /// Writes a sweep, if that is asked for.
    fn export(&mut self, grid: &Rc<GridValue<'p>>, name: &str, scenario: Option<&str>, span: Span) {
        let Some(tables) = self.tables else { return };
        let path = self.lowerer.sources.file(span.file).path.to_string();
        let names = (path.as_str(), name, scenario.map(str::to_string));
        let written = self.lowerer.at_site(span, |l| export::export(l, grid, names, tables));
        if let Err(Some(message)) = written {
            self.problems.push(
                Diagnostic::error("mls::not-written", format!("sweep `{name}` cannot be written: {message}"))
                    .label(span, "this sweep")
                    .help("choose another folder with `--out`"),
            );
        }
    }

    fn step(&mut self, step: &'p Step, outcome: &mut FileOutcome) {
        let scenario = step.scenario.as_ref().map(|s| s.to_string());
        let env = Env::new(Owner::Step, step.locals.len());
        match &step.action {
            Action::Solve(id) => {
                if let Some(solve) = self.solve(*id, scenario) {
                    outcome.solves.push(solve);
                }
            }
            Action::Sweep(id) => {
                let name = self.lowerer.program.global(*id).name.to_string();
                let span = self.lowerer.program.global(*id).span;
                let Ok((Value::Grid(grid), _)) = self.lowerer.global(*id) else { return };
                self.export(&grid, &name, scenario.as_deref(), span);
                let found =
                    self.lowerer.at_site(span, |l| all_points::summary(l, &grid, name, scenario, span));
                let mut columns = vec![];
                if self.columns > 0 {
                    let limit = self.columns;
                    columns = self.lowerer.at_site(span, |l| all_points::columns(l, &grid, limit));
                }
                outcome.sweeps.extend(found.map(|sweep| SweepOutcome { columns, ..sweep }));
            }
            Action::AssertGrid { kind, all, grid, condition, message, span } => {
                let claim =
                    Claim { kind: *kind, condition, message: message.as_ref(), span: *span, scenario };
                let explain = self.explain;
                let (mut assertion, node) = self
                    .lowerer
                    .at_site(*span, |l| all_points::evaluate(l, &claim, *all, grid, &env, explain));
                if let Some(node) = node {
                    self.report_poison(node);
                }
                // What one shard lacks, another may have.
                if !all && self.lowerer.graph.watch.shard.is_some() {
                    assertion.severity = Severity::Warning;
                    if let Some(failure) = &mut assertion.failure {
                        failure.severity = Severity::Warning;
                    }
                }
                outcome.assertions.push(assertion);
            }
            Action::Show(e) => {
                let value = self.lowerer.at_site(e.span, |l| l.lower(e, &env));
                let Ok(value) = value else { return };
                self.inspect(&value);
                let unit = self.lowerer.unit_of(e, &env);
                let text = self.lowerer.sources.text(e.span).to_string();
                let value = datum(&mut self.lowerer, &value, &e.ty, unit.as_ref());
                outcome.shows.push(ShowOutcome { scenario, text, value, span: e.span });
            }
            Action::Plot(chart) => {
                let found =
                    self.lowerer.at_site(chart.span, |l| plot::evaluate(l, chart, &env, scenario.clone()));
                match found {
                    Ok(chart) => outcome.plots.push(chart),
                    Err(plot::NoChart::Poisoned(node)) => self.report_poison(node),
                    Err(plot::NoChart::Told) => {}
                }
            }
            Action::Assert { kind, condition, message, span } => {
                let claim =
                    Claim { kind: *kind, condition, message: message.as_ref(), span: *span, scenario };
                let explain = self.explain;
                let (assertion, node) =
                    self.lowerer.at_site(*span, |l| assertion::evaluate(l, &claim, &env, explain));
                if let Some(node) = node {
                    self.report_poison(node);
                }
                outcome.assertions.push(assertion);
            }
        }
    }

    fn solve(&mut self, id: GlobalId, scenario: Option<String>) -> Option<SolveOutcome> {
        let program = self.lowerer.program;
        let global = program.global(id);
        let (value, _) = self.lowerer.global(id).ok()?;
        let Value::Solve(solve) = &value else { return None };
        let solver = program.solver(solve.solver);
        let env = self.lowerer.results(solve).ok()?;
        let mut outputs = match solve.point {
            Some((sweep, point)) => all_points::setting(&mut self.lowerer, sweep, point),
            None => vec![],
        };
        let setting = outputs.len();
        for slot in &solver.outputs {
            let local = &solver.locals[slot.index()];
            let value = env.get(slot.index()).unwrap_or(Value::Absent);
            self.inspect(&value);
            let shown = datum(&mut self.lowerer, &value, &local.ty, local.unit.as_ref());
            outputs.push((local.name.to_string(), shown));
        }
        Some(SolveOutcome {
            name: global.name.to_string(),
            scenario,
            solver: solver.name.to_string(),
            brief: (0..setting)
                .chain(headline::brief(solver, solve.solver, &self.asked).into_iter().map(|i| setting + i))
                .collect(),
            outputs,
            notes: vec![],
            span: global.span,
        })
    }

    /// Notes of swept solves, as far as somebody has asked for their outputs.
    fn sweep_notes(&mut self, plan: &'p FilePlan, outcome: &mut FileOutcome) {
        for step in &plan.steps {
            let Action::Sweep(id) = &step.action else { continue };
            let Ok((Value::Grid(grid), _)) = self.lowerer.global(*id) else { continue };
            let span = self.lowerer.program.global(*id).span;
            if let Some(sweep) = outcome.sweeps.iter_mut().find(|s| s.span == span) {
                sweep.notes = self.lowerer.notes_of(grid.sweep).unwrap_or_default();
            }
        }
    }

    /// Gives each note to the solve in whose declaration it arose; the rest become diagnostics of their own.
    fn notes(&mut self, outcome: &mut FileOutcome) {
        let values: Vec<(Span, Span)> =
            self.lowerer.program.globals.iter().map(|g| (g.span, g.value.span)).collect();
        for (site, text) in std::mem::take(&mut self.lowerer.notes) {
            let home = site.and_then(|site| {
                let inside = |(_, v): &&(Span, Span)| v.covers(site);
                values.iter().find(inside).map(|(name, _)| *name)
            });
            let solve = home.and_then(|home| outcome.solves.iter_mut().find(|s| s.span == home));
            match (solve, site) {
                (Some(solve), _) => solve.notes.push(text),
                (None, Some(site)) => {
                    self.problems.push(Diagnostic::note("mls::note", text).label(site, "noted here"));
                }
                (None, None) => self.problems.push(Diagnostic::note("mls::note", text)),
            }
        }
    }
}
