//! Refusals of numbers and lines, flags, counters, and what expressions mean.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{applied, id, int, raw, refused, text};
use daybook_fold::{Flag, Outcome, RaisedFlag, Refusal};
use daybook_log::Position;
use daybook_manifest::value::Value;
use jars::{CRATE, DAY, Fill, HEAVY, OTHER_CRATE, THING, given, world};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const EMPTY: Refusal = Refusal(1000);
const LOPSIDED: Refusal = Refusal(1001);

/// Claim: lines that do not sum to zero are never booked, whatever the manifest thought.
#[test]
fn balance() {
    let mut world = world();
    let post = |a, b, times| [id(100), int(DAY), text("EUR"), int(a), int(b), int(times)];
    world.no(0, "odd.post", &post(100, 99, 1), Refusal::UNBALANCED);
    world.no(0, "odd.post", &post(1, 0, 1), Refusal::UNBALANCED);
    world.yes(0, "odd.post", &post(100, 100, 1));
    world.yes(0, "odd.post", &post(0, 0, 1));
    let mut fill = Fill::plain(101, CRATE, 1);
    fill.given = vec![given(true, 999)];
    world.no(0, "jar.fill", &fill.inputs(), LOPSIDED);
    fill.layers.clear();
    world.no(0, "jar.fill", &fill.inputs(), EMPTY);
}

/// Claim: a number that does not fit is a refusal: of the arithmetic, or of the place that it is put in.
#[test]
fn numbers_that_do_not_fit() {
    let mut world = world();
    let max = 1_000_000_000_000_000;
    world.no(0, "odd.mul", &[id(1), int(max), int(max)], Refusal::ARITH);
    world.yes(0, "odd.mul", &[id(1), int(max), int(2)]);
    // the same product inside a division is exact, and only the result has to fit
    world.yes(0, "odd.wide", &[id(1), int(max), int(max), int(1)]);
    world.no(
        0,
        "odd.wide",
        &[id(1), int(max), int(max), int(max)],
        Refusal::ARITH,
    );
    world.no(0, "thing.weigh", &[id(THING), int(1000)], Refusal::RANGE);
    world.no(0, "thing.weigh", &[id(THING), int(-6)], Refusal::RANGE);
    let post = |day, currency, times| {
        [
            id(100),
            int(day),
            text(currency),
            int(max),
            int(max),
            int(times),
        ]
    };
    world.no(0, "odd.post", &post(DAY, "EUR", 2), Refusal::RANGE);
    world.no(0, "odd.post", &post(DAY, "EU", 1), Refusal::RANGE);
    world.no(0, "odd.post", &post(DAY, "E-R", 1), Refusal::RANGE);
    world.yes(0, "odd.post", &post(DAY, "EUR", 1));
    world.no(0, "odd.later", &[int(DAY), int(120_000)], Refusal::RANGE);
    world.yes(0, "odd.later", &[int(DAY), int(-12)]);
    for (year, n) in [(0, 1), (10_000, 1), (2024, 0), (2024, -1)] {
        world.no(0, "odd.number", &[int(year), int(n)], Refusal::RANGE);
    }
}

/// Claim: loops end where the manifest says, and a row has at most 500 children.
#[test]
fn limits() {
    let mut world = world();
    let ns = |n: usize| Value::List(vec![vec![int(1)]; n]);
    world.yes(0, "odd.few", &[id(1), ns(5)]);
    world.no(0, "odd.few", &[id(1), ns(6)], Refusal::LIMIT);
    assert_eq!(Fill::plain(100, CRATE, 1).run(&mut world, 0), applied());
    world.yes(0, "layer.add", &[id(100), id(THING), ns(499)]);
    world.no(0, "layer.add", &[id(100), id(THING), ns(1)], Refusal::LIMIT);
    assert_eq!(
        world
            .book
            .view()
            .children(world.entity("layer"), raw(100))
            .count(),
        500
    );
}

/// Claim: flags are kept with what they are about, and do not stop an op; a refusal keeps none.
#[test]
fn flags() {
    let mut world = world();
    let (yes, no) = (Value::Bool(true), Value::Bool(false));
    let dusty = RaisedFlag {
        flag: Flag(1000),
        about: Value::None,
    };
    let heavy = |n| RaisedFlag {
        flag: Flag(1001),
        about: id(n),
    };
    let flags = |flags: &[RaisedFlag]| Outcome::Applied {
        flags: flags.to_vec(),
    };
    world.yes(0, "odd.flags", &[id(1), yes.clone(), yes.clone()]);
    assert_eq!(
        world.run(0, "odd.flags", &[id(1), no.clone(), yes.clone()]),
        flags(&[dusty])
    );
    assert_eq!(
        world.run(0, "odd.flags", &[id(9), yes, no.clone()]),
        flags(&[heavy(9)])
    );
    assert_eq!(
        world.book.view().outcome(world.book.position(), 0),
        Some(flags(&[heavy(9)]))
    );
    world.no(0, "odd.flags", &[id(1), no.clone(), no], EMPTY);
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
    let flag = |flag, n| Outcome::Applied {
        flags: vec![RaisedFlag {
            flag,
            about: int(n),
        }],
    };
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
    world.no(0, "jar.fill", &fill.inputs(), LOPSIDED);
    fill.crate_ = CRATE;
    assert_eq!(fill.run(&mut world, 0), applied());
}

/// Claim: expressions mean what the specification says.
#[test]
fn expressions() {
    let mut world = world();
    let dates = |b, days| [int(DAY), int(b), int(2024), int(5), int(17), int(days)];
    world.yes(0, "odd.dates", &dates(DAY + 30, 30));
    world.yes(0, "odd.dates", &dates(DAY - 200, -200));
    assert_eq!(
        world.run(0, "odd.dates", &dates(DAY + 30, 31)),
        refused(LOPSIDED)
    );
    let ns = |all: &[bool]| {
        Value::List(
            all.iter()
                .map(|yes| vec![int(1), Value::Bool(*yes)])
                .collect(),
        )
    };
    for (all, score) in [
        (&[][..], 31),
        (&[true; 4], 43),
        (&[true, false], 32),
        (&[false; 9], 50),
    ] {
        assert_eq!(
            world.run(0, "odd.logic", &[ns(all), int(score)]),
            applied(),
            "{all:?}"
        );
    }
}
