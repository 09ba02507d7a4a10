//! Honest histories prove nothing, whatever disturbs them; one liar in them is convicted at the first crossing.
//! 30 histories in the gate, 1,000 with `DAYBOOK_NIGHT=1`; seeds are fixed and named in what fails.
#![cfg(not(target_arch = "wasm32"))]

mod sim;

use daybook_log::evidence::{Case, Class};
use daybook_log::{AdmittedKey, NoProof, verify_evidence};
use sim::liars::Lie;
use sim::{MARKS, World};
use std::collections::BTreeSet;

fn histories() -> u64 {
    match std::env::var_os("DAYBOOK_NIGHT") {
        Some(_) => 1_000,
        None => 30,
    }
}

/// EV-10, EV-15, EV-18: no two things that honest authors and relays signed prove anything.
#[test]
fn honest_histories_prove_nothing() {
    let (mut marks, mut pairs, mut receipts) = (BTreeSet::new(), 0, 0);
    for seed in 0..histories() {
        let world = World::honest(seed);
        assert!(world.authors.len() >= 20 && world.relay().placed.len() >= 200);
        marks.extend(world.marks.iter().copied());
        let (tried, verdicts) = world.pairs();
        assert_eq!(verdicts, [], "seed {seed}");
        pairs += tried;
        for which in 0..world.relays.len() {
            let (tried, verdicts) = world.receipts(which, 7);
            assert_eq!(verdicts, [], "seed {seed}, relay {which}");
            receipts += tried;
        }
    }
    let missing: Vec<_> = MARKS.iter().filter(|mark| !marks.contains(mark)).collect();
    assert!(missing.is_empty(), "never reached: {missing:?}");
    println!(
        "{} histories, {pairs} pairs, {receipts} receipts",
        histories()
    );
}

/// EV-18: in each history one liar is convicted as soon as the two things meet, always, and nobody else is.
#[test]
fn one_liar_is_convicted() {
    for lie in Lie::ALL {
        for seed in 0..histories().div_ceil(10) {
            let mut world = World::honest(seed + 5_000);
            let liar = lie.tell(&mut world);
            let (_, mut verdicts) = world.pairs();
            for which in 0..world.relays.len() {
                verdicts.extend(world.receipts(which, 1_000).1);
            }
            let classes: BTreeSet<_> = verdicts.iter().map(|verdict| verdict.class).collect();
            assert!(
                classes.contains(&lie.class()),
                "seed {seed}, {lie:?}: {classes:?}"
            );
            for verdict in &verdicts {
                assert!(liar.is(&verdict.accused), "seed {seed}, {lie:?}: {verdict}");
            }
        }
    }
}

/// EV-8: what an old relay signed above the cut and what the new one put there contradict nothing.
#[test]
fn a_relay_answers_for_its_own_tree() {
    for seed in 0..3 {
        let world = World::honest(seed);
        let [old, new] = [&world.relays[0], &world.relays[1]];
        let at = old.placed.len() - 1;
        assert_ne!(old.placed[at].0, new.placed[at].0, "seed {seed}: not cut");
        let parts = [old, new].map(|relay| {
            let receipt = relay.receipt(at, &relay.checkpoint());
            receipt.proof().to_string().into_bytes()
        });
        let case = Case {
            class: Class::TwoRecords,
            book: world.book(),
            parts: parts.to_vec(),
        };
        let keys: Vec<AdmittedKey> = world.relays.iter().map(sim::Relay::public).collect();
        let verdict = verify_evidence(&case.encode(), &world.book(), &keys);
        assert_eq!(verdict, Err(NoProof::TwoTrees), "seed {seed}");
    }
}
