//! Chromium and its driver, for tests only.

use crate::kit::apt;
use crate::place::{Place, on_path};
use anyhow::{Context, Result};
use std::env;
use std::fs;
use std::path::PathBuf;

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

    /// The file that tells the wasm test runner how to start the browser: headless, and without calls home.
    pub(crate) fn capabilities(&self, place: &Place) -> Result<PathBuf> {
        let args = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ];
        let quiet = [
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
        ];
        let words: Vec<_> = args
            .iter()
            .chain(&quiet)
            .map(|word| format!("{word:?}"))
            .collect();
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
