//! A question about a value: its derivation, or how much each input moves it.

use rayon::prelude::*;

use crate::check::program::text::one_line;
use crate::check::program::{ExprKind, Program, SweepId, Type};
use crate::check::{Query, split_pairs};
use crate::columns::scan::Scan;
use crate::diagnostic::Diagnostic;
use crate::explain::derivation::{Detail, derive};
use crate::explain::read::grid_points::setting_text;
use crate::lower::lowerer::Lowerer;
use crate::lower::perturb::input::{Input, inputs};
use crate::lower::perturb::lanes::{Lanes, Roots};
use crate::lower::perturb::opening::{Opening, groups};
use crate::lower::perturb::probe::{ExprKey, Probe, Trace};
use crate::lower::perturb::sensitivity::{no_elasticity, not_a_number};
use crate::lower::perturb::slope::{Slope, slope};
use crate::lower::value::{Env, GridValue, Origin, Owner, Value};
use crate::outcome::derivation::Derivation;
use crate::outcome::elasticity::Elasticity;
use crate::run::undefined_value;
use crate::source::Sources;

/// Values of an axis that a message lists.
const LISTED: usize = 8;
/// Points that a choice of axes is looked for in.
const POINTS: u64 = 1 << 20;

/// `batch=64, precision=fp8` as pairs.
pub fn axes(text: &str) -> Option<Vec<(String, String)>> {
    split_pairs(text).into_iter().collect()
}

/// The derivation of what is asked.
pub fn explain(
    program: &Program,
    sources: &Sources,
    query: &Query,
    asked: &str,
    detail: Detail,
) -> Result<Derivation, Vec<Diagnostic>> {
    let mut lowerer = Lowerer::new(program, sources);
    let found = place(&mut lowerer, query);
    let derivation = found.and_then(|found| {
        let node = undefined_value::column(&found.value);
        match node.filter(|n| lowerer.graph.value(*n).is_nan()) {
            Some(node) => {
                let told = undefined_value::poisoned(&mut lowerer, node).map(|(_, d)| d);
                lowerer.findings.problems.extend(told);
                None
            }
            None => Some(derive(&mut lowerer, asked, &found.at, detail, found.swept)),
        }
    });
    for index in 0..lowerer.findings.requirements.len() {
        let problem = undefined_value::requirement(&mut lowerer, index);
        lowerer.findings.problems.push(problem);
    }
    match derivation {
        Some(derivation) if lowerer.findings.problems.is_empty() => Ok(derivation),
        _ => Err(lowerer.findings.problems),
    }
}

/// Where the asked expression stands, its value, and the sweep of whose point it is.
struct QuestionSite<'p> {
    at: Origin<'p>,
    value: Value<'p>,
    swept: Vec<SweepId>,
}

/// Where the asked expression stands: in a frame of its own, or at a point of a sweep.
fn place<'p>(lowerer: &mut Lowerer<'p>, query: &'p Query) -> Option<QuestionSite<'p>> {
    let env = Env::new(Owner::Step, query.locals);
    let value = lowerer.lower(&query.value, &env).ok()?;
    match value {
        Value::Column(grid, body) => {
            let point = point(lowerer, query, &grid)?;
            let frame = Env::new(Owner::Step, 1);
            let value = lowerer.at_point(grid.sweep, point).ok()?;
            frame.set(0, value);
            let value = lowerer.lower(body, &frame).ok()?;
            Some(QuestionSite { at: Origin { expr: body, env: frame }, value, swept: vec![grid.sweep] })
        }
        Value::Grid(_) => {
            let problem = Diagnostic::error("mls::not-a-value", "a sweep has many values")
                .label(query.value.span, "which of its outputs?")
                .help("ask for an output at a point: `grid[batch: 64].latency`");
            lowerer.findings.problems.push(problem);
            None
        }
        value => Some(QuestionSite { at: Origin { expr: &query.value, env }, value, swept: vec![] }),
    }
}

/// The one point that the values of the axes choose.
fn point<'p>(lowerer: &mut Lowerer<'p>, query: &'p Query, grid: &GridValue<'p>) -> Option<u64> {
    let points = lowerer.points(grid.sweep).ok()?;
    let declared = lowerer.declared(grid.sweep);
    let env = Env::new(Owner::Step, 0);
    let mut wanted = vec![];
    for (axis, value) in &query.at {
        let value = lowerer.lower(value, &env).ok()?;
        wanted.push((*axis, lowerer.show(&value, &declared.axes[*axis].ty, None)));
    }
    let mut hits = vec![];
    for point in 0..Scan::points(&points.lengths).min(POINTS) {
        let setting = Scan::setting(&points.lengths, point);
        let fits = wanted.iter().all(|(axis, text)| {
            let value = points.axes[*axis].at(&setting).clone();
            lowerer.show(&value, &declared.axes[*axis].ty, None) == *text
        });
        if fits {
            hits.push(point);
            if hits.len() > LISTED {
                break;
            }
        }
    }
    let problem = match hits.as_slice() {
        [one] => return Some(*one),
        [] => no_point(lowerer, query, grid.sweep, &wanted),
        many => several(lowerer, query, grid.sweep, many),
    };
    lowerer.findings.problems.push(problem);
    None
}

