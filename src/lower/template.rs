//! Texts with values in them.

use std::rc::Rc;

use crate::check::program::{Expr, ExprKind, TemplatePart};
use crate::lower::lowerer::{Lowerer, Stop};
use crate::lower::value::Env;

impl<'p> Lowerer<'p> {
    /// The text of a message, its `{}` filled in.
    pub fn message(&mut self, e: &'p Expr, env: &Rc<Env<'p>>) -> Result<String, Stop> {
        match &e.kind {
            ExprKind::Template(parts) => self.template(parts, env),
            _ => {
                let node = self.node(e, env)?;
                Ok(self.text_of(self.graph.value(node)).map_or(String::new(), |t| t.to_string()))
            }
        }
    }

    pub(super) fn template(&mut self, parts: &'p [TemplatePart], env: &Rc<Env<'p>>) -> Result<String, Stop> {
        let mut text = String::new();
        for part in parts {
            match part {
                TemplatePart::Text(t) => text.push_str(t),
                TemplatePart::Value(e) => {
                    let value = self.lower(e, env)?;
                    text.push_str(&self.show(&value, &e.ty, self.unit_of(e, env).as_ref()));
                }
            }
        }
        Ok(text)
    }
}
