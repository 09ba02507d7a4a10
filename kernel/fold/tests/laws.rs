//! What must hold for every log: one outcome of one order, books that balance, nothing that panics.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{applied, assert_balanced, compiled, id, int, raw, refused, text};
use daybook_fold::{Book, BooksHash, Halt, PostingFilter, Refusal, key, replay, replay_batched};
use daybook_log::ManifestId;
use daybook_manifest::value::Value;
use jars::{CRATE, DAY, Fill, OTHER_CRATE, THING, busy, given, layer};
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Claim (D1): live, replayed, in batches of 1, 7 and 1,000: the same hashes. Falsifier: anything in the fold that knows of a batch.
#[test]
fn replay_is_live() {
    let world = busy(300);
    let bundle = world.bundle();
    let hashes = replay(&bundle).unwrap();
    assert_eq!(hashes.position, world.book.position());
    assert_eq!(hashes.tip, world.book.tip());
    assert_eq!(hashes.state_hash, world.book.state_hash());
    assert_eq!(hashes.books_hash, world.book.books_hash());
    assert!(
        hashes.applied > 200 && hashes.refused > 50,
        "the log must be busy: {hashes:?}"
    );
    for batch in [1, 7, 1000] {
        assert_eq!(
            replay_batched(&bundle, batch).unwrap(),
            hashes,
            "batches of {batch}"
        );
    }
}

/// Claim: the books of a fixed log have this hash, natively and in a browser alike.
#[test]
fn one_hash_everywhere() {
    let hash = busy(300).book.books_hash().to_string();
    assert_eq!(
        hash,
        "b3039e90a7fd4874b0daf5e411ceb174951063701739190675d3d67ea2c5adf5"
    );
}

/// Claim: the books sum to zero and the totals are the postings' at every position.
#[test]
fn balanced_at_every_position() {
    let world = busy(120);
    let mut book = world.fresh();
    for ordered in &world.ordered {
        book.fold(ordered).unwrap();
        assert_balanced(&book);
    }
    assert_eq!(book.state_hash(), world.book.state_hash());
}

/// Claim: stopped at any point, restored from its stored rows and continued, a book is the one that never stopped.
#[test]
fn stop_and_resume() {
    let world = busy(60);
    for stop in [0, 1, 5, 30, 63] {
        let mut first = world.fresh();
        let mut stored: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
        for ordered in &world.ordered[..stop] {
            first.fold(ordered).unwrap();
        }
        for change in first.take_changes() {
            match change.value {
                Some(value) => stored.insert(change.key, value),
                None => stored.remove(&change.key),
            };
        }
        let at = (first.position(), first.tip());
        let mut book = Book::restore(
            world.book.id(),
            world.genesis.manifest,
            at,
            stored.into_iter(),
        )
        .unwrap();
        assert_eq!(book.state_hash(), first.state_hash());
        assert!(
            book.take_changes().is_empty(),
            "restored rows are no changes"
        );
        if let Some(next) = world
            .ordered
            .get(stop)
            .filter(|next| next.record.kind.number() == 0)
        {
            let id = world.genesis.manifest;
            assert_eq!(
                book.fold(next),
                Err(Halt::MissingManifest(id)),
                "a book knows no manifest by itself"
            );
            assert_eq!(book.state_hash(), first.state_hash());
        }
        book.provide(&world.asts[0]).unwrap();
        for ordered in &world.ordered[stop..] {
            book.fold(ordered).unwrap();
        }
        assert_eq!(book.state_hash(), world.book.state_hash());
    }
}

/// Claim: rows that no book wrote are not taken for a book's.
#[test]
fn restore_refuses_other_rows() {
    use daybook_fold::RestoreFault::{BadKey, BadValue, OtherGenesis};
    let world = jars::world();
    let at = (world.book.position(), world.book.tip());
    let rows: Vec<_> = world
        .book
        .rows()
        .map(|(key, value)| (key, value.to_vec()))
        .collect();
    let restore = |rows: Vec<(Vec<u8>, Vec<u8>)>, genesis| {
        Book::restore(world.book.id(), genesis, at, rows.into_iter()).err()
    };
    let good = world.genesis.manifest;
    assert_eq!(restore(rows.clone(), good), None);
    assert_eq!(
        restore(rows.clone(), ManifestId([9; 32])),
        Some(OtherGenesis)
    );
    let with = |row: (Vec<u8>, Vec<u8>)| rows.iter().cloned().chain([row]).collect::<Vec<_>>();
    assert_eq!(restore(with((vec![0], vec![])), good), Some(BadKey));
    assert_eq!(restore(with(rows[0].clone()), good), Some(BadKey));
    assert_eq!(
        restore(with((key::join(key::ADOPTED, &[1; 32]), vec![1])), good),
        Some(BadValue)
    );
}

/// Claim: the books hash is that of what is booked, not of the order; the state hash knows the order.
#[test]
fn books_know_no_order() {
    let entries = |order: [usize; 2]| -> (BooksHash, _) {
        let mut world = jars::world();
        for author in order {
            let fill = Fill::plain(
                100 + u64::try_from(author).unwrap(),
                [CRATE, OTHER_CRATE][author],
                1,
            );
            assert_eq!(fill.run(&mut world, author), applied());
        }
        (world.book.books_hash(), world.book.state_hash())
    };
    let (one, other) = (entries([0, 1]), entries([1, 0]));
    assert_eq!(one.0, other.0);
    assert_ne!(one.1, other.1);
}

