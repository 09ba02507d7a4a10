//! Claims about keys that change and end; `docs/spec/registry.md` names them.

use super::world::*;
use crate::book_log::KeyRole;
use crate::control::KeyRotate;
use crate::*;
use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What leads a device to other keys, and the device with them. Request and sealing key change where `all` is set.
pub(super) fn rotation(device: &Device, book: &BookId, to: (u32, u8), all: bool) -> (Body, Device) {
    let (epoch, seed) = to;
    let secret = |seed: u8| SecretKey::from_seed([seed; 32]);
    let (author, old) = (secret(seed), Device::new(seed ^ 0x20));
    let request = || match all {
        true => SecretKey::from_seed([seed ^ 0x40; 32]),
        false => SecretKey::from_seed(device.request_seed),
    };
    let sealing = match all {
        true => old.sealing,
        false => SealingKey::from_seed(device.sealing_seed),
    };
    let place = (book, &device.id(book), KeyEpoch(epoch));
    let payload = KeyRotate::prove(place, &author, &request(), sealing.public());
    let after = Device {
        first: device.first,
        request: request(),
        request_seed: if all {
            [seed ^ 0x40; 32]
        } else {
            device.request_seed
        },
        sealing_seed: if all {
            [seed ^ 0x20 ^ 0x80; 32]
        } else {
            device.sealing_seed
        },
        author,
        sealing,
    };
    (Body::KeyRotate(Box::new(payload)), after)
}

/// the rotation is the old key's last entry; the next one is under the new key, and seq goes on.
#[test]
fn a_rotation_is_the_last_entry_of_the_old_key() {
    let (mut world, [_, _, _, old, _]) = five();
    let (book, id) = (world.log.book(), old.id(&world.log.book()));
    world.write(&old, ops());
    let (body, new) = rotation(&old, &book, (1, 0x31), true);
    let rotated = world.write(&old, body);
    let member = world.log.member(&id).unwrap().clone();
    assert_eq!(
        (
            member.key_epoch,
            member.author_key.public(),
            member.request_key.public()
        ),
        (KeyEpoch(1), new.author.public(), new.request.public())
    );
    assert_eq!(member.sealing_key, new.sealing.public());
    assert_eq!(
        member.key_of(KeyEpoch(0)).map(AdmittedKey::public),
        Some(old.author.public())
    );
    assert_eq!(
        (member.past[0].last, member.past[0].ended),
        (Seq(1), rotated.position)
    );
    let late = world
        .draft(&old)
        .ops(&some_ops(1))
        .unwrap()
        .sign(&old.author);
    let superseded = Reject::Superseded {
        current: KeyEpoch(1),
        got: KeyEpoch(0),
    };
    assert_eq!(world.check(&late), Err(superseded));
    let next = world.entry(&old, ops());
    let key = world.check(&next).unwrap();
    assert_eq!(
        next.verify(&key),
        Err(Unauthentic),
        "the old key under the new epoch"
    );
    assert_eq!(world.write(&new, ops()).entry.header().seq, Seq(2));
    let (again, last) = rotation(&new, &book, (2, 0x32), false);
    world.write(&new, again);
    world.write(&last, ops());
    let member = world.log.member(&id).unwrap();
    assert_eq!(member.request_key.public(), new.request.public(), "kept");
    assert_eq!(member.past.len(), 2);
}

/// who asks is known by the request key that counts now.
#[test]
fn request_keys_follow_a_rotation() {
    let (mut world, [_, _, _, old, _]) = five();
    let (body, new) = rotation(&old, &world.log.book(), (1, 0x31), true);
    world.write(&old, body);
    let by = |device: &Device| {
        world
            .log
            .member_by_request_key(&device.request.public())
            .map(|member| member.author)
    };
    assert_eq!(
        (by(&old), by(&new)),
        (None, Some(old.id(&world.log.book())))
    );
}

