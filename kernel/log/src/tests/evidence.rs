//! Claims about proofs that entries alone make; `docs/spec/readmit.md` names them.

use super::registry::rotation;
use super::world::*;
use crate::*;
use alloc::boxed::Box;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Entries that a device could write next, differing by their count of ops.
pub(super) fn twins(world: &World, device: &Device) -> [Entry; 2] {
    [1, 3].map(|count| world.entry(device, Body::Ops(some_ops(count))))
}

/// The next entry of the device after `entry`, whether that is placed or not.
pub(super) fn after(entry: &Entry, device: &Device, body: Body) -> Entry {
    let header = entry.header();
    let rotated = u32::from(header.kind == Kind::KeyRotate);
    let draft = Draft {
        book: header.book,
        author: header.author,
        key_epoch: KeyEpoch(header.key_epoch.0 + rotated),
        seq: header.seq.next().unwrap(),
        prev: entry.id(),
        seen: header.seen,
        flags: 0,
    };
    draft.write(body).unwrap().sign(&device.author)
}

fn key(device: &Device) -> AdmittedKey {
    AdmittedKey::admit(device.author.public()).unwrap()
}

pub(super) fn evidence(proof: Proof, first: &Entry, second: &Entry) -> Body {
    Body::Evidence(Box::new(Evidence::of(proof, first, second)))
}

/// Evidence with the record of the entry of the two that is placed.
pub(super) fn evidence_beside(proof: Proof, two: [&Entry; 2], record: &OrderRecord) -> Body {
    let mut payload = Evidence::of(proof, two[0], two[1]);
    payload.placed = Some(*record);
    Body::Evidence(Box::new(payload))
}

type Show = fn(&World, &[Device; 5]) -> [Entry; 2];

/// Headers that show nothing, and why, for each proof. The accused is the fourth device.
fn nothing_shown() -> Vec<(Proof, Show, NoProof)> {
    let of_other_book: Show = |world, [.., accused, _]| {
        let draft = Draft {
            book: BookId([1; 32]),
            ..world.draft(accused)
        };
        let other = draft.ops(&some_ops(1)).unwrap().sign(&accused.author);
        [world.entry(accused, ops()), other]
    };
    let of_two: Show =
        |world, [.., accused, other]| [world.entry(accused, ops()), world.entry(other, ops())];
    let same: Show =
        |world, [.., accused, _]| [world.entry(accused, ops()), world.entry(accused, ops())];
    let linked: Show = |world, [.., accused, _]| {
        let first = world.entry(accused, ops());
        let second = after(&first, accused, ops());
        [first, second]
    };
    let forked: Show = |world, [.., accused, _]| twins(world, accused);
    let two_epochs: Show = |world, [.., accused, _]| {
        let (body, next) = rotation(accused, &world.log.book(), (1, 0x31), true);
        let first = world.entry(accused, body);
        let second = after(&first, &next, ops());
        [first, second]
    };
    let forged: Show = |world, [.., accused, other]| {
        let [first, second] = twins(world, accused);
        let signature = other.author.sign(Tag::Entry, &second.id().0);
        [first, second.with_signature(signature)]
    };
    let mut table = Vec::new();
    for proof in [Proof::Fork, Proof::BackLink, Proof::Superseded] {
        table.push((proof, of_other_book, NoProof::OtherBook));
        table.push((proof, of_two, NoProof::TwoAuthors));
        table.push((proof, same, NoProof::SameEntry));
        table.push((proof, two_epochs, NoProof::TwoEpochs));
    }
    table.extend([
        (Proof::Fork, linked, NoProof::OtherSeq),
        (Proof::BackLink, forked, NoProof::OtherSeq),
        (Proof::Superseded, forked, NoProof::OtherSeq),
        (Proof::BackLink, linked, NoProof::Linked),
        (Proof::Superseded, linked, NoProof::NoRotation),
        (Proof::Fork, forged, NoProof::NotSigned),
    ]);
    table
}

