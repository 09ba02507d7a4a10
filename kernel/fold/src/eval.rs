//! Values of expressions. Evaluation changes nothing but what the scratch remembers of rows that were read.

use crate::{
    amount, calendar,
    exec::{Cell, Machine},
    key::RowId,
    outcome::Refusal,
};
use alloc::boxed::Box;
use daybook_manifest::{
    ast::{DateOp, Expr, Mode, Op, Over, Slot, Source},
    value::Value,
};

/// The elements of a loop: of a list in a slot, or child rows.
#[derive(Clone, Copy)]
pub(crate) enum Elements {
    List(Slot, u32),
    Rows(u16, [u8; 16], u16),
}

impl Elements {
    pub(crate) fn count(self) -> u32 {
        match self {
            Self::List(_, count) => count,
            Self::Rows(_, _, count) => u32::from(count),
        }
    }

    /// What stands in the loop's slot while element `index` is at hand.
    pub(crate) fn cell(self, index: u32) -> Cell {
        match self {
            Self::List(slot, _) => Cell::Element(slot, index),
            Self::Rows(entity, id, _) => Cell::Row(RowId {
                entity,
                id,
                index: u16::try_from(index).ok(),
            }),
        }
    }
}

impl Machine<'_> {
    /// The value of any expression.
    pub(crate) fn eval(&mut self, expr: &Expr) -> Result<Value, Refusal> {
        if let Some(value) = self.peek(expr)? {
            return Ok(value.clone());
        }
        Ok(match expr {
            Expr::None => Value::None,
            Expr::Code(code) => Value::Text(Box::from(code.as_str())),
            Expr::Device => Value::Author(*self.author),
            Expr::Owner(entity, row) => Value::Author(self.owner(*entity, row)?),
            Expr::If(when, then, or) => {
                let branch = if self.truth(when)? { then } else { or };
                self.eval(branch)?
            }
            Expr::Bool(_) | Expr::Exists(..) | Expr::Not(_) | Expr::Has(_) => {
                Value::Bool(self.truth(expr)?)
            }
            Expr::Binary(
                Op::Eq | Op::Ne | Op::Lt | Op::Le | Op::Gt | Op::Ge | Op::And | Op::Or,
                ..,
            )
            | Expr::Over(Over::All | Over::Any, ..) => Value::Bool(self.truth(expr)?),
            _ => Value::Int(self.int(expr)?),
        })
    }

    /// The value where it lies, if the expression names a place.
    fn peek(&mut self, expr: &Expr) -> Result<Option<&Value>, Refusal> {
        match expr {
            Expr::Slot(slot) => match self.slots.get(usize::from(*slot)) {
                Some(Cell::Value(value)) => Ok(Some(value)),
                _ => Err(Refusal::UNSOUND),
            },
            Expr::Field(slot, field) => self.field(*slot, *field).map(Some),
            Expr::Get(entity, row, field) => {
                let id = self.id(row)?;
                let row = self.row(RowId {
                    entity: *entity,
                    id,
                    index: None,
                })?;
                row.values
                    .get(usize::from(*field))
                    .map(Some)
                    .ok_or(Refusal::UNSOUND)
            }
            _ => Ok(None),
        }
    }

    fn field(&mut self, slot: Slot, field: u16) -> Result<&Value, Refusal> {
        let field = usize::from(field);
        match self.slots.get(usize::from(slot)) {
            Some(Cell::Element(list, index)) => match self.slots.get(usize::from(*list)) {
                Some(Cell::Value(Value::List(records))) => usize::try_from(*index)
                    .ok()
                    .and_then(|index| records.get(index)?.get(field))
                    .ok_or(Refusal::UNSOUND),
                _ => Err(Refusal::UNSOUND),
            },
            Some(Cell::Row(id)) => {
                let id = *id;
                self.row(id)?.values.get(field).ok_or(Refusal::UNSOUND)
            }
            _ => Err(Refusal::UNSOUND),
        }
    }

    fn owner(&mut self, entity: u16, row: &Expr) -> Result<[u8; 32], Refusal> {
        let id = self.id(row)?;
        self.row(RowId {
            entity,
            id,
            index: None,
        })?
        .owner
        .ok_or(Refusal::UNSOUND)
    }

    /// The value of an expression that is an id.
    pub(crate) fn id(&mut self, expr: &Expr) -> Result<[u8; 16], Refusal> {
        match self.eval(expr)? {
            Value::Id(id) => Ok(id),
            _ => Err(Refusal::UNSOUND),
        }
    }

    /// The value of an expression that is a number.
    pub(crate) fn int(&mut self, expr: &Expr) -> Result<i64, Refusal> {
        match expr {
            Expr::Int(number) => Ok(*number),
            Expr::Neg(of) => self.int(of)?.checked_neg().ok_or(Refusal::ARITH),
            Expr::Abs(of) => self.int(of)?.checked_abs().ok_or(Refusal::ARITH),
            Expr::Binary(op, left, right) => {
                let (left, right) = (self.int(left)?, self.int(right)?);
                match op {
                    Op::Add => left.checked_add(right),
                    Op::Sub => left.checked_sub(right),
                    Op::Mul => left.checked_mul(right),
                    Op::Min => Some(left.min(right)),
                    Op::Max => Some(left.max(right)),
                    _ => return Err(Refusal::UNSOUND),
                }
                .ok_or(Refusal::ARITH)
            }
            Expr::If(when, then, or) => {
                let branch = if self.truth(when)? { then } else { or };
                self.int(branch)
            }
            Expr::MulDiv(a, b, c, mode) => self.muldiv(a, b, c, *mode),
            Expr::Over(Over::Sum, slot, source, body) => self.sum(*slot, source, body),
            Expr::Count(source) => self
                .elements(source)
                .map(|elements| i64::from(elements.count())),
            Expr::Date(op, left, right) => self.date(*op, left, right),
            _ => match self.peek(expr)? {
                Some(Value::Int(number)) => Ok(*number),
                _ => Err(Refusal::UNSOUND),
            },
        }
    }

    /// Products and sums that stand directly inside a division are exact: there is one rounding.
    fn wide(&mut self, expr: &Expr) -> Result<i128, Refusal> {
        let Expr::Binary(op @ (Op::Add | Op::Sub | Op::Mul), left, right) = expr else {
            return self.int(expr).map(i128::from);
        };
        let (left, right) = (self.wide(left)?, self.wide(right)?);
        match op {
            Op::Add => left.checked_add(right),
            Op::Sub => left.checked_sub(right),
            _ => left.checked_mul(right),
        }
        .ok_or(Refusal::ARITH)
    }

    fn muldiv(&mut self, a: &Expr, b: &Expr, c: &Expr, mode: Mode) -> Result<i64, Refusal> {
        let (a, b, c) = (self.wide(a)?, self.wide(b)?, self.wide(c)?);
        let narrow = (i64::try_from(a), i64::try_from(b), i64::try_from(c));
        let result = match narrow {
            (Ok(a), Ok(b), Ok(c)) => amount::muldiv(a, b, c, mode),
            _ => amount::muldiv_wide(a, b, c, mode),
        };
        result.ok_or(Refusal::ARITH)
    }

    /// The value of an expression that is true or false.
    pub(crate) fn truth(&mut self, expr: &Expr) -> Result<bool, Refusal> {
        match expr {
            Expr::Bool(truth) => Ok(*truth),
            Expr::Not(of) => self.truth(of).map(|truth| !truth),
            Expr::Has(of) => match self.peek(of)? {
                Some(value) => Ok(*value != Value::None),
                None => self.eval(of).map(|value| value != Value::None),
            },
            Expr::Exists(entity, row) => {
                let id = self.id(row)?;
                Ok(self.scratch.exists(
                    self.layers,
                    RowId {
                        entity: *entity,
                        id,
                        index: None,
                    },
                ))
            }
            Expr::Binary(Op::And, left, right) => Ok(self.truth(left)? && self.truth(right)?),
            Expr::Binary(Op::Or, left, right) => Ok(self.truth(left)? || self.truth(right)?),
            Expr::Binary(Op::Eq, left, right) => self.equal(left, right),
            Expr::Binary(Op::Ne, left, right) => self.equal(left, right).map(|equal| !equal),
            Expr::Binary(op @ (Op::Lt | Op::Le | Op::Gt | Op::Ge), left, right) => {
                let (left, right) = (self.int(left)?, self.int(right)?);
                Ok(match op {
                    Op::Lt => left < right,
                    Op::Le => left <= right,
                    Op::Gt => left > right,
                    _ => left >= right,
                })
            }
            Expr::Over(over @ (Over::All | Over::Any), slot, source, body) => {
                self.every(*over == Over::All, *slot, source, body)
            }
            Expr::If(when, then, or) => {
                let branch = if self.truth(when)? { then } else { or };
                self.truth(branch)
            }
            _ => match self.peek(expr)? {
                Some(Value::Bool(truth)) => Ok(*truth),
                _ => Err(Refusal::UNSOUND),
            },
        }
    }

    fn equal(&mut self, left: &Expr, right: &Expr) -> Result<bool, Refusal> {
        let left = self.eval(left)?;
        match self.peek(right)? {
            Some(right) => Ok(left == *right),
            None => self.eval(right).map(|right| left == right),
        }
    }

    /// Where the elements of a loop come from, and how many there are as the loop begins.
    pub(crate) fn elements(&mut self, source: &Source) -> Result<Elements, Refusal> {
        match source {
            Source::Slot(slot) => match self.slots.get(usize::from(*slot)) {
                Some(Cell::Value(Value::List(records))) => Ok(Elements::List(
                    *slot,
                    u32::try_from(records.len()).map_err(|_| Refusal::LIMIT)?,
                )),
                _ => Err(Refusal::UNSOUND),
            },
            Source::Children(entity, parent) => {
                let parent = self.id(parent)?;
                let count = *self.scratch.children(self.layers, *entity, parent);
                Ok(Elements::Rows(*entity, parent, count))
            }
        }
    }

    fn sum(&mut self, slot: Slot, source: &Source, body: &Expr) -> Result<i64, Refusal> {
        let elements = self.elements(source)?;
        let mut sum = 0_i64;
        for index in 0..elements.count() {
            self.put(slot, elements.cell(index))?;
            sum = sum.checked_add(self.int(body)?).ok_or(Refusal::ARITH)?;
        }
        Ok(sum)
    }

    /// All or any, as far as it takes to know.
    fn every(
        &mut self,
        all: bool,
        slot: Slot,
        source: &Source,
        body: &Expr,
    ) -> Result<bool, Refusal> {
        let elements = self.elements(source)?;
        for index in 0..elements.count() {
            self.put(slot, elements.cell(index))?;
            if self.truth(body)? != all {
                return Ok(!all);
            }
        }
        Ok(all)
    }

    fn date(&mut self, op: DateOp, left: &Expr, right: &Expr) -> Result<i64, Refusal> {
        let date = self.int(left)?;
        let result = match op {
            DateOp::Year => calendar::civil(date).map(|date| date.year),
            DateOp::Month => calendar::civil(date).map(|date| date.month),
            DateOp::Day => calendar::civil(date).map(|date| date.day),
            DateOp::AddDays => calendar::add_days(date, self.int(right)?),
            DateOp::AddMonths => calendar::add_months(date, self.int(right)?),
            DateOp::DaysBetween => self.int(right)?.checked_sub(date),
        };
        result.ok_or(Refusal::RANGE)
    }
}
