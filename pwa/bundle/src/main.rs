//! The task runner behind `cargo xtask`: set up, build, serve, test. Needed to develop, never to run the books.

mod binaries;
mod gate;
mod kit;
mod long;
mod place;
mod run;
mod say;
mod stage;
mod stamp;
mod up;
mod web;

use anyhow::Result;
use place::Place;
use std::process::ExitCode;

const USAGE: &str = "usage: cargo xtask COMMAND

  up [--port N]     build what changed, start the relay with the app, print one URL
  test [STEP…]      the fast gate: fmt, deny, clippy, build, clippy-wasm, sw, native, wasm

  setup             install what the other commands need, and say what and how
  build             the app into target/web, the relay and the command line into target/release
  witness [list | run ROW… | write]
                    proofs of the register's rows, each with its falsifier
  bench [--check]   measures; with --check fails below the budgets
  lint              layers, determinism, sizes, names, links
  night             all that is long: the gate with long runs, all witnesses, all benches

DAYBOOK_WASM_ROUTE=rustup|debian takes only that route to a wasm compiler.";

fn main() -> ExitCode {
    say::start();
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (command, rest) = words
        .split_first()
        .map_or(("help", &[][..]), |(first, rest)| (first.as_str(), rest));
    match dispatch(&Place::find(), command, rest) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(place: &Place, command: &str, words: &[String]) -> Result<bool> {
    match command {
        "up" => up::run(place, words).map(|()| true),
        "test" => gate::run(place, words),
        "setup" => kit::set_up(place).map(|()| true),
        "build" => stage::build(place).map(|()| true),
        "witness" => long::witness(place, words),
        "bench" => long::bench(place, words),
        "lint" => long::lint(place, words),
        "night" => long::night(place),
        "help" | "--help" | "-h" => {
            println!("{USAGE}");
            Ok(true)
        }
        other => {
            eprintln!("no command {other}\n\n{USAGE}");
            Ok(false)
        }
    }
}