/// new keys are admitted, proved for this author and key epoch, and stand nowhere else.
#[test]
fn rotated_keys_are_admitted_proved_and_free() {
    let (mut world, [founder, other, _, old, _]) = five();
    let (book, id) = (world.log.book(), old.id(&world.log.book()));
    let (Body::KeyRotate(good), new) = rotation(&old, &book, (1, 0x31), true) else {
        unreachable!("a rotation")
    };
    let verdict = |payload: KeyRotate| world.verdict(&old, Body::KeyRotate(Box::new(payload)));
    assert_eq!(verdict((*good).clone()), Ok(()));
    let weak = KeyRotate {
        author_key: PublicKey([0; 32]),
        ..(*good).clone()
    };
    let fault = KeyFault::Weak;
    let role = KeyRole::Author;
    assert_eq!(verdict(weak), Err(Reject::Key { role, fault }));
    let weak = KeyRotate {
        sealing_key: SealingPublic([0; 32]),
        ..(*good).clone()
    };
    let role = KeyRole::Sealing;
    assert_eq!(verdict(weak), Err(Reject::Key { role, fault }));
    let unproved = |role| Err(Reject::Possession { role });
    let prove = |epoch: u32, author: &AuthorId, key: &SecretKey| {
        let place = (&book, author, KeyEpoch(epoch));
        KeyRotate::prove(place, key, &new.request, new.sealing.public())
    };
    assert_eq!(verdict(prove(1, &id, &new.author)), Ok(()));
    let author = unproved(KeyRole::Author);
    assert_eq!(verdict(prove(2, &id, &new.author)), author, "another epoch");
    assert_eq!(
        verdict(prove(1, &founder.id(&book), &new.author)),
        author,
        "another author"
    );
    let swapped = KeyRotate {
        pop_request: good.pop_author,
        ..(*good).clone()
    };
    assert_eq!(verdict(swapped), unproved(KeyRole::Request));
    let taken = |role, taken| Err(Reject::KeyTaken { role, taken });
    let author = KeyRole::Author;
    assert_eq!(
        verdict(prove(1, &id, &old.author)),
        taken(author, author),
        "its own key again"
    );
    assert_eq!(verdict(prove(1, &id, &other.author)), taken(author, author));
    assert_eq!(
        verdict(prove(1, &id, &roots()[0])),
        taken(author, KeyRole::Root)
    );
    assert_eq!(
        verdict(prove(1, &id, &old.request)),
        taken(author, KeyRole::Request)
    );
    let sealing = |key| KeyRotate::prove((&book, &id, KeyEpoch(1)), &new.author, &new.request, key);
    let theirs = taken(KeyRole::Sealing, KeyRole::Sealing);
    assert_eq!(verdict(sealing(other.sealing.public())), theirs);
    world.write(&old, Body::KeyRotate(good));
    let back = KeyRotate::prove(
        (&book, &id, KeyEpoch(2)),
        &old.author,
        &new.request,
        new.sealing.public(),
    );
    let back = world.verdict(&new, Body::KeyRotate(Box::new(back)));
    assert_eq!(back, taken(author, author), "a key that was rotated away");
}

/// V-1, V-2: managers end anybody's keys, everybody its own; members nobody else's. What stands before stays.
#[test]
fn nobody_revokes_upward() {
    let (world, [_, manager, second, member, other]) = five();
    let book = world.log.book();
    let refused = |device: &Device| {
        Err(Reject::NotManager {
            author: device.id(&book),
        })
    };
    let verdict = |by: &Device, whom: &Device| world.verdict(by, revoke(&world, whom));
    assert_eq!(verdict(&manager, &member), Ok(()));
    assert_eq!(verdict(&manager, &second), Ok(()), "equals may");
    assert_eq!(verdict(&member, &member), Ok(()), "itself");
    assert_eq!(verdict(&member, &other), refused(&member));
    assert_eq!(verdict(&member, &manager), refused(&member));
    let stranger = Device::new(0x77);
    let author = stranger.id(&book);
    assert_eq!(
        verdict(&manager, &stranger),
        Err(Reject::NoSuchMember { author })
    );
}

