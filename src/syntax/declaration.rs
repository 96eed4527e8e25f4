//! Declarations: from pest's pairs to the syntax tree.

use crate::diagnostic::Diagnostic;
use crate::source::Span;
use crate::syntax::ast::*;
use crate::syntax::grammar::{Node, Rule, is_keyword};
use crate::syntax::item::Builder;

impl<'t> Builder<'t> {
    pub(super) fn use_item(&mut self, mut inner: impl Iterator<Item = Node<'t>>) -> Option<Use> {
        let target = inner.next()?;
        let span = self.span(&target);
        let target = match target.as_rule() {
            Rule::string => {
                let path = target.as_str().trim_matches('"').into();
                UseTarget::File { path, span }
            }
            _ => UseTarget::Module(target.into_inner().map(|n| self.name(&n)).collect()),
        };
        let Some(tail) = inner.next() else {
            return Some(Use { target, names: UseNames::Plain { alias: None } });
        };
        let mut parts = tail.into_inner().filter(|n| !is_keyword(n.as_rule())).peekable();
        let names = match parts.peek().map(|n| n.as_rule()) {
            None => UseNames::All,
            Some(Rule::use_alias) => {
                let alias = parts.next()?.into_inner().find(|n| n.as_rule() == Rule::ident);
                UseNames::Plain { alias: alias.map(|n| self.name(&n)) }
            }
            Some(_) => {
                let names = parts.map(|n| {
                    let mut names =
                        n.into_inner().filter(|n| n.as_rule() == Rule::ident).map(|n| self.name(&n));
                    (names.next(), names.next())
                });
                UseNames::Group(names.filter_map(|(name, alias)| Some((name?, alias))).collect())
            }
        };
        Some(Use { target, names })
    }

    pub(super) fn let_item(&mut self, mut inner: impl Iterator<Item = Node<'t>>, span: Span) -> Option<Let> {
        let name = self.name(&inner.next()?);
        let mut next = inner.next()?;
        let mut ty = None;
        if next.as_rule() == Rule::ty {
            ty = Some(self.ty(next));
            next = inner.next()?;
        }
        Some(Let { doc: self.doc_of(span), name, ty, value: self.expr(next) })
    }

    pub(super) fn unit_item(&mut self, mut inner: impl Iterator<Item = Node<'t>>) -> Option<UnitDecl> {
        let name = self.name(&inner.next()?);
        let definition = inner.next()?;
        let definition = match definition.as_rule() {
            Rule::ty => UnitDefinition::Base(self.ty(definition)),
            _ => UnitDefinition::Derived(self.expr(definition)),
        };
        let options = inner.next().map_or(vec![], |n| self.record_body(n).fields);
        Some(UnitDecl { name, definition, options })
    }

    pub(super) fn type_field(&mut self, node: Node<'t>) -> Option<FieldDecl> {
        let span = self.span(&node);
        let mut inner = node.into_inner().filter(|n| !is_keyword(n.as_rule()));
        let first = inner.next()?;
        if first.as_rule() == Rule::bad_field {
            self.bad_part(&first, Rule::one_type_field, "field");
            // The field that it would have declared: uses of it raise nothing.
            let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let name = first.as_str().split(|c| !word(c)).find(|w| !w.is_empty())?;
            let ty = TypeExpr { kind: TypeExprKind::Bad, span };
            return Some(FieldDecl {
                doc: "".into(),
                name: Name { text: name.into(), span },
                ty,
                default: None,
            });
        }
        let name = self.name(&first);
        let ty = self.ty(inner.next()?);
        let default = inner.next().map(|n| self.expr(n));
        Some(FieldDecl { doc: self.doc_of(span), name, ty, default })
    }

    pub(super) fn function(&mut self, inner: impl Iterator<Item = Node<'t>>) -> Option<Function> {
        let (mut name, mut generics, mut params, mut result, mut body) = (None, vec![], vec![], None, None);
        for node in inner {
            match node.as_rule() {
                Rule::ident => name = Some(self.name(&node)),
                Rule::generics => {
                    let names = node.into_inner().filter(|n| n.as_rule() == Rule::ident);
                    generics = names.map(|n| self.name(&n)).collect();
                }
                Rule::parameters => params = self.parameters(node),
                Rule::ty => result = Some(self.ty(node)),
                _ => body = Some(self.expr(node)),
            }
        }
        Some(Function { name: name?, generics, params, result, body })
    }

    pub(super) fn parameters(&mut self, node: Node<'t>) -> Vec<ParamDecl> {
        let params = node.into_inner().filter(|n| n.as_rule() == Rule::parameter);
        params.filter_map(|n| self.parameter(n)).collect()
    }

    pub(super) fn parameter(&mut self, node: Node<'t>) -> Option<ParamDecl> {
        let span = self.span(&node);
        let mut inner = node.into_inner().filter(|n| !is_keyword(n.as_rule()));
        let name = self.name(&inner.next()?);
        let ty = self.ty(inner.next()?);
        let (mut default, mut variadic) = (None, false);
        for node in inner {
            match node.as_rule() {
                Rule::variadic => variadic = true,
                _ => default = Some(self.expr(node)),
            }
        }
        Some(ParamDecl { doc: self.doc_of(span), name, ty, default, variadic })
    }

