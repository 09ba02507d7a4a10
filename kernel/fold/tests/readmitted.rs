//! Entries that have no place of their own: they fold as their author's, where a manager readmits them, once.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{World, applied, id, int, refused, text};
use daybook_fold::{Refusal, replay};
use daybook_log::{Body, Entry, Readmit};
use jars::world;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const NEW_CRATE: u64 = 12;

fn readmit(world: &World, original: &Entry) -> Entry {
    let carried = Readmit::of(original.clone()).unwrap();
    world.write(0, Body::Readmit(carried.into()))
}

/// Two entries of the member, of which the first is not there.
fn lost_and_kept(world: &World) -> [Entry; 2] {
    let op = world.op("crate.new", &[id(11), text("S-9")]);
    let lost = world.entry(1, &world.body(vec![op]));
    let kept = world.after(
        1,
        &lost,
        vec![
            world.op("crate.new", &[id(NEW_CRATE), text("S-3")]),
            world.op("thing.paint", &[id(jars::THING), int(2)]),
        ],
    );
    [lost, kept]
}

/// Claim: what a manager readmits is its author's: rows are owned by the author, and what the author may not do is refused.
#[test]
fn readmitted_ops_are_their_authors() {
    let mut world = world();
    let [_, kept] = lost_and_kept(&world);
    let entry = readmit(&world, &kept);
    let outcomes = world.place(0, entry);
    assert_eq!(outcomes, [applied(), refused(Refusal::NOT_PERMITTED)]);
    let at = world.book.position();
    let view = world.book.view();
    assert_eq!(view.outcome(at, 1), Some(refused(Refusal::NOT_PERMITTED)));
    let row = view.row(world.entity("crate"), common::raw(NEW_CRATE));
    assert_eq!(row.unwrap().owner, Some(world.authors[1].id));
    world.yes(1, "crate.to", &[id(NEW_CRATE), text("X")]);
}

/// Claim: an entry has one effect. A second readmission, and its own place after a readmission, are refused ALREADY, and
/// change no row but the outcomes'.
#[test]
fn an_entry_folds_once() {
    let mut world = world();
    let [lost, kept] = lost_and_kept(&world);
    let entry = readmit(&world, &kept);
    world.place(0, entry);
    let books = |world: &World| {
        let own = |key: &[u8]| key.starts_with(&daybook_fold::key::OUTCOME.to_be_bytes());
        let rows = world.book.rows().filter(|(key, _)| !own(key));
        rows.map(|(key, value)| (key, value.to_vec()))
            .collect::<Vec<_>>()
    };
    let before = books(&world);
    let entry = readmit(&world, &kept);
    let already = [refused(Refusal::ALREADY), refused(Refusal::ALREADY)];
    assert_eq!(world.place(0, entry), already);
    assert_eq!(books(&world), before);
    assert_eq!(world.place(1, lost).len(), 1, "it turned up");
    let before = books(&world);
    assert_eq!(world.place(1, kept), already);
    assert_eq!(books(&world), before);
    let at = world.book.position();
    assert_eq!(
        world.book.view().outcome(at, 1),
        Some(refused(Refusal::ALREADY))
    );
    world.yes(1, "crate.to", &[id(NEW_CRATE), text("X")]);
}

/// Claim: whoever replays the records comes to the same state.
#[test]
fn replay_readmits_too() {
    let mut world = world();
    let [_, kept] = lost_and_kept(&world);
    for _ in 0..2 {
        let entry = readmit(&world, &kept);
        world.place(0, entry);
    }
    let hashes = replay(&world.bundle()).unwrap();
    assert_eq!(hashes.state_hash, world.book.state_hash());
    assert_eq!(hashes.books_hash, world.book.books_hash());
}
