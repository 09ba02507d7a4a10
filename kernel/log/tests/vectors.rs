//! Published vectors give their stated verdicts under the one verifier (admission and `verify_strict`) and the one
//! decode function. They lie outside the project; without them these tests say that they were skipped.
#![cfg(not(target_arch = "wasm32"))]

use base64ct::{Base64, Encoding};
use curve25519_dalek::montgomery::MontgomeryPoint;
use daybook_log::codec::{Malformed, decode_canonical};
use daybook_log::tree::*;
use daybook_log::{AdmittedKey, KeyFault, PublicKey, SealingPublic, Signature};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

fn vectors() -> PathBuf {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("DAYBOOK_SHARED").map_or_else(beside, PathBuf::from);
    folder.join("vectors")
}

fn load(name: &str, test: &str) -> Option<Value> {
    let path = vectors().join(name);
    present(test, &path, std::fs::read(&path))
        .map(|bytes| serde_json::from_slice(&bytes).expect("vectors are JSON"))
}

/// What was read, or a line that says that it is not there.
fn present<T>(test: &str, path: &Path, read: std::io::Result<T>) -> Option<T> {
    match read {
        Ok(read) => Some(read),
        Err(why) => {
            let line = format!("skipped: {test}: {}: {why}", path.display());
            eprintln!("{line}");
            if let Some(list) = std::env::var_os("DAYBOOK_SKIPS") {
                use std::io::Write;
                let mut file = std::fs::OpenOptions::new()
                    .create(true)
                    .append(true)
                    .open(list)
                    .expect("skip list");
                writeln!(file, "{line}").expect("skip list");
            }
            None
        }
    }
}

