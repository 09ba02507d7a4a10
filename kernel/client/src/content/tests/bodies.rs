//! Bodies: sealed, opened, moved, harmed.

use super::super::key::BodyKey;
use super::*;
use alloc::format;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use daybook_log::content::pad;
use daybook_log::hash::{Thing, derive};
use daybook_log::{Header, Malformed, Readmit, SealedBody};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// The body of an entry with another header or other bytes, hashed as its author would have hashed it.
fn remade(header: &Header, body: &[u8]) -> Entry {
    let mut header = *header;
    header.body_len = u32::try_from(body.len()).unwrap();
    header.body_hash.0 = derive(Thing::BodySealed, &[body]);
    let bytes = [header.encode().as_slice(), &[0; 64], body].concat();
    Entry::decode(&bytes).unwrap()
}

fn body_of(entry: &Entry) -> &[u8] {
    &entry.bytes()[296..]
}

/// What was sealed opens to the same ops, in the bucket of its length, and shows nothing before.
#[test]
fn what_is_sealed_opens_to_the_same_ops() {
    let ring = ring(key(1));
    for (bytes, len) in [(0, 136), (11, 136), (12, 328), (5000, 16_456)] {
        let entry = sealed(&key(1), bytes);
        assert_eq!(body_of(&entry).len(), len);
        assert!(matches!(entry.body(), Body::Sealed(_)));
        let opened = ring.open_own(entry.clone()).unwrap();
        assert_eq!(*opened.body(), Body::Ops(ops(bytes)));
        assert_eq!((opened.id(), opened.bytes()), (entry.id(), entry.bytes()));
        let stored = ring.open(entry.trust_stored()).unwrap();
        assert_eq!(*stored.body(), Body::Ops(ops(bytes)));
    }
    let largest = 65_460 - 42 - 7;
    let entry = sealed(&key(1), largest);
    assert_eq!(body_of(&entry).len(), 65_536);
    let opened = ring.open_own(entry).unwrap();
    assert_eq!(*opened.body(), Body::Ops(ops(largest)));
    let too_long = Malformed::TooLong {
        max: 65_460,
        got: 65_461,
    };
    let refused = key(1).seal(&draft(), EPOCH, &ops(largest + 1), NONCE);
    assert_eq!(refused, Err(too_long.into()));
    let clear = key(1).seal(&draft(), ContentEpoch::ZERO, &ops(0), NONCE);
    assert_eq!(clear, Err(Malformed::ContentEpoch.into()));
    let clear = finish(draft().ops(&ops(0)).unwrap());
    assert_eq!(ring.open_own(clear.clone()), Ok(clear));
}

/// Without the key of its epoch an entry stops the reader; with another key of it, too, for that key is not taken.
#[test]
fn a_missing_or_other_key_halts() {
    let entry = sealed(&key(1), 5);
    let mut ring = ContentKeys::default();
    assert_eq!(
        ring.open_own(entry.clone()),
        Err(KeyMissing { epoch: EPOCH })
    );
    let declared = key(1).commitment();
    assert_eq!(
        ring.insert(EPOCH, key(2), &declared),
        Err(RingFault::NotDeclared)
    );
    assert_eq!(
        ring.insert(ContentEpoch::ZERO, key(1), &declared),
        Err(RingFault::EpochZero)
    );
    ring.insert(ContentEpoch(4), key(1), &declared).unwrap();
    assert_eq!(
        ring.open(entry.clone().trust_stored()),
        Err(KeyMissing { epoch: EPOCH })
    );
    ring.insert(EPOCH, key(1), &declared).unwrap();
    assert!(matches!(ring.open_own(entry).unwrap().body(), Body::Ops(_)));
    assert_eq!(ring.iter().map(|(epoch, _)| epoch.0).max(), Some(4));
    for epoch in 5..=4098 {
        ring.insert(ContentEpoch(epoch), key(1), &declared).unwrap();
    }
    assert_eq!(
        ring.insert(ContentEpoch(4099), key(1), &declared),
        Err(RingFault::Full)
    );
    assert_eq!(ring.insert(EPOCH, key(1), &declared), Ok(()));
}

