//! `if` and `match`, and the type that all branches have.

use crate::check::error::{NameError, TypeError};
use crate::check::hints::missing_names::{Lookup, Wanted};
use crate::check::program::{Expr, ExprKind, Type};
use crate::check::{Checker, Frame};
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    pub(super) fn infer_match(
        &mut self,
        frame: &mut Frame,
        subject: &ast::Expr,
        arms: &[ast::MatchArm],
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let subject = self.infer(frame, subject, None);
        let subject = self.unwrapped(subject);
        let id = match &subject.ty {
            Type::Enum(id) => *id,
            Type::Unknown => return Expr::bad(span),
            other => {
                let found = self.program.describe(other);
                self.report(TypeError::NotAnEnum { span: subject.span, found });
                return Expr::bad(span);
            }
        };
        let total = self.program.enumeration(id).members.len() as u32;
        let mut left: Vec<u32> = (0..total).collect();
        let mut checked: Vec<(Vec<u32>, Expr)> = vec![];
        let mut ty: Option<Type> = None;
        // What was meant by a member that there is not may be covered, so nothing is said to be missing.
        let mut unknown = false;
        for arm in arms {
            let mut members = vec![];
            for pattern in &arm.patterns {
                match self.member(id, &pattern.text) {
                    Some(member) if left.contains(&member) => {
                        left.retain(|m| *m != member);
                        self.note_member(pattern.span, id, member);
                        members.push(member);
                    }
                    Some(_) => {
                        let name = pattern.text.clone();
                        self.report(TypeError::ArmUnreachable { name: Some(name), span: pattern.span });
                    }
                    None => {
                        let name = pattern.text.clone();
                        let mistake = NameError::UnknownMember { name, span: pattern.span, enumeration: id };
                        let lookup = Lookup {
                            scope: Some(frame.scope),
                            name: &pattern.text,
                            span: pattern.span,
                            wanted: Wanted::Member(id),
                            hint: None,
                        };
                        self.report_missing(None, lookup, mistake);
                        unknown = true;
                    }
                }
            }
            if arm.patterns.is_empty() {
                if left.is_empty() && !unknown {
                    self.report(TypeError::ArmUnreachable { name: None, span: arm.span });
                }
                members.append(&mut left);
            }
            let value = self.infer(frame, &arm.value, hint.or(ty.as_ref()));
            ty = match (ty, checked.last()) {
                (Some(_), Some((_, last))) => match self.join(last, &value, "arms of a `match`") {
                    Some(joined) => Some(joined),
                    None => return Expr::bad(span),
                },
                _ => Some(value.ty.clone()),
            };
            checked.push((members, value));
        }
        if !left.is_empty() && !unknown {
            let members = &self.program.enumeration(id).members;
            let missing = left.iter().filter_map(|m| members.get_index(*m as usize)).map(|(n, _)| n.clone());
            let missing = missing.collect();
            self.report(TypeError::MatchNotExhaustive { span: subject.span, missing });
            return Expr::bad(span);
        }
        let kind = ExprKind::Match { subject: Box::new(subject), arms: checked };
        Expr { kind, ty: ty.unwrap_or(Type::Unknown), span }
    }

    /// The type that both have; reports when there is none.
    pub(super) fn join(&mut self, a: &Expr, b: &Expr, what: &'static str) -> Option<Type> {
        let joined = join_types(&a.ty, &b.ty);
        if joined.is_none() {
            let (x, y) = (self.program.describe(&a.ty), self.program.describe(&b.ty));
            self.report(TypeError::TypesDiffer { what, first: (a.span, x), second: (b.span, y) });
        }
        joined
    }
}

fn join_types(a: &Type, b: &Type) -> Option<Type> {
    match (a, b) {
        (Type::Unknown, other) | (other, Type::Unknown) => Some(other.clone()),
        (Type::None, Type::None) => Some(Type::None),
        (Type::None, other) | (other, Type::None) => Some(other.clone().optional()),
        (Type::Optional(x), y) | (y, Type::Optional(x)) => join_types(x, y.required()).map(Type::optional),
        (Type::List(x), Type::List(y)) => join_types(x, y).map(|t| Type::List(Box::new(t))),
        (x, y) if x == y => Some(x.clone()),
        _ => None,
    }
}
