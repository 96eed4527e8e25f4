//! A whole run lowered once with its inputs open: what another value of one of them does to each claim, and whether all
//! else stays valid with it.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::program::{Action, Program, Step};
use crate::columns::graph::NodeId;
use crate::diagnostic::Severity;
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::{Input, inputs};
use crate::lower::perturb::lanes::{Lane, Lanes, Roots, Validity};
use crate::lower::perturb::opening::{Opening, groups};
use crate::lower::perturb::probe::{ExprKey, Trace};
use crate::lower::value::{Env, Owner, Value};
use crate::source::Sources;
use crate::whatif::claim::Claim;
use crate::whatif::trial_run::chosen;

/// Lowerings of a run at most: where claims depend on more inputs than fit, each is better opened by itself.
const GROUPS: usize = 8;

/// What a field of an input is told apart by.
type Key = (ExprKey, Vec<u32>);

/// A run with its inputs open.
pub struct Opened<'p> {
    /// What the claims may depend on.
    pub inputs: Vec<Input<'p>>,
    /// Inputs that are open together.
    groups: Vec<(Vec<usize>, Option<Lanes<'p>>)>,
    /// Of each input: its group, and its place there.
    places: FxHashMap<Key, (usize, usize)>,
}

/// Of one claim, what of it depends on each input.
pub struct Quick<'o, 'p> {
    pub lanes: Vec<(&'o Input<'p>, Lane<'o, 'p>)>,
    /// Inputs of which it is known whether the claim depends on them; `None` for all there are.
    known: Option<FxHashSet<Key>>,
}

impl Quick<'_, '_> {
    /// Is there nothing else that the claim may depend on?
    pub fn is_all(&self) -> bool {
        self.known.is_none()
    }

    pub fn knows(&self, input: &Input) -> bool {
        self.known.as_ref().is_none_or(|known| known.contains(&input.key()))
    }
}

