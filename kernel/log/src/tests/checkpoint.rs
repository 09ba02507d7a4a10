//! Claims about checkpoints and what two of them say together; `docs/spec/checkpoint.md` names them.

use super::trail::*;
use crate::checkpoint::*;
use crate::limits::TREE_SIZE_MAX;
use crate::merge::*;
use crate::tree::*;
use crate::*;
use alloc::format;
use alloc::string::{String, ToString};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// CP-1: three lines, in this form; the relay's line bears the origin as its name.
#[test]
fn checkpoints_have_three_lines() {
    let signed = Trail::new(5, 9).signed(5);
    let text = String::from_utf8(signed.bytes()).unwrap();
    let lines: alloc::vec::Vec<&str> = text.split('\n').collect();
    let name = format!("daybook/v1/{}/e2", "0b".repeat(32));
    assert_eq!(
        (lines[0], lines[1], lines[2].len(), lines[3]),
        (name.as_str(), "5", 44, "")
    );
    assert!(lines[4].starts_with(&format!("— {name} ")));
    assert_eq!((lines[5], lines.len()), ("", 6));
    let read = SignedCheckpoint::open(text.as_bytes(), &relay()).unwrap();
    assert_eq!(read, signed);
    assert_eq!(read.key(), relay_secret().public());
    assert_eq!(relay().note_key().name().as_str(), origin().to_string());
}

/// CP-1..CP-5: each broken text has its error, whoever signed it.
#[test]
fn each_broken_checkpoint_has_its_error() {
    let good = Trail::new(5, 9).checkpoint(5);
    let text = good.text();
    let book = "0b".repeat(32);
    let root = text.lines().nth(2).unwrap();
    let with = |at: usize, line: &str| {
        let mut lines: alloc::vec::Vec<&str> = text.lines().collect();
        lines[at] = line;
        Checkpoint::parse(&(lines.join("\n") + "\n"))
    };
    let lines = [
        String::new(),
        text.trim_end().to_string(),
        format!("{text}extension\n"),
        format!("{text}\n"),
        format!("{}\n5\n", good.origin),
    ];
    for text in lines {
        assert_eq!(
            Checkpoint::parse(&text),
            Err(CheckpointFault::Lines),
            "{text:?}"
        );
    }
    let origins = [
        String::new(),
        format!("daybook/v2/{book}/e2"),
        format!("daybook/v1/{book}"),
        format!("daybook/v1/{}/e2", book.to_uppercase()),
        format!("daybook/v1/{book}0/e2"),
        format!("daybook/v1/{book}/e02"),
        format!("daybook/v1/{book}/e+2"),
        format!("daybook/v1/{book}/e"),
        format!("daybook/v1/{book}/e4294967296"),
        format!("daybook/v1/{book}/e2 "),
    ];
    for origin in origins {
        assert_eq!(with(0, &origin), Err(CheckpointFault::Origin), "{origin:?}");
    }
    let above = (TREE_SIZE_MAX + 1).to_string();
    let sizes = [
        "",
        "05",
        "+5",
        "-5",
        " 5",
        "5x",
        "٥",
        &above,
        "18446744073709551621",
    ];
    for size in sizes {
        assert_eq!(with(1, size), Err(CheckpointFault::Size), "{size:?}");
    }
    // of the last one: the last digit of 32 bytes has two bits that must be zero
    let bits_left_over = format!("{}B=", "A".repeat(42));
    let more = format!("{root}=");
    let roots = [
        "",
        root.trim_end_matches('='),
        &more,
        &"A".repeat(44),
        &bits_left_over,
    ];
    for root in roots {
        assert_eq!(with(2, root), Err(CheckpointFault::Root), "{root:?}");
    }
    assert_eq!(with(1, "0"), Err(CheckpointFault::EmptyRoot));
    assert_eq!(Checkpoint::parse(&text), Ok(good));
    assert!(with(1, &TREE_SIZE_MAX.to_string()).is_ok());
}

/// CP-5, CP-9: a tree without leaves can be signed, with its root; what a reader would refuse cannot.
#[test]
fn what_would_be_refused_is_not_signed() {
    let empty = Trail::new(0, 9).signed(0);
    let read = SignedCheckpoint::open(&empty.bytes(), &relay());
    assert_eq!(read, Ok(empty));
    let unread = Checkpoint {
        size: TreeSize(0),
        ..Trail::new(5, 9).checkpoint(5)
    };
    let unsigned = SignedCheckpoint::sign(unread, &relay_secret());
    assert_eq!(unsigned, Err(CheckpointFault::EmptyRoot));
    let large = Checkpoint {
        size: TreeSize(TREE_SIZE_MAX + 1),
        ..unread
    };
    let unsigned = SignedCheckpoint::sign(large, &relay_secret());
    assert_eq!(unsigned, Err(CheckpointFault::Size));
}

