//! A whole run lowered once with its inputs open: what another value of one of them does to each claim, and whether all
//! else stays valid with it.

use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};

use crate::check::program::{Action, Program, Step};
use crate::diagnostic::Severity;
use crate::library;
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::{Input, inputs};
use crate::lower::perturb::lanes::{Lane, Lanes, Roots, Validity};
use crate::lower::perturb::opening::{Opening, groups};
use crate::lower::perturb::probe::{ExprKey, Trace};
use crate::lower::value::{Env, Owner, Value};
use crate::run::undefined_value;
use crate::source::Sources;
use crate::whatif::claim::Claim;

/// Lowerings of a run at most: where claims depend on more inputs than fit, each is better opened by itself.
const GROUPS: usize = 8;

/// An input, and the field of it that is open.
type Key = (ExprKey, Vec<u32>);

/// A run with its inputs open.
pub struct OpenRun<'p> {
    /// What the claims may depend on.
    pub inputs: Vec<Input<'p>>,
    /// Inputs that are open together.
    groups: Vec<(Vec<usize>, Option<Lanes<'p>>)>,
    /// Of each input: its group, and its place there.
    places: FxHashMap<Key, (usize, usize)>,
}

/// Of one claim, what of it depends on each input.
pub struct OpenInputs<'o, 'p> {
    pub lanes: Vec<(&'o Input<'p>, Lane<'o, 'p>)>,
    /// Inputs of which it is known whether the claim depends on them; `None` for all there are.
    known: Option<FxHashSet<Key>>,
}

impl OpenInputs<'_, '_> {
    /// Is there nothing else that the claim may depend on?
    pub fn is_all(&self) -> bool {
        self.known.is_none()
    }

    pub fn knows(&self, input: &Input) -> bool {
        self.known.as_ref().is_none_or(|known| known.contains(&input.key()))
    }
}

impl<'p> OpenRun<'p> {
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
        OpenRun { inputs, groups, places }
    }

    /// What of a claim depends on each input. `now`: whether the claim holds.
    pub fn open_inputs(&self, claim: usize, now: bool) -> OpenInputs<'_, 'p> {
        let (mut found, mut known, mut all) = (vec![], FxHashSet::default(), true);
        for (members, lanes) in &self.groups {
            // The lowering with open inputs must agree with the claim as it stands.
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
        OpenInputs { lanes: found, known: (!all).then_some(known) }
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

/// Inputs that the author of a plan chooses; what was measured of kernels and engines is none.
pub fn chosen<'p>(inputs: Vec<Input<'p>>, sources: &Sources) -> Vec<Input<'p>> {
    let measured = |input: &Input| library::is_measured(&sources.file(input.literal.span.file).text);
    inputs.into_iter().filter(|input| !measured(input)).collect()
}

/// Everything that a run looks at, lowered.
struct Pass<'l, 'p> {
    lowerer: &'l mut Lowerer<'p>,
    sound: Validity,
    /// Nothing was met that only a run can look at.
    complete: bool,
}

impl<'p> Pass<'_, 'p> {
    /// The condition of each claim, and what must stay valid.
    fn over(lowerer: &mut Lowerer<'p>, claims: &[Claim<'p>]) -> (Vec<Option<Roots>>, Option<Validity>) {
        let program = lowerer.program;
        let mut pass = Pass { lowerer, sound: Validity::default(), complete: true };
        for plan in &program.files {
            for id in &plan.globals {
                match pass.lowerer.global(*id) {
                    Ok((value, _)) => pass.value(&value),
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
                    Ok(value) => self.value(&value),
                    Err(_) => self.complete = false,
                }
            }
            // What is asked of points, a run visits.
            Action::Sweep(_) | Action::AssertGrid { .. } | Action::Plot(_) => self.complete = false,
        }
    }

    /// Adds the numbers within a value that a run reports.
    fn value(&mut self, value: &Value<'p>) {
        let within = undefined_value::numbers_within(self.lowerer, value);
        self.sound.values.extend(within.numbers);
        self.complete &= within.complete;
    }
}
