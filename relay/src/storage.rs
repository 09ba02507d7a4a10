//! The data directory: its lock, the database's tables, and how connections are opened.

use crate::{Config, Fault};
use daybook_log::{AuthorId, BookId};
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Row};
use sha2::{Digest, Sha256};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The first SQLite without the bug that corrupts a write-ahead log when it is reset.
const SQLITE_MIN: i32 = 3_051_003;
/// "DBRY" in the database's header.
const APPLICATION_ID: i64 = 0x4442_5259;
/// The tables' version.
const SCHEMA_VERSION: i64 = 2;
pub(crate) const DATABASE: &str = "relay.db";

/// Entries lie in a rowid heap (appended, never moved); every index over them is unique and a rule of the order.
/// Rows that no hash covers carry a seal over their fields, so that `verify` finds a flipped byte there too.
const SCHEMA: &str = "
CREATE TABLE setup_code(hash BLOB PRIMARY KEY, made_at_ms INTEGER NOT NULL, book BLOB, seal BLOB NOT NULL) STRICT, WITHOUT ROWID;
CREATE TABLE book(number INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, genesis BLOB NOT NULL, position INTEGER NOT NULL, tip BLOB NOT NULL,
    frontier BLOB NOT NULL, checkpoint BLOB NOT NULL) STRICT;
CREATE TABLE author(number INTEGER PRIMARY KEY, book INTEGER NOT NULL, id BLOB NOT NULL, UNIQUE(book, id)) STRICT;
CREATE TABLE entry(
    number INTEGER PRIMARY KEY, book INTEGER NOT NULL, position INTEGER NOT NULL, author INTEGER NOT NULL, seq INTEGER NOT NULL,
    id BLOB NOT NULL, record BLOB NOT NULL, bytes BLOB NOT NULL,
    UNIQUE(book, position), UNIQUE(book, id), UNIQUE(book, author, seq)) STRICT;
CREATE TABLE node(book INTEGER NOT NULL, level INTEGER NOT NULL, nth INTEGER NOT NULL, hash BLOB NOT NULL, PRIMARY KEY(book, level, nth)) STRICT, WITHOUT ROWID;
CREATE TABLE chunk(number INTEGER PRIMARY KEY, book INTEGER NOT NULL, id BLOB NOT NULL, bytes BLOB NOT NULL, UNIQUE(book, id)) STRICT;
CREATE TABLE join_request(
    book INTEGER NOT NULL, id BLOB NOT NULL, request_key BLOB NOT NULL, bytes BLOB NOT NULL, asked_at_ms INTEGER NOT NULL,
    admitted INTEGER NOT NULL, seal BLOB NOT NULL, PRIMARY KEY(book, id)) STRICT, WITHOUT ROWID;
";

/// An open data directory; the lock falls with the process, however that ends.
#[derive(Debug)]
pub(crate) struct Storage {
    database: PathBuf,
    vfs: Option<String>,
    synchronous: &'static str,
    _lock: File,
}

impl Storage {
    /// Locks the directory and makes what is missing. `true` where there was no database.
    pub(crate) fn open(config: &Config) -> Result<(Storage, bool), Fault> {
        let version = rusqlite::version_number();
        if version < SQLITE_MIN {
            return Err(Fault::OldSqlite(version));
        }
        std::fs::create_dir_all(&config.data).map_err(Fault::io(&config.data))?;
        let path = config.data.join("lock");
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(&path)
            .map_err(Fault::io(&path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(Fault::InUse(config.data.clone())),
            Err(TryLockError::Error(source)) => return Err(Fault::Io(path, source)),
        }
        let database = config.data.join(DATABASE);
        let new = !database.exists();
        let storage = Storage {
            database,
            vfs: config.vfs.clone(),
            synchronous: config.synchronous.pragma(),
            _lock: lock,
        };
        Ok((storage, new))
    }

    /// The one connection that writes.
    pub(crate) fn writer(&self) -> Result<Connection, Fault> {
        let connection =
            self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE)?;
        let mode: String = connection.query_row("PRAGMA journal_mode=WAL", [], |row| row.get(0))?;
        if mode != "wal" {
            return Err(Fault::Config(format!(
                "the file system gives no write-ahead log (journal mode {mode})"
            )));
        }
        connection.execute_batch("PRAGMA wal_autocheckpoint=0; PRAGMA cache_size=-65536;")?;
        make_tables(&connection)?;
        Ok(connection)
    }

    /// A connection that reads.
    pub(crate) fn reader(&self) -> Result<Connection, Fault> {
        let connection = self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection.execute_batch("PRAGMA query_only=ON")?;
        Ok(connection)
    }

    /// A connection that copies the write-ahead log into the database.
    pub(crate) fn checkpointer(&self) -> Result<Connection, Fault> {
        self.connect(OpenFlags::SQLITE_OPEN_READ_WRITE)
    }

    /// The write-ahead log's length, bytes.
    pub(crate) fn wal_bytes(&self) -> u64 {
        let mut path = self.database.clone().into_os_string();
        path.push("-wal");
        std::fs::metadata(PathBuf::from(path)).map_or(0, |meta| meta.len())
    }