/// CP-6, CP-7: a checkpoint is one relay key's, for one book and one epoch.
#[test]
fn a_checkpoint_is_of_one_key_one_book_and_one_epoch() {
    let bytes = Trail::new(5, 9).signed(5).bytes();
    let unsigned = Err(CheckpointFault::Note(NoteFault::Unsigned));
    let others = [
        Origin {
            book: BookId([0x0c; 32]),
            ..origin()
        },
        Origin {
            epoch: RelayEpoch(3),
            ..origin()
        },
    ];
    for other in others {
        let relay = RelayKey::new(other, admitted(&relay_secret()));
        assert_eq!(SignedCheckpoint::open(&bytes, &relay), unsigned);
        // signed under the right name, but the text is another origin's
        let text = Checkpoint {
            origin: other,
            ..Trail::new(5, 9).checkpoint(5)
        }
        .text();
        let name = KeyName::new(&origin().to_string()).unwrap();
        let note = Note::sign(&text, &name, &relay_secret()).unwrap();
        let verdict = SignedCheckpoint::of(&note, &super::trail::relay());
        assert_eq!(verdict, Err(CheckpointFault::OtherOrigin));
    }
    let other_key = RelayKey::new(origin(), admitted(&SecretKey::from_seed([1; 32])));
    assert_eq!(SignedCheckpoint::open(&bytes, &other_key), unsigned);
}

/// CP-8: lines that nobody verified are not kept, so they cannot poison what is stored.
#[test]
fn only_the_relays_line_is_kept() {
    let signed = Trail::new(5, 9).signed(5);
    let other = Note::sign(
        "x\n",
        &KeyName::new("cosigner").unwrap(),
        &SecretKey::from_seed([3; 32]),
    );
    let note = signed
        .note()
        .clone()
        .with(other.unwrap().lines()[0].clone())
        .unwrap();
    assert_eq!(SignedCheckpoint::of(&note, &relay()), Ok(signed));
}

/// MC-1, MC-2: one order gives the same, older or newer, for every two sizes, from the proof between them.
#[test]
fn one_order_never_forks() {
    let trail = Trail::new(12, 99);
    for own in 0..=12 {
        for new in 0..=12 {
            let (small, large) = (own.min(new), own.max(new));
            let proof = (small > 0 && small < large).then(|| trail.consistency(small, large));
            let [held, came] = [own, new].map(|size| trail.signed(size));
            let merged = merge_checkpoint(Some(&held), &came, proof.as_ref());
            match merged.unwrap() {
                Merged::Same => assert_eq!(own, new),
                Merged::Older => assert!(new < own),
                Merged::Newer(swap) => {
                    assert!(new > own);
                    assert_eq!(swap.compared(), Some(&held));
                    assert_eq!(swap.take(Some(&held)), Ok(came.clone()));
                }
                Merged::Fork(fork) => panic!("{own} and {new}: {fork:?}"),
            }
            if proof.is_some() {
                let unproved = merge_checkpoint(Some(&held), &came, None);
                assert_eq!(unproved, Err(MergeFault::NoProof));
            }
        }
    }
}

/// MC-3: storing needs the value that was compared, the first one included.
#[test]
fn a_swap_is_lost_when_another_was_stored() {
    let trail = Trail::new(12, 99);
    let [held, came, other] = [4, 7, 9].map(|size| trail.signed(size));
    let decide = |own: Option<&SignedCheckpoint>| {
        let proof = trail.consistency(4, 7);
        match merge_checkpoint(own, &came, Some(&proof)) {
            Ok(Merged::Newer(swap)) => swap,
            verdict => panic!("{verdict:?}"),
        }
    };
    assert_eq!(decide(Some(&held)).take(Some(&other)), Err(Lost));
    assert_eq!(decide(Some(&held)).take(None), Err(Lost));
    assert_eq!(decide(Some(&held)).take(Some(&held)), Ok(came.clone()));
    assert_eq!(decide(None).compared(), None);
    assert_eq!(decide(None).take(Some(&other)), Err(Lost));
    assert_eq!(decide(None).take(None), Ok(came.clone()));
}

