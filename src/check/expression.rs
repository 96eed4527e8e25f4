//! Expressions: types and dimensions.

use std::sync::Arc;

use super::error::CheckError;
use super::program::{Entity, EnumId, Expr, ExprKind, Local, TemplatePart, Type};
use super::statement::constant;
use super::{Checker, Frame, Role, Want};
use crate::source::Span;
use crate::suggest;
use crate::syntax::ast::{self, BinaryOp, CompareOp, Name, UnaryOp};
use crate::units::dimension::Dimension;
use crate::units::registry::ResolvedUnit;

/// Steps that `iterate` may unroll to.
const ITERATE_LIMIT: u32 = 64;

impl Checker<'_> {
    /// Checks an expression whose type somebody asks for; a mismatch is reported and is of unknown type.
    pub(super) fn check_want(&mut self, frame: &mut Frame, e: &ast::Expr, want: &Want) -> Expr {
        let value = self.infer(frame, e, Some(want.ty));
        self.coerce(frame, value, want)
    }

    pub(super) fn check_condition(&mut self, frame: &mut Frame, e: &ast::Expr, place: &'static str) -> Expr {
        self.check_want(frame, e, &Want { ty: &Type::Bool, role: Role::Place(place) })
    }

    pub(super) fn check_message(&mut self, frame: &mut Frame, e: &ast::Expr) -> Expr {
        self.check_want(frame, e, &Want { ty: &Type::String, role: Role::Place("a message") })
    }

    /// The type of an expression. `hint` is what it will be asked for: it decides enum members and record literals.
    pub(super) fn infer(&mut self, frame: &mut Frame, e: &ast::Expr, hint: Option<&Type>) -> Expr {
        stacker::maybe_grow(64 * 1024, 1024 * 1024, || self.infer_kind(frame, e, hint))
    }

    fn infer_kind(&mut self, frame: &mut Frame, e: &ast::Expr, hint: Option<&Type>) -> Expr {
        let done = |kind, ty| Expr { kind, ty, span: e.span };
        match &e.kind {
            ast::ExprKind::Number(value) => done(ExprKind::Number(*value), Type::SCALAR),
            ast::ExprKind::Quantity { value, unit } => match self.resolve_unit(unit) {
                Some(resolved) => {
                    self.warn_bits_for_bytes(*value, unit, hint);
                    let ty = Type::Quantity(resolved.dimension);
                    done(ExprKind::Quantity { value: resolved.to_base(*value), unit: resolved }, ty)
                }
                None => Expr::bad(e.span),
            },
            ast::ExprKind::String(text) => done(ExprKind::Text(text.clone()), Type::String),
            ast::ExprKind::Template(parts) => {
                let parts = parts.iter().map(|p| self.template_part(frame, p)).collect();
                done(ExprKind::Template(parts), Type::String)
            }
            ast::ExprKind::Bool(value) => done(ExprKind::Bool(*value), Type::Bool),
            ast::ExprKind::None => done(ExprKind::None, Type::None),
            ast::ExprKind::Name(name) => self.infer_name(frame, name, e.span, hint),
            ast::ExprKind::Field { base, field } => self.infer_field(frame, base, field, e.span),
            ast::ExprKind::Index { base, index } => self.infer_index(frame, base, index, e.span),
            ast::ExprKind::Call { function, arguments, spread } => {
                self.infer_call(frame, function, arguments, *spread, e.span)
            }
            ast::ExprKind::Record { base, body } => {
                self.infer_record(frame, base.as_deref(), body, e.span, hint)
            }
            ast::ExprKind::List(items) => self.infer_list(frame, items, e.span, hint),
            ast::ExprKind::Comprehension { body, variable, list, condition } => {
                self.infer_comprehension(frame, body, variable, list, condition.as_deref(), e.span)
            }
            ast::ExprKind::Range { low, high, step } => {
                self.infer_range(frame, low, high, step.as_deref(), e.span)
            }
            ast::ExprKind::Unary { op: UnaryOp::Not, operand } => {
                let operand = self.check_condition(frame, operand, "the operand of `not`");
                done(ExprKind::Unary { op: UnaryOp::Not, operand: Box::new(operand) }, Type::Bool)
            }
            ast::ExprKind::Unary { op: UnaryOp::Negate, operand } => {
                let operand = self.infer(frame, operand, hint);
                match self.quantity(operand, "`-`") {
                    Some((operand, dimension)) => done(
                        ExprKind::Unary { op: UnaryOp::Negate, operand: Box::new(operand) },
                        Type::Quantity(dimension),
                    ),
                    None => Expr::bad(e.span),
                }
            }
            ast::ExprKind::Binary { op, op_span, left, right } => {
                self.infer_binary(frame, *op, *op_span, left, right, e.span, hint)
            }
            ast::ExprKind::Compare { first, rest } => self.infer_compare(frame, first, rest, e.span),
            ast::ExprKind::Within { value, tolerance, reference } => {
                self.infer_within(frame, value, tolerance, reference, e.span)
            }
            ast::ExprKind::Convert { value, unit } => self.infer_convert(frame, value, unit, e.span),
            ast::ExprKind::If { condition, then, otherwise } => {
                let condition = self.check_condition(frame, condition, "the condition of an `if`");
                let then = self.infer(frame, then, hint);
                let branch = if then.ty == Type::None { hint.cloned() } else { Some(then.ty.clone()) };
                let otherwise = self.infer(frame, otherwise, hint.or(branch.as_ref()));
                let Some(ty) = self.join(&then, &otherwise, "branches of an `if`") else {
                    return Expr::bad(e.span);
                };
                let (condition, then, otherwise) = (Box::new(condition), Box::new(then), Box::new(otherwise));
                done(ExprKind::If { condition, then, otherwise }, ty)
            }
            ast::ExprKind::Match { subject, arms } => self.infer_match(frame, subject, arms, e.span, hint),
            ast::ExprKind::Block { lets, value } => {
                let mark = frame.mark();
                let mut bound = vec![];
                for l in lets {
                    let value = self.check_let_value(frame, l);
                    let slot = self.bind(frame, &l.name, value.ty.clone(), Some(&value));
                    bound.push((slot, value));
                }
                let value = self.infer(frame, value, hint);
                frame.leave(mark);
                let ty = value.ty.clone();
                done(ExprKind::Block { lets: bound, value: Box::new(value) }, ty)
            }
            ast::ExprKind::Iterate { count, variable, start, next } => {
                self.infer_iterate(frame, count, variable, start, next, e.span)
            }
            ast::ExprKind::Query { op, grid, body, .. } => self.infer_query(frame, *op, grid, body, e.span),
            ast::ExprKind::Pick { grid, pick } => self.infer_pick(frame, grid, pick, e.span),
            ast::ExprKind::Extremum { largest, variable, domain, condition } => {
                self.infer_extremum(frame, *largest, variable, (domain, condition), e.span)
            }
            ast::ExprKind::Import { path } => self.infer_import(frame, path, e.span),
            ast::ExprKind::Parenthesized(inner) => {
                let inner = self.infer(frame, inner, hint);
                let ty = inner.ty.clone();
                done(ExprKind::Parenthesized(Box::new(inner)), ty)
            }
            ast::ExprKind::Bad => Expr::bad(e.span),
        }
    }

    fn template_part(&mut self, frame: &mut Frame, part: &ast::TemplatePart) -> TemplatePart {
        match part {
            ast::TemplatePart::Text(text) => TemplatePart::Text(text.clone()),
            ast::TemplatePart::Value(e) => TemplatePart::Value(self.infer(frame, e, None)),
        }
    }

    /// A slot for a name bound inside an expression.
    pub(super) fn bind(
        &mut self,
        frame: &mut Frame,
        name: &Name,
        ty: Type,
        value: Option<&Expr>,
    ) -> super::program::LocalId {
        let unit = value.and_then(|v| self.unit_of(&frame.locals, v));
        frame.bind(Local { name: name.text.clone(), doc: "".into(), ty, span: name.span, unit })
    }

    pub(super) fn resolve_unit(&mut self, unit: &ast::UnitExpr) -> Option<ResolvedUnit> {
        match self.program.registry.resolve(unit) {
            Ok(resolved) => Some(resolved),
            Err(error) => {
                let diagnostic = error.diagnostic(&self.program.registry);
                self.problems.push(diagnostic);
                None
            }
        }
    }

    fn infer_name(&mut self, frame: &mut Frame, name: &Arc<str>, span: Span, hint: Option<&Type>) -> Expr {
        let wanted = match hint.map(Type::required) {
            Some(Type::Enum(id)) => self.member(*id, name).map(|member| (*id, member)),
            _ => None,
        };
        let member =
            |(id, member): (EnumId, u32)| Expr { kind: ExprKind::Member(member), ty: Type::Enum(id), span };
        let found = match frame.local(name) {
            Some(local) => {
                let ty = frame.locals[local.index()].ty.clone();
                Some(Expr { kind: ExprKind::Local(local), ty, span })
            }
            None if frame.point_first(name) && self.point_name(frame, name, span).is_some() => {
                self.point_name(frame, name, span)
            }
            None => match self.lookup(frame.scope, name) {
                // `solve fp8 = one { precision: fp8 }`: while the solve is being defined, the name is the member's.
                Some(decl) if wanted.is_some() && self.is_being_checked(decl) => None,
                Some(decl) => {
                    let entity = self.demand(decl, span);
                    Some(self.entity_value(entity, name, span))
                }
                None => self.point_name(frame, name, span),
            },
        };
        match (found, wanted) {
            (Some(value), Some((id, m))) if value.ty.required() != &Type::Enum(id) => member((id, m)),
            (Some(value), _) => value,
            (None, Some(found)) => member(found),
            (None, None) => match self.members_named(frame.scope, name).as_slice() {
                [only] if !matches!(hint.map(Type::required), Some(Type::Enum(_))) => member(*only),
                _ => {
                    self.report_unknown_name(frame, name, span, hint);
                    Expr::bad(span)
                }
            },
        }
    }

    fn entity_value(&mut self, entity: Entity, name: &Arc<str>, span: Span) -> Expr {
        match entity {
            Entity::Value(id) => {
                let ty = self.program.global(id).ty.clone();
                Expr { kind: ExprKind::Global(id), ty, span }
            }
            Entity::Solver(id) => Expr { kind: ExprKind::Solver(id), ty: Type::Solver(id), span },
            Entity::Unknown => Expr::bad(span),
            other => {
                self.report(CheckError::NotAName { name: name.clone(), span, entity: other });
                Expr::bad(span)
            }
        }
    }

    fn member(&self, id: EnumId, name: &str) -> Option<u32> {
        self.program.enumeration(id).members.get_index_of(name).map(|i| i as u32)
    }

    /// The enums in sight that have a member of this name; of the nearest file that has one, as with other names.
    fn members_named(&mut self, scope: super::names::ScopeId, name: &str) -> Vec<(EnumId, u32)> {
        let mut found = vec![];
        for candidate in self.visible_names(scope) {
            if !candidate.starts_with(char::is_uppercase) {
                continue;
            }
            let Some(decl) = self.lookup(scope, &candidate) else { continue };
            if !self.declares(decl, "enum") {
                continue;
            }
            let span = Span::new(self.scopes[scope.index()].file, 0, 0);
            if let Entity::Enum(id) = self.demand(decl, span)
                && let Some(member) = self.member(id, name)
                && !found.iter().any(|(_, f)| *f == (id, member))
            {
                found.push((self.decls[decl.index()].scope, (id, member)));
            }
        }
        let nearest = found.first().map(|(scope, _)| *scope);
        found.into_iter().filter(|(scope, _)| Some(*scope) == nearest).map(|(_, member)| member).collect()
    }

    fn report_unknown_name(&mut self, frame: &Frame, name: &Arc<str>, span: Span, hint: Option<&Type>) {
        if let Some(Type::Enum(id)) = hint.map(Type::required) {
            self.report(CheckError::UnknownMember { name: name.clone(), span, enumeration: *id });
            return;
        }
        // What is wanted is unknown because of another mistake, and so may be what this means.
        if self.is_incomplete(frame.scope) || matches!(hint, Some(Type::Unknown)) {
            return;
        }
        let mut names: Vec<Arc<str>> = frame.visible.iter().rev().map(|(n, _)| n.clone()).collect();
        // Of a point of a sweep, its fields are names too.
        match frame.point.as_ref().map(|p| p.ty.required()) {
            Some(Type::Solve(id)) => {
                let solver = self.program.solver(*id);
                names.extend(solver.slots().map(|s| solver.locals[s.index()].name.clone()));
            }
            Some(Type::Record(id)) => names.extend(self.program.ty(*id).fields.keys().cloned()),
            _ => {}
        }
        for candidate in self.visible_names(frame.scope) {
            // A function's name by itself is no value.
            let is_function = self.lookup(frame.scope, &candidate).is_some_and(|d| self.declares(d, "fn"));
            if !is_function {
                names.push(candidate);
            }
        }
        let unit = self.program.registry.unit(name).is_some();
        let near = suggest::nearest(name, names.iter().map(|n| &**n)).map(Arc::<str>::from);
        let similar = near.and_then(|near| {
            let local = frame.local(&near).map(|id| frame.locals[id.index()].span);
            let span = local.or_else(|| self.declared_at(frame.scope, &near))?;
            Some((near, span))
        });
        self.report(CheckError::UnknownName { name: name.clone(), span, names, unit, similar });
    }

    fn infer_index(&mut self, frame: &mut Frame, base: &ast::Expr, index: &ast::Expr, span: Span) -> Expr {
        let base = self.infer(frame, base, None);
        let want = Want { ty: &Type::SCALAR, role: Role::Place("an index") };
        let index = self.check_want(frame, index, &want);
        match base.ty.clone() {
            Type::List(element) => {
                let kind = ExprKind::Index { base: Box::new(base), index: Box::new(index) };
                Expr { kind, ty: *element, span }
            }
            Type::Unknown => Expr::bad(span),
            other => {
                let found = self.program.describe(&other);
                self.report(CheckError::NotAList { span: base.span, found });
                Expr::bad(span)
            }
        }
    }

    fn infer_list(
        &mut self,
        frame: &mut Frame,
        items: &[ast::Expr],
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let mut hint = match hint {
            Some(Type::List(element)) => Some((**element).clone()),
            _ => None,
        };
        let mut values: Vec<Expr> = vec![];
        let mut ty: Option<Type> = None;
        for item in items {
            let value = self.infer(frame, item, hint.as_ref());
            ty = match (&ty, values.last()) {
                (Some(_), Some(last)) => {
                    let Some(joined) = self.join(last, &value, "items of a list") else {
                        return Expr::bad(span);
                    };
                    Some(joined)
                }
                _ => Some(value.ty.clone()),
            };
            hint = hint.or_else(|| ty.clone());
            values.push(value);
        }
        let ty = Type::List(Box::new(ty.or(hint).unwrap_or(Type::Unknown)));
        Expr { kind: ExprKind::List(values), ty, span }
    }

    fn infer_comprehension(
        &mut self,
        frame: &mut Frame,
        body: &ast::Expr,
        variable: &Name,
        list: &ast::Expr,
        condition: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        let list = self.infer(frame, list, None);
        let element = match &list.ty {
            Type::List(element) => (**element).clone(),
            Type::Unknown => Type::Unknown,
            other => {
                let found = self.program.describe(other);
                self.report(CheckError::NotAList { span: list.span, found });
                Type::Unknown
            }
        };
        let mark = frame.mark();
        let slot = self.bind(frame, variable, element, None);
        let condition = condition.map(|c| self.check_condition(frame, c, "the condition of a list"));
        let body = self.infer(frame, body, None);
        frame.leave(mark);
        let ty = Type::List(Box::new(body.ty.clone()));
        let kind = ExprKind::Comprehension {
            body: Box::new(body),
            variable: slot,
            list: Box::new(list),
            condition: condition.map(Box::new),
        };
        Expr { kind, ty, span }
    }

    fn infer_range(
        &mut self,
        frame: &mut Frame,
        low: &ast::Expr,
        high: &ast::Expr,
        step: Option<&ast::Expr>,
        span: Span,
    ) -> Expr {
        let low = self.infer(frame, low, None);
        let Some((low, dimension)) = self.quantity(low, "a range") else { return Expr::bad(span) };
        let ty = Type::Quantity(dimension);
        let role = Role::Declared { what: "the start of this range".into(), span: low.span };
        let want = Want { ty: &ty, role };
        let high = self.check_want(frame, high, &want);
        let step = step.map(|s| Box::new(self.check_want(frame, s, &want)));
        let kind = ExprKind::Range { low: Box::new(low), high: Box::new(high), step };
        Expr { kind, ty: Type::List(Box::new(ty)), span }
    }

    /// The operand as a quantity, unwrapped when optional, with its dimension. Reports what is none.
    pub(super) fn quantity(&mut self, e: Expr, operator: &'static str) -> Option<(Expr, Dimension)> {
        let e = self.unwrapped(e);
        match e.ty {
            Type::Quantity(dimension) => Some((e, dimension)),
            Type::Unknown => None,
            _ => {
                let found = self.program.describe(&e.ty);
                self.report(CheckError::NotANumber { span: e.span, found, operator });
                None
            }
        }
    }

    /// An optional's value; anything else as it is.
    pub(super) fn unwrapped(&mut self, e: Expr) -> Expr {
        match e.ty.clone() {
            Type::Optional(inner) => {
                let span = e.span;
                Expr { kind: ExprKind::Unwrap(Box::new(e)), ty: *inner, span }
            }
            _ => e,
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn infer_binary(
        &mut self,
        frame: &mut Frame,
        op: BinaryOp,
        op_span: Span,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let done = |left, right, ty| {
            let kind = ExprKind::Binary { op, left: Box::new(left), right: Box::new(right) };
            Expr { kind, ty, span }
        };
        match op {
            BinaryOp::And | BinaryOp::Or => {
                let place = if op == BinaryOp::And { "an operand of `and`" } else { "an operand of `or`" };
                let left = self.check_condition(frame, left, place);
                let right = self.check_condition(frame, right, place);
                return done(left, right, Type::Bool);
            }
            BinaryOp::Else => return self.infer_else(frame, left, right, span, hint),
            _ => {}
        }
        let left = self.infer(frame, left, None);
        let right = self.infer(frame, right, None);
        let name = match op {
            BinaryOp::Add => "`+`",
            BinaryOp::Subtract => "`-`",
            BinaryOp::Multiply => "`*`",
            BinaryOp::Divide => "`/`",
            _ => "`^`",
        };
        let (left, right) = (self.quantity(left, name), self.quantity(right, name));
        let (Some((left, a)), Some((right, b))) = (left, right) else { return Expr::bad(span) };
        let dimension = match op {
            BinaryOp::Add | BinaryOp::Subtract if a == b => Ok(a),
            BinaryOp::Add | BinaryOp::Subtract => {
                self.report_operands(frame, name, op_span, &left, &right);
                return Expr::bad(span);
            }
            BinaryOp::Multiply => a.multiply(b),
            BinaryOp::Divide => a.divide(b),
            _ => match self.power_dimension(&left, a, &right, b) {
                Some(result) => result,
                None => return Expr::bad(span),
            },
        };
        match dimension {
            Ok(dimension) => done(left, right, Type::Quantity(dimension)),
            Err(_) => {
                self.report(CheckError::ExponentRange { span });
                Expr::bad(span)
            }
        }
    }

    /// A power of a quantity needs an exponent that is known now, as a fraction; of a plain number any will do.
    fn power_dimension(
        &mut self,
        base: &Expr,
        dimension: Dimension,
        exponent: &Expr,
        of_exponent: Dimension,
    ) -> Option<Result<Dimension, crate::units::dimension::ExponentError>> {
        if !of_exponent.is_scalar() {
            let found = self.program.registry.describe(of_exponent);
            self.report(CheckError::ExponentNotPlain { span: exponent.span, found });
            return None;
        }
        if dimension.is_scalar() {
            return Some(Ok(dimension));
        }
        let fraction = constant(exponent).and_then(as_fraction);
        let Some((numerator, denominator)) = fraction else {
            let found = self.program.registry.describe(dimension);
            self.report(CheckError::ExponentNotKnown { span: exponent.span, base: base.span, found });
            return None;
        };
        Some(dimension.power(numerator, denominator))
    }

    /// `optional ?? fallback`
    fn infer_else(
        &mut self,
        frame: &mut Frame,
        left: &ast::Expr,
        right: &ast::Expr,
        span: Span,
        hint: Option<&Type>,
    ) -> Expr {
        let left = self.infer(frame, left, hint);
        let inner = match &left.ty {
            Type::Optional(inner) => (**inner).clone(),
            Type::None => Type::Unknown,
            Type::Unknown => {
                self.infer(frame, right, hint);
                return Expr::bad(span);
            }
            other => {
                if !self.sources.is_library(span) {
                    self.report(CheckError::NeverAbsent { span: left.span });
                }
                other.clone()
            }
        };
        let hint = if inner.is_unknown() { hint.cloned() } else { Some(inner.clone()) };
        let right = self.infer(frame, right, hint.as_ref());
        let optional = matches!(right.ty, Type::Optional(_) | Type::None);
        let role = Role::Declared { what: "the value before `??`".into(), span: left.span };
        let inner = if inner.is_unknown() { right.ty.required().clone() } else { inner };
        let wanted = if optional { inner.clone().optional() } else { inner };
        let right = self.coerce(frame, right, &Want { ty: &wanted, role });
        if right.ty.is_unknown() {
            return Expr::bad(span);
        }
        let kind = ExprKind::Binary { op: BinaryOp::Else, left: Box::new(left), right: Box::new(right) };
        Expr { kind, ty: wanted, span }
    }

    fn infer_compare(
        &mut self,
        frame: &mut Frame,
        first: &ast::Expr,
        rest: &[(CompareOp, Span, ast::Expr)],
        span: Span,
    ) -> Expr {
        // A bare name may be an enum member, which only the other side can tell.
        let later = rest.first().map(|(_, _, e)| e);
        let mut left = match later {
            Some(right) if self.is_open_name(frame, first) && !self.is_open_name(frame, right) => {
                let ty = self.infer(frame, right, None).ty;
                self.infer(frame, first, Some(&ty))
            }
            _ => self.infer(frame, first, None),
        };
        left = self.unwrapped(left);
        let (head, mut checked, mut ok) = (left.clone(), vec![], !left.ty.is_unknown());
        for (op, op_span, right) in rest {
            let hint = left.ty.clone();
            let right = self.infer(frame, right, Some(&hint));
            let right = self.unwrapped(right);
            ok &= self.comparable(frame, *op, *op_span, &left, &right);
            checked.push((*op, right.clone()));
            left = right;
        }
        if !ok {
            return Expr::bad(span);
        }
        Expr { kind: ExprKind::Compare { first: Box::new(head), rest: checked }, ty: Type::Bool, span }
    }

    /// A name that means nothing here, and so may be an enum member.
    fn is_open_name(&mut self, frame: &Frame, e: &ast::Expr) -> bool {
        match &e.kind {
            ast::ExprKind::Name(name) => {
                frame.local(name).is_none() && self.lookup(frame.scope, name).is_none()
            }
            _ => false,
        }
    }

    fn comparable(&mut self, frame: &Frame, op: CompareOp, op_span: Span, left: &Expr, right: &Expr) -> bool {
        let equality = matches!(op, CompareOp::Equal | CompareOp::NotEqual);
        match (&left.ty, &right.ty) {
            (Type::Unknown, _) | (_, Type::Unknown) => false,
            (Type::Quantity(a), Type::Quantity(b)) if a == b => {
                if equality && !is_whole(left) && !is_whole(right) && !self.sources.is_library(op_span) {
                    self.report(CheckError::FloatEquality {
                        span: op_span,
                        left: self.sources.text(left.span).into(),
                        right: self.sources.text(right.span).into(),
                        negated: op == CompareOp::NotEqual,
                    });
                }
                true
            }
            (a, b) if equality && a == b && matches!(a, Type::Bool | Type::String | Type::Enum(_)) => true,
            (Type::Quantity(_), Type::Quantity(_)) => {
                self.report_operands(frame, compare_name(op), op_span, left, right);
                false
            }
            (a, b) => {
                let (a, b) = (self.program.describe(a), self.program.describe(b));
                self.report(CheckError::NotComparable {
                    span: op_span,
                    left: (left.span, a),
                    right: (right.span, b),
                    equality,
                });
                false
            }
        }
    }

    fn infer_within(
        &mut self,
        frame: &mut Frame,
        value: &ast::Expr,
        tolerance: &ast::Expr,
        reference: &ast::Expr,
        span: Span,
    ) -> Expr {
        let value = self.infer(frame, value, None);
        let value = self.quantity(value, "`within`");
        let tolerance = self.infer(frame, tolerance, None);
        let tolerance = self.quantity(tolerance, "`within`");
        let reference = self.infer(frame, reference, None);
        let reference = self.quantity(reference, "`within`");
        let (Some((value, a)), Some((tolerance, t)), Some((reference, b))) = (value, tolerance, reference)
        else {
            return Expr::bad(span);
        };
        if a != b {
            self.report_operands(frame, "`within`", tolerance.span, &value, &reference);
            return Expr::bad(span);
        }
        let relative = t.is_scalar();
        if !relative && t != a {
            self.report_operands(frame, "the tolerance of `within`", tolerance.span, &tolerance, &reference);
            return Expr::bad(span);
        }
        let (value, tolerance, reference) = (Box::new(value), Box::new(tolerance), Box::new(reference));
        Expr { kind: ExprKind::Within { value, tolerance, relative, reference }, ty: Type::Bool, span }
    }

    fn infer_convert(
        &mut self,
        frame: &mut Frame,
        value: &ast::Expr,
        unit: &ast::UnitExpr,
        span: Span,
    ) -> Expr {
        let value = self.infer(frame, value, None);
        let resolved = self.resolve_unit(unit);
        let (Some((value, dimension)), Some(resolved)) = (self.quantity(value, "`to`"), resolved) else {
            return Expr::bad(span);
        };
        if dimension != resolved.dimension {
            let found = self.program.registry.describe(dimension);
            let wanted = self.program.registry.describe(resolved.dimension);
            self.report(CheckError::CannotConvert { span: value.span, found, unit: unit.span, wanted });
            return Expr::bad(span);
        }
        let kind = ExprKind::Convert { value: Box::new(value), unit: resolved };
        Expr { kind, ty: Type::Quantity(dimension), span }
    }

    fn infer_match(
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
                self.report(CheckError::NotAnEnum { span: subject.span, found });
                return Expr::bad(span);
            }
        };
        let total = self.program.enumeration(id).members.len() as u32;
        let mut left: Vec<u32> = (0..total).collect();
        let mut checked: Vec<(Vec<u32>, Expr)> = vec![];
        let mut ty: Option<Type> = None;
        for arm in arms {
            let mut members = vec![];
            for pattern in &arm.patterns {
                match self.member(id, &pattern.text) {
                    Some(member) if left.contains(&member) => {
                        left.retain(|m| *m != member);
                        members.push(member);
                    }
                    Some(_) => {
                        let name = pattern.text.clone();
                        self.report(CheckError::ArmUnreachable { name: Some(name), span: pattern.span });
                    }
                    None => {
                        let name = pattern.text.clone();
                        self.report(CheckError::UnknownMember { name, span: pattern.span, enumeration: id });
                        // What was meant is covered, so do not also say that it is missing.
                        left.clear();
                    }
                }
            }
            if arm.patterns.is_empty() {
                if left.is_empty() {
                    self.report(CheckError::ArmUnreachable { name: None, span: arm.span });
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
        if !left.is_empty() {
            let members = &self.program.enumeration(id).members;
            let missing = left.iter().filter_map(|m| members.get_index(*m as usize)).map(|(n, _)| n.clone());
            let missing = missing.collect();
            self.report(CheckError::MatchNotExhaustive { span: subject.span, missing });
            return Expr::bad(span);
        }
        let kind = ExprKind::Match { subject: Box::new(subject), arms: checked };
        Expr { kind, ty: ty.unwrap_or(Type::Unknown), span }
    }

    fn infer_iterate(
        &mut self,
        frame: &mut Frame,
        count: &ast::Expr,
        variable: &Name,
        start: &ast::Expr,
        next: &ast::Expr,
        span: Span,
    ) -> Expr {
        let steps = match &count.kind {
            ast::ExprKind::Number(n) if n.fract() == 0.0 && *n >= 1.0 && *n <= f64::from(ITERATE_LIMIT) => {
                *n as u32
            }
            _ => {
                self.report(CheckError::IterateCount { span: count.span, limit: ITERATE_LIMIT });
                1
            }
        };
        let start = self.infer(frame, start, None);
        let start = self.unwrapped(start);
        let ty = start.ty.clone();
        let mark = frame.mark();
        let slot = self.bind(frame, variable, ty.clone(), Some(&start));
        let role = Role::Declared { what: format!("`{}`", variable.text), span: start.span };
        let next = self.check_want(frame, next, &Want { ty: &ty, role });
        frame.leave(mark);
        if next.ty.is_unknown() {
            return Expr::bad(span);
        }
        let kind =
            ExprKind::Iterate { count: steps, variable: slot, start: Box::new(start), next: Box::new(next) };
        Expr { kind, ty, span }
    }

    /// The type that both have; reports when there is none.
    fn join(&mut self, a: &Expr, b: &Expr, what: &'static str) -> Option<Type> {
        let joined = join_types(&a.ty, &b.ty);
        if joined.is_none() {
            let (x, y) = (self.program.describe(&a.ty), self.program.describe(&b.ty));
            self.report(CheckError::TypesDiffer { what, first: (a.span, x), second: (b.span, y) });
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

/// A written whole number: comparing a count with one by `==` is fine.
fn is_whole(e: &Expr) -> bool {
    match &e.kind {
        ExprKind::Number(v) => v.fract() == 0.0,
        ExprKind::Quantity { unit, value } => unit.in_unit(*value).fract() == 0.0,
        ExprKind::Parenthesized(inner) => is_whole(inner),
        ExprKind::Unary { operand, .. } => is_whole(operand),
        _ => false,
    }
}

/// A number as a fraction with a small denominator.
fn as_fraction(x: f64) -> Option<(i32, i32)> {
    (1..=12).find_map(|d| {
        let n = x * f64::from(d);
        let close = (n - n.round()).abs() < 1e-9 && n.abs() < 1e6;
        close.then_some((n.round() as i32, d))
    })
}

fn compare_name(op: CompareOp) -> &'static str {
    match op {
        CompareOp::Less => "`<`",
        CompareOp::LessEqual => "`<=`",
        CompareOp::Greater => "`>`",
        CompareOp::GreaterEqual => "`>=`",
        CompareOp::Equal => "`==`",
        CompareOp::NotEqual => "`!=`",
    }
}
