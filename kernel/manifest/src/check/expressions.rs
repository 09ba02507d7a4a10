//! Types, sources and cost of expressions.

use super::{
    Why,
    cost::Cost,
    facts::Fact,
    facts::{self, Path},
    rules,
    ty::Ty,
    walk::{Cell, Elements, Seen, Walk},
};
use crate::{
    ast::{DateOp, EntityId, Expr, Field, FieldId, Mode, Op, Over, Owner, Slot, Source, Type},
    limits, shape,
};
use alloc::format;

impl<'a> Walk<'a> {
    /// Judges an expression of which nothing is asked but that it has a value.
    pub(super) fn expr(&mut self, expr: &Expr) -> Seen {
        self.nested(expr, 1)
    }

    /// Judges an expression whose value goes where `to` is wanted.
    pub(super) fn given(&mut self, expr: &Expr, to: &Type) -> Seen {
        let at = self.next;
        let seen = self.expr(expr);
        let judged = rules::assign(self.manifest, &seen.ty, to);
        self.note(at, judged);
        seen
    }

    /// Judges a condition.
    pub(super) fn truth(&mut self, expr: &Expr) -> Seen {
        let at = self.next;
        let seen = self.expr(expr);
        let judged = rules::truth(self.manifest, &seen.ty);
        self.note(at, judged);
        seen
    }

    /// Judges an expression that names a row of an entity, or of any.
    pub(super) fn row(&mut self, expr: &Expr, entity: Option<EntityId>) -> Seen {
        let at = self.next;
        let seen = self.expr(expr);
        let judged = self.names_row(&seen.ty, entity);
        self.note(at, judged);
        seen
    }

    fn names_row(&self, ty: &Ty, entity: Option<EntityId>) -> Result<(), Why> {
        if ty.names_row(entity) {
            return Ok(());
        }
        rules::refuse_option(self.manifest, ty)?;
        let wanted = entity.map_or(Ty::Id, Ty::Ref).shown(self.manifest);
        let cause = format!(
            "{wanted} is wanted here, this is {}",
            ty.shown(self.manifest)
        );
        Err(Why::new("type", cause, "give it the id of such a row"))
    }

    fn nested(&mut self, expr: &Expr, depth: u32) -> Seen {
        let at = self.enter();
        let unknown = Seen {
            ty: Ty::Unknown,
            shared: false,
            cost: Cost::default(),
        };
        if depth > limits::DEPTH_MAX {
            let cause = format!("an expression is nested deeper than {}", limits::DEPTH_MAX);
            self.fault(at, Why::new("limit", cause, "name parts of it with let"));
            return unknown;
        }
        match self.judge(expr, depth.saturating_add(1)) {
            Ok(seen) => Seen {
                cost: seen.cost.and(Cost::NODE),
                ..seen
            },
            Err(why) => {
                self.fault(at, why);
                unknown
            }
        }
    }

