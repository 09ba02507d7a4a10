//! The two release binaries, which `up` starts and tests drive: the relay and the command line.

use crate::place::Place;
use crate::run;
use crate::say;
use crate::stamp::{self, Stamp};
use anyhow::Result;
use std::fs;

/// What every build reads besides its sources.
pub(crate) const WORKSPACE: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "rust-toolchain.toml",
    ".cargo/config.toml",
];

const SOURCES: &[&str] = &["kernel", "relay", "pwa/store", "pwa/cli"];

/// Builds the two unless they are as their sources are.
pub(crate) fn ready(place: &Place) -> Result<()> {
    let mut stamp = Stamp::new("binaries");
    for below in SOURCES.iter().chain(WORKSPACE) {
        stamp.tree(&place.root, below)?;
    }
    let (stamp_file, stamp) = (place.target.join("binaries.stamp"), stamp.finish());
    if stamp::is_fresh(
        &stamp_file,
        &stamp,
        &[place.release("daybook-relay"), place.release("daybook")],
    ) {
        return Ok(());
    }
    say::step("building the relay and the command line (some minutes the first time)");
    run::show(run::cargo(&place.root).args([
        "build",
        "--release",
        "--package",
        "daybook-relay",
        "--package",
        "daybook-cli",
        "--bins",
    ]))?;
    fs::write(stamp_file, stamp)?;
    Ok(())
}