/// V-3, V-5: with enough root keys of the set that counts, anybody in the registry ends anybody's keys.
#[test]
fn root_keys_revoke_managers() {
    let (mut world, [founder, _, _, member, _]) = five();
    let book = world.log.book();
    let good = approved_revoke(&world, &founder, 0, &roots());
    let verdict = |payload: &KeyRevoke| world.verdict(&member, Body::KeyRevoke(payload.clone()));
    assert_eq!(verdict(&good), Ok(()));
    let mut few = good.clone();
    few.approvals.pop();
    assert_eq!(
        verdict(&few),
        Err(Reject::TooFewApprovals { have: 1, need: 2 })
    );
    let mut other = good.clone();
    other.author = member.id(&book);
    assert_eq!(verdict(&other), Err(Reject::Approval { root: 0 }));
    let later = approved_revoke(&world, &founder, 1, &roots());
    assert_eq!(verdict(&later), Err(Reject::RootEpoch { current: 0 }));
    world.write(&member, Body::KeyRevoke(good));
    assert_eq!(
        world.standing(&founder),
        Standing::Revoked { at: Position(6) }
    );
}

fn approved_revoke(world: &World, whom: &Device, set: u32, keys: &[SecretKey; 2]) -> KeyRevoke {
    let book = world.log.book();
    let mut payload = KeyRevoke::of(whom.id(&book));
    payload.root_epoch = set;
    payload.approve(&book, 0, &keys[0]);
    payload.approve(&book, 1, &keys[1]);
    payload
}

/// V-4: a revocation counts from its own position; what comes later under the key never enters the order.
#[test]
fn late_entries_of_a_revoked_key_never_enter() {
    let (mut world, [founder, _, _, member, _]) = five();
    let before = world.write(&member, ops());
    let late = world.entry(&member, ops());
    let at = world.write(&founder, revoke(&world, &member)).position;
    assert_eq!(before.position, Position(6), "what stands, stays");
    assert_eq!(world.check(&late), Err(Reject::Revoked { at }));
    let (rotate, _) = rotation(&member, &world.log.book(), (1, 0x31), true);
    assert_eq!(world.verdict(&member, rotate), Err(Reject::Revoked { at }));
    assert!(
        !world
            .log
            .member(&member.id(&world.log.book()))
            .unwrap()
            .is_active()
    );
    assert_eq!(world.verdict(&founder, ops()), Ok(()));
}

/// V-6: a second revocation of the same keys stands and changes nothing, so that it blocks no chain.
#[test]
fn a_second_revocation_changes_nothing() {
    let (mut world, [founder, manager, _, member, _]) = five();
    let at = world.write(&founder, revoke(&world, &member)).position;
    world.write(&manager, revoke(&world, &member));
    assert_eq!(world.standing(&member), Standing::Revoked { at });
    world.write(&founder, roots_to(&world, 1, &new_roots(), 2));
    let stale = approved_revoke(&world, &founder, 0, &roots());
    world.write(&manager, Body::KeyRevoke(stale));
    assert_eq!(
        world.standing(&founder),
        Standing::Active,
        "approved by roots that count no more"
    );
}

/// V-7: of two managers who end each other's keys, the first position wins.
#[test]
fn of_two_mutual_revocations_the_first_wins() {
    let (world, [_, one, two, ..]) = five();
    let (first, second) = (
        world.entry(&one, revoke(&world, &two)),
        world.entry(&two, revoke(&world, &one)),
    );
    for (winner, loser) in [(first.clone(), second.clone()), (second, first)] {
        let mut world = world.clone();
        let at = world.place(winner.clone()).unwrap().position;
        assert_eq!(world.place(loser), Err(Reject::Revoked { at }));
        let member = world.log.member(&winner.header().author).unwrap();
        assert_eq!(member.standing, Standing::Active);
    }
}

