//! Claims about the registry: who lets whom in, and that a key has one role.

use super::world::*;
use crate::book_log::KeyRole;
use crate::wire::JoinRequest;
use crate::*;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

fn founding(device: &Device, payload: &KeyAdd) -> Entry {
    let book = genesis().book_id();
    Draft::first(book, device.id(&book))
        .key_add(payload)
        .unwrap()
        .sign(&device.author)
}

/// C-5, C-6: a device founds itself with enough approvals by root keys, over its very keys, role and code.
#[test]
fn a_founder_needs_enough_root_keys() {
    let (world, founder) = (World::empty(), Device::new(1));
    let good = approved(&founder, MemberRole::Manager);
    let outcome = |payload: &KeyAdd| world.check(&founding(&founder, payload)).map(|_| ());
    assert_eq!(outcome(&good), Ok(()));
    let mut one = good.clone();
    one.approvals.pop();
    assert_eq!(
        outcome(&one),
        Err(Reject::TooFewApprovals { have: 1, need: 2 })
    );
    let mut unknown = good.clone();
    unknown.approvals[1].root = 2;
    assert_eq!(outcome(&unknown), Err(Reject::Approval { root: 2 }));
    let mut swapped = good.clone();
    swapped.approvals[1].signature = swapped.approvals[0].signature;
    assert_eq!(outcome(&swapped), Err(Reject::Approval { root: 1 }));
    let raised = KeyAdd {
        role: MemberRole::Member,
        ..good.clone()
    };
    assert_eq!(outcome(&raised), Err(Reject::Approval { root: 0 }));
    let renamed = KeyAdd {
        label: "JAR-2".into(),
        ..good.clone()
    };
    assert_eq!(outcome(&renamed), Err(Reject::Approval { root: 0 }));
    let mut author_sign = good.clone();
    author_sign.approvals[0].signature = good.pop_author;
    assert_eq!(outcome(&author_sign), Err(Reject::Approval { root: 0 }));
}

/// A key-add founds the author that signs it, not another one.
#[test]
fn a_founding_entry_is_of_its_own_author() {
    let (world, founder, other) = (World::empty(), Device::new(1), Device::new(2));
    let payload = approved(&founder, MemberRole::Manager);
    let author = other.id(&world.log.book());
    assert_eq!(
        world.check(&founding(&other, &payload)),
        Err(Reject::NotAdmitted { author })
    );
    let entry = founding(&founder, &payload);
    let forged = entry
        .clone()
        .with_signature(other.author.sign(Tag::Entry, &entry.id().0));
    assert_eq!(
        forged.verify(&world.check(&entry).unwrap()),
        Err(Unauthentic)
    );
}

/// C-3, C-4, M-2: a manager lets others in and adopts manifests; a member does neither.
#[test]
fn only_managers_change_the_registry() {
    let (mut world, founder) = World::founded();
    let (member, next) = (Device::new(2), Device::new(3));
    world.admit(&founder, &member, MemberRole::Member);
    let book = world.log.book();
    let refused = Err(Reject::NotManager {
        author: member.id(&book),
    });
    let payload = next.payload(&book, MemberRole::Member);
    let by = |world: &World, device: &Device| {
        world
            .check(
                &world
                    .draft(device)
                    .key_add(&payload)
                    .unwrap()
                    .sign(&device.author),
            )
            .map(|_| ())
    };
    assert_eq!(
        (by(&world, &member), by(&world, &founder)),
        (refused, Ok(()))
    );
    let adoption = Adoption::of(b"the second manifest").unwrap();
    let by = |world: &World, device: &Device| {
        world
            .check(
                &world
                    .draft(device)
                    .adopt(&adoption)
                    .unwrap()
                    .sign(&device.author),
            )
            .map(|_| ())
    };
    assert_eq!(
        (by(&world, &member), by(&world, &founder)),
        (refused, Ok(()))
    );
    let (mut needless, draft) = (payload, world.draft(&founder));
    needless.approve(&book, 0, &roots()[0]);
    let needless = draft.key_add(&needless).unwrap().sign(&founder.author);
    assert_eq!(world.check(&needless), Err(Reject::NeedlessApprovals));
}

/// The genesis manifest counts as adopted; another one from the position of its first adoption.
#[test]
fn manifests_are_adopted_at_a_position() {
    let (mut world, founder) = World::founded();
    let adoption = Adoption::of(b"the second manifest").unwrap();
    assert_eq!(
        world.log.adopted(&control::manifest_id(AST)),
        Some(Position(0))
    );
    assert_eq!(world.log.adopted(&adoption.manifest), None);
    for _ in 0..2 {
        let entry = world
            .draft(&founder)
            .adopt(&adoption)
            .unwrap()
            .sign(&founder.author);
        world.place(entry).unwrap();
        assert_eq!(world.log.adopted(&adoption.manifest), Some(Position(2)));
    }
    let again = world
        .draft(&founder)
        .adopt(&Adoption::of(AST).unwrap())
        .unwrap()
        .sign(&founder.author);
    world.place(again).unwrap();
    assert_eq!(
        world.log.adopted(&control::manifest_id(AST)),
        Some(Position(0))
    );
}

