//! Books whose ops the relay cannot read: who holds the content key reads and writes them, who does not stops and waits.

use crate::world::{Weather, World, shelf};
use daybook_client::content::{ContentKey, RingFault};
use daybook_client::{
    Command, CommandFault, Durability, HaltReason, Input, Notice, OnRefused, Reply,
};
use daybook_log::{Body, ContentEpoch, ContentNotice, Entry, KeyCommitment, Kind, SecretKey};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const EPOCH: ContentEpoch = ContentEpoch(1);
const SEED: [u8; 32] = [7; 32];
const MISSING: CommandFault = CommandFault::Halted(HaltReason::MissingContentKey(EPOCH));

fn key(epoch: ContentEpoch) -> ContentKey {
    ContentKey::from_seed([u8::try_from(epoch.0).unwrap(); 32])
}

/// Signs and places a declaration past the manager's client: no client of this build writes one.
fn declare(world: &mut World, number: ContentEpoch, commitment: KeyCommitment) {
    let signer = SecretKey::from_seed(SEED);
    let kept = world.relay.kept.as_mut().unwrap();
    let draft = kept.draft(&signer);
    let notice = Body::ContentEpoch(ContentNotice::Declare { number, commitment });
    let entry = draft.write(notice).unwrap().sign(&signer);
    assert!(kept.put(entry.bytes(), world.now));
}

/// A book with one device and an op in clear.
fn book(batches: &[u16]) -> World {
    let mut world = World::new(51, batches, Weather::default());
    world.author_seed = Some(SEED);
    world.make(&shelf());
    world.fill(0);
    world.insist(0, |_| Command::Sync);
    world
}

fn alone() -> World {
    book(&[1_000])
}

/// The same, in which that device then declares a content key; a second one joins.
fn declared(batches: &[u16]) -> World {
    let mut world = book(batches);
    declare(&mut world, EPOCH, key(EPOCH).commitment());
    world.let_in(1);
    world.calm();
    world
}

fn ask(world: &mut World, index: usize, command: Command) -> Result<Reply, CommandFault> {
    let ticket = world.command(index, command);
    world.run(5_000);
    let answer = world.devices[index].answers.remove(&ticket);
    answer.expect("answered within five seconds")
}

fn hold(world: &mut World, index: usize, epoch: ContentEpoch) -> Result<(), CommandFault> {
    let key = key(epoch);
    let held = ask(world, index, Command::HoldKey { epoch, key });
    held.map(|reply| assert!(matches!(reply, Reply::KeyHeld { epoch: of } if of == epoch)))
}

fn append(world: &mut World, index: usize) -> Result<Reply, CommandFault> {
    let (ops, edge) = (vec![world.fill_op()], world.edge(1));
    let refused = OnRefused::Abort;
    ask(world, index, Command::Append { ops, edge, refused })
}

/// Entries of ops on the relay: how many are in clear, and under which epochs the others are.
fn on_the_relay(world: &World) -> (usize, Vec<u32>) {
    let items = &world.relay.kept.as_ref().unwrap().items;
    let entries = items.iter().map(|item| Entry::decode(&item.entry).unwrap());
    let ops: Vec<Entry> = entries
        .filter(|entry| entry.header().kind == Kind::Ops)
        .collect();
    let sealed = ops.iter().filter(|entry| entry.header().is_encrypted());
    let epochs: Vec<u32> = sealed.map(|entry| entry.header().content_epoch.0).collect();
    (ops.len() - epochs.len(), epochs)
}

fn amounts(world: &World, index: usize) -> Vec<([u8; 16], i64)> {
    let documents = world.devices[index].client.documents(100);
    let mut all: Vec<_> = documents.iter().map(|row| (row.id, row.amount)).collect();
    all.sort_unstable();
    all
}

fn halted(world: &World, index: usize) -> Option<HaltReason> {
    world.devices[index].client.status().halted
}

