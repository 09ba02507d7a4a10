//! Bytes that anybody can check: ids, canonical codec, entries, author chains, keys and the order of a book.
//!
//! One way through, each step a type that only the step before it can make:
//!
//! ```text
//! bytes --Entry::decode--> Entry --verify--> VerifiedEntry --BookLog::place--> OrderedEntry
//! ```
//!
//! **Invariant:** nothing here knows a verb, a clock, a socket or a disk. Formats: `docs/spec/entry.md`,
//! `order.md`, `control.md` and `request.md`.
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

pub mod body;
pub mod book_log;
pub mod codec;
pub mod content;
pub mod control;
pub mod draft;
pub mod entry;
pub mod genesis;
pub mod hash;
pub mod id;
pub mod keys;
pub mod limits;
pub mod order;
mod reader;
pub mod request;
pub mod tips;
pub mod wire;

pub use body::{Body, Op, OpsBody};
pub use book_log::{BookLog, Head, Invalid, Member, OrderedEntry, Reject};
pub use codec::{Malformed, Unreadable, Unsupported};
pub use content::{BodyFault, SealedBody};
pub use control::{Adoption, Approval, KeyAdd, MemberRole};
pub use draft::{Draft, Unsigned};
pub use entry::{Entry, Header, Kind, Seen, VerifiedEntry};
pub use genesis::Genesis;
pub use id::{
    AuthorId, BodyHash, BookId, ChunkId, ContentEpoch, EntryId, KeyCommitment, KeyEpoch,
    ManifestId, OpHash, OpId, Position, RelayEpoch, SealedHash, Seq, Tip,
};
pub use keys::{
    AdmittedKey, KeyFault, PublicKey, SealingKey, SealingPublic, SecretKey, Signature, Tag,
    Unauthentic,
};
pub use order::OrderRecord;
pub use tips::Tips;

#[cfg(all(test, not(target_arch = "wasm32")))]
extern crate std;
#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_core,
    reason = "tests may overflow and may read the environment: both end in a red test"
)]
mod tests;
