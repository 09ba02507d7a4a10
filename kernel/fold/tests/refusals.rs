//! Every refusal and every flag, each brought about by an op; and what a refused op leaves behind.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{World, applied, id, int, raw, refused, text};
use daybook_fold::{Flag, Outcome, RaisedFlag, Refusal, key};
use daybook_log::{ManifestId, MemberRole, Op, Position};
use daybook_manifest::value::Value;
use jars::{CRATE, DAY, Fill, HEAVY, OTHER_CRATE, THING, given, layer, world};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Runs the op, expects the refusal, and checks that nothing but the outcome's row is different.
#[track_caller]
fn refuses(world: &mut World, author: usize, verb: &str, inputs: &[Value], refusal: Refusal) {
    let op = world.op(verb, inputs);
    refuses_op(world, author, op, refusal);
}

#[track_caller]
fn refuses_op(world: &mut World, author: usize, op: Op, refusal: Refusal) {
    let before: Vec<_> = world.book.rows().map(|(key, value)| (key, value.to_vec())).collect();
    let books = world.book.books_hash();
    assert_eq!(world.ops(author, vec![op]), [refused(refusal)]);
    let at = world.book.position();
    let outcome = world.book.view().outcome(at, 0);
    assert_eq!(outcome, Some(refused(refusal)));
    let own = [&key::OUTCOME.to_be_bytes()[..], &at.0.to_be_bytes(), &[0, 0]].concat();
    let after: Vec<_> = world.book.rows().filter(|(key, _)| *key != own).map(|(key, value)| (key, value.to_vec())).collect();
    assert!(after == before, "a refused op changed rows");
    assert_eq!(world.book.books_hash(), books);
}

const EMPTY: Refusal = Refusal(1000);
const LOPSIDED: Refusal = Refusal(1001);

/// Claim: what is wrong with the op itself is found before its body runs, in the order of the numbers.
#[test]
fn before_the_body() {
    let mut world = world();
    let good = world.op("thing.weigh", &[id(THING), int(1)]);

    let mut body = world.body(vec![good.clone(), Op { verb: 9999, ..good.clone() }]);
    body.manifest = ManifestId([3; 32]);
    let entry = world.entry(0, &body);
    assert_eq!(world.place(0, entry), vec![refused(Refusal::UNKNOWN_MANIFEST); 2]);

    refuses_op(&mut world, 0, Op { verb: 9999, input: vec![1], slots: vec![] }, Refusal::UNKNOWN_VERB);
    for cut in 0..good.input.len() {
        let input = good.input[..cut].to_vec();
        refuses_op(&mut world, 0, Op { input, ..good.clone() }, Refusal::BAD_SHAPE);
    }
    let input = [&good.input[..], &[0]].concat();
    refuses_op(&mut world, 0, Op { input, ..good.clone() }, Refusal::BAD_SHAPE);

    // a member paints a thing that does not exist: the right comes first; a manager is told what is missing
    let paint = [id(404), int(2)];
    refuses(&mut world, 1, "thing.paint", &paint, Refusal::NOT_PERMITTED);
    refuses(&mut world, 0, "thing.paint", &paint, Refusal::MISSING_REF);
    refuses(&mut world, 0, "thing.weigh", &[id(404), int(1)], Refusal::MISSING_REF);
    assert_eq!(world.run(0, "thing.paint", &[id(THING), int(2)]), applied());
}

/// Claim: a reference inside a list, to another entity's row, or to a row of this very op is looked at.
#[test]
fn missing_rows() {
    let mut world = world();
    let mut fill = Fill::plain(100, CRATE, 1);
    fill.layers.push(layer(404, 1000, 1000, 0, (0, true)));
    refuses(&mut world, 0, "jar.fill", &fill.inputs(), Refusal::MISSING_REF);
    fill.layers[1][0] = id(CRATE);
    refuses(&mut world, 0, "jar.fill", &fill.inputs(), Refusal::MISSING_REF);
    refuses(&mut world, 0, "odd.get", &[id(404)], Refusal::MISSING_REF);
    refuses(&mut world, 0, "thing.made", &[id(THING), id(404)], Refusal::MISSING_REF);
    refuses(&mut world, 0, "layer.add", &[id(404), id(THING), Value::List(vec![vec![int(1)]])], Refusal::MISSING_REF);
    assert_eq!(world.run(0, "thing.made", &[id(THING), id(HEAVY)]), applied());
    assert_eq!(world.run(0, "odd.get", &[id(THING)]), applied());
}