/// Two honest entries prove nothing, whatever is said about them; each case has its reason.
#[test]
fn honest_entries_prove_nothing() {
    let (world, devices) = five();
    let [accuser, .., accused, _] = &devices;
    for (n, (proof, show, expected)) in nothing_shown().into_iter().enumerate() {
        let [first, second] = show(&world, &devices);
        let payload = Evidence::of(proof, &first, &second);
        assert_eq!(
            payload.prove(&world.log.book(), &key(accused)),
            Err(expected),
            "row {n}"
        );
        let verdict = world.verdict(accuser, Body::Evidence(Box::new(payload)));
        assert_eq!(verdict, Err(Reject::NoProof(expected)), "row {n}");
    }
}

/// One case of each proof, made by the device.
fn shown(world: &World, device: &Device) -> [(Proof, Entry, Entry); 3] {
    let [one, two] = twins(world, device);
    let unlinked = after(&two, device, ops());
    let (body, _) = rotation(device, &world.log.book(), (1, 0x31), true);
    let rotated = world.entry(device, body);
    // The old key goes on as if it had not been given up.
    let draft = Draft {
        key_epoch: KeyEpoch(0),
        seq: Seq(7),
        prev: EntryId([7; 32]),
        ..world.draft(device)
    };
    let misused = draft.ops(&some_ops(1)).unwrap().sign(&device.author);
    [
        (Proof::Fork, one.clone(), two),
        (Proof::BackLink, one, unlinked),
        (Proof::Superseded, rotated, misused),
    ]
}

/// Each proof holds, for a stranger with the key alone, and under no other key. Any member may bring it.
#[test]
fn each_proof_holds_for_a_stranger() {
    let (world, [accuser, _, _, member, other]) = five();
    for (proof, first, second) in shown(&world, &member) {
        let payload = Evidence::of(proof, &first, &second);
        let book = world.log.book();
        assert_eq!(payload.prove(&book, &key(&member)), Ok(()), "{proof:?}");
        assert_eq!(payload.prove(&book, &key(&other)), Err(NoProof::NotSigned));
        for by in [&accuser, &other, &member] {
            let body = Body::Evidence(Box::new(payload));
            assert_eq!(world.verdict(by, body), Ok(()), "{proof:?}");
        }
    }
}

/// Evidence freezes the key epoch from its own position; what is older stays, and so do other authors.
#[test]
fn evidence_freezes_from_its_position() {
    let (mut world, [accuser, _, _, member, other]) = five();
    for (proof, first, second) in shown(&world, &member) {
        let mut world = world.clone();
        let older = world.write(&member, ops());
        let at = world
            .write(&accuser, evidence(proof, &first, &second))
            .position;
        assert_eq!(older.position, Position(6));
        assert_eq!(
            world.standing(&member),
            Standing::Frozen { at },
            "{proof:?}"
        );
        assert_eq!(world.verdict(&member, ops()), Err(Reject::Frozen { at }));
        let (rotate, _) = rotation(&member, &world.log.book(), (1, 0x39), true);
        assert_eq!(
            world.verdict(&member, rotate),
            Err(Reject::Frozen { at }),
            "nor a rotation"
        );
        assert_eq!(world.verdict(&other, ops()), Ok(()));
        let late = world.write(&other, evidence(proof, &first, &second));
        assert_eq!(
            world.standing(&member),
            Standing::Frozen { at },
            "twice changes nothing"
        );
        let gone = world.write(&accuser, revoke(&world, &member)).position;
        assert_eq!(world.standing(&member), Standing::Revoked { at: gone });
        assert!(late.position < gone);
    }
    // A healed fork: the key has gone, and its successor is not touched.
    let [one, two] = twins(&world, &member);
    world.place(one.clone()).unwrap();
    let (rotate, next) = rotation(&member, &world.log.book(), (1, 0x31), true);
    world.write(&member, rotate);
    world.write(&accuser, evidence(Proof::Fork, &one, &two));
    assert_eq!(world.standing(&member), Standing::Active);
    assert_eq!(world.verdict(&next, ops()), Ok(()));
}

