//! `unit` and `dimension` items, evaluated into the registry.
//!
//! Options of a dimension: `display` lists the units to show it in, rising, with a number before one that is used for
//! that many and for whole numbers only: `"5 min"`; `suggest` is the unit to propose where one is missing. Of a unit: `prefixes` is `si`, `iec`, `both`, `multiples` or `none`; `aliases` lists other spellings;
//! `coherent: true` makes it the name of its dimension's base unit.

use std::rc::Rc;
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::{
    BinaryOp, Expr, ExprKind, FieldInit, Item, ItemKind, Name, TypeExpr, TypeExprKind, UnitDecl,
    UnitDefinition, UnitExpr, UnitFactor,
};
use crate::units::dimension::Dimension;
use crate::units::prefix::Prefixes;
use crate::units::registry::{DeclareError, DisplayUnit, Registry, ResolvedUnit, Unit, UnitError};

/// Declares all of `items`, in whatever order they stand: what builds on another waits for it.
pub fn declare_all(registry: &mut Registry, items: &[Rc<Item>]) -> Vec<Diagnostic> {
    let mut problems = vec![];
    let mut waiting: Vec<&Item> = items.iter().map(|i| &**i).collect();
    loop {
        let before = waiting.len();
        waiting.retain(|item| declare(registry, item, &mut problems).is_err());
        if waiting.is_empty() || waiting.len() == before {
            break;
        }
    }
    let circle: Vec<&Name> = waiting.iter().filter_map(|item| declared_name(item)).collect();
    for item in &waiting {
        let Err(Undefined { missing, diagnostic }) = declare(registry, item, &mut problems) else { continue };
        // What waits for another that waits is not unknown.
        let known = missing.is_some_and(|missing| circle.iter().any(|name| name.text == missing));
        problems.push(match declared_name(item) {
            Some(name) if known => Diagnostic::error(
                "mls::unit-cycle",
                format!("`{}` is not defined by anything", name.text),
            )
            .label(name.span, "builds on what builds on it, or on what is wrong")
            .help("define one of the circle by a unit or dimension of the library: `unit EUR = 1.08 USD`"),
            _ => *diagnostic,
        });
    }
    for item in items {
        if let ItemKind::Dimension { name, options, .. } = &item.kind {
            dimension_options(registry, name, options, &item.doc, &mut problems);
        }
    }
    problems
}

fn declared_name(item: &Item) -> Option<&Name> {
    match &item.kind {
        ItemKind::Unit(unit) => Some(&unit.name),
        ItemKind::Dimension { name, .. } => Some(name),
        _ => None,
    }
}

/// Why a definition means nothing, or nothing yet.
struct Undefined {
    /// The unit or dimension that it builds on and that is not declared.
    missing: Option<Arc<str>>,
    diagnostic: Box<Diagnostic>,
}

impl From<Diagnostic> for Undefined {
    fn from(diagnostic: Diagnostic) -> Self {
        Undefined { missing: None, diagnostic: Box::new(diagnostic) }
    }
}

/// Declares one item, unless it builds on something that is not declared.
fn declare(registry: &mut Registry, item: &Item, problems: &mut Vec<Diagnostic>) -> Result<(), Undefined> {
    match &item.kind {
        ItemKind::Dimension { name, definition, .. } => {
            declare_dimension(registry, name, definition.as_ref(), problems)
        }
        ItemKind::Unit(unit) => declare_unit(registry, item, unit, problems),
        _ => Ok(()),
    }
}

fn declare_dimension(
    registry: &mut Registry,
    name: &Name,
    definition: Option<&TypeExpr>,
    problems: &mut Vec<Diagnostic>,
) -> Result<(), Undefined> {
    let declared = match definition {
        None => registry.declare_base_dimension(&name.text).map(|_| ()),
        Some(definition) => {
            let dimension = dimension_of(registry, definition)?;
            registry.name_dimension(&name.text, dimension)
        }
    };
    match declared {
        Ok(()) => {}
        Err(DeclareError::Duplicate) => problems.push(
            Diagnostic::error("mls::duplicate-name", format!("dimension `{}` is declared twice", name.text))
                .label(name.span, "declared again")
                .help("the library declares Time, Data, Compute, Energy, Money, Carbon and others; choose another name"),
        ),
        Err(DeclareError::TooMany) => problems.push(
            Diagnostic::error("mls::too-many-dimensions", "a program has at most 24 base dimensions")
                .label(name.span, "one too many")
                .help("define it by others: `dimension X = Data / Time`"),
        ),
    }
    Ok(())
}

