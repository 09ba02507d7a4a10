//! Entries that have no place of their own: they fold as their author's, where a manager readmits them, once.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{World, applied, id, int, refused, text};
use daybook_fold::{Halt, Refusal, replay};
use daybook_log::content::pad;
use daybook_log::{
    Body, BodyFault, ContentEpoch, ContentNotice, Draft, Entry, KeyCommitment, OrderedEntry,
    Readmit, SealedBody,
};
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

/// Two encrypted originals of the member, each after one that is not there, and what a manager readmits of them.
fn encrypted(world: &mut World) -> [(Entry, OrderedEntry); 2] {
    let (number, commitment) = (ContentEpoch(1), KeyCommitment([1; 32]));
    let notices = [
        (0, ContentNotice::Declare { number, commitment }),
        (1, ContentNotice::Confirm { number, commitment }),
    ];
    for (author, notice) in notices {
        let entry = world.write(author, Body::ContentEpoch(notice));
        world.place(author, entry);
    }
    let [lost, _] = lost_and_kept(world);
    let sealed = SealedBody::new([1; 24], [2; 32], vec![3; 256 + 16]).unwrap();
    let draft = Draft {
        seq: lost.header().seq.next().unwrap(),
        prev: lost.id(),
        ..world.draft(1)
    };
    let unsigned = draft.sealed(number, &sealed).unwrap();
    let original = unsigned.sign(&world.authors[1].secret);
    [(); 2].map(|()| {
        let entry = readmit(world, &original);
        (original.clone(), world.order(0, entry))
    })
}

/// Claim: a readmitted encrypted original halts the fold without its key, and opened folds as its author's, once.
#[test]
fn an_encrypted_original_folds_as_its_authors() {
    let mut world = world();
    let [(original, first), (_, second)] = encrypted(&mut world);
    let before = (world.book.position(), world.book.state_hash());
    let halt = Err(Halt::MissingContentKey(ContentEpoch(1)));
    assert_eq!(world.book.fold(&first), halt);
    assert_eq!((world.book.position(), world.book.state_hash()), before);
    let ops = vec![
        world.op("crate.new", &[id(NEW_CRATE), text("S-3")]),
        world.op("thing.paint", &[id(jars::THING), int(2)]),
    ];
    let padded = pad(&world.body(ops).encode().unwrap()).unwrap();
    let outcomes = world.book.fold(&first.opened(Ok(&padded))).unwrap();
    assert_eq!(outcomes, [applied(), refused(Refusal::NOT_PERMITTED)]);
    let view = world.book.view();
    let row = view.row(world.entity("crate"), common::raw(NEW_CRATE));
    assert_eq!(row.unwrap().owner, Some(original.header().author));
    assert_eq!(world.book.fold(&second), halt, "its ops are counted, too");
    let outcomes = world.book.fold(&second.opened(Ok(&padded))).unwrap();
    assert_eq!(
        outcomes,
        [refused(Refusal::ALREADY), refused(Refusal::ALREADY)]
    );
}

/// Claim: an original that opens to no ops refuses the readmission whole, and the next entry folds.
#[test]
fn an_unreadable_original_is_refused_whole() {
    let mut world = world();
    let books = |ordered: [(Entry, OrderedEntry); 2]| ordered.map(|(_, ordered)| ordered);
    let ordered = books(encrypted(&mut world));
    for next in ordered {
        let next = next.opened(Err(BodyFault::Decryption));
        let outcomes = world.book.fold(&next).unwrap();
        assert_eq!(outcomes, [refused(Refusal::UNREADABLE)]);
        let at = world.book.position();
        let noted = world.book.view().outcome(at, 0);
        assert_eq!(noted, Some(refused(Refusal::UNREADABLE)));
    }
    let op = world.op("crate.new", &[id(13), text("S-4")]);
    assert_eq!(world.ops(1, vec![op]), [applied()]);
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
