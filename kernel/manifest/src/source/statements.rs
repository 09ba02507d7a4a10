//! Names in statements.

use super::{
    diagnostic::Mistake,
    lower::Lower,
    scope::Loose,
    syntax::{self, StmtKind, Word},
};
use crate::{
    ast::{EntityId, Expr, Source, Stmt, Type},
    limits,
};
use alloc::{borrow::ToOwned, format, vec::Vec};

impl<'s> Lower<'_, 's> {
    /// Names that are given in a block end with it.
    pub(super) fn block(&mut self, body: &[syntax::Stmt<'s>]) -> Vec<Stmt> {
        let mark = self.scope.mark();
        let lowered = body.iter().map(|stmt| self.stmt(stmt)).collect();
        self.scope.close(mark);
        lowered
    }

    /// Parts are lowered in the order in which the checker visits them.
    fn stmt(&mut self, stmt: &syntax::Stmt<'s>) -> Stmt {
        self.begin(stmt.span);
        match &stmt.kind {
            StmtKind::Let(name, value) => {
                let loose = self.loose(value);
                let value = self.value(value);
                self.fresh(*name);
                Stmt::Let(self.scope.add(name.text, loose), value)
            }
            StmtKind::Require(condition, reason) => {
                let condition = self.value(condition);
                let found = self.names.refusals.find("refusal", *reason);
                Stmt::Require(condition, self.or(found, 0))
            }
            StmtKind::Warn(condition, flag, about) => {
                let condition = self.value(condition);
                let found = self.names.flags.find("flag", *flag);
                let flag = self.or(found, 0);
                Stmt::Warn(
                    condition,
                    flag,
                    about.as_ref().map(|about| self.value(about)),
                )
            }
            StmtKind::Insert { entity, id, fields } => self.insert(*entity, id, fields),
            StmtKind::Set { row, field, value } => self.set(row, *field, value),
            StmtKind::Goto { row, state } => self.goto(row, *state),
            StmtKind::Each {
                name,
                source,
                max,
                body,
            } => self.each(*name, source, *max, body),
            StmtKind::When(condition, yes, no) => {
                let condition = self.value(condition);
                let yes = self.block(yes);
                Stmt::When(condition, yes, self.block(no))
            }
            StmtKind::Number {
                series,
                year,
                value,
            } => self.number(*series, year, value),
            StmtKind::Post {
                doc,
                date,
                currency,
                body,
            } => self.post([doc, date, currency], body),
            StmtKind::Line {
                debit,
                role,
                dims,
                amount,
            } => self.line(*debit, *role, (dims, amount)),
            StmtKind::Reverse { doc, of, date } => {
                let (doc, of) = (self.value(doc), self.value(of));
                let date = self.value_for(date, &Type::Date);
                Stmt::Reverse { doc, of, date }
            }
        }
    }

    fn number(
        &mut self,
        series: Word<'s>,
        year: &syntax::Expr<'s>,
        value: &syntax::Expr<'s>,
    ) -> Stmt {
        let found = self.names.series.find("series", series);
        let series = self.or(found, 0);
        let year = self.value(year);
        let value = self.value(value);
        Stmt::Number {
            series,
            year,
            value,
        }
    }

    fn post(
        &mut self,
        [doc, date, currency]: [&syntax::Expr<'s>; 3],
        body: &[syntax::Stmt<'s>],
    ) -> Stmt {
        let doc = self.value(doc);
        let date = self.value_for(date, &Type::Date);
        let currency = self.value(currency);
        let body = self.block(body);
        Stmt::Post {
            doc,
            date,
            currency,
            body,
        }
    }

    fn insert(
        &mut self,
        entity: Word<'s>,
        id: &syntax::Expr<'s>,
        fields: &[(Word<'s>, Option<syntax::Expr<'s>>)],
    ) -> Stmt {
        let found = self.names.entities.find("entity", entity);
        let entity = self.or(found, 0);
        let id = self.value(id);
        let fields = fields
            .iter()
            .map(|(word, value)| {
                let number = self.find_field_of(entity, *word);
                let ty = self.type_of(entity, number);
                let expr = match value {
                    Some(value) => self.value_for(value, &ty),
                    // `field` alone stands for `field = field`.
                    None => {
                        let kind = syntax::ExprKind::Name(word.text);
                        self.value_for(
                            &syntax::Expr {
                                span: word.span,
                                depth: 1,
                                kind,
                            },
                            &ty,
                        )
                    }
                };
                (number, expr)
            })
            .collect();
        Stmt::Insert { entity, id, fields }
    }

    fn find_field_of(&mut self, entity: EntityId, word: Word<'s>) -> u16 {
        let found = self.manifest.entities.get(usize::from(entity));
        let fields = found
            .map(|found| found.fields.as_slice())
            .unwrap_or_default();
        let number = fields
            .iter()
            .zip(0u16..)
            .find(|(field, _)| field.name == word.text);
        let result = number.map(|(_, number)| number).ok_or_else(|| {
            super::names::unknown(
                "field",
                word,
                fields.iter().map(|field| field.name.as_str()),
            )
        });
        self.or(result, 0)
    }

    fn type_of(&self, entity: EntityId, field: u16) -> Type {
        let found = self.manifest.entities.get(usize::from(entity));
        let field = found.and_then(|found| found.fields.get(usize::from(field)));
        field.map_or(Type::Bool, |field| field.ty.to_owned())
    }

    /// The entity of a row that a statement changes.
    fn entity_of(&mut self, row: &syntax::Expr<'s>) -> EntityId {
        match self.loose(row) {
            Loose::Ref(entity) => entity,
            _ => {
                let cause = "it is not known of which entity this is a row";
                let mend = "name a ref<…>, or say it: row(entity, id)";
                self.mistakes
                    .push(Mistake::new(row.span, "type", cause, mend));
                0
            }
        }
    }

    fn set(&mut self, row: &syntax::Expr<'s>, field: Word<'s>, value: &syntax::Expr<'s>) -> Stmt {
        let entity = self.entity_of(row);
        let field = self.find_field_of(entity, field);
        let ty = self.type_of(entity, field);
        let row = self.value(row);
        Stmt::Set {
            entity,
            row,
            field,
            value: self.value_for(value, &ty),
        }
    }

    fn goto(&mut self, row: &syntax::Expr<'s>, state: Word<'s>) -> Stmt {
        let entity = self.entity_of(row);
        let row = self.value(row);
        let found = self.manifest.entities.get(usize::from(entity));
        let status = found.and_then(|found| found.status.as_ref());
        let Some(status) = status else {
            let cause = format!(
                "rows of {} have no status",
                found.map_or("it", |found| &found.name)
            );
            self.mistakes.push(Mistake::new(
                state.span,
                "status",
                cause,
                "declare one in the entity",
            ));
            return Stmt::Goto {
                entity,
                row,
                state: 0,
            };
        };
        let ty = self.type_of(entity, status.field);
        let state = self.state(Loose::of(&ty, 0).hint(), state);
        Stmt::Goto { entity, row, state }
    }

    fn each(
        &mut self,
        name: Word<'s>,
        source: &syntax::Source<'s>,
        max: Option<u16>,
        body: &[syntax::Stmt<'s>],
    ) -> Stmt {
        let (source, element) = self.source(source);
        let whole = match (&source, element) {
            (Source::Slot(_), Loose::Element(param)) => {
                let params = self
                    .manifest
                    .verbs
                    .last()
                    .map(|verb| verb.params.as_slice());
                match params
                    .and_then(|params| params.get(usize::from(param)))
                    .map(|param| &param.ty)
                {
                    Some(Type::List(_, max)) => *max,
                    _ => limits::LIST_MAX,
                }
            }
            _ => limits::CHILDREN_MAX,
        };
        let mark = self.scope.mark();
        self.fresh(name);
        let slot = self.scope.add(name.text, element);
        let body = self.block(body);
        self.scope.close(mark);
        Stmt::Each {
            slot,
            source,
            max: max.unwrap_or(whole),
            body,
        }
    }

    fn line(
        &mut self,
        debit: bool,
        role: Word<'s>,
        (dims, amount): (&[syntax::Expr<'s>], &syntax::Expr<'s>),
    ) -> Stmt {
        let found = self.names.roles.find("role", role);
        let role = self.or(found, 0);
        let declared = self.manifest.roles.get(usize::from(role));
        let types: Vec<Type> = declared
            .map(|role| role.dims.iter().map(|dim| dim.ty.clone()).collect())
            .unwrap_or_default();
        let dims: Vec<Expr> = dims
            .iter()
            .zip(types.iter().map(Some).chain(core::iter::repeat(None)))
            .map(|(dim, ty)| self.value_for(dim, ty.unwrap_or(&Type::Bool)))
            .collect();
        Stmt::Line {
            debit,
            role,
            dims,
            amount: self.value(amount),
        }
    }
}
