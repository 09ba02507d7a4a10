//! Values of verbs' inputs and of rows, as the manifest's types have them.

use serde::{Deserialize, Serialize};

/// A value. Money, prices, quantities, dates, times and enum values are all `Int`; the manifest says which.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Val {
    /// No value.
    None,
    /// A truth value.
    Bool(bool),
    /// A number of any kind.
    Int(i64),
    /// A row's id.
    Id([u8; 16]),
    /// An installation.
    Author([u8; 32]),
    /// A code or a text.
    Text(String),
    /// Records, each a list of values in the order of the record's fields.
    List(Vec<Vec<Val>>),
}

impl Val {
    /// The number, if it is one.
    #[must_use]
    pub fn int(&self) -> Option<i64> {
        match self {
            Val::Int(n) => Some(*n),
            _ => None,
        }
    }

    /// The id, if it is one.
    #[must_use]
    pub fn id(&self) -> Option<[u8; 16]> {
        match self {
            Val::Id(id) => Some(*id),
            _ => None,
        }
    }

    /// The text, if it is one.
    #[must_use]
    pub fn text(&self) -> Option<&str> {
        match self {
            Val::Text(text) => Some(text),
            _ => None,
        }
    }
}

/// A value with its name, as stored and as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldView {
    /// The field's name.
    pub name: String,
    /// What people call it.
    pub label: String,
    /// The value.
    pub val: Val,
    /// The value as people read it.
    pub text: String,
}
