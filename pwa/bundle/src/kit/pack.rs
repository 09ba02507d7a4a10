//! The second binary of this package, with the heavy libraries.

use crate::place::Place;
use crate::run;
use crate::say;
use anyhow::Result;
use std::path::PathBuf;

/// Builds it if it is not as its sources are; cargo decides.
pub(crate) fn ready(place: &Place) -> Result<PathBuf> {
    let file = place.pack();
    if !file.is_file() {
        say::step("building the packer (wasm bindings, compression; about a minute, once)");
    }
    let mut command = run::cargo(&place.root);
    command.args([
        "build",
        "--profile",
        "pack",
        "--package",
        "daybook-bundle",
        "--features",
        "pack",
        "--bin",
        "xtask-pack",
    ]);
    if file.is_file() {
        command.arg("--quiet");
    }
    run::show(&mut command)?;
    Ok(file)
}