/// Claim: once a content key is usable, no op goes out in clear: who lacks the key writes nothing, who holds it
/// encrypts, and a key that the log does not declare is not taken.
/// Falsifier: write in clear when the key is missing.
#[test]
fn nothing_goes_out_in_clear_once_a_key_is_usable() {
    let mut world = declared(&[1_000, 1_000]);
    let clear = on_the_relay(&world).0;
    assert!(clear > 0, "the book was in clear before");
    assert_eq!(append(&mut world, 0).unwrap_err(), MISSING);
    assert_eq!(world.devices[0].client.status().outbox, 0);
    let undeclared = CommandFault::ContentKey(RingFault::NotDeclared);
    let other = Command::HoldKey {
        epoch: EPOCH,
        key: key(ContentEpoch(2)),
    };
    let other = ask(&mut world, 0, other).unwrap_err();
    assert_eq!(other, undeclared);
    assert_eq!(hold(&mut world, 0, ContentEpoch(2)), Err(undeclared));
    assert_eq!(append(&mut world, 0).unwrap_err(), MISSING);
    assert_eq!(hold(&mut world, 0, EPOCH), Ok(()));
    append(&mut world, 0).unwrap();
    let mut edge = world.edge(1);
    edge.nonce = [0; 24];
    let (ops, refused) = (vec![world.fill_op()], OnRefused::Abort);
    let fault = ask(&mut world, 0, Command::Append { ops, edge, refused }).unwrap_err();
    assert!(matches!(fault, CommandFault::MissingInput { input, .. } if input == "nonce"));
    ask(&mut world, 0, Command::Sync).unwrap();
    assert_eq!(on_the_relay(&world), (clear, vec![EPOCH.0]));
}

/// Claim: without the key a device places what comes, folds nothing of it, says so, and goes on where it stood when the
/// key comes; a restart loses neither state nor key.
#[test]
fn a_missing_key_waits_and_comes() {
    for batches in [[1_000, 1_000], [1_000, 1]] {
        let mut world = declared(&batches);
        let before = amounts(&world, 1);
        hold(&mut world, 0, EPOCH).unwrap();
        for _ in 0..3 {
            append(&mut world, 0).unwrap();
        }
        ask(&mut world, 0, Command::Sync).unwrap();
        for _ in 0..2 {
            assert_eq!(ask(&mut world, 1, Command::Sync).unwrap_err(), MISSING);
            let missing = HaltReason::MissingContentKey(EPOCH);
            assert_eq!(halted(&world, 1), Some(missing.clone()));
            let told = Notice::Halted(missing);
            assert!(world.devices[1].notices.contains(&told));
            assert_eq!(amounts(&world, 1), before);
            let stored = |index: usize| world.devices[index].store.entries.len();
            assert_eq!(stored(1), stored(0), "what waits is placed");
            world.crash(1);
            world.run(2_000);
        }
        hold(&mut world, 1, EPOCH).unwrap();
        assert_eq!(halted(&world, 1), None);
        assert_eq!(amounts(&world, 1), amounts(&world, 0));
        assert_ne!(amounts(&world, 1), before);
        world.crash(1);
        world.run(2_000);
        assert_eq!(amounts(&world, 1), amounts(&world, 0));
        append(&mut world, 1).unwrap();
        world.calm();
        assert_eq!(amounts(&world, 1), amounts(&world, 0));
        for index in 0..2 {
            let Ok(Reply::Proved(proof)) = ask(&mut world, index, Command::Prove) else {
                panic!("a proof")
            };
            assert_eq!(proof.difference, None);
        }
        assert_eq!(on_the_relay(&world).1, [EPOCH.0; 4]);
        assert_eq!(world.faults.first(), None);
    }
}

/// Claim: own encrypted work without a network is shown, survives a restart, can be looked into op by op, and goes out
/// as it was signed.
#[test]
fn own_encrypted_work_is_kept() {
    let mut world = declared(&[1_000, 1_000]);
    for index in 0..2 {
        hold(&mut world, index, EPOCH).unwrap();
    }
    world.input(1, Input::Online(false));
    let before = amounts(&world, 1).len();
    let Ok(Reply::Appended { ops, entries }) = append(&mut world, 1) else {
        panic!("appended")
    };
    let stored = &world.devices[1].store.outbox[&entries[0]].bytes;
    let on_disk = Entry::decode(stored).unwrap();
    assert!(
        on_disk.header().is_encrypted(),
        "no op in clear on the disk"
    );
    for life in 0..2 {
        assert_eq!(amounts(&world, 1).len(), before + 1, "life {life}");
        let op = ops[0].op.unwrap();
        let Ok(Reply::OpProof(proof)) = ask(&mut world, 1, Command::OpProof { op }) else {
            panic!("an op's proof")
        };
        assert_eq!((proof.verb.as_str(), proof.verified), ("jar.fill", true));
        let safe = world.devices[1].client.durability(&entries[0]);
        assert_eq!(safe, Some(Durability::Local));
        world.crash(1);
        world.input(1, Input::Online(false));
        world.run(2_000);
    }
    world.input(1, Input::Online(true));
    world.calm();
    assert_eq!(amounts(&world, 0), amounts(&world, 1));
    let durable = world.devices[1].client.durability(&entries[0]);
    assert!(matches!(durable, Some(Durability::Durable(_))));
    assert_eq!(on_the_relay(&world).1, [EPOCH.0]);
}

