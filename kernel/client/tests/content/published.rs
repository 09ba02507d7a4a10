//! Published vectors give their stated verdicts under the very crates that bodies and wraps use. They lie outside the
//! project; without them these tests say that they were skipped.

use chacha20poly1305::aead::{Aead, KeyInit, Nonce, Payload};
use chacha20poly1305::{ChaCha20Poly1305, XChaCha20Poly1305};
use hkdf::Hkdf;
use serde_json::Value;
use sha2::Sha256;
use std::path::PathBuf;
use x25519_dalek::{PublicKey, StaticSecret};

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
                let mut options = std::fs::OpenOptions::new();
                let file = options.create(true).append(true).open(list);
                writeln!(file.expect("skip list"), "{line}").expect("skip list");
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

/// Every case of every group, and how many there are.
fn cases(all: &Value) -> Vec<&Value> {
    let groups = all["testGroups"].as_array().expect("a list");
    let cases: Vec<&Value> = groups
        .iter()
        .flat_map(|group| group["tests"].as_array().expect("a list"))
        .collect();
    assert_eq!(
        u64::try_from(cases.len()).expect("few"),
        all["numberOfTests"].as_u64().expect("a number")
    );
    cases
}

/// Sealing gives the stated ciphertext, opening the stated text; what is stated as invalid does neither.
fn aead<C: Aead + KeyInit>(case: &Value) {
    let name = format!("case {}", case["tcId"]);
    let (aad, msg) = (bytes(&case["aad"]), bytes(&case["msg"]));
    let ciphertext = [bytes(&case["ct"]), bytes(&case["tag"])].concat();
    let is_valid = case["result"] == "valid";
    let cipher = C::new_from_slice(&bytes(&case["key"])).expect("32 bytes");
    let Ok(nonce) = Nonce::<C>::try_from(bytes(&case["iv"]).as_slice()) else {
        return assert!(!is_valid, "{name}");
    };
    let payload = |msg| Payload { msg, aad: &aad };
    let opened = cipher.decrypt(&nonce, payload(&ciphertext));
    assert_eq!(opened.ok(), is_valid.then(|| msg.clone()), "{name}");
    let sealed = cipher.encrypt(&nonce, payload(&msg)).expect("short");
    assert_eq!(sealed == ciphertext, is_valid, "{name}");
}

/// Bodies.
#[test]
fn wycheproof_xchacha20_poly1305_verdicts_hold() {
    let test = "wycheproof_xchacha20_poly1305_verdicts_hold";
    if let Some(all) = load("wycheproof/xchacha20_poly1305_test.json", test) {
        assert_eq!(cases(&all).len(), 315);
        cases(&all).into_iter().for_each(aead::<XChaCha20Poly1305>);
    }
}

/// Wraps.
#[test]
fn wycheproof_chacha20_poly1305_verdicts_hold() {
    let test = "wycheproof_chacha20_poly1305_verdicts_hold";
    if let Some(all) = load("wycheproof/chacha20_poly1305_test.json", test) {
        assert_eq!(cases(&all).len(), 325);
        cases(&all).into_iter().for_each(aead::<ChaCha20Poly1305>);
    }
}

/// Wraps' key schedule.
#[test]
fn wycheproof_hkdf_sha256_verdicts_hold() {
    let test = "wycheproof_hkdf_sha256_verdicts_hold";
    let Some(all) = load("wycheproof/hkdf_sha256_test.json", test) else {
        return;
    };
    assert_eq!(cases(&all).len(), 86);
    for case in cases(&all) {
        let size = usize::try_from(case["size"].as_u64().expect("a size")).expect("short");
        let mut okm = vec![0; size];
        let hkdf = Hkdf::<Sha256>::new(Some(&bytes(&case["salt"])), &bytes(&case["ikm"]));
        let expanded = hkdf.expand(&bytes(&case["info"]), &mut okm);
        let is_right = expanded.is_ok() && okm == bytes(&case["okm"]);
        assert_eq!(is_right, case["result"] == "valid", "case {}", case["tcId"]);
    }
}

/// Wraps' agreement. Zeros come out of the low-order points and of nothing else: those are what wraps refuse.
#[test]
fn wycheproof_x25519_agreements_hold() {
    let test = "wycheproof_x25519_agreements_hold";
    let Some(all) = load("wycheproof/x25519_test.json", test) else {
        return;
    };
    assert_eq!(cases(&all).len(), 518);
    for case in cases(&all) {
        let name = format!("case {}", case["tcId"]);
        let array = |key: &str| <[u8; 32]>::try_from(bytes(&case[key])).expect("32 bytes");
        let secret = StaticSecret::from(array("private"));
        let shared = secret.diffie_hellman(&PublicKey::from(array("public")));
        assert_eq!(*shared.as_bytes(), array("shared"), "{name}");
        let flags = case["flags"].as_array().expect("flags");
        let is_zero = flags.iter().any(|flag| flag == "ZeroSharedSecret");
        assert_eq!(*shared.as_bytes() == [0; 32], is_zero, "{name}");
    }
}

/// The file says what `one_ciphertext_does_not_open_under_two_keys` uses, and the cipher alone opens it twice.
#[test]
fn the_two_key_ciphertext_is_the_published_one() {
    let test = "the_two_key_ciphertext_is_the_published_one";
    let Some(all) = load("ours/xchacha_two_keys.json", test) else {
        return;
    };
    let used = include_str!("../../src/content/tests/bodies.rs");
    let sealed = [&all["ct"], &all["tag"]].map(|part| part.as_str().expect("hex"));
    assert!(used.contains(&sealed.concat()));
    for name in ["key1", "key2", "nonce", "aad", "pt1", "pt2"] {
        assert!(used.contains(all[name].as_str().expect("hex")), "{name}");
    }
    let ciphertext = [bytes(&all["ct"]), bytes(&all["tag"])].concat();
    for (key, text) in [("key1", "pt1"), ("key2", "pt2")] {
        let cipher = XChaCha20Poly1305::new_from_slice(&bytes(&all[key])).expect("32 bytes");
        let nonce = bytes(&all["nonce"])
            .as_slice()
            .try_into()
            .expect("24 bytes");
        let payload = Payload {
            msg: &ciphertext,
            aad: &bytes(&all["aad"]),
        };
        assert_eq!(cipher.decrypt(&nonce, payload), Ok(bytes(&all[text])));
    }
}