/// C-9 and a rotation: a device that rotated since is the same device to a manager who lets it in late.
#[test]
fn a_late_approval_of_a_rotated_device_changes_nothing() {
    let (mut world, [founder, manager, ..]) = five();
    let device = Device::new(9);
    let payload = device.payload(&world.log.book(), MemberRole::Member);
    world.admit(&founder, &device, MemberRole::Member);
    let (body, _) = rotation(&device, &world.log.book(), (1, 0x31), true);
    world.write(&device, body);
    let before = world.log.member(&device.id(&world.log.book())).cloned();
    world.write(&manager, Body::KeyAdd(Box::new(payload)));
    assert_eq!(
        world.log.member(&device.id(&world.log.book())).cloned(),
        before
    );
}

pub(super) fn new_roots() -> [SecretKey; 2] {
    [
        SecretKey::from_seed([0xc1; 32]),
        SecretKey::from_seed([0xc2; 32]),
    ]
}

/// A change of root keys to `keys`, approved by as many as `old` of the genesis's and by all new ones.
pub(super) fn roots_to(world: &World, set: u32, keys: &[SecretKey], old: u8) -> Body {
    let book = world.log.book();
    let mut payload = RootRotate {
        root_epoch: set,
        root_keys: keys.iter().map(SecretKey::public).collect(),
        threshold: u8::try_from(keys.len()).unwrap(),
        by_old: Vec::new(),
        by_new: Vec::new(),
    };
    for (n, key) in (0..old).zip(&roots()) {
        payload.approve_old(&book, n, key);
    }
    for (n, key) in (0..).zip(keys) {
        payload.approve_new(&book, n, key);
    }
    Body::RootRotate(Box::new(payload))
}

/// T-2, T-3: other root keys need enough of the old and enough of the new; then they alone approve.
#[test]
fn root_keys_change_with_both_thresholds() {
    let (mut world, [founder, _, _, member, _]) = five();
    let book = world.log.book();
    let Body::RootRotate(good) = roots_to(&world, 1, &new_roots(), 2) else {
        unreachable!("a change of roots")
    };
    let verdict = |edit: fn(&mut RootRotate)| {
        let mut payload = good.clone();
        edit(&mut payload);
        world.verdict(&member, Body::RootRotate(payload))
    };
    assert_eq!(verdict(|_| ()), Ok(()), "any author may carry it");
    let few = Err(Reject::TooFewApprovals { have: 1, need: 2 });
    assert_eq!(verdict(|p| p.by_old.truncate(1)), few);
    assert_eq!(verdict(|p| p.by_new.truncate(1)), few);
    assert_eq!(
        verdict(|p| core::mem::swap(&mut p.by_old, &mut p.by_new)),
        Err(Reject::Approval { root: 0 })
    );
    assert_eq!(
        verdict(|p| p.threshold = 1),
        Err(Reject::Approval { root: 0 })
    );
    world.write(&member, Body::RootRotate(good));
    assert_eq!(world.log.root_epoch(), 1);
    let device = Device::new(0x51);
    let founding = |world: &World, keys: &[SecretKey; 2]| {
        let mut payload = device.payload(&book, MemberRole::Manager);
        payload.approve(&book, 0, &keys[0]);
        payload.approve(&book, 1, &keys[1]);
        let draft = Draft::first(book, device.id(&book));
        let entry = draft.key_add(&payload).unwrap().sign(&device.author);
        world.check(&entry).map(|_| ())
    };
    assert_eq!(
        founding(&world, &roots()),
        Err(Reject::Approval { root: 0 })
    );
    assert_eq!(founding(&world, &new_roots()), Ok(()));
    let old = approved_revoke(&world, &founder, 1, &roots());
    assert_eq!(
        world.verdict(&member, Body::KeyRevoke(old)),
        Err(Reject::Approval { root: 0 })
    );
}

