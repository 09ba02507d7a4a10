//! Worked examples of notes, checkpoints, receipts, cosignatures and consistency, over the records of the worked book.

use super::{genesis, hex, placed};
use base64ct::{Base64, Encoding};
use daybook_log::checkpoint::*;
use daybook_log::cosign::*;
use daybook_log::merge::*;
use daybook_log::note::*;
use daybook_log::receipt::*;
use daybook_log::tree::*;
use daybook_log::*;
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) const RELAY_SEED: [u8; 32] = [0xb0; 32];
const TIME_S: u64 = 1_800_000_000;

fn secret(seed: [u8; 32]) -> SecretKey {
    SecretKey::from_seed(seed)
}

fn admitted(seed: [u8; 32]) -> AdmittedKey {
    AdmittedKey::admit(secret(seed).public()).expect("a good key")
}

fn origin() -> Origin {
    Origin {
        book: genesis().book_id(),
        epoch: RelayEpoch(0),
    }
}

pub(super) fn relay() -> RelayKey {
    RelayKey::first(&genesis()).expect("a good key")
}

/// The trees over some leaves, by size, and the subtrees that were kept.
pub(super) struct Trees {
    pub(super) leaves: Vec<[u8; 152]>,
    sizes: Vec<Frontier>,
    kept: BTreeMap<Node, TreeHash>,
}

impl Trees {
    pub(super) fn over(leaves: Vec<[u8; 152]>) -> Trees {
        let (mut tree, mut kept) = (Frontier::new(), BTreeMap::new());
        let mut sizes = vec![tree.clone()];
        for leaf in &leaves {
            kept.extend(tree.append(TreeHash::leaf(leaf)));
            sizes.push(tree.clone());
        }
        Trees {
            leaves,
            sizes,
            kept,
        }
    }

    pub(super) fn worked() -> Trees {
        let records = placed().into_iter();
        Trees::over(records.map(|(_, one)| one.record.encode()).collect())
    }

    /// Another order of the same relay: it parts at position 3.
    pub(super) fn parted() -> Trees {
        let mut leaves = Trees::worked().leaves;
        let mut prev_tip = OrderRecord::decode(&leaves[1]).expect("a record").tip();
        for leaf in &mut leaves[2..] {
            let record = OrderRecord::decode(leaf).expect("a record");
            let record = OrderRecord {
                prev_tip,
                relay_time_ms: record.relay_time_ms + 1000,
                ..record
            };
            (*leaf, prev_tip) = (record.encode(), record.tip());
        }
        Trees::over(leaves)
    }

    fn node(&self, node: Node) -> Result<TreeHash, Node> {
        self.kept.get(&node).copied().ok_or(node)
    }

    pub(super) fn signed(&self, size: usize) -> SignedCheckpoint {
        let tree = &self.sizes[size];
        let checkpoint = Checkpoint {
            origin: origin(),
            size: tree.size(),
            root: tree.root(),
        };
        SignedCheckpoint::sign(checkpoint, &secret(RELAY_SEED)).expect("a good checkpoint")
    }

    pub(super) fn receipt(&self, position: u64, size: usize) -> TlogProof {
        let index = LeafIndex(position - 1);
        let top = self.sizes[size].size();
        TlogProof {
            record: self.leaves[usize::try_from(index.0).expect("few")].to_vec(),
            index,
            hashes: prove_inclusion(index, top, |node| self.node(node)).expect("kept"),
            note: self.signed(size).note().to_string(),
        }
    }

    pub(super) fn consistency(&self, old: usize, new: usize) -> Consistency {
        let [old, new] = [old, new].map(|size| self.sizes[size].size());
        Consistency {
            old_root: root(old, |node| self.node(node)).expect("kept"),
            hashes: prove_consistency(old, new, |node| self.node(node)).expect("kept"),
        }
    }
}

fn hashes(list: &[TreeHash]) -> Vec<String> {
    list.iter().map(ToString::to_string).collect()
}

fn describe_relay() -> Value {
    json!({
        "seed": hex(&RELAY_SEED),
        "key": secret(RELAY_SEED).public().to_string(),
        "origin": origin().to_string(),
        "verifier_key": relay().note_key().to_string(),
    })
}

