//! Claims about encrypted bodies that need no cipher; `docs/spec/content.md` names them.

use super::readmit::readmit;
use super::settled::{confirm, declare};
use super::world::*;
use crate::content::{AAD_BYTES, pad, unpad};
use crate::hash::{Thing, derive, derive_pair};
use crate::limits::*;
use crate::*;
use alloc::vec;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const EPOCH: ContentEpoch = ContentEpoch(3);

fn size(n: u32) -> usize {
    usize::try_from(n).unwrap()
}

/// What a cipher could have given: any bytes of the right length.
fn sealed(bucket: u32) -> SealedBody {
    SealedBody::new([1; 24], [2; 32], vec![3; size(bucket) + 16]).unwrap()
}

/// Bytes that split into frames.
fn frames() -> Vec<u8> {
    some_ops(2).encode().unwrap()
}

fn entry(world: &World, founder: &Device) -> Entry {
    let unsigned = world.draft(founder).sealed(EPOCH, &sealed(256)).unwrap();
    unsigned.sign(&founder.author)
}

/// Falsifier: hash the plaintext, or put the nonce elsewhere.
#[test]
fn an_encrypted_body_lies_where_the_table_says() {
    let (world, founder) = World::founded();
    let entry = entry(&world, &founder);
    let body = &entry.bytes()[296..];
    assert_eq!(body.len(), 24 + 32 + 256 + 16);
    assert_eq!(body[..24], [1; 24]);
    assert_eq!(body[24..56], [2; 32]);
    assert_eq!(body[56..], [3; 272]);
    let header = entry.header();
    assert_eq!((header.flags, header.content_epoch), (1, EPOCH));
    assert_eq!(entry.bytes()[2..4], [1, 0]);
    assert_eq!(entry.bytes()[16..20], [3, 0, 0, 0]);
    assert_eq!(header.body_hash.0, derive(Thing::BodySealed, &[body]));
    let Body::Sealed(read) = entry.body() else {
        panic!("encrypted")
    };
    assert_eq!(*read, sealed(256));
    assert_eq!((read.nonce(), read.commitment()), (&[1; 24], &[2; 32]));
    assert_eq!(read.ciphertext(), [3; 272]);
    assert_eq!(Entry::decode(entry.bytes()), Ok(entry.clone()));
    for at in 296..entry.bytes().len() {
        let mut bytes = entry.bytes().to_vec();
        bytes[at] ^= 1;
        assert_eq!(Entry::decode(&bytes), Err(Malformed::BodyHash.into()));
    }
}

/// Six lengths and no other; the longest is the body's limit.
#[test]
fn encrypted_bodies_have_six_lengths() {
    let good: Vec<usize> = BODY_BUCKETS
        .iter()
        .map(|bucket| size(bucket + SEALED_BODY_OVERHEAD_BYTES))
        .collect();
    assert_eq!(good, [136, 328, 1096, 4168, 16_456, 65_536]);
    let bytes = vec![0; 65_600];
    for len in (0..1200).chain([4168, 16_455, 16_456, 16_457, 65_535, 65_536]) {
        let read = SealedBody::decode(&bytes[..len]);
        if good.contains(&len) {
            assert_eq!(read.unwrap().encode(), bytes[..len]);
        } else {
            assert_eq!(read, Err(Malformed::SealedBody), "{len}");
        }
    }
    let too_long = Malformed::TooLong {
        max: 65_536,
        got: 65_537,
    };
    assert_eq!(SealedBody::decode(&bytes[..65_537]), Err(too_long));
    assert_eq!(
        SealedBody::new([0; 24], [0; 32], vec![0; 79]),
        Err(Malformed::SealedBody)
    );
}

/// Every byte of the header but body_len and body_hash is bound, and those two are not.
#[test]
fn the_header_is_bound_but_for_what_the_ciphertext_decides() {
    let (world, founder) = World::founded();
    let entry = entry(&world, &founder);
    let aad = entry.header().content_aad();
    let bytes = &entry.bytes()[..232];
    let bound = [&bytes[..8], &bytes[12..168], &bytes[200..]].concat();
    assert_eq!(aad.as_slice(), bound);
    assert_eq!(aad.len(), AAD_BYTES);
    assert_eq!(world.draft(&founder).content_aad(EPOCH), aad);
    let longer = world.draft(&founder).sealed(EPOCH, &sealed(64)).unwrap();
    let other = longer.sign(&founder.author);
    assert_ne!(other.header().body_len, entry.header().body_len);
    assert_eq!(other.header().content_aad(), aad);
    assert_ne!(world.draft(&founder).content_aad(ContentEpoch(4)), aad);
}

