//! Read-only SQL for reports: one `SELECT`, over the typed tables, within limits.
//!
//! Keys and kernel rows are not shown to it, so no query prints a secret and no report comes to depend on row bytes.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rusqlite::Connection;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::types::ValueRef;

use crate::fault::{StoreFault, code};

/// Most rows of an answer.
pub const ROWS_MAX: usize = 100_000;
/// Most bytes of an answer.
pub const BYTES_MAX: usize = 64 * 1024 * 1024;
/// Most steps of SQLite's virtual machine, in thousands: some ten seconds.
pub const KILOSTEPS_MAX: u64 = 1_000_000;
/// Most bytes of a query.
pub const TEXT_MAX: usize = 64 * 1024;

/// The answer to a query.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// Names of the columns.
    pub columns: Vec<String>,
    /// Rows of as many cells.
    pub rows: Vec<Vec<Cell>>,
}

/// One value of an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    /// No value.
    Null,
    /// A number. Money is in minor units.
    Integer(i64),
    /// A number that SQL computed (`avg`, `/`); never stored in a book.
    Real(f64),
    /// Text, dates, names of enum values.
    Text(String),
    /// Ids.
    Blob(Vec<u8>),
}

/// Tables that a report may read are those that are not listed here.
const HIDDEN: [&str; 6] = ["identity", "meta", "ast", "outbox", "row", "seal"];

pub(crate) fn query(conn: &mut Connection, sql: &str) -> Result<Answer, StoreFault> {
    if sql.len() > TEXT_MAX {
        return Err(StoreFault::Limit("length of the query"));
    }
    let steps = Arc::new(AtomicU64::new(0));
    let counter = Arc::clone(&steps);
    conn.authorizer(Some(allow))?;
    conn.progress_handler(
        1_000,
        Some(move || counter.fetch_add(1, Ordering::Relaxed) >= KILOSTEPS_MAX),
    )?;
    let answer = run(conn, sql);
    conn.progress_handler(0, None::<fn() -> bool>)?;
    conn.authorizer(None::<fn(AuthContext<'_>) -> Authorization>)?;
    match steps.load(Ordering::Relaxed) > KILOSTEPS_MAX {
        true => Err(StoreFault::Limit("steps")),
        false => answer,
    }
}

fn allow(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Recursive => Authorization::Allow,
        AuthAction::Read { table_name, .. }
            if !HIDDEN.iter().any(|it| it.eq_ignore_ascii_case(table_name)) =>
        {
            Authorization::Allow
        }
        AuthAction::Function { function_name }
            if !function_name.eq_ignore_ascii_case("load_extension") =>
        {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

fn run(conn: &Connection, sql: &str) -> Result<Answer, StoreFault> {
    let refuse = |fault: rusqlite::Error| match code(&fault) {
        Some(rusqlite::ErrorCode::DatabaseCorrupt) => StoreFault::from(fault),
        _ => StoreFault::Query(fault.to_string()),
    };
    let mut statement = conn.prepare(sql).map_err(refuse)?;
    if !statement.readonly() || statement.column_count() == 0 {
        return Err(StoreFault::Query(
            "only a query that reads is allowed".into(),
        ));
    }
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let width = columns.len();
    let mut answer = Answer {
        columns,
        rows: Vec::new(),
    };
    let mut bytes = 0_usize;
    let mut rows = statement.query([]).map_err(refuse)?;
    while let Some(row) = rows.next().map_err(refuse)? {
        let mut cells = Vec::with_capacity(width);
        for nth in 0..width {
            let cell = cell(row.get_ref(nth).map_err(refuse)?);
            bytes = bytes.saturating_add(16).saturating_add(size(&cell));
            cells.push(cell);
        }
        answer.rows.push(cells);
        if answer.rows.len() > ROWS_MAX {
            return Err(StoreFault::Limit("number of rows"));
        }
        if bytes > BYTES_MAX {
            return Err(StoreFault::Limit("bytes of the answer"));
        }
    }
    Ok(answer)
}

pub(crate) fn cell(value: ValueRef<'_>) -> Cell {
    match value {
        ValueRef::Null => Cell::Null,
        ValueRef::Integer(number) => Cell::Integer(number),
        ValueRef::Real(number) => Cell::Real(number),
        ValueRef::Text(text) => Cell::Text(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Cell::Blob(bytes.to_vec()),
    }
}

fn size(cell: &Cell) -> usize {
    match cell {
        Cell::Text(text) => text.len(),
        Cell::Blob(bytes) => bytes.len(),
        Cell::Null | Cell::Integer(_) | Cell::Real(_) => 8,
    }
}

impl std::fmt::Display for Cell {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Null => Ok(()),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Real(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
            Self::Blob(bytes) => bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}")),
        }
    }
}