/// The dimension that a type expression of dimensions means.
fn dimension_of(registry: &Registry, expr: &TypeExpr) -> Result<Dimension, Undefined> {
    let combine = |a: &TypeExpr, b: &TypeExpr, over: bool| {
        let (a, b) = (dimension_of(registry, a)?, dimension_of(registry, b)?);
        if over { a.divide(b) } else { a.multiply(b) }.map_err(|_| exponent(expr.span).into())
    };
    match &expr.kind {
        TypeExprKind::One => Ok(Dimension::SCALAR),
        TypeExprKind::Name(name) if &**name == "Scalar" => Ok(Dimension::SCALAR),
        TypeExprKind::Name(name) => registry.dimension(name).ok_or_else(|| {
            let near = crate::suggest::nearest(name, registry.dimension_names());
            let diagnostic =
                Diagnostic::error("mls::unknown-type", format!("there is no dimension `{name}`"))
                    .label(expr.span, near.map_or("not declared".into(), |n| format!("did you mean `{n}`?")))
                    .help("`mlsys list dimensions` shows all");
            Undefined { missing: Some(name.clone()), diagnostic: Box::new(diagnostic) }
        }),
        TypeExprKind::Product(a, b) => combine(a, b, false),
        TypeExprKind::Quotient(a, b) => combine(a, b, true),
        TypeExprKind::Power(base, n, d) => {
            dimension_of(registry, base)?.power(*n, *d).map_err(|_| exponent(expr.span).into())
        }
        TypeExprKind::Optional(_) | TypeExprKind::List(_) | TypeExprKind::Bad => {
            Err(Diagnostic::error("mls::type-mismatch", "a dimension is wanted here")
                .label(expr.span, "not a dimension")
                .help("write a product of dimensions: `Data / Time`")
                .into())
        }
    }
}

fn exponent(span: Span) -> Diagnostic {
    Diagnostic::error("mls::exponent", "this dimension has an exponent that is too large")
        .label(span, "here")
        .help("use a lower power")
}

fn declare_unit(
    registry: &mut Registry,
    item: &Item,
    unit: &UnitDecl,
    problems: &mut Vec<Diagnostic>,
) -> Result<(), Undefined> {
    let name = &unit.name.text;
    let resolved = match &unit.definition {
        UnitDefinition::Base(ty) => dimension_of(registry, ty).map(|d| (1.0, 1.0, d)),
        UnitDefinition::Derived(expr) => evaluate(registry, expr),
    };
    let (numerator, denominator, dimension) = resolved?;
    let factor = numerator / denominator;
    if !(factor.is_finite() && factor > 0.0) {
        problems.push(
            Diagnostic::error("mls::bad-unit", format!("unit `{name}` must be more than nothing"))
                .label(unit.name.span, format!("comes to {factor}"))
                .help("define it as a positive quantity: `unit EUR = 1.08 USD`"),
        );
        return Ok(());
    }
    if let UnitDefinition::Base(ty) = &unit.definition
        && !registry.set_base_unit(dimension, name)
    {
        problems.push(
            Diagnostic::error("mls::bad-unit", "this dimension has a base unit already")
                .label(ty.span, "counted in another unit")
                .help("define the unit by that one: `unit min = 60 s`"),
        );
        return Ok(());
    }
    let options = unit_options(&unit.options, problems);
    let declared = Unit {
        numerator,
        denominator,
        dimension,
        prefixes: options.prefixes,
        canonical: name.clone(),
        doc: item.doc.clone(),
        span: unit.name.span,
    };
    if options.coherent && factor == 1.0 {
        registry.set_coherent(dimension, name.clone());
    }
    let spellings = std::iter::once((name.clone(), unit.name.span)).chain(options.aliases);
    for (spelling, span) in spellings {
        // `GB` is taken by `B` and its prefix.
        if let Some(old) =
            registry.unit(&spelling).filter(|old| *old.canonical != *spelling && old.canonical != *name)
        {
            problems.push(
                Diagnostic::error("mls::duplicate-unit", format!("`{spelling}` is a unit already"))
                    .label(span, format!("means a multiple of `{}`", old.canonical))
                    .help("choose another spelling"),
            );
            continue;
        }
        if let Err(old) = registry.declare_unit(&spelling, declared.clone()) {
            problems.push(
                Diagnostic::error("mls::duplicate-unit", format!("unit `{spelling}` is declared twice"))
                    .label(span, "declared again")
                    .label(old.span, format!("`{}` is declared here", old.canonical))
                    .help("choose another spelling"),
            );
        }
    }
    Ok(())
}

#[derive(Default)]
struct UnitOptions {
    prefixes: Prefixes,
    aliases: Vec<(Arc<str>, Span)>,
    coherent: bool,
}

fn unit_options(options: &[FieldInit], problems: &mut Vec<Diagnostic>) -> UnitOptions {
    let mut result = UnitOptions::default();
    for option in options {
        let value = option.value.as_ref().map(|v| &v.kind);
        match (&*option.path[0].text, value) {
            ("prefixes", Some(ExprKind::Name(word))) => match Prefixes::parse(word) {
                Some(prefixes) => result.prefixes = prefixes,
                None => problems.push(bad_option(option)),
            },
            ("prefixes", Some(ExprKind::None)) => {}
            ("aliases", Some(ExprKind::List(items))) => {
                for item in items {
                    match spelling(item) {
                        Some(name) => result.aliases.push((name, item.span)),
                        None => problems.push(bad_option(option)),
                    }
                }
            }
            ("coherent", Some(ExprKind::Bool(value))) => result.coherent = *value,
            _ => problems.push(bad_option(option)),
        }
    }
    result
}

