//! Kind 1: a device is let in.

use super::{Approval, MemberRole, author_id, check_approvals, check_label};
use crate::codec::Malformed;
use crate::hash::{Thing, derive};
use crate::id::{AuthorId, BookId};
use crate::keys::{PublicKey, SealingPublic, SecretKey, Signature, Tag};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The three public keys and the device code of an installation that asks to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeys {
    /// Signs entries.
    pub author_key: PublicKey,
    /// Signs requests.
    pub request_key: PublicKey,
    /// Receives what is sealed for this device.
    pub sealing_key: SealingPublic,
    /// Device code.
    pub label: String,
}

impl DeviceKeys {
    /// What the author key and the request key sign to show that their owner asks: everything but the role, which
    /// is for the approver to give.
    pub fn possession(&self, book: &BookId) -> [u8; 32] {
        derive(
            Thing::KeyPossession,
            &[
                &book.0,
                &self.author_key.0,
                &self.request_key.0,
                &self.sealing_key.0,
                &[u8::try_from(self.label.len()).unwrap_or(u8::MAX)],
                self.label.as_bytes(),
            ],
        )
    }

    /// What a root key signs to let this device in with a role.
    pub fn approval(&self, book: &BookId, role: MemberRole) -> [u8; 32] {
        derive(
            Thing::KeyApproval,
            &[&self.possession(book), &[role.number()]],
        )
    }
}

/// Kind 1: lets a device in.
///
/// Either seq 0 of its own author with approvals by at least `threshold` root keys, or an entry of a manager, which is
/// itself the approval and carries none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAdd {
    /// Signs entries.
    pub author_key: PublicKey,
    /// Signs requests.
    pub request_key: PublicKey,
    /// Receives what is sealed for this device.
    pub sealing_key: SealingPublic,
    /// What it may do in the log.
    pub role: MemberRole,
    /// Device code: 1..=12 of `A-Z`, `0-9`, `-`.
    pub label: String,
    /// By the author key, over [`DeviceKeys::possession`].
    pub pop_author: Signature,
    /// By the request key, over [`DeviceKeys::possession`].
    pub pop_request: Signature,
    /// By root keys, over [`DeviceKeys::approval`].
    pub approvals: Vec<Approval>,
}

impl KeyAdd {
    /// Makes a payload without approvals, with both proofs of possession.
    pub fn prove(
        book: &BookId,
        author: &SecretKey,
        request: &SecretKey,
        sealing_key: SealingPublic,
        asked: (MemberRole, &str),
    ) -> KeyAdd {
        let (role, label) = asked;
        let keys = DeviceKeys {
            author_key: author.public(),
            request_key: request.public(),
            sealing_key,
            label: String::from(label),
        };
        let possession = keys.possession(book);
        let pop_author = author.sign(Tag::PopAuthor, &possession);
        let pop_request = request.sign(Tag::PopRequest, &possession);
        KeyAdd::of(keys, role, pop_author, pop_request)
    }

    /// Makes a payload without approvals from what a device asked with.
    pub fn of(
        keys: DeviceKeys,
        role: MemberRole,
        pop_author: Signature,
        pop_request: Signature,
    ) -> KeyAdd {
        let DeviceKeys {
            author_key,
            request_key,
            sealing_key,
            label,
        } = keys;
        KeyAdd {
            author_key,
            request_key,
            sealing_key,
            role,
            label,
            pop_author,
            pop_request,
            approvals: Vec::new(),
        }
    }

    /// Adds a root key's approval; keep them in rising order of `root`.
    pub fn approve(&mut self, book: &BookId, root: u8, key: &SecretKey) {
        let digest = self.keys().approval(book, self.role);
        self.approvals.push(Approval::by(root, key, &digest));
    }

    /// The keys and the device code.
    pub fn keys(&self) -> DeviceKeys {
        DeviceKeys {
            author_key: self.author_key,
            request_key: self.request_key,
            sealing_key: self.sealing_key,
            label: self.label.clone(),
        }
    }

    /// The author that this makes.
    pub fn author(&self, book: &BookId) -> AuthorId {
        author_id(book, &self.author_key)
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        check_label(&self.label)?;
        check_approvals(&self.approvals)
    }
}
