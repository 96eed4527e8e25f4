//! How much a number moves when an input does: its elasticity, per cent for one per cent.

use std::rc::Rc;
use std::sync::Arc;

use crate::check::program::{Expr, ExprKind, Program, Type};
use crate::diagnostic::Diagnostic;
use crate::lower::lowerer::{Lowered, Lowerer};
use crate::lower::overrides::new_record;
use crate::lower::perturb::input::{Input, inputs, plain};
use crate::lower::perturb::lanes::{Lanes, Roots};
use crate::lower::perturb::opening::{Opening, groups};
use crate::lower::perturb::probe::{ExprKey, Probe, Trace};
use crate::lower::perturb::slope::slope;
use crate::lower::value::{Env, Owner, Slot, Value};
use crate::source::{Sources, Span};

/// An expression that is evaluated again and again, in the frame of nothing.
#[derive(Clone, Copy)]
struct ElasticityQuestion<'a, 'p> {
    program: &'p Program,
    sources: &'p Sources,
    of: &'p Expr,
    /// A what-if that stands around it.
    probe: Option<&'a Probe>,
}

impl<'p> Lowerer<'p> {
    /// `sensitivity(x, input)` is a number, `sensitivity(x)` a list of all inputs, the largest first.
    pub(in crate::lower) fn sensitivity(
        &mut self,
        e: &'p Expr,
        of: &'p Expr,
        input: Option<&'p Expr>,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        self.visits_points(e)?;
        let probe = self.mode.probe.clone();
        let question =
            ElasticityQuestion { program: self.program, sources: self.sources, of, probe: probe.as_ref() };
        let node = self.node(of, env)?;
        let own = self.graph.value(node);
        if own.is_nan() {
            return Ok(Value::Poison(node));
        }
        if own == 0.0 {
            return Err(self.fail(no_elasticity(of.span)));
        }
        match input {
            Some(input) => {
                let made = self.computation(input, env);
                let literal = plain(made.expr).and_then(|e| Some((e, number(e)?))).filter(|(_, v)| *v != 0.0);
                let Some((literal, value)) = literal else {
                    return Err(self.fail(
                        Diagnostic::error(
                            "mls::not-an-input",
                            "this is not an input: it is computed, or zero",
                        )
                        .label(input.span, "moves only when something else does")
                        .help("name a number that somebody wrote: a param, a field, an argument of a solve"),
                    ));
                };
                let opening = (ExprKey::of(literal), vec![], value);
                let found = question.elasticities(
                    own,
                    &[Varied { literal: ExprKey::of(literal), opening, whole: is_whole(literal) }],
                )[0]
                .unwrap_or(0.0);
                Ok(self.constant(found, Some(e)))
            }
            None => Ok(self.elasticity_list(e, question.all(own))),
        }
    }

