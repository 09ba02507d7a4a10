//! Claims about what control entries settle besides keys: attests, shreds, content keys; `docs/spec/control.md` names them.

use super::handover::hand_over;
use super::world::*;
use crate::*;
use alloc::boxed::Box;
use alloc::string::String;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn attest(world: &World, position: u64) -> Attest {
    Attest {
        position: Position(position),
        tip: world.tips.at(Position(position)).unwrap_or(Tip::ZERO),
        state_hash: StateHash([6; 32]),
        manifest: control::manifest_id(AST),
        build: String::from("daybook-0.1.0+abc"),
        floor: Position(2),
    }
}

fn attested(payload: Attest) -> Body {
    Body::Attest(Box::new(payload))
}

/// a build has a plain name, and the oldest body held lies where it can.
#[test]
fn attests_are_plain() {
    let (world, [founder, ..]) = five();
    let written = |edit: &dyn Fn(&mut Attest)| {
        let mut payload = attest(&world, 5);
        edit(&mut payload);
        world.draft(&founder).write(attested(payload)).err()
    };
    let longest = "x".repeat(64);
    for good in ["a", "Aa.0+1-2_3", &longest] {
        assert_eq!(written(&|p| p.build = good.into()), None, "{good}");
    }
    for bad in ["", "a b", "é", "a/b", &"x".repeat(65)] {
        let malformed = Some(Malformed::BuildId.into());
        assert_eq!(written(&|p| p.build = bad.into()), malformed, "{bad}");
    }
    for (floor, fits) in [(0, false), (1, true), (6, true), (7, false)] {
        let found = written(&|p| p.floor = Position(floor));
        assert_eq!(found, (!fits).then_some(Malformed::Floor.into()), "{floor}");
    }
}

/// what is attested was seen, under the tip that stands there; the newest counts.
#[test]
fn attests_are_about_what_was_seen() {
    let (mut world, [founder, _, _, member, _]) = five();
    let verdict = |world: &World, payload: Attest| world.verdict(&member, attested(payload));
    assert_eq!(verdict(&world, attest(&world, 5)), Ok(()));
    assert_eq!(verdict(&world, attest(&world, 3)), Ok(()));
    let unseen = Reject::AttestUnseen { seen: Position(5) };
    assert_eq!(verdict(&world, attest(&world, 6)), Err(unseen));
    let mut wrong = attest(&world, 3);
    wrong.tip = Tip([1; 32]);
    let ours = world.tips.at(Position(3)).unwrap();
    assert_eq!(
        verdict(&world, wrong.clone()),
        Err(Reject::AttestTip { ours })
    );
    let id = member.id(&world.log.book());
    world.write(&member, attested(attest(&world, 3)));
    let said = world.log.member(&id).unwrap().attested.unwrap();
    assert_eq!(
        (said.position, said.floor, said.state_hash),
        (Position(3), Position(2), StateHash([6; 32]))
    );
    // What was computed above a cut is about what is gone: it stands and counts for nothing.
    world.write(&founder, ops());
    world.write(&founder, ops());
    let late = world.entry(&member, attested(attest(&world, 8)));
    let mut after = hand_over(&world, 6, 0xb2);
    after.place(late).unwrap();
    assert_eq!(after.log.member(&id).unwrap().attested, Some(said));
}

/// S-1..S-3: managers end a subject's keys, generation by generation; devices say that they dropped what has ended.
#[test]
fn shreds_end_generations() {
    let (mut world, [founder, manager, _, member, other]) = five();
    let subject = SubjectId([7; 32]);
    let shred = |generation: u32| {
        Body::Shred(Shred {
            subject,
            generation,
        })
    };
    let ack = |generation: u32| {
        Body::ShredAck(ShredAck {
            subject,
            generation,
        })
    };
    let author = member.id(&world.log.book());
    assert_eq!(
        world.verdict(&member, shred(1)),
        Err(Reject::NotManager { author })
    );
    assert_eq!(world.verdict(&member, ack(0)), Err(Reject::NotShredded));
    assert_eq!(world.log.shredded(&subject), None);
    let at = world.write(&founder, shred(1)).position;
    let ended = |world: &World| {
        let ended = world.log.shredded(&subject).unwrap();
        (ended.generation, ended.at)
    };
    assert_eq!(ended(&world), (1, at));
    for generation in [0, 1] {
        world.write(&manager, shred(generation));
        assert_eq!(ended(&world), (1, at), "it has ended already");
    }
    assert_eq!(world.verdict(&member, ack(2)), Err(Reject::NotShredded));
    world.write(&member, ack(1));
    world.write(&member, ack(0));
    let later = world.write(&manager, shred(4)).position;
    assert_eq!(ended(&world), (4, later));
    world.write(&other, ack(3));
    let acks = &world.log.shredded(&subject).unwrap().acks;
    assert_eq!(acks.get(&author), Some(&1), "the most that it has dropped");
    assert_eq!(acks.get(&other.id(&world.log.book())), Some(&3));
    let other_subject = SubjectId([8; 32]);
    assert_eq!(world.log.shredded(&other_subject), None);
}

