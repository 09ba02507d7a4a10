//! The real parts that a run drives: the relay process, the terminal client, scratch folders.

use crate::witness::NoLine;
use anyhow::{Context as _, anyhow, bail, ensure};
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long any process may take to say its first word, or to end.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// The root of the project.
#[must_use]
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .unwrap_or(Path::new("."))
        .to_owned()
}

/// The folder of shared inputs, if it is here: `DAYBOOK_SHARED`, else beside the project.
///
/// # Errors
/// [`NoLine::Missing`] where there is none.
pub fn shared() -> Result<PathBuf, NoLine> {
    let folder =
        std::env::var_os("DAYBOOK_SHARED").map_or_else(|| root().join("../shared"), PathBuf::from);
    if folder.is_dir() {
        Ok(folder)
    } else {
        Err(NoLine::Missing(
            "the shared inputs are not beside the project".into(),
        ))
    }
}

/// Says loudly, where people and the task runner see it, that a test was skipped.
pub fn skip(test: &str, why: &str) {
    use std::io::Write as _;
    let line = format!("skipped: {test}: {why}");
    eprintln!("{line}");
    if let Some(path) = std::env::var_os("DAYBOOK_SKIPS")
        && let Ok(mut file) = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)
    {
        let _ = writeln!(file, "{line}");
    }
}

fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

fn built(variable: &str, default: &str, made_by: &str) -> Result<PathBuf, NoLine> {
    let path = std::env::var_os(variable).map_or_else(|| target().join(default), PathBuf::from);
    if path.exists() {
        Ok(path)
    } else {
        Err(NoLine::Missing(format!(
            "{} is not built: {made_by}",
            path.display()
        )))
    }
}

/// The relay's release binary.
///
/// # Errors
/// [`NoLine::Missing`] where it was not built.
pub fn relay_binary() -> Result<PathBuf, NoLine> {
    built(
        "DAYBOOK_RELAY_BIN",
        "release/daybook-relay",
        "cargo build --release -p daybook-relay",
    )
}

/// The terminal client's release binary.
///
/// # Errors
/// [`NoLine::Missing`] where it was not built.
pub fn cli_binary() -> Result<PathBuf, NoLine> {
    built(
        "DAYBOOK_CLI_BIN",
        "release/daybook",
        "cargo build --release -p daybook-cli",
    )
}

/// The bundle that the relay serves to browsers.
///
/// # Errors
/// [`NoLine::Missing`] where it was not built.
pub fn web_bundle() -> Result<PathBuf, NoLine> {
    built("DAYBOOK_WEB", "web", "cargo xtask build")
}

/// The bundle with the falsifier's button, which no relay of ours ships.
///
/// # Errors
/// [`NoLine::Missing`] where it was not built.
pub fn falsifier_bundle() -> Result<PathBuf, NoLine> {
    built("DAYBOOK_WEB_FALSIFY", "web-falsify", "cargo xtask test")
}

/// The oracle, the kernel as wasm with its loader, as an app that a relay can serve; made in this folder.
///
/// # Errors
/// [`NoLine::Missing`] where it was not built.
pub fn probe_app(folder: &Path) -> Result<PathBuf, NoLine> {
    let probe = built("DAYBOOK_PROBE_WEB", "probe/web", "cargo xtask build")?;
    let app = folder.join("probe");
    copy_folder(&probe, &app)?;
    std::fs::write(
        app.join("index.html"),
        "<!doctype html><title>probe</title>",
    )?;
    Ok(app)
}

/// The folder for pictures and tables that a build keeps.
///
/// # Errors
/// It could not be made.
pub fn artefacts() -> anyhow::Result<PathBuf> {
    let folder = std::env::var_os("DAYBOOK_ARTEFACTS")
        .map_or_else(|| target().join("artefacts"), PathBuf::from);
    std::fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    Ok(folder)
}

/// A relay process on a port of its own. It is killed when this is dropped.
#[derive(Debug)]
pub struct Relay {
    child: Child,
    /// `http://127.0.0.1:PORT`
    pub url: String,
    data: PathBuf,
    app: Option<PathBuf>,
}

/// The code with which the runs' books are set up.
pub const SETUP_CODE: &str = "SET-UP-THE-FIRST-BOOK";
/// The code for a second book beside it.
pub const SECOND_CODE: &str = "SET-UP-THE-SECOND-BOOK";

impl Relay {
    /// Starts a relay on a data folder, on any free port.
    ///
    /// # Errors
    /// No binary, or the process does not say that it listens.
    pub fn start(data: &Path, app: Option<&Path>) -> Result<Relay, NoLine> {
        Self::start_on(data, app, "127.0.0.1:0")
    }

