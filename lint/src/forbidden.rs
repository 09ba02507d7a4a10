//! What must be nowhere in the tree.

use crate::{Finding, Tree};
use anyhow::Result;

/// The pieces of each forbidden text, so that this file does not contain them, and why.
const TEXTS: &[(&[&str], &str)] = &[
    (&["/ro", "ot/"], "a path of one machine"),
    (&["/ho", "me/"], "a path of one machine"),
    (&["/wo", "rk/ma", "in"], "a path of one machine"),
    (&["/wo", "rk/sha", "red"], "a path of one machine"),
    (&["index.crat", "es.io"], "a registry's host"),
    (&["static.crat", "es.io"], "a registry's host"),
    (&["static.rust-", "lang.org"], "a registry's host"),
    (&["deb.debi", "an.org"], "a registry's host"),
    (&["security.debi", "an.org"], "a registry's host"),
    (&["registry.npm", "js"], "a registry's host"),
    (&["pypi.", "org"], "a registry's host"),
    (
        &["clear-site", "-data"],
        "a header that wipes a device's books (docs/NOT-DONE.md)",
    ),
];
/// Cargo writes the name of its registry's index into the lock file itself.
const GENERATED: &[&str] = &["Cargo.lock"];

/// No text file contains one of them. Pages may name the header, to say why it is not used.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let texts: Vec<(String, &str)> = TEXTS
        .iter()
        .map(|(pieces, why)| (pieces.concat(), *why))
        .collect();
    let mut found = Vec::new();
    for path in tree.paths().filter(|path| !GENERATED.contains(path)) {
        let Some(text) = tree.text(path) else {
            continue;
        };
        for (number, line) in text.lines().enumerate() {
            let lower = line.to_ascii_lowercase();
            for (bad, why) in &texts {
                let is_said = path.ends_with(".md") && why.contains("header");
                if lower.contains(bad.as_str()) && !is_said {
                    found.push(Finding::at(path, number + 1, format!("{bad}: {why}")));
                }
            }
        }
    }
    Ok(found)
}
