//! Claims about a change of relay; `docs/spec/handover.md` names them.

use super::registry::{new_roots, roots_to};
use super::world::*;
use crate::book_log::KeyRole;
use crate::control::handover_author;
use crate::*;
use alloc::boxed::Box;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

pub(super) fn relay(seed: u8) -> SecretKey {
    SecretKey::from_seed([seed; 32])
}

/// A handover of the log as it stands, approved by both root keys.
pub(super) fn payload(world: &World, old: u32, key: &SecretKey) -> Handover {
    let book = world.log.book();
    let mut payload = Handover {
        old_epoch: RelayEpoch(old),
        cut: world.log.position(),
        tip: world.log.tip(),
        tree_root: [3; 32],
        relay_key: key.public(),
        recovered_root: [4; 32],
        approvals: Vec::new(),
    };
    payload.approve(&book, 0, &roots()[0]);
    payload.approve(&book, 1, &roots()[1]);
    payload
}

fn draft(world: &World, payload: &Handover) -> Draft {
    let book = world.log.book();
    Draft {
        seen: Seen {
            epoch: payload.old_epoch,
            position: payload.cut,
            tip: payload.tip,
        },
        ..Draft::first(book, handover_author(&book, payload.epoch().unwrap()))
    }
}

pub(super) fn entry(world: &World, payload: &Handover, key: &SecretKey) -> Entry {
    let body = Body::Handover(Box::new(payload.clone()));
    draft(world, payload).write(body).unwrap().sign(key)
}

/// Cuts the log and lets another relay go on.
pub(super) fn hand_over(world: &World, cut: u64, seed: u8) -> World {
    let mut after = world.rebuilt(cut);
    let key = relay(seed);
    let old = world.log.epoch().0;
    let handover = entry(&after, &payload(&after, old, &key), &key);
    after.place(handover).unwrap();
    after
}

/// The log goes on at the position after the cut, in the next epoch, with a clock of its own.
#[test]
fn a_handover_opens_the_next_epoch() {
    let (world, [founder, ..]) = five();
    let (mut after, key) = (world.rebuilt(4), relay(0xb2));
    let handover = entry(&after, &payload(&after, 0, &key), &key);
    let record = after.log.next_record(&handover, -7);
    assert_eq!(
        (record.epoch, record.position, record.relay_time_ms),
        (RelayEpoch(1), Position(5), -7)
    );
    let same = OrderRecord {
        epoch: RelayEpoch(0),
        ..record
    };
    let trusted = || handover.clone().trust_stored();
    assert_eq!(
        after.place_record(&same, trusted()),
        Err(Invalid::Epoch {
            expected: RelayEpoch(1),
            got: RelayEpoch(0)
        })
    );
    after.place_record(&record, trusted()).unwrap();
    assert_eq!(
        (after.log.epoch(), after.log.relay_time_ms()),
        (RelayEpoch(1), -7)
    );
    assert_eq!(
        (after.log.cuts()[0].cut, after.log.cuts()[0].entry),
        (Position(4), handover.id())
    );
    let next = after.write(&founder, ops());
    assert_eq!(
        (next.record.epoch, next.position),
        (RelayEpoch(1), Position(6))
    );
    let old = OrderRecord {
        epoch: RelayEpoch(0),
        ..after.log.next_record(&world.entry(&founder, ops()), 5)
    };
    let entry = after.entry(&founder, ops()).trust_stored();
    assert!(matches!(
        after.place_record(&old, entry),
        Err(Invalid::Epoch { .. })
    ));
}

/// The new relay key signs, root keys approve, and nobody else is asked.
#[test]
fn a_handover_is_approved_by_root_keys() {
    let (world, [founder, ..]) = five();
    let key = relay(0xb2);
    let good = payload(&world, 0, &key);
    let verdict = |payload: &Handover| world.check(&entry(&world, payload, &key)).map(|_| ());
    assert_eq!(verdict(&good), Ok(()));
    let mut few = good.clone();
    few.approvals.pop();
    assert_eq!(
        verdict(&few),
        Err(Reject::TooFewApprovals { have: 1, need: 2 })
    );
    type Edit = fn(&mut Handover);
    let edits: [Edit; 4] = [
        |p| p.tree_root = [0; 32],
        |p| p.recovered_root = [0; 32],
        |p| p.relay_key = relay(0xb3).public(),
        |p| p.old_epoch = RelayEpoch(1),
    ];
    for (n, edit) in edits.into_iter().enumerate() {
        let mut changed = good.clone();
        edit(&mut changed);
        assert_eq!(
            verdict(&changed),
            Err(Reject::Approval { root: 0 }),
            "row {n}"
        );
    }
    let forged = entry(&world, &good, &founder.author);
    let named = world.check(&forged).unwrap();
    assert_eq!(named.public(), key.public());
    assert_eq!(forged.verify(&named), Err(Unauthentic));
    let mut swapped = good.clone();
    swapped.approvals.swap(0, 1);
    let written = draft(&world, &swapped).write(Body::Handover(Box::new(swapped)));
    assert_eq!(written, Err(Malformed::ApprovalOrder.into()));
    let last = Handover {
        old_epoch: RelayEpoch(u32::MAX),
        ..good
    };
    let draft = Draft::first(world.log.book(), AuthorId::ZERO);
    let written = draft.write(Body::Handover(Box::new(last)));
    assert_eq!(written, Err(Malformed::EpochEnd.into()));
}