/// Claim: a status moves along declared edges only, and the state is judged before the owner.
#[test]
fn states() {
    let mut world = world();
    refuses(&mut world, 0, "crate.broken", &[id(CRATE)], Refusal::WRONG_STATE);
    refuses(&mut world, 1, "crate.broken", &[id(CRATE)], Refusal::WRONG_STATE);
    refuses(&mut world, 1, "crate.shut", &[id(CRATE)], Refusal::NOT_OWNER);
    assert_eq!(world.run(0, "crate.shut", &[id(CRATE)]), applied());
    refuses(&mut world, 0, "crate.shut", &[id(CRATE)], Refusal::WRONG_STATE);
    assert_eq!(world.run(0, "crate.broken", &[id(CRATE)]), applied());
    let crate_ = world.book.view().row(world.entity("crate"), raw(CRATE)).unwrap();
    assert_eq!(crate_.values[1], int(2));
}

/// Claim: rows of a device are its own, children too; immutable rows and their children are made in one op.
#[test]
fn owners() {
    let mut world = world();
    let many = |n: usize| Value::List(vec![vec![int(1)]; n]);
    refuses(&mut world, 1, "crate.to", &[id(CRATE), text("X")], Refusal::NOT_OWNER);
    assert_eq!(world.run(0, "crate.to", &[id(CRATE), text("X")]), applied());
    refuses(&mut world, 1, "odd.owner", &[id(CRATE)], EMPTY);
    assert_eq!(world.run(0, "odd.owner", &[id(CRATE)]), applied());
    assert_eq!(Fill::plain(100, CRATE, 1).run(&mut world, 0), applied());
    refuses(&mut world, 1, "layer.add", &[id(100), id(THING), many(1)], Refusal::NOT_OWNER);
    assert_eq!(world.run(0, "layer.add", &[id(100), id(THING), many(1)]), applied());
    assert_eq!(world.run(0, "stone.new", &[id(200), int(1), Value::List(vec![vec![int(3)]; 2])]), applied());
    refuses(&mut world, 0, "stone.chip", &[id(200), int(1)], Refusal::NOT_OWNER);
    assert_eq!(world.book.view().children(world.entity("chip"), raw(200)).count(), 2);
    let view = world.book.view();
    assert_eq!(view.row(world.entity("crate"), raw(CRATE)).unwrap().owner, Some(world.authors[0].id));
    assert_eq!(view.row(world.entity("thing"), raw(THING)).unwrap().owner, None);
}

/// Claim: ids and declared sets of values occur once; a value that was given back is free again.
#[test]
fn duplicates() {
    let mut world = world();
    refuses(&mut world, 0, "thing.new", &[id(THING), text("C"), int(0), int(7)], Refusal::DUPLICATE);
    refuses(&mut world, 1, "thing.new", &[id(3), text("A"), int(0), int(7)], Refusal::DUPLICATE);
    refuses(&mut world, 1, "thing.new", &[id(3), text("C"), int(0), int(5)], Refusal::DUPLICATE);
    refuses(&mut world, 1, "thing.recode", &[id(HEAVY), text("A")], Refusal::DUPLICATE);
    refuses(&mut world, 1, "thing.swap", &[id(THING), id(HEAVY), text("B")], Refusal::DUPLICATE);
    assert_eq!(world.run(0, "thing.recode", &[id(THING), text("A")]), applied());
    assert_eq!(world.run(0, "thing.swap", &[id(THING), id(HEAVY), text("C")]), applied());
    assert_eq!(world.run(0, "thing.new", &[id(3), text("B"), int(2), int(5)]), applied());
    refuses(&mut world, 0, "thing.new", &[id(4), text("A"), int(2), int(6)], Refusal::DUPLICATE);
    assert_eq!(world.run(0, "thing.recode", &[id(HEAVY), text("Z")]), applied());
    assert_eq!(world.run(0, "thing.new", &[id(4), text("A"), int(2), int(6)]), applied());
    let fill = Fill::plain(100, CRATE, 1);
    assert_eq!(fill.run(&mut world, 0), applied());
    refuses(&mut world, 0, "jar.fill", &fill.inputs(), Refusal::DUPLICATE);
}

/// Claim: lines that do not sum to zero are never booked, whatever the manifest thought.
#[test]
fn balance() {
    let mut world = world();
    let post = |a, b, times| [id(100), int(DAY), text("EUR"), int(a), int(b), int(times)];
    refuses(&mut world, 0, "odd.post", &post(100, 99, 1), Refusal::UNBALANCED);
    refuses(&mut world, 0, "odd.post", &post(1, 0, 1), Refusal::UNBALANCED);
    assert_eq!(world.run(0, "odd.post", &post(100, 100, 1)), applied());
    assert_eq!(world.run(0, "odd.post", &post(0, 0, 1)), applied());
    let mut fill = Fill::plain(101, CRATE, 1);
    fill.given = vec![given(true, 999)];
    refuses(&mut world, 0, "jar.fill", &fill.inputs(), LOPSIDED);
    fill.layers.clear();
    refuses(&mut world, 0, "jar.fill", &fill.inputs(), EMPTY);
}

