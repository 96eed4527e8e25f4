//! Literals get their values: quantities, units, texts.

use crate::diagnostic::Diagnostic;
use crate::syntax::ast::*;
use crate::syntax::grammar::{Node, Rule};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    pub(super) fn quantity(&mut self, node: Node<'t>) -> ExprKind {
        let span = self.span(&node);
        let mut inner = node.into_inner();
        let mut value = inner.next().map_or(0.0, |n| self.number(&n));
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

    fn number(&mut self, node: &Node<'t>) -> f64 {
        let text = node.as_str();
        if text.starts_with('0') && text[1..].starts_with(|c: char| c.is_ascii_digit() || c == '_') {
            let digits = text.trim_start_matches(['0', '_']);
            let zero = if digits.starts_with(|c: char| c.is_ascii_digit()) { "" } else { "0" };
            let span = self.span(node);
            let mended = format!("{zero}{digits}");
            self.problems.push(
                Diagnostic::error("mls::malformed-number", "a number does not begin with zeros")
                    .label(span, "a group of a larger number, or a number of another base?")
                    .help(format!("write `{mended}`; digits are grouped with `_`: `1_000`"))
                    .edit(span, mended),
            );
        }
        text.replace('_', "").parse().unwrap_or(f64::INFINITY)
    }

    /// Reports `1,024` among values that commas separate: a comma without a blank behind it before three digits, where
    /// the other commas have one, or where it stands alone.
    pub(in crate::syntax) fn report_thousands(&mut self, values: &[&Expr]) {
        let tight = |pair: &&[&Expr]| {
            let [left, right] = pair else { return false };
            self.text_between(left.span.end, right.span.start) == ","
        };
        let groups: Vec<&[&Expr]> = values.windows(2).filter(tight).filter(|p| self.is_group(p)).collect();
        let commas = values.len() - usize::from(!values.is_empty());
        let all_tight = values.windows(2).filter(tight).count() == commas;
        for group in groups {
            let [first, second] = group else { continue };
            self.report_thousands_comma(first, second, (all_tight, commas));
        }
    }

    fn report_thousands_comma(&mut self, first: &Expr, second: &Expr, (all_tight, commas): (bool, usize)) {
        let text = |e: &Expr| self.text_between(e.span.start, e.span.end);
        let zeros = text(second).starts_with('0');
        if all_tight && commas > 1 && !zeros {
            return;
        }
        let span = first.span.to(second.span);
        let number = format!("{}_{}", text(first), text(second));
        let plain = format!("{}, {}", text(first), text(second));
        let sure = !all_tight || zeros;
        let problem = match sure {
            true => Diagnostic::error("mls::thousands-comma", "a comma separates values, not digits"),
            false => {
                Diagnostic::warning("mls::thousands-comma", "a comma separates values: these are two numbers")
            }
        };
        // Zeros at the front are told by this.
        self.problems.retain(|p| p.span() != Some(second.span) || p.code != "mls::malformed-number");
        let problem =
            problem.label(span, "one number, or two?").maybe_edit(span, sure.then(|| number.clone()));
        self.problems.push(problem.help(match zeros {
            true => format!("group digits with `_`: `{number}`"),
            false => {
                format!("group digits with `_`: `{number}`; of two numbers, put a blank between: `{plain}`")
            }
        }));
    }

    /// `1` and `024`: digits that may be groups of one number.
    fn is_group(&self, pair: &[&Expr]) -> bool {
        let [left, right] = pair else { return false };
        let left_text = self.text_between(left.span.start, left.span.end);
        let right_text = self.text_between(right.span.start, right.span.end);
        let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
        matches!(left.kind, ExprKind::Number(_))
            && matches!(right.kind, ExprKind::Number(_) | ExprKind::Quantity { .. })
            && (1..=3).contains(&left_text.len())
            && digits(left_text) == left_text.len()
            && !left_text.starts_with('0')
            && digits(right_text) == 3
            && !right_text[3..].starts_with(['.', '_', 'e', 'E'])
    }

    /// The text between two places of the file.
    fn text_between(&self, start: u32, end: u32) -> &'t str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    pub(super) fn unit_expr(&mut self, node: Node<'t>) -> UnitExpr {
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

    pub(in crate::syntax) fn string(&mut self, node: Node<'t>) -> Expr {
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
}

fn scale(word: &str) -> f64 {
    match word {
        "thousand" => 1e3,
        "million" => 1e6,
        "billion" => 1e9,
        _ => 1e12,
    }
}