/// T-4, T-5: new root keys are admitted and have no other role; an old one may stay.
#[test]
fn new_root_keys_have_no_other_role() {
    let (world, [founder, ..]) = five();
    let verdict = |keys: &[SecretKey]| world.verdict(&founder, roots_to(&world, 1, keys, 2));
    let [one, two] = new_roots();
    let [stays, _] = roots();
    assert_eq!(verdict(&[one, stays]), Ok(()));
    let role = KeyRole::Root;
    for (seed, taken) in [
        (2, KeyRole::Author),
        (2 ^ 0x40, KeyRole::Request),
        (0xb1, KeyRole::Relay),
    ] {
        let key = SecretKey::from_seed([seed; 32]);
        assert_eq!(verdict(&[key]), Err(Reject::KeyTaken { role, taken }));
    }
    let [twice, _] = new_roots();
    let taken = role;
    assert_eq!(
        verdict(&[twice, new_roots().into_iter().next().unwrap()]),
        Err(Reject::KeyTaken { role, taken })
    );
    let Body::RootRotate(mut weak) = roots_to(&world, 1, &[two], 2) else {
        unreachable!("a change of roots")
    };
    weak.root_keys = vec![PublicKey([0; 32])];
    let fault = KeyFault::Weak;
    assert_eq!(
        world.verdict(&founder, Body::RootRotate(weak)),
        Err(Reject::Key { role, fault })
    );
}

/// T-6: of two changes of one set the first position wins; the second stands and changes nothing. One of a set to come
/// waits.
#[test]
fn root_sets_change_one_after_the_other() {
    let (mut world, [founder, manager, ..]) = five();
    let later = roots_to(&world, 2, &new_roots(), 2);
    assert_eq!(
        world.verdict(&founder, later),
        Err(Reject::RootEpoch { current: 0 })
    );
    let second = roots_to(&world, 1, &[SecretKey::from_seed([0xc9; 32])], 2);
    world.write(&founder, roots_to(&world, 1, &new_roots(), 2));
    let before = world.log.clone();
    world.write(&manager, second);
    assert_eq!((world.log.root_epoch(), before.root_epoch()), (1, 1));
    let revoked = approved_revoke(&world, &manager, 1, &new_roots());
    assert_eq!(world.verdict(&founder, Body::KeyRevoke(revoked)), Ok(()));
}

/// V-8, T-1: payloads that no state could take are malformed.
#[test]
fn malformed_revocations_and_root_sets() {
    let (world, [founder, ..]) = five();
    let malformed = |body: Body| world.draft(&founder).write(body).err();
    let mut set = KeyRevoke::of(founder.id(&world.log.book()));
    set.root_epoch = 1;
    assert_eq!(
        malformed(Body::KeyRevoke(set)),
        Some(Malformed::RootEpoch.into())
    );
    let mut order = approved_revoke(&world, &founder, 0, &roots());
    order.approvals.swap(0, 1);
    assert_eq!(
        malformed(Body::KeyRevoke(order)),
        Some(Malformed::ApprovalOrder.into())
    );
    type Edit = fn(&mut RootRotate);
    let table: [(Edit, Malformed); 6] = [
        (|p| p.root_epoch = 0, Malformed::RootEpoch),
        (|p| p.threshold = 0, Malformed::Threshold),
        (|p| p.threshold = 3, Malformed::Threshold),
        (
            |p| p.root_keys = vec![p.root_keys[0]; 17],
            Malformed::ListLength,
        ),
        (|p| p.by_old.swap(0, 1), Malformed::ApprovalOrder),
        (|p| p.by_new.swap(0, 1), Malformed::ApprovalOrder),
    ];
    for (n, (edit, expected)) in table.into_iter().enumerate() {
        let Body::RootRotate(mut payload) = roots_to(&world, 1, &new_roots(), 2) else {
            unreachable!("a change of roots")
        };
        assert_eq!(malformed(Body::RootRotate(payload.clone())), None);
        edit(&mut payload);
        assert_eq!(
            malformed(Body::RootRotate(payload)),
            Some(expected.into()),
            "row {n}"
        );
    }
}
