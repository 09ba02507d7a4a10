//! `docs/ADVERSARY.md` counts to 95, and what it calls green names tests that exist.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Names of all tests below a folder: functions behind a `test` attribute.
fn tests_below(folder: &Path, names: &mut BTreeSet<String>) {
    for item in fs::read_dir(folder).expect("a folder") {
        let path = item.expect("an item").path();
        if path.is_dir() {
            if !path.ends_with("target") {
                tests_below(&path, names);
            }
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            let text = fs::read_to_string(&path).expect("a source");
            let behind = text.split("#[test]").skip(1);
            names.extend(behind.filter_map(|rest| {
                let (_, rest) = rest.split_once("fn ")?;
                Some(rest.split_once('(')?.0.to_owned())
            }));
        }
    }
}

#[test]
fn the_table_counts_to_95_and_names_real_tests() {
    let mut known = BTreeSet::new();
    for part in ["kernel", "relay", "pwa", "witnesses"] {
        tests_below(&root().join(part), &mut known);
    }
    assert!(known.len() > 200, "only {} tests were found", known.len());
    let page = fs::read_to_string(root().join("docs/ADVERSARY.md")).expect("the page");
    let rows = page.lines().filter_map(|line| {
        let mut cells = line.split('|').skip(1).map(str::trim);
        let number: u32 = cells.next()?.parse().ok()?;
        Some((number, cells.map(str::to_owned).collect::<Vec<_>>()))
    });
    let (mut count, mut green) = (0, 0);
    for (number, cells) in rows {
        count += 1;
        assert_eq!(number, count, "rows are numbered one by one");
        let [what, state, named, ..] = cells.as_slice() else {
            panic!("row {number} has not four columns")
        };
        assert!(!what.is_empty() && !named.is_empty(), "row {number}");
        match state.as_str() {
            "green" => {
                green += 1;
                for name in named.split(", ") {
                    let name = name.trim_matches('`');
                    assert!(known.contains(name), "row {number}: no test {name}");
                }
            }
            "open" => assert!(!named.starts_with('`'), "row {number} names its owner"),
            other => panic!("row {number} is {other}"),
        }
    }
    assert_eq!(count, 95);
    println!("§ {green} of 95 are tried");
}
