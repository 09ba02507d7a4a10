//! The real program, started and killed.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

pub(crate) struct Process {
    pub(crate) child: Child,
    pub(crate) url: String,
    pub(crate) code: Option<String>,
    _out: BufReader<std::process::ChildStdout>,
}

impl Process {
    pub(crate) fn start(data: &Path, env: &[(&str, &str)]) -> Process {
        let fresh = !data.join("relay.key").exists();
        let mut child = Command::new(env!("CARGO_BIN_EXE_daybook-relay"))
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(data)
            .envs(env.iter().copied())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = |start: &str| {
            let mut line = String::new();
            out.read_line(&mut line).unwrap();
            line.trim_end()
                .strip_prefix(start)
                .unwrap_or_else(|| panic!("{start}: {line:?}"))
                .to_owned()
        };
        let url = line("listening ");
        let code = fresh.then(|| line("setup-code "));
        Process {
            child,
            url,
            code,
            _out: out,
        }
    }

    /// As the power switch for the process, but not for the page cache.
    pub(crate) fn kill(&mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn a_second_relay_on_one_directory_refuses_and_a_signal_ends_the_first() {
    let dir = tempfile::tempdir().unwrap();
    let mut first = Process::start(&dir.path().join("data"), &[]);
    let second = Command::new(env!("CARGO_BIN_EXE_daybook-relay"))
        .args(["serve", "--listen", "127.0.0.1:0", "--data"])
        .arg(dir.path().join("data"))
        .output()
        .unwrap();
    assert!(!second.status.success());
    assert!(
        String::from_utf8_lossy(&second.stderr).contains("in use"),
        "{second:?}"
    );
    let pid = first.child.id().to_string();
    assert!(
        Command::new("kill")
            .args(["-TERM", &pid])
            .status()
            .unwrap()
            .success()
    );
    assert!(first.child.wait().unwrap().success());
}

#[test]
fn settings_that_cannot_work_are_said_before_anything_is_opened() {
    let dir = tempfile::tempdir().unwrap();
    let run = |args: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_daybook-relay"));
        command
            .args(["check-config", "--data"])
            .arg(dir.path().join("data"))
            .args(args)
            .output()
            .unwrap()
    };
    assert!(run(&[]).status.success());
    assert!(!run(&["--setup-code", "short"]).status.success());
    assert!(!run(&["--app", "/nowhere"]).status.success());
    assert!(!dir.path().join("data").exists());
}
