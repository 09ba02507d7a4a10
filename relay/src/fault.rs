//! What can fail in the relay's surroundings. Bad input is never one of these: that is a [`crate::No`].

use std::fmt;
use std::path::{Path, PathBuf};

/// The environment failed, or what is stored is not what was written.
#[derive(Debug)]
#[non_exhaustive]
pub enum Fault {
    /// A file or socket.
    Io(PathBuf, std::io::Error),
    /// SQLite.
    Sqlite(rusqlite::Error),
    /// The linked SQLite is too old to be trusted with a write-ahead log.
    OldSqlite(i32),
    /// Another process uses the data directory.
    InUse(PathBuf),
    /// A setting cannot be used; says why.
    Config(String),
    /// Stored bytes are not what was written; names the place.
    Damaged(String),
    /// The operating system gave no random bytes.
    Chance,
    /// The relay is stopping.
    Stopped,
}

impl Fault {
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Fault {
        let path = path.to_path_buf();
        move |source| Fault::Io(path, source)
    }

    pub(crate) fn damaged(what: impl fmt::Display) -> Fault {
        Fault::Damaged(what.to_string())
    }

    /// Whether there was no room left; everything of the failed commit was rolled back then.
    pub(crate) fn is_full(&self) -> bool {
        matches!(self, Fault::Sqlite(source) if source.sqlite_error_code() == Some(rusqlite::ErrorCode::DiskFull))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Io(path, source) => write!(f, "{}: {source}", path.display()),
            Fault::Sqlite(source) => write!(f, "database: {source}"),
            Fault::OldSqlite(version) => {
                write!(
                    f,
                    "SQLite {version} is linked; 3.51.3 or newer is needed (older ones can corrupt a write-ahead log)"
                )
            }
            Fault::InUse(path) => write!(f, "{}: in use by another relay", path.display()),
            Fault::Config(why) => write!(f, "setting: {why}"),
            Fault::Damaged(what) => write!(f, "stored bytes are damaged: {what}"),
            Fault::Chance => f.write_str("the operating system gave no random bytes"),
            Fault::Stopped => f.write_str("the relay is stopping"),
        }
    }
}

impl std::error::Error for Fault {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Fault::Io(_, source) => Some(source),
            Fault::Sqlite(source) => Some(source),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for Fault {
    fn from(source: rusqlite::Error) -> Self {
        Fault::Sqlite(source)
    }
}
