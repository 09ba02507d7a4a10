//! What each command does.

mod check;
mod csv;
mod manifest;
mod past;
mod read;
mod setup;
mod write;

use std::io::{IsTerminal, Write};
use std::path::PathBuf;

use daybook_client::{Input, Notice};
use serde_json::Value as Json;

use crate::args::{Args, AsOf, Do, Import, Manifest};
use crate::dir;
use crate::exit::CliFault;
use crate::shell::Shell;

/// What every command needs to know.
struct Context {
    dir: PathBuf,
    json: bool,
}

pub(crate) fn run(args: Args) -> Result<(), CliFault> {
    let context = Context {
        dir: dir::choose(args.dir),
        json: args.json,
    };
    match args.command {
        Do::Init {
            relay,
            setup_code,
            manifest,
            label,
        } => setup::init(&context, relay, setup_code, manifest, label),
        Do::Join {
            relay,
            book,
            label,
            no_wait,
        } => setup::join(&context, relay, &book, label, no_wait),
        Do::Requests => setup::requests(&context),
        Do::Approve { id } => setup::approve(&context, &id),
        Do::Import(Import::Csv {
            map,
            files,
            dry_run,
        }) => csv::import(&context, &map, &files, dry_run),
        Do::Append {
            verb,
            inputs,
            today,
        } => write::append(&context, verb, &inputs, today.as_deref()),
        Do::Sync => write::sync(&context),
        Do::Status => read::status(&context),
        Do::Log { from, limit } => read::log(&context, from, limit),
        Do::Op { op } => read::op(&context, &op),
        Do::Verify => check::verify(&context),
        Do::Prove => check::prove(&context),
        Do::Balance => read::balance(&context),
        Do::Documents { limit } => read::documents(&context, limit),
        Do::History { entity, id } => past::history(&context, &entity, &id),
        Do::AsOf {
            at,
            what: AsOf::Balance,
        } => past::balance(&context, &at),
        Do::Sql { query, unchecked } => check::sql(&context, &query, unchecked),
        Do::Rebuild => check::rebuild(&context),
        Do::Manifest(Manifest::Check { file }) => manifest::check(&context, &file),
        Do::Manifest(Manifest::Build { file, output }) => manifest::build(&context, &file, output),
        Do::Manifest(Manifest::Adopt { file }) => manifest::adopt(&context, &file),
        Do::ExportBundle { file } => past::export(&context, &file),
    }
}

impl Context {
    /// The book's client without a network: what is appended waits for the next `sync`.
    fn offline(&self) -> Result<Shell, CliFault> {
        Shell::open(
            &dir::database(&self.dir, false)?,
            Input::Online(false),
            watcher(),
        )
    }

    /// The book's client with a network.
    fn online(&self) -> Result<Shell, CliFault> {
        Shell::open(
            &dir::database(&self.dir, false)?,
            Input::Online(true),
            watcher(),
        )
    }

    /// The same, in a folder that may be new.
    fn fresh(&self) -> Result<Shell, CliFault> {
        Shell::open(
            &dir::database(&self.dir, true)?,
            Input::Online(true),
            watcher(),
        )
    }

    /// Prints a result in the way that was asked for.
    fn print(
        &self,
        text: impl FnOnce() -> String,
        json: impl FnOnce() -> Json,
    ) -> Result<(), CliFault> {
        let mut text = if self.json {
            json().to_string()
        } else {
            text()
        };
        if !text.ends_with('\n') {
            text.push('\n');
        }
        let written = std::io::stdout().lock().write_all(text.as_bytes());
        match written {
            // `daybook log | head` is no fault.
            Err(fault) if fault.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
            written => written.map_err(|fault| CliFault::Io(format!("standard output: {fault}"))),
        }
    }
}

/// Shows progress and waiting on standard error; on a terminal, progress stays on one line.
fn watcher() -> Box<dyn FnMut(&Notice)> {
    let live = std::io::stderr().is_terminal();
    let mut told = 0;
    Box::new(move |notice| {
        let (what, done, total) = match notice {
            Notice::JoinWaiting { id, author } => {
                eprintln!(
                    "waiting for approval of request {} (this device: {author})",
                    crate::show::hex(id)
                );
                return;
            }
            Notice::Proving { done, total } => ("proving", *done, *total),
            // What this device sent itself is no catching up.
            Notice::CatchUp { position, head } if position <= head && *head > 0 => {
                ("catching up", *position, *head)
            }
            _ => return,
        };
        let percent = done * 100 / total.max(1);
        match live {
            true => eprint!(
                "\r{what}: {done} of {total} ({percent} %){}",
                if done >= total { "\n" } else { "" }
            ),
            false if percent / 25 != told || done >= total => {
                told = percent / 25;
                eprintln!("{what}: {done} of {total} ({percent} %)");
            }
            false => {}
        }
    })
}