/// MC-1, MC-4: one size with two roots is a fork, and the evidence is both notes.
#[test]
fn two_roots_of_one_size_are_a_fork() {
    let (one, two) = (Trail::new(12, 99), Trail::new(12, 6));
    for size in 1..=12 {
        let [own, other] = [&one, &two].map(|trail| trail.signed(size));
        let merged = merge_checkpoint(Some(&own), &other, None).unwrap();
        if size < 6 {
            assert_eq!(merged, Merged::Same);
            continue;
        }
        let fork = Fork::SameSize { own, other };
        assert_eq!(merged, Merged::Fork(fork.clone().into()));
        convicts(&fork);
    }
}

/// A stranger with the relay's key finds the evidence in the notes' bytes again.
fn convicts(fork: &Fork) {
    let reread = |signed: &SignedCheckpoint| {
        *SignedCheckpoint::open(&signed.bytes(), &relay())
            .unwrap()
            .checkpoint()
    };
    match fork {
        Fork::SameSize { own, other } => {
            let [own, other] = [own, other].map(reread);
            assert_eq!(own.size, other.size);
            assert_ne!(own.root, other.root);
        }
        Fork::Inconsistent {
            older,
            newer,
            proof,
        } => {
            let [older, newer] = [older, newer].map(reread);
            let start = (older.size, &proof.old_root);
            let verdict = verify_consistency(start, (newer.size, &newer.root), &proof.hashes);
            assert_eq!(verdict, Ok(()));
            assert_ne!(older.root, proof.old_root);
        }
    }
}

/// MC-1, MC-4: two orders are caught at every two sizes past the parting, with either as the newer one.
#[test]
fn orders_that_part_are_caught() {
    let (one, two) = (Trail::new(12, 99), Trail::new(12, 6));
    let mut forks = 0;
    for (small, large) in
        (1..12).flat_map(|small| (small + 1..=12).map(move |large| (small, large)))
    {
        for (held, came, proof) in [
            (
                one.signed(small),
                two.signed(large),
                two.consistency(small, large),
            ),
            (
                two.signed(large),
                one.signed(small),
                two.consistency(small, large),
            ),
        ] {
            let merged = merge_checkpoint(Some(&held), &came, Some(&proof)).unwrap();
            if small < 6 {
                assert!(!matches!(merged, Merged::Fork(_)), "{small} and {large}");
                continue;
            }
            let Merged::Fork(fork) = merged else {
                panic!("{small} and {large}: {merged:?}");
            };
            convicts(&fork);
            forks += 1;
        }
    }
    assert_eq!(forks, 2 * 21);
}

/// MC-5: a proof that does not hold decides nothing and accuses nobody.
#[test]
fn a_bad_proof_is_no_verdict() {
    let (one, two) = (Trail::new(12, 99), Trail::new(12, 6));
    let (held, came) = (one.signed(5), one.signed(9));
    let good = one.consistency(5, 9);
    let merge = |proof: &Consistency| merge_checkpoint(Some(&held), &came, Some(proof));
    assert!(matches!(merge(&good), Ok(Merged::Newer(_))));
    let faults = [
        (
            Consistency {
                hashes: alloc::vec![],
                ..good.clone()
            },
            ProofFault::Length,
        ),
        (
            Consistency {
                old_root: TreeHash([1; 32]),
                ..good.clone()
            },
            ProofFault::Part,
        ),
        (two.consistency(5, 9), ProofFault::Root),
        (one.consistency(6, 9), ProofFault::Length),
    ];
    for (proof, fault) in faults {
        assert_eq!(merge(&proof), Err(MergeFault::Proof(fault)));
    }
}

/// MC-6: only checkpoints of one book, epoch and key are compared.
#[test]
fn other_origins_and_keys_are_not_compared() {
    let trail = Trail::new(5, 99);
    let held = trail.signed(5);
    let elsewhere = Checkpoint {
        origin: Origin {
            epoch: RelayEpoch(3),
            ..origin()
        },
        ..trail.checkpoint(5)
    };
    let elsewhere = SignedCheckpoint::sign(elsewhere, &relay_secret()).unwrap();
    let verdict = merge_checkpoint(Some(&held), &elsewhere, None);
    assert_eq!(verdict, Err(MergeFault::OtherOrigin));
    let other =
        SignedCheckpoint::sign(trail.checkpoint(5), &SecretKey::from_seed([1; 32])).unwrap();
    assert_eq!(
        merge_checkpoint(Some(&held), &other, None),
        Err(MergeFault::OtherKey)
    );
}
