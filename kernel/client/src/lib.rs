//! The whole client without clock, chance, socket or disk: [`Client::handle`] takes an [`Input`], changes the state
//! in memory, and answers with [`Effect`]s for the shell to carry out.
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

mod append;
mod backoff;
mod books;
mod client;
mod clock;
mod confirm;
pub mod content;
mod desk;
mod edge;
mod effect;
mod founding;
mod identity;
mod input;
mod io;
mod joining;
mod keyring;
pub mod limits;
mod names;
mod opening;
mod outbox;
mod placed;
mod read;
mod refold;
mod reply;
mod show;
mod signed;
pub mod view;
mod words;

pub use client::Client;
pub use effect::{
    Batch, Durability, Effect, LoadRequest, OpAt, OutboxItem, Request, Secret, Stored, StoredEntry,
};
pub use input::{Command, Config, EdgeInputs, Input, NewOp, OnRefused, Seeds};
pub use read::trial_balance;
pub use refold::{Refold, RefoldFault, Refolded};
pub use reply::{
    Appended, CommandFault, Difference, HaltReason, Held, JoinView, Named, Notice, Outlook, Phase,
    Proof, RelayFault, Reply, Status,
};

/// Forms a document id (a version 8 UUID) from fresh random bytes.
#[must_use]
pub fn document_id(random: [u8; 16]) -> [u8; 16] {
    uuid::Builder::from_custom_bytes(random)
        .into_uuid()
        .into_bytes()
}

/// Prints a document id as people see it.
#[must_use]
pub fn document_id_text(id: &[u8; 16]) -> alloc::string::String {
    use alloc::string::ToString;
    uuid::Uuid::from_bytes(*id).hyphenated().to_string()
}

#[cfg(all(test, not(target_arch = "wasm32")))]
extern crate std;
