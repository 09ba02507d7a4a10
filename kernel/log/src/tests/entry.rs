//! Claims about entry bytes; `docs/spec/entry.md` names them.

use super::world::*;
use crate::body::op_hash;
use crate::hash::{Thing, derive};
use crate::limits::ENTRY_BYTES_MAX;
use crate::*;
use alloc::vec;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// A header over a body, with every field set apart from the others.
fn header(body: &[u8], hash: [u8; 32]) -> Header {
    Header {
        kind: Kind::Ops,
        flags: 6,
        key_epoch: KeyEpoch(0x0102_0304),
        body_len: u32::try_from(body.len()).unwrap(),
        sealed_len: 0,
        content_epoch: ContentEpoch::ZERO,
        seq: Seq(0x1112_1314_1516_1718),
        seen: Seen {
            epoch: RelayEpoch(0x2122_2324),
            position: Position(0x3132_3334_3536_3738),
            tip: Tip([4; 32]),
        },
        book: BookId([1; 32]),
        author: AuthorId([2; 32]),
        prev: EntryId([3; 32]),
        body_hash: BodyHash(hash),
        sealed_hash: SealedHash::ZERO,
    }
}

fn bytes(header: &Header, body: &[u8]) -> Vec<u8> {
    [header.encode().as_slice(), &[7; 64], body].concat()
}

/// Frames by hand: manifest, time, count, then `frames`.
fn frames(count: u16, frames: &[&[u8]]) -> Vec<u8> {
    [
        [5_u8; 32].as_slice(),
        &6_i64.to_le_bytes(),
        &count.to_le_bytes(),
        &frames.concat(),
    ]
    .concat()
}

/// The frame of verb 1 with input `ff`, and no slot.
const FRAME: &[u8] = &[1, 0, 1, 0, 0, 0, 0xff, 0];

fn hash_of(count: u16, list: &[&[u8]]) -> [u8; 32] {
    let hashes: Vec<u8> = list.iter().flat_map(|frame| op_hash(frame).0).collect();
    derive(
        Thing::Body,
        &[
            &[5; 32],
            &6_i64.to_le_bytes(),
            &count.to_le_bytes(),
            &hashes,
        ],
    )
}

fn good() -> (Header, Vec<u8>) {
    let body = frames(1, &[FRAME]);
    (header(&body, hash_of(1, &[FRAME])), body)
}

/// E-1: fields lie at the offsets of the table. Falsifier: swap two fields of the header.
#[test]
fn header_fields_lie_where_the_table_says() {
    let (header, body) = good();
    let all = bytes(&header, &body);
    assert_eq!(all[0..4], [1, 0, 6, 0]);
    assert_eq!(all[4..8], [4, 3, 2, 1]);
    assert_eq!(all[8..12], [50, 0, 0, 0]);
    assert_eq!(all[12..20], [0; 8]);
    assert_eq!(all[20..24], [0x24, 0x23, 0x22, 0x21]);
    assert_eq!(
        all[24..32],
        [0x18, 0x17, 0x16, 0x15, 0x14, 0x13, 0x12, 0x11]
    );
    assert_eq!(
        all[32..40],
        [0x38, 0x37, 0x36, 0x35, 0x34, 0x33, 0x32, 0x31]
    );
    for (n, field) in (1_u8..=4).zip(all[40..168].chunks(32)) {
        assert_eq!(field, [n; 32]);
    }
    assert_eq!(all[168..200], header.body_hash.0);
    assert_eq!(all[200..232], [0; 32]);
    assert_eq!(all[232..296], [7; 64]);
    let entry = Entry::decode(&all).unwrap();
    assert_eq!(*entry.header(), header);
    assert_eq!(entry.bytes(), all);
    assert_eq!(entry.id().0, derive(Thing::EntryId, &[&all[..232]]));
}

/// The signature's bytes enter no id; everything else does.
#[test]
fn every_byte_but_the_signature_is_in_the_id() {
    let (header, body) = good();
    let all = bytes(&header, &body);
    let id = Entry::decode(&all).unwrap().id();
    for at in 0..all.len() {
        let mut changed = all.clone();
        changed[at] ^= 1;
        match Entry::decode(&changed) {
            Ok(entry) if (232..296).contains(&at) => assert_eq!(entry.id(), id),
            Ok(entry) => assert_ne!(entry.id(), id, "byte {at}"),
            Err(_) => assert!(!(232..296).contains(&at), "byte {at}"),
        }
    }
    let other = Entry::decode(&all)
        .unwrap()
        .with_signature(Signature([8; 64]));
    assert_eq!(
        (other.id(), other.signature().0, other.bytes()[232]),
        (id, [8; 64], 8)
    );
    assert_eq!(Entry::decode(other.bytes()), Ok(other));
}

