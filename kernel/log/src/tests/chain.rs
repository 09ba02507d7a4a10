//! Claims about where an entry may stand: author chains, what was seen, and the record that places it.

use super::world::*;
use crate::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// B-1..B-4: the chain goes on at the head and nowhere else.
#[test]
fn author_chains_have_neither_gap_nor_fork() {
    let (mut world, founder) = World::founded();
    world.place(world.ops(&founder)).unwrap();
    let head = world.log.head(&founder.id(&world.log.book())).unwrap();
    assert_eq!((head.seq, head.position), (Seq(1), Position(2)));
    let next = world.draft(&founder);
    let outcome = |draft: Draft| {
        world
            .check(&draft.ops(&some_ops(1)).unwrap().sign(&founder.author))
            .map(|_| ())
    };
    assert_eq!(outcome(next), Ok(()));
    assert_eq!(
        outcome(Draft {
            seq: Seq(3),
            ..next
        }),
        Err(Reject::Gap { head: Some(head) })
    );
    assert_eq!(
        outcome(Draft {
            seq: Seq(1),
            ..next
        }),
        Err(Reject::Fork { head })
    );
    assert_eq!(
        outcome(Draft {
            prev: EntryId([1; 32]),
            ..next
        }),
        Err(Reject::Fork { head })
    );
    assert_eq!(
        outcome(Draft {
            seq: Seq(0),
            prev: EntryId::ZERO,
            ..next
        }),
        Err(Reject::Fork { head })
    );
    assert_eq!(
        outcome(Draft {
            seq: Seq(u64::MAX),
            ..next
        }),
        Err(Reject::Gap { head: Some(head) })
    );
    assert_eq!(
        outcome(Draft {
            key_epoch: KeyEpoch(1),
            ..next
        }),
        Err(Reject::KeyEpoch {
            expected: KeyEpoch(0),
            got: KeyEpoch(1)
        })
    );
    assert_eq!(
        outcome(Draft {
            book: BookId([1; 32]),
            ..next
        }),
        Err(Reject::WrongBook {
            got: BookId([1; 32])
        })
    );
}

/// A member that has written nothing starts at seq 0; a stranger may not write at all.
#[test]
fn a_first_entry_needs_a_place_in_the_registry() {
    let (mut world, founder) = World::founded();
    let device = Device::new(2);
    let author = device.id(&world.log.book());
    assert_eq!(
        world.check(&world.ops(&device)),
        Err(Reject::NotAdmitted { author })
    );
    let late = Draft {
        seq: Seq(1),
        prev: EntryId([1; 32]),
        ..world.draft(&device)
    };
    let late = late.ops(&some_ops(1)).unwrap().sign(&device.author);
    let first = Err(Reject::NotAdmitted { author });
    assert_eq!(world.check(&late), first, "before its chain is looked at");
    world.admit(&founder, &device, MemberRole::Member);
    let late = Draft {
        seq: Seq(1),
        prev: EntryId([1; 32]),
        ..world.draft(&device)
    };
    let late = late.ops(&some_ops(1)).unwrap().sign(&device.author);
    assert_eq!(world.check(&late), Err(Reject::Gap { head: None }));
    let ordered = world.place(world.ops(&device)).unwrap();
    assert_eq!(
        (ordered.role, ordered.position, ordered.effective_seen),
        (MemberRole::Member, Position(3), Position(2))
    );
}

/// An entry of `device` that says it has seen `position`, under `tip`.
fn having_seen(world: &World, device: &Device, position: u64, tip: Tip) -> Entry {
    let seen = Seen {
        epoch: RelayEpoch(0),
        position: Position(position),
        tip,
    };
    let draft = Draft {
        seen,
        ..world.draft(device)
    };
    draft.ops(&some_ops(1)).unwrap().sign(&device.author)
}

/// A book of five entries, the last of which let the second device in.
fn five_entries() -> (World, Device) {
    let (mut world, founder) = World::founded();
    for _ in 0..3 {
        world.place(world.ops(&founder)).unwrap();
    }
    let device = Device::new(2);
    world.admit(&founder, &device, MemberRole::Member);
    (world, device)
}

fn tip(world: &World, position: u64) -> Tip {
    world.tips.at(Position(position)).unwrap()
}

/// B-5, B-7: what was seen is below the own place and is what stands there.
#[test]
fn what_was_seen_stands_there() {
    let (world, device) = five_entries();
    let outcome = |position: u64, tip: Tip| {
        world
            .check(&having_seen(&world, &device, position, tip))
            .map(|_| ())
    };
    for position in 0..=5 {
        let ours = tip(&world, position);
        assert_eq!(outcome(position, ours), Ok(()), "seen {position}");
        let wrong = Reject::SeenTip {
            position: Position(position),
            ours,
        };
        assert_eq!(
            outcome(position, Tip([1; 32])),
            Err(wrong),
            "seen {position}"
        );
    }
    let unknown = Err(Reject::SeenUnknown { have: Position(5) });
    assert_eq!(outcome(6, Tip([1; 32])), unknown, "its own place");
    let draft = world.draft(&device);
    let later = Seen {
        epoch: RelayEpoch(1),
        ..draft.seen
    };
    let later = Draft {
        seen: later,
        ..draft
    }
    .ops(&some_ops(1))
    .unwrap()
    .sign(&device.author);
    assert_eq!(
        world.check(&later).map(|_| ()),
        unknown,
        "an epoch that has not begun"
    );
    let entry = having_seen(&world, &device, 2, tip(&world, 2));
    let not_held = Err(Reject::TipNotHeld {
        position: Position(2),
    });
    assert_eq!(world.log.check(&entry, &|_| None), not_held);
}

