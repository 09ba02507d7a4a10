//! The interpreter: runs the body of a verb over a scratch. The only place that decides what an op does.

use crate::{
    key::RowId,
    outcome::{Flag, RaisedFlag, Refusal},
    post::Entry,
    rows::Layers,
    scratch::{Scratch, Touched, Writes},
};
use alloc::vec::Vec;
use daybook_log::{MemberRole, Op};
use daybook_manifest::{
    ast::{By, Expr, Field, Manifest, Slot, Stmt, Type},
    shape,
    value::Value,
};

/// What a slot holds.
#[derive(Debug)]
pub(crate) enum Cell {
    Value(Value),
    /// An element of the list in another slot.
    Element(Slot, u32),
    /// A child row; its fields are read as they are now.
    Row(RowId),
}

/// What an op is run on.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    pub(crate) layers: Layers<'a>,
    /// The manifest that the op was written for.
    pub(crate) manifest: &'a Manifest,
    /// The manifest that was adopted last; it has all fields of all rows.
    pub(crate) schema: &'a Manifest,
    pub(crate) author: &'a [u8; 32],
    pub(crate) role: MemberRole,
}

/// A verb at work.
pub(crate) struct Machine<'a> {
    pub(crate) layers: Layers<'a>,
    pub(crate) manifest: &'a Manifest,
    pub(crate) schema: &'a Manifest,
    pub(crate) author: &'a [u8; 32],
    pub(crate) scratch: &'a mut Scratch,
    pub(crate) slots: Vec<Cell>,
    pub(crate) entry: Option<Entry>,
}

/// Runs one op. `scratch` holds its effects afterwards, and nothing is applied yet.
///
/// # Errors
/// The first check that fails.
pub(crate) fn run(scratch: &mut Scratch, frame: Frame<'_>, op: &Op) -> Result<Writes, Refusal> {
    scratch.clear();
    let Frame {
        layers,
        manifest,
        schema,
        author,
        role,
    } = frame;
    let verb = manifest
        .verbs
        .get(usize::from(op.verb))
        .ok_or(Refusal::UNKNOWN_VERB)?;
    let slots = u16::try_from(op.slots.len()).map_err(|_| Refusal::BAD_SHAPE)?;
    let values = shape::decode_values(manifest, &verb.params, &op.input, slots)
        .map_err(|_| Refusal::BAD_SHAPE)?;
    if verb.by == By::Manager && role != MemberRole::Manager {
        return Err(Refusal::NOT_PERMITTED);
    }
    check_refs(scratch, layers, &verb.params, &values)?;
    if !op.slots.is_empty() {
        return Err(Refusal::SEALED);
    }
    let mut slots = core::mem::take(&mut scratch.slots);
    slots.clear();
    slots.extend(values.into_iter().map(Cell::Value));
    slots.resize_with(usize::from(verb.slots).max(slots.len()), || {
        Cell::Value(Value::None)
    });
    let mut machine = Machine {
        layers,
        manifest,
        schema,
        author,
        scratch,
        slots,
        entry: None,
    };
    let done = machine.body(&verb.body);
    let slots = machine.slots;
    scratch.slots = slots;
    done?;
    scratch.writes(schema)
}

/// Every row that the input refers to exists.
fn check_refs(
    scratch: &Scratch,
    layers: Layers<'_>,
    fields: &[Field],
    values: &[Value],
) -> Result<(), Refusal> {
    fields
        .iter()
        .zip(values)
        .try_for_each(|(field, value)| match (&field.ty, value) {
            (Type::List(fields, _), Value::List(records)) => records
                .iter()
                .try_for_each(|record| check_refs(scratch, layers, fields, record)),
            (ty, value) => check_ref(scratch, layers, ty, value),
        })
}

pub(crate) fn check_ref(
    scratch: &Scratch,
    layers: Layers<'_>,
    ty: &Type,
    value: &Value,
) -> Result<(), Refusal> {
    match (ty, value) {
        (Type::Option(inner), value) => check_ref(scratch, layers, inner, value),
        (Type::Ref(entity), Value::Id(id)) => {
            let row = RowId {
                entity: *entity,
                id: *id,
                index: None,
            };
            if scratch.exists(layers, row) {
                Ok(())
            } else {
                Err(Refusal::MISSING_REF)
            }
        }
        _ => Ok(()),
    }
}

