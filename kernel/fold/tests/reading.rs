//! What screens, stores and messages read: views, table forms, names of rows.

mod common;
#[path = "common/jars.rs"]
mod jars;

use common::{applied, id, int, raw, text};
use daybook_fold::{PostingFilter, key, rowform};
use daybook_manifest::{ast::Type, value::Value};
use jars::{CRATE, DAY, Fill, HEAVY, THING, busy, given, layer, world};
use std::collections::BTreeMap;
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

/// Claim: every row of a busy book has a table form whose columns are those of its table, and a name that is more than its bytes.
#[test]
fn every_row_has_a_form() {
    let world = busy(80);
    let manifest = &world.manifest;
    let tables: BTreeMap<_, _> = rowform::tables(manifest)
        .into_iter()
        .map(|form| (form.name.clone(), form))
        .collect();
    assert_eq!(tables.len(), manifest.entities.len() + 6);
    let mut seen = BTreeMap::<String, u32>::new();
    let mut keys = std::collections::BTreeSet::new();
    for (key, value) in world.book.rows() {
        let row = rowform::decode_row(manifest, &key, value).unwrap();
        let form = &tables[&row.table];
        let columns: Vec<_> = row
            .columns
            .iter()
            .map(|(name, ty, _)| (name.clone(), ty.clone()))
            .collect();
        assert_eq!(columns, form.columns, "{}", row.table);
        assert_eq!(key[..2], form.table.to_be_bytes());
        assert!(
            keys.insert(format!("{} {:?}", row.table, &row.columns[..form.key])),
            "the key columns are no key: {row:?}"
        );
        *seen.entry(row.table).or_default() += 1;
        let words = world.book.view().describe(&key);
        assert!(!words.starts_with("row "), "{words}");
    }
    for name in [
        "thing",
        "crate",
        "jar",
        "layer",
        "posting",
        "total",
        "counter",
        "outcome",
        "uniqueness",
        "adopted",
    ] {
        assert!(seen.contains_key(name), "no row of {name} was looked at");
    }
    assert_eq!(rowform::decode_row(manifest, &[0], &[]), None);
    assert_eq!(
        rowform::decode_row(manifest, &key::join(key::POSTING, &[0; 28]), &[]),
        None
    );
    assert_eq!(world.book.view().describe(&[1, 2, 3]), "row 010203");
}

/// Claim: columns hold what was put in, and an owner and a parent stand where they are said to.
#[test]
fn columns() {
    let mut world = world();
    let mut fill = Fill::plain(100, CRATE, 1);
    fill.layers
        .push(layer(HEAVY, 1500, 2_000_000, 500_000, (0, false)));
    fill.given = vec![given(true, 1000), given(false, 1500)];
    fill.run(&mut world, 0);
    let named = |table: u16, n: usize| -> BTreeMap<String, Value> {
        let mut rows = world
            .book
            .rows()
            .filter(|(key, _)| key[..2] == table.to_be_bytes());
        let (key, value) = rows.nth(n).unwrap();
        let row = rowform::decode_row(&world.manifest, &key, value).unwrap();
        row.columns
            .into_iter()
            .map(|(name, _, value)| (name, value))
            .collect()
    };
    let jar = named(world.entity("jar"), 0);
    assert_eq!(
        (&jar["id"], &jar["device"]),
        (&id(100), &Value::Author(world.authors[0].id.0))
    );
    assert_eq!(
        (&jar["net"], &jar["levy"], &jar["day"]),
        (&int(2300), &int(200), &int(DAY))
    );
    let second = named(world.entity("layer"), 1);
    assert_eq!(
        (&second["jar"], &second["idx"], &second["net"]),
        (&id(100), &int(1), &int(1500))
    );
    let line = named(key::POSTING, 0);
    assert_eq!(
        (&line["role"], &line["currency"], &line["amount"]),
        (&text("shelf"), &text("EUR"), &int(1000))
    );
    assert_eq!(
        line["dims"],
        text(&format!("spot=S-1 keeper={:032x}", THING))
    );
    let total = named(key::TOTAL, 0);
    assert_eq!(
        (&total["period"], &total["role"], &total["sum"]),
        (&int(202_405), &text("shelf"), &int(1000))
    );
    assert_eq!(named(key::OUTCOME, 0)["flags"], text("HEAVY"));
    let form = rowform::tables(&world.manifest)
        .into_iter()
        .find(|form| form.name == "chip")
        .unwrap();
    assert_eq!(
        (form.columns[0].clone(), form.key),
        (("stone".to_string(), Type::Ref(2)), 2)
    );
}

/// Claim: postings are found by row, role, dimensions and month; balances add up over months.
#[test]
fn filters() {
    let mut world = world();
    for (jar, day) in [(100, DAY), (101, DAY + 30), (102, DAY + 60)] {
        let mut fill = Fill::plain(jar, CRATE, i64::try_from(jar).unwrap() - 99);
        fill.day = day;
        assert_eq!(fill.run(&mut world, 0), applied());
    }
    let view = world.book.view();
    let shelf = view.role("shelf");
    let count = |doc, role, dims: Option<&[Value]>, period| {
        let dims = dims.map(<[Value]>::to_vec);
        view.postings(PostingFilter {
            doc,
            role,
            dims,
            period,
        })
        .count()
    };
    let (dims, others) = ([text("S-1"), id(THING)], [text("S-2"), id(THING)]);
    assert_eq!(count(None, None, None, None), 9);
    assert_eq!(count(Some(raw(101)), None, None, None), 3);
    assert_eq!(count(None, shelf, None, None), 3);
    assert_eq!(count(None, shelf, None, Some(202_406)), 1);
    assert_eq!(count(None, shelf, Some(&dims), None), 3);
    assert_eq!(count(None, shelf, Some(&others), None), 0);
    let shelf = shelf.unwrap();
    assert_eq!(view.balance(shelf, None, "EUR"), 3000);
    assert_eq!(view.balance(shelf, Some(&dims), "EUR"), 3000);
    assert_eq!(view.balance(shelf, None, "USD"), 0);
    assert_eq!(
        view.balance(view.role("yield").unwrap(), None, "EUR"),
        -2400
    );
    assert_eq!(view.totals().filter(|total| total.role == shelf).count(), 3);
    assert_eq!(
        (
            view.count(world.entity("jar")),
            view.rows(world.entity("jar")).count()
        ),
        (3, 3)
    );
    assert_eq!(view.row(world.entity("jar"), raw(999)), None);
    let key = world
        .book
        .rows()
        .find(|(key, _)| key[..2] == key::TOTAL.to_be_bytes())
        .unwrap()
        .0;
    assert_eq!(
        view.describe(&key),
        format!("total of shelf [spot=S-1 keeper={THING:032x}] in EUR, period 202405")
    );
}