/// The smallest bucket that fits, and one padding of one plaintext.
#[test]
fn padding_has_one_form() {
    let limits = [60, 252, 1020, 4092, 16_380, 65_460];
    for (len, bucket) in limits.into_iter().zip(BODY_BUCKETS) {
        let padded = pad(&vec![7; len]).unwrap();
        assert_eq!(padded.len(), size(bucket));
        assert_eq!(unpad(&padded), Ok(vec![7; len].as_slice()));
        if let Ok(padded) = pad(&vec![7; len + 1]) {
            assert!(padded.len() > size(bucket));
        }
        // the same plaintext in the next bucket is another form
        let mut wide = padded.clone();
        wide.resize(padded.len() * 4, 0);
        assert_eq!(unpad(&wide), Err(BodyFault::Length));
        assert_eq!(unpad(&padded[1..]), Err(BodyFault::Length));
    }
    let mut padded = pad(&[7; 10]).unwrap();
    for at in 14..64 {
        padded[at] = 1;
        assert_eq!(unpad(&padded), Err(BodyFault::Padding), "{at}");
        padded[at] = 0;
    }
    padded[0] = 61;
    assert_eq!(unpad(&padded), Err(BodyFault::Length));
    padded[3] = 0xff;
    assert_eq!(unpad(&padded), Err(BodyFault::Length));
    assert_eq!(unpad(&[0, 0, 0]), Err(BodyFault::Length));
    let too_long = Malformed::TooLong {
        max: 65_460,
        got: 65_461,
    };
    assert_eq!(pad(&[0; 65_461]), Err(too_long));
}

/// What decryption gave becomes ops, or the reason why there are none; bytes, id and signature stay.
#[test]
fn an_opened_entry_has_ops_or_a_reason() {
    let (world, founder) = World::founded();
    let closed = entry(&world, &founder);
    let opened = closed.clone().opened(Ok(&pad(&frames()).unwrap()));
    assert_eq!(*opened.body(), Body::Ops(some_ops(2)));
    assert_eq!(opened.body().kind(), Kind::Ops);
    assert_eq!(opened.bytes(), closed.bytes());
    assert_eq!(opened.id(), closed.id());
    let cut = pad(&frames()[..frames().len() - 1]).unwrap();
    let more = pad(&[frames().as_slice(), &[0]].concat()).unwrap();
    let table = [
        (Err(BodyFault::Commitment), BodyFault::Commitment),
        (Err(BodyFault::Decryption), BodyFault::Decryption),
        (Ok([9_u8; 64].as_slice()), BodyFault::Length),
        (Ok(&cut), BodyFault::Frames(Malformed::TooShort)),
        (Ok(&more), BodyFault::Frames(Malformed::LeftOver)),
        (Ok(&[0; 64]), BodyFault::Frames(Malformed::TooShort)),
    ];
    for (plaintext, expected) in table {
        let refused = closed.clone().opened(plaintext);
        assert_eq!(*refused.body(), Body::Refused(expected));
    }
    // a body in clear is what it says, whatever somebody claims to have decrypted
    let clear = world.ops(&founder);
    let claimed = clear.clone().opened(Ok(&pad(&frames()).unwrap()));
    assert_eq!(claimed, clear);
    let key = AdmittedKey::admit(founder.author.public()).unwrap();
    let verified = closed.verify(&key).unwrap().opened(Ok(&cut));
    assert!(matches!(verified.body(), Body::Refused(_)));
}

/// A body under a key that the log has not declared is not placed: nobody could read on.
#[test]
fn undeclared_content_epochs_are_rejected() {
    let (world, founder) = World::founded();
    let entry = entry(&world, &founder);
    let number = EPOCH;
    assert_eq!(world.check(&entry), Err(Reject::ContentEpoch { number }));
    assert!(world.check(&world.ops(&founder)).is_ok());
}

/// An entry of a member under [`EPOCH`], as its next one.
fn closed(world: &World, member: &Device, bucket: u32) -> Entry {
    let unsigned = world.draft(member).sealed(EPOCH, &sealed(bucket)).unwrap();
    unsigned.sign(&member.author)
}

/// What counts is what stands below the entry, not what its author had seen: declared, then confirmed, then used.
/// Falsifier: ask for the declaration only, or for another number.
#[test]
fn encrypted_entries_follow_the_confirmation() {
    let (mut world, [founder, manager, _, member, _]) = five();
    let early = closed(&world, &member, 64);
    let other = world.draft(&member).sealed(ContentEpoch(4), &sealed(64));
    let other = other.unwrap().sign(&member.author);
    let no = |number| Err(Reject::ContentEpoch { number });
    assert_eq!(world.place(early.clone()), no(EPOCH));
    world.write(&founder, declare(4, 1));
    world.write(&founder, declare(3, 1));
    let before = world.log.clone();
    assert_eq!(world.place(early.clone()), no(EPOCH));
    let record = world.log.next_record(&early, 1_000);
    let forced = world.place_record(&record, early.clone().trust_stored());
    let number = EPOCH;
    let invalid = Invalid::Entry(Reject::ContentEpoch { number });
    assert_eq!(forced, Err(invalid), "a relay that does not look");
    assert_eq!(world.log, before);
    world.write(&manager, confirm(3, 1));
    assert_eq!(world.place(other), no(ContentEpoch(4)), "declared only");
    let ordered = world.place(early.clone()).unwrap();
    assert_eq!(ordered.entry.entry(), &early);
    assert!(matches!(ordered.entry.body(), Body::Sealed(_)));
    let next = closed(&world, &member, BODY_BUCKETS[5]);
    assert!(world.place(next).is_ok(), "every bucket");
    // opened before it is placed or after, it is the same to the log
    let padded = pad(&frames()).unwrap();
    let next = closed(&world, &member, 64).opened(Ok(&padded));
    assert!(matches!(
        world.place(next).unwrap().entry.body(),
        Body::Ops(_)
    ));
    let next = closed(&world, &member, 64).opened(Err(BodyFault::Decryption));
    assert!(matches!(
        world.place(next).unwrap().entry.body(),
        Body::Refused(_)
    ));
}