/// Each byte of a body is checked, the commitment before the cipher. Falsifier: compare no commitment; then the flips
/// within it open.
#[test]
fn every_byte_of_a_body_counts() {
    let (ring, entry) = (ring(key(1)), sealed(&key(1), 5));
    for at in 0..body_of(&entry).len() {
        let mut body = body_of(&entry).to_vec();
        body[at] ^= 1;
        let opened = ring.open_own(remade(entry.header(), &body)).unwrap();
        let expected = match at {
            24..56 => BodyFault::Commitment,
            _ => BodyFault::Decryption,
        };
        assert_eq!(*opened.body(), Body::Refused(expected), "byte {at}");
    }
}

/// A body opens in its own entry only: another book, author, seq, key epoch, flag, epoch or view refuses it.
#[test]
fn a_body_cannot_be_moved() {
    type Edit = fn(&mut Header);
    let key_1 = key(1);
    let declared = key_1.commitment();
    let mut ring = ring(key_1);
    ring.insert(ContentEpoch(4), key(1), &declared).unwrap();
    let entry = sealed(&key(1), 5);
    let edits: [Edit; 9] = [
        |h| h.flags = 1,
        |h| h.key_epoch.0 = 1,
        |h| h.content_epoch.0 = 4,
        |h| h.seq.0 = 8,
        |h| h.seen.position.0 = 6,
        |h| h.seen.tip.0 = [9; 32],
        |h| h.book.0 = [9; 32],
        |h| h.author.0 = [9; 32],
        |h| h.prev.0 = [9; 32],
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        let mut header = *entry.header();
        edit(&mut header);
        let moved = ring.open_own(remade(&header, body_of(&entry))).unwrap();
        assert_eq!(*moved.body(), Body::Refused(BodyFault::Commitment), "{n}");
    }
    let same = ring
        .open_own(remade(entry.header(), body_of(&entry)))
        .unwrap();
    assert_eq!(*same.body(), Body::Ops(ops(5)));
}

/// A member with the key can encrypt anything. What does not unpad or split refuses the whole entry.
#[test]
fn a_plaintext_that_is_no_body_refuses_the_entry() {
    let mut frames = ops(5).encode().unwrap();
    let mut loose = pad(&frames).unwrap();
    loose[63] = 1;
    frames[40] = 0;
    let table = [
        (vec![0xff; 64], BodyFault::Length),
        (loose, BodyFault::Padding),
        (pad(&frames).unwrap(), BodyFault::Frames(Malformed::OpCount)),
        (pad(&[]).unwrap(), BodyFault::Frames(Malformed::TooShort)),
    ];
    let ring = ring(key(1));
    for (padded, expected) in table {
        let aad = draft().content_aad(EPOCH);
        let body_key = BodyKey::of(&key(1), &aad);
        let ciphertext = body_key.encrypt(&NONCE, &aad, &padded).unwrap();
        let body = SealedBody::new(NONCE, body_key.commitment, ciphertext).unwrap();
        let entry = finish(draft().sealed(EPOCH, &body).unwrap());
        let opened = ring.open_own(entry).unwrap();
        assert_eq!(*opened.body(), Body::Refused(expected));
    }
}

fn hex<const N: usize>(text: &str) -> [u8; N] {
    let mut out = [0; N];
    for (n, byte) in out.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * n..2 * n + 2], 16).unwrap();
    }
    out
}

/// One ciphertext, two keys, two plaintexts: the cipher alone opens both. With the commitment one of the two keys opens
/// it, whatever the author claims. The numbers are those of `xchacha_two_keys.json`; `tests/content` compares them.
#[test]
fn one_ciphertext_does_not_open_under_two_keys() {
    let keys = [
        "0391dd5c27f24bea867a784dbc2c5596281203069a83801487775f882f637044",
        "76bb5a29ec82037a882fdb48ce1316adafeebb03c14249723a2f2cd8319f4e51",
    ];
    let nonce = hex::<24>("000102030405060708090a0b0c0d0e0f1011121314151617");
    let aad = hex::<16>("6f706f732f76312f656e76656c6f7065");
    let ciphertext = hex::<48>(
        "66926a26d42cd3e6811ddf61d55974b19663e765e4018a2eedb366b00895660e7940626e5491346a0852bb0499ebfff5",
    );
    let plaintexts = [
        "eed5bf2a5f3c56fd5a3588c3df95175410c496d3cf4eb7010372ce58e72d5347",
        "a5d21a5edd6971bdfdbcf38153eb1fa2fdf002717f5c9f17e69f034e6ec86c7f",
    ];
    let body_keys = keys.map(|key| BodyKey {
        key: Zeroizing::new(hex(key)),
        commitment: derive(Thing::ContentKeyCommitment, &[&hex::<32>(key)]),
    });
    let opened = |check: bool, claimed: &[u8; 32]| {
        body_keys.each_ref().map(|body_key| match check {
            true => body_key.open(claimed, &nonce, &aad, &ciphertext),
            false => body_key.decrypt(&nonce, &aad, &ciphertext),
        })
    };
    for (n, claimed) in body_keys.iter().map(|it| it.commitment).enumerate() {
        // the test of the test: without the check the attack works
        for (plaintext, expected) in opened(false, &claimed).iter().zip(plaintexts) {
            assert_eq!(plaintext.as_ref().unwrap()[..], hex::<32>(expected));
        }
        let checked = opened(true, &claimed);
        assert_eq!(checked[n].as_ref().unwrap()[..], hex::<32>(plaintexts[n]));
        assert_eq!(checked[1 - n], Err(BodyFault::Commitment));
    }
}

