//! Chunks: bytes beside the log, named by their hash, never changed and never deleted.

use super::NO_BODY;
use crate::app::{App, Incoming};
use crate::body::{Answered, whole};
use crate::book::BookCell;
use crate::writer::{ChunkTask, Task};
use crate::{Fault, No};
use daybook_log::control::chunk_id;
use daybook_log::limits::CHUNK_BYTES_MAX;
use daybook_log::wire::Problem;
use daybook_log::{Adoption, BookId, ChunkId};
use hyper::StatusCode;
use hyper::header::{CACHE_CONTROL, HeaderValue};
use hyper::http::request::Parts;
use rusqlite::{Connection, OptionalExtension};

/// `PUT /v1/books/{b}/chunks/{id}`
pub(crate) async fn put_chunk<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    named: (&BookId, &ChunkId),
) -> Answered {
    let (book, id) = (named.0, *named.1);
    let visit = app.member(parts, body, book, CHUNK_BYTES_MAX).await?;
    let bytes = visit.inbox.bytes.to_vec();
    if bytes.is_empty() || chunk_id(&bytes) != id {
        return Err(No::Malformed.because("the bytes are not those that the id names"));
    }
    app.queue
        .carry_out(Task::Chunk(ChunkTask {
            cell: visit.cell,
            id,
            bytes,
        }))
        .await?;
    Ok(whole(
        StatusCode::NO_CONTENT,
        "application/octet-stream",
        "",
    ))
}

/// `GET /v1/books/{b}/chunks/{id}`
pub(crate) async fn chunk<B: Incoming>(
    app: &App,
    parts: &Parts,
    body: B,
    named: (&BookId, &ChunkId),
) -> Answered {
    let (book, id) = (named.0, *named.1);
    let number = app.member(parts, body, book, NO_BODY).await?.cell.number;
    let found = app
        .readers
        .read(move |connection| stored(connection, number, &id))
        .await?;
    let bytes = found.ok_or_else(|| No::NotFound.because(""))?;
    let mut answer = whole(StatusCode::OK, "application/octet-stream", bytes);
    answer.headers_mut().insert(
        CACHE_CONTROL,
        HeaderValue::from_static("private, max-age=31536000, immutable"),
    );
    Ok(answer)
}

fn stored(connection: &Connection, book: i64, id: &ChunkId) -> Result<Option<Vec<u8>>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT bytes FROM chunk WHERE book=? AND id=?")?;
    Ok(statement
        .query_row((book, &id.0), |row| row.get(0))
        .optional()?)
}

/// An adoption is taken only with all its chunks, which together are what it names: else clients would halt on it. As no
/// chunk is ever deleted, this holds for ever once it holds.
pub(super) async fn check_adoption(
    app: &App,
    cell: &BookCell,
    adoption: Adoption,
) -> Result<(), Box<Problem>> {
    let number = cell.number;
    let judged = app.readers.read(move |connection| {
        let mut chunks = Vec::new();
        for id in &adoption.chunks {
            match stored(connection, number, id)? {
                Some(bytes) => chunks.push(bytes),
                None => return Ok(Err(No::ChunksMissing.because(id))),
            }
        }
        Ok(adoption
            .assemble(&chunks)
            .map(drop)
            .map_err(|why| No::BadEntry.because(why)))
    });
    judged.await?
}
