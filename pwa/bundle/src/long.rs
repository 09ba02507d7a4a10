//! The commands that run binaries of other crates: witnesses, benches, lint, and the night, which is all of them.

use crate::place::Place;
use crate::run;
use crate::say;
use crate::stage;
use anyhow::{Context, Result};
use std::env;
use std::process::Command;

/// `cargo xtask witness …`: `list` needs nothing built; a run gets the same surroundings as a test.
pub(crate) fn witness(place: &Place, words: &[String]) -> Result<bool> {
    let mut command = ours(
        place,
        &["--package", "daybook-witnesses", "--bin", "witness"],
        words,
    );
    if !words.is_empty() && words != ["list"] {
        stage::set(place, &mut command)?;
    }
    ended(&mut command)
}

/// `cargo xtask bench …`: release code only; a debug figure is no figure.
pub(crate) fn bench(place: &Place, words: &[String]) -> Result<bool> {
    let mut command = ours(
        place,
        &[
            "--release",
            "--package",
            "daybook-witnesses",
            "--bin",
            "bench",
        ],
        words,
    );
    stage::set(place, &mut command)?;
    ended(&mut command)
}

/// `cargo xtask lint`.
pub(crate) fn lint(place: &Place, words: &[String]) -> Result<bool> {
    ended(&mut ours(place, &["--package", "daybook-lint"], words))
}

/// `cargo xtask night`: the gate with `DAYBOOK_NIGHT` set, by which the long tests take their long counts, then every
/// witness with its falsifier, then every bench against its budget. All run, also after one that failed.
pub(crate) fn night(place: &Place) -> Result<bool> {
    let long = |mut command: Command| {
        command.env("DAYBOOK_NIGHT", "1");
        stage::set(place, &mut command)?;
        ended(&mut command)
    };
    let names = ["gate", "witnesses", "benches"];
    let mut good = Vec::new();
    say::step("night: the gate, with long runs");
    let gate = env::current_exe().context("this program has no file")?;
    good.push(ended(
        run::command(gate, &place.root)
            .arg("test")
            .env("CARGO_MANIFEST_DIR", place.root.join("pwa/bundle"))
            .env("DAYBOOK_NIGHT", "1"),
    )?);
    say::step("night: every witness with its falsifier");
    good.push(long(ours(
        place,
        &[
            "--release",
            "--package",
            "daybook-witnesses",
            "--bin",
            "witness",
        ],
        &["write".to_owned()],
    ))?);
    say::step("night: every bench against its budget");
    good.push(long(ours(
        place,
        &[
            "--release",
            "--package",
            "daybook-witnesses",
            "--bin",
            "bench",
        ],
        &["--check".to_owned()],
    ))?);
    for (name, good) in names.iter().zip(&good) {
        say::step(&format!(
            "night: {name} {}",
            if *good { "good" } else { "FAILED" }
        ));
    }
    Ok(good.iter().all(|good| *good))
}

/// A binary of this workspace.
fn ours(place: &Place, package: &[&str], words: &[String]) -> Command {
    let mut command = run::cargo(&place.root);
    command
        .args(["run", "--quiet"])
        .args(package)
        .arg("--")
        .args(words);
    command
}

/// Whether it ended well; what went wrong it has said itself.
fn ended(command: &mut Command) -> Result<bool> {
    Ok(command
        .status()
        .context("cargo could not be started")?
        .success())
}
