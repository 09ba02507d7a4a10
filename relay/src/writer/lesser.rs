//! What is stored beside the order: requests to join, and chunks.

use super::{Done, Outcome};
use crate::book::BookCell;
use crate::limits::{BOOK_CHUNK_BYTES_MAX, JOIN_PATIENCE_MS, JOIN_WAITING_MAX};
use crate::storage::join_seal;
use crate::{Fault, No};
use daybook_log::wire::{JoinId, JoinRequest, WireBody};
use daybook_log::{ChunkId, PublicKey};
use rusqlite::Connection;
use std::sync::Arc;

/// A device that asks to be let in; its proofs hold.
#[derive(Debug)]
pub(crate) struct JoinTask {
    pub(crate) cell: Arc<BookCell>,
    pub(crate) id: JoinId,
    pub(crate) request: JoinRequest,
}

/// A chunk whose bytes give its id.
#[derive(Debug)]
pub(crate) struct ChunkTask {
    pub(crate) cell: Arc<BookCell>,
    pub(crate) id: ChunkId,
    pub(crate) bytes: Vec<u8>,
}

pub(super) fn join(
    connection: &Connection,
    task: &JoinTask,
    now_ms: i64,
) -> Result<Outcome, Fault> {
    let book = task.cell.number;
    let known: bool = connection
        .prepare_cached("SELECT EXISTS(SELECT 1 FROM join_request WHERE book=? AND id=?)")?
        .query_row((book, &task.id.0), |row| row.get(0))?;
    if known {
        return Ok(Ok(Done::Asked));
    }
    connection
        .prepare_cached("DELETE FROM join_request WHERE book=? AND admitted=0 AND asked_at_ms<?")?
        .execute((book, now_ms.saturating_sub(JOIN_PATIENCE_MS)))?;
    let waiting: i64 = connection
        .prepare_cached("SELECT count(*) FROM join_request WHERE book=? AND admitted=0")?
        .query_row([book], |row| row.get(0))?;
    if waiting >= i64::from(JOIN_WAITING_MAX) {
        return Ok(Err(
            No::Rate.because(format!("{waiting} devices wait already"))
        ));
    }
    let bytes = task.request.to_wire();
    let admitted = super::ordered(&task.cell)
        .log
        .member_by_request_key(&task.request.request_key)
        .is_some();
    connection
        .prepare_cached("INSERT INTO join_request(book, id, request_key, bytes, asked_at_ms, admitted, seal) VALUES(?, ?, ?, ?, ?, ?, ?)")?
        .execute((
            book,
            &task.id.0,
            &task.request.request_key.0,
            &bytes,
            now_ms,
            admitted,
            &join_seal(book, &bytes, now_ms, admitted),
        ))?;
    Ok(Ok(Done::Asked))
}

/// Marks what a device asked as granted; in the same commit as the entry that lets it in.
pub(super) fn admit(
    connection: &Connection,
    book: i64,
    request_key: &PublicKey,
) -> Result<(), Fault> {
    let mut find = connection
        .prepare_cached("SELECT id, bytes, asked_at_ms FROM join_request WHERE book=? AND request_key=? AND admitted=0")?;
    let rows = find
        .query_map((book, &request_key.0), |row| {
            Ok((
                row.get::<_, Vec<u8>>(0)?,
                row.get::<_, Vec<u8>>(1)?,
                row.get::<_, i64>(2)?,
            ))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    for (id, bytes, asked_at_ms) in rows {
        connection
            .prepare_cached("UPDATE join_request SET admitted=1, seal=? WHERE book=? AND id=?")?
            .execute((&join_seal(book, &bytes, asked_at_ms, true), book, &id))?;
    }
    Ok(())
}

pub(super) fn chunk(connection: &Connection, task: &ChunkTask) -> Result<Outcome, Fault> {
    let book = task.cell.number;
    let (known, held): (bool, i64) = connection
        .prepare_cached(
            "SELECT EXISTS(SELECT 1 FROM chunk WHERE book=?1 AND id=?2), (SELECT coalesce(sum(max(length(bytes), 4096)), 0) FROM chunk WHERE book=?1)",
        )?
        .query_row((book, &task.id.0), |row| Ok((row.get(0)?, row.get(1)?)))?;
    if known {
        return Ok(Ok(Done::Stored));
    }
    let size = i64::try_from(task.bytes.len()).unwrap_or(i64::MAX);
    if held.saturating_add(size) > BOOK_CHUNK_BYTES_MAX {
        return Ok(Err(No::Full.because(format!(
            "a book may hold {BOOK_CHUNK_BYTES_MAX} bytes of chunks"
        ))));
    }
    insert_chunk(connection, book, &task.id, &task.bytes)?;
    Ok(Ok(Done::Stored))
}

pub(super) fn insert_chunk(
    connection: &Connection,
    book: i64,
    id: &ChunkId,
    bytes: &[u8],
) -> Result<(), Fault> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO chunk(book, id, bytes) VALUES(?, ?, ?)")?
        .execute((book, &id.0, bytes))?;
    Ok(())
}
