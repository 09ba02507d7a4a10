//! Control payloads: what changes the registry of keys, the set of adopted manifests and the relay. `docs/spec/control.md`
//! and the pages that it names give bytes and rules; `BookLog` judges them at their position.

mod adoption;
mod attest;
mod content;
mod handover;
mod key_add;
mod key_revoke;
mod key_rotate;
mod root_rotate;
mod shred;

pub use adoption::{Adoption, chunk_id, chunks_of, manifest_id};
pub use attest::Attest;
pub use content::ContentNotice;
pub use handover::{Handover, handover_author};
pub use key_add::{DeviceKeys, KeyAdd};
pub use key_revoke::KeyRevoke;
pub use key_rotate::{KeyRotate, NewKeys};
pub use root_rotate::RootRotate;
pub use shred::{Shred, ShredAck};

use crate::codec::Malformed;
use crate::hash::{Thing, derive};
use crate::id::{AuthorId, BookId};
use crate::keys::{PublicKey, SecretKey, Signature, Tag};
use crate::limits::{LABEL_CHARS_MAX, ROOT_KEYS_MAX};
use serde::{Deserialize, Serialize};

/// What the registry lets an author do in the log itself. What it may do in the books is the manifest's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MemberRole {
    /// May write ops.
    Member,
    /// May also let others in and adopt manifests.
    Manager,
}

impl MemberRole {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            MemberRole::Member => 0,
            MemberRole::Manager => 1,
        }
    }
}

/// The author id that a first key gives in a book.
pub fn author_id(book: &BookId, first_key: &PublicKey) -> AuthorId {
    AuthorId(derive(Thing::AuthorId, &[&book.0, &first_key.0]))
}

/// Checks a device code: 1..=12 of `A-Z`, `0-9` and `-`. It is printed on documents and names no person.
pub fn check_label(label: &str) -> Result<(), Malformed> {
    let fits = u32::try_from(label.len()).is_ok_and(|len| (1..=LABEL_CHARS_MAX).contains(&len));
    if fits
        && label
            .bytes()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'-')
    {
        Ok(())
    } else {
        Err(Malformed::Label)
    }
}

/// A root key's word for something, over a digest that says what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Which root key of the set that counts, from 0.
    pub root: u8,
    /// Under [`Tag::Approval`].
    pub signature: Signature,
}

impl Approval {
    /// Signs as the root key with this index.
    pub fn by(root: u8, key: &SecretKey, digest: &[u8; 32]) -> Approval {
        Approval {
            root,
            signature: key.sign(Tag::Approval, digest),
        }
    }
}

/// At most as many as there can be root keys, each root key once, in rising order.
fn check_approvals(approvals: &[Approval]) -> Result<(), Malformed> {
    if !u32::try_from(approvals.len()).is_ok_and(|len| len <= ROOT_KEYS_MAX) {
        return Err(Malformed::ListLength);
    }
    if !approvals.is_sorted_by(|a, b| a.root < b.root) {
        return Err(Malformed::ApprovalOrder);
    }
    Ok(())
}
