//! A new book: code, genesis, chunks and founding entry in one commit. The first genesis for a code wins.

use super::{Done, Outcome};
use crate::storage::{author_number, bytes32, code_seal};
use crate::{Fault, No, codes, problem, proofs};
use daybook_log::tree::Frontier;
use daybook_log::wire::Created;
use daybook_log::{BookId, BookLog, ChunkId, SecretKey, VerifiedEntry};
use rusqlite::{Connection, OptionalExtension};

/// A book that can be founded; only its code is still to be judged.
#[derive(Debug)]
pub(crate) struct FoundTask {
    pub(crate) code: String,
    pub(crate) genesis: Vec<u8>,
    pub(crate) log: BookLog,
    pub(crate) founding: VerifiedEntry,
    pub(crate) chunks: Vec<(ChunkId, Vec<u8>)>,
}

impl FoundTask {
    pub(super) fn bytes(&self) -> usize {
        let chunks: usize = self.chunks.iter().map(|(_, bytes)| bytes.len()).sum();
        chunks
            .saturating_add(self.genesis.len())
            .saturating_add(self.founding.bytes().len())
    }
}

pub(super) fn run(
    connection: &Connection,
    task: FoundTask,
    now_ms: i64,
    key: &SecretKey,
) -> Result<Outcome, Fault> {
    let book = task.log.book();
    let codes = stored_codes(connection)?;
    let Some(code) = codes::find(&task.code, &codes) else {
        return Ok(Err(No::SetupCodeUnknown.because("")));
    };
    if code.broken {
        return Ok(Err(No::Damaged.because("the set-up code's row")));
    }
    if let Some(other) = code.book.filter(|other| *other != book) {
        let mut problem = No::SetupCodeUsed.because("");
        problem.book = Some(other);
        return Ok(Err(problem));
    }
    // The same genesis again, after an answer that was lost: the same answer again.
    if let Some(record) = first_record(connection, &book)? {
        return Ok(Ok(Done::Founded(Created { book, record })));
    }
    let hash = codes::hash(&task.code);
    let seal = code_seal(&hash, code.made_at_ms, Some(&book));
    let sets = connection
        .prepare_cached("UPDATE setup_code SET book=?, seal=? WHERE hash=? AND book IS NULL")?
        .execute((&book.0, &seal, &hash))?;
    if sets != 1 {
        return Ok(Err(
            No::Damaged.because("the set-up code names a book that is not there")
        ));
    }
    store(connection, task, now_ms, key)
}

fn store(
    connection: &Connection,
    task: FoundTask,
    now_ms: i64,
    key: &SecretKey,
) -> Result<Outcome, Fault> {
    let FoundTask {
        genesis,
        mut log,
        founding,
        chunks,
        ..
    } = task;
    let book = log.book();
    let record = log.next_record(&founding, now_ms);
    // Position 1 has seen nothing but position 0, so no tip is ever asked for.
    let placed = match log.place(&record, founding, &|_| None) {
        Ok(placed) => placed,
        // Checked before on an equal log.
        Err(why) => return Err(Fault::damaged(problem::invalid(&why).detail)),
    };
    connection
        .prepare_cached("INSERT INTO book(id, genesis, position, tip, frontier, checkpoint) VALUES(?, ?, 0, x'', x'', x'')")?
        .execute((&book.0, &genesis))?;
    let number = connection.last_insert_rowid();
    let mut tree = Frontier::new();
    proofs::append(connection, number, &mut tree, &record.encode())?;
    proofs::store_head(connection, number, &log, &tree, key)?;
    for (id, bytes) in &chunks {
        super::lesser::insert_chunk(connection, number, id, bytes)?;
    }
    let author = author_number(connection, number, &placed.entry.header().author)?;
    super::append::insert(connection, number, author, &placed)?;
    Ok(Ok(Done::Founded(Created {
        book,
        record: record.encode().to_vec(),
    })))
}

#[derive(Debug)]
struct Code {
    made_at_ms: i64,
    book: Option<BookId>,
    /// Its row is not as it was written.
    broken: bool,
}

fn stored_codes(connection: &Connection) -> Result<Vec<([u8; 32], Code)>, Fault> {
    let mut statement =
        connection.prepare_cached("SELECT hash, made_at_ms, book, seal FROM setup_code")?;
    let rows = statement.query_map([], |row| {
        let (hash, made_at_ms) = (bytes32(row, 0)?, row.get(1)?);
        let book = row.get::<_, Option<[u8; 32]>>(2)?.map(BookId);
        let broken = bytes32(row, 3)? != code_seal(&hash, made_at_ms, book.as_ref());
        Ok((
            hash,
            Code {
                made_at_ms,
                book,
                broken,
            },
        ))
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn first_record(connection: &Connection, book: &BookId) -> Result<Option<Vec<u8>>, Fault> {
    let mut statement = connection
        .prepare_cached("SELECT record FROM entry JOIN book ON entry.book=book.number WHERE book.id=? AND entry.position=1")?;
    Ok(statement
        .query_row([&book.0], |row| row.get(0))
        .optional()?)
}

/// Stores a code by its hash; one that is there stays as it is.
pub(crate) fn add_code(connection: &Connection, code: &str, now_ms: i64) -> Result<(), Fault> {
    let hash = codes::hash(code);
    connection
        .prepare_cached("INSERT OR IGNORE INTO setup_code(hash, made_at_ms, seal) VALUES(?, ?, ?)")?
        .execute((&hash, now_ms, &code_seal(&hash, now_ms, None)))?;
    Ok(())
}

/// Whether any code was ever given.
pub(crate) fn has_codes(connection: &Connection) -> Result<bool, Fault> {
    Ok(
        connection.query_row("SELECT EXISTS(SELECT 1 FROM setup_code)", [], |row| {
            row.get(0)
        })?,
    )
}
