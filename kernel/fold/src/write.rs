//! The steps of a verb that write: new rows, changes, status, numbers. All of it into the scratch.

use crate::{
    exec::{Machine, check_fit, check_ref},
    key::{self, RowId},
    outcome::{Flag, Refusal},
    scratch::{Touched, has_owner},
    small::Small,
};
use alloc::vec::Vec;
use daybook_manifest::{
    ast::{Entity, Expr, Field, Manifest, Owner},
    limits, shape,
    value::Value,
};

impl<'a> Machine<'a> {
    fn entity(&self, entity: u16) -> Result<&'a Entity, Refusal> {
        self.schema
            .entities
            .get(usize::from(entity))
            .ok_or(Refusal::UNSOUND)
    }

    pub(crate) fn insert(
        &mut self,
        entity: u16,
        id: &Expr,
        fields: &[(u16, Expr)],
    ) -> Result<(), Refusal> {
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
        // a child's index is free: it is how many there are
        if row.index.is_none() && self.scratch.exists(self.layers, row) {
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
            let taken = unique_key(self.schema, kind, (entity, set), of, &values)?;
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
        if row.new {
            self.scratch.no_children_yet(entity, id);
        }
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

    pub(crate) fn set(
        &mut self,
        entity: u16,
        row: &Expr,
        field: u16,
        value: &Expr,
    ) -> Result<(), Refusal> {
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

    pub(crate) fn goto(&mut self, entity: u16, row: &Expr, state: u16) -> Result<(), Refusal> {
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

    /// A failed step refuses the whole op, so the decoded row is changed in place.
    fn change(&mut self, row: RowId, field: u16, value: Value) -> Result<(), Refusal> {
        let kind = self.entity(row.entity)?;
        let at = usize::from(field);
        let author = *self.author;
        may_write(kind.owner, self.row(row)?, &author)?;
        check_fit(
            self.schema,
            &kind.fields.get(at).ok_or(Refusal::UNSOUND)?.ty,
            &value,
        )?;
        let sets = (0_u16..)
            .zip(&kind.unique)
            .filter(|(_, of)| of.contains(&field));
        let mut given_back = Vec::new();
        for (set, of) in sets.clone() {
            given_back.push(self.unique_of(row, set, of)?);
        }
        let touched = self.row(row)?;
        *touched.values.get_mut(at).ok_or(Refusal::UNSOUND)? = value;
        touched.changed = true;
        for ((set, of), before) in sets.zip(given_back) {
            let taken = self.unique_of(row, set, of)?;
            if before != taken {
                self.scratch.unique.insert(before, None);
                self.take_unique(taken, row)?;
            }
        }
        Ok(())
    }

    fn unique_of(&mut self, row: RowId, set: u16, of: &[u16]) -> Result<Small, Refusal> {
        let kind = self.entity(row.entity)?;
        let schema = self.schema;
        unique_key(schema, kind, (row.entity, set), of, &self.row(row)?.values)
    }

    fn take_unique(&mut self, taken: Small, row: RowId) -> Result<(), Refusal> {
        let by = row.local();
        let holder = match self.scratch.unique.get(&taken) {
            Some(holder) => holder.as_ref().map(Small::as_slice),
            None => self
                .layers
                .get(key::UNIQUE, &taken)
                .filter(|holder| !holder.is_empty()),
        };
        if holder.is_some_and(|holder| holder != by.as_slice()) {
            return Err(Refusal::DUPLICATE);
        }
        self.scratch.unique.insert(taken, Some(by));
        Ok(())
    }

    pub(crate) fn number(&mut self, series: u16, year: &Expr, value: &Expr) -> Result<(), Refusal> {
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
                .get(key::COUNTER, &counter)
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
        put_value(self.schema, field, &value, to)
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

/// Where the values of a uniqueness set are taken: entity, set, canonical values.
fn unique_key(
    schema: &Manifest,
    kind: &Entity,
    (entity, set): (u16, u16),
    of: &[u16],
    values: &[Value],
) -> Result<Small, Refusal> {
    let mut bytes = Vec::new();
    for field in of {
        let at = usize::from(*field);
        let (field, value) = kind
            .fields
            .get(at)
            .zip(values.get(at))
            .ok_or(Refusal::UNSOUND)?;
        put_value(schema, field, value, &mut bytes)?;
    }
    Ok(key::unique(entity, set, &bytes))
}

fn put_value(
    schema: &Manifest,
    field: &Field,
    value: &Value,
    to: &mut Vec<u8>,
) -> Result<(), Refusal> {
    let bytes = shape::encode_values(
        schema,
        core::slice::from_ref(field),
        core::slice::from_ref(value),
    );
    to.extend_from_slice(&bytes.map_err(|_| Refusal::RANGE)?);
    Ok(())
}
