//! Mutated notes, checkpoints, receipts and stored trees: a typed error, or a value that says the same bytes again; and
//! what is verified is what was signed.

use super::mutate::{Chance, count};
use super::trail::*;
use crate::cosign::*;
use crate::note::*;
use crate::receipt::*;
use crate::tree::Frontier;
use crate::*;
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::Display;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

struct Good {
    receipt: String,
    cosigned: String,
    quorum: Quorum,
    checkpoint: String,
    frontier: Vec<u8>,
    keys: [String; 2],
}

fn good() -> Good {
    let trail = Trail::new(9, 99);
    let secrets = [1, 2, 3].map(|seed| SecretKey::from_seed([seed; 32]));
    let named = |secret: &SecretKey, n: usize| {
        Cosigner::new(KeyName::new(&format!("c{n}")).unwrap(), admitted(secret))
    };
    let cosigners: Vec<Cosigner> = secrets.iter().zip(0..).map(|(s, n)| named(s, n)).collect();
    let note = trail.signed(9).note().clone();
    let cosigned = cosigners
        .iter()
        .zip(&secrets)
        .fold(note, |note, (one, secret)| {
            let line = one.cosign(note.text(), 1_800_000_000, secret).unwrap();
            note.with(line).unwrap()
        });
    let mut frontier = Frontier::new();
    for leaf in &trail.leaves[..7] {
        frontier.append(TreeHash::leaf(leaf));
    }
    Good {
        receipt: trail.proof(3, 9).to_string(),
        checkpoint: trail.checkpoint(9).text(),
        cosigned: cosigned.to_string(),
        keys: [relay().note_key().to_string(), cosigners[0].to_string()],
        quorum: Quorum::new(cosigners, 2, 0).unwrap(),
        frontier: frontier.encode(),
    }
}

/// Whether it was read; what is read must say the same bytes again.
fn canonical<T: Display, E>(read: Result<T, E>, bytes: &[u8]) -> bool {
    match read {
        Ok(value) => {
            assert_eq!(value.to_string().as_bytes(), bytes);
            true
        }
        Err(_) => false,
    }
}

/// Reads mutated bytes as one of six forms.
fn read(good: &Good, form: usize, chance: &mut Chance) -> bool {
    let seeds = [
        good.cosigned.as_bytes(),
        good.receipt.as_bytes(),
        good.frontier.as_slice(),
        good.checkpoint.as_bytes(),
        good.keys[0].as_bytes(),
        good.keys[1].as_bytes(),
    ];
    let bytes = chance.mutate(seeds[form]);
    let text = String::from_utf8_lossy(&bytes);
    match form {
        0 => canonical(Note::parse(&bytes), &bytes),
        1 => canonical(TlogProof::parse(&bytes), &bytes),
        2 => Frontier::decode(&bytes).is_ok_and(|tree| {
            assert_eq!(tree.encode(), bytes);
            true
        }),
        3 => Checkpoint::parse(&text).is_ok_and(|read| {
            assert_eq!(read.text(), text);
            true
        }),
        4 => canonical(text.parse::<NoteKey>(), text.as_bytes()),
        _ => canonical(text.parse::<Cosigner>(), text.as_bytes()),
    }
}

/// MX-1: whatever bytes come in, a typed error or a value whose one form they are.
#[test]
fn mutated_texts_are_refused_or_canonical() {
    let (good, mut chance) = (good(), Chance(0x6461_7962_6f6f_6b35));
    let mut accepted = [0_usize; 6];
    for n in 0..count() {
        accepted[n % 6] += usize::from(read(&good, n % 6, &mut chance));
    }
    assert!(
        accepted[..4].iter().all(|read| *read > count() / 1000),
        "{accepted:?}"
    );
}

/// MX-2: what a mutated text lets through is what was signed, and nothing else.
#[test]
fn mutated_proofs_prove_nothing_else() {
    let (good, mut chance) = (good(), Chance(0x6461_7962_6f6f_6b36));
    let receipt = Receipt::open(good.receipt.as_bytes(), &relay()).unwrap();
    let whole = CosignedCheckpoint::open(good.cosigned.as_bytes(), &relay(), &good.quorum).unwrap();
    let (mut passed, mut refused) = (0_usize, 0_usize);
    for n in 0..count() / 8 {
        let is_same = if n % 2 == 0 {
            let bytes = chance.mutate(good.receipt.as_bytes());
            Receipt::open(&bytes, &relay())
                .map(|read| read == receipt)
                .ok()
        } else {
            let bytes = chance.mutate(good.cosigned.as_bytes());
            let read = CosignedCheckpoint::open(&bytes, &relay(), &good.quorum);
            read.map(|read| {
                let known = |one| whole.cosignatures().contains(one);
                read.signed() == whole.signed() && read.cosignatures().iter().all(known)
            })
            .ok()
        };
        match is_same {
            Some(is_same) => {
                assert!(is_same, "mutation {n}");
                passed += 1;
            }
            None => refused += 1,
        }
    }
    // a line with another name or id is a stranger's, and two cosigners of three are enough
    assert!(
        passed > count() / 10_000 && refused > count() / 16,
        "{passed} passed, {refused} refused"
    );
}

/// MX-3: every way to cut a receipt or a note short is refused.
#[test]
fn truncated_texts_are_refused() {
    let good = good();
    for len in 0..good.receipt.len() {
        assert!(
            Receipt::open(&good.receipt.as_bytes()[..len], &relay()).is_err(),
            "{len}"
        );
    }
    let one = Trail::new(9, 99).signed(9).bytes();
    for len in 0..one.len() {
        assert!(Note::parse(&one[..len]).is_err(), "{len}");
    }
}

/// MX-1: every machine gives every mutated text the same verdict: the hash of 6,000 verdicts is one constant.
#[test]
fn verdicts_on_texts_are_the_same_on_every_machine() {
    let (good, mut chance) = (good(), Chance(0x6461_7962_6f6f_6b37));
    let mut verdicts = blake3::Hasher::new();
    for n in 0..6_000 {
        let verdict = match n % 3 {
            0 => format!(
                "{:?}",
                Note::parse(&chance.mutate(good.cosigned.as_bytes()))
            ),
            1 => format!(
                "{:?}",
                TlogProof::parse(&chance.mutate(good.receipt.as_bytes()))
            ),
            _ => format!("{:?}", Frontier::decode(&chance.mutate(&good.frontier))),
        };
        verdicts.update(verdict.as_bytes());
        if n % 60 == 0 {
            let bytes = chance.mutate(good.receipt.as_bytes());
            verdicts.update(format!("{:?}", Receipt::open(&bytes, &relay())).as_bytes());
        }
    }
    assert_eq!(
        verdicts.finalize().to_hex().as_str(),
        "adf04fd541d9b73de1b37f2ac29c8e37f5714f76bb97a8d5920392a4e3985030"
    );
}

/// What is mutated is good to begin with.
#[test]
fn each_form_is_good_to_begin_with() {
    let good = good();
    assert!(good.keys[0].parse::<NoteKey>().is_ok() && good.keys[1].parse::<Cosigner>().is_ok());
    let size = Frontier::decode(&good.frontier).map(|tree| tree.size());
    assert_eq!(size, Ok(TreeSize(7)));
    assert!(Checkpoint::parse(&good.checkpoint).is_ok());
}
