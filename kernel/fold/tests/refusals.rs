//! Refusals of the op itself, of rows and of who may write them; and what a refused op leaves behind.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{applied, id, int, raw, refused, text};
use daybook_fold::Refusal;
use daybook_log::{ManifestId, MemberRole, Op};
use daybook_manifest::value::Value;
use jars::{CRATE, Fill, HEAVY, THING, layer, world};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

const EMPTY: Refusal = Refusal(1000);

/// Claim: what is wrong with the op itself is found before its body runs, in the order of the numbers.
#[test]
fn before_the_body() {
    let mut world = world();
    let good = world.op("thing.weigh", &[id(THING), int(1)]);

    let mut body = world.body(vec![
        good.clone(),
        Op {
            verb: 9999,
            ..good.clone()
        },
    ]);
    body.manifest = ManifestId([3; 32]);
    let entry = world.entry(0, &body);
    assert_eq!(
        world.place(0, entry),
        vec![refused(Refusal::UNKNOWN_MANIFEST); 2]
    );

    world.no_op(
        0,
        Op {
            verb: 9999,
            input: vec![1],
            slots: vec![],
        },
        Refusal::UNKNOWN_VERB,
    );
    for cut in 0..good.input.len() {
        let input = good.input[..cut].to_vec();
        world.no_op(
            0,
            Op {
                input,
                ..good.clone()
            },
            Refusal::BAD_SHAPE,
        );
    }
    let input = [&good.input[..], &[0]].concat();
    world.no_op(
        0,
        Op {
            input,
            ..good.clone()
        },
        Refusal::BAD_SHAPE,
    );

    // a member paints a thing that does not exist: the right comes first; a manager is told what is missing
    let paint = [id(404), int(2)];
    world.no(1, "thing.paint", &paint, Refusal::NOT_PERMITTED);
    world.no(0, "thing.paint", &paint, Refusal::MISSING_REF);
    world.no(0, "thing.weigh", &[id(404), int(1)], Refusal::MISSING_REF);
    world.yes(0, "thing.paint", &[id(THING), int(2)]);
}

/// Claim: a reference inside a list, to another entity's row, or to a row of this very op is looked at.
#[test]
fn missing_rows() {
    let mut world = world();
    let mut fill = Fill::plain(100, CRATE, 1);
    fill.layers.push(layer(404, 1000, 1000, 0, (0, true)));
    world.no(0, "jar.fill", &fill.inputs(), Refusal::MISSING_REF);
    fill.layers[1][0] = id(CRATE);
    world.no(0, "jar.fill", &fill.inputs(), Refusal::MISSING_REF);
    world.no(0, "odd.get", &[id(404)], Refusal::MISSING_REF);
    world.no(0, "thing.made", &[id(THING), id(404)], Refusal::MISSING_REF);
    world.no(
        0,
        "layer.add",
        &[id(404), id(THING), Value::List(vec![vec![int(1)]])],
        Refusal::MISSING_REF,
    );
    world.yes(0, "thing.made", &[id(THING), id(HEAVY)]);
    world.yes(0, "odd.get", &[id(THING)]);
}

/// Claim: a status moves along declared edges only, and the state is judged before the owner.
#[test]
fn states() {
    let mut world = world();
    world.no(0, "crate.broken", &[id(CRATE)], Refusal::WRONG_STATE);
    world.no(1, "crate.broken", &[id(CRATE)], Refusal::WRONG_STATE);
    world.no(1, "crate.shut", &[id(CRATE)], Refusal::NOT_OWNER);
    world.yes(0, "crate.shut", &[id(CRATE)]);
    world.no(0, "crate.shut", &[id(CRATE)], Refusal::WRONG_STATE);
    world.yes(0, "crate.broken", &[id(CRATE)]);
    let crate_ = world
        .book
        .view()
        .row(world.entity("crate"), raw(CRATE))
        .unwrap();
    assert_eq!(crate_.values[1], int(2));
}

