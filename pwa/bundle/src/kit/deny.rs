//! cargo-deny, which checks bans, licences and sources of dependencies. Built from the registry once per user
//! (2 min 25 s on two cores), because there is no other way that works wherever cargo works.

use crate::place::{Place, on_path};
use crate::run;
use crate::say;
use anyhow::Result;
use std::path::PathBuf;

/// The release that the project's `deny.toml` was written for.
const VERSION: &str = "0.20.2";

/// Finds or builds it.
pub(crate) fn ready(place: &Place) -> Result<PathBuf> {
    let own = place.tools.join("bin").join("cargo-deny");
    if own.is_file() {
        return Ok(own);
    }
    if let Some(found) = on_path("cargo-deny") {
        return Ok(found);
    }
    say::step(&format!(
        "cargo-deny is missing: cargo install cargo-deny {VERSION} (about three minutes, once)"
    ));
    let build = place.target.join("tools");
    run::show(
        run::cargo(&place.root)
            .args([
                "install",
                "--quiet",
                "--locked",
                "cargo-deny",
                "--version",
                VERSION,
                "--root",
            ])
            .arg(&place.tools)
            .arg("--target-dir")
            .arg(build),
    )?;
    Ok(own)
}
