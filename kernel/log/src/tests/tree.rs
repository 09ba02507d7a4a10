//! Claims about the tree of records, beside a slow tree that is the RFC's recursion word for word.

use super::mutate::Chance;
use crate::limits::{PROOF_HASHES_MAX, TREE_SIZE_MAX};
use crate::tree::*;
use crate::*;
use alloc::collections::BTreeMap;
use alloc::vec;
use alloc::vec::Vec;
use core::cell::Cell;
use core::convert::Infallible;
use sha2::{Digest, Sha256};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const LEAVES: u64 = 70;

type Kept = BTreeMap<Node, TreeHash>;

fn leaf(n: u64) -> TreeHash {
    TreeHash::leaf(&n.to_le_bytes())
}

/// Trees of 0..=LEAVES leaves, by the frontier, and what it said to keep.
fn grown() -> (Vec<Frontier>, Kept) {
    let (mut sizes, mut kept) = (vec![Frontier::new()], Kept::new());
    for n in 0..LEAVES {
        let mut tree = sizes.last().unwrap().clone();
        kept.extend(tree.append(leaf(n)));
        sizes.push(tree);
    }
    (sizes, kept)
}

fn from(kept: &Kept) -> impl FnMut(Node) -> Result<TreeHash, Node> {
    |node| kept.get(&node).copied().ok_or(node)
}

/// RFC 6962 §2.1: the largest power of two below n.
fn split(n: usize) -> usize {
    let mut k = 1;
    while k * 2 < n {
        k *= 2;
    }
    k
}

/// MTH(D[n]), with the plain hash function.
fn slow_root(leaves: &[u64]) -> TreeHash {
    let bytes: [u8; 32] = match leaves {
        [] => Sha256::digest([]).into(),
        [one] => Sha256::digest([[0].as_slice(), &one.to_le_bytes()].concat()).into(),
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            let (left, right) = (slow_root(left), slow_root(right));
            Sha256::digest([[1].as_slice(), &left.0, &right.0].concat()).into()
        }
    };
    TreeHash(bytes)
}

/// PATH(m, D[n])
fn slow_path(m: usize, leaves: &[u64]) -> Vec<TreeHash> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut path, beside) = if m < k {
        (slow_path(m, left), right)
    } else {
        (slow_path(m - k, right), left)
    };
    path.push(slow_root(beside));
    path
}

/// SUBPROOF(m, D[n], b)
fn slow_subproof(m: usize, leaves: &[u64], b: bool) -> Vec<TreeHash> {
    if m == leaves.len() {
        return if b { vec![] } else { vec![slow_root(leaves)] };
    }
    let k = split(leaves.len());
    let (left, right) = leaves.split_at(k);
    let (mut proof, beside) = if m <= k {
        (slow_subproof(m, left, b), right)
    } else {
        (slow_subproof(m - k, right, false), left)
    };
    proof.push(slow_root(beside));
    proof
}

fn leaves() -> Vec<u64> {
    (0..LEAVES).collect()
}

/// MT-1, MT-2: the frontier's root is the RFC's at every size, and so is the root over what it said to keep.
#[test]
fn roots_are_the_rfcs() {
    let (sizes, kept) = grown();
    let leaves = leaves();
    for (n, tree) in sizes.iter().enumerate() {
        let size = TreeSize(u64::try_from(n).unwrap());
        let slow = slow_root(&leaves[..n]);
        assert_eq!((tree.size(), tree.root()), (size, slow), "{n} leaves");
        assert_eq!(root(size, from(&kept)), Ok(slow), "{n} leaves");
    }
    assert_eq!(
        Ok(TreeHash::empty()),
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855".parse()
    );
}

/// MT-3, MT-4: proofs are the RFC's, hash by hash, and verify.
#[test]
fn proofs_are_the_rfcs() {
    let ((sizes, kept), leaves) = (grown(), leaves());
    for (n, tree) in sizes.iter().enumerate() {
        let (size, whole) = (tree.size(), &leaves[..n]);
        for (m, &number) in whole.iter().enumerate() {
            let index = LeafIndex(number);
            let proof = prove_inclusion(index, size, from(&kept)).unwrap();
            assert_eq!(proof, slow_path(m, whole), "{m} in {n}");
            let top = (size, &tree.root());
            assert_eq!(verify_inclusion(index, &leaf(number), top, &proof), Ok(()));
            let old = &sizes[m + 1];
            let proof = prove_consistency(old.size(), size, from(&kept)).unwrap();
            assert_eq!(proof, slow_subproof(m + 1, whole, true), "{} in {n}", m + 1);
            let old = (old.size(), &old.root());
            assert_eq!(verify_consistency(old, top, &proof), Ok(()));
        }
    }
}