/// Claim: a number that does not fit is a refusal: of the arithmetic, or of the place that it is put in.
#[test]
fn numbers_that_do_not_fit() {
    let mut world = world();
    let max = 1_000_000_000_000_000;
    refuses(&mut world, 0, "odd.mul", &[id(1), int(max), int(max)], Refusal::ARITH);
    assert_eq!(world.run(0, "odd.mul", &[id(1), int(max), int(2)]), applied());
    // the same product inside a division is exact, and only the result has to fit
    assert_eq!(world.run(0, "odd.wide", &[id(1), int(max), int(max), int(1)]), applied());
    refuses(&mut world, 0, "odd.wide", &[id(1), int(max), int(max), int(max)], Refusal::ARITH);
    refuses(&mut world, 0, "thing.weigh", &[id(THING), int(1000)], Refusal::RANGE);
    refuses(&mut world, 0, "thing.weigh", &[id(THING), int(-6)], Refusal::RANGE);
    let post = |day, currency, times| [id(100), int(day), text(currency), int(max), int(max), int(times)];
    refuses(&mut world, 0, "odd.post", &post(DAY, "EUR", 2), Refusal::RANGE);
    refuses(&mut world, 0, "odd.post", &post(DAY, "EU", 1), Refusal::RANGE);
    refuses(&mut world, 0, "odd.post", &post(DAY, "E-R", 1), Refusal::RANGE);
    assert_eq!(world.run(0, "odd.post", &post(DAY, "EUR", 1)), applied());
    refuses(&mut world, 0, "odd.later", &[int(DAY), int(120_000)], Refusal::RANGE);
    assert_eq!(world.run(0, "odd.later", &[int(DAY), int(-12)]), applied());
    for (year, n) in [(0, 1), (10_000, 1), (2024, 0), (2024, -1)] {
        refuses(&mut world, 0, "odd.number", &[int(year), int(n)], Refusal::RANGE);
    }
}

/// Claim: loops end where the manifest says, and a row has at most 500 children.
#[test]
fn limits() {
    let mut world = world();
    let ns = |n: usize| Value::List(vec![vec![int(1)]; n]);
    assert_eq!(world.run(0, "odd.few", &[id(1), ns(5)]), applied());
    refuses(&mut world, 0, "odd.few", &[id(1), ns(6)], Refusal::LIMIT);
    assert_eq!(Fill::plain(100, CRATE, 1).run(&mut world, 0), applied());
    assert_eq!(world.run(0, "layer.add", &[id(100), id(THING), ns(499)]), applied());
    refuses(&mut world, 0, "layer.add", &[id(100), id(THING), ns(1)], Refusal::LIMIT);
    assert_eq!(world.book.view().children(world.entity("layer"), raw(100)).count(), 500);
}

/// Claim: flags are kept with what they are about, and do not stop an op; a refusal keeps none.
#[test]
fn flags() {
    let mut world = world();
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    let dusty = RaisedFlag { flag: Flag(1000), about: Value::None };
    let heavy = |n| RaisedFlag { flag: Flag(1001), about: id(n) };
    let flags = |flags: &[RaisedFlag]| Outcome::Applied { flags: flags.to_vec() };
    assert_eq!(world.run(0, "odd.flags", &[id(1), yes.clone(), yes.clone()]), applied());
    assert_eq!(world.run(0, "odd.flags", &[id(1), no.clone(), yes.clone()]), flags(&[dusty]));
    assert_eq!(world.run(0, "odd.flags", &[id(9), yes, no.clone()]), flags(&[heavy(9)]));
    assert_eq!(world.book.view().outcome(world.book.position(), 0), Some(flags(&[heavy(9)])));
    refuses(&mut world, 0, "odd.flags", &[id(1), no.clone(), no], EMPTY);
    assert_eq!(world.book.view().outcomes().count(), 3);

    let mut fill = Fill::plain(100, CRATE, 1);
    fill.layers[0][0] = id(HEAVY);
    assert_eq!(fill.run(&mut world, 0), flags(&[heavy(HEAVY)]));
    assert_eq!(world.book.view().outcome(Position(1), 0), None);
}

