//! What a checkpoint means beside the one that is held: the same, older, newer, or proof of two orders. A pure decision;
//! storing is the caller's, who must give what is stored at that moment to get the new value out.

use crate::checkpoint::SignedCheckpoint;
use crate::tree::{ProofFault, TreeHash, TreeSize, verify_consistency};
use alloc::boxed::Box;
use alloc::vec::Vec;
use core::fmt;

/// Why two checkpoints cannot be compared. Suspicion at most, and proof of nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MergeFault {
    /// Of another book or another relay epoch.
    OtherOrigin,
    /// By another key.
    OtherKey,
    /// The sizes differ, so a proof is needed.
    NoProof,
    /// The proof does not lead from the root that it names to the newer one.
    Proof(ProofFault),
}

impl fmt::Display for MergeFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MergeFault::OtherOrigin => f.write_str("of another book or relay epoch"),
            MergeFault::OtherKey => f.write_str("by another relay key"),
            MergeFault::NoProof => f.write_str("no proof that one continues the other"),
            MergeFault::Proof(fault) => write!(f, "consistency proof: {fault}"),
        }
    }
}

impl core::error::Error for MergeFault {}

/// How the tree of a newer checkpoint continues an older size: RFC 6962's proof with the root that it starts from. Where
/// that root is not the one that was signed at that size, the two signatures contradict each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consistency {
    /// The newer tree's root at the older size, as whoever gives the proof says.
    pub old_root: TreeHash,
    /// The proof from that root to the newer one.
    pub hashes: Vec<TreeHash>,
}

/// Two signatures of one relay key that cannot both be of one order: evidence, whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fork {
    /// R1: one size, two roots.
    SameSize {
        /// What was held.
        own: SignedCheckpoint,
        /// What came.
        other: SignedCheckpoint,
    },
    /// R2: the newer tree holds, at the older one's size, another root than was signed.
    Inconsistent {
        /// The smaller one.
        older: SignedCheckpoint,
        /// The larger one.
        newer: SignedCheckpoint,
        /// From another root at `older`'s size to `newer`'s.
        proof: Consistency,
    },
}

/// A checkpoint that is to take the place of the one that it was compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swap {
    compared: Option<SignedCheckpoint>,
    new: SignedCheckpoint,
}

/// Another checkpoint than the one that was compared is stored: decide again with that one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost;

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("another checkpoint was stored in the meantime")
    }
}

impl core::error::Error for Lost {}

impl Swap {
    /// What was held when this was decided.
    pub fn compared(&self) -> Option<&SignedCheckpoint> {
        self.compared.as_ref()
    }

    /// Gives the new checkpoint out, to be stored, against what is stored now. The caller reads `stored` and writes the
    /// result in one transaction: two that decided at once must not undo each other.
    pub fn take(self, stored: Option<&SignedCheckpoint>) -> Result<SignedCheckpoint, Lost> {
        if self.compared.as_ref() == stored {
            Ok(self.new)
        } else {
            Err(Lost)
        }
    }
}

/// What a checkpoint means beside the one that is held.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Merged {
    /// It says the same.
    Same,
    /// The one that is held continues it.
    Older,
    /// It continues the one that is held: store it.
    Newer(Box<Swap>),
    /// Two orders: stop signing, keep reading, tell people, keep this.
    Fork(Box<Fork>),
}

/// Decides what `new` means beside `own`, the largest that is held for this book and epoch. `proof` leads from the
/// smaller to the larger of the two; it is not looked at where nothing is to be proved (none held, one size, or size 0).
pub fn merge_checkpoint(
    own: Option<&SignedCheckpoint>,
    new: &SignedCheckpoint,
    proof: Option<&Consistency>,
) -> Result<Merged, MergeFault> {
    let newer = || {
        Merged::Newer(Box::new(Swap {
            compared: own.cloned(),
            new: new.clone(),
        }))
    };
    let Some(own) = own else {
        return Ok(newer());
    };
    if own.checkpoint().origin != new.checkpoint().origin {
        return Err(MergeFault::OtherOrigin);
    }
    if own.key() != new.key() {
        return Err(MergeFault::OtherKey);
    }
    let (own_size, new_size) = (own.checkpoint().size, new.checkpoint().size);
    if own_size == new_size {
        return Ok(same_size(own, new));
    }
    let (small, large) = if own_size < new_size {
        (own, new)
    } else {
        (new, own)
    };
    match contradicts(small, large, proof)? {
        Some(fork) => Ok(Merged::Fork(Box::new(fork))),
        None if own_size < new_size => Ok(newer()),
        None => Ok(Merged::Older),
    }
}

fn same_size(own: &SignedCheckpoint, other: &SignedCheckpoint) -> Merged {
    if own.checkpoint().root == other.checkpoint().root {
        return Merged::Same;
    }
    Merged::Fork(Box::new(Fork::SameSize {
        own: own.clone(),
        other: other.clone(),
    }))
}

/// The evidence, if a proof that holds starts from another root than the one that was signed.
fn contradicts(
    older: &SignedCheckpoint,
    newer: &SignedCheckpoint,
    proof: Option<&Consistency>,
) -> Result<Option<Fork>, MergeFault> {
    let (old, new) = (older.checkpoint(), newer.checkpoint());
    if old.size == TreeSize::ZERO {
        return Ok(None);
    }
    let proof = proof.ok_or(MergeFault::NoProof)?;
    let start = (old.size, &proof.old_root);
    verify_consistency(start, (new.size, &new.root), &proof.hashes).map_err(MergeFault::Proof)?;
    let fork = || Fork::Inconsistent {
        older: older.clone(),
        newer: newer.clone(),
        proof: proof.clone(),
    };
    Ok((proof.old_root != old.root).then(fork))
}
