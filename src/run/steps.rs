//! A run: every value of a file evaluated, its solves and assertions reported in order.

use std::rc::Rc;

use rustc_hash::FxHashSet;

use crate::check::program::{Action, Expr, FilePlan, GlobalId, Plot, Program, Step};
use crate::codes;
use crate::columns::graph::NodeId;
use crate::columns::scan::observer::Watch;
use crate::diagnostic::{Diagnostic, Severity};
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::probe::Probe;
use crate::lower::value::{Env, GridValue, Owner, Value};
use crate::outcome::figure::PlotOutcome;
use crate::outcome::{AssertionOutcome, FileOutcome, ShowOutcome, SolveOutcome, SweepOutcome};
use crate::run::assertion;
use crate::run::assertion::all_points;
use crate::run::assertion::infeasible;
use crate::run::assertion::{Asserted, ExplainValue};
use crate::run::chart::NoChart;
use crate::run::chart::plot;
use crate::run::data::datum::datum;
use crate::run::data::export;
use crate::run::data::export::Tables;
use crate::run::data::setting::setting;
use crate::run::data::sweep;
use crate::run::headline;
use crate::run::headline::ReadOutputs;
use crate::run::undefined_value;
use crate::source::{Sources, Span};

/// What a run is given besides the program.
#[derive(Clone, Default)]
pub struct Terms<'a> {
    /// The observer of its progress, and which share of the points it visits.
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
    explain: ExplainValue,
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
    explain: ExplainValue,
    terms: &Terms<'p>,
) -> (Vec<FileOutcome>, Vec<Diagnostic>, u64) {
    let mut runner = Runner {
        lowerer,
        tables: terms.tables,
        columns: terms.columns,
        explain,
        problems: vec![],
        blamed: FxHashSet::default(),
        read: ReadOutputs::default(),
        reported: 0,
    };
    let files = program.files.iter().map(|plan| runner.file(plan)).collect();
    let mut problems = runner.problems;
    problems.append(&mut runner.lowerer.findings.problems);
    (files, problems, runner.lowerer.work())
}

struct Runner<'p> {
    lowerer: Lowerer<'p>,
    tables: Option<&'p dyn Tables>,
    columns: u64,
    explain: ExplainValue,
    problems: Vec<Diagnostic>,
    /// Causes that have been reported.
    blamed: FxHashSet<NodeId>,
    /// Outputs that the statements of the file read.
    read: ReadOutputs,
    /// Requirements that have been reported.
    reported: usize,
}

impl<'p> Runner<'p> {
    fn file(&mut self, plan: &'p FilePlan) -> FileOutcome {
        let path = self.lowerer.sources.file(plan.file).path.to_string();
        let mut outcome = FileOutcome { path, ..FileOutcome::default() };
        for id in &plan.globals {
            self.force(*id);
        }
        self.read = headline::read_outputs(self.lowerer.program, plan);
        for step in &plan.steps {
            self.guarded_step(step, &mut outcome);
        }
        if self.lowerer.graph.watch.shard.is_some() {
            self.soften_empty_grids();
        }
        self.requirements();
        self.sweep_notes(plan, &mut outcome);
        self.notes(&mut outcome);
        self.unasserted(plan, &outcome);
        outcome
    }

    /// Evaluates a value that the file declares, so that what is wrong with it is reported even if nothing reads it.
    fn force(&mut self, id: GlobalId) {
        if let Ok((value, _)) = self.lowerer.global(id) {
            self.inspect(&value);
        }
    }

    /// A step whose findings count only if it ran to its end. Under `--shard` what asks something of no points is left
    /// out too: other shards may have some.
    fn guarded_step(&mut self, step: &'p Step, outcome: &mut FileOutcome) {
        let before = (outcome.sweeps.len(), outcome.shows.len(), outcome.assertions.len());
        let reported = self.lowerer.findings.problems.len();
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
        let empty = || self.lowerer.findings.problems[reported..].iter().any(|d| d.code == codes::EMPTY_GRID);
        if watch.stopped() || watch.shard.is_some() && empty() {
            outcome.sweeps.truncate(before.0);
            outcome.shows.truncate(before.1);
            outcome.assertions.truncate(before.2);
        }
    }

