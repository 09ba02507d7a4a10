//! Bytes that were changed: found or refused, never a panic.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{assert_balanced, id, int, text};
use daybook_fold::{Outcome, Refusal, ReplayFault, replay};
use daybook_log::{Entry, Op};
use daybook_manifest::value::Value;
use jars::{CRATE, Chance, DAY, Fill, THING, layer};
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Claim: a change of one byte of a bundle is found, or changes nothing that is folded, or shows in the tip (the relay's clock is
/// in the order record, which nobody signs yet).
#[test]
fn bundle_faults() {
    let world = jars::world();
    let bundle = world.bundle();
    let good = replay(&bundle).unwrap();
    for at in (0..bundle.len()).step_by(17) {
        let mut bytes = bundle.clone();
        bytes[at] ^= 1;
        if let Ok(hashes) = replay(&bytes) {
            assert!(
                hashes.state_hash == good.state_hash || hashes.tip != good.tip,
                "byte {at}"
            );
            assert_eq!(hashes.books_hash, good.books_hash, "byte {at}");
        }
    }
    assert_eq!(
        replay(&bundle[..bundle.len() - 1]),
        Err(ReplayFault::Bundle)
    );
}

/// Entries of 200 ops.
const ROUNDS: u32 = 500;

/// Claim: 100,000 mutated ops are refused or applied, each leaves balanced books, none panics. (Signatures are not the question here.)
#[test]
fn mutated_ops() {
    let mut world = jars::world();
    let mut chance = Chance::new(2024);
    let mut samples: Vec<Op> = Vec::new();
    let mut many = Fill::plain(100, CRATE, 1);
    many.layers = (1..6)
        .map(|n| layer(THING, n * 1000, n * 77_000, 0, (n * 10_000, n % 2 == 0)))
        .collect();
    samples.push(many.op(&world));
    samples.push(Fill::plain(100, CRATE, 1).op(&world));
    samples.push(world.op("thing.new", &[id(70), text("K"), int(1), int(44)]));
    samples.push(world.op("thing.swap", &[id(THING), id(jars::HEAVY), text("C")]));
    samples.push(world.op("jar.undo", &[id(101), id(100), int(DAY), int(1)]));
    samples.push(world.op(
        "odd.post",
        &[id(100), int(DAY), text("EUR"), int(5), int(5), int(3)],
    ));
    samples.push(world.op("odd.mul", &[id(100), int(5), int(5)]));
    samples.push(world.op("odd.later", &[int(DAY), int(5)]));
    samples.push(world.op("odd.number", &[int(2024), int(5)]));
    samples.push(world.op(
        "layer.add",
        &[id(100), id(THING), Value::List(vec![vec![int(1)]; 3])],
    ));
    let (mut done, mut no) = (0_u32, BTreeMap::<Refusal, u32>::new());
    for _ in 0..ROUNDS {
        let ops: Vec<Op> = (0..200).map(|_| mutant(&samples, &mut chance)).collect();
        let entry: Entry = world
            .draft(0)
            .ops(&world.body(ops))
            .unwrap()
            .finish(daybook_log::Signature::ZERO);
        for outcome in world.place(0, entry) {
            match outcome {
                Outcome::Applied { .. } => done += 1,
                Outcome::Refused(refusal) => *no.entry(refusal).or_default() += 1,
            }
        }
        world.items.clear();
        world.ordered.clear();
    }
    assert_eq!(done + no.values().sum::<u32>(), ROUNDS * 200);
    assert!(
        done > 1000 && no.len() > 8,
        "the mutants must reach the body: {done} applied, {no:?}"
    );
    assert!(!no.contains_key(&Refusal::UNSOUND), "{no:?}");
    assert_balanced(&world.book);
}

fn mutant(samples: &[Op], chance: &mut Chance) -> Op {
    let pick = |chance: &mut Chance, bound: usize| {
        usize::try_from(chance.below(u64::try_from(bound).unwrap())).unwrap()
    };
    let mut op = samples[pick(chance, samples.len())].clone();
    for _ in 0..=chance.below(3) {
        let at = pick(chance, op.input.len().max(1)).min(op.input.len().saturating_sub(1));
        let byte = u8::try_from(chance.below(256)).unwrap();
        match chance.below(12) {
            0 => op.verb = u16::try_from(chance.below(40)).unwrap(),
            1 => op.input.truncate(at),
            2 => op.input.insert(at.min(op.input.len()), byte),
            3 if !op.input.is_empty() => drop(op.input.remove(at)),
            4..=8 if !op.input.is_empty() => op.input[at] = byte,
            9 if !op.input.is_empty() => op.input[at] ^= 1 << (byte % 8),
            _ => {}
        }
    }
    op
}
