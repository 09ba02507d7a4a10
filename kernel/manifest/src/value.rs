//! Values as the interpreter, the rows and the screens hold them.

use alloc::{boxed::Box, vec::Vec};

/// One value. What it means is told by the [`crate::ast::Type`] beside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Value {
    /// No value, of an optional type; also a sealed field without an envelope.
    None,
    /// True or false.
    Bool(bool),
    /// Every number: integers, money in minor units, prices, quantities, parts per million, days, milliseconds, the
    /// index of an enum's value, the slot of an envelope.
    Int(i64),
    /// A 16-byte id, or the id of a row.
    Id([u8; 16]),
    /// An author's 32 bytes.
    Author([u8; 32]),
    /// A code or a text.
    Text(Box<str>),
    /// The records of a list, each with its fields in order. Verb inputs only.
    List(Vec<Vec<Value>>),
}

impl Value {
    /// The number, if it is one.
    pub fn int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// The id, if it is one.
    pub fn id(&self) -> Option<[u8; 16]> {
        match self {
            Value::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The code or text, if it is one.
    pub fn text(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn bool(&self) -> Option<bool> {
        match self {
            Value::Bool(truth) => Some(*truth),
            _ => None,
        }
    }
}
