//! Claims about control payloads and the genesis; `docs/spec/control.md` names them.

use super::world::*;
use crate::codec::{decode_canonical, encode};
use crate::control::{check_label, chunks_of};
use crate::limits::{BODY_BYTES_MAX, CHUNK_BYTES_MAX, MANIFEST_BYTES_MAX};
use crate::*;
use alloc::vec;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// C-1: a device code is 1..=12 of `A-Z 0-9 -`: no lower case, no space, no letter of another script.
#[test]
fn device_codes_are_short_and_plain() {
    for good in ["A", "JAR-1", "0123456789-Z"] {
        assert_eq!(check_label(good), Ok(()), "{good}");
    }
    for bad in [
        "",
        "jar",
        "JAR 1",
        "ÄRGER",
        "0123456789-ZZ",
        "JAR_1",
        "JAR\n",
    ] {
        assert_eq!(check_label(bad), Err(Malformed::Label), "{bad}");
    }
}

fn as_entry(payload: &KeyAdd) -> Result<Unsigned, Unreadable> {
    let book = genesis().book_id();
    Draft::first(book, payload.author(&book)).key_add(payload)
}

/// C-2: a key-add with approvals out of order, doubled, or more than there can be root keys, is malformed.
#[test]
fn approvals_rise_by_root_key() {
    let payload = approved(&Device::new(1), MemberRole::Member);
    assert!(as_entry(&payload).is_ok());
    let mut swapped = payload.clone();
    swapped.approvals.swap(0, 1);
    assert_eq!(as_entry(&swapped), Err(Malformed::ApprovalOrder.into()));
    let mut doubled = payload.clone();
    doubled.approvals[1] = doubled.approvals[0].clone();
    assert_eq!(as_entry(&doubled), Err(Malformed::ApprovalOrder.into()));
    let mut many = payload.clone();
    many.approvals = (0..17)
        .map(|root| Approval {
            root,
            signature: Signature::ZERO,
        })
        .collect();
    assert_eq!(as_entry(&many), Err(Malformed::ListLength.into()));
    let mut unnamed = payload;
    unnamed.label.clear();
    assert_eq!(as_entry(&unnamed), Err(Malformed::Label.into()));
}

/// Control payloads are canonical postcard: one byte more, or a padded length, is malformed.
#[test]
fn payloads_have_one_encoding() {
    let bytes = encode(&approved(&Device::new(1), MemberRole::Manager));
    assert!(decode_canonical::<KeyAdd>(&bytes, BODY_BYTES_MAX).is_ok());
    let longer = [bytes.as_slice(), &[0]].concat();
    assert_eq!(
        decode_canonical::<KeyAdd>(&longer, BODY_BYTES_MAX),
        Err(Malformed::LeftOver)
    );
    let mut padded = bytes.clone();
    assert_eq!(padded[96], 1, "the role comes after three keys");
    padded[96] = 0x81;
    padded.insert(97, 0);
    assert_eq!(
        decode_canonical::<KeyAdd>(&padded, BODY_BYTES_MAX),
        Err(Malformed::NotCanonical)
    );
    let mut other = bytes.clone();
    other[96] = 2;
    assert_eq!(
        decode_canonical::<KeyAdd>(&other, BODY_BYTES_MAX),
        Err(Malformed::Undecodable)
    );
    assert_eq!(
        decode_canonical::<KeyAdd>(&bytes, 100),
        Err(Malformed::TooLong { max: 100, got: 362 })
    );
}