fn bytes(hex: &Value) -> Vec<u8> {
    let hex = hex.as_str().expect("a string of hex");
    assert!(hex.len().is_multiple_of(2), "{hex}");
    (0..hex.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex"))
        .collect()
}

/// The one verifier, from bytes.
fn accepts(key: &[u8], text: &[u8], signature: &[u8]) -> bool {
    let (Ok(key), Ok(signature)) = (key.try_into(), signature.try_into()) else {
        return false;
    };
    AdmittedKey::admit(PublicKey(key))
        .is_ok_and(|key| key.verify_text(text, &Signature(signature)).is_ok())
}

/// none of the torsion vectors passes, and a mixed-order key, which `verify_strict` alone takes, is not admitted.
#[test]
fn torsion_vectors_are_refused() {
    let Some(all) = load("ours/ed25519_torsion.json", "torsion_vectors_are_refused") else {
        return;
    };
    let cases = all.as_array().expect("a list");
    assert_eq!(cases.len(), 5);
    for case in cases {
        let (key, text, signature) = (bytes(&case["pk"]), bytes(&case["msg"]), bytes(&case["sig"]));
        assert!(!accepts(&key, &text, &signature), "{}", case["name"]);
        let admitted = AdmittedKey::admit(PublicKey(key.try_into().expect("32 bytes")));
        match case["torsion_free_A"].as_bool() {
            Some(true) => assert_eq!(
                admitted
                    .expect("an ordinary key")
                    .verify_text(&text, &Signature(signature.try_into().expect("64")))
                    .is_ok(),
                case["verify_strict"].as_bool().expect("a verdict"),
                "{}",
                case["name"]
            ),
            _ => assert_eq!(admitted, Err(KeyFault::Torsion), "{}", case["name"]),
        }
    }
}

/// of the postcard vectors exactly the canonical ones are read.
#[test]
fn only_canonical_postcard_is_read() {
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct M {
        a: Vec<u8>,
        b: u32,
    }
    let Some(all) = load(
        "ours/postcard_noncanonical.json",
        "only_canonical_postcard_is_read",
    ) else {
        return;
    };
    let cases = all["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 6);
    for case in cases {
        let read = decode_canonical::<M>(&bytes(&case["hex"]), 64);
        match case["canonical"].as_bool().expect("a verdict") {
            true => assert_eq!(
                read,
                Ok(M {
                    a: vec![1, 2, 3],
                    b: 5
                })
            ),
            false => assert!(
                matches!(
                    read,
                    Err(Malformed::NotCanonical | Malformed::LeftOver | Malformed::Undecodable)
                ),
                "{case}: {read:?}"
            ),
        }
    }
    for case in all["maps"].as_array().expect("a list") {
        assert!(
            decode_canonical::<BTreeMap<u8, u8>>(&bytes(&case["hex"]), 64).is_err(),
            "{case}"
        );
    }
}

/// Wycheproof's Ed25519 cases give the stated verdict, one by one.
#[test]
fn wycheproof_verdicts_hold() {
    let Some(all) = load("wycheproof/ed25519_test.json", "wycheproof_verdicts_hold") else {
        return;
    };
    let mut count = 0;
    for group in all["testGroups"].as_array().expect("a list") {
        let key = bytes(&group["publicKey"]["pk"]);
        for case in group["tests"].as_array().expect("a list") {
            let verdict = accepts(&key, &bytes(&case["msg"]), &bytes(&case["sig"]));
            assert_eq!(verdict, case["result"] == "valid", "case {}", case["tcId"]);
            count += 1;
        }
    }
    assert_eq!(count, 151);
}

/// of the 914 CCTV edge cases exactly one passes, number 305: the one that is flagged with nothing.
#[test]
fn cctv_edge_cases_but_the_plain_one_are_refused() {
    let Some(all) = load(
        "ed25519/cctv.json",
        "cctv_edge_cases_but_the_plain_one_are_refused",
    ) else {
        return;
    };
    let cases = all.as_array().expect("a list");
    assert_eq!(cases.len(), 914);
    let passed: BTreeSet<u64> = cases
        .iter()
        .filter(|case| {
            let text = case["msg"].as_str().expect("a text").as_bytes();
            accepts(&bytes(&case["key"]), text, &bytes(&case["sig"]))
        })
        .map(|case| case["number"].as_u64().expect("a number"))
        .collect();
    assert_eq!(passed, BTreeSet::from([305]));
    let flags = &cases[305]["flags"];
    assert!(
        flags.is_null() || flags.as_array().is_some_and(Vec::is_empty),
        "{flags}"
    );
}

/// BLAKE3 in the modes that are used: 32 bytes and 64 of `derive_key`, in one piece and in two.
#[test]
fn blake3_is_the_published_one() {
    let Some(all) = load("blake3.json", "blake3_is_the_published_one") else {
        return;
    };
    let context = all["context_string"].as_str().expect("a text");
    let cases = all["cases"].as_array().expect("a list");
    assert_eq!(cases.len(), 35);
    for case in cases {
        let len = usize::try_from(case["input_len"].as_u64().expect("a length")).expect("short");
        let input: Vec<u8> = (0..251).cycle().take(len).collect();
        let (first, rest) = input.split_at(len / 3);
        let mut hasher = blake3::Hasher::new_derive_key(context);
        hasher.update(first).update(rest);
        let (stated, mut long) = (bytes(&case["derive_key"]), [0; 131]);
        hasher.finalize_xof().fill(&mut long);
        assert_eq!(long[..], stated, "{len}");
        assert_eq!(hasher.finalize().as_bytes()[..], stated[..32], "{len}");
        assert_eq!(
            blake3::derive_key(context, &input)[..],
            stated[..32],
            "{len}"
        );
    }
}

/// of Wycheproof's X25519 keys no low-order, twisted or non-canonical one is admitted as a sealing key; with the others
/// the curve gives the stated agreement.
#[test]
fn low_order_sealing_keys_are_not_admitted() {
    let test = "low_order_sealing_keys_are_not_admitted";
    let Some(all) = load("wycheproof/x25519_test.json", test) else {
        return;
    };
    let (mut admitted, mut refused) = (0, 0);
    for case in all["testGroups"][0]["tests"].as_array().expect("a list") {
        let array = |key: &str| <[u8; 32]>::try_from(bytes(&case[key])).expect("32 bytes");
        let flags = case["flags"].as_array().expect("flags");
        let is = |name: &str| flags.iter().any(|flag| flag == name);
        let shared = MontgomeryPoint(array("public")).mul_clamped(array("private"));
        assert_eq!(shared.0, array("shared"), "case {}", case["tcId"]);
        let admission = SealingPublic(array("public")).admit();
        if is("LowOrderPublic") || is("ZeroSharedSecret") || is("NonCanonicalPublic") {
            assert!(admission.is_err(), "case {}", case["tcId"]);
        }
        if is("Twist") && !is("NonCanonicalPublic") && !is("LowOrderPublic") {
            assert_eq!(admission, Err(KeyFault::NotAPoint), "case {}", case["tcId"]);
        }
        match admission {
            Ok(()) => admitted += 1,
            Err(_) => refused += 1,
        }
    }
    // one point of the curve in eight is torsion-free
    assert_eq!((admitted, refused), (50, 468));
}

/// of the 12 speccheck cases none passes; the one that `verify_strict` alone takes falls at admission.
#[test]
fn speccheck_cases_are_refused() {
    let Some(all) = load("ed25519/speccheck.json", "speccheck_cases_are_refused") else {
        return;
    };
    let cases = all.as_array().expect("a list");
    assert_eq!(cases.len(), 12);
    for (n, case) in cases.iter().enumerate() {
        let (key, text) = (bytes(&case["pub_key"]), bytes(&case["message"]));
        assert!(
            !accepts(&key, &text, &bytes(&case["signature"])),
            "case {n}"
        );
    }
    let third = AdmittedKey::admit(PublicKey(
        bytes(&cases[3]["pub_key"]).try_into().expect("32 bytes"),
    ));
    assert_eq!(third, Err(KeyFault::Torsion));
}

/// The folder's files of one kind, in the order of their names, each with its JSON.
fn folder(kind: &str) -> Vec<(PathBuf, Value)> {
    let (mut folders, mut files) = (
        vec![vectors().join("merkle/testdata").join(kind)],
        Vec::new(),
    );
    while let Some(folder) = folders.pop() {
        for item in std::fs::read_dir(folder).expect("a folder") {
            let path = item.expect("an item").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                files.push((
                    path,
                    serde_json::from_slice(&bytes).expect("vectors are JSON"),
                ));
            }
        }
    }
    files.sort_by(|(a, _), (b, _)| a.cmp(b));
    files
}

/// A hash of a vector. Some hold other texts in place of hashes, always shorter: filled up with zeros they are what they
/// were, texts that differ from each other and are nobody's hash. No text is no hash, which no verifier can be given.
fn tree_hash(value: &Value) -> Result<TreeHash, ProofFault> {
    let text = value.as_str().expect("base64");
    let mut bytes = Base64::decode_vec(text).expect("base64");
    assert!(bytes.len() <= 32, "{text}");
    if bytes.is_empty() {
        return Err(ProofFault::Length);
    }
    bytes.resize(32, 0);
    Ok(TreeHash(bytes.try_into().expect("32 bytes")))
}

/// The verdict on one file: what was asked, by the names of the folders.
fn merkle_verdict(kind: &str, case: &Value) -> Result<(), ProofFault> {
    let number = |name: &str| case[name].as_u64().expect("a number");
    let hash = |name: &str| tree_hash(&case[name]);
    let subtree = || Subtree::new(number("start"), number("end"));
    let proof: Vec<TreeHash> = match &case["proof"] {
        Value::Null => Vec::new(),
        list => {
            let list = list.as_array().expect("a list").iter();
            list.map(tree_hash).collect::<Result<_, _>>()?
        }
    };
    match kind {
        "inclusion" => {
            let (index, tree) = (LeafIndex(number("leafIdx")), TreeSize(number("treeSize")));
            verify_inclusion(index, &hash("leafHash")?, (tree, &hash("root")?), &proof)
        }
        "subtreeinclusion" => {
            let (index, within) = (LeafIndex(number("leafIdx")), subtree()?);
            verify_subtree_inclusion(index, &hash("leafHash")?, (within, &hash("root")?), &proof)
        }
        "consistency" => {
            let [old, new] = ["size1", "size2"].map(|name| TreeSize(number(name)));
            verify_consistency((old, &hash("root1")?), (new, &hash("root2")?), &proof)
        }
        _ => {
            let tree = (TreeSize(number("size")), &hash("root2")?);
            verify_subtree((subtree()?, &hash("root1")?), tree, &proof)
        }
    }
}

/// all 518 files of proofs, good and bad, get their stated verdict.
#[test]
fn merkle_proofs_have_their_stated_verdicts() {
    const TEST: &str = "merkle_proofs_have_their_stated_verdicts";
    let path = vectors().join("merkle/testdata");
    if present(TEST, &path, std::fs::read_dir(&path)).is_none() {
        return;
    }
    let (mut good, mut bad) = (0, 0);
    for kind in [
        "inclusion",
        "consistency",
        "subtreeinclusion",
        "subtreeconsistency",
    ] {
        for (path, case) in folder(kind) {
            let verdict = merkle_verdict(kind, &case);
            let wrong = case["wantErr"].as_bool().expect("a verdict");
            assert_eq!(verdict.is_err(), wrong, "{}: {verdict:?}", path.display());
            if wrong { bad += 1 } else { good += 1 }
        }
    }
    assert_eq!((good, bad), (36, 482));
}
