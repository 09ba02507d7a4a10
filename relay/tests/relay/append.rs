//! Into the order and out of it again.

use crate::world::{AST, Device, Relay, found, joined, step_back};
use daybook_log::control::{Adoption, chunk_id};
use daybook_log::wire::{Answer, Append, WireBody};
use daybook_log::{
    Body, ContentEpoch, Entry, OrderRecord, Position, RelayEpoch, SealedBody, Seen, Seq, Signature,
    Tip, VerifiedEntry,
};
use std::collections::BTreeSet;

#[test]
fn one_entry_posted_a_thousand_times_stands_once() {
    let relay = Relay::start();
    let founder = found(&relay);
    let entry = founder.ops(b"one");
    let first = founder.place(&entry);
    // Half of them at once from eight connections, half within one request.
    let answers = std::thread::scope(|scope| {
        let one = |_| {
            let device = clone_of(&founder);
            let entry = &entry;
            scope.spawn(move || {
                (0..62)
                    .flat_map(|_| device.append(&[entry]))
                    .collect::<Vec<_>>()
            })
        };
        let threads: Vec<_> = (0..8).map(one).collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect::<Vec<_>>()
    });
    let same = vec![&entry; 504];
    let answers = [answers, founder.append(&same)].concat();
    assert_eq!(answers.len(), 1000);
    let expected = Answer::Placed {
        record: first.encode().to_vec(),
        duplicate: true,
    };
    assert!(answers.iter().all(|answer| *answer == expected));
    assert_eq!(founder.tip().position, Position(2));
}

#[test]
fn many_posters_of_one_new_entry_get_one_position() {
    let relay = Relay::start();
    let founder = found(&relay);
    let entry = founder.ops(b"raced");
    let records: Vec<_> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let device = clone_of(&founder);
                let entry = &entry;
                scope.spawn(move || device.append(&[entry]).remove(0))
            })
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let placed = |answer: &Answer| match answer {
        Answer::Placed { record, duplicate } => (record.clone(), *duplicate),
        Answer::Rejected(problem) => panic!("{problem:?}"),
    };
    assert_eq!(
        records
            .iter()
            .map(|answer| placed(answer).0)
            .collect::<BTreeSet<_>>()
            .len(),
        1
    );
    assert_eq!(
        records.iter().filter(|answer| !placed(answer).1).count(),
        1,
        "exactly one was new"
    );
}

/// The same installation on a connection of its own.
fn clone_of(device: &Device) -> Device {
    let mut twin = Device::new(1, &device.url);
    twin.book = device.book;
    twin
}

#[test]
fn gaps_forks_and_what_was_not_seen_are_told_with_what_is_needed() {
    let relay = Relay::start();
    let founder = found(&relay);
    let one = founder.ops(b"one");
    let two = founder.ops(b"two");
    let problem = founder.rejected(&two);
    assert_eq!(
        (
            problem.status,
            problem.kind.as_str(),
            problem.head.unwrap().seq
        ),
        (409, "gap", Seq(0))
    );
    let record = founder.place(&one);
    step_back(&founder, &one);
    let problem = founder.rejected(&founder.ops(b"another one"));
    let head = problem.head.unwrap();
    assert_eq!(
        (
            problem.status,
            problem.kind.as_str(),
            head.seq,
            head.entry_id
        ),
        (409, "fork", Seq(1), one.id())
    );

    step_back(&founder, &two);
    founder.seen.set(Some(Seen {
        epoch: RelayEpoch(0),
        position: Position(9),
        tip: Tip([1; 32]),
    }));
    let ahead = founder.ops(b"ahead");
    let problem = founder.rejected(&ahead);
    assert_eq!(
        (problem.status, problem.kind.as_str(), problem.position),
        (409, "seen-unknown", Some(Position(2)))
    );
    step_back(&founder, &ahead);
    founder.seen.set(Some(Seen {
        epoch: RelayEpoch(0),
        position: Position(1),
        tip: Tip([1; 32]),
    }));
    assert_eq!(
        founder.rejected(&founder.ops(b"wrong tip")).kind,
        "seen-tip"
    );
    founder.seen.set(Some(Seen {
        epoch: RelayEpoch(0),
        position: Position(2),
        tip: record.tip(),
    }));
    step_back(&founder, &ahead);
    founder.place(&founder.ops(b"seen"));
    // What it saw at position 1 lies in the database alone.
    let member = joined(&founder, 2);
    let first = OrderRecord::decode(&founder.range(1).items[0].record).unwrap();
    member.seen.set(Some(Seen {
        epoch: RelayEpoch(0),
        position: Position(1),
        tip: first.tip(),
    }));
    member.place(&member.ops(b"old but right"));
}