pub(crate) fn note() -> Value {
    let (seed, text) = ([0x33; 32], "a text\n\nof three lines\n");
    let name = KeyName::new("daybook.example/notes").expect("a good name");
    let key = NoteKey::new(name.clone(), admitted(seed));
    let good = Note::sign(text, &name, &secret(seed)).expect("a good text");
    let line = good.lines()[0].clone();
    let stranger = Note::sign(text, &name, &secret([0x34; 32])).expect("a good text");
    let both = good.clone().with(stranger.lines()[0].clone());
    let forged = NoteLine {
        signature: vec![1; 64],
        ..line.clone()
    };
    let refused = [
        ("no signature", format!("{text}\n")),
        ("no empty line", format!("text\n{line}")),
        ("a carriage return", format!("text\r\n\n{line}")),
        (
            "no line break at the end",
            good.to_string().trim_end().to_owned(),
        ),
        (
            "base64 without padding",
            good.to_string().replace("=\n", "\n"),
        ),
        ("a forged line", format!("{text}\n{forged}")),
        ("two lines of the key", format!("{good}{line}")),
        ("only a stranger's line", stranger.to_string()),
    ];
    let refused = refused.map(|(case, bytes)| {
        let read = Note::parse(bytes.as_bytes()).and_then(|note| note.verified(&key));
        json!({ "name": case, "note": bytes, "error": format!("{:?}", read.expect_err(case)) })
    });
    json!({
        "seed": hex(&seed),
        "key": key.public().to_string(),
        "name": name.as_str(),
        "key_id": hex(&line.id.0),
        "verifier_key": key.to_string(),
        "text": text,
        "signature": hex(&line.signature),
        "note": good.to_string(),
        "note_with_a_strangers_line": both.expect("a second line").to_string(),
        "refused": refused,
    })
}

pub(crate) fn checkpoint() -> Value {
    let trees = Trees::worked();
    let checkpoints: Vec<Value> = (0..trees.sizes.len())
        .map(|size| {
            let signed = trees.signed(size);
            json!({
                "size": size,
                "root": signed.checkpoint().root.to_string(),
                "frontier": hex(&trees.sizes[size].encode()),
                "text": signed.checkpoint().text(),
                "note": signed.note().to_string(),
            })
        })
        .collect();
    let good = trees.signed(5).checkpoint().text();
    let refused = [
        ("an extension line", format!("{good}more\n")),
        ("a leading zero", good.replace("\n5\n", "\n05\n")),
        ("a root without padding", good.replace("=\n", "\n")),
        ("size 0 with another root", good.replace("\n5\n", "\n0\n")),
        ("an epoch with a leading zero", good.replace("/e0", "/e00")),
        ("of another epoch", good.replace("/e0", "/e1")),
    ];
    let refused = refused.map(|(case, text)| {
        let name = KeyName::new(&origin().to_string()).expect("a good name");
        let note = Note::sign(&text, &name, &secret(RELAY_SEED)).expect("a good text");
        let fault = SignedCheckpoint::of(&note, &relay()).expect_err(case);
        json!({ "name": case, "note": note.to_string(), "error": format!("{fault:?}") })
    });
    let leaves: Vec<_> = trees
        .leaves
        .iter()
        .map(|leaf| TreeHash::leaf(leaf))
        .collect();
    json!({
        "relay": describe_relay(),
        "records": trees.leaves.iter().map(|leaf| hex(leaf)).collect::<Vec<_>>(),
        "leaf_hashes": hashes(&leaves),
        "checkpoints": checkpoints,
        "refused": refused,
    })
}

fn refused_receipts(trees: &Trees) -> Value {
    let good = trees.receipt(2, 5);
    let other = |proof: TlogProof| proof.to_string();
    let mut lies = trees.leaves.clone();
    lies[1][8] = 3;
    let lies = Trees::over(lies);
    let refused = [
        (
            "another index",
            other(TlogProof {
                index: LeafIndex(2),
                ..good.clone()
            }),
        ),
        (
            "an index outside",
            other(TlogProof {
                index: LeafIndex(5),
                ..good.clone()
            }),
        ),
        (
            "a hash less",
            other(TlogProof {
                hashes: good.hashes[1..].to_vec(),
                ..good.clone()
            }),
        ),
        (
            "another record",
            other(TlogProof {
                record: trees.leaves[2].to_vec(),
                ..good.clone()
            }),
        ),
        (
            "another checkpoint",
            other(TlogProof {
                note: trees.signed(4).note().to_string(),
                ..good.clone()
            }),
        ),
        (
            "a size that nobody signed",
            good.to_string().replace("\n5\n", "\n4\n"),
        ),
        ("no record", good.to_string().replace("extra", "index")),
        (
            "a signed leaf of another position",
            lies.receipt(2, 5).to_string(),
        ),
    ];
    let refused = refused.map(|(case, text)| {
        let fault = Receipt::open(text.as_bytes(), &relay()).expect_err(case);
        json!({ "name": case, "text": text, "error": format!("{fault:?}") })
    });
    json!(refused)
}

