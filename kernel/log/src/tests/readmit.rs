//! Claims about entries that have no place of their own; `docs/spec/readmit.md` names them.

use super::evidence::{after, evidence, evidence_beside, twins};
use super::registry::rotation;
use super::world::*;
use crate::limits::{BODY_BYTES_MAX, READMIT_BYTES_MAX};
use crate::*;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(super) fn readmit(original: &Entry) -> Body {
    Body::Readmit(Box::new(Readmit::of(original.clone()).unwrap()))
}

/// Whether readmitting gives an effect, and to what.
fn effect(ordered: &OrderedEntry) -> Option<EntryId> {
    ordered
        .readmitted
        .as_ref()
        .map(|original| original.entry.id())
}

/// A lost predecessor: what comes after it has no place, and gets its effect through a manager, as its own author's.
#[test]
fn what_follows_a_lost_entry_is_readmitted() {
    let (mut world, [_, manager, _, member, other]) = five();
    world.write(&member, ops());
    let lost = world.entry(&member, ops());
    let [one, two] = {
        let one = after(&lost, &member, ops());
        let two = after(&one, &member, ops());
        [one, two]
    };
    let head = world.log.head(&member.id(&world.log.book()));
    assert_eq!(world.check(&one), Err(Reject::Gap { head }));
    world.write(&other, ops());
    for original in [&two, &one] {
        let ordered = world.write(&manager, readmit(original));
        let given = ordered.readmitted.as_ref().unwrap();
        assert_eq!(given.entry.entry(), original);
        assert_eq!(
            given.role,
            MemberRole::Member,
            "the author's, not the manager's"
        );
        assert_eq!(ordered.author(), original.header().author);
        assert_eq!(given.effective_seen, Position(6));
    }
    assert_eq!(
        world.log.head(&member.id(&world.log.book())),
        head,
        "the head does not move"
    );
}

/// One effect per entry: a second readmission stands and has none, and so does the entry itself when it gets its place.
#[test]
fn an_entry_has_one_effect() {
    let (mut world, [_, manager, second, member, _]) = five();
    let first = world.entry(&member, ops());
    let next = after(&first, &member, ops());
    assert_eq!(
        effect(&world.write(&manager, readmit(&next))),
        Some(next.id())
    );
    assert_eq!(effect(&world.write(&second, readmit(&next))), None);
    // The lost one turns up: both get their places, and only the first an effect there.
    assert!(!world.place(first.clone()).unwrap().already);
    assert!(world.place(next.clone()).unwrap().already);
    for placed in [&first, &next] {
        assert_eq!(
            effect(&world.write(&manager, readmit(placed))),
            None,
            "it has a place"
        );
    }
    assert!(!world.write(&member, ops()).already);
}

/// Only managers readmit, and only what its author signed, in this book, under a key that is known.
#[test]
fn only_what_its_author_signed_is_readmitted() {
    let (world, [_, manager, _, member, other]) = five();
    let original = world.entry(&member, ops());
    assert_eq!(world.verdict(&manager, readmit(&original)), Ok(()));
    let author = other.id(&world.log.book());
    assert_eq!(
        world.verdict(&other, readmit(&original)),
        Err(Reject::NotManager { author })
    );
    let forged = other.author.sign(Tag::Entry, &original.id().0);
    let author = original.header().author;
    let verdict = |entry: &Entry| world.verdict(&manager, readmit(entry));
    assert_eq!(
        verdict(&original.clone().with_signature(forged)),
        Err(Reject::Original { author })
    );
    let edited = |draft: Draft| verdict(&draft.ops(&some_ops(1)).unwrap().sign(&member.author));
    let draft = world.draft(&member);
    let book = BookId([1; 32]);
    assert_eq!(
        edited(Draft { book, ..draft }),
        Err(Reject::WrongBook { got: book })
    );
    let author = AuthorId([1; 32]);
    assert_eq!(
        edited(Draft { author, ..draft }),
        Err(Reject::NoSuchMember { author })
    );
    let key_epoch = KeyEpoch(1);
    assert_eq!(
        edited(Draft { key_epoch, ..draft }),
        Err(Reject::KeyEpoch {
            expected: KeyEpoch(0),
            got: key_epoch
        })
    );
}

