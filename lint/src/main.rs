//! `cargo xtask lint`: every check on this tree, one line per finding.

use anyhow::Result;
use daybook_lint::{CHECKS, Tree, all};
use std::path::Path;
use std::process::ExitCode;

fn main() -> Result<ExitCode> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."));
    let found = all(&Tree::read(root)?)?;
    for (check, finding) in &found {
        println!("{check}: {finding}");
    }
    println!("{} checks, {} findings", CHECKS.len(), found.len());
    Ok(if found.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