/// Claim: a reversal books the opposite of what was recorded, on its own row, so that nothing is left but the trace.
#[test]
fn reversal() {
    let mut world = jars::world();
    let empty = world.book.books_hash();
    let mut fill = Fill::plain(100, CRATE, 1);
    fill.layers
        .push(layer(THING, 1000, 333_000, 0, (150_000, false)));
    fill.given = vec![given(true, 1000), given(false, 383 + 2)];
    fill.crumbs = 2;
    assert_eq!(fill.run(&mut world, 0), applied());
    assert_ne!(world.book.books_hash(), empty);
    let undo = |tag| [id(200), id(100), int(DAY), int(tag)];
    assert_eq!(world.run(1, "jar.undo", &undo(1)), refused(Refusal(1001)));
    assert_eq!(world.run(0, "jar.undo", &undo(2)), applied());
    assert_eq!(
        world.run(0, "jar.undo", &undo(3)),
        refused(Refusal::WRONG_STATE)
    );
    assert_eq!(
        world.book.books_hash(),
        empty,
        "all totals of that month are zero again"
    );
    let lines = |n| {
        let filter = PostingFilter {
            doc: Some(raw(n)),
            ..PostingFilter::default()
        };
        world
            .book
            .view()
            .postings(filter)
            .map(|line| (line.role, line.dims, line.amount))
            .collect::<Vec<_>>()
    };
    let opposite: Vec<_> = lines(100)
        .into_iter()
        .map(|(role, dims, amount)| (role, dims, -amount))
        .collect();
    assert_eq!((lines(200), lines(100).len()), (opposite, 7));
    assert_balanced(&world.book);
}

/// Claim: an op of an older manifest that comes after a newer one is run under its own, on the same rows; what it does not know is left alone.
#[test]
fn offline_for_weeks() {
    let mut world = jars::world();
    let old = (world.manifest.clone(), world.manifest_id);
    let source = jars::SOURCE
        .replace("note: text(40)", "note: text(40) lid: code(4)?")
        .replace("manifest jars 1", "manifest jars 2");
    let source = format!(
        "{source}\nverb thing.lid draft level 0 by member (thing: ref<thing>, lid: code(4)) {{ set thing.lid = lid }}"
    );
    let newer = compiled(&source);
    assert_eq!(world.adopt(0, &newer), applied());
    assert_eq!(
        world.run(0, "thing.lid", &[id(THING), text("TIN")]),
        applied()
    );
    (world.manifest, world.manifest_id) = old;
    assert_eq!(world.run(1, "thing.weigh", &[id(THING), int(3)]), applied());
    assert_eq!(
        world.run(1, "thing.weigh", &[id(jars::HEAVY), int(3)]),
        applied()
    );
    assert_eq!(
        world.run(1, "thing.new", &[id(60), text("N"), int(2), int(1)]),
        applied()
    );
    let view = world.book.view();
    let thing = world.entity("thing");
    assert_eq!(
        view.row(thing, raw(THING)).unwrap().values[2..],
        [int(8), Value::None, text(""), text("TIN")]
    );
    assert_eq!(view.row(thing, raw(60)).unwrap().values[5], Value::None);
    assert_eq!(view.rows(thing).count(), 3);
    assert_eq!(
        replay(&world.bundle()).unwrap().state_hash,
        world.book.state_hash()
    );
}

/// Claim: what this build cannot know halts it before the entry, with nothing changed, and goes on when it is there.
#[test]
fn halts() {
    let mut world = jars::world();
    let next = compiled(&jars::SOURCE.replace("manifest jars 1", "manifest jars 2"));
    let entry = world.adoption(0, &next.bytes);
    let ordered = world.order(0, entry);
    let before = (world.book.position(), world.book.state_hash());
    let id = daybook_log::control::manifest_id(&next.bytes);
    assert_eq!(world.book.fold(&ordered), Err(Halt::MissingManifest(id)));
    assert_eq!((world.book.position(), world.book.state_hash()), before);
    world.book.provide(&next.bytes).unwrap();
    assert_eq!(world.book.fold(&ordered), Ok(vec![applied()]));
    assert!(matches!(
        world.book.fold(&ordered),
        Err(Halt::OutOfOrder { .. })
    ));

    // a level that does not exist yet
    let mut later = next.bytes.clone();
    later[0] = 7;
    let entry = world.adoption(0, &later);
    let ordered = world.order(0, entry);
    assert!(world.book.provide(&later).is_err());
    let manifest = daybook_log::control::manifest_id(&later);
    assert_eq!(
        world.book.fold(&ordered),
        Err(Halt::Level { manifest, level: 7 })
    );

    // bytes that are no manifest at all are a refusal, the same for everybody
    let mut world = jars::world();
    let entry = world.adoption(0, b"\0nonsense");
    let ordered = world.order(0, entry);
    assert!(world.book.provide(b"\0nonsense").is_err());
    assert_eq!(
        world.book.fold(&ordered),
        Ok(vec![refused(Refusal::BAD_MANIFEST)])
    );
}
