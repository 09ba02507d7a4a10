//! `daybook`: the client on a terminal.

use std::process::ExitCode;

use clap::Parser;
use daybook_cli::args::Args;

fn main() -> ExitCode {
    daybook_cli::main(Args::parse())
}
