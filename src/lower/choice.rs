//! One of several values: by a condition, by a member, by whether an optional is there.

use std::rc::Rc;

use crate::check::program::{Expr, Type};
use crate::lower::lowerer::{Lowered, Lowerer};
use crate::lower::value::{Env, Value};

impl<'p> Lowerer<'p> {
    pub(super) fn if_else(
        &mut self,
        e: &'p Expr,
        condition: &'p Expr,
        (then, otherwise): (&'p Expr, &'p Expr),
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let condition = self.node(condition, env)?;
        match self.graph.known(condition) {
            None => {
                let then = self.lower(then, env)?;
                let otherwise = self.lower(otherwise, env)?;
                self.select(condition, then, otherwise, e)
            }
            Some(c) if c.is_nan() => Ok(Value::Poison(condition)),
            Some(0.0) => self.lower(otherwise, env),
            Some(_) => self.lower(then, env),
        }
    }

    pub(super) fn match_member(
        &mut self,
        e: &'p Expr,
        subject: &'p Expr,
        arms: &'p [(Vec<u32>, Expr)],
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        let subject = self.node(subject, env)?;
        let Some(member) = self.graph.known(subject) else {
            return self.match_along(e, subject, arms, env);
        };
        let arm = arms.iter().find(|(members, _)| members.contains(&(member as u32)));
        match arm.filter(|_| !member.is_nan()) {
            Some((_, value)) => self.lower(value, env),
            None => Ok(Value::Poison(subject)),
        }
    }

    /// `has(optional)`
    pub(super) fn has(&mut self, e: &'p Expr, optional: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        Ok(match self.lower(optional, env)? {
            Value::Absent => self.constant(0.0, Some(e)),
            Value::Maybe(present, _) => Value::Node(present),
            _ => self.constant(1.0, Some(e)),
        })
    }

    /// `optional else value`
    pub(super) fn or_else(
        &mut self,
        e: &'p Expr,
        optional: &'p Expr,
        value: &'p Expr,
        env: &Rc<Env<'p>>,
    ) -> Lowered<'p> {
        match self.lower(optional, env)? {
            Value::Absent => self.lower(value, env),
            Value::Maybe(present, there) => {
                let otherwise = self.lower(value, env)?;
                self.select(present, *there, otherwise, e)
            }
            present => Ok(present),
        }
    }

    /// An optional where its value is needed: poison where it is absent.
    pub(super) fn unwrap(&mut self, e: &'p Expr, optional: &'p Expr, env: &Rc<Env<'p>>) -> Lowered<'p> {
        match self.lower(optional, env)? {
            Value::Absent => {
                let holder = self.holder(optional, env);
                let id = self.absent(optional, holder);
                Ok(match e.ty {
                    Type::Record(_) | Type::Solve(_) | Type::List(_) => Value::Poison(id),
                    _ => Value::Node(id),
                })
            }
            Value::Maybe(present, value) => {
                let holder = self.holder(optional, env);
                let id = self.absent(optional, holder);
                self.select(present, *value, Value::Poison(id), e)
            }
            present => Ok(present),
        }
    }
}
