//! The client in a world of its own: no clock, socket or disk but those that a seed makes.
#![allow(
    clippy::result_large_err,
    reason = "a test relay hands out whole problems"
)]

mod encrypted;
mod faults;
mod mutations;
mod reads;
mod signatures;
mod storms;
mod world;