    /// One statement, by its kind.
    fn step(&mut self, step: &'p Step, outcome: &mut FileOutcome) {
        let scenario = step.scenario.as_ref().map(|s| s.to_string());
        let env = Env::new(Owner::Step, step.locals.len());
        match &step.action {
            Action::Solve(id) => outcome.solves.extend(self.solve(*id, scenario)),
            Action::Sweep(id) => outcome.sweeps.extend(self.sweep(*id, scenario)),
            Action::Assert { kind, condition, message, span } => {
                let asserted =
                    Asserted { kind: *kind, condition, message: message.as_ref(), span: *span, scenario };
                outcome.assertions.push(self.assert(&asserted, &env));
            }
            Action::AssertGrid { kind, all, grid, condition, message, span } => {
                let asserted =
                    Asserted { kind: *kind, condition, message: message.as_ref(), span: *span, scenario };
                outcome.assertions.push(self.assert_grid(&asserted, *all, grid, &env));
            }
            Action::Show(e) => outcome.shows.extend(self.show(e, &env, scenario)),
            Action::Plot(plot) => outcome.plots.extend(self.plot(plot, &env, scenario)),
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
            Some((sweep, point)) => setting(&mut self.lowerer, sweep, point),
            None => vec![],
        };
        let axes = outputs.len();
        let mut infeasible = vec![];
        for slot in &solver.outputs {
            let local = &solver.locals[slot.index()];
            let value = env.get(slot.index()).unwrap_or(Value::Absent);
            self.inspect(&value);
            for reason in self.infeasible(&value) {
                if !infeasible.contains(&reason) {
                    infeasible.push(reason);
                }
            }
            let shown = datum(&mut self.lowerer, &value, &local.ty, local.unit.as_ref());
            outputs.push((local.name.to_string(), shown));
        }
        Some(SolveOutcome {
            name: global.name.to_string(),
            scenario,
            solver: solver.name.to_string(),
            headline: (0..axes)
                .chain(headline::headline(solver, solve.solver, &self.read).into_iter().map(|i| axes + i))
                .collect(),
            outputs,
            infeasible,
            notes: vec![],
            span: global.span,
        })
    }

