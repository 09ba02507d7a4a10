//! One seed, one world: devices that lose their network, their answers and their lives at any moment end with equal
//! books in which everything is exactly once.

use crate::world::{Weather, World};
use daybook_client::{Command, Difference, Durability, OnRefused, Reply};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const STORM: Weather = Weather {
    drop: 15,
    double: 15,
    crash: 30,
    disk_fault: 2,
    spoil: 5,
    forge: false,
    lying_store: false,
};

/// Three devices with small, middle and large batches in a storm.
fn storm(seed: u64, weather: Weather) -> World {
    let mut world = World::new(seed, &[1, 7, 1_000], Weather::default());
    world.set_up();
    world.weather = weather;
    for _ in 0..40 {
        let index = world.dice.below(3) as usize;
        world.fill(index);
        let pause = world.dice.below(1_500) as i64;
        world.run(pause);
    }
    world.calm();
    world
}

/// Claim: nothing that was answered as safe is lost, nothing is there twice, hashes and rows are equal, and no badge
/// ever lied, in any of these worlds.
#[test]
fn storms() {
    let worlds = if cfg!(target_arch = "wasm32") { 2 } else { 12 };
    for seed in 0..worlds {
        let mut world = storm(seed, STORM);
        assert_eq!(world.check_end(), Ok(()), "seed {seed}");
        assert!(
            world.devices.iter().any(|device| device.life > 0),
            "seed {seed}: nobody crashed"
        );
        assert!(
            world.jars(0) >= world.devices.iter().map(|device| device.told.len()).sum(),
            "seed {seed}"
        );
    }
}

/// Falsifier of [`storms`]: a store that says "persisted" and writes nothing is found out.
#[test]
fn a_lying_store_is_found() {
    let mut world = World::new(1, &[1_000], Weather::default());
    world.set_up();
    world.weather.lying_store = true;
    world.fill(0);
    world.run(10);
    assert!(!world.faults.is_empty());
    assert!(world.check_end().is_err());
}

/// Falsifier of [`storms`]: one changed row, one entry too much, and one entry too little are each found.
#[test]
fn planted_differences_are_found() {
    let mut world = storm(3, Weather::default());
    assert_eq!(world.check_end(), Ok(()));
    let (key, old) = world.devices[1]
        .store
        .rows
        .iter()
        .next_back()
        .map(|(k, v)| (k.clone(), v.clone()))
        .unwrap();
    world.devices[1].store.rows.insert(key.clone(), vec![1]);
    assert_eq!(world.check_end(), Err("stored rows differ".into()));
    world.devices[1].store.rows.insert(key, old);
    assert_eq!(world.check_end(), Ok(()));
    let id = *world.devices[1].told.iter().next().unwrap();
    assert!(world.signed.remove(&id));
    assert!(world.check_end().is_err(), "an entry that nobody signed");
    world.signed.insert(id);
    world.relay.kept.as_mut().unwrap().places.remove(&id);
    assert!(world.check_end().is_err(), "an entry that is lost");
}

/// Claim: the same world has the same end: the simulator is a function of its seed.
#[test]
fn one_seed_one_world() {
    let (one, two) = (storm(5, STORM), storm(5, STORM));
    assert_eq!(
        one.devices[0].client.hashes(),
        two.devices[0].client.hashes()
    );
    assert_ne!(
        one.devices[0].client.hashes(),
        storm(6, STORM).devices[0].client.hashes()
    );
}

/// Claim: batches of 1 and of 1,000 give the same books; so does stopping after each step and opening again.
#[test]
fn batches_and_stops() {
    let mut world = World::new(11, &[1_000, 1, 1_000, 3], Weather::default());
    world.make(&crate::world::shelf());
    for _ in 0..30 {
        world.fill(0);
        world.run(200);
    }
    world.let_in(1);
    world.let_in(2);
    world.let_in(3);
    for _ in 0..200 {
        world.crash(3);
        world.run(7);
    }
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
    assert!(world.jars(3) > 30);
    // the falsifier: one op more on one device, not exchanged, and provisional state is not confirmed state
    world.input(1, daybook_client::Input::Online(false));
    let confirmed = world.devices[1].client.hashes();
    world.fill(1);
    world.run(10);
    assert_eq!(world.devices[1].client.hashes(), confirmed);
    assert!(world.jars(1) > world.jars(0));
    assert!(world.check_end().is_err());
}

