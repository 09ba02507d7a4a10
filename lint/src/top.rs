//! The top level is exactly the given names.

use crate::{Finding, Tree};
use anyhow::Result;

const GIVEN: &[&str] = &[
    "Cargo.toml",
    "kernel",
    "relay",
    "pwa",
    "witnesses",
    "lint",
    "sw",
    "docs",
    "README.md",
];
const BESIDE: &[&str] = &[
    "Cargo.lock",
    "LICENSE-MIT",
    "LICENSE-APACHE",
    "rust-toolchain.toml",
    "deny.toml",
    "CHANGELOG.md",
];

/// Every given name is there and nothing else is, but for dot-folders and dot-files.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let names = tree.top();
    let mut found = Vec::new();
    for name in names.iter().filter(|name| !name.starts_with('.')) {
        if !GIVEN.contains(&name.as_str()) && !BESIDE.contains(&name.as_str()) {
            found.push(Finding::of(
                name,
                "does not belong at the top level (docs/ARCHITECTURE.md names what does)",
            ));
        }
    }
    for name in GIVEN.iter().chain(BESIDE) {
        if !names.iter().any(|here| here == name) {
            found.push(Finding::of(name, "is missing at the top level"));
        }
    }
    Ok(found)
}
