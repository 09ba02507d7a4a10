//! Names in expressions.
//!
//! Each node of the canonical tree notes its span when it is begun, before its parts, as the checker counts them.

use super::{
    diagnostic::{Mistake, Span},
    lower::Lower,
    names::unknown,
    scope::{Local, Loose},
    syntax::{self, ExprKind, Word},
};
use crate::ast::{Expr, Field, FieldId, Mode, Op, Source, Type};
use alloc::{boxed::Box, format, string::String};

impl<'s> Lower<'_, 's> {
    /// A value of which nothing is known beforehand.
    pub(super) fn value(&mut self, expr: &syntax::Expr<'s>) -> Expr {
        self.expr(expr, Loose::Other)
    }

    /// A value for a place of a known type: names of an enum's values need it.
    pub(super) fn value_for(&mut self, expr: &syntax::Expr<'s>, ty: &Type) -> Expr {
        let wanted = Loose::of(ty, 0);
        self.bare_number(expr, wanted);
        self.expr(expr, wanted)
    }

    /// In a tree, dates and values of enums are numbers; in a source that would be a riddle.
    fn bare_number(&mut self, expr: &syntax::Expr<'s>, other: Loose) {
        let what = match other {
            Loose::Enum(_) => "a value of an enum",
            Loose::Date => "a date",
            _ => return,
        };
        if let ExprKind::Number(_) = expr.kind {
            let cause = format!("{what} is written as a number");
            let mend = "write the name of the value, or a date like 2026-01-31";
            self.mistakes
                .push(Mistake::new(expr.span, "type", cause, mend));
        }
    }

    /// Recursion is as deep as the parser let expressions nest.
    fn expr(&mut self, expr: &syntax::Expr<'s>, wanted: Loose) -> Expr {
        // Only for people: it leaves no node in the tree.
        if let ExprKind::Row(entity, row) = &expr.kind {
            let found = self.names.entities.find("entity", *entity);
            self.or(found, 0);
            return self.expr(row, wanted);
        }
        self.nodes.push(expr.span);
        match &expr.kind {
            ExprKind::None | ExprKind::Row(..) => Expr::None,
            ExprKind::Bool(truth) => Expr::Bool(*truth),
            ExprKind::Number(number) => Expr::Int(*number),
            ExprKind::Date(days) => Expr::Int(*days),
            ExprKind::Code(text) => Expr::Code(text.clone()),
            ExprKind::Name(name) => self.name(
                Word {
                    text: name,
                    span: expr.span,
                },
                wanted,
            ),
            ExprKind::Field(base, field) => self.field_of_value(base, *field),
            ExprKind::Exists(entity, row) => {
                let found = self.names.entities.find("entity", *entity);
                Expr::Exists(self.or(found, 0), self.boxed(row))
            }
            ExprKind::Not(inner) => Expr::Not(self.boxed(inner)),
            ExprKind::Neg(inner) => Expr::Neg(self.boxed(inner)),
            ExprKind::Abs(inner) => Expr::Abs(self.boxed(inner)),
            ExprKind::Has(inner) => Expr::Has(self.boxed(inner)),
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            ExprKind::If(condition, yes, no) => {
                let condition = self.boxed(condition);
                let yes = Box::new(self.expr(yes, wanted));
                Expr::If(condition, yes, Box::new(self.expr(no, wanted)))
            }
            ExprKind::MulDiv(operands, mode) => {
                let [a, b, c] = &**operands;
                let (a, b, c) = (self.boxed(a), self.boxed(b), self.boxed(c));
                let mode = self.names.mode(*mode);
                Expr::MulDiv(a, b, c, self.or(mode, Mode::HalfUp))
            }
            ExprKind::Over(over, name, source, body) => {
                let (source, element) = self.source(source);
                let mark = self.scope.mark();
                self.fresh(*name);
                let slot = self.scope.add(name.text, element);
                let body = self.boxed(body);
                self.scope.close(mark);
                Expr::Over(*over, slot, source, body)
            }
            ExprKind::Count(source) => Expr::Count(self.source(source).0),
            ExprKind::Date1(op, date) => {
                let date = self.boxed(date);
                self.nodes.push(expr.span);
                Expr::Date(*op, date, Box::new(Expr::None))
            }
            ExprKind::Date2(op, date, other) => {
                let date = self.boxed(date);
                Expr::Date(*op, date, self.boxed(other))
            }
        }
    }

    fn boxed(&mut self, expr: &syntax::Expr<'s>) -> Box<Expr> {
        Box::new(self.value(expr))
    }

    fn name(&mut self, word: Word<'s>, wanted: Loose) -> Expr {
        if let Some(Local { slot, .. }) = self.scope.get(word.text) {
            return Expr::Slot(slot);
        }
        if word.text == "device" {
            return Expr::Device;
        }
        if let Some(number) = wanted
            .hint()
            .and_then(|index| self.enum_value(index, word.text))
        {
            return Expr::Int(number);
        }
        let values = wanted
            .hint()
            .and_then(|index| self.manifest.enums.get(usize::from(index)));
        let values = values
            .map(|known| known.values.as_slice())
            .unwrap_or_default();
        let known = self.scope.names().chain(values.iter().map(String::as_str));
        let mistake = unknown("name", word, known);
        self.mistakes.push(mistake);
        Expr::None
    }

    fn enum_value(&self, index: u16, name: &str) -> Option<i64> {
        let known = self.manifest.enums.get(usize::from(index))?;
        known
            .values
            .iter()
            .zip(0i64..)
            .find(|(value, _)| *value == name)
            .map(|(_, number)| number)
    }

    fn binary(&mut self, op: Op, left: &syntax::Expr<'s>, right: &syntax::Expr<'s>) -> Expr {
        if !matches!(op, Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge) {
            let left = self.boxed(left);
            return Expr::Binary(op, left, self.boxed(right));
        }
        let (of_left, of_right) = (self.loose(left), self.loose(right));
        self.bare_number(left, of_right);
        self.bare_number(right, of_left);
        let left = Box::new(self.expr(left, of_right));
        Expr::Binary(op, left, Box::new(self.expr(right, of_left)))
    }

    /// `base.field`: a value of an enum, a field of an element, the device of a row, or a field of a row.
    fn field_of_value(&mut self, base: &syntax::Expr<'s>, field: Word<'s>) -> Expr {
        if let Some((index, name)) = self.enum_named(base) {
            let found = self.enum_value(index, field.text);
            let cause = format!("{name} has no value {}", field.text);
            let mistake = Mistake::new(
                field.span,
                "unknown",
                cause,
                "use one that it has, or add it at the end",
            );
            return Expr::Int(self.or(found.ok_or(mistake), 0));
        }
        match (self.loose(base), self.local(base)) {
            (loose @ (Loose::Element(_) | Loose::Child(_)), Some(local)) => {
                Expr::Field(local.slot, self.find_field(loose, field))
            }
            (Loose::Ref(entity), _) if field.text == "device" => {
                Expr::Owner(entity, self.boxed(base))
            }
            (loose @ Loose::Ref(entity), _) => {
                let number = self.find_field(loose, field);
                Expr::Get(entity, self.boxed(base), number)
            }
            (loose, _) => {
                let cause = format!("this has no field {}", field.text);
                let mend = match loose {
                    Loose::Id => "say of which entity it is the id: row(entity, id).field",
                    Loose::List(_) => "loop over the list, or use sum, all, any or count",
                    _ => "only rows and elements of lists have fields",
                };
                self.mistakes
                    .push(Mistake::new(base.span, "type", cause, mend));
                Expr::None
            }
        }
    }

    fn local(&self, expr: &syntax::Expr<'s>) -> Option<Local<'s>> {
        match expr.kind {
            ExprKind::Name(name) => self.scope.get(name),
            _ => None,
        }
    }

    /// The enum whose name this is, unless a name of the verb hides it.
    fn enum_named(&self, expr: &syntax::Expr<'s>) -> Option<(u16, &'s str)> {
        match expr.kind {
            ExprKind::Name(name) if self.scope.get(name).is_none() => {
                self.names.enums.get(name).map(|index| (index, name))
            }
            _ => None,
        }
    }

    fn fields_of_loose(&self, loose: Loose) -> &[Field] {
        match loose {
            Loose::Ref(entity) | Loose::Child(entity) => {
                let found = self.manifest.entities.get(usize::from(entity));
                found
                    .map(|found| found.fields.as_slice())
                    .unwrap_or_default()
            }
            Loose::Element(param) => {
                let params = self
                    .manifest
                    .verbs
                    .last()
                    .map(|verb| verb.params.as_slice());
                match params
                    .and_then(|params| params.get(usize::from(param)))
                    .map(|param| &param.ty)
                {
                    Some(Type::List(fields, _)) => fields,
                    _ => &[],
                }
            }
            _ => &[],
        }
    }

    fn find_field(&mut self, loose: Loose, word: Word<'s>) -> FieldId {
        let fields = self.fields_of_loose(loose);
        let found = fields
            .iter()
            .zip(0u16..)
            .find(|(field, _)| field.name == word.text);
        let result = found.map(|(_, number)| number).ok_or_else(|| {
            unknown(
                "field",
                word,
                fields.iter().map(|field| field.name.as_str()),
            )
        });
        self.or(result, 0)
    }

    /// What is known of an expression before it is lowered.
    pub(super) fn loose(&self, expr: &syntax::Expr<'s>) -> Loose {
        match &expr.kind {
            ExprKind::Name(name) => self
                .scope
                .get(name)
                .map_or(Loose::Other, |local| local.loose),
            ExprKind::Row(entity, _) => self
                .names
                .entities
                .get(entity.text)
                .map_or(Loose::Other, Loose::Ref),
            ExprKind::Date(_)
            | ExprKind::Date2(crate::ast::DateOp::AddDays | crate::ast::DateOp::AddMonths, ..) => {
                Loose::Date
            }
            ExprKind::If(_, yes, no) => match self.loose(yes) {
                Loose::Other => self.loose(no),
                loose => loose,
            },
            ExprKind::Field(base, field) => {
                if let Some((index, _)) = self.enum_named(base) {
                    return Loose::Enum(index);
                }
                let fields = self.fields_of_loose(self.loose(base));
                let found = fields.iter().find(|known| known.name == field.text);
                found.map_or(Loose::Other, |found| Loose::of(&found.ty, 0))
            }
            _ => Loose::Other,
        }
    }

    /// Where a loop takes its elements from, and what they are.
    pub(super) fn source(&mut self, source: &syntax::Source<'s>) -> (Source, Loose) {
        match source {
            syntax::Source::Children(entity, row) => {
                let found = self.names.entities.find("entity", *entity);
                let entity = self.or(found, 0);
                (
                    Source::Children(entity, self.boxed(row)),
                    Loose::Child(entity),
                )
            }
            syntax::Source::List(word) => match self.scope.get(word.text) {
                Some(Local {
                    slot,
                    loose: Loose::List(param),
                    ..
                }) => (Source::Slot(slot), Loose::Element(param)),
                Some(_) => {
                    let cause = format!("{} is no list", word.text);
                    let mend = "loop over a list of the op or over children(entity, row)";
                    self.mistakes
                        .push(Mistake::new(word.span, "type", cause, mend));
                    (Source::Slot(0), Loose::Other)
                }
                None => {
                    let mistake = unknown("list", *word, self.scope.names());
                    self.mistakes.push(mistake);
                    (Source::Slot(0), Loose::Other)
                }
            },
        }
    }

    /// A name may be given only once within what can be seen.
    pub(super) fn fresh(&mut self, word: Word<'s>) {
        let cause = match word.text {
            "device" => "device is the device that writes the op",
            text if self.scope.get(text).is_some() => "this name is taken already",
            _ => return,
        };
        self.mistakes.push(Mistake::new(
            word.span,
            "duplicate",
            cause,
            "choose another name",
        ));
    }

    /// Notes a node whose parts follow.
    pub(super) fn begin(&mut self, span: Span) {
        self.nodes.push(span);
    }
}