    fn start_on(data: &Path, app: Option<&Path>, listen: &str) -> Result<Relay, NoLine> {
        let mut command = Command::new(relay_binary()?);
        command
            .arg("serve")
            .arg("--data")
            .arg(data)
            .args(["--listen", listen]);
        command.args(["--setup-code", SETUP_CODE, "--setup-code", SECOND_CODE]);
        if let Some(app) = app {
            command.arg("--app").arg(app);
        }
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("start the relay")?;
        let stdout = child
            .stdout
            .take()
            .ok_or_else(|| anyhow!("the relay has no output"))?;
        let (said, hears) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if said.send(line).is_err() {
                    return;
                }
            }
        });
        let deadline = Instant::now() + PATIENCE;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match hears.recv_timeout(left) {
                Ok(line) => {
                    if let Some(url) = line.strip_prefix("listening ") {
                        let (url, data, app) = (
                            url.trim().to_owned(),
                            data.to_owned(),
                            app.map(Path::to_owned),
                        );
                        return Ok(Relay {
                            child,
                            url,
                            data,
                            app,
                        });
                    }
                }
                Err(_) => {
                    let _ = child.kill();
                    return Err(anyhow!("the relay did not say that it listens").into());
                }
            }
        }
    }

    /// Kills the process as `kill -9` does, and waits until it is gone.
    ///
    /// # Errors
    /// The system refuses.
    pub fn kill(&mut self) -> anyhow::Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }

    /// Starts it again on the same folder and the same port.
    ///
    /// # Errors
    /// As [`Relay::start`].
    pub fn restart(mut self) -> Result<Relay, NoLine> {
        self.kill()?;
        let listen = self.url.trim_start_matches("http://").to_owned();
        let (data, app) = (self.data.clone(), self.app.clone());
        drop(self);
        Self::start_on(&data, app.as_deref(), &listen)
    }

    /// The folder that holds its database.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The terminal client on one book folder.
#[derive(Clone, Debug)]
pub struct Cli {
    binary: PathBuf,
    /// The book's folder.
    pub dir: PathBuf,
}

/// What a command of the terminal client printed.
#[derive(Debug)]
pub struct Said {
    /// Its exit code; -1 when it was killed.
    pub code: i32,
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
}

impl Cli {
    /// A client whose book lies in this folder.
    ///
    /// # Errors
    /// No binary.
    pub fn new(dir: &Path) -> Result<Cli, NoLine> {
        Ok(Cli {
            binary: cli_binary()?,
            dir: dir.to_owned(),
        })
    }

    /// The command, not started.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.binary);
        command
            .arg("--dir")
            .arg(&self.dir)
            .args(words)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    ///
    /// # Errors
    /// It could not be started.
    pub fn run(&self, words: &[&str]) -> anyhow::Result<Said> {
        let done = self
            .command(words)
            .output()
            .with_context(|| format!("daybook {}", words.join(" ")))?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Ok(Said {
            code: done.status.code().unwrap_or(-1),
            out: text(&done.stdout),
            err: text(&done.stderr),
        })
    }

    /// Runs a command that must succeed, and gives its output.
    ///
    /// # Errors
    /// It failed; the error has what it said.
    pub fn ok(&self, words: &[&str]) -> anyhow::Result<String> {
        let said = self.run(words)?;
        ensure!(
            said.code == 0,
            "daybook {} ended with {}: {}{}",
            words.join(" "),
            said.code,
            said.out,
            said.err
        );
        Ok(said.out)
    }

    /// Runs a command with `--json` and reads its answer.
    ///
    /// # Errors
    /// It failed, or did not print JSON.
    pub fn json(&self, words: &[&str]) -> anyhow::Result<serde_json::Value> {
        let mut words = words.to_vec();
        words.insert(0, "--json");
        let out = self.ok(&words)?;
        serde_json::from_str(&out).with_context(|| format!("daybook {}: {out}", words.join(" ")))
    }
}

/// Asks again until something is there, or fails with the name of what was waited for.
///
/// # Errors
/// The deadline passed, or the question failed.
pub fn wait_for<T>(
    what: &str,
    mut ask: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask()? {
            return Ok(answer);
        }
        if Instant::now() >= deadline {
            bail!("waited {} s for {what}", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Copies the files of a folder; it has no folders in it.
///
/// # Errors
/// What the system said.
pub fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    std::fs::create_dir_all(to)?;
    for file in std::fs::read_dir(from)? {
        let file = file?;
        std::fs::copy(file.path(), to.join(file.file_name()))?;
    }
    Ok(())
}