#[test]
fn entries_of_others_forged_ones_and_unknown_kinds_are_told_apart() {
    let relay = Relay::start();
    let founder = found(&relay);
    let member = joined(&founder, 2);
    let sealed = SealedBody::new([1; 24], [2; 32], vec![3; 64 + 16]).unwrap();
    let encrypted = member.draft().sealed(ContentEpoch(1), &sealed).unwrap();
    let encrypted = encrypted.sign(&member.author);
    let entry = member.ops(b"mine");
    let kind = |answers: Vec<Answer>| match answers.into_iter().next().unwrap() {
        Answer::Rejected(problem) => (problem.status, problem.kind),
        Answer::Placed { .. } => panic!("placed"),
    };
    assert_eq!(kind(founder.append(&[&entry])), (403, "not-author".into()));
    let forged = entry.clone().with_signature(Signature([7; 64]));
    assert_eq!(
        kind(member.append(&[&forged])),
        (422, "bad-signature".into())
    );
    let raw = |bytes: Vec<u8>| {
        let body = Append {
            entries: vec![bytes],
        }
        .to_wire();
        kind(
            member
                .call("POST", &member.path("entries"), &body)
                .ok::<daybook_log::wire::Appended>()
                .answers,
        )
    };
    let mut newer = entry.bytes().to_vec();
    newer[1] = 200;
    assert_eq!(raw(newer), (422, "unsupported".into()));
    // This log declares no content key, so nobody could read a body under one: it waits.
    let early = raw(encrypted.bytes().to_vec());
    assert_eq!(early, (409, "content-epoch".into()));
    let mut short = entry.bytes().to_vec();
    short.pop();
    assert_eq!(raw(short), (422, "malformed-entry".into()));
    assert_eq!(raw(Vec::new()), (422, "malformed-entry".into()));
    assert_eq!(
        kind(
            member.append(&[&Device {
                book: daybook_log::BookId([1; 32]),
                ..clone_of(&member)
            }
            .ops(b"x")])
        )
        .0,
        403
    );
    // One bad entry holds up nobody behind it.
    let bad = forged.bytes().to_vec();
    let body = Append {
        entries: vec![bad, entry.bytes().to_vec()],
    }
    .to_wire();
    let answers = member
        .call("POST", &member.path("entries"), &body)
        .ok::<daybook_log::wire::Appended>()
        .answers;
    assert!(matches!(
        answers[..],
        [
            Answer::Rejected(_),
            Answer::Placed {
                duplicate: false,
                ..
            }
        ]
    ));
}

#[test]
fn ranges_give_the_order_without_gaps_in_pages_that_anybody_can_check() {
    let relay = Relay::start();
    let founder = found(&relay);
    let entries: Vec<_> = (0..30_u8).map(|n| founder.ops(&[n; 100])).collect();
    founder.append(&entries.iter().collect::<Vec<_>>());
    let genesis = daybook_log::Genesis::decode(&founder.get("genesis").body).unwrap();
    let mut log = daybook_log::BookLog::found(&genesis).unwrap();
    while log.position() < Position(31) {
        let page: daybook_log::wire::Range = founder
            .get(&format!("entries?from={}&limit=7", log.position().0 + 1))
            .ok();
        assert_eq!(page.head, founder.tip());
        assert!((1..=7).contains(&page.items.len()));
        for item in page.items {
            let entry = Entry::from_vec(item.entry).unwrap();
            let record = OrderRecord::decode(&item.record).unwrap();
            let key = log.check(&entry, &|_| None).unwrap();
            let entry: VerifiedEntry = entry.verify(&key).unwrap();
            log.place(&record, entry, &|_| None).unwrap();
        }
    }
    assert_eq!(log.tip(), founder.tip().tip);
    assert_eq!(founder.range(32).items.len(), 0);
    for bad in [
        "entries?from=0",
        "entries?limit=0",
        "entries?limit=1001",
        "entries?from=x",
        "entries?from=1&from=1",
        "entries?to=4",
    ] {
        assert_eq!(founder.get(bad).kind(), (400, "query".into()), "{bad}");
    }
}

#[test]
fn a_range_stops_before_four_mebibytes() {
    let relay = Relay::start();
    let founder = found(&relay);
    for _ in 0..2 {
        let entries: Vec<_> = (0..40).map(|_| founder.ops(&vec![7; 60_000])).collect();
        founder.append(&entries.iter().collect::<Vec<_>>());
    }
    let page = founder.range(1);
    let bytes: usize = page.items.iter().map(|item| item.entry.len()).sum();
    assert!(
        bytes <= 4 << 20 && page.items.len() < 80 && page.items.len() > 60,
        "{bytes} in {}",
        page.items.len()
    );
}

#[test]
fn an_adoption_is_taken_only_with_its_chunks() {
    let relay = Relay::start();
    let founder = found(&relay);
    let ast = b"another manifest".to_vec();
    let adoption = Adoption::of(&ast).unwrap();
    let entry = founder.sign(founder.draft().adopt(&adoption).unwrap());
    assert_eq!(founder.rejected(&entry).kind, "chunks-missing");
    let id = chunk_id(&ast);
    let path = founder.path(&format!("chunks/{id}"));
    assert_eq!(
        founder.call("PUT", &path, b"other bytes").kind(),
        (400, "malformed".into())
    );
    assert_eq!(
        founder.call("GET", &path, &[]).kind(),
        (404, "not-found".into())
    );
    assert_eq!(founder.call("PUT", &path, &ast).status, 204);
    assert_eq!(founder.call("PUT", &path, &ast).status, 204);
    assert_eq!(founder.call("GET", &path, &[]).body, ast);
    founder.place(&entry);
    let first = founder.get(&format!("chunks/{}", chunk_id(AST)));
    assert_eq!(first.body, AST, "the genesis manifest came with the book");
    // Chunks that are there but are another manifest.
    let lie = Adoption {
        manifest: daybook_log::ManifestId([9; 32]),
        ..adoption
    };
    let entry = founder.sign(founder.draft().adopt(&lie).unwrap());
    assert!(matches!(entry.body(), Body::Manifest(_)));
    assert_eq!(founder.rejected(&entry).kind, "malformed-entry");
    assert_eq!(
        founder.call("PUT", &path, &vec![0; 256 * 1024 + 1]).status,
        413
    );
}
