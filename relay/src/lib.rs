//! The relay: orders and stores entries, serves the app's files, and can do nothing else.
//!
//! ```text
//! socket --dispatch--> signed request --membership--> body --verify--> writer (judge, order, commit) --> answer
//! ```
//!
//! **Invariants.** It links `daybook-log` and no other crate of ours, so it cannot fold, decrypt or know a verb. One
//! thread writes. An answer that says "placed" leaves only after the commit that holds the entry is on stable storage.
//! After a commit of unknown outcome the process ends; the next start reads what is stored, by the same code.
//! Routes and statuses: `docs/spec/relay.md`. Running one: `docs/runbook/relay.md`.
#![deny(missing_docs)]

mod api;
mod app;
mod app_files;
mod auth;
mod body;
mod book;
mod books;
mod bucket;
mod clock;
mod codes;
mod config;
mod fault;
mod journal;
mod key;
mod limits;
mod patience;
mod problem;
mod proofs;
mod readers;
mod route;
mod server;
mod storage;
mod tail;
mod verify;
mod writer;

pub use config::{Config, Synchronous};
pub use fault::Fault;
pub use problem::No;
pub use server::Server;
pub use verify::{Finding, Report, verify};