pub(super) fn declare(number: u32, commitment: u8) -> Body {
    Body::ContentEpoch(ContentNotice::Declare {
        number: ContentEpoch(number),
        commitment: KeyCommitment([commitment; 32]),
    })
}

pub(super) fn confirm(number: u32, commitment: u8) -> Body {
    Body::ContentEpoch(ContentNotice::Confirm {
        number: ContentEpoch(number),
        commitment: KeyCommitment([commitment; 32]),
    })
}

/// N-1..N-5: a content key is declared by a manager, and usable once a second member confirmed the very same.
#[test]
fn content_keys_need_a_second_holder() {
    let (mut world, [founder, manager, _, member, other]) = five();
    let usable = |world: &World, number: u32| world.log.check_content_epoch(ContentEpoch(number));
    let unusable = |number| {
        let number = ContentEpoch(number);
        Err(Reject::ContentEpoch { number })
    };
    let zero = world.draft(&founder).write(declare(0, 1)).err();
    assert_eq!(zero, Some(Malformed::ContentNumber.into()));
    let zero = world.draft(&founder).write(confirm(0, 1)).err();
    assert_eq!(zero, Some(Malformed::ContentNumber.into()));
    assert_eq!(
        (usable(&world, 0), usable(&world, 3)),
        (Ok(()), unusable(3))
    );
    let author = member.id(&world.log.book());
    assert_eq!(
        world.verdict(&member, declare(3, 1)),
        Err(Reject::NotManager { author })
    );
    let undeclared = Err(Reject::Undeclared {
        number: ContentEpoch(3),
    });
    assert_eq!(world.verdict(&member, confirm(3, 1)), undeclared);
    let declared = world.write(&founder, declare(3, 1)).position;
    assert_eq!(usable(&world, 3), unusable(3));
    assert_eq!(
        world.verdict(&founder, confirm(3, 1)),
        Err(Reject::OwnConfirm)
    );
    world.write(&manager, declare(3, 2));
    world.write(&other, confirm(3, 2));
    assert_eq!(
        usable(&world, 3),
        unusable(3),
        "another key under that number confirms nothing"
    );
    let confirmed = world.write(&member, confirm(3, 1)).position;
    world.write(&other, confirm(3, 1));
    let key = world.log.content_key(ContentEpoch(3)).unwrap();
    assert_eq!(
        (key.commitment, key.by),
        (KeyCommitment([1; 32]), founder.id(&world.log.book()))
    );
    assert_eq!(
        (key.declared, key.confirmed),
        (declared, Some(confirmed)),
        "the first counts"
    );
    assert_eq!(usable(&world, 3), Ok(()));
}

/// N-6: who is alone needs nobody; a key that was usable stays so when others join, or leave.
#[test]
fn who_is_alone_confirms_alone() {
    let (mut world, founder) = World::founded();
    world.write(&founder, declare(1, 1));
    assert_eq!(world.log.check_content_epoch(ContentEpoch(1)), Ok(()));
    let device = Device::new(2);
    world.admit(&founder, &device, MemberRole::Member);
    assert_eq!(world.log.check_content_epoch(ContentEpoch(1)), Ok(()));
    world.write(&founder, declare(2, 2));
    assert_eq!(
        world.log.check_content_epoch(ContentEpoch(2)),
        Err(Reject::ContentEpoch {
            number: ContentEpoch(2)
        })
    );
    world.write(&founder, revoke(&world, &device));
    world.write(&founder, declare(3, 3));
    assert_eq!(
        world.log.check_content_epoch(ContentEpoch(3)),
        Ok(()),
        "the other one is gone"
    );
}
