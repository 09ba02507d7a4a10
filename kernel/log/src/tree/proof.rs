//! Proofs that a part of a tree is in the tree: one leaf (inclusion), the first leaves (consistency), or any subtree.
//! All are one thing, a walk from the root down to the part, with a hash for what lies beside the way.
//!
//! RFC 6962 §2.1.1 and §2.1.2; for subtrees, the Merkle tree certificates draft (draft-ietf-plants-merkle-tree-certs)
//! §4, of which the other two are special cases.

use super::frontier::join;
use super::{LeafIndex, Node, Subtree, TreeHash, TreeSize};
use alloc::vec::Vec;
use core::fmt;

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProofFault {
    /// The leaf or the part lies outside the tree.
    Outside,
    /// The leaves are not one branch of the tree.
    Subtree,
    /// A tree without leaves is the start of every tree: there is nothing to prove, and no proof of it.
    Empty,
    /// More or fewer hashes than the place and the size ask for.
    Length,
    /// The hashes lead to another root.
    Root,
    /// The hashes lead to another hash of the part: it is not the start of this tree.
    Part,
}

impl fmt::Display for ProofFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ProofFault::Outside => "outside the tree",
            ProofFault::Subtree => "not one branch of the tree",
            ProofFault::Empty => "nothing to prove",
            ProofFault::Length => "another number of hashes than the place asks for",
            ProofFault::Root => "leads to another root",
            ProofFault::Part => "leads to another hash of the part",
        })
    }
}

impl core::error::Error for ProofFault {}

/// Why no proof could be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unprovable<E> {
    /// No tree of this size holds what was asked for.
    Proof(ProofFault),
    /// The source of hashes failed.
    Source(E),
}

impl<E> From<ProofFault> for Unprovable<E> {
    fn from(fault: ProofFault) -> Self {
        Unprovable::Proof(fault)
    }
}

impl<E: fmt::Display> fmt::Display for Unprovable<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unprovable::Proof(fault) => write!(f, "no proof: {fault}"),
            Unprovable::Source(fault) => write!(f, "no proof: {fault}"),
        }
    }
}

impl<E: fmt::Debug + fmt::Display> core::error::Error for Unprovable<E> {}

/// Where the sibling lies at one step of the way down.
#[derive(Clone, Copy)]
enum Side {
    /// Right of the way, so outside the part.
    Right,
    /// Left of the way and outside the part.
    Left,
    /// Left of the way and all of it in the part.
    LeftInside,
}

/// The way from a tree's root to a part of it, the top first: at each step, where the sibling lies and what it covers.
struct Descent {
    steps: Vec<(Side, Subtree)>,
    /// Where the way ends.
    last: Subtree,
    /// The way ends at the whole part, not only at its right end: its hash is known and not in the proof.
    is_part: bool,
}

/// Goes from `whole` to `part`, neither of them empty, both in leaves of one tree.
fn descend(part: Subtree, whole: Subtree) -> Result<Descent, ProofFault> {
    if part.start < whole.start || part.end > whole.end {
        return Err(ProofFault::Outside);
    }
    let (mut part, mut here) = (part, whole);
    let mut steps = Vec::new();
    let mut is_part = true;
    while part != here {
        let middle = here.start.saturating_add(left_width(here.width()));
        let [left, right] = [
            Subtree {
                end: middle,
                ..here
            },
            Subtree {
                start: middle,
                ..here
            },
        ];
        if part.end <= middle {
            steps.push((Side::Right, right));
            here = left;
        } else if part.start >= middle {
            steps.push((Side::Left, left));
            here = right;
        } else if part.start == here.start {
            steps.push((Side::LeftInside, left));
            is_part = false;
            part.start = middle;
            here = right;
        } else {
            return Err(ProofFault::Subtree);
        }
    }
    Ok(Descent {
        steps,
        last: here,
        is_part,
    })
}

/// The largest power of two below `width`, which is at least 2: how many leaves lie in the left branch.
fn left_width(width: u64) -> u64 {
    let log = width.saturating_sub(1).checked_ilog2().unwrap_or_default();
    1_u64.wrapping_shl(log)
}

/// The hash over the leaves of a subtree, from the complete subtrees that it is made of.
fn hash_of<E>(
    part: Subtree,
    node: &mut impl FnMut(Node) -> Result<TreeHash, E>,
) -> Result<TreeHash, E> {
    let mut hashes = Vec::new();
    let (mut start, width) = (part.start, part.width());
    for level in (0..u64::BITS).rev() {
        let leaves = 1_u64.wrapping_shl(level);
        if width & leaves != 0 {
            let level = u8::try_from(level).unwrap_or_default();
            let index = start.wrapping_shr(level.into());
            hashes.push(node(Node { level, index })?);
            start = start.saturating_add(leaves);
        }
    }
    Ok(join(hashes.into_iter().rev()))
}

