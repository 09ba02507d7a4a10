//! What a build or a test needs of the machine, and how it comes there: each piece is looked for first and installed
//! only when it is missing, with a line that says so; where that is impossible, one sentence says what to do.

pub(crate) mod apt;
pub(crate) mod browser;
pub(crate) mod clang;
pub(crate) mod deny;
pub(crate) mod pack;
pub(crate) mod wasm;

use crate::place::Place;
use crate::say;
use anyhow::Result;

/// Installs everything that any command needs, and builds nothing of ours but the packer.
pub(crate) fn set_up(place: &Place) -> Result<()> {
    let wasm = wasm::Wasm::ready(place)?;
    say::step(&format!("wasm: {}", wasm.describe()));
    let browser = browser::Browser::ready()?;
    say::step(&format!(
        "browser: {} with {}",
        browser.chromium.display(),
        browser.driver.display()
    ));
    say::step(&format!("deny: {}", deny::ready(place)?.display()));
    say::step(&format!("packer: {}", pack::ready(place)?.display()));
    say::step("everything is here; now: cargo xtask up");
    Ok(())
}