fn bad_option(option: &FieldInit) -> Diagnostic {
    Diagnostic::error("mls::bad-unit", format!("`{}` cannot be that", option.path[0].text))
        .label(option.span, "not an option of this form")
        .help("a unit has `prefixes: si`, `aliases: [minute, minutes]`, `coherent: true`; a dimension `display: [s, min]`, `suggest: ms`")
}

/// A name or string.
fn spelling(e: &Expr) -> Option<Arc<str>> {
    match &e.kind {
        ExprKind::Name(name) | ExprKind::String(name) => Some(name.clone()),
        _ => None,
    }
}

fn dimension_options(
    registry: &mut Registry,
    name: &Name,
    options: &[FieldInit],
    doc: &Arc<str>,
    problems: &mut Vec<Diagnostic>,
) {
    let (mut display, mut suggest) = (vec![], None);
    for option in options {
        match (&*option.path[0].text, option.value.as_ref().map(|v| &v.kind)) {
            ("display", Some(ExprKind::List(items))) => {
                for item in items {
                    match spelling(item).and_then(|text| display_unit(registry, &text, item.span)) {
                        Some(unit) => display.push(unit),
                        None => problems.push(bad_option(option)),
                    }
                }
            }
            ("suggest", Some(ExprKind::Name(unit) | ExprKind::String(unit))) => suggest = Some(unit.clone()),
            _ => problems.push(bad_option(option)),
        }
    }
    if let Some(named) = registry.named_mut(&name.text) {
        display.retain(|d: &DisplayUnit| d.unit.dimension == named.dimension);
        display.sort_by(|a, b| a.unit.to_base(1.0).total_cmp(&b.unit.to_base(1.0)));
        named.display = display;
        named.suggest = suggest;
        named.doc = doc.clone();
    }
}

/// `GB/s`, or `5 min` for a unit that smaller numbers are not shown in.
fn display_unit(registry: &Registry, text: &str, span: Span) -> Option<DisplayUnit> {
    match text.split_once(' ') {
        Some((number, unit)) => {
            let from = number.parse().ok().filter(|n: &f64| *n >= 1.0)?;
            Some(DisplayUnit { unit: written_unit(registry, unit, span)?, from })
        }
        None => Some(DisplayUnit { unit: written_unit(registry, text, span)?, from: 1.0 }),
    }
}

/// `GB/s` in a string, as a unit.
fn written_unit(registry: &Registry, text: &str, span: Span) -> Option<ResolvedUnit> {
    let factors = text
        .split('/')
        .enumerate()
        .filter(|(_, part)| !part.is_empty())
        .map(|(index, part)| UnitFactor {
            name: Name { text: part.into(), span },
            exponent: if index == 0 { 1 } else { -1 },
        })
        .collect();
    registry.resolve(&UnitExpr { factors, span }).ok()
}

/// A quantity of written numbers and units, as an exact fraction where it can be.
fn evaluate(registry: &Registry, e: &Expr) -> Result<(f64, f64, Dimension), Undefined> {
    match &e.kind {
        ExprKind::Number(value) => Ok((*value, 1.0, Dimension::SCALAR)),
        ExprKind::Quantity { value, unit } => {
            let unit = registry.resolve(unit).map_err(|error| Undefined {
                diagnostic: Box::new(error.diagnostic(registry)),
                missing: match error {
                    UnitError::Unknown { name, .. } => Some(name),
                    UnitError::Exponent { .. } => None,
                },
            })?;
            Ok((value * unit.numerator, unit.denominator, unit.dimension))
        }
        ExprKind::Parenthesized(inner) => evaluate(registry, inner),
        ExprKind::Binary { op: op @ (BinaryOp::Multiply | BinaryOp::Divide), left, right, .. } => {
            let (an, ad, a) = evaluate(registry, left)?;
            let (bn, bd, b) = evaluate(registry, right)?;
            match op {
                BinaryOp::Multiply => a.multiply(b).map(|d| (an * bn, ad * bd, d)),
                _ => a.divide(b).map(|d| (an * bd, ad * bn, d)),
            }
            .map_err(|_| exponent(e.span).into())
        }
        _ => Err(Diagnostic::error("mls::bad-unit", "a unit is defined by a written quantity")
            .label(e.span, "not a written quantity")
            .help("for instance `unit EUR = 1.08 USD`")
            .into()),
    }
}

/// `80 Gb` where plain data is meant: bits measure links, bytes capacities.
pub fn looks_like_bits_for_bytes(unit: &UnitExpr, registry: &Registry, wanted: Dimension) -> bool {
    let [only] = unit.factors.as_slice() else { return false };
    let is_bit = registry.unit(&only.name.text).is_some_and(|u| {
        let one = registry.unit(&u.canonical).map(|c| c.numerator / c.denominator);
        u.dimension == wanted && one == Some(0.125)
    });
    is_bit && only.exponent == 1 && registry.dimension("Data") == Some(wanted)
}