impl<'p> Opened<'p> {
    pub fn new(program: &'p Program, sources: &'p Sources, claims: &[Claim<'p>]) -> Self {
        let mut lowerer = Lowerer::new(program, sources);
        lowerer.trace = Some(Trace::default());
        claims.iter().for_each(|claim| drop(claim.roots(&mut lowerer)));
        let mut trace = lowerer.trace.take().unwrap_or_default();
        // What was made from others before those: of equal changes, the one that touches less.
        trace.sites.reverse();
        let conditions: Vec<_> = claims.iter().map(|claim| claim.condition).collect();
        let inputs = chosen(inputs(&mut lowerer, &conditions, &trace), sources);
        let keys: Vec<ExprKey> = inputs.iter().map(|input| ExprKey::of(input.literal)).collect();
        let mut members = groups(&keys);
        if members.len() > GROUPS {
            members.clear();
        }
        let groups: Vec<(Vec<usize>, Option<Lanes<'p>>)> = members
            .into_par_iter()
            .map(|members| {
                let open: Vec<Opening> = members.iter().map(|m| inputs[*m].opening()).collect();
                let mut lowerer = Lowerer::opening(program, sources, &open);
                let (roots, sound) = Pass::over(&mut lowerer, claims);
                (members, lowerer.lanes(roots, sound))
            })
            .collect();
        let mut places = FxHashMap::default();
        for (group, (members, _)) in groups.iter().enumerate() {
            places.extend(members.iter().enumerate().map(|(axis, m)| (inputs[*m].key(), (group, axis))));
        }
        Opened { inputs, groups, places }
    }

    /// What of a claim depends on each input. `now`: what the claim comes to.
    pub fn quick(&self, claim: usize, now: bool) -> Quick<'_, 'p> {
        let (mut found, mut known, mut all) = (vec![], FxHashSet::default(), true);
        for (members, lanes) in &self.groups {
            // The lowering with open inputs must come to what the claim comes to.
            let Some(lanes) = lanes.as_ref().filter(|l| l.now(claim) == f64::from(u8::from(now))) else {
                all = false;
                continue;
            };
            for (axis, member) in members.iter().enumerate() {
                let input = &self.inputs[*member];
                if lanes.is_fixed(axis) {
                    all = false;
                    continue;
                }
                known.insert(input.key());
                found.extend(lanes.along(claim, axis).map(|lane| (input, lane)));
            }
        }
        all &= !self.groups.is_empty() || self.inputs.is_empty();
        Quick { lanes: found, known: (!all).then_some(known) }
    }

    /// Is a claim as wanted with another value of an input, nothing becomes invalid, and nothing is noted that is not
    /// now? `None` where only a run tells.
    pub fn accepts(&self, claim: usize, input: &Input, value: f64, wanted: bool) -> Option<bool> {
        let (group, axis) = *self.places.get(&input.key())?;
        let lanes = self.groups[group].1.as_ref()?;
        let wanted = f64::from(u8::from(wanted));
        if lanes.now(claim) != 1.0 - wanted {
            return None;
        }
        let valid = lanes.stays_valid(axis, value)?;
        Some(valid && lanes.along(claim, axis)?.verdicts(&[value]) == [wanted])
    }
}

/// Everything that a run looks at, lowered.
struct Pass<'l, 'p> {
    lowerer: &'l mut Lowerer<'p>,
    sound: Validity,
    /// Nothing was met that only a run can look at.
    complete: bool,
}

impl<'p> Pass<'_, 'p> {
    /// What each claim comes to, and what must stay valid.
    fn over(lowerer: &mut Lowerer<'p>, claims: &[Claim<'p>]) -> (Vec<Option<Roots>>, Option<Validity>) {
        let program = lowerer.program;
        let mut pass = Pass { lowerer, sound: Validity::default(), complete: true };
        for plan in &program.files {
            for id in &plan.globals {
                match pass.lowerer.global(*id) {
                    Ok((value, _)) => pass.value(&value, None),
                    Err(_) => pass.complete = false,
                }
            }
            plan.steps.iter().for_each(|step| pass.step(step));
        }
        let roots = claims.iter().map(|claim| claim.roots(pass.lowerer)).collect();
        let wrong = pass.lowerer.findings.problems.iter().any(|p| p.severity == Severity::Error);
        (roots, (pass.complete && !wrong).then_some(pass.sound))
    }

    fn step(&mut self, step: &'p Step) {
        let env = Env::new(Owner::Step, step.locals.len());
        match &step.action {
            // It is a value that the file declares.
            Action::Solve(_) => {}
            Action::Show(e) | Action::Assert { condition: e, .. } => {
                match self.lowerer.at_site(e.span, |l| l.lower(e, &env)) {
                    Ok(value) => self.value(&value, None),
                    Err(_) => self.complete = false,
                }
            }
            // What is asked of points, a run visits.
            Action::Sweep(_) | Action::AssertGrid { .. } | Action::Plot(_) => self.complete = false,
        }
    }

    /// A value that a run reports if it is none, `present` where it may be absent.
    fn value(&mut self, value: &Value<'p>, present: Option<NodeId>) {
        match value {
            Value::Node(id) | Value::Poison(id) => self.sound.values.push((present, *id)),
            Value::List(items) => items.iter().for_each(|item| self.value(item, present)),
            Value::Record(record) => {
                record.given.iter().flatten().for_each(|slot| self.value(&slot.value, present));
            }
            Value::Solve(solve) => {
                let outputs = self.lowerer.program.solver(solve.solver).outputs.clone();
                match self.lowerer.results(solve) {
                    Ok(env) => outputs
                        .iter()
                        .filter_map(|slot| env.get(slot.index()))
                        .for_each(|value| self.value(&value, present)),
                    Err(_) => self.complete = false,
                }
            }
            Value::Maybe(present, inner) => self.value(inner, Some(*present)),
            Value::Solver(_) | Value::Absent => {}
            Value::Grid(_) | Value::Column(..) => self.complete = false,
        }
    }
}
