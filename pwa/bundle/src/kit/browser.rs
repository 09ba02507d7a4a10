//! Chromium and its driver, for tests only.

use crate::kit::apt;
use crate::place::{Place, on_path};
use crate::run;
use anyhow::{Context, Result};
use std::env;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Headless, without a sandbox (tests may run as root, where Chromium has none), and without calls home.
const WORDS: &[&str] = &[
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-quic",
];

/// A browser that tests can drive.
#[derive(Clone, Debug)]
pub(crate) struct Browser {
    /// The browser.
    pub(crate) chromium: PathBuf,
    /// The program that drives it.
    pub(crate) driver: PathBuf,
}

impl Browser {
    /// Finds or installs the two.
    pub(crate) fn ready() -> Result<Self> {
        if let Some(found) = Self::find() {
            return Ok(found);
        }
        apt::install(
            &["chromium", "chromium-driver", "fonts-dejavu-core"],
            "a browser for the tests (chromium, chromedriver)",
        )?;
        Self::find().context("chromium was installed and is still not on PATH")
    }

    fn find() -> Option<Self> {
        let given = |name: &str| {
            env::var_os(name)
                .map(PathBuf::from)
                .filter(|file| file.is_file())
        };
        let chromium = given("DAYBOOK_CHROMIUM").or_else(|| on_path("chromium"))?;
        let driver = given("CHROMEDRIVER").or_else(|| on_path("chromedriver"))?;
        Some(Browser { chromium, driver })
    }

    /// The browser as a program of its own, on a profile that nothing else uses.
    pub(crate) fn command(&self, place: &Place) -> Command {
        let mut command = run::command(&self.chromium, &place.root);
        let profile = place.target.join("chromium");
        command
            .args(WORDS)
            .arg(format!("--user-data-dir={}", profile.display()));
        command
    }

    /// The file that tells the wasm test runner how to start the browser.
    pub(crate) fn capabilities(&self, place: &Place) -> Result<PathBuf> {
        let words: Vec<_> = WORDS.iter().map(|word| format!("{word:?}")).collect();
        let binary = self.chromium.display().to_string();
        let text = format!(
            "{{\"goog:chromeOptions\":{{\"binary\":{binary:?},\"args\":[{}]}}}}\n",
            words.join(",")
        );
        fs::create_dir_all(&place.target)?;
        let file = place.target.join("webdriver.json");
        fs::write(&file, text)?;
        Ok(file)
    }
}