/// An encrypted original is carried as ciphertext, under the same rule, and opens under its own header.
#[test]
fn an_encrypted_original_is_readmitted_as_ciphertext() {
    let (mut world, [founder, manager, _, member, _]) = five();
    let lost = world.entry(&member, ops());
    let draft = Draft {
        seq: lost.header().seq.next().unwrap(),
        prev: lost.id(),
        ..world.draft(&member)
    };
    let unsigned = draft.sealed(EPOCH, &sealed(BODY_BUCKETS[5])).unwrap();
    let original = unsigned.sign(&member.author);
    let no = Err(Reject::ContentEpoch { number: EPOCH });
    assert_eq!(world.verdict(&manager, readmit(&original)), no);
    world.write(&founder, declare(3, 1));
    assert_eq!(world.verdict(&manager, readmit(&original)), no);
    world.write(&manager, confirm(3, 1));
    let placed = world.write(&manager, readmit(&original));
    assert_eq!(placed.entry.bytes()[296..], *original.bytes());
    assert!(!placed.entry.header().is_encrypted());
    let (header, body) = placed.entry.sealed_body().unwrap();
    assert_eq!(
        (header, body),
        (original.header(), &sealed(BODY_BUCKETS[5]))
    );
    assert_ne!(header.content_aad(), placed.entry.header().content_aad());
    let opened = placed.clone().opened(Ok(&pad(&frames()).unwrap()));
    let ops = Body::Ops(some_ops(2));
    assert_eq!(opened.readmitted.as_ref().unwrap().entry.body(), &ops);
    let Body::Readmit(carried) = opened.entry.body() else {
        panic!("a readmission")
    };
    assert_eq!(carried.original().body(), &ops);
    assert_eq!(opened.entry.sealed_body(), None, "nothing is left to open");
    assert_eq!(opened.entry.bytes(), placed.entry.bytes());
    assert_eq!(
        (opened.entry.id(), opened.tip),
        (placed.entry.id(), placed.tip)
    );
    let refused = placed.opened(Err(BodyFault::Commitment));
    let Body::Readmit(carried) = refused.entry.body() else {
        panic!("a readmission")
    };
    assert_eq!(
        carried.original().body(),
        &Body::Refused(BodyFault::Commitment)
    );
    // a readmission of an entry in clear has nothing to open, whatever somebody claims to have decrypted
    let clear = world.entry(&manager, readmit(&lost));
    assert_eq!(clear.sealed_body(), None);
    assert_eq!(clear.clone().opened(Err(BodyFault::Decryption)), clear);
    assert_eq!(
        world
            .draft(&member)
            .write(Body::Refused(BodyFault::Commitment)),
        Err(Malformed::ContentEpoch.into()),
        "what was opened is never written"
    );
}

/// Drafts of epoch 0 and control kinds cannot be encrypted.
#[test]
fn drafts_keep_flag_and_epoch_together() {
    let (world, founder) = World::founded();
    let draft = world.draft(&founder);
    assert_eq!(
        draft.sealed(ContentEpoch::ZERO, &sealed(64)),
        Err(Malformed::ContentEpoch.into())
    );
    let flagged = Draft { flags: 1, ..draft };
    assert_eq!(
        flagged.ops(&some_ops(1)),
        Err(Malformed::ContentEpoch.into())
    );
    let kept = Draft { flags: 6, ..draft };
    let entry = kept.sealed(EPOCH, &sealed(64)).unwrap();
    assert_eq!(entry.sign(&founder.author).header().flags, 7);
}

/// The pair's first half is the plain hash; its second half is no hash of another thing.
#[test]
fn two_secrets_come_out_of_one() {
    let pair = derive_pair(Thing::ContentBody, &[b"ab", b"c"]);
    assert_eq!(pair[0], derive(Thing::ContentBody, &[b"abc"]));
    let known: Vec<_> = Thing::ALL.map(|thing| derive(thing, &[b"abc"])).to_vec();
    assert!(!known.contains(&pair[1]));
}
