//! What can go wrong with a command, and the exit code that says so to a script.

use std::fmt;

use daybook_client::{CommandFault, RelayFault};
use daybook_store::StoreFault;

/// Why a command did not do what was asked. [`CliFault::code`] gives the exit code.
#[derive(Debug)]
pub enum CliFault {
    /// The arguments, or a file named by them, are wrong.
    Usage(String),
    /// A file or device of this machine failed.
    Io(String),
    /// Some rows of an import were bad; the good ones are in the book.
    BadRows(usize),
    /// The client, the relay or the rules of the book said no.
    Command(CommandFault),
    /// The store said no.
    Store(StoreFault),
    /// Stored bytes are damaged, or the books do not prove.
    Broken(String),
}

/// The exit codes, for `--help`.
pub const CODES: &str = "\
Exit codes:
  0  done
  1  a file, disk or clock of this machine failed
  2  wrong arguments, map, manifest or query
  3  import: some rows were bad and are listed; the good ones are in the book
  4  refused: by the rules of the book, or because this device may not
  5  damaged: stored bytes changed, or the books do not prove
  6  the book is open in another process
  7  the relay cannot be reached, or gave no good answer; nothing is lost, try again
  8  the book stands still: this build is too old for it";

impl CliFault {
    /// The exit code of the process.
    pub fn code(&self) -> u8 {
        match self {
            Self::Io(_) => 1,
            Self::Usage(_) => 2,
            Self::BadRows(_) => 3,
            Self::Broken(_) => 5,
            Self::Store(fault) => match fault {
                StoreFault::InUse => 6,
                StoreFault::NotABook | StoreFault::Query(_) | StoreFault::Limit(_) => 2,
                StoreFault::Newer { .. } => 8,
                StoreFault::Damaged(_) => 5,
                StoreFault::Full | StoreFault::Sqlite(_) => 1,
            },
            Self::Command(fault) => command_code(fault),
        }
    }
}

fn command_code(fault: &CommandFault) -> u8 {
    match fault {
        CommandFault::NoBook
        | CommandFault::BookExists
        | CommandFault::BadAddress
        | CommandFault::BadLabel
        | CommandFault::BadManifest(_)
        | CommandFault::UnknownVerb(_)
        | CommandFault::UnknownInput { .. }
        | CommandFault::MissingInput { .. }
        | CommandFault::BadInput { .. }
        | CommandFault::UnknownJoin
        | CommandFault::UnknownOp
        | CommandFault::ContentKey(_)
        | CommandFault::Limit(_) => 2,
        CommandFault::Refused { .. }
        | CommandFault::NotManager
        | CommandFault::SetupCodeUsed { .. }
        | CommandFault::Held(_) => 4,
        // Not let in yet, or not any more.
        CommandFault::NotReady
        | CommandFault::Relay(
            RelayFault::NotAdmitted
            | RelayFault::Problem {
                status: 401 | 403, ..
            },
        ) => 4,
        CommandFault::Relay(RelayFault::Problem { status: 404, .. }) => 2,
        CommandFault::Damaged(_) => 5,
        CommandFault::Relay(_) => 7,
        CommandFault::Halted(_) => 8,
        _ => 1,
    }
}

impl fmt::Display for CliFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Usage(why) | Self::Io(why) | Self::Broken(why) => f.write_str(why),
            Self::BadRows(1) => f.write_str("1 row was left out"),
            Self::BadRows(count) => write!(f, "{count} rows were left out"),
            Self::Command(fault) => write!(f, "{fault}"),
            Self::Store(fault) => write!(f, "{fault}"),
        }
    }
}

impl std::error::Error for CliFault {}

impl From<CommandFault> for CliFault {
    fn from(fault: CommandFault) -> Self {
        Self::Command(fault)
    }
}

impl From<StoreFault> for CliFault {
    fn from(fault: StoreFault) -> Self {
        Self::Store(fault)
    }
}

/// Names the file that a failed call was about.
pub fn io<T>(path: &std::path::Path, result: std::io::Result<T>) -> Result<T, CliFault> {
    result.map_err(|fault| CliFault::Io(format!("{}: {fault}", path.display())))
}