/// B-6: along a chain, what was seen never decreases.
#[test]
fn what_was_seen_never_falls() {
    let (mut world, device) = five_entries();
    let entry = having_seen(&world, &device, 3, tip(&world, 3));
    world.place(entry).unwrap();
    let again = |position: u64| {
        world
            .check(&having_seen(
                &world,
                &device,
                position,
                tip(&world, position),
            ))
            .map(|_| ())
    };
    let other = world.check(&having_seen(&world, &device, 3, Tip([1; 32])));
    let ours = tip(&world, 3);
    let wrong = Reject::SeenTip {
        position: Position(3),
        ours,
    };
    assert_eq!(other, Err(wrong), "the same position, another tip");
    let fell = Reject::SeenFell {
        before: Position(3),
        got: Position(2),
    };
    assert_eq!((again(2), again(3), again(6)), (Err(fell), Ok(()), Ok(())));
}

type Edit = fn(&mut OrderRecord);

/// Each way in which a record at position 3 can be wrong, in order of precedence.
fn wrong_records(tip: Tip, id: EntryId) -> [(Edit, Invalid); 8] {
    let (zero, one) = (RelayEpoch(0), RelayEpoch(1));
    let gap = |got| Invalid::Gap {
        expected: Position(3),
        got: Position(got),
    };
    let time = Invalid::TimeFell {
        last: 1_000,
        got: 999,
    };
    let other = EntryId([1; 32]);
    [
        (
            |r| r.epoch = RelayEpoch(1),
            Invalid::Epoch {
                expected: zero,
                got: one,
            },
        ),
        (|r| r.position = Position(2), gap(2)),
        (|r| r.position = Position(4), gap(4)),
        (
            |r| r.prev_tip = Tip([1; 32]),
            Invalid::PrevTip {
                ours: tip,
                got: Tip([1; 32]),
            },
        ),
        (|r| r.relay_time_ms = 999, time),
        (
            |r| r.entry_id = EntryId([1; 32]),
            Invalid::EntryId {
                record: other,
                entry: id,
            },
        ),
        (|r| r.kind = Kind::KeyAdd, Invalid::Kind),
        (|r| r.signature = Signature([1; 64]), Invalid::Signature),
    ]
}

/// O-7..O-13: each wrong record has its error, in order of precedence, and changes nothing.
#[test]
fn each_wrong_record_has_its_error() {
    let (mut world, founder) = World::founded();
    world.place(world.ops(&founder)).unwrap();
    let entry = world.ops(&founder);
    let verified = entry.clone().verify(&world.check(&entry).unwrap()).unwrap();
    let good = world.log.next_record(&entry, 2_000);
    let table = wrong_records(world.log.tip(), entry.id());
    for (n, (edit, expected)) in table.into_iter().enumerate() {
        let (mut changed, before) = (good, world.clone());
        edit(&mut changed);
        assert_eq!(
            world.place_record(&changed, verified.clone()),
            Err(expected),
            "row {n}"
        );
        assert_eq!(world, before, "row {n} changed the log");
        // A record with this fault and every later one still has this error.
        for (later, _) in &wrong_records(world.log.tip(), entry.id())[n..] {
            if n > 2 {
                later(&mut changed);
            }
        }
        assert_eq!(
            world.place_record(&changed, verified.clone()),
            Err(expected),
            "row {n} first"
        );
    }
    assert!(world.place_record(&good, verified.clone()).is_ok());
    let again = Invalid::Gap {
        expected: Position(4),
        got: Position(3),
    };
    assert_eq!(world.place_record(&good, verified), Err(again));
}

/// An entry that was verified with a stranger's key is not placed.
#[test]
fn the_key_that_verified_is_the_authors() {
    let (mut world, founder) = World::founded();
    let stranger = Device::new(3);
    let entry = world
        .draft(&founder)
        .ops(&some_ops(1))
        .unwrap()
        .sign(&stranger.author);
    let record = world.log.next_record(&entry, 2_000);
    let key = AdmittedKey::admit(stranger.author.public()).unwrap();
    assert_eq!(
        world.place_record(&record, entry.verify(&key).unwrap()),
        Err(Invalid::Key)
    );
}

/// A relay whose clock goes back still makes records that every reader takes.
#[test]
fn a_clock_that_goes_back_is_held() {
    let (mut world, founder) = World::founded();
    let entry = world.ops(&founder);
    let record = world.log.next_record(&entry, 1);
    assert_eq!(record.relay_time_ms, 1_000);
    assert!(world.place_record(&record, entry.trust_stored()).is_ok());
}

/// Placing what is trusted from own storage gives the very log that verifying gives.
#[test]
fn trusted_and_verified_logs_are_equal() {
    let (mut world, founder) = World::founded();
    world.admit(&founder, &Device::new(2), MemberRole::Manager);
    let mut stored = alloc::vec::Vec::new();
    for device in [1, 2, 1, 2] {
        let entry = world.ops(&Device::new(device));
        stored.push(world.place(entry).unwrap());
    }
    let (mut replayed, mut trusted) = (World::founded().0, World::founded().0);
    replayed.admit(&founder, &Device::new(2), MemberRole::Manager);
    trusted.admit(&founder, &Device::new(2), MemberRole::Manager);
    assert_ne!(replayed, world);
    for ordered in stored {
        let entry = Entry::decode(ordered.entry.bytes()).unwrap();
        let key = replayed.check(&entry).unwrap();
        replayed
            .place_record(&ordered.record, entry.clone().verify(&key).unwrap())
            .unwrap();
        trusted
            .place_record(&ordered.record, entry.trust_stored())
            .unwrap();
    }
    let held = |world: &World| (world.log.clone(), world.tips.clone());
    assert_eq!(
        (held(&replayed), held(&trusted)),
        (held(&world), held(&world))
    );
}
