//! A file that is read in one sitting.

use crate::{Finding, Tree};
use anyhow::Result;

/// Lines at which a file must be split; 100 to 300 are aimed at.
const LINES_MAX: usize = 500;

/// No Rust, JavaScript or CSS file is longer.
///
/// # Errors
/// Never.
pub fn check(tree: &Tree) -> Result<Vec<Finding>> {
    let long = tree
        .texts(&[".rs", ".js", ".mjs", ".css"])
        .filter_map(|(path, text)| {
            let lines = text.lines().count();
            (lines > LINES_MAX).then(|| {
                Finding::of(
                    path,
                    format!("{lines} lines, {LINES_MAX} allowed: split it where the reader would"),
                )
            })
        });
    Ok(long.collect())
}