/// Claim: what is done without a network is local, survives a restart as local, and becomes durable with a network.
#[test]
fn off_and_on() {
    let mut world = World::new(2, &[1_000, 1_000], Weather::default());
    world.set_up();
    world.input(1, daybook_client::Input::Online(false));
    let ticket = world.fill(1);
    world.run(10);
    let Some(Ok(Reply::Appended { entries, .. })) = world.devices[1].answers.get(&ticket).cloned()
    else {
        panic!("not appended")
    };
    let badge = |world: &World| world.devices[1].client.durability(&entries[0]);
    assert_eq!(badge(&world), Some(Durability::Local));
    assert!(!world.devices[1].client.status().online);
    world.crash(1);
    world.input(1, daybook_client::Input::Online(false));
    world.run(60_000);
    assert_eq!(badge(&world), Some(Durability::Local));
    assert_eq!(
        world.devices[1].client.documents(10)[0].at.durability,
        Some(Durability::Local)
    );
    world.input(1, daybook_client::Input::Online(true));
    world.run(2_000);
    assert_eq!(badge(&world), Some(Durability::Durable(1)));
    // the other device declares under its signature that it holds everything so far
    world.calm();
    world.fill(0);
    world.calm();
    assert_eq!(badge(&world), Some(Durability::Durable(2)));
    assert_eq!(world.check_end(), Ok(()));
}

fn prove(world: &mut World, index: usize) -> daybook_client::Proof {
    match world.insist(index, |_| Command::Prove) {
        Reply::Proved(proof) => proof,
        other => panic!("{other:?}"),
    }
}

/// Claim: a proof of untouched books is green and gives the live hashes; a changed, missing or extra stored row and a
/// changed stored entry turn it red and are named.
#[test]
fn proof_names_the_row() {
    let mut world = storm(4, Weather::default());
    let live = world.devices[2].client.hashes().unwrap();
    let proof = prove(&mut world, 2);
    assert_eq!(
        (proof.difference, proof.state_hash, proof.books_hash),
        (None, live.state_hash, live.books_hash)
    );
    assert!(proof.ops > 0 && proof.position == live.position);
    // every ninth row: of each table some
    let keys = world.devices[2].store.rows.keys().step_by(9).cloned();
    for key in keys.collect::<Vec<_>>() {
        let old = world.devices[2].store.rows[&key].clone();
        let mut new = old.clone();
        match new.last_mut() {
            Some(last) => *last ^= 1,
            None => new.push(1),
        }
        world.devices[2].store.rows.insert(key.clone(), new);
        let proof = prove(&mut world, 2);
        assert!(
            matches!(&proof.difference, Some(Difference::Row { key: named, name, .. }) if *named == key && !name.is_empty()),
            "{:?}",
            proof.difference
        );
        world.devices[2].store.rows.insert(key, old);
    }
    let (key, old) = world.devices[2].store.rows.pop_first().unwrap();
    let missing = prove(&mut world, 2).difference;
    assert!(
        matches!(missing, Some(Difference::Row { key: named, stored: None, .. }) if named == key)
    );
    world.devices[2].store.rows.insert(key, old);
    world.devices[2]
        .store
        .rows
        .insert(vec![0, 0, 1, 2], vec![3]);
    assert!(matches!(
        prove(&mut world, 2).difference,
        Some(Difference::Row { derived: None, .. })
    ));
    world.devices[2].store.rows.remove(&vec![0, 0, 1, 2]);
    let stored = world.devices[2].store.entries.get_mut(&5).unwrap();
    let last = stored.bytes.len() - 1;
    stored.bytes[last] ^= 1;
    assert!(matches!(
        prove(&mut world, 2).difference,
        Some(Difference::Entry { position: 5, .. })
    ));
    // a device that opens with it says so, names it, and shows nothing wrong
    world.crash(2);
    world.run(100);
    assert_eq!(
        world.devices[2].client.phase(),
        daybook_client::Phase::Damaged
    );
}

/// Claim: an op that the books refuse is not signed unless somebody insists; with `Skip` the others are.
#[test]
fn refused_ops() {
    let mut world = World::new(8, &[1_000], Weather::default());
    world.set_up();
    let mut bad = world.fill_op();
    bad.inputs[2].1 = daybook_manifest::value::Value::Int(0);
    let ops = vec![world.fill_op(), bad, world.fill_op()];
    let mut modes = Vec::new();
    for refused in [OnRefused::Abort, OnRefused::Skip, OnRefused::Sign] {
        let edge = world.edge(3);
        let ticket = world.command(
            0,
            Command::Append {
                ops: ops.clone(),
                edge,
                refused,
            },
        );
        world.run(1_000);
        modes.push(world.devices[0].answers.remove(&ticket).unwrap());
    }
    let fault = modes[0].as_ref().unwrap_err().to_string();
    assert!(
        fault.contains("op 1") && fault.contains("TOO_FEW"),
        "{fault}"
    );
    let ops = |mode: usize| match &modes[mode] {
        Ok(Reply::Appended { ops, .. }) => ops.iter().map(|op| op.op.is_some()).collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    assert_eq!(
        (ops(1), ops(2)),
        (vec![true, false, true], vec![true, true, true])
    );
    world.calm();
    assert_eq!(world.check_end(), Ok(()));
    assert_eq!(world.jars(0), 4);
    let numbers: Vec<_> = world.devices[0]
        .client
        .rows("jar", 10)
        .iter()
        .map(|row| row.fields[1].text.clone())
        .collect();
    let mut sorted = numbers.clone();
    sorted.sort();
    assert_eq!(sorted, ["1", "2", "3", "4"], "numbers have no gap");
}