/// Claim: rows of a device are its own, children too; immutable rows and their children are made in one op.
#[test]
fn owners() {
    let mut world = world();
    let many = |n: usize| Value::List(vec![vec![int(1)]; n]);
    world.no(1, "crate.to", &[id(CRATE), text("X")], Refusal::NOT_OWNER);
    world.yes(0, "crate.to", &[id(CRATE), text("X")]);
    world.no(1, "odd.owner", &[id(CRATE)], EMPTY);
    world.yes(0, "odd.owner", &[id(CRATE)]);
    assert_eq!(Fill::plain(100, CRATE, 1).run(&mut world, 0), applied());
    world.no(
        1,
        "layer.add",
        &[id(100), id(THING), many(1)],
        Refusal::NOT_OWNER,
    );
    world.yes(0, "layer.add", &[id(100), id(THING), many(1)]);
    world.yes(
        0,
        "stone.new",
        &[id(200), int(1), Value::List(vec![vec![int(3)]; 2])],
    );
    world.no(0, "stone.chip", &[id(200), int(1)], Refusal::NOT_OWNER);
    assert_eq!(
        world
            .book
            .view()
            .children(world.entity("chip"), raw(200))
            .count(),
        2
    );
    let view = world.book.view();
    assert_eq!(
        view.row(world.entity("crate"), raw(CRATE)).unwrap().owner,
        Some(world.authors[0].id)
    );
    assert_eq!(
        view.row(world.entity("thing"), raw(THING)).unwrap().owner,
        None
    );
}

/// Claim: ids and declared sets of values occur once; a value that was given back is free again.
#[test]
fn duplicates() {
    let mut world = world();
    world.no(
        0,
        "thing.new",
        &[id(THING), text("C"), int(0), int(7)],
        Refusal::DUPLICATE,
    );
    world.no(
        1,
        "thing.new",
        &[id(3), text("A"), int(0), int(7)],
        Refusal::DUPLICATE,
    );
    world.no(
        1,
        "thing.new",
        &[id(3), text("C"), int(0), int(5)],
        Refusal::DUPLICATE,
    );
    world.no(
        1,
        "thing.recode",
        &[id(HEAVY), text("A")],
        Refusal::DUPLICATE,
    );
    world.no(
        1,
        "thing.swap",
        &[id(THING), id(HEAVY), text("B")],
        Refusal::DUPLICATE,
    );
    world.yes(0, "thing.recode", &[id(THING), text("A")]);
    world.yes(0, "thing.swap", &[id(THING), id(HEAVY), text("C")]);
    world.yes(0, "thing.new", &[id(3), text("B"), int(2), int(5)]);
    world.no(
        0,
        "thing.new",
        &[id(4), text("A"), int(2), int(6)],
        Refusal::DUPLICATE,
    );
    world.yes(0, "thing.recode", &[id(HEAVY), text("Z")]);
    world.yes(0, "thing.new", &[id(4), text("A"), int(2), int(6)]);
    let fill = Fill::plain(100, CRATE, 1);
    assert_eq!(fill.run(&mut world, 0), applied());
    world.no(0, "jar.fill", &fill.inputs(), Refusal::DUPLICATE);
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
    assert_eq!(
        world.ops(1, ops),
        [applied(), refused(Refusal::DUPLICATE), applied()]
    );
    assert_eq!(
        world
            .book
            .view()
            .row(world.entity("thing"), raw(50))
            .unwrap()
            .values[2],
        int(11)
    );
}

/// Claim: managers adopt; what is adopted is not adopted again; what takes something away is refused.
#[test]
fn adoptions() {
    let mut world = world();
    let member = world.join(MemberRole::Member);
    let longer = jars::SOURCE.replace(
        "note: text(40)",
        "note: text(40) shape: code(4)? weight_two: int(0..9)?",
    );
    let longer = common::compiled(&longer.replace("manifest jars 1", "manifest jars 2"));
    let shorter = common::compiled(
        &jars::SOURCE
            .replace("flag HEAVY", "flag LEADEN")
            .replace("flag HEAVY", "flag LEADEN")
            .replace("HEAVY about", "LEADEN about"),
    );
    assert_eq!(world.adopt(0, &shorter), refused(Refusal::NOT_ADDITIVE));
    assert_eq!(
        world.run(0, "thing.weigh", &[id(THING), int(1)]),
        refused(Refusal::UNKNOWN_MANIFEST)
    );
    assert_eq!(world.adopt(0, &longer), applied());
    assert_eq!(world.adopt(0, &longer), applied());
    world.yes(member, "thing.weigh", &[id(THING), int(1)]);
    assert_eq!(world.book.current_manifest(), world.manifest_id);
    assert_eq!(world.adopt(0, &common::compiled(jars::SOURCE)), applied());
    assert_eq!(world.book.adopted().count(), 2);
    assert_ne!(world.book.current_manifest(), world.manifest_id);
}
