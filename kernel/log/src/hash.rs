//! BLAKE3 in `derive_key` mode with one context per thing, so that no hash of one thing is ever the hash of another.

use blake3::Hasher;
use zeroize::{Zeroize, Zeroizing};

/// What is being hashed. The context is `daybook 2026 v1 <thing>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Thing {
    /// An entry's header.
    EntryId,
    /// One op's frame.
    Op,
    /// An ops body in clear.
    Body,
    /// A control payload.
    Control,
    /// An encrypted body.
    BodySealed,
    /// The list of an entry's sealed slots.
    Sealed,
    /// One sealed slot.
    Slot,
    /// A manifest's AST bytes.
    Manifest,
    /// A chunk's bytes.
    Chunk,
    /// A genesis.
    BookId,
    /// An author's first key in its book.
    AuthorId,
    /// An order record.
    Order,
    /// What a key signs to show that its owner asks to join.
    KeyPossession,
    /// What a root key signs to let a device in.
    KeyApproval,
    /// A request to join.
    JoinRequest,
    /// What new keys of an author sign to show that they are held.
    KeyRotation,
    /// What a root key signs to end an author's keys.
    RevokeApproval,
    /// What old and new root keys sign to change the root keys.
    RootRotation,
    /// What a root key signs to hand a book to another relay.
    HandoverApproval,
    /// A content key, as the log names it.
    ContentKeyCommitment,
    /// A content key and a header: key and commitment of one encrypted body.
    ContentBody,
}

impl Thing {
    /// Every thing, for tables and tests.
    pub const ALL: [Thing; 21] = [
        Thing::EntryId,
        Thing::Op,
        Thing::Body,
        Thing::Control,
        Thing::BodySealed,
        Thing::Sealed,
        Thing::Slot,
        Thing::Manifest,
        Thing::Chunk,
        Thing::BookId,
        Thing::AuthorId,
        Thing::Order,
        Thing::KeyPossession,
        Thing::KeyApproval,
        Thing::JoinRequest,
        Thing::KeyRotation,
        Thing::RevokeApproval,
        Thing::RootRotation,
        Thing::HandoverApproval,
        Thing::ContentKeyCommitment,
        Thing::ContentBody,
    ];

    /// The context text. Frozen with format 1.
    pub fn context(self) -> &'static str {
        match self {
            Thing::EntryId => "daybook 2026 v1 entry-id",
            Thing::Op => "daybook 2026 v1 op",
            Thing::Body => "daybook 2026 v1 body",
            Thing::Control => "daybook 2026 v1 control",
            Thing::BodySealed => "daybook 2026 v1 body-sealed",
            Thing::Sealed => "daybook 2026 v1 sealed",
            Thing::Slot => "daybook 2026 v1 slot",
            Thing::Manifest => "daybook 2026 v1 manifest",
            Thing::Chunk => "daybook 2026 v1 chunk",
            Thing::BookId => "daybook 2026 v1 book-id",
            Thing::AuthorId => "daybook 2026 v1 author-id",
            Thing::Order => "daybook 2026 v1 order",
            Thing::KeyPossession => "daybook 2026 v1 key-possession",
            Thing::KeyApproval => "daybook 2026 v1 key-approval",
            Thing::JoinRequest => "daybook 2026 v1 join-request",
            Thing::KeyRotation => "daybook 2026 v1 key-rotation",
            Thing::RevokeApproval => "daybook 2026 v1 revoke-approval",
            Thing::RootRotation => "daybook 2026 v1 root-rotation",
            Thing::HandoverApproval => "daybook 2026 v1 handover-approval",
            Thing::ContentKeyCommitment => "daybook 2026 v1 content-key-commitment",
            Thing::ContentBody => "daybook 2026 v1 content-body",
        }
    }
}

/// The hash of `parts`, one after the other, as a `thing`. Parts are not delimited: the caller's format must be.
///
/// ```
/// use daybook_log::hash::{Thing, derive};
/// assert_eq!(derive(Thing::Op, &[b"ab", b"c"]), derive(Thing::Op, &[b"abc"]));
/// assert_ne!(derive(Thing::Op, &[b"abc"]), derive(Thing::Body, &[b"abc"]));
/// ```
pub fn derive(thing: Thing, parts: &[&[u8]]) -> [u8; 32] {
    let mut hasher = Hasher::new_derive_key(thing.context());
    for part in parts {
        hasher.update(part);
    }
    *hasher.finalize().as_bytes()
}

/// The first 64 bytes of the same hash, wiped when they are dropped: for two secrets out of one.
/// Its first 32 bytes are [`derive`]'s.
pub fn derive_pair(thing: Thing, parts: &[&[u8]]) -> Zeroizing<[[u8; 32]; 2]> {
    let mut hasher = Hasher::new_derive_key(thing.context());
    for part in parts {
        hasher.update(part);
    }
    let mut out = Zeroizing::new([[0; 32]; 2]);
    hasher.finalize_xof().fill(out.as_flattened_mut());
    hasher.zeroize();
    out
}