/// Whether a value may stand in a place of this type.
pub(crate) fn check_fit(schema: &Manifest, ty: &Type, value: &Value) -> Result<(), Refusal> {
    let fits = match (ty, value) {
        (Type::Option(_) | Type::Sealed(_), Value::None)
        | (Type::Bool, Value::Bool(_))
        | (Type::Id | Type::Ref(_), Value::Id(_))
        | (Type::Author, Value::Author(_))
        | (Type::Sealed(_), Value::Int(_)) => true,
        (Type::Option(inner), value) => return check_fit(schema, inner, value),
        (Type::Code(max) | Type::Text(max), Value::Text(text)) => text.len() <= usize::from(*max),
        (Type::Enum(index), Value::Int(number)) => {
            schema.enums.get(usize::from(*index)).is_some_and(|known| {
                usize::try_from(*number).is_ok_and(|number| number < known.values.len())
            })
        }
        (ty, Value::Int(number)) => shape::bounds(ty).ok_or(Refusal::UNSOUND)?.contains(number),
        _ => return Err(Refusal::UNSOUND),
    };
    if fits { Ok(()) } else { Err(Refusal::RANGE) }
}

impl<'a> Machine<'a> {
    pub(crate) fn body(&mut self, body: &[Stmt]) -> Result<(), Refusal> {
        body.iter().try_for_each(|stmt| self.stmt(stmt))
    }

    fn stmt(&mut self, stmt: &Stmt) -> Result<(), Refusal> {
        match stmt {
            Stmt::Let(slot, value) => {
                let value = self.eval(value)?;
                self.put(*slot, Cell::Value(value))
            }
            Stmt::Require(condition, refusal) => {
                if self.truth(condition)? {
                    Ok(())
                } else {
                    Err(Refusal::of_manifest(*refusal))
                }
            }
            Stmt::Warn(condition, flag, about) => self.warn(condition, *flag, about.as_ref()),
            Stmt::Insert { entity, id, fields } => self.insert(*entity, id, fields),
            Stmt::Set {
                entity,
                row,
                field,
                value,
            } => self.set(*entity, row, *field, value),
            Stmt::Goto { entity, row, state } => self.goto(*entity, row, *state),
            Stmt::Number {
                series,
                year,
                value,
            } => self.number(*series, year, value),
            Stmt::Each {
                slot,
                source,
                max,
                body,
            } => {
                let elements = self.elements(source)?;
                if elements.count() > u32::from(*max) {
                    return Err(Refusal::LIMIT);
                }
                (0..elements.count()).try_for_each(|index| {
                    self.put(*slot, elements.cell(index))?;
                    self.body(body)
                })
            }
            Stmt::When(condition, then, or) => {
                let branch = if self.truth(condition)? { then } else { or };
                self.body(branch)
            }
            Stmt::Post {
                doc,
                date,
                currency,
                body,
            } => self.post(doc, date, currency, body),
            Stmt::Line {
                debit,
                role,
                dims,
                amount,
            } => self.line(*debit, *role, dims, amount),
            Stmt::Reverse { doc, of, date } => self.reverse(doc, of, date),
        }
    }

    pub(crate) fn put(&mut self, slot: Slot, cell: Cell) -> Result<(), Refusal> {
        *self
            .slots
            .get_mut(usize::from(slot))
            .ok_or(Refusal::UNSOUND)? = cell;
        Ok(())
    }

    pub(crate) fn row(&mut self, id: RowId) -> Result<&mut Touched, Refusal> {
        self.scratch
            .load(self.layers, self.schema, id)?
            .ok_or(Refusal::MISSING_REF)
    }

    fn warn(&mut self, condition: &Expr, flag: u16, about: Option<&Expr>) -> Result<(), Refusal> {
        if self.truth(condition)? {
            return Ok(());
        }
        let about = about.map_or(Ok(Value::None), |about| self.eval(about))?;
        self.raise(Flag::of_manifest(flag), about)
    }

    pub(crate) fn raise(&mut self, flag: Flag, about: Value) -> Result<(), Refusal> {
        self.scratch.flags.push(RaisedFlag { flag, about });
        if u16::try_from(self.scratch.flags.len()).is_ok() {
            Ok(())
        } else {
            Err(Refusal::LIMIT)
        }
    }
}