/// Key and commitment of a body are the two halves of one derivation, and the cipher is XChaCha20-Poly1305.
#[test]
fn a_body_key_is_derived_from_key_and_header() {
    let entry = sealed(&key(1), 5);
    let aad = entry.header().content_aad();
    let mut pair = [[0; 32]; 2];
    blake3_of("daybook 2026 v1 content-body", &[&[1; 32], &aad], &mut pair);
    let Body::Sealed(body) = entry.body() else {
        panic!("encrypted")
    };
    assert_eq!(*body.commitment(), pair[1]);
    let cipher = XChaCha20Poly1305::new(&Key::from(pair[0]));
    let payload = Payload {
        msg: body.ciphertext(),
        aad: &aad,
    };
    let plaintext = cipher.decrypt(&XNonce::from(*body.nonce()), payload);
    assert_eq!(plaintext, Ok(pad(&ops(5).encode().unwrap()).unwrap()));
    let mut declared = [[0; 32]; 2];
    blake3_of(
        "daybook 2026 v1 content-key-commitment",
        &[&[1; 32]],
        &mut declared,
    );
    assert_eq!(key(1).commitment().0, declared[0]);
}

/// BLAKE3 by its own name, not through the table of contexts.
fn blake3_of(context: &str, parts: &[&[u8]], out: &mut [[u8; 32]; 2]) {
    let mut hasher = blake3::Hasher::new_derive_key(context);
    for part in parts {
        hasher.update(part);
    }
    hasher.finalize_xof().fill(out.as_flattened_mut());
}

/// No output shows a key.
#[test]
fn keys_are_not_printed() {
    let text = format!("{:?} {:?}", key(0xab), ring(key(0xab)));
    assert!(text.contains("ContentKey(of KeyCommitment("));
    assert!(
        !text.contains("abab") && !text.contains("171, 171"),
        "{text}"
    );
}

/// An original opens inside its readmission, under its own header; what was sealed for the carrier's header does not.
#[test]
fn an_original_opens_in_its_readmission() {
    let original = sealed(&key(1), 40);
    let carrier = Draft {
        author: AuthorId([8; 32]),
        ..draft()
    };
    let readmit = |original: &Entry| {
        let carried = Readmit::of(original.clone()).unwrap();
        finish(carrier.write(Body::Readmit(carried.into())).unwrap())
    };
    let inside = |entry: &Entry| match entry.body() {
        Body::Readmit(carried) => carried.original().body().clone(),
        other => panic!("{other:?}"),
    };
    let closed = readmit(&original);
    assert_eq!(
        ContentKeys::default().open_own(closed.clone()),
        Err(KeyMissing { epoch: EPOCH })
    );
    let opened = ring(key(1)).open_own(closed.clone()).unwrap();
    assert_eq!(inside(&opened), Body::Ops(ops(40)));
    assert_eq!((opened.id(), opened.bytes()), (closed.id(), closed.bytes()));
    let other = ring(key(2)).open_own(closed).unwrap();
    assert_eq!(inside(&other), Body::Refused(BodyFault::Commitment));
    // the ciphertext of another header, such as that of the carrier's author
    let moved = finish(key(1).seal(&carrier, EPOCH, &ops(40), NONCE).unwrap());
    let moved = remade(original.header(), body_of(&moved));
    let refused = ring(key(1)).open_own(readmit(&moved)).unwrap();
    assert_eq!(inside(&refused), Body::Refused(BodyFault::Commitment));
}
