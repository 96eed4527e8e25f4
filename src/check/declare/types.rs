//! `type` and `enum`.

use crate::NameMap;

use crate::check::error::{DeclarationError, RecordError};
use crate::check::names::ScopeId;
use crate::check::program::{Entity, EnumId, EnumType, Field, LocalId, Member, RecordType, TypeId};
use crate::check::{Checker, Frame, Role, Want};
use crate::syntax::ast;
use crate::syntax::ast::{Item, Name};

impl Checker<'_> {
    pub(super) fn check_enum(&mut self, item: &Item, name: &Name, members: &[ast::EnumMember]) -> Entity {
        let mut map: NameMap<Member> = NameMap::default();
        for member in members {
            let declared = Member { doc: member.doc.clone(), span: member.name.span };
            if map.insert(member.name.text.clone(), declared).is_some() {
                let first = members.iter().find(|m| m.name.text == member.name.text);
                let first = first.map_or(member.name.span, |m| m.name.span);
                self.report(DeclarationError::DuplicateName {
                    name: member.name.text.clone(),
                    span: member.name.span,
                    first,
                });
            }
        }
        let id = EnumId(self.program.enums.len() as u32);
        self.program.enums.push(EnumType {
            name: name.text.clone(),
            doc: item.doc.clone(),
            span: name.span,
            members: map,
        });
        Entity::Enum(id)
    }

    pub(super) fn check_record_type(
        &mut self,
        scope: ScopeId,
        item: &Item,
        name: &Name,
        fields: &[ast::FieldDecl],
    ) -> Entity {
        let mut frame = Frame::new(scope);
        let mut map: NameMap<Field> = NameMap::default();
        for field in fields {
            let ty = self.resolve_type(scope, &[], &field.ty);
            if let Some(first) = map.get(&field.name.text) {
                let first = first.span;
                self.report(RecordError::DuplicateField {
                    path: field.name.text.to_string(),
                    span: field.name.span,
                    first,
                });
                continue;
            }
            frame.bind(self.local(&field.name, &field.doc, ty.clone()));
            map.insert(
                field.name.text.clone(),
                Field { doc: field.doc.clone(), ty, default: None, span: field.name.span },
            );
        }
        for field in fields {
            let Some(default) = &field.default else { continue };
            let Some(ty) = map.get(&field.name.text).map(|f| f.ty.clone()) else { continue };
            let role = Role::Declared {
                what: format!("field `{}` of `{}`", field.name.text, name.text),
                span: field.ty.span,
            };
            let checked = self.check_want(&mut frame, default, &Want { ty: &ty, role });
            if !checked.ty.is_unknown() {
                self.mark_agreed(field.name.span);
            }
            if let Some(field) = map.get_mut(&field.name.text) {
                field.default = Some(checked);
            }
        }
        self.check_default_cycles(name, &map);
        let id = TypeId(self.program.types.len() as u32);
        self.program.types.push(RecordType {
            name: name.text.clone(),
            doc: item.doc.clone(),
            span: name.span,
            fields: map,
        });
        Entity::Type(id)
    }

    /// Defaults may name sibling fields, but not in a circle.
    fn check_default_cycles(&mut self, name: &Name, fields: &NameMap<Field>) {
        let needs: Vec<Vec<usize>> = fields
            .values()
            .map(|f| {
                let mut locals = vec![];
                if let Some(default) = &f.default {
                    crate::check::statement::locals_of(default, &mut locals);
                }
                locals.into_iter().map(LocalId::index).filter(|i| *i < fields.len()).collect()
            })
            .collect();
        for start in 0..needs.len() {
            let (mut seen, mut stack) = (vec![false; needs.len()], needs[start].clone());
            while let Some(next) = stack.pop() {
                if next == start {
                    let (field, info) = fields.get_index(start).expect("index below length");
                    let name = format!("{}.{field}", name.text).as_str().into();
                    self.report(DeclarationError::Cycle {
                        names: vec![name],
                        uses: vec![info.default.as_ref().map_or(info.span, |d| d.span)],
                        spans: vec![info.span],
                    });
                    return;
                }
                if !std::mem::replace(&mut seen[next], true) {
                    stack.extend(&needs[next]);
                }
            }
        }
    }
}
