//! Kind 12: other root keys. Approved by enough of the old ones and by enough of the new ones.

use super::{Approval, check_approvals};
use crate::codec::Malformed;
use crate::hash::{Thing, derive};
use crate::id::BookId;
use crate::keys::{PublicKey, SecretKey};
use crate::limits::ROOT_KEYS_MAX;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The payload. Signed by any author in the registry: the approvals are what counts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootRotate {
    /// The number of the new set: the old one's plus one; the genesis's is 0.
    pub root_epoch: u32,
    /// 1..=16 keys. Old ones may stay.
    pub root_keys: Vec<PublicKey>,
    /// How many of them must approve from here on.
    pub threshold: u8,
    /// By old root keys, over [`RootRotate::approval`].
    pub by_old: Vec<Approval>,
    /// By new root keys, over the same.
    pub by_new: Vec<Approval>,
}

impl RootRotate {
    /// What old and new root keys sign.
    pub fn approval(&self, book: &BookId) -> [u8; 32] {
        let count = u8::try_from(self.root_keys.len()).unwrap_or(u8::MAX);
        let (epoch, sizes) = (self.root_epoch.to_le_bytes(), [self.threshold, count]);
        let mut parts: Vec<&[u8]> = [book.0.as_slice(), &epoch, &sizes].into();
        parts.extend(self.root_keys.iter().map(|key| key.0.as_slice()));
        derive(Thing::RootRotation, &parts)
    }

    /// Adds an old root key's approval; keep them in rising order of `root`.
    pub fn approve_old(&mut self, book: &BookId, root: u8, key: &SecretKey) {
        let digest = self.approval(book);
        self.by_old.push(Approval::by(root, key, &digest));
    }

    /// Adds a new root key's approval; keep them in rising order of `root`.
    pub fn approve_new(&mut self, book: &BookId, root: u8, key: &SecretKey) {
        let digest = self.approval(book);
        self.by_new.push(Approval::by(root, key, &digest));
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        let keys = u32::try_from(self.root_keys.len()).map_err(|_| Malformed::ListLength)?;
        if keys > ROOT_KEYS_MAX {
            return Err(Malformed::ListLength);
        }
        if self.threshold == 0 || u32::from(self.threshold) > keys {
            return Err(Malformed::Threshold);
        }
        if self.root_epoch == 0 {
            return Err(Malformed::RootEpoch);
        }
        check_approvals(&self.by_old)?;
        check_approvals(&self.by_new)
    }
}
