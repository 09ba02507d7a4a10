//! Reading a table of the mapping file key by key.

use toml::{Table, Value};

use crate::import::map::{BadMap, PLACES_MAX, Read};

pub(super) fn bad(at: &str, why: impl Into<String>) -> BadMap {
    BadMap {
        at: at.into(),
        why: why.into(),
    }
}

/// A table whose keys are taken one by one; what is left over at the end is a mistake in the file.
pub(super) struct Keys {
    at: String,
    table: Table,
}

impl Keys {
    pub(super) fn new(at: &str, table: Table) -> Self {
        Self {
            at: at.into(),
            table,
        }
    }

    pub(super) fn take(&mut self, key: &str) -> Option<Value> {
        self.table.remove(key)
    }

    pub(super) fn need(&mut self, key: &str) -> Read<Value> {
        self.take(key)
            .ok_or_else(|| bad(&self.at, format!("`{key}` is missing")))
    }

    pub(super) fn string(&mut self, key: &str) -> Read<String> {
        self.string_or_none(key)?
            .ok_or_else(|| bad(&self.at, format!("`{key}` is missing")))
    }

    pub(super) fn string_or_none(&mut self, key: &str) -> Read<Option<String>> {
        match self.take(key) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(bad(&self.at, format!("`{key}` must be a string"))),
        }
    }

    pub(super) fn strings(&mut self, key: &str) -> Read<Vec<String>> {
        let one = |value| match value {
            Value::String(text) => Ok(text),
            _ => Err(bad(&self.at, format!("`{key}` must be a list of strings"))),
        };
        match self.table.remove(key) {
            Some(Value::Array(list)) => list.into_iter().map(one).collect(),
            _ => Err(bad(&self.at, format!("`{key}` must be a list of strings"))),
        }
    }

    pub(super) fn strings_or_none(&mut self, key: &str) -> Read<Vec<String>> {
        if self.table.contains_key(key) {
            self.strings(key)
        } else {
            Ok(Vec::new())
        }
    }

    pub(super) fn table(&mut self, key: &str) -> Read<Table> {
        match self.need(key)? {
            Value::Table(table) => Ok(table),
            _ => Err(bad(&self.at, format!("`{key}` must be a table"))),
        }
    }

    pub(super) fn array(&mut self, key: &str) -> Read<Vec<Value>> {
        match self.need(key)? {
            Value::Array(list) => Ok(list),
            _ => Err(bad(&self.at, format!("`{key}` must be a list"))),
        }
    }

    pub(super) fn flag(&mut self, key: &str) -> Read<bool> {
        match self.take(key) {
            None => Ok(false),
            Some(Value::Boolean(truth)) => Ok(truth),
            Some(_) => Err(bad(&self.at, format!("`{key}` must be true or false"))),
        }
    }

    pub(super) fn count(&mut self, key: &str) -> Read<usize> {
        match self.take(key) {
            None => Ok(0),
            Some(Value::Integer(number)) => usize::try_from(number)
                .map_err(|_| bad(&self.at, format!("`{key}` must not be negative"))),
            Some(_) => Err(bad(&self.at, format!("`{key}` must be a number"))),
        }
    }

    pub(super) fn places(&mut self) -> Read<u32> {
        match self.need("places")? {
            Value::Integer(places) if (0..=i64::from(PLACES_MAX)).contains(&places) => {
                u32::try_from(places).map_err(|_| bad(&self.at, "`places` is too large"))
            }
            _ => Err(bad(&self.at, format!("`places` must be 0 to {PLACES_MAX}"))),
        }
    }

    pub(super) fn end(self) -> Read<()> {
        match self.table.keys().next() {
            None => Ok(()),
            Some(key) => Err(bad(&self.at, format!("`{key}` is not known here"))),
        }
    }
}
