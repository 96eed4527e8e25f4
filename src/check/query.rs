//! A question about an expression, in the scope of a file or of one of its scenarios.

use std::sync::Arc;

use crate::check::error::TypeError;
use crate::check::names::ScopeId;
use crate::check::program::{Expr, ExprKind, LocalId, Program, SweepId, Type};
use crate::check::{Checker, Frame, Role, Want};
use crate::diagnostic::{Diagnostic, Problems};
use crate::source::{FileId, Origin, SourceProvider, Sources, Span};
use crate::suggest;
use crate::syntax;

/// What is asked, as text.
#[derive(Clone, Debug, Default)]
pub struct Question {
    /// An expression over the names of the plan: `one.latency`, `grid[batch: 64]`.
    pub expression: String,
    /// The scenario whose names are in sight; `night.quiet.latency` says so too.
    pub scenario: Option<String>,
    /// Values of axes, which choose a point of a sweep: `batch`, `64`.
    pub at: Vec<(String, String)>,
}

impl Question {
    /// As one reads it: `grid.latency at batch: 64`.
    pub fn text(&self) -> String {
        let at: Vec<String> = self.at.iter().map(|(axis, value)| format!("{axis}: {value}")).collect();
        match at.is_empty() {
            true => self.expression.trim().to_string(),
            false => format!("{} at {}", self.expression.trim(), at.join(", ")),
        }
    }
}

/// A question, checked.
pub struct Query {
    pub value: Expr,
    /// Slots that the expression binds.
    pub locals: usize,
    /// Axes by their index, and the value of each.
    pub at: Vec<(usize, Expr)>,
}

/// Checks a file and a question about it.
pub fn check_question(
    provider: &dyn SourceProvider,
    sources: &mut Sources,
    problems: &mut Problems,
    (path, set): (&str, &[(String, String)]),
    question: &Question,
) -> (Program, Option<Query>) {
    let mut checker = Checker::new(provider, sources, problems);
    checker.load_prelude();
    let scope = checker.load_file(path, None);
    checker.declare_units();
    let Some(scope) = scope else { return (checker.program, None) };
    checker.apply_settings(&[scope], set);
    let plan = checker.check_file(scope);
    checker.program.files.push(plan);
    let query = checker.question(scope, question);
    checker.settle();
    (checker.program, query)
}

