//! Claims about evidence that stands alone, over the published vectors; `docs/spec/evidence.md` names them.
#![cfg(not(target_arch = "wasm32"))]

use daybook_log::evidence::*;
use daybook_log::*;
use serde_json::Value;
use std::path::Path;

fn bytes(hex: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&hex[at..at + 2], 16).expect("hex");
    (0..hex.len()).step_by(2).map(digit).collect()
}

/// A case: its name, its bytes, and whether it is proved.
type Published = (String, Vec<u8>, bool);

/// Book, relay key, and each case.
fn published() -> (BookId, AdmittedKey, Vec<Published>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../witnesses/vectors/evidence.json");
    let all: Value = serde_json::from_slice(&std::fs::read(path).expect("vectors")).expect("JSON");
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let key = text(&all["relay_keys"][0]).parse().expect("a key");
    let cases = all["cases"].as_array().expect("a list").iter().map(|case| {
        let proved = case["verdict"].is_string();
        (text(&case["name"]), bytes(&text(&case["bytes"])), proved)
    });
    let book = text(&all["book"]).parse().expect("a book");
    (
        book,
        AdmittedKey::admit(key).expect("good"),
        cases.collect(),
    )
}

fn one(name: &str) -> (BookId, AdmittedKey, Vec<u8>) {
    let (book, key, cases) = published();
    let case = cases.into_iter().find(|case| case.0 == name);
    (book, key, case.expect("a vector").1)
}

/// Each class is proved by a vector and has two near-misses or more; each rule of R4 but the fall of the epoch, whose only
/// place is beside a handover, is proved by one.
#[test]
fn each_class_has_its_vectors() {
    let (book, key, cases) = published();
    let mut rules = Vec::new();
    for class in Class::ALL {
        let of = |proved: bool| {
            let is = move |it: &&Published| it.1[1] == class.number() && it.2 == proved;
            cases.iter().filter(is)
        };
        assert!(of(true).count() >= 1, "{class}");
        assert!(of(false).count() >= 2, "{class}");
        for (name, bytes, _) in of(true) {
            let verdict = verify_evidence(bytes, &book, std::slice::from_ref(&key)).expect(name);
            rules.extend(verdict.rule);
        }
    }
    for rule in Misplaced::ALL {
        assert_eq!(rules.contains(&rule), rule != Misplaced::Epoch, "{rule}");
    }
}

/// EV-1: cut anywhere, or with other reserved bytes, formats and counts, it is not read.
#[test]
fn a_case_has_one_layout() {
    let (_, _, whole) = one("a1-fork");
    let case = Case::decode(&whole).expect("a case");
    assert_eq!(case.encode(), whole);
    assert_eq!((whole[0], whole[1], whole[36]), (1, 1, 3));
    assert_eq!(whole[4..36], case.book.0);
    for len in 0..whole.len() {
        let cut = Case::decode(&whole[..len]);
        assert_eq!(cut, Err(Malformed::TooShort.into()), "cut to {len}");
    }
    let edited = |at: usize, value: u8| {
        let mut changed = whole.clone();
        changed[at] = value;
        Case::decode(&changed).map(|_| ())
    };
    assert_eq!(edited(0, 2), Err(Unsupported::Format(2).into()));
    assert_eq!(edited(2, 1), Err(Unsupported::Reserved(1).into()));
    for class in [0, 11, 255] {
        assert_eq!(edited(1, class), Err(Unsupported::Evidence(class).into()));
    }
    assert_eq!(edited(36, 37), Err(Malformed::ListLength.into()));
    assert_eq!(edited(36, 2), Err(Malformed::LeftOver.into()));
    let long = vec![1; 4 * 1024 * 1024 + 1];
    let too_long = Malformed::TooLong {
        max: 4 * 1024 * 1024,
        got: 4 * 1024 * 1024 + 1,
    };
    assert_eq!(Case::decode(&long), Err(too_long.into()));
}

/// EV-3: evidence about one book is none about another, even if only its first line says so.
#[test]
fn a_case_is_about_one_book() {
    for name in ["a1-fork", "r1-two-roots", "d1-two-states"] {
        let (book, key, whole) = one(name);
        let keys = [key];
        let other = BookId([3; 32]);
        assert_eq!(
            verify_evidence(&whole, &other, &keys),
            Err(NoProof::OtherBook)
        );
        let mut moved = Case::decode(&whole).expect("a case");
        moved.book = other;
        let verdict = verify_evidence(&moved.encode(), &other, &keys);
        assert!(verdict.is_err(), "{name}: {verdict:?}");
        assert!(verify_evidence(&whole, &book, &keys).is_ok());
    }
}

/// EV-6: a relay's signature counts under the keys that the reader gives, and under no others.
#[test]
fn relay_keys_are_the_readers() {
    let stranger = AdmittedKey::admit(SecretKey::from_seed([0x99; 32]).public()).expect("good");
    let unsigned = CheckpointFault::Note(NoteFault::Unsigned);
    for (name, expected) in [
        ("r1-two-roots", NoProof::Checkpoint(unsigned)),
        ("r3-two-records", NoProof::Receipt(unsigned.into())),
        ("r5-after-handover", NoProof::Receipt(unsigned.into())),
    ] {
        let (book, key, whole) = one(name);
        for keys in [&[][..], std::slice::from_ref(&stranger)] {
            assert_eq!(
                verify_evidence(&whole, &book, keys),
                Err(expected),
                "{name}"
            );
        }
        assert!(verify_evidence(&whole, &book, &[stranger.clone(), key.clone()]).is_ok());
        let many = vec![key; 65];
        let list = NoProof::Unreadable(Malformed::ListLength.into());
        assert_eq!(verify_evidence(&whole, &book, &many), Err(list));
    }
}

/// EV-13: the genesis is the book's, and the changes are in order.
#[test]
fn roots_are_shown_from_the_genesis() {
    let (book, key, whole) = one("r5-under-new-root-keys");
    let keys = [key];
    let case = Case::decode(&whole).expect("a case");
    let with = |change: &dyn Fn(&mut Case)| {
        let mut changed = case.clone();
        change(&mut changed);
        verify_evidence(&changed.encode(), &book, &keys)
    };
    let other = with(&|case| case.parts[0][1] ^= 1);
    assert_eq!(
        other,
        Err(NoProof::RootTrail),
        "another nonce, another book"
    );
    let skipped = with(&|case| case.parts[4][0] = 2);
    assert_eq!(skipped, Err(NoProof::RootTrail), "another number");
    let by_old = with(&|case| case.parts[4][50] ^= 1);
    assert_eq!(by_old, Err(NoProof::RootTrail), "not approved by the old");
    let forged = with(&|case| *case.parts[4].last_mut().expect("bytes") ^= 1);
    assert_eq!(forged, Err(NoProof::RootTrail), "not approved by the new");
}

/// EV-19: a changed bit gives no proof, or one against the same.
#[test]
fn no_changed_bit_accuses_another() {
    let (book, key, cases) = published();
    let keys = [key];
    let mut tried = 0;
    for (name, whole, _) in cases.iter().filter(|case| case.2) {
        let accused = verify_evidence(whole, &book, &keys).expect(name).accused;
        for at in (0..whole.len()).step_by(3) {
            let mut changed = whole.clone();
            changed[at] ^= 1 << (at % 8);
            tried += 1;
            if let Ok(verdict) = verify_evidence(&changed, &book, &keys) {
                assert_eq!(verdict.accused, accused, "{name}, byte {at}");
            }
        }
    }
    assert!(tried > 8_000, "{tried}");
}
