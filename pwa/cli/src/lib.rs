//! The client on a terminal: `init`, `join`, `append`, `import`, `sync`, `verify`, `prove`, and everything that is read.
//!
//! **Invariant:** no business rule is in here. What an op means is in the manifest, what may happen is in the kernel; this
//! shell carries effects out and prints.

pub mod args;
mod command;
mod dir;
pub mod exit;
pub mod import;
pub mod inputs;
mod shell;
mod show;

use std::process::ExitCode;

use args::Args;

/// Runs one command line and gives the exit code of the process.
pub fn main(args: Args) -> ExitCode {
    let json = args.json;
    match command::run(args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            match json {
                // The report of the import has said it already.
                true if matches!(fault, exit::CliFault::BadRows(_)) => {}
                true => println!(
                    "{}",
                    serde_json::json!({ "error": fault.to_string(), "code": fault.code() })
                ),
                false => eprintln!("daybook: {fault}"),
            }
            ExitCode::from(fault.code())
        }
    }
}
