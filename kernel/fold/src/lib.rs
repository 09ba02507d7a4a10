//! What entries mean: amounts, the state of a book, the interpreter of verbs, outcomes, replay.
//!
//! `fold` takes entries that are in order and makes rows and outcomes of them. It looks at nothing but the entry and the rows
//! that earlier entries made: no clock, no chance, no disk. Start-up, recovery, proof and normal running are this one call.
//! Rows, tables, hashes and the numbers of refusals are specified in `docs/spec/fold.md`.
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
#![cfg_attr(
    test,
    allow(
        clippy::arithmetic_side_effects,
        clippy::as_conversions,
        clippy::indexing_slicing,
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::panic,
        clippy::std_instead_of_core,
        reason = "tests may fail loudly"
    )
)]

extern crate alloc;
#[cfg(test)]
extern crate std;

mod adopt;
pub mod amount;
pub mod book;
pub mod calendar;
mod eval;
mod exec;
mod fault;
mod hashes;
pub mod key;
pub mod outcome;
pub mod overlay;
mod post;
pub mod posting;
pub mod replay;
pub mod rowform;
mod rows;
mod scratch;
mod small;
pub mod view;
mod write;

pub use book::{Book, RowChange};
pub use fault::{Halt, RestoreFault};
pub use hashes::{BooksHash, StateHash};
pub use outcome::{Flag, Outcome, RaisedFlag, Refusal};
pub use overlay::{Overlay, Pending, TryOp};
pub use posting::{Posting, Total};
pub use replay::{Bundle, Hashes, ReplayFault, replay, replay_batched};
pub use view::{PostingFilter, Row, View};