fn malformed(why: Malformed) -> Result<(), Unreadable> {
    Err(Unreadable::Malformed(why))
}

fn unsupported(why: Unsupported) -> Result<(), Unreadable> {
    Err(Unreadable::Unsupported(why))
}

fn decode(bytes: &[u8]) -> Result<(), Unreadable> {
    Entry::decode(bytes).map(|_| ())
}

/// E-5, E-7..E-11: each rule of the header has one error, in this order of precedence.
#[test]
fn each_broken_header_has_its_error() {
    type Edit = fn(&mut Header);
    let (header, body) = good();
    let table: [(Edit, Result<(), Unreadable>); 9] = [
        (|_| {}, Ok(())),
        (|h| h.flags = 8, unsupported(Unsupported::Flags(8))),
        (
            |h| h.flags = 0x8000,
            unsupported(Unsupported::Flags(0x8000)),
        ),
        (|h| h.seq = Seq(0), malformed(Malformed::FirstPrev)),
        (|h| h.prev = EntryId::ZERO, malformed(Malformed::FirstPrev)),
        (
            |h| h.content_epoch = ContentEpoch(1),
            malformed(Malformed::ContentEpoch),
        ),
        (|h| h.flags = 1, malformed(Malformed::ContentEpoch)),
        (|h| h.sealed_len = 2, malformed(Malformed::SealedHash)),
        (
            |h| h.sealed_hash = SealedHash([1; 32]),
            malformed(Malformed::SealedHash),
        ),
    ];
    for (n, (edit, expected)) in table.into_iter().enumerate() {
        let mut changed = header;
        edit(&mut changed);
        assert_eq!(decode(&bytes(&changed, &body)), expected, "row {n}");
    }
    let encrypted = Header {
        flags: 1,
        content_epoch: ContentEpoch(1),
        ..header
    };
    assert_eq!(
        decode(&bytes(&encrypted, &body)),
        malformed(Malformed::SealedBody)
    );
    let encrypted = Header {
        kind: Kind::KeyAdd,
        ..encrypted
    };
    assert_eq!(
        decode(&bytes(&encrypted, &body)),
        malformed(Malformed::ContentEpoch)
    );
    let sealed = Header {
        sealed_len: 2,
        sealed_hash: SealedHash([1; 32]),
        ..header
    };
    assert_eq!(
        decode(&bytes(&sealed, &body)),
        unsupported(Unsupported::Sealed)
    );
}

/// Unknown formats and kinds are unsupported, whatever follows; known ones are not.
#[test]
fn unknown_numbers_are_unsupported_and_never_malformed() {
    let (header, body) = good();
    let all = bytes(&header, &body);
    for number in 0..=255_u8 {
        let mut changed = all.clone();
        changed[0] = number;
        if number != 1 {
            assert_eq!(decode(&changed), unsupported(Unsupported::Format(number)));
            assert_eq!(decode(&[number]), unsupported(Unsupported::Format(number)));
        }
        let mut changed = all.clone();
        changed[1] = number;
        let expected = unsupported(Unsupported::Kind(number));
        assert_eq!(decode(&changed) == expected, number > 12, "kind {number}");
    }
    assert_eq!(
        decode(&vec![2; 600_000]),
        unsupported(Unsupported::Format(2)),
        "a later format has later limits"
    );
}

/// Every cut and every extension of a good entry is malformed.
#[test]
fn lengths_must_add_up() {
    let (header, body) = good();
    let mut all = bytes(&header, &body);
    for len in 0..296 {
        assert_eq!(
            decode(&all[..len]),
            malformed(Malformed::TooShort),
            "cut to {len}"
        );
    }
    for len in 296..all.len() {
        assert_eq!(
            decode(&all[..len]),
            malformed(Malformed::Lengths),
            "cut to {len}"
        );
    }
    all.push(0);
    assert_eq!(decode(&all), malformed(Malformed::Lengths));
    all.resize(usize::try_from(ENTRY_BYTES_MAX).unwrap() + 1, 0);
    let too_long = Malformed::TooLong {
        max: ENTRY_BYTES_MAX,
        got: u64::from(ENTRY_BYTES_MAX) + 1,
    };
    assert_eq!(decode(&all), malformed(too_long));
    let long = Header {
        body_len: 65_537,
        ..header
    };
    let too_long = Malformed::TooLong {
        max: 65_536,
        got: 65_537,
    };
    assert_eq!(decode(&bytes(&long, &vec![0; 65_537])), malformed(too_long));
}