    /// The list as records of the type that the expression has.
    fn elasticity_list(&mut self, e: &'p Expr, found: Vec<(String, f64)>) -> Value<'p> {
        let Type::List(element) = &e.ty else { return Value::Absent };
        let Type::Record(ty) = **element else { return Value::Absent };
        let slot = |value| Some(Slot::new(value, None));
        let mut items = vec![];
        for (name, elasticity) in found {
            let name = self.text(&Arc::from(name), Some(e));
            let number = self.constant(elasticity, Some(e));
            items.push(Value::Record(new_record(ty, vec![slot(name), slot(number)])));
        }
        Value::List(Rc::new(items))
    }
}

/// Zero grows by no share of itself.
pub fn no_elasticity(span: Span) -> Diagnostic {
    Diagnostic::error("mls::no-elasticity", "of a value that is zero there are no per cent")
        .label(span, "0 here")
        .help("ask about a part of it that is not zero")
}

/// What is asked about is a member, a flag, a solve.
pub fn not_a_number(found: &str, span: Span) -> Diagnostic {
    Diagnostic::error("mls::not-a-number", format!("`sensitivity` is of numbers, this is {found}"))
        .label(span, "not a number")
        .help("ask for a quantity: `sensitivity(one.latency)`")
}

/// A count: there is no half of one.
fn is_whole(e: &Expr) -> bool {
    matches!(e.kind, ExprKind::Number(value) if value.fract() == 0.0)
}

fn number(e: &Expr) -> Option<f64> {
    match e.kind {
        ExprKind::Number(value) | ExprKind::Quantity { value, .. } => Some(value),
        _ => None,
    }
}

/// An input whose elasticity is asked for.
struct Varied {
    literal: ExprKey,
    opening: Opening,
    /// A count.
    whole: bool,
}

impl<'p> ElasticityQuestion<'_, 'p> {
    fn lowerer(&self) -> Lowerer<'p> {
        match self.probe {
            Some(probe) => Lowerer::probing(self.program, self.sources, probe.clone()),
            None => Lowerer::new(self.program, self.sources),
        }
    }

    /// All inputs that move it, the largest first.
    fn all(&self, own: f64) -> Vec<(String, f64)> {
        let mut lowerer = self.lowerer();
        lowerer.trace = Some(Trace::default());
        let _ = lowerer.lower(self.of, &Env::new(Owner::Step, 0));
        let trace = lowerer.trace.take().unwrap_or_default();
        let mut inputs: Vec<Input> = inputs(&mut lowerer, &[self.of], &trace);
        inputs.retain(|i| matches!(i.ty.required(), Type::Quantity(_)) && i.value != 0.0);
        let varied: Vec<Varied> = inputs
            .iter()
            .map(|i| Varied { literal: ExprKey::of(i.literal), opening: i.opening(), whole: i.whole })
            .collect();
        let found = self.elasticities(own, &varied);
        let mut all: Vec<(String, f64)> = inputs
            .into_iter()
            .zip(found)
            .filter_map(|(input, found)| Some((input.name, found.filter(|f| *f != 0.0)?)))
            .collect();
        all.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
        all
    }

    /// The elasticity to each input; `None` where it has none.
    fn elasticities(&self, own: f64, inputs: &[Varied]) -> Vec<Option<f64>> {
        let literals: Vec<ExprKey> = inputs.iter().map(|input| input.literal).collect();
        let mut found = vec![None; inputs.len()];
        for members in groups(&literals) {
            let openings: Vec<Opening> = members.iter().map(|m| inputs[*m].opening.clone()).collect();
            let lanes = self.open(&openings).filter(|lanes| lanes.now(0) == own);
            for (axis, (opening, member)) in openings.iter().zip(&members).enumerate() {
                let lanes = lanes.as_ref().filter(|lanes| !lanes.is_fixed(axis));
                let lane = lanes.map(|lanes| lanes.along(0, axis));
                let moved = slope(own, self.now(opening), inputs[*member].whole, |values| match &lane {
                    Some(Some(lane)) => lane.verdicts(values),
                    Some(None) => vec![own; values.len()],
                    None => values.iter().map(|value| self.at(opening, *value)).collect(),
                });
                found[*member] = moved.map(|slope| slope.elasticity);
            }
        }
        found
    }

    /// An input's value, a what-if heeded.
    fn now(&self, (at, path, value): &Opening) -> f64 {
        match self.probe {
            Some(probe) if probe.at == *at && probe.path == *path => probe.values[0],
            _ => *value,
        }
    }

    fn open(&self, group: &[Opening]) -> Option<Lanes<'p>> {
        let now: Vec<Opening> = group.iter().map(|o| (o.0, o.1.clone(), self.now(o))).collect();
        let mut lowerer = Lowerer::opening(self.program, self.sources, &now);
        lowerer.mode.probe = self.probe.cloned();
        let condition = lowerer.node(self.of, &Env::new(Owner::Step, 0)).ok()?;
        lowerer.lanes(vec![Some(Roots { condition, over: None })], None)
    }

    /// The number with another value of one input, by itself.
    fn at(&self, (at, path, _): &Opening, value: f64) -> f64 {
        if self.probe.is_some() {
            return f64::NAN;
        }
        let probe = Probe { at: *at, path: path.clone(), values: vec![value] };
        let mut lowerer = Lowerer::probing(self.program, self.sources, probe);
        let node = lowerer.node(self.of, &Env::new(Owner::Step, 0));
        node.ok().and_then(|n| lowerer.graph.known(n)).unwrap_or(f64::NAN)
    }
}
