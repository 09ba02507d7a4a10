//! A second reader of the published examples: written from RFC 9162's algorithms and the C2SP pages with plain SHA-256,
//! Ed25519 and base64, and none of the crate's own modules. What it takes, a stranger's tools take.
#![cfg(not(target_arch = "wasm32"))]

use base64ct::{Base64, Encoding};
use ed25519_dalek::{Signature, Verifier, VerifyingKey};
use serde_json::Value;
use sha2::{Digest, Sha256};
use std::path::PathBuf;

type Hash = [u8; 32];

fn load(name: &str) -> Value {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../witnesses/vectors");
    let bytes = std::fs::read(path.join(name)).expect("a published file");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn hex(value: &Value) -> Vec<u8> {
    let digits = text(value);
    (0..digits.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hex"))
        .collect()
}

fn hash(value: &Value) -> Hash {
    hex(value).try_into().expect("32 bytes")
}

fn sha256(parts: &[&[u8]]) -> Hash {
    Sha256::digest(parts.concat()).into()
}

fn node(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

fn base64(line: &str) -> Vec<u8> {
    Base64::decode_vec(line).expect("base64")
}

fn base64_hash(line: &str) -> Hash {
    base64(line).try_into().expect("32 bytes")
}

/// RFC 9162 §2.1.3.2
fn included(leaf: Hash, index: u64, size: u64, root: Hash, path: &[Hash]) -> bool {
    if index >= size {
        return false;
    }
    let (mut at, mut last, mut hash) = (index, size - 1, leaf);
    for beside in path {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            hash = node(beside, &hash);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            hash = node(&hash, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && hash == root
}

/// RFC 9162 §2.1.4.2, for sizes that differ.
fn consistent((old, old_root): (u64, Hash), (new, new_root): (u64, Hash), path: &[Hash]) -> bool {
    let mut path = path.to_vec();
    if old.is_power_of_two() {
        path.insert(0, old_root);
    }
    let (mut at, mut last) = (old - 1, new - 1);
    while at & 1 == 1 {
        at >>= 1;
        last >>= 1;
    }
    let Some((first, rest)) = path.split_first() else {
        return false;
    };
    let (mut of_old, mut of_new) = (*first, *first);
    for beside in rest {
        if last == 0 {
            return false;
        }
        if at & 1 == 1 || at == last {
            of_old = node(beside, &of_old);
            of_new = node(beside, &of_new);
            while at & 1 == 0 && at != 0 {
                at >>= 1;
                last >>= 1;
            }
        } else {
            of_new = node(&of_new, beside);
        }
        at >>= 1;
        last >>= 1;
    }
    last == 0 && of_old == old_root && of_new == new_root
}

/// Name, id and key of a verifier key of a type.
fn verifier(vkey: &str, signature_type: u8) -> (String, Vec<u8>, VerifyingKey) {
    let parts: Vec<&str> = vkey.splitn(3, '+').collect();
    let bytes = base64(parts[2]);
    assert_eq!((bytes[0], bytes.len()), (signature_type, 33));
    let id = sha256(&[parts[0].as_bytes(), b"\n", &bytes])[..4].to_vec();
    let written: String = id.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(written, parts[1]);
    let key = VerifyingKey::from_bytes(bytes[1..].try_into().expect("32 bytes"));
    (parts[0].to_owned(), id, key.expect("a key"))
}

/// The text of a note, and what the lines of a verifier key hold behind its id.
fn signatures(note: &str, vkey: &str, signature_type: u8) -> (String, VerifyingKey, Vec<Vec<u8>>) {
    let (name, id, key) = verifier(vkey, signature_type);
    let (body, lines) = note.rsplit_once("\n\n").expect("an empty line");
    let lines = lines
        .strip_suffix('\n')
        .expect("a last line break")
        .split('\n');
    let found = lines.filter_map(|line| {
        let blob = base64(line.strip_prefix(&format!("— {name} "))?);
        blob.strip_prefix(id.as_slice()).map(<[u8]>::to_vec)
    });
    (format!("{body}\n"), key, found.collect())
}

/// One line of the key that verifies, and no other of it.
fn is_signed(note: &str, vkey: &str) -> bool {
    let (body, key, found) = signatures(note, vkey, 1);
    let [signature] = found.as_slice() else {
        return false;
    };
    let signature = Signature::from_slice(signature).expect("64 bytes");
    key.verify(body.as_bytes(), &signature).is_ok()
}

/// Size and root of a checkpoint.
fn head(note: &str) -> (u64, Hash) {
    let lines: Vec<&str> = note.split('\n').collect();
    (lines[1].parse().expect("a size"), base64_hash(lines[2]))
}

/// A tlog-proof of this relay.
fn holds(proof: &str, relay: &Value) -> bool {
    let (above, note) = proof.split_once("\n\n").expect("an empty line");
    let mut lines = above.split('\n');
    assert_eq!(lines.next(), Some("c2sp.org/tlog-proof@v1"));
    let record = lines.next().and_then(|line| line.strip_prefix("extra "));
    let index = lines.next().and_then(|line| line.strip_prefix("index "));
    let (Some(record), Some(Ok(index))) = (record, index.map(str::parse)) else {
        return false;
    };
    let leaf = sha256(&[&[0], &base64(record)]);
    let path: Vec<Hash> = lines.map(base64_hash).collect();
    let (size, root) = head(note);
    note.starts_with(&format!("{}\n", text(&relay["origin"])))
        && is_signed(note, text(&relay["verifier_key"]))
        && included(leaf, index, size, root, &path)
}

/// the receipts hold, and of the refused ones only the one whose leaf lies about its position.
#[test]
fn a_stranger_checks_the_receipts() {
    let file = load("receipt.json");
    for case in list(&file["receipts"]) {
        assert!(holds(text(&case["text"]), &file["relay"]), "{case}");
        let record = hex(&case["record"]);
        let position = u64::from_le_bytes(record[8..16].try_into().expect("8 bytes"));
        assert_eq!(case["position"].as_u64(), Some(position));
        let tip = blake3::derive_key("daybook 2026 v1 order", &record);
        assert_eq!(hash(&case["tip"]), tip);
    }
    let held: Vec<&str> = list(&file["refused"])
        .iter()
        .filter(|case| holds(text(&case["text"]), &file["relay"]))
        .map(|case| text(&case["name"]))
        .collect();
    assert_eq!(held, ["a signed leaf of another position"]);
}

/// notes and checkpoints verify; what a signature cannot hold is refused.
#[test]
fn a_stranger_checks_the_notes() {
    let file = load("note.json");
    let vkey = text(&file["verifier_key"]);
    assert!(is_signed(text(&file["note"]), vkey));
    assert!(is_signed(text(&file["note_with_a_strangers_line"]), vkey));
    for name in [
        "a forged line",
        "two lines of the key",
        "only a stranger's line",
    ] {
        let mut cases = list(&file["refused"]).iter();
        let case = cases.find(|case| case["name"] == name).expect("a case");
        assert!(!is_signed(text(&case["note"]), vkey), "{name}");
    }
    let file = load("checkpoint.json");
    let leaves: Vec<Hash> = list(&file["records"])
        .iter()
        .map(|record| sha256(&[&[0], &hex(record)]))
        .collect();
    for (size, case) in list(&file["checkpoints"]).iter().enumerate() {
        let note = text(&case["note"]);
        assert!(is_signed(note, text(&file["relay"]["verifier_key"])));
        assert_eq!(
            head(note),
            (u64::try_from(size).expect("small"), hash(&case["root"]))
        );
        // the root by levels: pairs are joined, an odd one goes up as it is
        let mut level = leaves[..size].to_vec();
        while level.len() > 1 {
            let pairs = level.chunks(2);
            level = pairs
                .map(|pair| pair.get(1).map_or(pair[0], |right| node(&pair[0], right)))
                .collect();
        }
        assert_eq!(
            hash(&case["root"]),
            level.first().copied().unwrap_or_else(|| sha256(&[]))
        );
    }
}

/// two cosigners of three signed, each once, over the time that the line bears.
#[test]
fn a_stranger_checks_the_cosignatures() {
    let file = load("cosigned.json");
    let counted = |note: &str| {
        let mut times = Vec::new();
        for cosigner in list(&file["cosigners"]) {
            let (body, key, found) = signatures(note, text(&cosigner["verifier_key"]), 4);
            assert!(found.len() < 2, "signed twice");
            for blob in found {
                let (time, signature) = blob.split_at(8);
                let time = u64::from_be_bytes(time.try_into().expect("8 bytes"));
                let signed = format!("cosignature/v1\ntime {time}\n{body}");
                let signature = Signature::from_slice(signature).expect("64 bytes");
                times.extend(
                    key.verify(signed.as_bytes(), &signature)
                        .is_ok()
                        .then_some(time),
                );
            }
        }
        times
    };
    let note = text(&file["note"]);
    assert!(is_signed(note, text(&file["relay"]["verifier_key"])));
    let times: Vec<u64> = list(&file["times_s"])
        .iter()
        .filter_map(Value::as_u64)
        .collect();
    assert_eq!(counted(note), times);
    let short = list(&file["refused"])
        .iter()
        .find(|case| case["name"] == "one of three");
    assert_eq!(counted(text(&short.expect("a case")["note"])).len(), 1);
}

/// every proof leads from the one root to the other; the forks are what they say.
#[test]
fn a_stranger_checks_the_consistency_proofs() {
    let file = load("consistency.json");
    let vkey = text(&file["relay"]["verifier_key"]);
    let path = |case: &Value| {
        list(&case["hashes"])
            .iter()
            .map(hash)
            .collect::<Vec<Hash>>()
    };
    for case in list(&file["proofs"]) {
        let size = |name: &str| case[name].as_u64().expect("a size");
        let (old, new) = (
            (size("old_size"), hash(&case["old_root"])),
            (size("new_size"), hash(&case["new_root"])),
        );
        assert!(consistent(old, new, &path(case)), "{case}");
        let (above, note) = text(&case["add_checkpoint"])
            .split_once("\n\n")
            .expect("an empty line");
        let mut lines = above.split('\n');
        assert_eq!(lines.next(), Some(format!("old {}", old.0).as_str()));
        assert_eq!(lines.map(base64_hash).collect::<Vec<_>>(), path(case));
        assert!(is_signed(note, vkey) && head(note) == new);
    }
    assert_eq!(list(&file["forks"]).len(), 3);
    for fork in list(&file["forks"]) {
        assert!(is_signed(text(&fork["older"]), vkey) && is_signed(text(&fork["newer"]), vkey));
        let [older, newer] = ["older", "newer"].map(|side| head(text(&fork[side])));
        if fork["verdict"] == "two roots of one size" {
            assert!(older.0 == newer.0 && older.1 != newer.1);
        } else {
            let shown = hash(&fork["old_root"]);
            assert!(consistent((older.0, shown), newer, &path(fork)) && shown != older.1);
        }
    }
}