/// Each proof of a subtree verifies, for the subtree and for its leaves.
#[test]
fn subtrees_are_proved_too() {
    let ((sizes, kept), leaves) = (grown(), leaves());
    let mut count = 0;
    for (start, end) in (0..33_u64).flat_map(|start| (start..33).map(move |end| (start, end))) {
        let aligned = start == 0 || start % (end - start).max(1).next_power_of_two() == 0;
        let subtree = Subtree::new(start, end);
        assert_eq!(subtree.is_ok(), aligned, "{start}..{end}");
        let Ok(subtree) = subtree else { continue };
        count += 1;
        let range = usize::try_from(start).unwrap()..usize::try_from(end).unwrap();
        let of_part = slow_root(&leaves[range]);
        for tree in &sizes[usize::try_from(end).unwrap()..35] {
            let proof = prove_subtree(subtree, tree.size(), from(&kept)).unwrap();
            let top = (tree.size(), &tree.root());
            assert_eq!(verify_subtree((subtree, &of_part), top, &proof), Ok(()));
        }
        for n in start..end {
            let proof = prove_subtree_inclusion(LeafIndex(n), subtree, from(&kept)).unwrap();
            let within = (subtree, &of_part);
            assert_eq!(
                verify_subtree_inclusion(LeafIndex(n), &leaf(n), within, &proof),
                Ok(())
            );
        }
    }
    assert!(count > 140, "{count} subtrees");
    assert_eq!(Subtree::new(2, 1), Err(ProofFault::Subtree));
    assert_eq!(Subtree::new(1, (1 << 63) + 2), Err(ProofFault::Subtree));
}

/// Every harm that can be done to a list of hashes.
fn harms(proof: &[TreeHash], chance: &mut Chance) -> Vec<Vec<TreeHash>> {
    let mut all = vec![
        [proof, &[TreeHash::empty()]].concat(),
        [&[TreeHash::empty()], proof].concat(),
    ];
    for at in 0..proof.len() {
        let mut flipped = proof.to_vec();
        flipped[at].0[chance.below(32)] ^= 1 << chance.below(8);
        let mut cut = proof.to_vec();
        let taken = cut.remove(at);
        let mut twice = proof.to_vec();
        twice.insert(at, taken);
        let mut swapped = proof.to_vec();
        swapped.swap(at, 0);
        all.extend([flipped, cut, twice, proof[..at].to_vec()]);
        all.extend((swapped != proof).then_some(swapped));
    }
    all
}

/// MT-5, MT-6: a harmed proof, another leaf, another place or another root is refused, with the fault that it is.
#[test]
fn harmed_proofs_are_refused() {
    let (sizes, kept) = grown();
    let mut chance = Chance(0x7472_6565);
    let mut tried = 0;
    for tree in &sizes[1..40] {
        let (size, top) = (tree.size(), tree.root());
        for n in 0..size.0 {
            let (index, hash) = (LeafIndex(n), leaf(n));
            let proof = prove_inclusion(index, size, from(&kept)).unwrap();
            for harmed in harms(&proof, &mut chance) {
                let fault = verify_inclusion(index, &hash, (size, &top), &harmed).unwrap_err();
                let same = harmed.len() == proof.len();
                let expected = if same {
                    ProofFault::Root
                } else {
                    ProofFault::Length
                };
                assert_eq!(fault, expected);
                tried += 1;
            }
            assert!(verify_inclusion(index, &leaf(n + 1), (size, &top), &proof).is_err());
            for other in [n.wrapping_sub(1), n + 1, u64::MAX] {
                assert!(verify_inclusion(LeafIndex(other), &hash, (size, &top), &proof).is_err());
            }
            let old = &sizes[usize::try_from(n + 1).unwrap()];
            let (old_size, old_root) = (old.size(), old.root());
            let proof = prove_consistency(old_size, size, from(&kept)).unwrap();
            for harmed in harms(&proof, &mut chance) {
                let fault = verify_consistency((old_size, &old_root), (size, &top), &harmed);
                assert!(fault.is_err(), "{old_size} in {size}");
                tried += 1;
            }
            let mut wrong = old_root;
            wrong.0[chance.below(32)] ^= 1 << chance.below(8);
            let fault = verify_consistency((old_size, &wrong), (size, &top), &proof).unwrap_err();
            assert!(matches!(fault, ProofFault::Root | ProofFault::Part));
            let fault = verify_consistency((old_size, &old_root), (size, &wrong), &proof);
            assert_eq!(fault, Err(ProofFault::Root));
        }
    }
    assert!(tried > 10_000, "{tried} harms");
}

