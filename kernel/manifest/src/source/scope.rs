//! Names inside a verb, and what is known of their types while names are looked up.
//!
//! This is not type checking, which the checker does on the tree. It is only as much as it takes to tell which field
//! `a.b` means and of which enum `c` is a value.

use crate::ast::{EntityId, FieldId, Slot, Type};
use alloc::vec::Vec;

/// What a name stands for, as far as looking up fields and enum values needs it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Loose {
    Other,
    Id,
    Date,
    Enum(u16),
    Ref(EntityId),
    /// A list of the op, by its parameter.
    List(FieldId),
    /// An element of it.
    Element(FieldId),
    /// A child row.
    Child(EntityId),
}

impl Loose {
    pub(super) fn of(ty: &Type, param: FieldId) -> Loose {
        match ty {
            Type::Date => Loose::Date,
            Type::Enum(index) => Loose::Enum(*index),
            Type::Ref(entity) => Loose::Ref(*entity),
            Type::Id => Loose::Id,
            Type::List(..) => Loose::List(param),
            Type::Option(inner) => Loose::of(inner, param),
            _ => Loose::Other,
        }
    }

    pub(super) fn hint(self) -> Option<u16> {
        match self {
            Loose::Enum(index) => Some(index),
            _ => None,
        }
    }
}

#[derive(Clone, Copy, Debug)]
pub(super) struct Local<'s> {
    pub(super) name: &'s str,
    pub(super) slot: Slot,
    pub(super) loose: Loose,
}

/// The names that can be seen; each has a slot of its own for good.
#[derive(Debug, Default)]
pub(super) struct Scope<'s> {
    locals: Vec<Local<'s>>,
    /// The next slot, and in the end how many there are.
    pub(super) next: Slot,
}

impl<'s> Scope<'s> {
    pub(super) fn get(&self, name: &str) -> Option<Local<'s>> {
        self.locals
            .iter()
            .rev()
            .find(|local| local.name == name)
            .copied()
    }

    pub(super) fn names(&self) -> impl Iterator<Item = &'s str> {
        self.locals.iter().map(|local| local.name)
    }

    pub(super) fn add(&mut self, name: &'s str, loose: Loose) -> Slot {
        let slot = self.next;
        self.next = slot.saturating_add(1);
        self.locals.push(Local { name, slot, loose });
        slot
    }

    pub(super) fn mark(&self) -> usize {
        self.locals.len()
    }

    pub(super) fn close(&mut self, mark: usize) {
        self.locals.truncate(mark);
    }
}