/// Late entries of a revoked key, a frozen one and one that was rotated away get their effect through a manager.
#[test]
fn late_entries_of_ended_keys_are_readmitted() {
    let (mut world, [founder, manager, second, member, other]) = five();
    let late = [&member, &other, &second].map(|device| world.entry(device, ops()));
    world.write(&founder, revoke(&world, &member));
    let [one, two] = [1, 3].map(|n| Body::Ops(some_ops(n)));
    let fork = [one, two].map(|body| after(&late[1], &other, body));
    world.write(&founder, evidence(Proof::Fork, &fork[0], &fork[1]));
    // A copy of the device rotated, and never knew of the late entry.
    let (body, next) = rotation(&second, &world.log.book(), (1, 0x31), true);
    let rotated = world.entry(&second, body);
    world.place(rotated.clone()).unwrap();
    world.write(&next, ops());
    let beyond = after(&late[2], &second, ops());
    for original in [&late[0], &late[1], &fork[0], &fork[1], &beyond] {
        let ordered = world.write(&manager, readmit(original));
        assert_eq!(effect(&ordered), Some(original.id()), "{original:?}");
    }
    let sibling = world.write(&manager, readmit(&late[2]));
    assert_eq!(
        effect(&sibling),
        None,
        "beside the rotation: a branch, to be recorded first"
    );
    let proof = evidence_beside(
        Proof::Fork,
        [&rotated, &late[2]],
        &record_of(&world, &rotated),
    );
    world.write(&manager, proof);
    assert_eq!(
        effect(&world.write(&manager, readmit(&late[2]))),
        Some(late[2].id())
    );
}

/// The record of a placed entry, made again.
fn record_of(world: &World, entry: &Entry) -> OrderRecord {
    let placed = (1..=world.log.position().0).find_map(|position| {
        let record = OrderRecord {
            epoch: RelayEpoch(0),
            position: Position(position),
            relay_time_ms: 1_000,
            prev_tip: world.tips.at(Position(position - 1))?,
            entry_id: entry.id(),
            kind: entry.header().kind,
            signature: *entry.signature(),
        };
        (world.tips.at(Position(position))? == record.tip()).then_some(record)
    });
    placed.unwrap()
}

/// Both branches of a fork count: the one that is placed, and, once evidence records it, the other with all that goes on
/// from it.
#[test]
fn a_branch_is_readmitted_after_its_evidence() {
    let (mut world, [_, manager, _, member, _]) = five();
    let [placed, branch] = twins(&world, &member);
    let record = world.place(placed.clone()).unwrap().record;
    for _ in 0..3 {
        world.write(&member, ops());
    }
    let second = after(&branch, &member, ops());
    let third = after(&second, &member, ops());
    let all = [&branch, &second, &third];
    let effects = |world: &mut World| {
        all.map(|original| effect(&world.write(&manager, readmit(original))).is_some())
    };
    assert_eq!(
        effects(&mut world.clone()),
        [false; 3],
        "nothing is recorded"
    );
    let mut unrecorded = world.clone();
    unrecorded.write(&manager, evidence(Proof::Fork, &placed, &branch));
    assert_eq!(
        effects(&mut unrecorded),
        [false; 3],
        "no record of which one is placed"
    );
    for two in [[&placed, &branch], [&branch, &placed]] {
        let mut world = world.clone();
        world.write(&manager, evidence_beside(Proof::Fork, two, &record));
        assert_eq!(effects(&mut world), [true; 3]);
        assert_eq!(effects(&mut world), [false; 3], "once");
        assert_eq!(effect(&world.write(&manager, readmit(&placed))), None);
    }
    let mut skipped = world.clone();
    skipped.write(
        &manager,
        evidence_beside(Proof::BackLink, [&placed, &second], &record),
    );
    let given = [&second, &third].map(|it| effect(&skipped.write(&manager, readmit(it))).is_some());
    assert_eq!(given, [true; 2], "a branch whose first entry is lost");
}

/// A rotation without a place is readmitted for its key alone: what comes after it can then be readmitted too.
#[test]
fn a_rotation_without_a_place_shows_its_key() {
    let (mut world, [_, manager, _, member, other]) = five();
    let lost = world.entry(&member, ops());
    let (body, next) = rotation(&member, &world.log.book(), (1, 0x31), true);
    let rotated = after(&lost, &member, body);
    let later = after(&rotated, &next, ops());
    let unknown = Err(Reject::KeyEpoch {
        expected: KeyEpoch(0),
        got: KeyEpoch(1),
    });
    assert_eq!(world.verdict(&manager, readmit(&later)), unknown);
    assert_eq!(
        effect(&world.write(&manager, readmit(&rotated))),
        Some(rotated.id())
    );
    assert_eq!(
        effect(&world.write(&manager, readmit(&later))),
        Some(later.id())
    );
    let id = member.id(&world.log.book());
    assert_eq!(
        world.log.member(&id).unwrap().key_epoch,
        KeyEpoch(0),
        "for its own chain nothing changed"
    );
    let head = None;
    assert_eq!(
        world.check(&later),
        Err(Reject::KeyEpoch {
            expected: KeyEpoch(0),
            got: KeyEpoch(1)
        })
    );
    assert_eq!(world.check(&rotated), Err(Reject::Gap { head }));
    let wrong = [(&other.author, 1), (&SecretKey::from_seed([0x98; 32]), 2)];
    for (key, epoch) in wrong {
        let place = (
            &world.log.book(),
            &member.id(&world.log.book()),
            KeyEpoch(epoch),
        );
        let payload = KeyRotate::prove(place, key, &next.request, next.sealing.public());
        let original = after(&lost, &member, Body::KeyRotate(Box::new(payload)));
        let ordered = world.write(&manager, readmit(&original));
        assert_eq!(
            effect(&ordered),
            None,
            "another's key, and one that is not proved"
        );
    }
    // Nobody else gets that key; its own rotation still does, when the lost entry turns up.
    let (mut theirs, _) = rotation(&other, &world.log.book(), (1, 0x31), true);
    if let Body::KeyRotate(payload) = &mut theirs {
        let place = (&world.log.book(), &other.id(&world.log.book()), KeyEpoch(1));
        let request = SecretKey::from_seed([0x99; 32]);
        **payload = KeyRotate::prove(place, &next.author, &request, other.sealing.public());
    }
    assert!(matches!(
        world.verdict(&other, theirs),
        Err(Reject::KeyTaken { .. })
    ));
    world.place(lost).unwrap();
    world.place(rotated).unwrap();
    assert!(world.place(later).unwrap().already);
}

