//! A real Chromium at phone size, driven through its own driver process.

use crate::witness::NoLine;
use crate::world::{PATIENCE, wait_for};
use anyhow::{Context as _, anyhow};
use serde_json::{Value, json};
use std::future::Future;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use thirtyfour::prelude::*;

/// The phone that pages are looked at on: CSS pixels.
pub const PHONE: (u32, u32) = (390, 844);

/// The driver process; killed when dropped.
#[derive(Debug)]
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Result<Driver, NoLine> {
        let binary = std::env::var_os("CHROMEDRIVER")
            .map_or_else(|| PathBuf::from("/usr/bin/chromedriver"), PathBuf::from);
        if !binary.exists() {
            return Err(NoLine::Missing(
                "no chromedriver: cargo xtask setup installs it".into(),
            ));
        }
        let mut child = Command::new(binary)
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| anyhow!("the driver has no output"))?;
        let mut lines = BufReader::new(stdout).lines().map_while(Result::ok);
        let port = lines.find_map(|line| {
            let port = line
                .split("on port ")
                .nth(1)?
                .trim_end_matches('.')
                .trim()
                .parse::<u16>()
                .ok()?;
            (port != 0).then_some(port)
        });
        std::thread::spawn(move || lines.for_each(drop));
        match port {
            Some(port) => Ok(Driver {
                child,
                url: format!("http://127.0.0.1:{port}"),
            }),
            None => Err(anyhow!("the driver did not say its port").into()),
        }
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A page in Chromium, with a profile that survives being closed.
#[derive(Debug)]
pub struct Page {
    runtime: tokio::runtime::Runtime,
    driver: Driver,
    session: Option<WebDriver>,
    profile: PathBuf,
}

