//! The manifest language: what can be done with a book, written as data.
//!
//! Source text becomes a canonical syntax tree ([`compile`]), its bytes are named by their hash, and every book that
//! adopts them interprets that tree for ever. This crate reads source, judges trees, and codes the values that ops
//! carry and rows hold. It keeps no book, knows no clock, and does no input or output.
//!
//! ```
//! let source = r#"
//! manifest tiny 1
//! entity jar "Jar" shared { size: int(0..9) "Size" }
//! verb jar.new "New jar" draft level 0 by member (id: id = new, size: int(0..9)) { insert jar id { size } }
//! "#;
//! let compiled = daybook_manifest::compile(source).unwrap();
//! let checked = daybook_manifest::decode(&compiled.bytes).unwrap();
//! assert_eq!(checked.verbs[0].name, "jar.new");
//! ```
#![no_std]
#![deny(
    missing_docs,
    clippy::alloc_instead_of_core,
    clippy::arithmetic_side_effects,
    clippy::as_conversions,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    clippy::expect_used,
    clippy::float_arithmetic,
    clippy::indexing_slicing,
    clippy::iter_over_hash_type,
    clippy::panic,
    clippy::std_instead_of_core,
    clippy::unwrap_used
)]

extern crate alloc;

pub mod ast;
mod bytes;
pub mod calendar;
pub mod check;
mod decode;
pub mod limits;
pub mod printable;
pub mod shape;
mod source;
#[cfg(any(test, feature = "testgen"))]
pub mod testgen;
pub mod value;
mod wire;

pub use decode::{BadManifest, Checked, decode};
pub use source::{Compiled, Diagnostic, compile};
