//! Published vectors give their stated verdicts under the one verifier (admission and `verify_strict`) and the one
//! decode function. They lie outside the project; without them these tests say that they were skipped.
#![cfg(not(target_arch = "wasm32"))]

use curve25519_dalek::montgomery::MontgomeryPoint;
use daybook_log::codec::{Malformed, decode_canonical};
use daybook_log::{AdmittedKey, KeyFault, PublicKey, SealingPublic, Signature};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

fn load(name: &str, test: &str) -> Option<Value> {
    let beside = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let folder = std::env::var_os("DAYBOOK_SHARED").map_or_else(beside, PathBuf::from);
    let path = folder.join("vectors").join(name);
    match std::fs::read(&path) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).expect("vectors are JSON")),
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
