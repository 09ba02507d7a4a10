//! A source file that no crate reaches is not compiled, not tested and not true.

use crate::tokens::{self, Kind, Token};
use crate::{Finding, Tree};
use anyhow::Result;
use std::collections::BTreeSet;

/// Every `.rs` file is a crate's root or is reached from one by `mod`.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let mut reached = BTreeSet::new();
    for (path, _) in tree.texts(&[".rs"]) {
        if is_root(tree, path) {
            reach(tree, path, true, &mut reached);
        }
    }
    let dead = tree
        .texts(&[".rs"])
        .filter(|(path, _)| !reached.contains(*path));
    Ok(dead
        .map(|(path, _)| {
            Finding::of(
                path,
                "no `mod` line reaches this file: name it or delete it",
            )
        })
        .collect())
}

/// `src/lib.rs`, `src/main.rs`, `build.rs`, a file right in `tests`, `benches`, `examples`, `src/bin`, or one that the
/// crate's `Cargo.toml` names by `path`.
fn is_root(tree: &Tree, path: &str) -> bool {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let package = (0..=folder.len())
        .rev()
        .filter(|at| *at == folder.len() || folder.as_bytes()[*at] == b'/')
        .map(|at| &folder[..at]);
    let Some(package) = package
        .into_iter()
        .find(|folder| tree.has(&format!("{folder}/Cargo.toml")))
    else {
        return false;
    };
    let inner = folder[package.len()..].trim_start_matches('/');
    let by_place = matches!(
        (inner, name),
        ("src", "lib.rs" | "main.rs")
            | ("", "build.rs")
            | ("tests" | "benches" | "examples" | "src/bin", _)
    ) || (name == "main.rs"
        && matches!(
            inner.rsplit_once('/'),
            Some(("tests" | "benches" | "examples" | "src/bin", _))
        ));
    let named = format!("\"{}\"", path[package.len()..].trim_start_matches('/'));
    by_place
        || tree
            .text(&format!("{package}/Cargo.toml"))
            .is_some_and(|manifest| manifest.contains(&named))
}

fn reach(tree: &Tree, path: &str, is_root: bool, reached: &mut BTreeSet<String>) {
    let Some(source) = tree.text(path).filter(|_| reached.insert(path.to_owned())) else {
        return;
    };
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let own = match name.strip_suffix(".rs") {
        Some(stem) if !is_root && stem != "mod" => format!("{folder}/{stem}"),
        _ => folder.to_owned(),
    };
    let tokens = tokens::all(source);
    for (at, three) in tokens.windows(3).enumerate() {
        let [keyword, module, end] = three else {
            continue;
        };
        let (true, true, Some(module)) = (keyword.is("mod"), end.is(";"), module.word()) else {
            continue;
        };
        let given = given_path(&tokens[..at]).map(|given| format!("{folder}/{given}"));
        let places = [
            format!("{own}/{module}.rs"),
            format!("{own}/{module}/mod.rs"),
        ];
        for place in given.into_iter().chain(places) {
            reach(tree, &place, false, reached);
        }
    }
}

/// The value of a `#[path = "…"]` right before a `mod` line.
fn given_path(before: &[Token]) -> Option<&str> {
    let [.., name, equals, value, close] = before else {
        return None;
    };
    let Kind::Text(path) = &value.kind else {
        return None;
    };
    (name.is("path") && equals.is("=") && close.is("]")).then_some(path)
}