pub(crate) fn receipt() -> Value {
    let trees = Trees::worked();
    let describe = |position, size| {
        let proof = trees.receipt(position, size);
        let text = proof.to_string();
        let receipt = Receipt::open(text.as_bytes(), &relay()).expect("a good receipt");
        json!({
            "position": position,
            "size": size,
            "record": hex(&proof.record),
            "leaf_hash": TreeHash::leaf(&proof.record).to_string(),
            "hashes": hashes(&proof.hashes),
            "tip": receipt.tip().1.to_string(),
            "text": text,
        })
    };
    json!({
        "relay": describe_relay(),
        "receipts": [describe(2, 5), describe(5, 5), describe(1, 1), describe(3, 4)],
        "refused": refused_receipts(&trees),
    })
}

pub(crate) fn cosigned() -> Value {
    let seeds = [[0x41; 32], [0x42; 32], [0x43; 32]];
    let cosigners: Vec<Cosigner> = seeds
        .iter()
        .zip(1..)
        .map(|(seed, n)| {
            let name = KeyName::new(&format!("cosigner.example/{n}")).expect("a good name");
            Cosigner::new(name, admitted(*seed))
        })
        .collect();
    let quorum = Quorum::new(cosigners.clone(), 2, 0).expect("2 of 3");
    let base = Trees::worked().signed(5).note().clone();
    let line = |n: usize| {
        let time_s = TIME_S + u64::try_from(n).expect("small");
        cosigners[n]
            .cosign(base.text(), time_s, &secret(seeds[n]))
            .expect("its own key")
    };
    let with = |lines: &[NoteLine]| {
        lines.iter().fold(base.clone(), |note, line| {
            note.with(line.clone()).expect("few lines")
        })
    };
    let good = with(&[line(0), line(2)]);
    let forged = NoteLine {
        signature: line(1).signature,
        ..line(0)
    };
    let refused = [
        ("one of three", with(&[line(0)])),
        ("one twice", with(&[line(0), line(0)])),
        (
            "a forged line beside two good ones",
            with(&[forged, line(1), line(2)]),
        ),
    ];
    let refused = refused.map(|(case, note)| {
        let note = note.to_string();
        let fault = CosignedCheckpoint::open(note.as_bytes(), &relay(), &quorum).expect_err(case);
        json!({ "name": case, "note": note, "error": format!("{fault:?}") })
    });
    let describe = |(cosigner, seed): (&Cosigner, &[u8; 32])| {
        json!({
            "seed": hex(seed),
            "key": cosigner.public().to_string(),
            "name": cosigner.name().as_str(),
            "verifier_key": cosigner.to_string(),
        })
    };
    json!({
        "relay": describe_relay(),
        "cosigners": cosigners.iter().zip(&seeds).map(describe).collect::<Vec<_>>(),
        "needed": quorum.needed(),
        "times_s": [TIME_S, TIME_S + 2],
        "signed_text_of_the_first": format!("cosignature/v1\ntime {TIME_S}\n{}", base.text()),
        "note": good.to_string(),
        "refused": refused,
    })
}

pub(crate) fn consistency() -> Value {
    let (trees, parted) = (Trees::worked(), Trees::parted());
    let describe = |(old, new): (usize, usize)| {
        let proof = trees.consistency(old, new);
        let lines = proof
            .hashes
            .iter()
            .map(|hash| Base64::encode_string(&hash.0) + "\n");
        json!({
            "old_size": old,
            "old_root": proof.old_root.to_string(),
            "new_size": new,
            "new_root": trees.sizes[new].root().to_string(),
            "hashes": hashes(&proof.hashes),
            "add_checkpoint": format!("old {old}\n{}\n{}", lines.collect::<String>(), trees.signed(new).note()),
        })
    };
    let fork = |older: SignedCheckpoint, newer: SignedCheckpoint, proof: Option<Consistency>| {
        let merged = merge_checkpoint(Some(&older), &newer, proof.as_ref()).expect("a verdict");
        let verdict = match merged {
            Merged::Fork(fork) => match *fork {
                Fork::SameSize { .. } => "two roots of one size",
                Fork::Inconsistent { .. } => "inconsistent",
            },
            _ => "none",
        };
        json!({
            "older": older.note().to_string(),
            "newer": newer.note().to_string(),
            "old_root": proof.as_ref().map(|proof| proof.old_root.to_string()),
            "hashes": proof.as_ref().map(|proof| hashes(&proof.hashes)),
            "verdict": verdict,
        })
    };
    let sizes = (1..5).flat_map(|old| (old + 1..=5).map(move |new| (old, new)));
    json!({
        "relay": describe_relay(),
        "proofs": sizes.map(describe).collect::<Vec<_>>(),
        "forks": [
            fork(trees.signed(4), parted.signed(4), None),
            fork(trees.signed(3), parted.signed(5), Some(parted.consistency(3, 5))),
            fork(trees.signed(4), parted.signed(5), Some(parted.consistency(4, 5))),
        ],
    })
}