impl Page {
    /// Opens Chromium on a profile folder.
    ///
    /// # Errors
    /// [`NoLine::Missing`] without Chromium; otherwise what the driver said.
    pub fn open(profile: &Path) -> Result<Page, NoLine> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mut page = Page {
            runtime,
            driver: Driver::start()?,
            session: None,
            profile: profile.to_owned(),
        };
        page.launch()?;
        Ok(page)
    }

    fn launch(&mut self) -> anyhow::Result<()> {
        let mut caps = DesiredCapabilities::chrome();
        caps.set_binary("/usr/bin/chromium")?;
        for word in [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--disable-quic",
        ] {
            caps.add_arg(word)?;
        }
        caps.add_arg(&format!("--user-data-dir={}", self.profile.display()))?;
        let (width, height) = PHONE;
        let metrics = json!({ "width": width, "height": height, "pixelRatio": 2.0, "touch": true });
        caps.add_experimental_option("mobileEmulation", json!({ "deviceMetrics": metrics }))?;
        let url = self.driver.url.clone();
        self.session = Some(
            self.wait(WebDriver::new(&url, caps))
                .context("start Chromium")?,
        );
        Ok(())
    }

    /// Closes Chromium and opens it again on the same profile.
    ///
    /// # Errors
    /// What the driver said.
    pub fn reopen(&mut self) -> anyhow::Result<()> {
        self.quit();
        self.launch()
    }

    fn quit(&mut self) {
        if let Some(session) = self.session.take() {
            let _ = self.wait(session.quit());
        }
    }

    fn wait<T, E: std::error::Error + Send + Sync + 'static>(
        &self,
        task: impl Future<Output = Result<T, E>>,
    ) -> anyhow::Result<T> {
        self.runtime.block_on(async {
            tokio::time::timeout(PATIENCE, task)
                .await
                .map_err(|_| anyhow!("the browser did not answer in time"))?
                .map_err(anyhow::Error::new)
        })
    }

    fn session(&self) -> anyhow::Result<&WebDriver> {
        self.session
            .as_ref()
            .ok_or_else(|| anyhow!("the page is closed"))
    }

    /// Goes to an address.
    ///
    /// # Errors
    /// What the driver said.
    pub fn go(&self, url: &str) -> anyhow::Result<()> {
        self.wait(self.session()?.goto(url))
    }

    /// Runs a script with arguments and gives what it returns.
    ///
    /// # Errors
    /// What the driver or the script said.
    pub fn script(&self, script: &str, args: Vec<Value>) -> anyhow::Result<Value> {
        Ok(self
            .wait(self.session()?.execute(script, args))?
            .json()
            .clone())
    }

    /// Runs a script that ends by calling its last argument.
    ///
    /// # Errors
    /// What the driver or the script said.
    pub fn script_async(&self, script: &str, args: Vec<Value>) -> anyhow::Result<Value> {
        let session = self.session()?;
        self.wait(session.set_script_timeout(PATIENCE))?;
        Ok(self
            .wait(session.execute_async(script, args))?
            .json()
            .clone())
    }

    fn css(id: &str) -> String {
        format!("[data-testid=\"{id}\"]")
    }

    /// The element with this test id, once it is there and shown.
    ///
    /// # Errors
    /// It did not appear in time.
    pub fn find(&self, id: &str) -> anyhow::Result<WebElement> {
        wait_for(id, || {
            for element in self.wait(self.session()?.find_all(By::Css(Self::css(id))))? {
                if self.wait(element.is_displayed()).unwrap_or(false) {
                    return Ok(Some(element));
                }
            }
            Ok(None)
        })
        .with_context(|| format!("the page said: {}", self.visible_text()))
    }

    /// Whether an element with this test id is in the page now.
    ///
    /// # Errors
    /// What the driver said.
    pub fn has(&self, id: &str) -> anyhow::Result<bool> {
        Ok(!self
            .wait(self.session()?.find_all(By::Css(Self::css(id))))?
            .is_empty())
    }

    /// Clicks the element with this test id, once it can be clicked.
    ///
    /// # Errors
    /// It did not appear, or stayed covered or disabled.
    pub fn click(&self, id: &str) -> anyhow::Result<()> {
        wait_for(&format!("a click on {id}"), || {
            let element = self.find(id)?;
            if !self.wait(element.is_enabled()).unwrap_or(false) {
                return Ok(None);
            }
            Ok(self.wait(element.click()).ok())
        })
    }

    /// Replaces the text of a field.
    ///
    /// # Errors
    /// It did not appear, or takes no text.
    pub fn fill(&self, id: &str, text: &str) -> anyhow::Result<()> {
        let field = self.find(id)?;
        self.wait(field.clear())?;
        self.wait(field.send_keys(text))
    }

    /// The text of the element with this test id.
    ///
    /// # Errors
    /// It did not appear.
    pub fn text(&self, id: &str) -> anyhow::Result<String> {
        wait_for(id, || {
            let element = self.find(id)?;
            Ok(self.wait(element.text()).ok())
        })
    }

    /// The whole text of the first element with this test id, what is folded away included; empty while there is none.
    ///
    /// # Errors
    /// What the driver said.
    pub fn content(&self, id: &str) -> anyhow::Result<String> {
        let script =
            "const e = document.querySelector(arguments[0]); return e ? e.textContent : ''";
        let text = self.script(script, vec![json!(Self::css(id))])?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// The texts of all elements with this test id, in the page's order.
    ///
    /// # Errors
    /// What the driver said.
    pub fn texts(&self, id: &str) -> anyhow::Result<Vec<String>> {
        let script =
            "return Array.from(document.querySelectorAll(arguments[0])).map(e => e.innerText)";
        let found = self.script(script, vec![json!(Self::css(id))])?;
        Ok(serde_json::from_value(found)?)
    }

    /// An attribute of the element with this test id.
    ///
    /// # Errors
    /// It did not appear.
    pub fn attribute(&self, id: &str, name: &str) -> anyhow::Result<Option<String>> {
        let element = self.find(id)?;
        self.wait(element.attr(name))
    }

    /// Waits until the text of an element satisfies a condition, and gives it.
    ///
    /// # Errors
    /// It did not in time; the error has what the page showed.
    pub fn until(
        &self,
        id: &str,
        what: &str,
        good: impl Fn(&str) -> bool,
    ) -> anyhow::Result<String> {
        wait_for(&format!("{id}: {what}"), || {
            let text = self.text(id)?;
            Ok(good(&text).then_some(text))
        })
        .with_context(|| format!("the page said: {}", self.visible_text()))
    }

    /// Keeps a picture of the page among the build's artefacts.
    ///
    /// # Errors
    /// It could not be taken or written.
    pub fn picture(&self, name: &str) -> anyhow::Result<PathBuf> {
        let folder = crate::world::artefacts()?;
        let path = folder.join(format!("{name}.png"));
        self.wait(self.session()?.screenshot(&path))?;
        Ok(path)
    }

    /// Everything that the page shows, for an error.
    fn visible_text(&self) -> String {
        let text = self.script(
            "return document.body ? document.body.innerText : ''",
            Vec::new(),
        );
        text.ok()
            .and_then(|text| text.as_str().map(str::to_owned))
            .unwrap_or_default()
    }
}

impl Drop for Page {
    fn drop(&mut self) {
        if let Some(session) = self.session.take() {
            let quit = async { tokio::time::timeout(Duration::from_secs(5), session.quit()).await };
            let _ = self.runtime.block_on(quit);
        }
    }
}
