//! The fixed tables, and how the file is opened.
//!
//! `row` is the truth that is hashed; the typed tables beside it (see [`crate::form`]) only show it to SQL.

use rusqlite::{Connection, OpenFlags};

use crate::fault::{Damage, StoreFault};
use crate::seal::Seals;

/// `application_id` of a Daybook database: `DAYB`.
pub(crate) const APPLICATION: i64 = 0x4441_5942;
/// Schema version that this build writes.
pub(crate) const VERSION: i64 = 1;

/// The fixed tables: name and statement, as SQLite keeps it.
pub(crate) const TABLES: [(&str, &str); 7] = [
    (
        "identity",
        "CREATE TABLE identity(one INTEGER PRIMARY KEY, secret BLOB NOT NULL, sum INTEGER NOT NULL)",
    ),
    (
        "meta",
        "CREATE TABLE meta(key TEXT PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID",
    ),
    (
        "ast",
        "CREATE TABLE ast(nth INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL, sum INTEGER NOT NULL)",
    ),
    (
        "entry",
        "CREATE TABLE entry(position INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, record BLOB NOT NULL, \
         bytes BLOB NOT NULL, sum INTEGER NOT NULL)",
    ),
    (
        "outbox",
        "CREATE TABLE outbox(seq INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL, sum INTEGER NOT NULL)",
    ),
    (
        "row",
        "CREATE TABLE row(key BLOB PRIMARY KEY, value BLOB NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID",
    ),
    (
        "seal",
        "CREATE TABLE seal(name TEXT PRIMARY KEY, count INTEGER NOT NULL, sum INTEGER NOT NULL) WITHOUT ROWID",
    ),
];

/// Opens the file, takes it for this process alone, and makes or checks the fixed tables.
///
/// `synchronous=FULL` with a write-ahead log: a batch is on the disk when its transaction returns. Where the file
/// system cannot keep such a log, the rollback journal serves; what is promised is the same.
pub(crate) fn open(path: &str, vfs: Option<&str>) -> Result<Connection, StoreFault> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE
        | OpenFlags::SQLITE_OPEN_CREATE
        | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let conn = match vfs {
        Some(name) => Connection::open_with_flags_and_vfs(path, flags, name)?,
        None => Connection::open_with_flags(path, flags)?,
    };
    conn.busy_timeout(std::time::Duration::ZERO)?;
    conn.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE; PRAGMA page_size = 16384; PRAGMA cache_size = -4000; \
         PRAGMA temp_store = MEMORY; PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; \
         PRAGMA foreign_keys = OFF;",
    )?;
    let mode: String = conn.query_row("PRAGMA journal_mode = WAL", [], |row| row.get(0))?;
    if mode != "wal" {
        conn.query_row("PRAGMA journal_mode = TRUNCATE", [], |row| {
            row.get::<_, String>(0)
        })?;
    }
    conn.execute_batch("PRAGMA synchronous = FULL; BEGIN EXCLUSIVE; COMMIT;")?;
    conn.set_prepared_statement_cache_capacity(256);
    make_or_check(&conn)?;
    Ok(conn)
}

fn make_or_check(conn: &Connection) -> Result<(), StoreFault> {
    let tables: i64 = conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let application: i64 = conn.query_row("PRAGMA application_id", [], |row| row.get(0))?;
    let version: i64 = conn.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if tables == 0 && application == 0 && version == 0 {
        return make(conn);
    }
    if application != APPLICATION {
        return Err(StoreFault::NotABook);
    }
    if version > VERSION {
        return Err(StoreFault::Newer {
            found: version,
            known: VERSION,
        });
    }
    if version != VERSION {
        return Err(Damage::new(
            "database",
            "",
            format!("schema version {version} was never used"),
        )
        .into());
    }
    for (name, sql) in TABLES {
        check_statement(conn, name, sql)?;
    }
    Ok(())
}

/// All in one transaction: a process that dies here leaves an empty file.
fn make(conn: &Connection) -> Result<(), StoreFault> {
    let whole = conn.unchecked_transaction()?;
    for (_, sql) in TABLES {
        whole.execute_batch(sql)?;
    }
    Seals::default().write(&whole)?;
    whole.execute_batch(&format!(
        "PRAGMA application_id = {APPLICATION}; PRAGMA user_version = {VERSION};"
    ))?;
    whole.commit()?;
    Ok(())
}

/// The statement that SQLite keeps for a table must be the one that made it: a changed letter there changes what its
/// columns mean.
pub(crate) fn check_statement(conn: &Connection, name: &str, sql: &str) -> Result<(), StoreFault> {
    let found = conn.query_row(
        "SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?1",
        [name],
        |row| row.get::<_, Option<String>>(0),
    );
    match found {
        Ok(Some(found)) if found == sql => Ok(()),
        Ok(_) => Err(Damage::new(
            "sqlite_schema",
            name,
            "the table's statement is not the one that made it",
        )
        .into()),
        Err(rusqlite::Error::QueryReturnedNoRows) => {
            Err(Damage::new("sqlite_schema", name, "the table is missing").into())
        }
        Err(fault) => Err(fault.into()),
    }
}
