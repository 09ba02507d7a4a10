//! Kind 9: another relay goes on after a cut. What the old relay ordered above the cut has no place any more.

use super::{Approval, check_approvals};
use crate::codec::Malformed;
use crate::hash::{Thing, derive};
use crate::id::{AuthorId, BookId, Position, RelayEpoch, Tip};
use crate::keys::{PublicKey, SecretKey};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The author of the one entry that opens a relay epoch.
pub fn handover_author(book: &BookId, epoch: RelayEpoch) -> AuthorId {
    let epoch = epoch.0.to_le_bytes();
    AuthorId(derive(Thing::AuthorId, &[&book.0, b"handover", &epoch]))
}

/// The payload. The entry is signed by the new relay key, which shows that it is held; root keys approve and never author.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Handover {
    /// The epoch that ends; the one after it begins.
    pub old_epoch: RelayEpoch,
    /// The newest position that stays.
    pub cut: Position,
    /// The order chain's value there.
    pub tip: Tip,
    /// Root of the tree over the records 1..=cut. Opaque to the judge: the tree's own rules check it.
    pub tree_root: [u8; 32],
    /// Signs for the relay from here on, and signs this entry.
    pub relay_key: PublicKey,
    /// Root of the tree over what the new relay recovered above the cut; zeros where that is nothing. Opaque here.
    pub recovered_root: [u8; 32],
    /// By root keys as of the cut, over [`Handover::approval`].
    pub approvals: Vec<Approval>,
}

impl Handover {
    /// What a root key signs.
    pub fn approval(&self, book: &BookId) -> [u8; 32] {
        derive(
            Thing::HandoverApproval,
            &[
                &book.0,
                &self.old_epoch.0.to_le_bytes(),
                &self.cut.0.to_le_bytes(),
                &self.tip.0,
                &self.tree_root,
                &self.relay_key.0,
                &self.recovered_root,
            ],
        )
    }

    /// Adds a root key's approval; keep them in rising order of `root`.
    pub fn approve(&mut self, book: &BookId, root: u8, key: &SecretKey) {
        let digest = self.approval(book);
        self.approvals.push(Approval::by(root, key, &digest));
    }

    /// The epoch that begins.
    pub fn epoch(&self) -> Result<RelayEpoch, Malformed> {
        self.old_epoch.next().ok_or(Malformed::EpochEnd)
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        self.epoch()?;
        check_approvals(&self.approvals)
    }
}