/// Which points are meant, where they are few; else which axes are open.
fn several(lowerer: &mut Lowerer, query: &Query, sweep: SweepId, hits: &[u64]) -> Diagnostic {
    let open = |axis| !query.at.iter().any(|(given, _)| *given == axis);
    let help = match hits.len() > LISTED {
        true => format!(
            "choose one of each axis, as in `{}`: {}",
            example(lowerer, query, sweep),
            axes_text(lowerer, sweep, open)
        ),
        false => {
            let places: Vec<String> =
                hits.iter().filter_map(|p| setting_text(lowerer, sweep, *p).ok()).collect();
            format!("choose one of them: {}", places.join("; "))
        }
    };
    Diagnostic::error("mls::no-such-point", "this is more than one point of the sweep")
        .label(query.value.span, "a value at each point")
        .help(help)
}

/// `grid[batch: 64, precision: fp16].latency`: with the values that were given, and the first one of other axes.
fn example(lowerer: &mut Lowerer, query: &Query, sweep: SweepId) -> String {
    let declared = lowerer.declared(sweep);
    let mut parts = vec![];
    for (index, axis) in declared.axes.iter().enumerate() {
        let given = query.at.iter().find(|(given, _)| *given == index);
        let value = match given {
            Some((_, value)) => Some(one_line(lowerer.sources, value)),
            None => written(lowerer, sweep, index).into_iter().next(),
        };
        parts.extend(value.map(|value| format!("{}: {value}", axis.name)));
    }
    // The grid as the question calls it, and what it asks of it.
    let text = one_line(lowerer.sources, &query.value);
    let (grid, output) = match text.rsplit_once('.') {
        Some((grid, output)) => (grid.to_string(), format!(".{output}")),
        None => (text, String::new()),
    };
    format!("{grid}[{}]{output}", parts.join(", "))
}

/// The values of an axis as the file writes them, if it lists them; else as they are shown.
fn written(lowerer: &mut Lowerer, id: SweepId, axis: usize) -> Vec<String> {
    let picked = id.index() >= lowerer.program.sweeps.len();
    match &lowerer.declared(id).axes[axis].values.kind {
        ExprKind::List(items) if !picked => items.iter().map(|i| one_line(lowerer.sources, i)).collect(),
        _ => shown_values(lowerer, id, axis),
    }
}

/// Which axis does not have what is asked of it; or that no point has all of it.
fn no_point(lowerer: &mut Lowerer, query: &Query, sweep: SweepId, wanted: &[(usize, String)]) -> Diagnostic {
    let declared = lowerer.declared(sweep);
    for ((axis, value), (_, text)) in query.at.iter().zip(wanted) {
        let shown = shown_values(lowerer, sweep, *axis);
        if !shown.contains(text) {
            let name = &declared.axes[*axis].name;
            let values = axes_text(lowerer, sweep, |index| index == *axis);
            return Diagnostic::error("mls::no-such-point", format!("axis `{name}` has no value {text}"))
                .label(value.span, "none of its values")
                .help(format!("its values are {}", values.trim_start_matches(&format!("{name}: "))));
        }
    }
    let help = axes_text(lowerer, sweep, |_| true);
    Diagnostic::error("mls::no-such-point", "no point of the sweep has all of these values")
        .label(query.value.span, "a value at each point")
        .help(format!("the sweep leaves that point out, or its axes go together: {help}"))
}

fn shown_values(lowerer: &mut Lowerer, id: SweepId, axis: usize) -> Vec<String> {
    let Ok(points) = lowerer.points(id) else { return vec![] };
    let ty = &lowerer.declared(id).axes[axis].ty;
    points.axes[axis].values.iter().map(|v| lowerer.show(v, ty, None)).collect()
}

/// `batch: 1, 2, 4; precision: fp16, fp8` of some axes, records by the names that the file calls them.
fn axes_text(lowerer: &mut Lowerer, id: SweepId, wanted: impl Fn(usize) -> bool) -> String {
    let declared = lowerer.declared(id);
    let mut parts = vec![];
    for (index, axis) in declared.axes.iter().enumerate().filter(|(index, _)| wanted(*index)) {
        let mut shown = written(lowerer, id, index);
        if shown.len() > LISTED {
            shown.truncate(LISTED);
            shown.push("...".into());
        }
        parts.push(format!("{}: {}", axis.name, shown.join(", ")));
    }
    parts.join("; ")
}