    /// Visits all parts first, so that numbers run on after a fault; then judges.
    fn judge(&mut self, expr: &Expr, depth: u32) -> Result<Seen, Why> {
        let leaf = |ty| {
            Ok(Seen {
                ty,
                shared: false,
                cost: Cost::default(),
            })
        };
        match expr {
            Expr::None => leaf(Ty::None),
            Expr::Bool(_) => leaf(Ty::Bool),
            Expr::Int(number) => leaf(Ty::Literal(*number, *number)),
            Expr::Code(text) => self.code(text).and_then(leaf),
            Expr::Device => leaf(Ty::Author),
            Expr::Slot(slot) => self.slot(*slot),
            Expr::Field(slot, field) => self.field(*slot, *field),
            Expr::Get(entity, row, field) => self.get(*entity, row, *field, depth),
            Expr::Exists(entity, row) => {
                let seen = self.nested(row, depth);
                self.rows_of(*entity)?;
                self.names_row(&seen.ty, Some(*entity))?;
                let shared = seen.shared || !self.own(row);
                Ok(Seen {
                    ty: Ty::Bool,
                    shared,
                    ..seen
                })
            }
            Expr::Owner(entity, row) => self.owner(*entity, row, depth),
            Expr::Not(inner) => {
                let seen = self.nested(inner, depth);
                rules::truth(self.manifest, &seen.ty)?;
                Ok(Seen {
                    ty: Ty::Bool,
                    ..seen
                })
            }
            Expr::Neg(inner) | Expr::Abs(inner) => {
                let seen = self.nested(inner, depth);
                rules::number(self.manifest, &seen.ty)?;
                self.reckons(seen.shared)?;
                let ty = match (expr, seen.ty) {
                    (Expr::Neg(_), Ty::Literal(a, b)) if a == b && a != i64::MIN => {
                        Ty::Literal(a.saturating_neg(), a.saturating_neg())
                    }
                    (_, Ty::Literal(..)) => Ty::Literal(i64::MIN, i64::MAX),
                    (_, ty) => ty,
                };
                Ok(Seen { ty, ..seen })
            }
            Expr::Has(inner) => self.has(inner, depth),
            Expr::Binary(op, left, right) => self.binary(*op, left, right, depth),
            Expr::If(condition, yes, no) => self.choice(condition, yes, no, depth),
            Expr::MulDiv(a, b, c, mode) => self.muldiv([a, b, c], *mode, depth),
            Expr::Over(over, slot, source, body) => self.over(*over, (*slot, source), body, depth),
            Expr::Count(source) => {
                let elements = self.elements(source, depth)?;
                Ok(Seen {
                    ty: Ty::Number,
                    shared: elements.shared,
                    cost: elements.cost,
                })
            }
            Expr::Date(op, date, other) => self.date(*op, date, other, depth),
        }
    }

    fn code(&self, text: &str) -> Result<Ty, Why> {
        let length = u16::try_from(text.len())
            .ok()
            .filter(|length| *length <= limits::CODE_MAX);
        match length {
            Some(length) if shape::is_code(text) => Ok(Ty::Code(length)),
            _ => Err(Why::new(
                "type",
                "this is not a code",
                "use at most 64 of A-Z 0-9 . _ / -",
            )),
        }
    }

    fn slot(&self, slot: Slot) -> Result<Seen, Why> {
        let Cell { ty, shared } = self.cell(slot)?.clone();
        if matches!(ty, Ty::List(_) | Ty::Element(_) | Ty::Child(_)) {
            let cause = format!("{} is used as one value", ty.shown(self.manifest));
            return Err(Why::new(
                "type",
                cause,
                "loop over the list, or name a field of the element",
            ));
        }
        Ok(Seen {
            ty: self.narrowed(ty, Path::Slot(slot)),
            shared,
            cost: Cost::default(),
        })
    }

    fn field(&self, slot: Slot, field: FieldId) -> Result<Seen, Why> {
        let Cell { ty, shared } = self.cell(slot)?.clone();
        let fields = match &ty {
            Ty::Unknown => {
                return Ok(Seen {
                    ty: Ty::Unknown,
                    shared,
                    cost: Cost::default(),
                });
            }
            Ty::Element(param) => self.list(*param).map(|(fields, _)| fields),
            Ty::Child(entity) => self
                .manifest
                .entities
                .get(usize::from(*entity))
                .map(|entity| entity.fields.as_slice()),
            _ => None,
        };
        let found = fields.and_then(|fields| fields.get(usize::from(field)));
        let found = found
            .ok_or_else(|| Why::new("index", "there is no such field", "name one that exists"))?;
        let ty = self.narrowed(Ty::of(&found.ty, 0), Path::Field(slot, field));
        Ok(Seen {
            ty,
            shared,
            cost: Cost::default(),
        })
    }

