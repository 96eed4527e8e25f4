//! Expressions: operators get their precedence, literals their values.

use std::sync::LazyLock;

use pest::pratt_parser::{Assoc, Op, PrattParser};

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::*;
use crate::syntax::error;
use crate::syntax::error::too_deep;
use crate::syntax::parse::{Builder, Node, Rule, is_keyword};
use crate::syntax::split::DEPTH_LIMIT;

/// Operators of one expression without parentheses between them.
const OPERATOR_LIMIT: usize = 2_000;
/// `-`, `not` in a row.
const PREFIX_LIMIT: usize = 32;
/// Stack that one level of operators takes, in a build without optimisation.
const PRATT_LEVEL: usize = 8 * 1024;

/// From loosest to tightest.
static PRECEDENCE: LazyLock<PrattParser<Rule>> = LazyLock::new(|| {
    PrattParser::new()
        .op(Op::infix(Rule::r#where, Assoc::Left)
            | Op::infix(Rule::top, Assoc::Left)
            | Op::infix(Rule::sort, Assoc::Left)
            | Op::postfix(Rule::pareto)
            | Op::infix(Rule::minimize, Assoc::Left)
            | Op::infix(Rule::maximize, Assoc::Left))
        .op(Op::infix(Rule::or, Assoc::Left))
        .op(Op::infix(Rule::and, Assoc::Left))
        .op(Op::prefix(Rule::not))
        .op(Op::infix(Rule::less, Assoc::Left)
            | Op::infix(Rule::less_equal, Assoc::Left)
            | Op::infix(Rule::greater, Assoc::Left)
            | Op::infix(Rule::greater_equal, Assoc::Left)
            | Op::infix(Rule::equal, Assoc::Left)
            | Op::infix(Rule::not_equal, Assoc::Left)
            | Op::infix(Rule::within, Assoc::Left))
        .op(Op::infix(Rule::else_value, Assoc::Right))
        .op(Op::postfix(Rule::convert))
        .op(Op::infix(Rule::step, Assoc::Left))
        .op(Op::infix(Rule::range, Assoc::Left))
        .op(Op::infix(Rule::add, Assoc::Left) | Op::infix(Rule::subtract, Assoc::Left))
        .op(Op::infix(Rule::multiply, Assoc::Left) | Op::infix(Rule::divide, Assoc::Left))
        .op(Op::prefix(Rule::negate))
        .op(Op::infix(Rule::power, Assoc::Right))
});

/// What Pratt combines: operands are built, operators kept as nodes.
impl<'t> Builder<'t> {
    pub(super) fn expr(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        if self.depth >= DEPTH_LIMIT {
            self.problems.push(too_deep(span.head(), &format!("level {}", DEPTH_LIMIT + 1)));
            return bad(span);
        }
        self.depth += 1;
        let result = stacker::maybe_grow(128 * 1024, 2 * 1024 * 1024, || self.expr_inner(node, span));
        self.depth -= 1;
        result
    }

    fn expr_inner(&mut self, node: Node<'t>, span: Span) -> Expr {
        match node.as_rule() {
            Rule::expr | Rule::expr_no_record | Rule::plot_value => {}
            _ => return self.postfix(node),
        }
        // A prefix node wraps its operator.
        let parts: Vec<Node<'t>> = node
            .into_inner()
            .filter_map(|n| if n.as_rule() == Rule::prefix { n.into_inner().next() } else { Some(n) })
            .collect();
        if let [_] = parts.as_slice() {
            return parts.into_iter().next().map_or(bad(span), |only| self.postfix(only));
        }
        let is_prefix = |p: &Node| matches!(p.as_rule(), Rule::negate | Rule::not);
        let in_a_row = parts.split(|p| !is_prefix(p)).map(<[_]>::len).max().unwrap_or(0);
        if parts.len() > 2 * OPERATOR_LIMIT || in_a_row > PREFIX_LIMIT {
            self.problems.push(
                Diagnostic::error("mls::expression-too-long", "this expression has too many operators")
                    .label(span.head(), format!("more than {OPERATOR_LIMIT} in a row"))
                    .help("sum a list: `sum([a, b, c])`, or give parts of it names with `let`"),
            );
            return bad(span);
        }
        // Pratt goes a level deeper for each operator that waits for what is to its right.
        let waits = |p: &&Node| is_prefix(p) || matches!(p.as_rule(), Rule::power | Rule::else_value);
        let room = 64 * 1024 + parts.iter().filter(waits).count() * PRATT_LEVEL;
        let this = std::cell::RefCell::new(self);
        stacker::maybe_grow(room, room + 1024 * 1024, || {
            PRECEDENCE
                .map_primary(|n| this.borrow_mut().postfix(n))
                .map_prefix(|op, operand| this.borrow_mut().prefix(op, operand))
                .map_postfix(|operand, op| match op.as_rule() {
                    Rule::pareto => this.borrow_mut().pareto(operand, op),
                    _ => this.borrow_mut().convert(operand, op),
                })
                .map_infix(|left, op, right| this.borrow_mut().infix(left, op, right))
                .parse(parts.into_iter())
        })
    }

    fn prefix(&mut self, op: Node<'t>, operand: Expr) -> Expr {
        let span = self.span(&op).to(operand.span);
        let op = if op.as_rule() == Rule::negate { UnaryOp::Negate } else { UnaryOp::Not };
        Expr { kind: ExprKind::Unary { op, operand: Box::new(operand) }, span }
    }

    fn convert(&mut self, operand: Expr, op: Node<'t>) -> Expr {
        let span = operand.span.to(self.span(&op));
        let unit = op.into_inner().find(|n| !is_keyword(n.as_rule()));
        let Some(unit) = unit else { return bad(span) };
        let unit = self.unit_expr(unit);
        Expr { kind: ExprKind::Convert { value: Box::new(operand), unit }, span }
    }

    fn pareto(&mut self, operand: Expr, op: Node<'t>) -> Expr {
        let span = operand.span.to(self.span(&op));
        let mut goals = vec![];
        for goal in op.into_inner().filter(|n| n.as_rule() == Rule::goal) {
            let mut inner = goal.into_inner();
            let most = inner.next().is_some_and(|n| n.as_rule() == Rule::maximize);
            goals.extend(inner.next().map(|n| (most, self.expr(n))));
        }
        Expr { kind: ExprKind::Pick { grid: Box::new(operand), pick: Pick::Pareto(goals) }, span }
    }

    fn infix(&mut self, left: Expr, op: Node<'t>, right: Expr) -> Expr {
        let op_span = self.span(&op);
        let span = left.span.to(right.span);
        let (l, r) = (left, right);
        let binary = |op, l, r| ExprKind::Binary { op, op_span, left: Box::new(l), right: Box::new(r) };
        let compare = |op, l: Expr, r| match l.kind {
            ExprKind::Compare { first, mut rest } => {
                rest.push((op, op_span, r));
                ExprKind::Compare { first, rest }
            }
            _ => ExprKind::Compare { first: Box::new(l), rest: vec![(op, op_span, r)] },
        };
        let query = |op, l: Expr, r: Expr| ExprKind::Query { op, grid: Box::new(l), body: Box::new(r) };
        let kind = match op.as_rule() {
            Rule::r#where => query(QueryOp::Where, l, r),
            Rule::top => {
                let mut inner = op.into_inner();
                let least = inner.next().is_some_and(|n| n.as_rule() == Rule::kw_bottom);
                let count = inner.next().map_or(bad(op_span), |n| self.atom(n));
                let pick = Pick::Top { count: Box::new(count), least, by: Box::new(r) };
                ExprKind::Pick { grid: Box::new(l), pick }
            }
            Rule::sort => ExprKind::Pick { grid: Box::new(l), pick: Pick::Sort { by: Box::new(r) } },
            Rule::minimize => query(QueryOp::Minimize, l, r),
            Rule::maximize => query(QueryOp::Maximize, l, r),
            Rule::or => binary(BinaryOp::Or, l, r),
            Rule::and => binary(BinaryOp::And, l, r),
            Rule::else_value => binary(BinaryOp::Else, l, r),
            Rule::add => binary(BinaryOp::Add, l, r),
            Rule::subtract => binary(BinaryOp::Subtract, l, r),
            Rule::multiply => binary(BinaryOp::Multiply, l, r),
            Rule::divide => binary(BinaryOp::Divide, l, r),
            Rule::power => binary(BinaryOp::Power, l, r),
            Rule::less => compare(CompareOp::Less, l, r),
            Rule::less_equal => compare(CompareOp::LessEqual, l, r),
            Rule::greater => compare(CompareOp::Greater, l, r),
            Rule::greater_equal => compare(CompareOp::GreaterEqual, l, r),
            Rule::equal => compare(CompareOp::Equal, l, r),
            Rule::not_equal => compare(CompareOp::NotEqual, l, r),
            Rule::range => ExprKind::Range { low: Box::new(l), high: Box::new(r), step: None },
            Rule::step => match l.kind {
                ExprKind::Range { low, high, step: None } => {
                    ExprKind::Range { low, high, step: Some(Box::new(r)) }
                }
                _ => {
                    self.problems.push(
                        Diagnostic::error("mls::syntax", "`by` follows a range")
                            .label(op_span, "there is no range before it")
                            .help("write `1..64 by 8`"),
                    );
                    ExprKind::Bad
                }
            },
            Rule::within => {
                let tolerance = op.into_inner().find(|n| n.as_rule() == Rule::expr);
                let tolerance = tolerance.map_or(bad(op_span), |n| self.expr(n));
                let (value, reference) = (Box::new(l), Box::new(r));
                ExprKind::Within { value, tolerance: Box::new(tolerance), reference }
            }
            _ => ExprKind::Bad,
        };
        Expr { kind, span }
    }

    /// An atom and what follows it without a blank.
    fn postfix(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        match node.as_rule() {
            Rule::postfix | Rule::subject => {}
            _ => return self.atom(node),
        }
        let mut inner = node.into_inner();
        let Some(first) = inner.next() else { return bad(span) };
        let mut value = self.atom(first);
        for suffix in inner {
            let span = value.span.to(self.span(&suffix));
            let base = Box::new(value);
            let rule = suffix.as_rule();
            let part = suffix.into_inner().find(|n| !is_keyword(n.as_rule()));
            let kind = match (rule, part) {
                (Rule::field_access, Some(name)) => ExprKind::Field { base, field: self.name(&name) },
                (Rule::index, Some(index)) => ExprKind::Index { base, index: Box::new(self.expr(index)) },
                (Rule::record_suffix, Some(body)) => {
                    ExprKind::Record { base: Some(base), body: self.record_body(body) }
                }
                _ => ExprKind::Bad,
            };
            value = Expr { kind, span };
        }
        value
    }

    fn atom(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        let rule = node.as_rule();
        let kind = match rule {
            Rule::atom => match node.into_inner().next() {
                Some(inner) => return self.atom(inner),
                None => ExprKind::Bad,
            },
            Rule::quantity => self.quantity(node),
            Rule::string => return self.string(node),
            Rule::boolean => ExprKind::Bool(node.as_str() == "true"),
            Rule::none => ExprKind::None,
            Rule::parenthesized => match parts(node).next() {
                Some(inner) => ExprKind::Parenthesized(Box::new(self.expr(inner))),
                None => ExprKind::Bad,
            },
            Rule::call => self.call(node),
            Rule::list => self.list(node),
            Rule::if_expr => {
                let mut inner = node.into_inner().filter(|n| n.as_rule() == Rule::expr);
                match (inner.next(), inner.next(), inner.next()) {
                    (Some(c), Some(t), Some(e)) => ExprKind::If {
                        condition: Box::new(self.expr(c)),
                        then: Box::new(self.expr(t)),
                        otherwise: Box::new(self.expr(e)),
                    },
                    _ => ExprKind::Bad,
                }
            }
            Rule::match_expr => self.match_expr(node),
            Rule::iterate_expr => self.iterate(node),
            Rule::extremum => self.extremum(node),
            Rule::import_expr => self.import(node),
            Rule::block => {
                let mut lets = vec![];
                let mut value = None;
                for part in parts(node) {
                    if part.as_rule() == Rule::let_item {
                        let span = self.span(&part);
                        let inner = part.into_inner().filter(|n| !is_keyword(n.as_rule()));
                        lets.extend(self.let_item(inner, span));
                    } else {
                        value = Some(self.expr(part));
                    }
                }
                match value {
                    Some(value) => ExprKind::Block { lets, value: Box::new(value) },
                    None => ExprKind::Bad,
                }
            }
            Rule::record => match parts(node).next() {
                Some(body) => ExprKind::Record { base: None, body: self.record_body(body) },
                None => ExprKind::Bad,
            },
            _ => ExprKind::Bad,
        };
        Expr { kind, span }
    }

    fn quantity(&mut self, node: Node<'t>) -> ExprKind {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let mut value = inner.next().map_or(0.0, |n| number(n.as_str()));
        let mut unit = None;
        for part in inner {
            match part.as_rule() {
                Rule::scale => value *= scale(part.as_str()),
                _ => unit = Some(self.unit_expr(part)),
            }
        }
        if !value.is_finite() {
            self.problems.push(
                Diagnostic::error("mls::number-too-large", "this number is too large")
                    .label(span, "beyond 1.8e308")
                    .help("check the exponent"),
            );
            return ExprKind::Bad;
        }
        match unit {
            Some(unit) => ExprKind::Quantity { value, unit },
            None => ExprKind::Number(value),
        }
    }

    fn unit_expr(&mut self, node: Node<'t>) -> UnitExpr {
        let span = self.span(&node);
        let mut factors = vec![];
        let mut sign = 1;
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::unit_times => sign = 1,
                Rule::unit_over => sign = -1,
                _ => {
                    let mut inner = part.into_inner();
                    let Some(name) = inner.next().map(|n| self.name(&n)) else { continue };
                    let power = inner.next().map_or(1, |n| n.as_str().parse().unwrap_or(1000));
                    factors.push(UnitFactor { name, exponent: sign * power });
                }
            }
        }
        UnitExpr { factors, span }
    }

    pub(super) fn string(&mut self, node: Node<'t>) -> Expr {
        let span = self.span(&node);
        let mut text = String::new();
        let mut parts = vec![];
        for part in node.into_inner() {
            match part.as_rule() {
                Rule::escape => text.push(match &part.as_str()[1..] {
                    "n" => '\n',
                    "t" => '\t',
                    other => other.chars().next().unwrap_or('\\'),
                }),
                Rule::string_open => text.push('{'),
                Rule::string_close => text.push('}'),
                Rule::interpolation => {
                    if !text.is_empty() {
                        parts.push(TemplatePart::Text(std::mem::take(&mut text).into()));
                    }
                    if let Some(inner) = part.into_inner().next() {
                        parts.push(TemplatePart::Value(self.expr(inner)));
                    }
                }
                _ => text.push_str(part.as_str()),
            }
        }
        if parts.is_empty() {
            return Expr { kind: ExprKind::String(text.into()), span };
        }
        if !text.is_empty() {
            parts.push(TemplatePart::Text(text.into()));
        }
        Expr { kind: ExprKind::Template(parts), span }
    }

    fn call(&mut self, node: Node<'t>) -> ExprKind {
        let mut inner = node.into_inner();
        let Some(function) = inner.next() else { return ExprKind::Bad };
        let function = self.name(&function);
        if error::is_reserved(&function.text) {
            self.problems.push(error::reserved(&function));
            return ExprKind::Bad;
        }
        let Some(list) = inner.next() else { return ExprKind::Name(function.text) };
        let (mut arguments, mut spread) = (vec![], None);
        for argument in list.into_inner().filter(|n| n.as_rule() == Rule::argument) {
            let mut parts = argument.into_inner().filter(|n| !is_keyword(n.as_rule()));
            let Some(first) = parts.next() else { continue };
            match (first.as_rule(), parts.next()) {
                (Rule::spread, _) => spread = Some(self.span(&first)),
                (Rule::any_word, Some(value)) => {
                    arguments.push(Argument { name: Some(self.name(&first)), value: self.expr(value) })
                }
                _ => arguments.push(Argument { name: None, value: self.expr(first) }),
            }
        }
        ExprKind::Call { function, arguments, spread }
    }

    fn list(&mut self, node: Node<'t>) -> ExprKind {
        let mut items = vec![];
        for part in parts(node) {
            if part.as_rule() != Rule::comprehension {
                items.push(self.expr(part));
                continue;
            }
            let mut inner = parts(part);
            let (Some(variable), Some(list), Some(body)) = (inner.next(), inner.next(), items.pop()) else {
                return ExprKind::Bad;
            };
            let condition = inner.next();
            return ExprKind::Comprehension {
                body: Box::new(body),
                variable: self.name(&variable),
                list: Box::new(self.expr(list)),
                condition: condition.map(|c| Box::new(self.expr(c))),
            };
        }
        ExprKind::List(items)
    }

    fn match_expr(&mut self, node: Node<'t>) -> ExprKind {
        let mut inner = parts(node);
        let Some(subject) = inner.next() else { return ExprKind::Bad };
        let subject = Box::new(self.postfix(subject));
        let mut arms = vec![];
        for arm in inner.filter(|n| n.as_rule() == Rule::arm) {
            let span = self.span(&arm);
            let (mut patterns, mut value) = (vec![], None);
            for part in arm.into_inner() {
                match part.as_rule() {
                    Rule::ident => patterns.push(self.name(&part)),
                    Rule::expr => value = Some(self.expr(part)),
                    _ => {}
                }
            }
            arms.extend(value.map(|value| MatchArm { patterns, value, span }));
        }
        ExprKind::Match { subject, arms }
    }

    fn iterate(&mut self, node: Node<'t>) -> ExprKind {
        let mut inner = parts(node);
        match (inner.next(), inner.next(), inner.next(), inner.next()) {
            (Some(count), Some(variable), Some(start), Some(next)) => {
                let span = self.span(&count);
                ExprKind::Iterate {
                    count: Box::new(Expr { kind: self.quantity(count), span }),
                    variable: self.name(&variable),
                    start: Box::new(self.expr(start)),
                    next: Box::new(self.expr(next)),
                }
            }
            _ => ExprKind::Bad,
        }
    }

    fn import(&mut self, node: Node<'t>) -> ExprKind {
        let Some(path) = node.into_inner().find(|n| n.as_rule() == Rule::string) else {
            return ExprKind::Bad;
        };
        let path = self.string(path);
        match path.kind {
            ExprKind::String(path) => ExprKind::Import { path },
            _ => {
                self.problems.push(
                    Diagnostic::error("mls::syntax", "the path of an `import` is a plain text")
                        .label(path.span, "computed here")
                        .help("write the path out; which file is read must be known before anything runs"),
                );
                ExprKind::Bad
            }
        }
    }

    fn extremum(&mut self, node: Node<'t>) -> ExprKind {
        let span = self.span(&node);
        let largest = node.as_str().starts_with("largest");
        let mut inner = parts(node).filter(|n| !matches!(n.as_rule(), Rule::kw_largest | Rule::kw_smallest));
        let (Some(variable), Some(domain)) = (inner.next(), inner.next()) else { return ExprKind::Bad };
        let variable = self.name(&variable);
        match self.expr(domain).kind {
            ExprKind::Query { op: QueryOp::Where, grid: domain, body: condition, .. } => {
                ExprKind::Extremum { largest, variable, domain, condition }
            }
            // Told where it went wrong.
            ExprKind::Bad => ExprKind::Bad,
            _ => {
                self.problems.push(
                    Diagnostic::error("mls::syntax", "a search needs a `where`")
                        .label(span, "what must hold?")
                        .help("write `largest n in 1..64 where f(n) < limit`"),
                );
                ExprKind::Bad
            }
        }
    }

    pub(super) fn record_body(&mut self, node: Node<'t>) -> RecordBody {
        let span = self.span(&node);
        let (mut fields, mut spread) = (vec![], None);
        for field in node.into_inner().filter(|n| n.as_rule() == Rule::field) {
            let span = self.span(&field);
            let mut inner = parts(field);
            let Some(first) = inner.next() else { continue };
            match first.as_rule() {
                Rule::spread => spread = Some(self.span(&first)),
                Rule::bad_field => {
                    self.bad_part(&first, Rule::one_field, "field");
                    // It counts as given, so that it is not also said to be missing.
                    let text = first.as_str();
                    let end =
                        text.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(text.len());
                    if end > 0 {
                        let span = self.span(&first);
                        let name = Span { end: span.start + end as u32, ..span };
                        let path = vec![Name { text: text[..end].into(), span: name }];
                        fields.push(FieldInit { path, value: Some(bad(span)), span });
                    }
                }
                _ => {
                    let path = first.into_inner().map(|n| self.name(&n)).collect();
                    let value = inner.next().map(|n| self.expr(n));
                    fields.push(FieldInit { path, value, span });
                }
            }
        }
        RecordBody { fields, spread, span }
    }
}

fn parts<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    node.into_inner().filter(|n| !is_keyword(n.as_rule()))
}

fn bad(span: Span) -> Expr {
    Expr { kind: ExprKind::Bad, span }
}

fn number(text: &str) -> f64 {
    text.replace('_', "").parse().unwrap_or(f64::INFINITY)
}

fn scale(word: &str) -> f64 {
    match word {
        "thousand" => 1e3,
        "million" => 1e6,
        "billion" => 1e9,
        _ => 1e12,
    }
}
