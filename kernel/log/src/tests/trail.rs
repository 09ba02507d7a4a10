//! A relay's records with their trees, to sign and to prove, and a second order that parts from the first.

use crate::checkpoint::*;
use crate::merge::Consistency;
use crate::receipt::TlogProof;
use crate::tree::*;
use crate::*;
use alloc::collections::BTreeMap;
use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

pub(super) fn origin() -> Origin {
    Origin {
        book: BookId([0x0b; 32]),
        epoch: RelayEpoch(2),
    }
}

pub(super) fn relay_secret() -> SecretKey {
    SecretKey::from_seed([0xb1; 32])
}

pub(super) fn admitted(secret: &SecretKey) -> AdmittedKey {
    AdmittedKey::admit(secret.public()).unwrap()
}

pub(super) fn relay() -> RelayKey {
    RelayKey::new(origin(), admitted(&relay_secret()))
}

pub(super) struct Trail {
    pub(super) leaves: Vec<Vec<u8>>,
    trees: Vec<Frontier>,
    kept: BTreeMap<Node, TreeHash>,
}

impl Trail {
    pub(super) fn over(leaves: Vec<Vec<u8>>) -> Trail {
        let (mut tree, mut kept) = (Frontier::new(), BTreeMap::new());
        let mut trees = vec![tree.clone()];
        for leaf in &leaves {
            kept.extend(tree.append(TreeHash::leaf(leaf)));
            trees.push(tree.clone());
        }
        Trail {
            leaves,
            trees,
            kept,
        }
    }

    /// `len` records; from `parts_at` on, others than those of a trail that parts elsewhere.
    pub(super) fn new(len: u64, parts_at: u64) -> Trail {
        let mut prev_tip = Tip(origin().book.0);
        let mut leaves = Vec::new();
        for position in 1..=len {
            let salt = if position < parts_at { 0 } else { parts_at };
            let record = OrderRecord {
                epoch: RelayEpoch(u32::from(position > 3) * 2),
                position: Position(position),
                relay_time_ms: 7,
                prev_tip,
                entry_id: EntryId([salt.to_le_bytes()[0]; 32]),
                kind: Kind::Ops,
                signature: Signature([position.to_le_bytes()[0]; 64]),
            };
            prev_tip = record.tip();
            leaves.push(record.encode().to_vec());
        }
        Trail::over(leaves)
    }

    pub(super) fn record(&self, position: u64) -> OrderRecord {
        let at = usize::try_from(position - 1).unwrap();
        OrderRecord::decode(&self.leaves[at]).unwrap()
    }

    pub(super) fn checkpoint(&self, size: u64) -> Checkpoint {
        let tree = &self.trees[usize::try_from(size).unwrap()];
        Checkpoint {
            origin: origin(),
            size: tree.size(),
            root: tree.root(),
        }
    }

    pub(super) fn signed(&self, size: u64) -> SignedCheckpoint {
        SignedCheckpoint::sign(self.checkpoint(size), &relay_secret()).unwrap()
    }

    fn node(&self, node: Node) -> Result<TreeHash, Node> {
        self.kept.get(&node).copied().ok_or(node)
    }

    pub(super) fn proof(&self, position: u64, size: u64) -> TlogProof {
        let index = LeafIndex(position - 1);
        let hashes = prove_inclusion(index, TreeSize(size), |node| self.node(node)).unwrap();
        TlogProof {
            record: self.leaves[usize::try_from(index.0).unwrap()].clone(),
            index,
            hashes,
            note: self.signed(size).note().to_string(),
        }
    }

    pub(super) fn consistency(&self, old: u64, size: u64) -> Consistency {
        let (old, size) = (TreeSize(old), TreeSize(size));
        Consistency {
            old_root: root(old, |node| self.node(node)).unwrap(),
            hashes: prove_consistency(old, size, |node| self.node(node)).unwrap(),
        }
    }
}
