//! Entries into the order: looked up, judged, placed and stored under the writer's lock.

use super::{Done, Outcome};
use crate::book::{BookCell, Ordered, stored_tip};
use crate::storage::author_number;
use crate::{Fault, problem, proofs};
use daybook_log::wire::{Answer, Problem};
use daybook_log::{AuthorId, Body, OrderedEntry, VerifiedEntry};
use rusqlite::{Connection, OptionalExtension};
use std::cell::RefCell;
use std::sync::Arc;

/// Entries of one request, each verified already or with the reason why not.
#[derive(Debug)]
pub(crate) struct AppendTask {
    pub(crate) cell: Arc<BookCell>,
    pub(crate) entries: Vec<Result<VerifiedEntry, Box<Problem>>>,
}

impl AppendTask {
    pub(super) fn bytes(&self) -> usize {
        self.entries
            .iter()
            .flatten()
            .map(|entry| entry.bytes().len())
            .sum()
    }
}

pub(super) fn run(
    connection: &Connection,
    task: AppendTask,
    now_ms: i64,
) -> Result<Outcome, Fault> {
    let AppendTask { cell, entries } = task;
    let mut ordered = super::ordered(&cell);
    let mut answers = Vec::with_capacity(entries.len());
    for entry in entries {
        answers.push(match entry {
            Ok(entry) => one(connection, cell.number, &mut ordered, entry, now_ms)?,
            Err(problem) => Answer::Rejected(*problem),
        });
    }
    Ok(Ok(Done::Appended(answers)))
}

/// One entry. It is looked up by id under the lock, so that a repeat gives the old record for ever, whoever was faster.
fn one(
    connection: &Connection,
    book: i64,
    ordered: &mut Ordered,
    entry: VerifiedEntry,
    now_ms: i64,
) -> Result<Answer, Fault> {
    let mut find = connection.prepare_cached("SELECT record FROM entry WHERE book=? AND id=?")?;
    if let Some(record) = find
        .query_row((book, &entry.id().0), |row| row.get(0))
        .optional()?
    {
        return Ok(Answer::Placed {
            record,
            duplicate: true,
        });
    }
    let record = ordered.log.next_record(&entry, now_ms);
    let fault = RefCell::new(None);
    let placed = ordered.log.place(&record, entry, &|at| {
        stored_tip(connection, book, at, &fault)
    });
    if let Some(fault) = fault.take() {
        return Err(fault);
    }
    match placed {
        Err(why) => Ok(Answer::Rejected(*problem::invalid(&why))),
        Ok(placed) => {
            store(connection, book, ordered, &placed)?;
            Ok(Answer::Placed {
                record: record.encode().to_vec(),
                duplicate: false,
            })
        }
    }
}

fn store(
    connection: &Connection,
    book: i64,
    ordered: &mut Ordered,
    placed: &OrderedEntry,
) -> Result<(), Fault> {
    let author = number(connection, book, ordered, &placed.entry.header().author)?;
    insert(connection, book, author, placed)?;
    let record = placed.record.encode();
    proofs::append(connection, book, &mut ordered.tree, &record)?;
    match placed.entry.body() {
        Body::KeyAdd(payload) => {
            ordered.registry_changed = true;
            super::lesser::admit(connection, book, &payload.request_key)?;
        }
        Body::KeyRotate(_) | Body::KeyRevoke(_) | Body::Evidence(_) => {
            ordered.registry_changed = true;
        }
        _ => {}
    }
    Ok(())
}

fn number(
    connection: &Connection,
    book: i64,
    ordered: &mut Ordered,
    author: &AuthorId,
) -> Result<i64, Fault> {
    if let Some(number) = ordered.authors.get(author) {
        return Ok(*number);
    }
    let number = author_number(connection, book, author)?;
    ordered.authors.insert(*author, number);
    Ok(number)
}

/// The row. Three unique indexes say once more what the judge said: a clash is a fault of ours and ends the process.
pub(super) fn insert(
    connection: &Connection,
    book: i64,
    author: i64,
    placed: &OrderedEntry,
) -> Result<(), Fault> {
    let signed =
        |number: u64| i64::try_from(number).map_err(|_| Fault::damaged(format!("number {number}")));
    let position = signed(placed.position.0)?;
    let seq = signed(placed.entry.header().seq.0)?;
    let mut insert = connection
        .prepare_cached("INSERT INTO entry(book, position, author, seq, id, record, bytes) VALUES(?, ?, ?, ?, ?, ?, ?)")?;
    let (record, bytes) = (placed.record.encode(), placed.entry.bytes());
    insert.execute((
        book,
        position,
        author,
        seq,
        &placed.entry.id().0,
        &record[..],
        bytes,
    ))?;
    Ok(())
}
