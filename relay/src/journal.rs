//! Structured lines for the operator: one JSON object per line on standard error.
//!
//! **Invariant:** no address, name, label, key or code of anybody; a book is shown by the first 8 digits of its id.

use crate::clock::Clock;
use daybook_log::BookId;
use serde_json::{Value, json};
use std::io::Write;

/// Writes one line. A failing standard error is nothing to stop for.
pub(crate) fn line(clock: &Clock, what: &str, mut fields: Value) {
    if let Some(fields) = fields.as_object_mut() {
        fields.insert("time_ms".into(), json!(clock.now_ms()));
        fields.insert("what".into(), json!(what));
    }
    let _ = writeln!(std::io::stderr().lock(), "{fields}");
}

/// The short form of a book's id.
pub(crate) fn short(book: &BookId) -> String {
    book.to_string().chars().take(8).collect()
}
