//! Bytes that anybody can check: ids, canonical codec, entries, author chains, keys, the order of a book, and proofs of
//! it.
//!
//! One way through, each step a type that only the step before it can make:
//!
//! ```text
//! bytes --Entry::decode--> Entry --verify--> VerifiedEntry --BookLog::place--> OrderedEntry
//! ```
//!
//! **Invariant:** nothing here knows a verb, a clock, a socket or a disk. Formats: `docs/spec/entry.md`,
//! `order.md`, `control.md`, `registry.md`, `readmit.md`, `handover.md`, `request.md`, `checkpoint.md` and
//! `evidence.md`.
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
pub mod checkpoint;
pub mod codec;
pub mod content;
pub mod control;
pub mod cosign;
pub mod draft;
pub mod entry;
pub mod evidence;
pub mod genesis;
pub mod hash;
pub mod id;
pub mod keys;
pub mod limits;
pub mod merge;
pub mod note;
pub mod order;
mod reader;
pub mod readmit;
pub mod receipt;
pub mod request;
mod text;
pub mod tips;
pub mod tree;
pub mod wire;

pub use body::{Body, Op, OpsBody};
pub use book_log::{BookLog, Head, Invalid, Member, OrderedEntry, Readmitted, Reject, Standing};
pub use checkpoint::{Checkpoint, CheckpointFault, Origin, RelayKey, SignedCheckpoint};
pub use codec::{Malformed, Unreadable, Unsupported};
pub use content::{BodyFault, SealedBody};
pub use control::{
    Adoption, Approval, Attest, ContentNotice, Handover, KeyAdd, KeyRevoke, KeyRotate, MemberRole,
    RootRotate, Shred, ShredAck,
};
pub use cosign::{CosignFault, CosignedCheckpoint, Cosigner, Quorum, QuorumFault};
pub use draft::{Draft, Unsigned};
pub use entry::{Entry, Header, Kind, Seen, VerifiedEntry};
pub use evidence::{Evidence, NoProof, Proof, SignedHeader, Verdict, verify_evidence};
pub use genesis::Genesis;
pub use id::{
    AuthorId, BodyHash, BookId, ChunkId, ContentEpoch, EntryId, KeyCommitment, KeyEpoch,
    ManifestId, OpHash, OpId, Position, RelayEpoch, SealedHash, Seq, StateHash, SubjectId, Tip,
};
pub use keys::{
    AdmittedKey, KeyFault, PublicKey, SealingKey, SealingPublic, SecretKey, Signature, Tag,
    Unauthentic,
};
pub use merge::{Consistency, Fork, MergeFault, Merged, Swap, merge_checkpoint};
pub use note::{KeyName, Note, NoteFault, NoteKey};
pub use order::OrderRecord;
pub use readmit::Readmit;
pub use receipt::{Receipt, ReceiptFault, TlogProof, verify_receipt};
pub use tips::Tips;
pub use tree::{Frontier, LeafIndex, ProofFault, TreeHash, TreeSize};

#[cfg(all(test, not(target_arch = "wasm32")))]
extern crate std;
#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_core,
    reason = "tests may overflow and may read the environment: both end in a red test"
)]
mod tests;