fn prove<E>(
    part: Subtree,
    whole: Subtree,
    node: &mut impl FnMut(Node) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, Unprovable<E>> {
    let descent = descend(part, whole)?;
    let first = (!descent.is_part).then_some(descent.last);
    let siblings = descent.steps.into_iter().rev().map(|(_, covers)| covers);
    first
        .into_iter()
        .chain(siblings)
        .map(|covers| hash_of(covers, node).map_err(Unprovable::Source))
        .collect()
}

fn verify(
    (part, part_hash): (Subtree, &TreeHash),
    (whole, root): (Subtree, &TreeHash),
    proof: &[TreeHash],
) -> Result<(), ProofFault> {
    let descent = descend(part, whole)?;
    let (first, siblings) = match proof.split_first() {
        _ if descent.is_part => (part_hash, proof),
        Some((first, siblings)) => (first, siblings),
        None => return Err(ProofFault::Length),
    };
    if siblings.len() != descent.steps.len() {
        return Err(ProofFault::Length);
    }
    let (mut of_part, mut of_whole) = (*first, *first);
    for ((side, _), sibling) in descent.steps.iter().rev().zip(siblings) {
        match side {
            Side::Right => of_whole = TreeHash::node(&of_whole, sibling),
            Side::Left => of_whole = TreeHash::node(sibling, &of_whole),
            Side::LeftInside => {
                of_part = TreeHash::node(sibling, &of_part);
                of_whole = TreeHash::node(sibling, &of_whole);
            }
        }
    }
    if of_whole != *root {
        Err(ProofFault::Root)
    } else if of_part != *part_hash {
        Err(ProofFault::Part)
    } else {
        Ok(())
    }
}

/// The root of a tree of this size, from stored subtrees.
pub fn root<E>(
    size: TreeSize,
    mut node: impl FnMut(Node) -> Result<TreeHash, E>,
) -> Result<TreeHash, E> {
    hash_of(Subtree::whole(size), &mut node)
}

/// Makes the proof that a leaf is in the tree of this size. `node` answers with the hash of a complete subtree, from
/// wherever they are kept; it is asked for O(log n) of them.
pub fn prove_inclusion<E>(
    index: LeafIndex,
    size: TreeSize,
    node: impl FnMut(Node) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, Unprovable<E>> {
    prove_subtree_inclusion(index, Subtree::whole(size), node)
}

/// Makes the proof that a leaf is in a subtree.
pub fn prove_subtree_inclusion<E>(
    index: LeafIndex,
    within: Subtree,
    mut node: impl FnMut(Node) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, Unprovable<E>> {
    prove(Subtree::single(index)?, within, &mut node)
}

/// Makes the proof that the tree of `old` leaves, at least one, is the start of the tree of this size.
pub fn prove_consistency<E>(
    old: TreeSize,
    size: TreeSize,
    node: impl FnMut(Node) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, Unprovable<E>> {
    if old == TreeSize::ZERO {
        return Err(ProofFault::Empty.into());
    }
    prove_subtree(Subtree::whole(old), size, node)
}

/// Makes the proof that a subtree is part of the tree of this size.
pub fn prove_subtree<E>(
    part: Subtree,
    size: TreeSize,
    mut node: impl FnMut(Node) -> Result<TreeHash, E>,
) -> Result<Vec<TreeHash>, Unprovable<E>> {
    if part.is_empty() && part.end <= size.0 {
        return Ok(Vec::new());
    }
    prove(part, Subtree::whole(size), &mut node)
}

/// Checks that a leaf, given by its hash, is in a tree, given by its size and root.
pub fn verify_inclusion(
    index: LeafIndex,
    leaf: &TreeHash,
    (size, root): (TreeSize, &TreeHash),
    proof: &[TreeHash],
) -> Result<(), ProofFault> {
    verify_subtree_inclusion(index, leaf, (Subtree::whole(size), root), proof)
}

/// Checks that a leaf is in a subtree.
pub fn verify_subtree_inclusion(
    index: LeafIndex,
    leaf: &TreeHash,
    within: (Subtree, &TreeHash),
    proof: &[TreeHash],
) -> Result<(), ProofFault> {
    verify((Subtree::single(index)?, leaf), within, proof)
}

/// Checks that one tree is the start of another. An `old` of 0 leaves is [`ProofFault::Empty`]: it is the start of
/// every tree, which the caller must have decided already.
pub fn verify_consistency(
    (old, old_root): (TreeSize, &TreeHash),
    new: (TreeSize, &TreeHash),
    proof: &[TreeHash],
) -> Result<(), ProofFault> {
    if old == TreeSize::ZERO {
        return Err(ProofFault::Empty);
    }
    verify_subtree((Subtree::whole(old), old_root), new, proof)
}

/// Checks that a subtree is part of a tree. A part without leaves is in every tree that reaches so far.
pub fn verify_subtree(
    (part, part_hash): (Subtree, &TreeHash),
    (size, root): (TreeSize, &TreeHash),
    proof: &[TreeHash],
) -> Result<(), ProofFault> {
    if !part.is_empty() {
        verify((part, part_hash), (Subtree::whole(size), root), proof)
    } else if part.end > size.0 {
        Err(ProofFault::Outside)
    } else if !proof.is_empty() {
        Err(ProofFault::Length)
    } else if *part_hash != TreeHash::empty() {
        Err(ProofFault::Part)
    } else {
        Ok(())
    }
}