/// A relay's key is admitted and has no other role, nor was it the relay's before.
#[test]
fn a_new_relay_key_is_free() {
    let (world, _) = five();
    let verdict = |seed: u8| {
        let key = relay(seed);
        world
            .check(&entry(&world, &payload(&world, 0, &key), &key))
            .map(|_| ())
    };
    let role = KeyRole::Relay;
    for (seed, taken) in [
        (0xb1, KeyRole::Relay),
        (0xa1, KeyRole::Root),
        (2, KeyRole::Author),
    ] {
        assert_eq!(verdict(seed), Err(Reject::KeyTaken { role, taken }));
    }
    let weak = Handover {
        relay_key: PublicKey([0; 32]),
        ..payload(&world, 0, &relay(0xb2))
    };
    let fault = KeyFault::Weak;
    let weak = world.check(&entry(&world, &weak, &relay(0xb2)));
    assert_eq!(weak, Err(Reject::Key { role, fault }));
    let after = hand_over(&world, 4, 0xb2);
    let device = Device::new(0xb2);
    let taken = after.verdict(
        &Device::new(1),
        Body::KeyAdd(Box::new(
            device.payload(&after.log.book(), MemberRole::Member),
        )),
    );
    let expected = Reject::KeyTaken {
        role: KeyRole::Author,
        taken: role,
    };
    assert_eq!(
        taken,
        Err(expected),
        "its key is nobody else's from there on"
    );
}

/// The header follows from the payload: one author per epoch, which writes one entry, having seen the cut.
#[test]
fn a_handovers_header_follows_from_its_payload() {
    let (world, [founder, ..]) = five();
    let key = relay(0xb2);
    let good = payload(&world, 0, &key);
    type Edit = fn(&mut Draft);
    let edits: [Edit; 5] = [
        |d| d.author = AuthorId([1; 32]),
        |d| (d.seq, d.prev) = (Seq(1), EntryId([1; 32])),
        |d| d.key_epoch = KeyEpoch(1),
        |d| d.flags = 2,
        |d| d.seen.position = Position(3),
    ];
    let verdict = |draft: Draft| {
        let body = Body::Handover(Box::new(good.clone()));
        world
            .check(&draft.write(body).unwrap().sign(&key))
            .map(|_| ())
    };
    let right = draft(&world, &good);
    assert_eq!(verdict(right), Ok(()));
    for (n, edit) in edits.into_iter().enumerate() {
        let mut changed = right;
        edit(&mut changed);
        assert_eq!(verdict(changed), Err(Reject::HandoverHeader), "row {n}");
    }
    let author = founder.id(&world.log.book());
    assert_eq!(
        verdict(Draft { author, ..right }),
        Err(Reject::HandoverHeader)
    );
}

/// A log that goes on above the cut, or ends below it, is rebuilt first; root keys count as of the cut.
#[test]
fn a_handover_fits_a_log_that_ends_at_its_cut() {
    let (mut world, [founder, ..]) = five();
    world.write(&founder, roots_to(&world, 1, &new_roots(), 2));
    let (mut cut, key) = (world.rebuilt(4), relay(0xb2));
    let handover = entry(&cut, &payload(&cut, 0, &key), &key);
    let record = cut.log.next_record(&handover, 5);
    let refused = |have: u64| {
        Err(Invalid::Entry(Reject::Cut {
            have: Position(have),
            cut: Position(4),
        }))
    };
    for have in [3, 5, 6] {
        let mut world = world.rebuilt(have);
        let before = world.clone();
        let placed = world.place_record(&record, handover.clone().trust_stored());
        assert_eq!(placed, refused(have));
        assert_eq!(world, before);
    }
    let other = Handover {
        tip: Tip([9; 32]),
        ..payload(&cut, 0, &key)
    };
    let other = cut.check(&entry(&cut, &other, &key));
    assert!(matches!(other, Err(Reject::Cut { .. })), "another tip");
    let mut other = payload(&cut, 0, &key);
    (other.cut, other.approvals) = (Position(3), Vec::new());
    other.approve(&cut.log.book(), 0, &roots()[0]);
    other.approve(&cut.log.book(), 1, &roots()[1]);
    let other = cut.check(&entry(&cut, &other, &key));
    assert!(matches!(other, Err(Reject::Cut { .. })), "another cut");
    cut.place_record(&record, handover.trust_stored()).unwrap();
    // Above the change of root keys the old ones are no root keys any more.
    let late = entry(&world, &payload(&world, 0, &key), &key);
    assert_eq!(world.check(&late), Err(Reject::Approval { root: 0 }));
}