/// MT-5, MT-7: what lies outside a tree has no proof and passes for none.
#[test]
fn what_is_outside_has_no_proof() {
    let (sizes, kept) = grown();
    let (ten, top) = (TreeSize(10), sizes[10].root());
    let outside = Err(Unprovable::Proof(ProofFault::Outside));
    for index in [10, 11, u64::MAX].map(LeafIndex) {
        assert_eq!(prove_inclusion(index, ten, from(&kept)), outside);
        let verdict = verify_inclusion(index, &leaf(10), (ten, &top), &[]);
        assert_eq!(verdict, Err(ProofFault::Outside));
    }
    assert_eq!(prove_consistency(TreeSize(11), ten, from(&kept)), outside);
    let larger = (TreeSize(11), &sizes[11].root());
    let verdict = verify_consistency(larger, (ten, &top), &[]);
    assert_eq!(verdict, Err(ProofFault::Outside));
    let none = (TreeSize(0), &TreeHash::empty());
    let empty = Err(Unprovable::Proof(ProofFault::Empty));
    assert_eq!(prove_consistency(TreeSize(0), ten, from(&kept)), empty);
    let verdict = verify_consistency(none, (ten, &top), &[]);
    assert_eq!(verdict, Err(ProofFault::Empty));
    // a source that lacks a hash is not the fault of the proof
    let missing = Err(Unprovable::Source(Node { level: 1, index: 3 }));
    let gap: Kept = kept
        .into_iter()
        .filter(|(node, _)| *node != Node { level: 1, index: 3 })
        .collect();
    assert_eq!(
        prove_inclusion(LeafIndex(5), TreeSize(8), from(&gap)),
        missing
    );
}

/// MT-8: the stored frontier has one encoding, goes on where it stopped, and nothing else is read.
#[test]
fn frontiers_are_stored_in_one_form() {
    let (sizes, _) = grown();
    for pair in sizes.windows(2) {
        let bytes = pair[0].encode();
        assert_eq!(
            bytes.len(),
            8 + 32 * usize::try_from(pair[0].size().0.count_ones()).unwrap()
        );
        let mut read = Frontier::decode(&bytes).unwrap();
        assert_eq!((&read, read.encode()), (&pair[0], bytes.clone()));
        read.append(leaf(pair[0].size().0));
        assert_eq!(read, pair[1]);
        for len in 0..bytes.len() {
            assert_eq!(Frontier::decode(&bytes[..len]), Err(Malformed::TooShort));
        }
        let longer = [bytes.as_slice(), &[0]].concat();
        assert_eq!(Frontier::decode(&longer), Err(Malformed::LeftOver));
    }
    let above = (TREE_SIZE_MAX + 1).to_le_bytes();
    assert_eq!(Frontier::decode(&above), Err(Malformed::ListLength));
    let full = [TREE_SIZE_MAX.to_le_bytes().as_slice(), &[7; 32]].concat();
    let mut full = Frontier::decode(&full).unwrap();
    let before = full.clone();
    assert_eq!((full.append(leaf(0)), full), (vec![], before));
}

/// MT-9: in the largest tree every proof has at most 63 hashes, made from twice as many at most; nothing overflows.
#[test]
fn the_largest_tree_has_short_proofs() {
    let mut level_hashes = vec![leaf(0)];
    for _ in 0..62 {
        let last = level_hashes.last().unwrap();
        level_hashes.push(TreeHash::node(last, last));
    }
    let all_equal = |node: Node| Ok::<_, Infallible>(level_hashes[usize::from(node.level)]);
    let (mut longest, asked) = (0, Cell::new(0));
    let counted = |node: Node| {
        asked.set(asked.get() + 1);
        all_equal(node)
    };
    let proved = |proof: Vec<TreeHash>| {
        assert!(asked.replace(0) <= 2 * 63);
        proof
    };
    for size in [
        TREE_SIZE_MAX,
        TREE_SIZE_MAX - 1,
        (1 << 61) + 1,
        0x2aaa_aaaa_aaaa_aaaa,
    ] {
        let size = TreeSize(size);
        let top = root(size, all_equal).unwrap();
        for n in [
            1,
            2,
            3,
            size.0 / 2,
            size.0 / 2 + 1,
            size.0 / 3,
            size.0 - 1,
            size.0,
        ] {
            let index = LeafIndex(n - 1);
            let proof = proved(prove_inclusion(index, size, counted).unwrap());
            assert_eq!(
                verify_inclusion(index, &leaf(0), (size, &top), &proof),
                Ok(())
            );
            longest = longest.max(proof.len());
            let old_root = root(TreeSize(n), all_equal).unwrap();
            let proof = proved(prove_consistency(TreeSize(n), size, counted).unwrap());
            let verdict = verify_consistency((TreeSize(n), &old_root), (size, &top), &proof);
            assert_eq!(verdict, Ok(()));
            longest = longest.max(proof.len());
        }
    }
    assert_eq!(longest, usize::try_from(PROOF_HASHES_MAX).unwrap());
}

/// The leaf of a position is one less; position 0 has none.
#[test]
fn leaves_are_positions_less_one() {
    assert_eq!(LeafIndex::of(Position(1)), Some(LeafIndex(0)));
    assert_eq!(LeafIndex::of(Position::ZERO), None);
}
