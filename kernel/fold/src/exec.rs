//! The interpreter: runs the body of a verb over a scratch. The only place that decides what an op does.

use crate::{
    key::{self, RowId},
    outcome::{Flag, RaisedFlag, Refusal},
    post::Entry,
    rows::Layers,
    scratch::{Scratch, Touched, Writes, has_owner},
    small::Small,
};
use alloc::{borrow::ToOwned, vec::Vec};
use daybook_log::{MemberRole, Op};
use daybook_manifest::{
    ast::{By, Entity, Expr, Field, Manifest, Owner, Slot, Stmt, Type},
    limits, shape,
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

fn check_ref(
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
fn check_fit(schema: &Manifest, ty: &Type, value: &Value) -> Result<(), Refusal> {
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

    fn raise(&mut self, flag: Flag, about: Value) -> Result<(), Refusal> {
        self.scratch.flags.push(RaisedFlag { flag, about });
        if u16::try_from(self.scratch.flags.len()).is_ok() {
            Ok(())
        } else {
            Err(Refusal::LIMIT)
        }
    }

    fn entity(&self, entity: u16) -> Result<&'a Entity, Refusal> {
        self.schema
            .entities
            .get(usize::from(entity))
            .ok_or(Refusal::UNSOUND)
    }

    fn insert(&mut self, entity: u16, id: &Expr, fields: &[(u16, Expr)]) -> Result<(), Refusal> {
        let kind = self.entity(entity)?;
        let id = self.id(id)?;
        let row = match kind.parent {
            Some(parent) => self.next_child(entity, parent, id)?,
            None => RowId {
                entity,
                id,
                index: None,
            },
        };
        if self.scratch.exists(self.layers, row) {
            return Err(Refusal::DUPLICATE);
        }
        let mut values: Vec<Value> = kind
            .fields
            .iter()
            .map(|field| shape::default_of(&field.ty).unwrap_or(Value::None))
            .collect();
        for (field, value) in fields {
            let value = self.eval(value)?;
            let ty = &kind
                .fields
                .get(usize::from(*field))
                .ok_or(Refusal::UNSOUND)?
                .ty;
            check_ref(self.scratch, self.layers, ty, &value)?;
            check_fit(self.schema, ty, &value)?;
            *values
                .get_mut(usize::from(*field))
                .ok_or(Refusal::UNSOUND)? = value;
        }
        for (set, of) in (0_u16..).zip(&kind.unique) {
            let taken = self.unique_key(entity, set, of, &values)?;
            self.take_unique(taken, row)?;
        }
        let owner = has_owner(kind).then_some(*self.author);
        self.scratch.rows.insert(
            row,
            Touched {
                values,
                owner,
                new: true,
                changed: true,
            },
        );
        if row.index.is_some() {
            let count = self.scratch.children(self.layers, entity, id);
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    /// The place for a new child, if this op may give its parent one.
    fn next_child(&mut self, entity: u16, parent: u16, id: [u8; 16]) -> Result<RowId, Refusal> {
        let owner = self.entity(parent)?.owner;
        let author = *self.author;
        let row = self.row(RowId {
            entity: parent,
            id,
            index: None,
        })?;
        may_write(owner, row, &author)?;
        let index = *self.scratch.children(self.layers, entity, id);
        if index >= limits::CHILDREN_MAX {
            return Err(Refusal::LIMIT);
        }
        Ok(RowId {
            entity,
            id,
            index: Some(index),
        })
    }

    fn set(&mut self, entity: u16, row: &Expr, field: u16, value: &Expr) -> Result<(), Refusal> {
        let id = self.id(row)?;
        let value = self.eval(value)?;
        let ty = &self
            .entity(entity)?
            .fields
            .get(usize::from(field))
            .ok_or(Refusal::UNSOUND)?
            .ty;
        let row = RowId {
            entity,
            id,
            index: None,
        };
        self.row(row)?;
        check_ref(self.scratch, self.layers, ty, &value)?;
        self.change(row, field, value)
    }

    fn goto(&mut self, entity: u16, row: &Expr, state: u16) -> Result<(), Refusal> {
        // the edges are those of the manifest that the op was written for
        let kind = self
            .manifest
            .entities
            .get(usize::from(entity))
            .ok_or(Refusal::UNSOUND)?;
        let status = kind.status.as_ref().ok_or(Refusal::UNSOUND)?;
        let row = RowId {
            entity,
            id: self.id(row)?,
            index: None,
        };
        let from = self
            .row(row)?
            .values
            .get(usize::from(status.field))
            .and_then(Value::int)
            .ok_or(Refusal::UNSOUND)?;
        if !status
            .edges
            .iter()
            .any(|(a, b)| i64::from(*a) == from && *b == state)
        {
            return Err(Refusal::WRONG_STATE);
        }
        self.change(row, status.field, Value::Int(i64::from(state)))
    }

    fn change(&mut self, row: RowId, field: u16, value: Value) -> Result<(), Refusal> {
        let kind = self.entity(row.entity)?;
        let author = *self.author;
        let old = self.row(row)?;
        may_write(kind.owner, old, &author)?;
        let mut values = old.values.clone();
        let place = values.get_mut(usize::from(field)).ok_or(Refusal::UNSOUND)?;
        let old = core::mem::replace(place, value);
        let ty = &kind
            .fields
            .get(usize::from(field))
            .ok_or(Refusal::UNSOUND)?
            .ty;
        for (set, of) in (0_u16..)
            .zip(&kind.unique)
            .filter(|(_, of)| of.contains(&field))
        {
            let taken = self.unique_key(row.entity, set, of, &values)?;
            let mut before = values.clone();
            if let Some(place) = before.get_mut(usize::from(field)) {
                *place = old.clone();
            }
            let given_back = self.unique_key(row.entity, set, of, &before)?;
            self.take_unique(taken.clone(), row)?;
            if given_back != taken {
                self.scratch.unique.insert(given_back, None);
            }
        }
        check_fit(
            self.schema,
            ty,
            values.get(usize::from(field)).ok_or(Refusal::UNSOUND)?,
        )?;
        let touched = self.row(row)?;
        touched.values = values;
        touched.changed = true;
        Ok(())
    }

    fn unique_key(
        &self,
        entity: u16,
        set: u16,
        of: &[u16],
        values: &[Value],
    ) -> Result<Small, Refusal> {
        let kind = self.entity(entity)?;
        let mut bytes = Vec::new();
        for field in of {
            let at = usize::from(*field);
            let (field, value) = kind
                .fields
                .get(at)
                .zip(values.get(at))
                .ok_or(Refusal::UNSOUND)?;
            let part = shape::encode_values(
                self.schema,
                core::slice::from_ref(field),
                core::slice::from_ref(value),
            );
            bytes.extend_from_slice(&part.map_err(|_| Refusal::RANGE)?);
        }
        Ok(key::unique(entity, set, &bytes))
    }

    fn take_unique(&mut self, taken: Small, row: RowId) -> Result<(), Refusal> {
        let by = row.local();
        let holder = match self.scratch.unique.get(&taken) {
            Some(holder) => holder.as_ref().map(Small::as_slice),
            None => self
                .layers
                .get(key::UNIQUE, taken.as_slice())
                .filter(|holder| !holder.is_empty()),
        };
        if holder.is_some_and(|holder| holder != by.as_slice()) {
            return Err(Refusal::DUPLICATE);
        }
        self.scratch.unique.insert(taken, Some(by));
        Ok(())
    }

    fn number(&mut self, series: u16, year: &Expr, value: &Expr) -> Result<(), Refusal> {
        let year = u16::try_from(self.int(year)?)
            .ok()
            .filter(|year| (1..=9999).contains(year))
            .ok_or(Refusal::RANGE)?;
        let number = self.int(value)?;
        if number < 1 {
            return Err(Refusal::RANGE);
        }
        let counter = key::counter(series, self.author, year);
        let last = match self.scratch.counters.get(&counter) {
            Some(last) => *last,
            None => self
                .layers
                .get(key::COUNTER, counter.as_slice())
                .and_then(decode_counter)
                .unwrap_or(0),
        };
        let flag = match last.checked_add(1) {
            Some(next) if next == number => None,
            Some(next) if next < number => Some(Flag::GAP),
            _ => Some(Flag::REPETITION),
        };
        self.scratch.counters.insert(counter, last.max(number));
        flag.map_or(Ok(()), |flag| self.raise(flag, Value::Int(number)))
    }

    /// A dimension's canonical bytes.
    pub(crate) fn dimension(
        &mut self,
        field: &Field,
        value: &Expr,
        to: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let value = self.eval(value)?;
        check_ref(self.scratch, self.layers, &field.ty, &value)?;
        check_fit(self.schema, &field.ty, &value)?;
        let bytes = shape::encode_values(
            self.schema,
            core::slice::from_ref(field),
            core::slice::from_ref(&value),
        );
        to.append(&mut bytes.map_err(|_| Refusal::RANGE)?.to_owned());
        Ok(())
    }
}

pub(crate) fn decode_counter(bytes: &[u8]) -> Option<i64> {
    bytes.try_into().ok().map(i64::from_le_bytes)
}

/// Whether this author may change the row or give it children.
fn may_write(owner: Owner, row: &Touched, author: &[u8; 32]) -> Result<(), Refusal> {
    let may = match owner {
        Owner::Shared => true,
        Owner::Device => row.owner.as_ref() == Some(author),
        Owner::Immutable => row.new,
    };
    if may { Ok(()) } else { Err(Refusal::NOT_OWNER) }
}
