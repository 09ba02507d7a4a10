//! A small world of things, crates and jars: every statement and most of the ways to be refused.
#![allow(dead_code, reason = "each test file uses a part of it")]

use crate::common::{World, applied, id, int, text};
use daybook_fold::Outcome;
use daybook_log::{MemberRole, Op};
use daybook_manifest::value::Value;

pub(crate) const SOURCE: &str = include_str!("jars.book");
/// 2024-05-17.
pub(crate) const DAY: i64 = 19_860;
pub(crate) const THING: u64 = 1;
pub(crate) const HEAVY: u64 = 2;
pub(crate) const CRATE: u64 = 10;
pub(crate) const OTHER_CRATE: u64 = 11;

/// A manager, a member, two things and a crate of each device.
pub(crate) fn world() -> World {
    let mut world = World::new(SOURCE);
    world.join(MemberRole::Member);
    assert_eq!(
        world.run(0, "thing.new", &[id(THING), text("A"), int(0), int(5)]),
        applied()
    );
    assert_eq!(
        world.run(0, "thing.new", &[id(HEAVY), text("B"), int(1), int(900)]),
        applied()
    );
    assert_eq!(
        world.run(0, "crate.new", &[id(CRATE), text("S-1")]),
        applied()
    );
    assert_eq!(
        world.run(1, "crate.new", &[id(OTHER_CRATE), text("S-2")]),
        applied()
    );
    world
}

/// A layer: thing, quantity (scale 3), price (three places below the minor unit), discount, rate, whether the price includes it.
pub(crate) fn layer(thing: u64, qty: i64, price: i64, off: i64, rate: (i64, bool)) -> Vec<Value> {
    vec![
        id(thing),
        int(qty),
        int(price),
        int(off),
        int(rate.0),
        Value::Bool(rate.1),
    ]
}

pub(crate) fn given(shelf: bool, amount: i64) -> Vec<Value> {
    vec![Value::Bool(shelf), int(amount)]
}

/// What `jar.fill` takes.
pub(crate) struct Fill {
    pub(crate) jar: u64,
    pub(crate) crate_: u64,
    pub(crate) day: i64,
    pub(crate) currency: &'static str,
    pub(crate) tag: i64,
    pub(crate) layers: Vec<Vec<Value>>,
    pub(crate) given: Vec<Vec<Value>>,
    pub(crate) crumbs: i64,
}

impl Fill {
    /// One thing at 10.00 with 25 % included, two on the shelf's account.
    pub(crate) fn plain(jar: u64, crate_: u64, tag: i64) -> Self {
        Self {
            jar,
            crate_,
            day: DAY,
            currency: "EUR",
            tag,
            layers: vec![layer(THING, 2000, 500_000, 0, (250_000, true))],
            given: vec![given(true, 1000)],
            crumbs: 0,
        }
    }

    pub(crate) fn inputs(&self) -> Vec<Value> {
        vec![
            id(self.jar),
            id(self.crate_),
            id(THING),
            int(self.day),
            text(self.currency),
            int(self.tag),
            Value::List(self.layers.clone()),
            Value::List(self.given.clone()),
            int(self.crumbs),
        ]
    }

    pub(crate) fn op(&self, world: &World) -> Op {
        world.op("jar.fill", &self.inputs())
    }

    pub(crate) fn run(&self, world: &mut World, author: usize) -> Outcome {
        world.run(author, "jar.fill", &self.inputs())
    }
}

/// A small generator (xorshift), so that runs are the same everywhere.
pub(crate) struct Chance(u64);

impl Chance {
    pub(crate) fn new(seed: u64) -> Self {
        Self(seed | 1)
    }

    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }
}

/// Entries of two devices: fills, reversals, refusals, flags, adoption-free.
pub(crate) fn busy(entries: u64) -> World {
    let mut world = world();
    let mut chance = Chance::new(0x5eed);
    let (mut tags, mut jars) = ([0_i64; 2], Vec::new());
    for n in 0..entries {
        let author = usize::try_from(chance.below(2)).unwrap();
        let crate_ = if author == 0 { CRATE } else { OTHER_CRATE };
        let jar = 1000 + n;
        let ops = match chance.below(8) {
            0 => vec![world.op(
                "odd.flags",
                &[id(n), Value::Bool(false), Value::Bool(chance.below(2) == 0)],
            )],
            1 => vec![world.op(
                "thing.weigh",
                &[
                    id(THING),
                    int(i64::try_from(chance.below(400)).unwrap() - 200),
                ],
            )],
            2 if !jars.is_empty() => {
                let at = usize::try_from(chance.below(u64::try_from(jars.len()).unwrap())).unwrap();
                tags[author] += 1;
                vec![world.op(
                    "jar.undo",
                    &[
                        id(5_000_000 + n),
                        id(jars[at]),
                        int(DAY + 40),
                        int(tags[author]),
                    ],
                )]
            }
            _ => {
                let mut fill = Fill::plain(jar, crate_, tags[author] + 1);
                fill.day = DAY + i64::try_from(n % 90).unwrap();
                tags[author] += 1;
                jars.push(jar);
                fill.layers
                    .push(layer(HEAVY, 1000, 1_234_000, 100_000, (150_000, false)));
                let net = 1111;
                fill.given.push(given(chance.below(2) == 0, net + 167 + 5));
                fill.crumbs = 5;
                vec![
                    fill.op(&world),
                    world.op("odd.mul", &[id(n), int(7), int(1)]),
                ]
            }
        };
        world.ops(author, ops);
    }
    world
}