    pub(super) fn table(&mut self, mut inner: impl Iterator<Item = Node<'t>>) -> Option<Table> {
        let name = self.name(&inner.next()?);
        let (mut axes, mut result, mut log_result) = (vec![], None, false);
        for node in inner {
            match node.as_rule() {
                Rule::table_axis => {
                    let mut parts = node.into_inner().filter(|n| !is_keyword(n.as_rule())).peekable();
                    let log = parts.next_if(|n| n.as_rule() == Rule::log_axis).is_some();
                    let name = self.name(&parts.next()?);
                    axes.push(TableAxis { name, ty: self.ty(parts.next()?), log });
                }
                Rule::kw_log => log_result = true,
                Rule::ty => result = Some(self.ty(node)),
                Rule::table_rows => {
                    let rows_span = self.span(&node);
                    let rows = self.table_rows(node);
                    if axes.len() > 2 {
                        self.problems.push(
                            Diagnostic::error("mls::table-shape", "a table has one or two axes")
                                .label(axes[2].name.span, "one too many")
                                .help("split it into several tables"),
                        );
                        return None;
                    }
                    return Some(Table { name, axes, result, log_result, rows, rows_span });
                }
                _ => {}
            }
        }
        None
    }

    pub(super) fn table_rows(&mut self, node: Node<'t>) -> Vec<TableRow> {
        let rows = node.into_inner().filter(|n| n.as_rule() == Rule::table_row);
        let mut result = vec![];
        for row in rows {
            let mut parts = row.into_inner().filter(|n| !is_keyword(n.as_rule()));
            let (Some(key), Some(value)) = (parts.next(), parts.next()) else { continue };
            let key = self.expr(key);
            let value = match value.as_rule() {
                Rule::table_rows => {
                    let span = self.span(&value);
                    let cells = self.table_rows(value).into_iter().filter_map(|r| match r.value {
                        TableCell::Value(e) => Some((r.key, e)),
                        TableCell::Row { span, .. } => {
                            self.problems.push(
                                Diagnostic::error("mls::table-shape", "a table has one or two axes")
                                    .label(span, "a third level")
                                    .help("split it into several tables"),
                            );
                            None
                        }
                    });
                    TableCell::Row { cells: cells.collect(), span }
                }
                _ => TableCell::Value(self.expr(value)),
            };
            result.push(TableRow { key, value });
        }
        result
    }

    pub(super) fn statements(&mut self, node: Node<'t>) -> Vec<SolverStatement> {
        let Some(node) = node.into_inner().next() else { return vec![] };
        let span = self.span(&node);
        let rule = node.as_rule();
        if rule == Rule::bad_statement {
            if !node.as_str().trim().is_empty() {
                self.bad_part(&node, Rule::one_statement, "statement");
            }
            return self.bad_definitions(&node);
        }
        self.good_statement(node, rule, span).into_iter().collect()
    }

    fn good_statement(&mut self, node: Node<'t>, rule: Rule, span: Span) -> Option<SolverStatement> {
        let mut inner = node.into_inner().filter(|n| !is_keyword(n.as_rule()));
        Some(match rule {
            Rule::require_item => {
                let condition = self.expr(inner.next()?);
                let message = inner.next().map(|n| self.string(n));
                SolverStatement::Require { condition, message, span }
            }
            Rule::note_item => {
                let condition = self.expr(inner.next()?);
                let message = self.string(inner.next()?);
                SolverStatement::Note { condition, message, span }
            }
            Rule::infeasible_item => {
                let condition = self.expr(inner.next()?);
                let message = self.string(inner.next()?);
                SolverStatement::Infeasible { condition, message, span }
            }
            Rule::out_item => SolverStatement::Out(self.let_item(inner, span)?),
            _ => SolverStatement::Let(self.let_item(inner, span)?),
        })
    }

    /// The names that statements which could not be parsed would have defined: uses of them raise nothing. What has no
    /// keyword may have been read into the statement above it.
    fn bad_definitions(&self, node: &Node<'t>) -> Vec<SolverStatement> {
        let span = self.span(node);
        let definition = |line: &str| {
            let word = |text: &'_ str| -> String {
                text.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
            };
            let line = line.trim_start();
            let first = word(line);
            let rest = line[first.len()..].trim_start();
            let (output, name) = match first.as_str() {
                "let" | "out" => (first == "out", word(rest)),
                _ if rest.starts_with('=') && !rest.starts_with("==") => (false, first),
                _ => return None,
            };
            let name = Name { text: name.as_str().into(), span: span.head() };
            let value = Expr { kind: ExprKind::Bad, span };
            let definition = Let { doc: "".into(), name, ty: None, value };
            Some(if output { SolverStatement::Out(definition) } else { SolverStatement::Let(definition) })
        };
        node.as_str().lines().filter_map(definition).collect()
    }
}