    fn connect(&self, flags: OpenFlags) -> Result<Connection, Fault> {
        let flags = flags | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = match &self.vfs {
            Some(vfs) => Connection::open_with_flags_and_vfs(&self.database, flags, vfs.as_str())?,
            None => Connection::open_with_flags(&self.database, flags)?,
        };
        connection.busy_timeout(std::time::Duration::from_secs(10))?;
        connection.set_prepared_statement_cache_capacity(32);
        let synchronous = self.synchronous;
        connection.execute_batch(&format!(
            "PRAGMA synchronous={synchronous}; PRAGMA trusted_schema=OFF;"
        ))?;
        Ok(connection)
    }
}

/// A connection to a database at rest or in use, for `verify`: nothing is locked, nothing is changed.
pub(crate) fn for_verify(data: &Path) -> Result<Connection, Fault> {
    let path = data.join(DATABASE);
    if !path.exists() {
        return Err(Fault::Config(format!("{}: not there", path.display())));
    }
    let connection = Connection::open_with_flags(
        &path,
        OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX,
    )?;
    // The last connection to close would copy the write-ahead log into the database.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, true)?;
    connection.execute_batch(
        "PRAGMA query_only=ON; PRAGMA trusted_schema=OFF; PRAGMA cell_size_check=ON;",
    )?;
    check_header(&connection)?;
    Ok(connection)
}

fn make_tables(connection: &Connection) -> Result<(), Fault> {
    let tables: i64 =
        connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    if tables == 0 {
        // Crash point S1: the tables and their version come in one commit or not at all.
        connection.execute_batch(&format!(
            "BEGIN IMMEDIATE; {SCHEMA} PRAGMA application_id={APPLICATION_ID}; PRAGMA user_version={SCHEMA_VERSION}; COMMIT;"
        ))?;
    }
    check_header(connection)
}

fn check_header(connection: &Connection) -> Result<(), Fault> {
    let pragma = |name: &str| {
        connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0))
    };
    if pragma("application_id")? != APPLICATION_ID {
        return Err(Fault::damaged("the file is not a relay's database"));
    }
    match pragma("user_version")? {
        SCHEMA_VERSION => Ok(()),
        other => Err(Fault::Config(format!(
            "the database has tables of version {other}, this build knows {SCHEMA_VERSION}"
        ))),
    }
}

/// The statements that made the tables, for `verify`.
pub(crate) fn schema_is_ours(connection: &Connection) -> Result<bool, Fault> {
    let mut ours: Vec<String> = SCHEMA
        .split(';')
        .map(|one| one.trim().to_owned())
        .filter(|one| !one.is_empty())
        .collect();
    let mut statement =
        connection.prepare("SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL")?;
    let mut theirs = statement
        .query_map([], |row| row.get::<_, String>(0))?
        .collect::<Result<Vec<_>, _>>()?;
    ours.sort();
    theirs.sort();
    Ok(ours == theirs)
}

/// A hash over a row's fields, each with its length before it.
pub(crate) fn seal(table: &str, fields: &[&[u8]]) -> [u8; 32] {
    let mut hash = Sha256::new_with_prefix(table);
    for field in fields {
        hash.update((field.len() as u64).to_le_bytes());
        hash.update(field);
    }
    hash.finalize().into()
}

/// A set-up code's seal.
pub(crate) fn code_seal(hash: &[u8; 32], made_at_ms: i64, book: Option<&BookId>) -> [u8; 32] {
    let book: &[u8] = book.map_or(&[], |book| &book.0);
    seal("setup_code", &[hash, &made_at_ms.to_le_bytes(), book])
}

/// A join request's seal.
pub(crate) fn join_seal(book: i64, bytes: &[u8], asked_at_ms: i64, admitted: bool) -> [u8; 32] {
    seal(
        "join_request",
        &[
            &book.to_le_bytes(),
            bytes,
            &asked_at_ms.to_le_bytes(),
            &[u8::from(admitted)],
        ],
    )
}

/// A 32-byte column.
pub(crate) fn bytes32(row: &Row<'_>, column: usize) -> rusqlite::Result<[u8; 32]> {
    row.get(column)
}

/// A number that SQLite holds signed and that is never negative.
pub(crate) fn unsigned(number: i64) -> Result<u64, Fault> {
    u64::try_from(number).map_err(|_| Fault::damaged(format!("number {number}")))
}

/// The number under which an author's entries are stored.
pub(crate) fn author_number(
    connection: &Connection,
    book: i64,
    author: &AuthorId,
) -> Result<i64, Fault> {
    use rusqlite::OptionalExtension;
    let mut find = connection.prepare_cached("SELECT number FROM author WHERE book=? AND id=?")?;
    if let Some(number) = find
        .query_row((book, &author.0), |row| row.get(0))
        .optional()?
    {
        return Ok(number);
    }
    connection
        .prepare_cached("INSERT INTO author(book, id) VALUES(?, ?)")?
        .execute((book, &author.0))?;
    Ok(connection.last_insert_rowid())
}