/// Claim: a counter is per series, device and year; a gap and a repetition are flagged, never refused, never renumbered.
#[test]
fn counters() {
    let mut world = world();
    let flag = |flag, n| Outcome::Applied { flags: vec![RaisedFlag { flag, about: int(n) }] };
    let mut take = |author, year, n| world.run(author, "odd.number", &[int(year), int(n)]);
    assert_eq!(take(0, 2024, 1), applied());
    assert_eq!(take(0, 2024, 2), applied());
    assert_eq!(take(1, 2024, 1), applied());
    assert_eq!(take(0, 2025, 1), applied());
    assert_eq!(take(0, 2024, 2), flag(Flag::REPETITION, 2));
    assert_eq!(take(0, 2024, 1), flag(Flag::REPETITION, 1));
    assert_eq!(take(0, 2024, 5), flag(Flag::GAP, 5));
    assert_eq!(take(0, 2024, 4), flag(Flag::REPETITION, 4));
    assert_eq!(take(0, 2024, 6), applied());
    let view = world.book.view();
    let notes = view.series("notes").unwrap();
    assert_eq!(view.next_number(notes, &world.authors[0].id, 2024), 7);
    assert_eq!(view.next_number(notes, &world.authors[1].id, 2024), 2);
    assert_eq!(view.next_number(notes, &world.authors[1].id, 2026), 1);
    // a refused op takes no number
    let mut fill = Fill::plain(100, OTHER_CRATE, 1);
    refuses(&mut world, 0, "jar.fill", &fill.inputs(), LOPSIDED);
    fill.crate_ = CRATE;
    assert_eq!(fill.run(&mut world, 0), applied());
}

/// Claim: ops of one entry are outcomes of their own, each on what the one before left.
#[test]
fn ops_of_one_entry() {
    let mut world = world();
    let ops = vec![
        world.op("thing.new", &[id(50), text("P"), int(0), int(1)]),
        world.op("thing.new", &[id(50), text("Q"), int(0), int(2)]),
        world.op("thing.weigh", &[id(50), int(10)]),
    ];
    assert_eq!(world.ops(1, ops), [applied(), refused(Refusal::DUPLICATE), applied()]);
    assert_eq!(world.book.view().row(world.entity("thing"), raw(50)).unwrap().values[2], int(11));
}

/// Claim: expressions mean what the specification says.
#[test]
fn expressions() {
    let mut world = world();
    let dates = |b, days| [int(DAY), int(b), int(2024), int(5), int(17), int(days)];
    assert_eq!(world.run(0, "odd.dates", &dates(DAY + 30, 30)), applied());
    assert_eq!(world.run(0, "odd.dates", &dates(DAY - 200, -200)), applied());
    assert_eq!(world.run(0, "odd.dates", &dates(DAY + 30, 31)), refused(LOPSIDED));
    let ns = |all: &[bool]| Value::List(all.iter().map(|yes| vec![int(1), Value::Bool(*yes)]).collect());
    for (all, score) in [(&[][..], 31), (&[true; 4], 43), (&[true, false], 32), (&[false; 9], 50)] {
        assert_eq!(world.run(0, "odd.logic", &[ns(all), int(score)]), applied(), "{all:?}");
    }
}

/// Claim: managers adopt; what is adopted is not adopted again; what takes something away is refused.
#[test]
fn adoptions() {
    let mut world = world();
    let member = world.join(MemberRole::Member);
    let longer = jars::SOURCE.replace("note: text(40)", "note: text(40) shape: code(4)? weight_two: int(0..9)?");
    let longer = common::compiled(&longer.replace("manifest jars 1", "manifest jars 2"));
    let shorter = common::compiled(&jars::SOURCE.replace("flag HEAVY", "flag LEADEN").replace("flag HEAVY", "flag LEADEN").replace("HEAVY about", "LEADEN about"));
    assert_eq!(world.adopt(0, &shorter), refused(Refusal::NOT_ADDITIVE));
    assert_eq!(world.run(0, "thing.weigh", &[id(THING), int(1)]), refused(Refusal::UNKNOWN_MANIFEST));
    assert_eq!(world.adopt(0, &longer), applied());
    assert_eq!(world.adopt(0, &longer), applied());
    assert_eq!(world.run(member, "thing.weigh", &[id(THING), int(1)]), applied());
    assert_eq!(world.book.current_manifest(), world.manifest_id);
    assert_eq!(world.adopt(0, &common::compiled(jars::SOURCE)), applied());
    assert_eq!(world.book.adopted().count(), 2);
    assert_ne!(world.book.current_manifest(), world.manifest_id);
}
