//! The commands that run programs of other crates: witnesses, benches, lint, and the night, which is all of them.

use crate::kit::apt;
use crate::place::{Place, on_path};
use crate::run;
use crate::say;
use crate::stage;
use anyhow::{Context, Result};
use std::env;
use std::process::Command;

const WITNESS: &[&str] = &[
    "run",
    "--quiet",
    "--release",
    "--package",
    "daybook-witnesses",
    "--bin",
    "witness",
    "--",
];
const BENCH: &[&str] = &[
    "bench",
    "--quiet",
    "--package",
    "daybook-witnesses",
    "--bench",
    "books",
    "--",
];

/// `cargo xtask witness …`: `list` needs nothing built; a run gets the same surroundings as a test.
pub(crate) fn witness(place: &Place, words: &[String]) -> Result<bool> {
    let mut command = ours(place, WITNESS, words);
    if !words.is_empty() && words != ["list"] {
        stage::set(place, &mut command)?;
    }
    ended(&mut command)
}

/// `cargo xtask bench …`: release code only, beside a plain-text accounting program in the same run.
pub(crate) fn bench(place: &Place, words: &[String]) -> Result<bool> {
    if on_path("ledger").is_none() {
        apt::install(&["ledger"], "the program to compare with (ledger)")?;
    }
    let mut command = ours(place, BENCH, words);
    stage::set(place, &mut command)?;
    ended(&mut command)
}

/// `cargo xtask lint`.
pub(crate) fn lint(place: &Place, words: &[String]) -> Result<bool> {
    ended(&mut ours(
        place,
        &["run", "--quiet", "--package", "daybook-lint", "--"],
        words,
    ))
}

/// `cargo xtask night`: the gate with `DAYBOOK_NIGHT` set, by which the long tests take their long counts, then every
/// witness with its falsifier, then every bench against its budget. All run, also after one that failed.
pub(crate) fn night(place: &Place) -> Result<bool> {
    let parts: [(&str, &[&str]); 3] = [
        ("gate", &["test"]),
        ("witnesses", &["witness", "write"]),
        ("benches", &["bench", "--check"]),
    ];
    let this = env::current_exe().context("this program has no file")?;
    let mut good = Vec::new();
    for (name, words) in parts {
        say::step(&format!("night: {name}"));
        let mut command = run::command(&this, &place.root);
        command
            .args(words)
            .env("CARGO_MANIFEST_DIR", place.root.join("pwa/bundle"))
            .env("DAYBOOK_NIGHT", "1");
        good.push((name, ended(&mut command)?));
    }
    for (name, good) in &good {
        say::step(&format!(
            "night: {name} {}",
            if *good { "good" } else { "FAILED" }
        ));
    }
    Ok(good.iter().all(|(_, good)| *good))
}

/// Cargo, with the words of a person behind its own.
fn ours(place: &Place, fixed: &[&str], words: &[String]) -> Command {
    let mut command = run::cargo(&place.root);
    command.args(fixed).args(words);
    command
}

/// Whether it ended well; what went wrong it has said itself.
fn ended(command: &mut Command) -> Result<bool> {
    Ok(command
        .status()
        .context("cargo could not be started")?
        .success())
}
