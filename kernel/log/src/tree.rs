//! The tree beside the order chain: RFC 6962 over SHA-256, one leaf per order record, so that one root stands for all
//! of them and a proof of one is a few hashes long. See `docs/spec/checkpoint.md`.
//!
//! ```
//! use daybook_log::tree::{Frontier, LeafIndex, TreeHash, verify_inclusion};
//! let mut tree = Frontier::new();
//! let leaves = [TreeHash::leaf(b"a"), TreeHash::leaf(b"b")];
//! for leaf in leaves {
//!     tree.append(leaf);
//! }
//! assert_eq!(tree.root(), TreeHash::node(&leaves[0], &leaves[1]));
//! let proof = [leaves[1]];
//! assert_eq!(verify_inclusion(LeafIndex(0), &leaves[0], (tree.size(), &tree.root()), &proof), Ok(()));
//! ```

mod frontier;
mod proof;

pub use frontier::Frontier;
pub use proof::{
    ProofFault, Unprovable, prove_consistency, prove_inclusion, prove_subtree,
    prove_subtree_inclusion, root, verify_consistency, verify_inclusion, verify_subtree,
    verify_subtree_inclusion,
};

use crate::id::{Position, id, number};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

id! {
    /// SHA-256 of a leaf, of an inner node, or of a whole tree: its root.
    TreeHash
}
number! {
    /// How many leaves: the position of the newest record that the tree covers.
    TreeSize(u64)
}
number! {
    /// Which leaf, from 0: one less than the position of its record.
    LeafIndex(u64)
}

impl TreeHash {
    /// Of a leaf's bytes, which for a book are the 152 of an order record.
    pub fn leaf(bytes: &[u8]) -> TreeHash {
        sha256(&[&[0], bytes])
    }

    /// Of two neighbours.
    pub fn node(left: &TreeHash, right: &TreeHash) -> TreeHash {
        sha256(&[&[1], &left.0, &right.0])
    }

    /// The root of a tree without leaves.
    pub fn empty() -> TreeHash {
        sha256(&[])
    }
}

fn sha256(parts: &[&[u8]]) -> TreeHash {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part);
    }
    TreeHash(hash.finalize().into())
}

impl LeafIndex {
    /// The leaf of the record at a position, which is at least 1.
    pub fn of(position: Position) -> Option<LeafIndex> {
        position.0.checked_sub(1).map(LeafIndex)
    }
}

/// A complete subtree: leaves `index << level ..(index + 1) << level`. It never changes once its last leaf is there, so
/// it can be stored under this name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Node {
    /// 0 for a leaf.
    pub level: u8,
    /// From the left, from 0.
    pub index: u64,
}

/// The leaves `start..end`, where `start` is a multiple of the smallest power of two that is not below their number:
/// so they are one branch of every tree that holds them all, whatever its size.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Subtree {
    start: u64,
    end: u64,
}

impl Subtree {
    /// Checks the alignment; `start == end` holds no leaf and is a subtree anywhere.
    pub fn new(start: u64, end: u64) -> Result<Subtree, ProofFault> {
        let width = end.checked_sub(start).ok_or(ProofFault::Subtree)?;
        let branch = match width {
            0 => 1,
            // From zero on, any number of leaves is a tree of its own.
            _ if start == 0 => 1,
            _ => width
                .checked_next_power_of_two()
                .ok_or(ProofFault::Subtree)?,
        };
        if start.checked_rem(branch) == Some(0) {
            Ok(Subtree { start, end })
        } else {
            Err(ProofFault::Subtree)
        }
    }

    /// One leaf.
    fn single(index: LeafIndex) -> Result<Subtree, ProofFault> {
        let end = index.0.checked_add(1).ok_or(ProofFault::Outside)?;
        Ok(Subtree {
            start: index.0,
            end,
        })
    }

    /// All leaves of a tree of this size.
    fn whole(size: TreeSize) -> Subtree {
        Subtree {
            start: 0,
            end: size.0,
        }
    }

    fn width(self) -> u64 {
        self.end.saturating_sub(self.start)
    }

    fn is_empty(self) -> bool {
        self.start == self.end
    }
}
