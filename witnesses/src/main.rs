//! `witness list | run ROW… | write`: proofs on the terminal.

use daybook_witnesses::register::{self, ROWS};
use daybook_witnesses::rows;
use std::process::ExitCode;

const USAGE: &str = "usage: witness list | run ROW|NAME… | write
  list   every row and its witnesses
  run    the witnesses of the rows (or single ones), each with its falsifier
  write  all of them, then docs/REGISTER.md";

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.first().map(String::as_str) {
        None | Some("list") => list(),
        Some("run") if words.len() > 1 => return run(&words[1..]),
        Some("write") => return write(),
        Some(_) => {
            eprintln!("{USAGE}");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn list() {
    for row in ROWS {
        println!("{:<9}{:<6} {}", row.id, row.severity, row.claim);
        for witness in rows::ALL.iter().filter(|w| w.row == row.id) {
            println!(
                "{:<16}{}: {} (falsifier: {})",
                "",
                witness.full_name(),
                witness.claim,
                witness.fault
            );
        }
    }
}

fn run(words: &[String]) -> ExitCode {
    let chosen = |w: &rows::Witness| {
        words
            .iter()
            .any(|word| word == w.row || *word == w.full_name())
    };
    if !rows::ALL.iter().any(chosen) {
        eprintln!(
            "no witness of {}; `witness list` names them",
            words.join(" ")
        );
        return ExitCode::from(2);
    }
    report(&register::judge(chosen))
}

fn write() -> ExitCode {
    let judgement = register::judge(|_| true);
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/REGISTER.md");
    if let Err(error) = std::fs::write(page, register::page(&judgement)) {
        eprintln!("docs/REGISTER.md could not be written: {error}");
        return ExitCode::FAILURE;
    }
    report(&judgement)
}

fn report(judgement: &register::Judgement) -> ExitCode {
    for why in &judgement.yellow {
        eprintln!("yellow {why}");
    }
    for why in &judgement.red {
        eprintln!("red {why}");
    }
    if judgement.red.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}
