//! Running the built program, and a relay process where there is one.

#![allow(
    dead_code,
    unreachable_pub,
    missing_debug_implementations,
    reason = "each test file uses its own part"
)]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value as Json;

pub const CODE: &str = "open-sesame";

/// Says aloud that a test did not run, and counts it.
pub fn skip(name: &str, why: &str) {
    let line = format!("skipped: {name}: {why}\n");
    eprint!("{line}");
    if let Some(path) = std::env::var_os("DAYBOOK_SKIPS") {
        let file = std::fs::OpenOptions::new()
            .append(true)
            .create(true)
            .open(path);
        file.and_then(|mut file| file.write_all(line.as_bytes()))
            .expect("the skip is counted");
    }
}

/// The folder of shared test data, if it is there.
pub fn shared() -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared");
    let path = std::env::var_os("DAYBOOK_SHARED").map_or(beside, PathBuf::from);
    path.is_dir().then_some(path)
}

/// A file or folder of this package's test data.
pub fn data(name: &str) -> String {
    format!("{}/tests/data/{name}", env!("CARGO_MANIFEST_DIR"))
}

/// A relay process; killed when dropped.
pub struct Relay {
    child: Child,
    pub url: String,
    pub data: PathBuf,
}

impl Relay {
    /// Starts the relay that the environment names or that lies beside this program; none when there is none.
    pub fn start(data: &Path, test: &str) -> Option<Self> {
        Self::start_at("127.0.0.1:0", data, test)
    }

    /// The same on an address of its own, which the book remembers: another port would be another relay to it.
    pub fn start_at(listen: &str, data: &Path, test: &str) -> Option<Self> {
        let beside = Path::new(env!("CARGO_BIN_EXE_daybook")).with_file_name("daybook-relay");
        let binary = std::env::var_os("DAYBOOK_RELAY_BIN").map_or(beside, PathBuf::from);
        if !binary.is_file() {
            skip(
                test,
                "no relay: set DAYBOOK_RELAY_BIN or build daybook-relay",
            );
            return None;
        }
        let mut child = Command::new(binary)
            .args(["serve", "--listen", listen, "--setup-code", CODE, "--data"])
            .arg(data)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("the relay starts");
        let mut line = String::new();
        let out = child.stdout.take().expect("piped");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("the relay speaks");
        let url = line
            .trim()
            .strip_prefix("listening ")
            .expect("its first line says where it listens")
            .to_owned();
        Some(Self {
            child,
            url,
            data: data.to_owned(),
        })
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One device: the program with its folder.
pub struct Device {
    pub dir: PathBuf,
}

impl Device {
    pub fn new(root: &Path, name: &str) -> Self {
        Self {
            dir: root.join(name),
        }
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook"));
        command
            .arg("--dir")
            .arg(&self.dir)
            .args(args)
            .env_remove("DAYBOOK_DIR");
        command
    }

    pub fn output(&self, args: &[&str]) -> Output {
        self.command(args).output().expect("the program runs")
    }

    /// Runs to an exit code; standard output and standard error as text.
    pub fn run(&self, code: i32, args: &[&str]) -> (String, String) {
        let output = self.output(args);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).expect("UTF-8");
        let (out, err) = (text(&output.stdout), text(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}\n{out}\n{err}");
        (out, err)
    }

    /// Runs with `--json` to an exit code.
    pub fn json(&self, code: i32, args: &[&str]) -> Json {
        let (out, _) = self.run(code, &[&["--json"], args].concat());
        serde_json::from_str(&out).unwrap_or_else(|fault| panic!("{args:?}: {fault}: {out}"))
    }

    pub fn init(&self, relay: &Relay) {
        self.run(0, &["init", "--relay", &relay.url, "--setup-code", CODE]);
    }

    pub fn import(&self, code: i32, folder: &str) -> Json {
        self.json(
            code,
            &["import", "csv", "--map", &data("shop.toml"), &data(folder)],
        )
    }

    /// The amount of a role in the trial balance.
    pub fn balance(&self, role: &str) -> String {
        let balance = self.json(0, &["balance"]);
        let lines = balance["lines"].as_array().expect("lines");
        let line = lines.iter().find(|line| line["role"] == role);
        line.map_or_else(
            || "0.00".into(),
            |line| line["amount"].as_str().expect("a string").to_owned(),
        )
    }

    /// State hash and books hash.
    pub fn hashes(&self) -> (String, String) {
        let status = self.json(0, &["status"]);
        let text = |name: &str| status[name].as_str().expect(name).to_owned();
        (text("state_hash"), text("books_hash"))
    }
}
