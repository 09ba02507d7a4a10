//! Encrypted bodies: what the fold does with one that is closed, opened, or opened to nothing. It never decrypts itself.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{World, applied, id, int, text};
use daybook_fold::{Halt, Outcome, Refusal};
use daybook_log::content::pad;
use daybook_log::{BodyFault, ContentEpoch, Entry, OpsBody, OrderedEntry, SealedBody};
use jars::{DAY, world};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const EPOCH: ContentEpoch = ContentEpoch(3);

fn body(world: &World) -> OpsBody {
    let post = [id(100), int(DAY), text("EUR"), int(100), int(100), int(1)];
    world.body(vec![world.op("odd.post", &post)])
}

/// The entry with any ciphertext: the fold sees none.
fn closed(world: &World) -> Entry {
    let sealed = SealedBody::new([1; 24], [2; 32], vec![3; 256 + 16]).unwrap();
    let unsigned = world.draft(0).sealed(EPOCH, &sealed).unwrap();
    unsigned.sign(&world.authors[0].secret)
}

/// At the next place, as a log that knows this content epoch would put it.
fn next(world: &World, entry: Entry) -> OrderedEntry {
    let record = world.log.next_record(&entry, 0);
    OrderedEntry {
        position: record.position,
        tip: record.tip(),
        record,
        already: false,
        readmitted: None,
        role: world.log.member(&world.authors[0].id).unwrap().role,
        effective_seen: entry.header().seen.position,
        entry: entry.trust_stored(),
    }
}

/// Claim: without its content key an entry stops the fold, which is then as it was; opened, it is the same entry.
#[test]
fn a_closed_body_halts_and_changes_nothing() {
    let mut world = world();
    let before = (world.book.position(), world.book.state_hash());
    let ordered = next(&world, closed(&world));
    let halt = world.book.fold(&ordered).unwrap_err();
    assert_eq!(halt, Halt::MissingContentKey(EPOCH));
    assert_eq!(halt.to_string(), "the content key of epoch 3 is not here");
    assert_eq!((world.book.position(), world.book.state_hash()), before);
    let padded = pad(&body(&world).encode().unwrap()).unwrap();
    let opened = next(&world, closed(&world).opened(Ok(&padded)));
    assert_eq!(opened.tip, ordered.tip);
    assert_eq!(world.book.fold(&opened).unwrap(), [applied()]);
}

/// Claim: opened ops give the books that the same ops in clear give.
#[test]
fn an_opened_body_folds_like_one_in_clear() {
    let (mut clear, mut opened) = (world(), world());
    let entry = clear.entry(0, &body(&clear));
    clear.place(0, entry);
    let padded = pad(&body(&opened).encode().unwrap()).unwrap();
    let ordered = next(&opened, closed(&opened).opened(Ok(&padded)));
    opened.book.fold(&ordered).unwrap();
    assert_eq!(opened.book.books_hash(), clear.book.books_hash());
    assert!(opened.book.rows().eq(clear.book.rows()));
}

/// Claim: a body that the right key cannot open refuses the whole entry, once, whatever the reason; the next one folds.
#[test]
fn an_unreadable_body_is_a_refusal_of_the_entry() {
    let mut hashes = Vec::new();
    for why in [
        Err(BodyFault::Commitment),
        Err(BodyFault::Decryption),
        Ok([0xff_u8; 64].as_slice()),
    ] {
        let mut world = world();
        let (books, state) = (world.book.books_hash(), world.book.state_hash());
        let ordered = next(&world, closed(&world).opened(why));
        let outcomes = world.book.fold(&ordered).unwrap();
        assert_eq!(outcomes, [Outcome::Refused(Refusal::UNREADABLE)]);
        assert_eq!(Refusal::UNREADABLE.0, 18);
        assert_eq!(world.book.position(), ordered.position);
        assert_eq!(world.book.books_hash(), books);
        assert_ne!(world.book.state_hash(), state, "the refusal is a row");
        hashes.push(world.book.state_hash());
    }
    assert!(hashes.windows(2).all(|two| two[0] == two[1]));
}