    fn sweep(&mut self, id: GlobalId, scenario: Option<String>) -> Option<SweepOutcome> {
        let global = self.lowerer.program.global(id);
        let (name, span) = (global.name.to_string(), global.span);
        let Ok((Value::Grid(grid), _)) = self.lowerer.global(id) else { return None };
        self.export(&grid, &name, scenario.as_deref(), span);
        let found = self.lowerer.at_site(span, |l| sweep::summary(l, &grid, name, scenario, span));
        let columns = match self.columns {
            0 => vec![],
            limit => self.lowerer.at_site(span, |l| sweep::columns(l, &grid, limit)),
        };
        found.map(|sweep| SweepOutcome { columns, ..sweep })
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

    fn assert(&mut self, asserted: &Asserted<'p>, env: &Rc<Env<'p>>) -> AssertionOutcome {
        let explain = self.explain;
        let (assertion, node) =
            self.lowerer.at_site(asserted.span, |l| assertion::evaluate(l, asserted, env, explain));
        if let Some(node) = node {
            self.report_undefined(node);
        }
        assertion
    }

    /// An assertion over `all` points of a grid, or over any.
    fn assert_grid(
        &mut self,
        asserted: &Asserted<'p>,
        all: bool,
        grid: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> AssertionOutcome {
        let explain = self.explain;
        let (mut assertion, node) = self
            .lowerer
            .at_site(asserted.span, |l| all_points::evaluate(l, asserted, all, grid, env, explain));
        if let Some(node) = node {
            self.report_undefined(node);
        }
        // What one shard lacks, another may have.
        if !all && self.lowerer.graph.watch.shard.is_some() {
            assertion.severity = Severity::Warning;
            if let Some(failure) = &mut assertion.failure {
                failure.severity = Severity::Warning;
            }
        }
        assertion
    }

    fn show(&mut self, e: &'p Expr, env: &Rc<Env<'p>>, scenario: Option<String>) -> Option<ShowOutcome> {
        let value = self.lowerer.at_site(e.span, |l| l.lower(e, env)).ok()?;
        self.inspect(&value);
        let unit = self.lowerer.unit_of(e, env);
        let text = self.lowerer.sources.text(e.span).to_string();
        let infeasible = self.infeasible(&value);
        let value = datum(&mut self.lowerer, &value, &e.ty, unit.as_ref());
        Some(ShowOutcome { scenario, text, value, infeasible, span: e.span })
    }

    fn plot(&mut self, plot: &'p Plot, env: &Rc<Env<'p>>, scenario: Option<String>) -> Option<PlotOutcome> {
        match self.lowerer.at_site(plot.span, |l| plot::evaluate(l, plot, env, scenario)) {
            Ok(chart) => return Some(chart),
            Err(NoChart::Undefined(node)) => self.report_undefined(node),
            Err(NoChart::Reported) => {}
        }
        None
    }

    /// What one share of the points cannot know is no error of the plan.
    fn soften_empty_grids(&mut self) {
        for problem in self.lowerer.findings.problems.iter_mut().filter(|d| d.code == codes::EMPTY_GRID) {
            problem.severity = Severity::Note;
            problem.help = Some("this shard has no such point; another may have one".into());
        }
    }

    fn requirements(&mut self) {
        while self.reported < self.lowerer.findings.requirements.len() {
            let node = self.lowerer.findings.requirements[self.reported].node;
            if self.lowerer.graph.value(node).is_nan() {
                // A condition without a value: what it lacks is reported, not that it fails.
                self.report_undefined(node);
                self.reported += 1;
                continue;
            }
            let diagnostic = undefined_value::requirement(&mut self.lowerer, self.reported);
            if !self.problems.contains(&diagnostic) {
                self.problems.push(diagnostic);
            }
            self.reported += 1;
        }
    }

    /// Why a value is about no machine that runs.
    fn infeasible(&mut self, value: &Value<'p>) -> Vec<String> {
        let mut found = vec![];
        match value {
            Value::Node(id) => {
                for index in infeasible::behind(&mut self.lowerer, *id) {
                    found.push(self.lowerer.infeasibility_text(index));
                }
            }
            Value::List(items) => items.iter().for_each(|item| found.extend(self.infeasible(item))),
            Value::Maybe(_, inner) => found.extend(self.infeasible(inner)),
            _ => {}
        }
        found.dedup();
        found
    }

    /// Solves that describe no machine that runs, and that no assertion reads.
    fn unasserted(&mut self, plan: &'p FilePlan, outcome: &FileOutcome) {
        if self.lowerer.feasibility.found.is_empty() {
            return;
        }
        let asserted = infeasible::asserted(self.lowerer.program, plan);
        for step in &plan.steps {
            let Action::Solve(id) = &step.action else { continue };
            let global = self.lowerer.program.global(*id);
            let Some(solve) = outcome.solves.iter().find(|s| s.span == global.span) else { continue };
            if solve.infeasible.is_empty() || asserted.contains(id) {
                continue;
            }
            let message =
                format!("`{}` describes no machine that runs, and nothing asserts over it", solve.name);
            let mut diagnostic = Diagnostic::warning("mls::infeasible", message)
                .label(global.span, solve.infeasible[0].clone())
                .help("assert what it must meet: an assertion that reads its outputs fails");
            diagnostic.notes.extend(solve.infeasible[1..].iter().cloned());
            self.problems.push(diagnostic);
        }
    }

    /// Notes of swept solves, as far as a statement has read their outputs.
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
        let mut reported: Vec<String> = vec![];
        for (site, text) in std::mem::take(&mut self.lowerer.findings.notes) {
            let home = site.and_then(|site| {
                let inside = |(_, v): &&(Span, Span)| v.covers(site);
                values.iter().find(inside).map(|(name, _)| *name)
            });
            let solve = home.and_then(|home| outcome.solves.iter_mut().find(|s| s.span == home));
            match (solve, site) {
                (Some(solve), _) => solve.notes.push(text),
                // The same of several statements is said at the first.
                (None, _) if reported.contains(&text) => {}
                (None, Some(site)) => {
                    reported.push(text.clone());
                    self.problems.push(Diagnostic::note("mls::note", text).label(site, "noted here"));
                }
                (None, None) => self.problems.push(Diagnostic::note("mls::note", text)),
            }
        }
    }

    /// Reports what is undefined in a value and in what it holds.
    fn inspect(&mut self, value: &Value<'p>) {
        for (_, node) in undefined_value::numbers_within(&mut self.lowerer, value).numbers {
            self.report_undefined(node);
        }
    }

    fn report_undefined(&mut self, node: NodeId) {
        if !self.lowerer.graph.value(node).is_nan() {
            return;
        }
        if let Some((cause, diagnostic)) = undefined_value::poisoned(&mut self.lowerer, node)
            && self.blamed.insert(cause)
        {
            self.problems.push(diagnostic);
        }
    }
}
