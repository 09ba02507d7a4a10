//! `daybook import csv`: files of rows become ops by a declarative map. `docs/spec/import.md` is the reference.

pub mod build;
pub mod cell;
mod keys;
pub mod map;
pub mod sheet;
