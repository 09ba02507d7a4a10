//! The real program, over the published files of evidence: what it prints and how it ends.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn vectors() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../vectors")
}

fn published() -> Value {
    let bytes = std::fs::read(vectors().join("evidence.json")).expect("the vectors");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn judge(file: &Path, rest: &[&str]) -> (i32, String) {
    let program = env!("CARGO_BIN_EXE_daybook-judge");
    let ended = Command::new(program).arg(file).args(rest).output();
    let Output { status, stdout, .. } = ended.expect("the program runs");
    let text = String::from_utf8(stdout).expect("a text");
    (status.code().expect("it ends by itself"), text)
}

fn text<'a>(value: &'a Value, field: &str) -> &'a str {
    value[field].as_str().expect("a text")
}

/// Every file gives its verdict: 0 and the verdict's words, 1 and a reason, or 2.
#[test]
fn every_vector_gives_its_verdict() {
    let all = published();
    let key = all["relay_keys"][0].as_str().expect("a key");
    let with = ["--book", text(&all, "book"), "--relay-key", key];
    let mut seen = [0; 3];
    for case in all["cases"].as_array().expect("a list") {
        let (code, said) = judge(&vectors().join(text(case, "file")), &with);
        let (expected, words) = match (&case["verdict"], &case["no_proof"]) {
            (Value::String(verdict), _) => (0, verdict.as_str()),
            (_, Value::String(_)) => (1, "no proof: "),
            _ => (2, "unreadable: "),
        };
        assert_eq!(code, expected, "{}: {said}", case["name"]);
        assert!(said.contains(words), "{}: {said}", case["name"]);
        seen[usize::try_from(code).expect("0 to 2")] += 1;
    }
    assert!(seen[0] >= 20 && seen[1] >= 30 && seen[2] >= 2, "{seen:?}");
}

/// What proves a relay's lie proves nothing without the relay's key, under another key, or for another book.
#[test]
fn keys_and_books_are_the_readers() {
    let all = published();
    let file = vectors().join("evidence/r1-two-roots.evidence");
    let key = all["relay_keys"][0].as_str().expect("a key");
    assert_eq!(judge(&file, &["--relay-key", key]).0, 0);
    let (code, said) = judge(&file, &[]);
    assert_eq!(code, 1);
    assert!(said.contains("no relay key was given"), "{said}");
    let stranger = "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737";
    assert_eq!(judge(&file, &["--relay-key", stranger]).0, 1);
    let other = "0b".repeat(32);
    let (code, said) = judge(&file, &["--relay-key", key, "--book", &other]);
    assert_eq!(code, 1);
    assert!(said.contains("of another book"), "{said}");
    // Who accuses an author needs nobody's key.
    let fork = vectors().join("evidence/a1-fork.evidence");
    assert_eq!(judge(&fork, &[]).0, 0);
}

/// What is no command line, no file or no evidence ends with 2.
#[test]
fn what_is_unreadable_says_so() {
    let fork = vectors().join("evidence/a1-fork.evidence");
    assert_eq!(judge(&vectors().join("no-such-file"), &[]).0, 2);
    assert_eq!(judge(&vectors().join("evidence.json"), &[]).0, 2);
    for rest in [
        ["--book", "00"].as_slice(),
        &["--book"],
        &["--relay-key", &"00".repeat(32)],
        &["--verbose"],
        &["another"],
    ] {
        let (code, said) = judge(&fork, rest);
        assert_eq!(code, 2, "{rest:?}: {said}");
        assert!(said.starts_with("unreadable: "), "{said}");
    }
    let folder = tempfile::tempdir().expect("a folder");
    let whole = std::fs::read(&fork).expect("a vector");
    for len in [0, 1, 37, 38, whole.len() - 1] {
        let path = folder.path().join("cut");
        std::fs::write(&path, &whole[..len]).expect("writable");
        assert_eq!(judge(&path, &[]).0, 2, "cut to {len}");
    }
}
