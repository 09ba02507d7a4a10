//! What tests, witnesses and benches run against: the release binaries, the bundled app, the kernel's probe and a
//! browser, all made before the run and named to it by environment variables.

use crate::binaries;
use crate::kit::browser::Browser;
use crate::place::Place;
use crate::web::{self, Variant};
use anyhow::Result;
use std::fs;
use std::process::Command;

/// Builds everything that a run can ask for.
pub(crate) fn build(place: &Place) -> Result<()> {
    web::ready(place, Variant::Shipped)?;
    binaries::ready(place)?;
    web::probe(place)
}

/// Builds, and tells a command where everything lies.
pub(crate) fn set(place: &Place, command: &mut Command) -> Result<()> {
    let browser = Browser::ready()?;
    build(place)?;
    web::ready(place, Variant::Falsify)?;
    let artefacts = place.target.join("artefacts");
    fs::create_dir_all(&artefacts)?;
    command
        .env("DAYBOOK_RELAY_BIN", place.release("daybook-relay"))
        .env("DAYBOOK_CLI_BIN", place.release("daybook"));
    command
        .env("DAYBOOK_WEB", Variant::Shipped.folder(place))
        .env("DAYBOOK_WEB_FALSIFY", Variant::Falsify.folder(place))
        .env("DAYBOOK_ARTEFACTS", artefacts);
    command
        .env("DAYBOOK_PROBE_WEB", web::probe_folder(place, "web"))
        .env("DAYBOOK_PROBE_NODE", web::probe_folder(place, "nodejs"));
    command
        .env("CHROMEDRIVER", browser.driver)
        .env("DAYBOOK_CHROMIUM", browser.chromium);
    if let Some(shared) = place.shared() {
        command.env("DAYBOOK_SHARED", shared);
    }
    Ok(())
}