/// Claim: a body that the declared key does not open is refused whole, on every device alike, and stops nobody.
#[test]
fn noise_of_a_member_stops_nobody() {
    let mut world = declared(&[1_000, 1_000]);
    for index in 0..2 {
        hold(&mut world, index, EPOCH).unwrap();
    }
    let signer = SecretKey::from_seed(SEED);
    let kept = world.relay.kept.as_mut().unwrap();
    let draft = kept.draft(&signer);
    let noise = daybook_log::SealedBody::new([1; 24], [2; 32], vec![3; 64 + 16]).unwrap();
    let entry = draft.sealed(EPOCH, &noise).unwrap().sign(&signer);
    assert!(kept.put(entry.bytes(), world.now));
    world.calm();
    append(&mut world, 1).unwrap();
    world.calm();
    let hashes = |index: usize| world.devices[index].client.hashes().unwrap();
    assert_eq!(hashes(0).state_hash, hashes(1).state_hash);
    assert_eq!(halted(&world, 0), None);
    assert_eq!(amounts(&world, 0), amounts(&world, 1));
    assert_eq!(on_the_relay(&world).1, [EPOCH.0; 2]);
}

/// Claim: of two usable keys the one that was confirmed last encrypts, whatever its number, and both are read.
#[test]
fn own_bodies_are_under_the_newest_key() {
    let mut world = declared(&[1_000, 1_000]);
    hold(&mut world, 0, EPOCH).unwrap();
    append(&mut world, 0).unwrap();
    ask(&mut world, 0, Command::Sync).unwrap();
    let newer = ContentEpoch(5);
    declare(&mut world, newer, key(newer).commitment());
    ask(&mut world, 0, Command::Sync).unwrap();
    assert_eq!(hold(&mut world, 0, newer), Ok(()));
    append(&mut world, 0).unwrap();
    ask(&mut world, 0, Command::Sync).unwrap();
    // nobody confirmed it: there is a second member now
    assert_eq!(on_the_relay(&world).1, [1, 1]);
    let kept = world.relay.kept.as_ref().unwrap();
    assert!(kept.log.check_content_epoch(newer).is_err());

    let mut world = alone();
    for number in [3, 2] {
        let epoch = ContentEpoch(number);
        declare(&mut world, epoch, key(epoch).commitment());
        ask(&mut world, 0, Command::Sync).unwrap();
        hold(&mut world, 0, epoch).unwrap();
        append(&mut world, 0).unwrap();
        ask(&mut world, 0, Command::Sync).unwrap();
    }
    assert_eq!(on_the_relay(&world).1, [3, 2]);
    let unheld = ContentEpoch(9);
    declare(&mut world, unheld, key(unheld).commitment());
    ask(&mut world, 0, Command::Sync).unwrap();
    append(&mut world, 0).unwrap();
    ask(&mut world, 0, Command::Sync).unwrap();
    assert_eq!(on_the_relay(&world).1, [3, 2, 2], "of those that it holds");
}

/// Claim: entries of one command have nonces of their own.
#[test]
fn each_entry_of_a_command_has_its_nonce() {
    let mut world = declared(&[1_000, 1_000]);
    hold(&mut world, 0, EPOCH).unwrap();
    let ops: Vec<_> = (0..600).map(|_| world.fill_op()).collect();
    let (edge, refused) = (world.edge(600), OnRefused::Abort);
    let append = Command::Append { ops, edge, refused };
    let Ok(Reply::Appended { entries, .. }) = ask(&mut world, 0, append) else {
        panic!("appended")
    };
    ask(&mut world, 0, Command::Sync).unwrap();
    let items = &world.relay.kept.as_ref().unwrap().items;
    let nonces: std::collections::BTreeSet<[u8; 24]> = items
        .iter()
        .map(|item| Entry::decode(&item.entry).unwrap())
        .filter_map(|entry| Some(*entry.sealed_body()?.1.nonce()))
        .collect();
    assert_eq!((entries.len(), nonces.len()), (3, 3));
}
