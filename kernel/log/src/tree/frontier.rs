//! A growing tree in O(log n) bytes: only the complete subtrees that no other one covers.

use super::{Node, TreeHash, TreeSize};
use crate::codec::Malformed;
use crate::limits::TREE_SIZE_MAX;
use crate::reader::Reader;
use alloc::vec;
use alloc::vec::Vec;

/// What is needed to append to a tree and to know its root, but to prove nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: TreeSize,
    /// The largest first: one for each bit of the size that is set.
    peaks: Vec<TreeHash>,
}

impl Frontier {
    /// Of a tree without leaves.
    pub fn new() -> Frontier {
        Frontier::default()
    }

    /// How many leaves.
    pub fn size(&self) -> TreeSize {
        self.size
    }

    /// Adds a leaf and says which subtrees became complete, the leaf first: what a store keeps, to prove with later.
    /// Two in the mean, at most 63; none (and nothing is added) where the tree is as large as trees may be.
    pub fn append(&mut self, leaf: TreeHash) -> Vec<(Node, TreeHash)> {
        let Some(size) = self.size.next().filter(|size| size.0 <= TREE_SIZE_MAX) else {
            return Vec::new();
        };
        let mut node = Node {
            level: 0,
            index: self.size.0,
        };
        let mut hash = leaf;
        let mut completed = vec![(node, hash)];
        while node.index & 1 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = TreeHash::node(&left, &hash);
            node = Node {
                level: node.level.saturating_add(1),
                index: node.index.wrapping_shr(1),
            };
            completed.push((node, hash));
        }
        self.peaks.push(hash);
        self.size = size;
        completed
    }

    /// The tree's root.
    pub fn root(&self) -> TreeHash {
        join(self.peaks.iter().rev().copied())
    }

    /// `u64 size ‖ [32] peak*`, the largest first. The size says how many, so there is one encoding.
    pub fn encode(&self) -> Vec<u8> {
        let mut bytes = self.size.0.to_le_bytes().to_vec();
        for peak in &self.peaks {
            bytes.extend_from_slice(&peak.0);
        }
        bytes
    }

    /// Reads what [`Frontier::encode`] wrote. Its root must then be compared with one that was signed: any 32 bytes
    /// pass for a peak.
    pub fn decode(bytes: &[u8]) -> Result<Frontier, Malformed> {
        let mut reader = Reader(bytes);
        let size = TreeSize(reader.u64()?);
        if size.0 > TREE_SIZE_MAX {
            return Err(Malformed::ListLength);
        }
        let mut peaks = Vec::new();
        for _ in 0..size.0.count_ones() {
            peaks.push(TreeHash(reader.array()?));
        }
        reader.end()?;
        Ok(Frontier { size, peaks })
    }
}

/// The root over complete subtrees, the smallest first.
pub(super) fn join(smallest_first: impl Iterator<Item = TreeHash>) -> TreeHash {
    smallest_first
        .reduce(|right, left| TreeHash::node(&left, &right))
        .unwrap_or_else(TreeHash::empty)
}
