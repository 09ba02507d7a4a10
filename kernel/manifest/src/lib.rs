//! The manifest language: verbs as data.
#![no_std]
extern crate alloc;
pub mod ast;