impl Checker<'_> {
    fn question(&mut self, file: ScopeId, question: &Question) -> Option<Query> {
        let (text, mut at) = point_of(&question.expression);
        at.extend(question.at.iter().cloned());
        let (scope, text) = match &question.scenario {
            Some(name) => (self.scenario(file, name)?, text),
            None => self.scenario_in_front(file, text),
        };
        let id = self.sources.add("EXPR", Origin::Argument, text.as_str());
        let tree = match syntax::parse_expression(id, &text) {
            Ok(tree) => tree,
            Err(problems) => {
                self.problems.extend(problems);
                return None;
            }
        };
        if question.scenario.is_none() && self.stands_elsewhere(file, scope, id) {
            return None;
        }
        let mut frame = Frame::new(scope);
        let value = self.infer(&mut frame, &tree, None);
        if value.ty.is_unknown() {
            return None;
        }
        if let Type::Solver(_) = value.ty {
            let found = self.program.describe(&value.ty);
            self.report(TypeError::NotAValue { span: value.span, found });
            return None;
        }
        let at = self.axes(scope, &value, &at)?;
        let value = if at.is_empty() { value } else { self.whole_point(value) };
        Some(Query { value, locals: frame.locals.len(), at })
    }

    /// `grid[batch: 64]`: the point itself, as a column of points.
    fn whole_point(&self, grid: Expr) -> Expr {
        let Type::Grid(sweep) = grid.ty else { return grid };
        let (span, ty) = (grid.span, self.program.sweep(sweep).base.ty.clone());
        let point = Expr { kind: ExprKind::Local(LocalId(0)), ty: ty.clone(), span };
        let kind = ExprKind::Column { grid: Box::new(grid), body: Box::new(point) };
        Expr { kind, ty: Type::Column(sweep, Box::new(ty)), span }
    }

    /// Reports a question whose first name is declared only in a scenario that the question does not name.
    fn stands_elsewhere(&mut self, file: ScopeId, scope: ScopeId, id: FileId) -> bool {
        let text = self.sources.file(id).text.to_string();
        let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
        let name = &text[..end];
        if name.is_empty() || self.find(scope, name).is_some() {
            return false;
        }
        // `fleet.reserve`, where `use "fleet.mls"` has brought in `reserve`.
        if let Some(rest) = text[end..].strip_prefix('.') {
            let inner = rest.split(|c: char| !(c.is_alphanumeric() || c == '_')).next().unwrap_or("");
            if !inner.is_empty() && self.find(scope, inner).is_some() {
                let problem = Diagnostic::error("mls::unknown-name", format!("`{name}` is not declared"))
                    .label(Span::new(id, 0, end), "nothing of this name is in sight")
                    .help(format!("`{inner}` is in sight by itself: ask for `{rest}`"));
                self.problems.push(problem);
                return true;
            }
        }
        let scenarios = self.scopes[file.index()].scenarios.clone();
        let home = scenarios.iter().find(|s| self.scopes[s.index()].names.contains_key(name));
        let Some(home) = home.and_then(|s| self.scopes[s.index()].scenario.clone()) else { return false };
        let plain = home.chars().all(|c| c.is_alphanumeric() || c == '_');
        let lead = if plain { home.to_string() } else { format!("\"{home}\"") };
        let problem = Diagnostic::error("mls::unknown-name", format!("`{name}` is declared in a scenario"))
            .label(Span::new(id, 0, end), format!("of scenario \"{home}\""))
            .help(format!("ask for `{lead}.{}`", text.trim()));
        self.problems.push(problem);
        true
    }

    /// The scope of a scenario.
    fn scenario(&mut self, file: ScopeId, name: &str) -> Option<ScopeId> {
        let scopes = self.scopes[file.index()].scenarios.clone();
        let names: Vec<Arc<str>> =
            scopes.iter().filter_map(|s| self.scopes[s.index()].scenario.clone()).collect();
        if let Some(index) = names.iter().position(|n| **n == *name) {
            return Some(scopes[index]);
        }
        let near = suggest::nearest(name, names.iter().map(|n| &**n));
        let known = suggest::enumerate(names.iter().map(|n| &**n), 8);
        let help = match (near, known.is_empty()) {
            (Some(near), _) => format!("did you mean `{near}`?"),
            (None, false) => format!("its scenarios are {known}"),
            (None, true) => "it has no scenarios".to_string(),
        };
        let message = format!("the file has no scenario `{name}`");
        self.problems.push(Diagnostic::error("mls::unknown-scenario", message).help(help));
        None
    }

    /// `night.quiet.latency` and `"peak load".one.latency`: a scenario's name before its value's.
    fn scenario_in_front(&mut self, file: ScopeId, text: String) -> (ScopeId, String) {
        for scope in self.scopes[file.index()].scenarios.clone() {
            let Some(name) = self.scopes[scope.index()].scenario.clone() else { continue };
            let quoted = format!("\"{name}\".");
            let plain = format!("{name}.");
            if let Some(rest) = text.strip_prefix(&quoted) {
                return (scope, rest.to_string());
            }
            // A value of that name comes first: it is what the file itself would mean.
            if let Some(rest) = text.strip_prefix(&plain)
                && self.lookup(file, &name).is_none()
            {
                return (scope, rest.to_string());
            }
        }
        (file, text)
    }

    /// Values of axes, checked: which axis of the sweep, and the value.
    fn axes(&mut self, scope: ScopeId, value: &Expr, at: &[(String, String)]) -> Option<Vec<(usize, Expr)>> {
        if at.is_empty() {
            return Some(vec![]);
        }
        let (Type::Grid(sweep) | Type::Column(sweep, _)) = value.ty else {
            let found = self.program.describe(&value.ty);
            let problem = Diagnostic::error("mls::not-a-grid", format!("this is {found}: it has no axes"))
                .label(value.span, "not a sweep")
                .help("a point is chosen of a sweep: `grid[batch: 64].latency`");
            self.problems.push(problem);
            return None;
        };
        at.iter().map(|(name, text)| self.axis(scope, sweep, name, text)).collect()
    }

    fn axis(&mut self, scope: ScopeId, sweep: SweepId, name: &str, text: &str) -> Option<(usize, Expr)> {
        // As it stands in the question; its value is read where it stands.
        let lead = format!("{name}: ");
        let id = self.sources.add("EXPR", Origin::Argument, format!("{lead}{text}").as_str());
        let text = &format!("{}{text}", " ".repeat(lead.len()));
        let axes = &self.program.sweep(sweep).axes;
        let short = |axis: &str| axis.rsplit('.').next().map(str::to_string);
        let index = axes.iter().position(|a| a.name == name);
        let index = index.or_else(|| axes.iter().position(|a| short(&a.name).as_deref() == Some(name)));
        let Some(index) = index else {
            let known = suggest::enumerate(axes.iter().map(|a| a.name.as_str()), 8);
            let message = format!("the sweep has no axis `{name}`");
            let problem = Diagnostic::error("mls::unknown-axis", message)
                .label(Span::new(id, 0, name.len()), "no axis")
                .help(format!("its axes are {known}"));
            self.problems.push(problem);
            return None;
        };
        let ty = axes[index].ty.clone();
        match syntax::parse_expression(id, text) {
            Ok(tree) => {
                let role = Role::Place("the value of an axis");
                let value = self.check_want(&mut Frame::new(scope), &tree, &Want { ty: &ty, role });
                (!value.ty.is_unknown()).then_some((index, value))
            }
            Err(problems) => {
                self.problems.extend(problems);
                None
            }
        }
    }
}

/// `grid[batch: 64, precision: fp8].latency` as `grid.latency` and the values of the axes.
fn point_of(text: &str) -> (String, Vec<(String, String)>) {
    let whole = (text.trim().to_string(), vec![]);
    let (Some(open), Some(close)) = (text.find('['), text.rfind(']')) else { return whole };
    if close < open {
        return whole;
    }
    let parts: Vec<Option<(String, String)>> = split_pairs(&text[open + 1..close]);
    if parts.is_empty() || parts.iter().any(Option::is_none) {
        return whole;
    }
    let rest = format!("{}{}", text[..open].trim(), text[close + 1..].trim());
    (rest, parts.into_iter().flatten().collect())
}

/// `batch: 64, precision: fp8`, or with `=`.
pub fn split_pairs(text: &str) -> Vec<Option<(String, String)>> {
    let (mut depth, mut start, mut parts) = (0i32, 0, vec![]);
    for (index, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    let pair = |part: &str| {
        let (name, value) = part.split_once([':', '='])?;
        let named = !name.trim().is_empty()
            && name.trim().chars().all(|c| c.is_alphanumeric() || c == '_' || c == '.');
        let value = value.trim();
        (named && !value.is_empty()).then(|| (name.trim().to_string(), value.to_string()))
    };
    parts.into_iter().map(pair).collect()
}
