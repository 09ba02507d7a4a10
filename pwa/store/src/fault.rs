//! What can go wrong with a store. Nothing here is a rule of the books.

use std::fmt;

/// The store could not do what was asked. Nothing was changed by the call that returns it.
#[derive(Debug)]
pub enum StoreFault {
    /// Another process (or tab) has this book open.
    InUse,
    /// The file is a database of something else.
    NotABook,
    /// The file was made by a newer build.
    Newer {
        /// Schema version of the file.
        found: i64,
        /// The newest one that this build knows.
        known: i64,
    },
    /// What is stored is not what was written.
    Damaged(Damage),
    /// There is no room left.
    Full,
    /// A report query that is not allowed, or does not parse.
    Query(String),
    /// A report query that takes too long, or gives too much.
    Limit(&'static str),
    /// Anything else that SQLite says.
    Sqlite(rusqlite::Error),
}

/// Where stored bytes differ from the bytes that were written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Which table; `database` when SQLite itself found it.
    pub table: String,
    /// Which row, as people can name it; empty for the whole table.
    pub key: String,
    /// What is wrong with it.
    pub what: String,
}

/// The first place where a typed table differs from the rows that it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// Which table.
    pub table: String,
    /// Which row: the hexadecimal of its key.
    pub key: String,
    /// Which column; empty when the whole row is missing or should not be there.
    pub column: String,
    /// As stored in the typed table.
    pub stored: String,
    /// As the row says.
    pub expected: String,
}

impl Damage {
    pub(crate) fn new(table: &str, key: impl Into<String>, what: impl Into<String>) -> Self {
        Self {
            table: table.into(),
            key: key.into(),
            what: what.into(),
        }
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.key.is_empty() {
            true => write!(f, "table {}: {}", self.table, self.what),
            false => write!(f, "table {}, row {}: {}", self.table, self.key, self.what),
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            table,
            key,
            column,
            stored,
            expected,
        } = self;
        write!(
            f,
            "table {table}, row {key}, column {column}: stored {stored}, expected {expected}"
        )
    }
}

impl fmt::Display for StoreFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InUse => f.write_str("the book is open in another process"),
            Self::NotABook => f.write_str("the file is not a Daybook database"),
            Self::Newer { found, known } => {
                write!(
                    f,
                    "the file has schema version {found}, this build knows {known}: update Daybook"
                )
            }
            Self::Damaged(damage) => write!(f, "stored bytes are damaged: {damage}"),
            Self::Full => f.write_str("there is no room left on the disk"),
            Self::Query(why) => write!(f, "the query is not possible: {why}"),
            Self::Limit(what) => write!(f, "the query goes beyond its limit: {what}"),
            Self::Sqlite(fault) => write!(f, "SQLite: {fault}"),
        }
    }
}

impl std::error::Error for StoreFault {}

impl From<Damage> for StoreFault {
    fn from(damage: Damage) -> Self {
        Self::Damaged(damage)
    }
}

impl From<rusqlite::Error> for StoreFault {
    fn from(fault: rusqlite::Error) -> Self {
        use rusqlite::{Error, ErrorCode};
        if let Error::InvalidColumnType(..)
        | Error::IntegralValueOutOfRange(..)
        | Error::Utf8Error(..) = fault
        {
            return Self::Damaged(Damage::new("database", "", fault.to_string()));
        }
        match code(&fault) {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::InUse,
            Some(ErrorCode::NotADatabase) => Self::NotABook,
            Some(ErrorCode::DiskFull) => Self::Full,
            // The statements are this crate's own: a file in which they do not run is not as it was made.
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::Unknown) => {
                Self::Damaged(Damage::new("database", "", fault.to_string()))
            }
            _ => Self::Sqlite(fault),
        }
    }
}

/// SQLite's code, whether it came when a statement was prepared or when it ran.
pub(crate) fn code(fault: &rusqlite::Error) -> Option<rusqlite::ErrorCode> {
    match fault {
        rusqlite::Error::SqliteFailure(error, _) | rusqlite::Error::SqlInputError { error, .. } => {
            Some(error.code)
        }
        _ => None,
    }
}