/// A body splits into exactly its frames, or the entry is malformed.
#[test]
fn bodies_split_into_frames_or_not_at_all() {
    let slots17 = [[0_u8; 6].as_slice(), &[17], &[0; 34]].concat();
    let many = FRAME.repeat(257);
    let table: [(Vec<u8>, Malformed); 9] = [
        (vec![0; 41], Malformed::TooShort),
        (frames(0, &[]), Malformed::OpCount),
        (frames(257, &[&many]), Malformed::OpCount),
        (frames(2, &[FRAME]), Malformed::TooShort),
        (frames(1, &[FRAME, FRAME]), Malformed::LeftOver),
        (
            frames(1, &[&[1, 0, 2, 0, 0, 0, 0xff, 0]]),
            Malformed::TooShort,
        ),
        (
            frames(1, &[&[1, 0, 0xff, 0xff, 0xff, 0xff, 0, 0]]),
            Malformed::TooShort,
        ),
        (
            frames(1, &[&[1, 0, 0, 0, 0, 0, 1, 0, 0]]),
            Malformed::SlotRef,
        ),
        (frames(1, &[&slots17]), Malformed::SlotRef),
    ];
    for (n, (body, expected)) in table.into_iter().enumerate() {
        assert_eq!(
            decode(&bytes(&header(&body, [0; 32]), &body)),
            malformed(expected),
            "row {n}"
        );
    }
    let (header, body) = good();
    let other = Header {
        body_hash: BodyHash([1; 32]),
        ..header
    };
    assert_eq!(
        decode(&bytes(&other, &body)),
        malformed(Malformed::BodyHash)
    );
}

/// One op can be shown without its neighbours: the body hash is over the hashes of whole frames.
#[test]
fn an_op_is_proved_by_its_neighbours_hashes() {
    let other: &[u8] = &[2, 0, 0, 0, 0, 0, 0];
    let body = frames(2, &[FRAME, other]);
    let entry = Entry::decode(&bytes(&header(&body, hash_of(2, &[FRAME, other])), &body)).unwrap();
    let shown = derive(
        Thing::Body,
        &[
            &[5; 32],
            &6_i64.to_le_bytes(),
            &2_u16.to_le_bytes(),
            &op_hash(FRAME).0,
            &op_hash(other).0,
        ],
    );
    assert_eq!(entry.header().body_hash.0, shown);
    let Body::Ops(ops) = entry.body() else {
        panic!("ops")
    };
    assert_eq!(
        (ops.authored_at_ms, ops.manifest, ops.ops.len()),
        (6, ManifestId([5; 32]), 2)
    );
    assert_eq!(
        ops.ops[0],
        Op {
            verb: 1,
            input: vec![0xff],
            slots: vec![]
        }
    );
}

/// A full entry of 256 ops reads back; one more op, or a body above 64 KiB, cannot be drafted.
#[test]
fn drafts_keep_the_limits_of_decoding() {
    let (world, founder) = World::founded();
    let draft = world.draft(&founder);
    let mut body = some_ops(1);
    body.ops = vec![body.ops[0].clone(); 256];
    let entry = draft.ops(&body).unwrap().sign(&founder.author);
    let Body::Ops(read) = Entry::decode(entry.bytes()).unwrap().body().clone() else {
        panic!("ops")
    };
    assert_eq!(read, body);
    body.ops.push(body.ops[0].clone());
    assert_eq!(
        draft.ops(&body),
        Err(Unreadable::Malformed(Malformed::OpCount))
    );
    body.ops.truncate(1);
    body.ops[0].input = vec![0; 65_536 - 42 - 7];
    assert!(draft.ops(&body).is_ok());
    body.ops[0].input.push(0);
    let too_long = Malformed::TooLong {
        max: 65_536,
        got: 65_537,
    };
    assert_eq!(draft.ops(&body), Err(Unreadable::Malformed(too_long)));
    body.ops[0] = Op {
        verb: 0,
        input: vec![],
        slots: vec![0],
    };
    assert_eq!(
        draft.ops(&body),
        Err(Unreadable::Malformed(Malformed::SlotRef))
    );
}

/// Only the author's key over the entry tag and the id verifies.
#[test]
fn a_signature_is_of_one_key_one_tag_and_one_entry() {
    let (world, founder) = World::founded();
    let entry = world.ops(&founder);
    let key = AdmittedKey::admit(founder.author.public()).unwrap();
    assert!(entry.clone().verify(&key).is_ok());
    let other = AdmittedKey::admit(founder.request.public()).unwrap();
    assert_eq!(entry.clone().verify(&other), Err(Unauthentic));
    for tag in [Tag::PopAuthor, Tag::PopRequest, Tag::Approval] {
        let signature = founder.author.sign(tag, &entry.id().0);
        assert_eq!(
            entry.clone().with_signature(signature).verify(&key),
            Err(Unauthentic)
        );
    }
    let mut bytes = entry.into_bytes();
    bytes[2] ^= 2;
    assert_eq!(
        Entry::decode(&bytes).unwrap().verify(&key),
        Err(Unauthentic)
    );
}