/// Evidence against nobody, or under a key that is not known, is none.
#[test]
fn evidence_names_a_known_key() {
    let (world, [accuser, _, _, member, _]) = five();
    let stranger = Device::new(0x77);
    let [one, two] = twins(&world, &stranger);
    let author = stranger.id(&world.log.book());
    assert_eq!(
        world.verdict(&accuser, evidence(Proof::Fork, &one, &two)),
        Err(Reject::NoSuchMember { author })
    );
    let later = twins(&world, &member).map(|entry| {
        let draft = Draft {
            key_epoch: KeyEpoch(1),
            flags: entry.header().body_len.is_multiple_of(2).into(),
            ..world.draft(&member)
        };
        let draft = Draft { flags: 0, ..draft };
        draft
            .ops(&some_ops(
                u8::try_from(entry.header().body_len % 5).unwrap() + 1,
            ))
            .unwrap()
            .sign(&member.author)
    });
    assert_eq!(
        world.verdict(&accuser, evidence(Proof::Fork, &later[0], &later[1])),
        Err(Reject::KeyEpoch {
            expected: KeyEpoch(0),
            got: KeyEpoch(1)
        })
    );
}

/// The record beside a proof stands where it says, and places one of the two.
#[test]
fn a_record_beside_a_proof_stands_there() {
    let (mut world, [accuser, _, _, member, other]) = five();
    let [one, two] = twins(&world, &member);
    let record = world.place(one.clone()).unwrap().record;
    let third = world.write(&other, ops()).record;
    let verdict = |record: &OrderRecord| {
        world.verdict(&accuser, evidence_beside(Proof::Fork, [&one, &two], record))
    };
    let wrong = |position| Err(Reject::ProofRecord { position });
    assert_eq!(verdict(&record), Ok(()));
    assert_eq!(verdict(&third), wrong(Position(7)), "places neither");
    let elsewhere = OrderRecord {
        position: Position(5),
        ..record
    };
    assert_eq!(verdict(&elsewhere), wrong(Position(5)));
    let later = OrderRecord {
        position: Position(9),
        ..record
    };
    assert_eq!(verdict(&later), wrong(Position(9)));
    let touched = OrderRecord {
        entry_id: two.id(),
        ..record
    };
    assert_eq!(verdict(&touched), wrong(Position(6)));
    let entry = world.entry(
        &accuser,
        evidence_beside(Proof::Fork, [&one, &two], &record),
    );
    let not_held = Reject::TipNotHeld {
        position: Position(6),
    };
    assert_eq!(world.log.check(&entry, &|_| None), Err(not_held));
}

/// A proof's bytes lie where the page says, have one encoding, and an unknown number is for a newer build.
#[test]
fn proofs_have_one_layout() {
    let (mut world, [accuser, _, _, member, _]) = five();
    let [one, two] = twins(&world, &member);
    let record = world.place(one.clone()).unwrap().record;
    let body = evidence_beside(Proof::Fork, [&one, &two], &record);
    let entry = world.entry(&accuser, body.clone());
    let payload = entry.bytes()[296..].to_vec();
    assert_eq!(
        (payload.len(), payload[0], payload[593]),
        (1 + 2 * 296 + 1 + 152, 1, 1)
    );
    assert_eq!(payload[1..297], one.bytes()[..296]);
    assert_eq!(payload[297..593], two.bytes()[..296]);
    assert_eq!(payload[594..], record.encode());
    assert_eq!(entry.body(), &body);
    let edited = |at: usize, value: u8| {
        let mut changed = payload.clone();
        changed[at] = value;
        Body::decode(Kind::Evidence, &changed, 0).map(|_| ())
    };
    assert_eq!(edited(0, 1), Ok(()));
    for unknown in [0, 4, 255] {
        assert_eq!(
            edited(0, unknown),
            Err(Unsupported::Evidence(unknown).into())
        );
    }
    assert_eq!(edited(593, 2), Err(Malformed::NotCanonical.into()));
    assert_eq!(edited(593, 0), Err(Malformed::LeftOver.into()));
    assert_eq!(
        edited(1, 2),
        Err(Unsupported::Format(2).into()),
        "a later header"
    );
    let cut = Body::decode(Kind::Evidence, &payload[..payload.len() - 1], 0);
    assert_eq!(cut.map(|_| ()), Err(Malformed::TooShort.into()));
}
