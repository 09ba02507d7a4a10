//! Kind 3: an author's keys end, all of them, at this entry's position. What stands before it stays.

use super::{Approval, check_approvals};
use crate::codec::Malformed;
use crate::hash::{Thing, derive};
use crate::id::{AuthorId, BookId};
use crate::keys::SecretKey;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The payload. Signed by a manager, by the author itself, or by anybody with enough approvals by root keys.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRevoke {
    /// Whose keys end.
    pub author: AuthorId,
    /// Which set of root keys approves, 0 being the genesis's; 0 too where none does.
    pub root_epoch: u32,
    /// By root keys of that set, over [`KeyRevoke::approval`].
    pub approvals: Vec<Approval>,
}

impl KeyRevoke {
    /// A payload without approvals.
    pub fn of(author: AuthorId) -> KeyRevoke {
        KeyRevoke {
            author,
            root_epoch: 0,
            approvals: Vec::new(),
        }
    }

    /// What a root key signs.
    pub fn approval(&self, book: &BookId) -> [u8; 32] {
        let set = self.root_epoch.to_le_bytes();
        derive(Thing::RevokeApproval, &[&book.0, &self.author.0, &set])
    }

    /// Adds a root key's approval; keep them in rising order of `root`.
    pub fn approve(&mut self, book: &BookId, root: u8, key: &SecretKey) {
        let digest = self.approval(book);
        self.approvals.push(Approval::by(root, key, &digest));
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        if self.approvals.is_empty() && self.root_epoch != 0 {
            return Err(Malformed::RootEpoch);
        }
        check_approvals(&self.approvals)
    }
}
