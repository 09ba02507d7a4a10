//! Own ops that have no position yet.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{World, applied, id, int, raw, refused, text};
use daybook_fold::{Outcome, PostingFilter, Refusal, View};
use daybook_log::{ManifestId, Position};
use jars::{CRATE, DAY, Fill, OTHER_CRATE, THING, busy};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// What can be read of the rows that the test's ops write.
fn reading(world: &World, view: View<'_>) -> impl PartialEq + use<> {
    let of = |n| PostingFilter {
        doc: Some(raw(n)),
        ..PostingFilter::default()
    };
    (
        view.totals().collect::<Vec<_>>(),
        view.postings(PostingFilter::default()).collect::<Vec<_>>(),
        view.rows(world.entity("jar")).collect::<Vec<_>>(),
        view.rows(world.entity("thing")).collect::<Vec<_>>(),
        view.outcomes().collect::<Vec<_>>(),
        view.children(world.entity("layer"), raw(9_000_000))
            .collect::<Vec<_>>(),
        view.postings(of(9_500_000)).collect::<Vec<_>>(),
    )
}

/// Claim: own ops folded as if they were next give, row for row, what they give once they are placed next.
#[test]
fn provisional_then_confirmed() {
    let mut world = busy(40);
    let mut overlay = world.book.provisional();
    let mut tag = world.book.view().next_number(
        world.book.view().series("tags").unwrap(),
        &world.authors[0].id,
        2024,
    );
    let mut bodies = Vec::new();
    for n in 0..30 {
        let fill = Fill::plain(9_000_000 + n, CRATE, tag);
        tag += 1;
        let mut ops = vec![
            fill.op(&world),
            world.op("odd.mul", &[id(n), int(7), int(1)]),
        ];
        ops.push(world.op(
            "thing.recode",
            &[id(THING), text(if n % 2 == 0 { "EVEN" } else { "A" })],
        ));
        if n % 3 == 0 {
            ops.push(world.op(
                "jar.undo",
                &[id(9_500_000 + n), id(9_000_000 + n), int(DAY), int(tag)],
            ));
            tag += 1;
        }
        bodies.push(world.body(ops));
    }
    let confirmed = world.book.state_hash();
    let provisional: Vec<Vec<Outcome>> = bodies
        .iter()
        .map(|body| {
            let entry = world.entry(0, body);
            world.pending(&mut overlay, 0, &entry)
        })
        .collect();
    assert_eq!(
        world.book.state_hash(),
        confirmed,
        "provisional ops leave the confirmed rows alone"
    );
    assert_eq!(provisional[0][1], refused(Refusal(1000)));
    let view = world.book.view_with(&overlay);
    let before = reading(&world, view);
    assert_eq!(overlay.entries().len(), 30);
    assert_eq!(overlay.next(), Position(overlay.base().0 + 31));
    assert_eq!(overlay.entry_at(overlay.next()), None);

    for (body, expected) in bodies.iter().zip(provisional) {
        let entry = world.entry(0, body);
        assert_eq!(world.place(0, entry), expected);
    }
    let after = reading(&world, world.book.view());
    assert!(before == after);
}

/// Claim: an op that is tried and refused leaves nothing; those that were applied are an entry's ops in order.
#[test]
fn tried_ops() {
    use daybook_fold::TryOp;
    let world = jars::world();
    let mut overlay = world.book.provisional();
    let (manifest, author) = (world.manifest_id, world.authors[1].id);
    let role = daybook_log::MemberRole::Member;
    let ops = [
        Fill::plain(100, OTHER_CRATE, 1).op(&world),
        Fill::plain(100, OTHER_CRATE, 2).op(&world),
        Fill::plain(101, OTHER_CRATE, 2).op(&world),
    ];
    let mut outcomes = Vec::new();
    for op in &ops {
        outcomes.push(
            overlay
                .try_op(
                    &world.book,
                    TryOp {
                        manifest,
                        author,
                        role,
                        op,
                    },
                )
                .unwrap(),
        );
    }
    assert_eq!(
        outcomes,
        [applied(), refused(Refusal::DUPLICATE), applied()]
    );
    overlay.close(daybook_log::EntryId([5; 32]));
    let view = world.book.view_with(&overlay);
    assert_eq!(view.outcomes().count(), 0);
    let at: Vec<_> = view
        .postings(PostingFilter::default())
        .map(|line| (line.position, line.op))
        .collect();
    let next = world.book.position().0 + 1;
    assert_eq!(
        at,
        [
            (next, 0),
            (next, 0),
            (next, 0),
            (next, 1),
            (next, 1),
            (next, 1)
        ]
    );
    assert_eq!(
        overlay.entry_at(Position(next)),
        Some(daybook_log::EntryId([5; 32]))
    );
    let unknown = TryOp {
        manifest: ManifestId([1; 32]),
        author,
        role,
        op: &ops[0],
    };
    assert_eq!(
        overlay.try_op(&world.book, unknown),
        Ok(refused(Refusal::UNKNOWN_MANIFEST))
    );
}