/// Two handovers of one epoch are told from every other fault: whoever reads them stops and asks people.
#[test]
fn two_handovers_of_one_epoch_stop() {
    let (world, _) = five();
    let mut after = hand_over(&world, 4, 0xb2);
    let key = relay(0xb3);
    for cut in [3, 5] {
        let before = world.rebuilt(cut);
        let second = entry(&before, &payload(&before, 0, &key), &key);
        let epoch = RelayEpoch(0);
        assert_eq!(after.check(&second), Err(Reject::TwoHandovers { epoch }));
        let record = before.log.next_record(&second, 5);
        let placed = after.place_record(&record, second.trust_stored());
        assert_eq!(placed, Err(Invalid::Entry(Reject::TwoHandovers { epoch })));
    }
    let again = after.items.last().unwrap().clone();
    let again = after.place_record(&again.record, again.entry);
    let current = RelayEpoch(1);
    assert_eq!(
        again,
        Err(Invalid::Entry(Reject::HandoverEpoch { current })),
        "the very same one"
    );
}

/// A second relay that is lost with everything since a lower cut: the new epoch is above all, what lies between is void.
#[test]
fn a_handover_may_skip_an_epoch() {
    let (world, [founder, ..]) = five();
    let mut second = hand_over(&world, 4, 0xb2);
    second.write(&founder, ops());
    let third = hand_over(&second, 3, 0xb3);
    assert_eq!(
        (third.log.epoch(), third.log.position()),
        (RelayEpoch(2), Position(4))
    );
    let old = Seen {
        epoch: RelayEpoch(1),
        position: Position(5),
        tip: Tip([1; 32]),
    };
    assert_eq!(third.log.effective_seen(&old), Position(3));
    let older = Seen {
        epoch: RelayEpoch(0),
        position: Position(4),
        ..old
    };
    assert_eq!(
        third.log.effective_seen(&older),
        Position(3),
        "every later cut counts"
    );
    let first = entry(&world, &payload(&world, 0, &relay(0xb4)), &relay(0xb4));
    let current = RelayEpoch(2);
    assert_eq!(third.check(&first), Err(Reject::HandoverEpoch { current }));
}

/// What an author had seen above a cut is gone: it is not checked, counts as the cut, and the entry stays placeable.
/// Below the cut it is checked as ever.
#[test]
fn what_was_seen_above_a_cut_counts_as_the_cut() {
    let (mut world, [founder, _, _, member, _]) = five();
    for _ in 0..3 {
        world.write(&founder, ops());
    }
    let seen_all = world.entry(&member, ops());
    assert_eq!(seen_all.header().seen.position, Position(8));
    let mut after = hand_over(&world, 5, 0xb2);
    let ordered = after.place(seen_all.clone()).unwrap();
    assert_eq!(ordered.effective_seen, Position(5));
    let at = |epoch: u32, position: u64, tip: Tip| {
        let seen = Seen {
            epoch: RelayEpoch(epoch),
            position: Position(position),
            tip,
        };
        let draft = Draft {
            seen,
            ..after.draft(&member)
        };
        after
            .check(&draft.ops(&some_ops(1)).unwrap().sign(&member.author))
            .map(|_| ())
    };
    let wrong = Tip([1; 32]);
    let tip = |position: u64| after.tips.at(Position(position)).unwrap();
    assert_eq!(at(0, 6, wrong), Ok(()), "above the cut, whatever it says");
    assert_eq!(at(0, 5, tip(5)), Ok(()));
    let ours = tip(5);
    let position = Position(5);
    assert_eq!(at(0, 5, wrong), Err(Reject::SeenTip { position, ours }));
    let fell = Reject::SeenFell {
        before: Position(5),
        got: Position(4),
    };
    assert_eq!(
        at(0, 4, tip(4)),
        Err(fell),
        "less than the cut, which counts now"
    );
    assert_eq!(at(1, 7, tip(7)), Ok(()));
    assert_eq!(
        at(1, 7, wrong),
        Err(Reject::SeenTip {
            position: Position(7),
            ours: tip(7)
        })
    );
    let unknown = Err(Reject::SeenUnknown { have: Position(7) });
    assert_eq!(
        at(1, 8, wrong),
        unknown,
        "not above the cut of its own epoch"
    );
    assert_eq!(at(2, 1, wrong), unknown, "an epoch that has not begun");
}

/// Entries that stood above the cut get their places again, in their old order, under their old ids.
#[test]
fn recovered_entries_stand_again() {
    let (mut world, [_, manager, _, member, _]) = five();
    for device in [&member, &manager, &member] {
        world.write(device, ops());
    }
    let mut after = hand_over(&world, 5, 0xb2);
    for item in &world.items[5..] {
        let again = after.place(item.entry.entry().clone()).unwrap();
        assert_eq!(again.entry.id(), item.entry.id());
        assert_eq!(again.position, Position(item.position.0 + 1));
        assert_eq!(again.effective_seen, Position(5));
    }
}