    /// An entity whose rows have ids of their own.
    pub(super) fn rows_of(&self, entity: EntityId) -> Result<&'a crate::ast::Entity, Why> {
        let found = self.manifest.entities.get(usize::from(entity));
        let found = found
            .ok_or_else(|| Why::new("index", "there is no such entity", "name one that exists"))?;
        if found.parent.is_some() {
            let cause = format!("rows of {} have no id of their own", found.name);
            return Err(Why::new("child", cause, "loop over children(…)"));
        }
        Ok(found)
    }

    fn get(
        &mut self,
        entity: EntityId,
        row: &Expr,
        field: FieldId,
        depth: u32,
    ) -> Result<Seen, Why> {
        let seen = self.nested(row, depth);
        let found = self.rows_of(entity)?;
        self.names_row(&seen.ty, Some(entity))?;
        let field = found.fields.get(usize::from(field));
        let field = field
            .ok_or_else(|| Why::new("index", "there is no such field", "name one that exists"))?;
        let shared = match found.owner {
            Owner::Immutable => false,
            Owner::Device | Owner::Shared => !self.own(row),
        };
        Ok(Seen {
            ty: Ty::of(&field.ty, 0),
            shared: seen.shared || shared,
            cost: seen.cost,
        })
    }

    fn owner(&mut self, entity: EntityId, row: &Expr, depth: u32) -> Result<Seen, Why> {
        let seen = self.nested(row, depth);
        let found = self.rows_of(entity)?;
        self.names_row(&seen.ty, Some(entity))?;
        if found.owner != Owner::Device {
            let cause = format!("rows of {} have no device", found.name);
            return Err(Why::new(
                "owner",
                cause,
                "ask only for rows of an entity that is `device`",
            ));
        }
        Ok(Seen {
            ty: Ty::Author,
            ..seen
        })
    }

    fn has(&mut self, inner: &Expr, depth: u32) -> Result<Seen, Why> {
        let seen = self.nested(inner, depth);
        rules::refuse_secret(&seen.ty)?;
        match seen.ty {
            Ty::Option(_) | Ty::Unknown => Ok(Seen {
                ty: Ty::Bool,
                ..seen
            }),
            // Known to be there already: asking again is idle, not wrong.
            _ if Path::of(inner).is_some_and(|path| self.facts.contains(&Fact::Present(path))) => {
                Ok(Seen {
                    ty: Ty::Bool,
                    ..seen
                })
            }
            ty => {
                let cause = format!("{} is always there", ty.shown(self.manifest));
                Err(Why::new(
                    "option",
                    cause,
                    "ask has(…) only of an optional value",
                ))
            }
        }
    }

    fn binary(&mut self, op: Op, left: &Expr, right: &Expr, depth: u32) -> Result<Seen, Why> {
        let one = self.nested(left, depth);
        let mark = self.facts.len();
        match op {
            Op::And => facts::learn(left, true, &mut self.facts),
            Op::Or => facts::learn(left, false, &mut self.facts),
            _ => {}
        }
        let other = self.nested(right, depth);
        self.facts.truncate(mark);
        let ty = rules::binary(self.manifest, op, &one.ty, &other.ty)?;
        if matches!(op, Op::Add | Op::Sub | Op::Mul) {
            self.reckons(one.shared || other.shared)?;
        }
        Ok(Seen {
            ty,
            shared: one.shared || other.shared,
            cost: one.cost.and(other.cost),
        })
    }

    fn choice(&mut self, condition: &Expr, yes: &Expr, no: &Expr, depth: u32) -> Result<Seen, Why> {
        let asked = self.nested(condition, depth);
        let mark = self.facts.len();
        facts::learn(condition, true, &mut self.facts);
        let one = self.nested(yes, depth);
        self.facts.truncate(mark);
        facts::learn(condition, false, &mut self.facts);
        let other = self.nested(no, depth);
        self.facts.truncate(mark);
        rules::truth(self.manifest, &asked.ty)?;
        let ty = rules::either(self.manifest, &one.ty, &other.ty)?;
        let shared = asked.shared || one.shared || other.shared;
        Ok(Seen {
            ty,
            shared,
            cost: asked.cost.and(one.cost.or(other.cost)),
        })
    }

    fn muldiv(&mut self, operands: [&Expr; 3], _: Mode, depth: u32) -> Result<Seen, Why> {
        let [a, b, c] = operands.map(|operand| self.nested(operand, depth));
        let ty = rules::muldiv(self.manifest, &a.ty, &b.ty, &c.ty)?;
        let shared = a.shared || b.shared || c.shared;
        self.reckons(shared)?;
        Ok(Seen {
            ty,
            shared,
            cost: a.cost.and(b.cost).and(c.cost),
        })
    }

    fn over(
        &mut self,
        over: Over,
        (slot, source): (Slot, &Source),
        body: &Expr,
        depth: u32,
    ) -> Result<Seen, Why> {
        let elements = self.elements(source, depth);
        let ty = elements
            .as_ref()
            .map_or(Ty::Unknown, |elements| elements.ty.clone());
        let shared = elements.as_ref().is_ok_and(|elements| elements.shared);
        let bound = self.bind(slot, Cell { ty, shared });
        let seen = self.nested(body, depth);
        if bound.is_ok() {
            self.unbind(slot);
        }
        bound?;
        let elements = elements?;
        let ty = match over {
            Over::Sum => {
                rules::number(self.manifest, &seen.ty)?;
                self.reckons(elements.shared || seen.shared)?;
                match seen.ty {
                    Ty::Literal(..) => Ty::Number,
                    ty => ty,
                }
            }
            Over::All | Over::Any => {
                rules::truth(self.manifest, &seen.ty)?;
                Ty::Bool
            }
        };
        let cost = elements.cost.and(seen.cost.times(elements.max));
        Ok(Seen {
            ty,
            shared: elements.shared || seen.shared,
            cost,
        })
    }

    fn list(&self, param: FieldId) -> Option<(&'a [Field], u16)> {
        match &self.verb.params.get(usize::from(param))?.ty {
            Type::List(fields, max) => Some((fields, *max)),
            _ => None,
        }
    }

    /// Judges where the elements of a loop come from.
    pub(super) fn elements(&mut self, source: &Source, depth: u32) -> Result<Elements, Why> {
        match source {
            Source::Slot(slot) => {
                let cell = self.cell(*slot)?;
                let found = match cell.ty {
                    Ty::List(param) => self.list(param).map(|(_, max)| (param, max)),
                    _ => None,
                };
                let cause = format!("{} is no list", cell.ty.shown(self.manifest));
                let mend = "loop over a list of the op or over children(…)";
                let (param, max) = found.ok_or_else(|| Why::new("type", cause, mend))?;
                Ok(Elements {
                    ty: Ty::Element(param),
                    max,
                    shared: false,
                    cost: Cost::NODE,
                })
            }
            Source::Children(entity, row) => {
                let seen = self.nested(row, depth);
                let found = self.manifest.entities.get(usize::from(*entity));
                let parent = found.and_then(|found| found.parent);
                let Some(parent) = parent else {
                    let cause = "this entity is no child of another";
                    return Err(Why::new("child", cause, "declare it `entity x of y`"));
                };
                self.names_row(&seen.ty, Some(parent))?;
                let shared = seen.shared || !self.own(row);
                let max = limits::CHILDREN_MAX;
                Ok(Elements {
                    ty: Ty::Child(*entity),
                    max,
                    shared,
                    cost: seen.cost.and(Cost::NODE),
                })
            }
        }
    }

    fn date(&mut self, op: DateOp, date: &Expr, other: &Expr, depth: u32) -> Result<Seen, Why> {
        let one = self.nested(date, depth);
        let two = self.nested(other, depth);
        let wrong = |ty: &Ty, wanted: &str| {
            let cause = format!(
                "{wanted} is wanted here, this is {}",
                ty.shown(self.manifest)
            );
            Err(Why::new("type", cause, format!("give it {wanted}")))
        };
        let dated = |ty: &Ty| matches!(ty, Ty::Date | Ty::Unknown);
        if !dated(&one.ty) {
            return wrong(&one.ty, "a date");
        }
        let (fits, wanted, ty) = match op {
            DateOp::Year | DateOp::Month | DateOp::Day => {
                (two.ty == Ty::None, "nothing", Ty::Number)
            }
            DateOp::AddDays | DateOp::AddMonths => {
                let plain = matches!(two.ty, Ty::Number | Ty::Literal(..) | Ty::Unknown);
                (plain, "a plain number", Ty::Date)
            }
            DateOp::DaysBetween => (dated(&two.ty), "a date", Ty::Number),
        };
        if !fits {
            return wrong(&two.ty, wanted);
        }
        if ty == Ty::Date {
            self.reckons(one.shared || two.shared)?;
        }
        Ok(Seen {
            ty,
            shared: one.shared || two.shared,
            cost: one.cost.and(two.cost),
        })
    }
}
