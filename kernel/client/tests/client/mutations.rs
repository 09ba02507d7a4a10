//! Answers of the relay that are spoilt on the way: a typed fault each time, never a panic, nothing lost, and never an
//! order of one's own.

use std::collections::BTreeSet;

use crate::world::{Weather, World};
use daybook_client::{Notice, RelayFault};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Natively 10^5 in all; as wasm, where nothing else differs, a fiftieth.
const SPOILT_EACH: u64 = if cfg!(target_arch = "wasm32") {
    500
} else {
    25_000
};

fn kind(fault: &RelayFault) -> &'static str {
    match fault {
        RelayFault::Unreachable => "unreachable",
        RelayFault::Clock { .. } => "clock",
        RelayFault::Head { .. } => "head",
        RelayFault::SeenUnknown => "seen unknown",
        RelayFault::NotAdmitted => "not admitted",
        RelayFault::Busy => "busy",
        RelayFault::Problem { .. } => "problem",
        RelayFault::Malformed { .. } => "malformed",
        RelayFault::Mismatch { .. } => "mismatch",
        RelayFault::Unsupported { .. } => "unsupported",
        RelayFault::Invalid { .. } => "invalid",
    }
}

/// One world in which four of five answers are spoilt, from the first request on.
fn spoilt(seed: u64, faults: &mut BTreeSet<&'static str>) -> World {
    let mut world = World::new(
        seed,
        &[3, 5],
        Weather {
            spoil: 60,
            ..Weather::default()
        },
    );
    world.set_up();
    world.weather.spoil = 80;
    let joined = world.devices[1].store.clone();
    let mut rounds = 0;
    while world.spoilt < SPOILT_EACH {
        rounds += 1;
        if rounds <= 15 {
            world.fill(0);
        }
        world.command(0, daybook_client::Command::Sync);
        world.run(2_000);
        if rounds % 8 == 0 {
            // a device that has it all to fetch again
            world.devices[1].store = joined.clone();
            world.crash(1);
        }
        assert_eq!(world.faults.first(), None, "seed {seed}");
        for device in &mut world.devices {
            for notice in device.notices.drain(..) {
                if let Notice::Relay(fault) = notice {
                    faults.insert(kind(&fault));
                }
            }
            device.answers.clear();
        }
    }
    world
}

/// Claim: see above; afterwards, with a good network, everything is where it belongs.
fn spoilt_answers(seed: u64) {
    let mut faults = BTreeSet::new();
    let mut world = spoilt(seed, &mut faults);
    world.calm();
    assert_eq!(world.check_end(), Ok(()), "seed {seed}");
    assert!(world.devices[0].told.len() > 10, "work went on");
    for kind in ["malformed", "mismatch", "invalid", "problem", "busy"] {
        assert!(faults.contains(kind), "{kind} was never seen: {faults:?}");
    }
}

#[test]
fn spoilt_answers_of_seed_0() {
    spoilt_answers(0);
}

#[test]
fn spoilt_answers_of_seed_1() {
    spoilt_answers(1);
}

#[test]
fn spoilt_answers_of_seed_2() {
    spoilt_answers(2);
}

#[test]
fn spoilt_answers_of_seed_3() {
    spoilt_answers(3);
}

/// Falsifier of [`spoilt_answers`]: a relay that signs another order for everybody who asks leads each device onto an
/// order of its own, and the check of this world sees that.
#[test]
fn an_order_of_its_own_is_seen() {
    let mut world = World::new(1, &[3, 5], Weather::default());
    world.set_up();
    world.fill(0);
    world.run(2_000);
    assert_eq!(world.faults.first(), None);
    world.relay.kept.as_mut().unwrap().lies = true;
    world.fill(0);
    world.run(2_000);
    assert!(
        world
            .faults
            .iter()
            .any(|fault| fault.contains("order of its own")),
        "{:?}",
        world.faults
    );
}
