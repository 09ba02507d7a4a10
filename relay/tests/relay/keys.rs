//! Keys that change and end while the book goes on.

use crate::world::{Device, Relay, found, joined, ops_body};
use daybook_log::control::KeyRotate;
use daybook_log::wire::Answer;
use daybook_log::{
    Body, Draft, Entry, Evidence, KeyEpoch, KeyRevoke, Position, Proof, Readmit, SecretKey,
};

fn sign(device: &Device, body: Body) -> Entry {
    device.sign(device.draft().write(body).unwrap())
}

/// Claim: late entries of a revoked device are answered `revoked` and never enter the order, before and after a restart;
/// the device reads nothing more; a manager readmits what it wrote.
#[test]
fn late_entries_of_a_revoked_device_wait_for_a_manager() {
    let mut relay = Relay::start();
    let mut founder = found(&relay);
    let mut member = joined(&founder, 2);
    let (before, late) = (member.ops(b"before"), member.ops(b"late"));
    assert_eq!(member.place(&before).position, Position(3));
    let revoke = KeyRevoke::of(member.author_id());
    founder.place(&sign(&founder, Body::KeyRevoke(revoke)));
    for round in 0..2 {
        let problem = member.rejected(&late);
        assert_eq!((problem.status, problem.kind.as_str()), (403, "revoked"));
        assert_eq!(member.get("tip").kind(), (403, "revoked".into()));
        let answers = member.append(&[&before]);
        assert!(matches!(
            answers[..],
            [Answer::Placed {
                duplicate: true,
                ..
            }]
        ));
        assert_eq!(founder.tip().position, Position(4), "round {round}");
        relay.restart();
        for device in [&mut founder, &mut member] {
            device.url = relay.url();
        }
    }
    let carried = Readmit::of(late).unwrap();
    let readmitted = founder.place(&sign(&founder, Body::Readmit(carried.into())));
    assert_eq!(readmitted.position, Position(5));
}

/// Claim: a rotation and what follows it under the new key come in one append; request keys follow; entries of the old key
/// are known again.
#[test]
fn a_rotation_and_what_follows_come_in_one_append() {
    let relay = Relay::start();
    let founder = found(&relay);
    let mut member = joined(&founder, 2);
    let old = member.ops(b"old");
    let author_id = member.author_id();
    let [author, request] = [[0x61; 32], [0x62; 32]].map(SecretKey::from_seed);
    let place = (&member.book, &author_id, KeyEpoch(1));
    let rotate = KeyRotate::prove(place, &author, &request, member.sealing.public());
    let rotate = sign(&member, Body::KeyRotate(rotate.into()));
    let draft = Draft {
        author: author_id,
        key_epoch: KeyEpoch(1),
        ..member.draft()
    };
    let new = draft.ops(&ops_body(b"new")).unwrap().sign(&author);
    let forged = draft.ops(&ops_body(b"new")).unwrap().sign(&member.author);
    let answers = member.append(&[&old, &rotate, &forged, &new]);
    let placed: Vec<bool> = answers
        .iter()
        .map(|answer| {
            matches!(
                answer,
                Answer::Placed {
                    duplicate: false,
                    ..
                }
            )
        })
        .collect();
    assert_eq!(placed, [true, true, false, true]);
    assert_eq!(
        member.get("tip").kind(),
        (403, "not-a-member".into()),
        "the old request key"
    );
    member.request = request;
    assert_eq!(member.tip().position, Position(5));
    let again = member.append(&[&old, &rotate, &new]);
    let known = |answer: &Answer| {
        matches!(
            answer,
            Answer::Placed {
                duplicate: true,
                ..
            }
        )
    };
    assert!(again.iter().all(known), "{again:?}");
    let draft = Draft {
        key_epoch: KeyEpoch(0),
        seq: new.header().seq.next().unwrap(),
        prev: new.id(),
        ..draft
    };
    let misused = draft
        .ops(&ops_body(b"misused"))
        .unwrap()
        .sign(&member.author);
    let Answer::Rejected(problem) = member.append(&[&misused]).remove(0) else {
        panic!("placed")
    };
    assert_eq!((problem.status, problem.kind.as_str()), (409, "key-epoch"));
}

/// Claim: a fork is answered with the head; once evidence is placed, the key is `frozen`, and the branch counts through a
/// manager.
#[test]
fn a_fork_is_frozen_by_evidence() {
    let relay = Relay::start();
    let founder = found(&relay);
    let member = joined(&founder, 2);
    let draft = member.draft();
    let [one, other] = [b"one", b"two"].map(|input| {
        let unsigned = draft.ops(&ops_body(input)).unwrap();
        member.sign(unsigned)
    });
    let record = member.place(&one);
    assert_eq!(member.rejected(&other).kind, "fork");
    let mut proof = Evidence::of(Proof::Fork, &one, &other);
    proof.placed = Some(record);
    founder.place(&sign(&founder, Body::Evidence(proof.into())));
    let next = Draft {
        seq: one.header().seq.next().unwrap(),
        prev: one.id(),
        ..draft
    };
    let next = next.ops(&ops_body(b"next")).unwrap().sign(&member.author);
    assert_eq!(member.rejected(&next).kind, "frozen");
    assert_eq!(member.tip().position, Position(4), "it still reads");
    let carried = Readmit::of(other).unwrap();
    founder.place(&sign(&founder, Body::Readmit(carried.into())));
}