/// C-9: a key that stands in one role is refused in every other, and in its own for anybody else. All pairs of roles.
/// Falsifier: leave one `roles.insert` out.
#[test]
fn one_key_has_one_role_for_ever() {
    let (mut world, founder) = World::founded();
    let book = world.log.book();
    let other = Device::new(2);
    world.admit(&founder, &other, MemberRole::Member);
    let secret = |seed: u8| SecretKey::from_seed([seed; 32]);
    let registered = [
        (secret(0xa1), KeyRole::Root),
        (secret(0xa2), KeyRole::Root),
        (secret(0xb1), KeyRole::Relay),
        (secret(2), KeyRole::Author),
        (secret(2 ^ 0x40), KeyRole::Request),
    ];
    let fresh = Device::new(5);
    let outcome = |author: &SecretKey, request: &SecretKey, sealing: SealingPublic| {
        let payload = KeyAdd::prove(
            &book,
            author,
            request,
            sealing,
            (MemberRole::Member, "JAR-5"),
        );
        world
            .check(
                &world
                    .draft(&founder)
                    .key_add(&payload)
                    .unwrap()
                    .sign(&founder.author),
            )
            .map(|_| ())
    };
    let sealing = fresh.sealing.public();
    assert_eq!(outcome(&fresh.author, &fresh.request, sealing), Ok(()));
    for (key, taken) in &registered {
        let taken = |role| {
            Err(Reject::KeyTaken {
                role,
                taken: *taken,
            })
        };
        assert_eq!(
            outcome(key, &fresh.request, sealing),
            taken(KeyRole::Author)
        );
        assert_eq!(
            outcome(&fresh.author, key, sealing),
            taken(KeyRole::Request)
        );
        let form = SealingPublic(AdmittedKey::admit(key.public()).unwrap().montgomery());
        assert_eq!(
            outcome(&fresh.author, &fresh.request, form),
            taken(KeyRole::Sealing)
        );
    }
    let theirs = outcome(&fresh.author, &fresh.request, other.sealing.public());
    assert_eq!(
        theirs,
        Err(Reject::KeyTaken {
            role: KeyRole::Sealing,
            taken: KeyRole::Sealing
        })
    );
    let twice = outcome(&fresh.author, &fresh.author, sealing);
    assert_eq!(
        twice,
        Err(Reject::KeyTaken {
            role: KeyRole::Request,
            taken: KeyRole::Author
        })
    );
}

/// Two managers who let the same device in at once do no harm: the first position wins.
#[test]
fn a_second_approval_of_one_device_changes_nothing() {
    let (mut world, founder) = World::founded();
    let (second, device) = (Device::new(2), Device::new(3));
    world.admit(&founder, &second, MemberRole::Manager);
    world.admit(&founder, &device, MemberRole::Member);
    let (id, members) = (device.id(&world.log.book()), world.log.members().count());
    let before = world.log.member(&id).cloned();
    world.admit(&second, &device, MemberRole::Manager);
    assert_eq!(
        (world.log.members().count(), world.log.member(&id).cloned()),
        (members, before)
    );
    assert_eq!(
        world.log.member(&id).map(|member| member.role),
        Some(MemberRole::Member)
    );
}

/// C-7, C-8: keys that nobody should trust, and keys without proof, are let in by nobody.
#[test]
fn keys_are_admitted_and_proved() {
    let (world, founder) = World::founded();
    let book = world.log.book();
    let good = Device::new(3).payload(&book, MemberRole::Member);
    let outcome = |payload: KeyAdd| {
        world
            .check(
                &world
                    .draft(&founder)
                    .key_add(&payload)
                    .unwrap()
                    .sign(&founder.author),
            )
            .map(|_| ())
    };
    assert_eq!(outcome(good.clone()), Ok(()));
    let weak = |role| {
        Err(Reject::Key {
            role,
            fault: KeyFault::Weak,
        })
    };
    let zero = PublicKey([0; 32]);
    assert_eq!(
        outcome(KeyAdd {
            author_key: zero,
            ..good.clone()
        }),
        weak(KeyRole::Author)
    );
    assert_eq!(
        outcome(KeyAdd {
            request_key: zero,
            ..good.clone()
        }),
        weak(KeyRole::Request)
    );
    assert_eq!(
        outcome(KeyAdd {
            sealing_key: SealingPublic([0; 32]),
            ..good.clone()
        }),
        weak(KeyRole::Sealing)
    );
    let unproved = |role| Err(Reject::Possession { role });
    let swapped = KeyAdd {
        pop_author: good.pop_request,
        pop_request: good.pop_author,
        ..good.clone()
    };
    assert_eq!(outcome(swapped), unproved(KeyRole::Author));
    assert_eq!(
        outcome(KeyAdd {
            pop_request: good.pop_author,
            ..good.clone()
        }),
        unproved(KeyRole::Request)
    );
    assert_eq!(
        outcome(KeyAdd {
            label: "JAR-9".into(),
            ..good.clone()
        }),
        unproved(KeyRole::Author)
    );
    let other_book = Device::new(3).payload(&BookId([1; 32]), MemberRole::Member);
    assert_eq!(outcome(other_book), unproved(KeyRole::Author));
}

/// What a device asks with is what a manager signs; the relay can judge the asking by the same rules.
#[test]
fn a_request_to_join_becomes_a_key_add() {
    let (mut world, founder) = World::founded();
    let (book, device) = (world.log.book(), Device::new(3));
    let request = JoinRequest::from(&device.payload(&book, MemberRole::Member));
    let ask = |world: &World| {
        world
            .log
            .check_join(&request.keys(), &request.pop_author, &request.pop_request)
    };
    assert_eq!(ask(&world), Ok(None));
    let payload = request.admit(MemberRole::Manager);
    let entry = world
        .draft(&founder)
        .key_add(&payload)
        .unwrap()
        .sign(&founder.author);
    world.place(entry).unwrap();
    assert_eq!(ask(&world), Ok(Some(device.id(&book))));
    let member = world
        .log
        .member_by_request_key(&device.request.public())
        .unwrap();
    assert_eq!(
        (member.author, member.role, member.from),
        (device.id(&book), MemberRole::Manager, Position(2))
    );
    assert_eq!(
        world.log.member_by_request_key(&device.author.public()),
        None
    );
    assert_ne!(request.id(&book), request.id(&BookId([1; 32])));
}