/// What each input does to a number: the largest first. Central differences over a small step. At a point of a sweep
/// what the point has of each axis is an input too.
pub fn sensitivity(
    program: &Program,
    sources: &Sources,
    query: &Query,
) -> Result<Vec<Elasticity>, Diagnostic> {
    let at = |probe: Option<Probe>| -> Option<f64> {
        let mut lowerer = match probe {
            Some(probe) => Lowerer::probing(program, sources, probe),
            None => Lowerer::new(program, sources),
        };
        let node = undefined_value::column(&place(&mut lowerer, query)?.value)?;
        lowerer.graph.known(node).filter(|v| v.is_finite())
    };
    let mut lowerer = Lowerer::new(program, sources);
    lowerer.trace = Some(Trace::default());
    if let Some(QuestionSite { at, .. }) = place(&mut lowerer, query)
        && !matches!(at.expr.ty.required(), Type::Quantity(_))
    {
        return Err(not_a_number(&program.describe(&at.expr.ty), query.value.span));
    }
    let trace = lowerer.trace.take().unwrap_or_default();
    let Some(own) = at(None) else { return Ok(vec![]) };
    if own == 0.0 {
        return Err(no_elasticity(query.value.span));
    }
    let mut found = along_axes(&mut lowerer, query, own);
    let inputs: Vec<Input> = inputs(&mut lowerer, &[&query.value], &trace);
    let inputs: Vec<Input> = inputs
        .into_iter()
        .filter(|input| matches!(input.ty.required(), Type::Quantity(_)) && input.value != 0.0)
        .collect();
    let literals: Vec<ExprKey> = inputs.iter().map(|input| ExprKey::of(input.literal)).collect();
    let moves = groups(&literals).into_par_iter().flat_map(|members| {
        let inputs: Vec<&Input> = members.iter().map(|m| &inputs[*m]).collect();
        // Where the number cannot be lowered with inputs open, each value is tried by itself.
        let lanes = open(program, sources, query, &inputs).filter(|lanes| lanes.now(0) == own);
        let lane = |axis| lanes.as_ref().filter(|l| !l.is_fixed(axis)).map(|l| l.along(0, axis));
        let each = inputs.par_iter().enumerate().filter_map(|(axis, input)| {
            let (key, path) = input.key();
            let alone = |value: &f64| {
                at(Some(Probe { at: key, path: path.clone(), values: vec![*value] })).unwrap_or(f64::NAN)
            };
            let lane = lane(axis);
            let slope = slope(own, input.value, input.whole, |values| match &lane {
                Some(Some(lane)) => lane.verdicts(values),
                Some(None) => vec![own; values.len()],
                None => values.iter().map(alone).collect(),
            });
            let Slope { elasticity, doubled } = slope.filter(|s| s.elasticity != 0.0)?;
            let now = sources.text(input.literal.span).to_string();
            Some(Elasticity { input: input.name.clone(), now, elasticity, doubled })
        });
        each.collect::<Vec<_>>()
    });
    found.extend(moves.collect::<Vec<_>>());
    found.sort_by(|a, b| b.elasticity.abs().total_cmp(&a.elasticity.abs()));
    Ok(found)
}

/// The number that is asked about, lowered once with inputs open.
fn open<'p>(
    program: &'p Program,
    sources: &'p Sources,
    query: &'p Query,
    inputs: &[&Input<'p>],
) -> Option<Lanes<'p>> {
    let openings: Vec<Opening> = inputs.iter().map(|input| input.opening()).collect();
    let mut lowerer = Lowerer::opening(program, sources, &openings);
    let condition = undefined_value::column(&place(&mut lowerer, query)?.value)?;
    lowerer.lanes(vec![Some(Roots { condition, over: None })], None)
}

/// What the axes of a sweep do at the point that is asked about.
fn along_axes<'p>(lowerer: &mut Lowerer<'p>, query: &'p Query, own: f64) -> Vec<Elasticity> {
    let env = Env::new(Owner::Step, query.locals);
    let Ok(Value::Column(grid, body)) = lowerer.lower(&query.value, &env) else { return vec![] };
    let Some(point) = point(lowerer, query, &grid) else { return vec![] };
    let mut found = vec![];
    for (index, axis) in lowerer.declared(grid.sweep).axes.iter().enumerate() {
        if !matches!(axis.ty.required(), Type::Quantity(_)) {
            continue;
        }
        let mut moved = |factor: f64| {
            let value = lowerer.at_point_moved(grid.sweep, point, index, factor)?;
            let frame = Env::new(Owner::Step, 1);
            frame.set(0, value);
            let node = lowerer.node(body, &frame).ok()?;
            lowerer.graph.known(node).filter(|v| v.is_finite())
        };
        let moved = |factors: &[f64]| factors.iter().map(|f| moved(*f).unwrap_or(f64::NAN)).collect();
        let Some(slope) = slope(own, 1.0, false, moved).filter(|s| s.elasticity != 0.0) else { continue };
        let Ok(points) = lowerer.points(grid.sweep) else { continue };
        let value = points.axes[index].at(&Scan::setting(&points.lengths, point)).clone();
        let now = lowerer.show(&value, &axis.ty, None);
        let (elasticity, doubled) = (slope.elasticity, slope.doubled);
        found.push(Elasticity { input: axis.name.clone(), now, elasticity, doubled });
    }
    found
}
