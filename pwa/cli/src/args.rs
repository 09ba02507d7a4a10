//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::exit::CODES;

/// A company's books on your own devices: the Daybook client on a terminal.
///
/// Everything except `init`, `join`, `requests` and `sync` works without a network. What you append is on this disk when
/// the command returns, and goes to the relay with the next `sync`.
#[derive(Debug, Parser)]
#[command(name = "daybook", version, after_help = CODES, arg_required_else_help = true)]
pub struct Args {
    /// Folder of the book on this device (made by `init` and `join`); the environment's DAYBOOK_DIR, or ./book.
    #[arg(long, global = true, value_name = "DIR")]
    pub dir: Option<PathBuf>,
    /// Print one JSON value instead of text. Amounts are decimal strings.
    #[arg(long, global = true)]
    pub json: bool,
    /// What to do.
    #[command(subcommand)]
    pub command: Do,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Do {
    /// Make a new book on a relay. This device becomes its first manager.
    Init {
        /// Address of the relay, such as http://127.0.0.1:8080.
        #[arg(long, value_name = "URL")]
        relay: String,
        /// The set-up code that the relay printed.
        #[arg(long, value_name = "CODE")]
        setup_code: String,
        /// Source of another first manifest than the one that comes with this build.
        #[arg(long, value_name = "FILE.book")]
        manifest: Option<PathBuf>,
        /// This device's code on its documents: 1 to 12 of A-Z, 0-9 and -.
        #[arg(long, value_name = "CODE", default_value = "DESK")]
        label: String,
    },
    /// Ask to be let into a book, and wait until a manager approves.
    Join {
        /// Address of the relay.
        #[arg(long, value_name = "URL")]
        relay: String,
        /// Id of the book: 64 hexadecimal digits, as `status` prints on a device that is in.
        #[arg(long, value_name = "HEX")]
        book: String,
        /// This device's code on its documents: 1 to 12 of A-Z, 0-9 and -.
        #[arg(long, value_name = "CODE", default_value = "DESK")]
        label: String,
        /// Do not wait: ask, and let a later `join` or `sync` see whether somebody approved.
        #[arg(long)]
        no_wait: bool,
    },
    /// List the devices that ask to be let in. Managers only.
    Requests,
    /// Let a device in. Managers only; goes out with the next `sync`, which this command does too.
    Approve {
        /// Id of the request, or its first digits.
        id: String,
    },
    /// Turn files of rows into ops.
    #[command(subcommand)]
    Import(Import),
    /// Sign one op, such as: append party.new '{"code": "ACME"}'.
    Append {
        /// The verb.
        verb: String,
        /// Its inputs: a JSON object. Amounts, quantities, dates and ids are strings; lists are arrays of objects.
        #[arg(value_name = "JSON")]
        inputs: String,
        /// The business date, where the verb takes today's; else this machine's date (UTC).
        #[arg(long, value_name = "YYYY-MM-DD")]
        today: Option<String>,
    },
    /// Exchange everything with the relay.
    Sync,
    /// Where this book stands: position, tip, hashes, outbox.
    Status,
    /// List entries, newest last.
    Log {
        /// First position.
        #[arg(long, default_value_t = 1)]
        from: u64,
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// Show what stands behind one op: who signed what, when, and its proof.
    Op {
        /// ENTRY:INDEX, as other commands print it.
        op: String,
    },
    /// Check every stored byte, all signatures and the order. Needs no relay.
    Verify,
    /// Derive the books again from the first entry and compare everything. Needs no relay.
    Prove,
    /// The trial balance.
    Balance,
    /// List documents.
    Documents {
        /// At most so many.
        #[arg(long, default_value_t = 100)]
        limit: usize,
    },
    /// What a row was after each entry that changed it.
    History {
        /// The entity, such as `party`.
        entity: String,
        /// The row's id.
        id: String,
    },
    /// The books as they were: at a position of the log, or with what is dated up to a day.
    AsOf {
        /// A position, or a date as YYYY-MM-DD.
        at: String,
        /// What to show.
        #[command(subcommand)]
        what: AsOf,
    },
    /// A read-only query over the typed tables (t_<entity>, posting, total, outcome, …).
    Sql {
        /// One SELECT. Money is in minor units.
        query: String,
        /// Do not compare the typed tables with the rows first.
        #[arg(long)]
        unchecked: bool,
    },
    /// Make the typed tables anew from the rows. Nothing is lost: they hold nothing of their own.
    Rebuild,
    /// Work on manifests.
    #[command(subcommand)]
    Manifest(Manifest),
    /// Write the whole book into one file that anybody can fold from zero. It holds the books in clear.
    ExportBundle {
        /// The file; it must not exist.
        file: PathBuf,
    },
}

/// Kinds of import.
#[derive(Debug, Subcommand)]
pub enum Import {
    /// CSV files, by a map (docs/spec/import.md). Rows that are in the book already are skipped, so it can be run again.
    Csv {
        /// The map: a TOML file, or the name of one that comes with this build (northwind).
        #[arg(long, value_name = "FILE")]
        map: String,
        /// The files, or folders that hold them. They are found by the names that the map gives.
        #[arg(required = true)]
        files: Vec<PathBuf>,
        /// Say what would be done and do nothing.
        #[arg(long)]
        dry_run: bool,
    },
}

/// Work on manifests.
#[derive(Debug, Subcommand)]
pub enum Manifest {
    /// Compile a manifest and say what is wrong with it.
    Check {
        /// Its source.
        file: PathBuf,
    },
    /// Compile a manifest into the bytes that a book adopts, and print their id.
    Build {
        /// Its source; `erp` is the one that comes with this build.
        file: PathBuf,
        /// Where the bytes go.
        #[arg(short, long, value_name = "FILE")]
        output: Option<PathBuf>,
    },
    /// Adopt a manifest in this book. Managers only.
    Adopt {
        /// Its source.
        file: PathBuf,
    },
}

/// What to show of the past.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum AsOf {
    /// The trial balance.
    Balance,
}