/// What is readmitted has seen no more than what stands below its readmission.
#[test]
fn readmitted_entries_have_seen_what_stands() {
    let (mut world, [_, manager, _, member, _]) = five();
    let seen = Seen {
        epoch: RelayEpoch(0),
        position: Position(900),
        tip: Tip([1; 32]),
    };
    let draft = Draft {
        seen,
        ..world.draft(&member)
    };
    let original = draft.ops(&some_ops(1)).unwrap().sign(&member.author);
    assert!(matches!(
        world.check(&original),
        Err(Reject::SeenUnknown { .. })
    ));
    let ordered = world.write(&manager, readmit(&original));
    let given = ordered.readmitted.unwrap();
    assert_eq!(
        (ordered.position, given.effective_seen),
        (Position(6), Position(5))
    );
}

/// Raw bytes of a readmission with a header of the carrier's own making.
fn carrier(world: &World, manager: &Device, payload: &[u8], edit: fn(&mut Header)) -> Vec<u8> {
    let draft = world.draft(manager);
    let mut header = Header {
        kind: Kind::Readmit,
        flags: 0,
        key_epoch: KeyEpoch(0),
        body_len: u32::try_from(payload.len()).unwrap(),
        sealed_len: 0,
        content_epoch: ContentEpoch::ZERO,
        seq: draft.seq,
        seen: draft.seen,
        book: draft.book,
        author: draft.author,
        prev: draft.prev,
        body_hash: BodyHash(hash::derive(hash::Thing::Control, &[payload])),
        sealed_hash: SealedHash::ZERO,
    };
    edit(&mut header);
    [header.encode().as_slice(), &Signature::ZERO.0, payload].concat()
}

/// The payload is the original, byte for byte; it has a limit of its own, carries ops or a rotation and nothing else, and
/// its slots are the carrier's.
#[test]
fn a_readmission_carries_the_bytes() {
    let (world, [_, manager, _, member, _]) = five();
    let original = world.entry(&member, ops());
    let entry = world.entry(&manager, readmit(&original));
    assert_eq!(entry.bytes()[296..], *original.bytes());
    let decode = |bytes: &[u8]| Entry::decode(bytes).map(|_| ());
    let plain: fn(&mut Header) = |_| ();
    assert_eq!(
        decode(&carrier(&world, &manager, original.bytes(), plain)),
        Ok(())
    );
    let nested = decode(&carrier(&world, &manager, entry.bytes(), plain));
    assert_eq!(nested, Err(Malformed::ReadmitKind.into()));
    assert_eq!(Readmit::of(entry), Err(Malformed::ReadmitKind));
    let mut sealed = original.bytes().to_vec();
    sealed[12] = 1;
    sealed[200] = 1;
    let slots = decode(&carrier(&world, &manager, &sealed, plain));
    assert_eq!(
        slots,
        Err(Malformed::ReadmitSlots.into()),
        "slots that do not travel along"
    );
    let mut later = original.bytes().to_vec();
    later[0] = 2;
    let later = decode(&carrier(&world, &manager, &later, plain));
    assert_eq!(later, Err(Unsupported::Format(2).into()));
    let most = OpsBody {
        ops: vec![Op {
            verb: 0,
            input: vec![7; usize::try_from(BODY_BYTES_MAX).unwrap() - 49],
            slots: Vec::new(),
        }],
        ..some_ops(1)
    };
    let most = world.entry(&member, Body::Ops(most));
    assert_eq!(most.header().body_len, BODY_BYTES_MAX);
    let full = world.entry(&manager, readmit(&most));
    assert_eq!(full.header().body_len, READMIT_BYTES_MAX);
    let longer = [most.bytes(), &[0]].concat();
    let too_long = Malformed::TooLong {
        max: READMIT_BYTES_MAX,
        got: u64::from(READMIT_BYTES_MAX) + 1,
    };
    assert_eq!(
        decode(&carrier(&world, &manager, &longer, plain)),
        Err(too_long.into())
    );
}