/// An AST of any allowed length is cut and joined again; what does not fit is refused by its own error.
#[test]
fn manifests_travel_in_full_chunks() {
    let chunk = usize::try_from(CHUNK_BYTES_MAX).unwrap();
    let most = usize::try_from(MANIFEST_BYTES_MAX).unwrap();
    for len in [1, chunk - 1, chunk, chunk + 1, most] {
        let ast = vec![3; len];
        let adoption = Adoption::of(&ast).unwrap();
        let chunks: Vec<Vec<u8>> = chunks_of(&ast).map(<[u8]>::to_vec).collect();
        assert_eq!(adoption.assemble(&chunks), Ok(ast));
        assert_eq!(adoption.assemble(&chunks[1..]), Err(Malformed::ChunkCount));
        let mut bad = chunks.clone();
        bad[0][0] ^= 1;
        assert_eq!(adoption.assemble(&bad), Err(Malformed::ChunkId));
        let mut other = adoption.clone();
        other.manifest = ManifestId::ZERO;
        assert_eq!(other.assemble(&chunks), Err(Malformed::ManifestId));
    }
    assert_eq!(Adoption::of(&[]), Err(Malformed::ChunkCount));
    let too_long = Malformed::TooLong {
        max: MANIFEST_BYTES_MAX,
        got: u64::from(MANIFEST_BYTES_MAX) + 1,
    };
    assert_eq!(Adoption::of(&vec![0; most + 1]), Err(too_long));
}

/// An adoption whose length and chunk count do not fit is malformed as an entry.
#[test]
fn adoptions_count_their_chunks() {
    let (world, founder) = World::founded();
    let adoption = Adoption::of(AST).unwrap();
    let edits: [fn(&mut Adoption); 4] = [
        |a| a.bytes_len = 0,
        |a| a.bytes_len = CHUNK_BYTES_MAX + 1,
        |a| a.chunks.push(ChunkId::ZERO),
        |a| a.chunks.clear(),
    ];
    assert!(world.draft(&founder).adopt(&adoption).is_ok());
    for edit in edits {
        let mut changed = adoption.clone();
        edit(&mut changed);
        assert_eq!(
            world.draft(&founder).adopt(&changed),
            Err(Malformed::ChunkCount.into())
        );
    }
}

/// G-1..G-5: a genesis reads back, names its book, and each broken one has its error.
#[test]
fn a_genesis_is_checked_whole() {
    type Edit = fn(&mut Genesis);
    let good = genesis();
    assert_eq!(Genesis::decode(&good.encode()), Ok(good.clone()));
    let other = Genesis {
        nonce: [8; 32],
        ..good.clone()
    };
    assert_ne!(other.book_id(), good.book_id());
    let table: [(Edit, Unreadable); 9] = [
        (|g| g.format = 2, Unsupported::Format(2).into()),
        (|g| g.threshold = 0, Malformed::Threshold.into()),
        (|g| g.threshold = 3, Malformed::Threshold.into()),
        (|g| g.root_keys.clear(), Malformed::Threshold.into()),
        (
            |g| g.root_keys[1] = g.root_keys[0],
            Malformed::KeyTwice.into(),
        ),
        (|g| g.relay_key = g.root_keys[0], Malformed::KeyTwice.into()),
        (
            |g| g.relay_key = PublicKey([0; 32]),
            Malformed::Key(KeyFault::Weak).into(),
        ),
        (
            |g| g.root_keys[0] = PublicKey([2; 32]),
            Malformed::Key(KeyFault::NotAPoint).into(),
        ),
        (
            |g| g.root_keys = vec![g.root_keys[0]; 17],
            Malformed::ListLength.into(),
        ),
    ];
    for (n, (edit, expected)) in table.into_iter().enumerate() {
        let mut changed = good.clone();
        edit(&mut changed);
        assert_eq!(Genesis::decode(&changed.encode()), Err(expected), "row {n}");
        // A value of another format is made by hand only: decoding gives none.
        assert_eq!(BookLog::found(&changed).is_ok(), n == 0, "row {n}");
    }
    let longer = [good.encode().as_slice(), &[0]].concat();
    assert_eq!(Genesis::decode(&longer), Err(Malformed::LeftOver.into()));
    assert_eq!(Genesis::decode(&[]), Err(Malformed::TooShort.into()));
}
