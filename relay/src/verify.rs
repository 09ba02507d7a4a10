//! Everything stored, hashed and verified again: by the database's own checks, by the log's rules with every signature,
//! by the ids of chunks and requests, and by the seals of what no hash covers.

use crate::storage::{bytes32, code_seal, for_verify, join_seal, schema_is_ours, unsigned};
use crate::{Fault, key, proofs};
use daybook_log::checkpoint::{RelayKey, SignedCheckpoint};
use daybook_log::control::chunk_id;
use daybook_log::tree::{Frontier, TreeHash};
use daybook_log::wire::{JoinRequest, WireBody};
use daybook_log::{
    Body, BookId, BookLog, ChunkId, Entry, Genesis, OrderRecord, Position, PublicKey, Tips,
};
use rusqlite::Connection;
use std::fmt;
use std::path::Path;

/// One damaged place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Table, book and position, or file.
    pub place: String,
    /// What is wrong there.
    pub what: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// What was looked at and what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Books.
    pub books: u64,
    /// Entries of all books.
    pub entries: u64,
    /// Chunks of all books.
    pub chunks: u64,
    /// Empty where all is well.
    pub findings: Vec<Finding>,
}

impl Report {
    fn find(&mut self, place: impl fmt::Display, what: impl fmt::Display) {
        self.findings.push(Finding {
            place: place.to_string(),
            what: what.to_string(),
        });
    }

    /// A reading that failed is itself a finding; the others go on.
    fn part(&mut self, place: &str, done: Result<(), Fault>) {
        if let Err(fault) = done {
            self.find(place, fault);
        }
    }
}

/// Checks a data directory, in use or not, and changes nothing. Fails only where there is nothing to check.
pub fn verify(data: &Path) -> Result<Report, Fault> {
    let mut report = Report::default();
    let relay_key = key::read(data)
        .map_err(|fault| report.find(key::FILE, fault))
        .ok()
        .map(|key| key.public());
    let connection = match for_verify(data) {
        Ok(connection) => connection,
        Err(fault @ (Fault::Sqlite(_) | Fault::Damaged(_))) => {
            report.find("database", fault);
            return Ok(report);
        }
        Err(fault) => return Err(fault),
    };
    let done = structure(&connection, &mut report);
    report.part("database", done);
    let done = books(&connection, relay_key.as_ref(), &mut report);
    report.part("book", done);
    let done = strays(&connection, &mut report);
    report.part("database", done);
    let done = codes(&connection, &mut report);
    report.part("setup_code", done);
    let done = joins(&connection, &mut report);
    report.part("join_request", done);
    Ok(report)
}

/// Trees, indexes and their agreement.
fn structure(connection: &Connection, report: &mut Report) -> Result<(), Fault> {
    if !schema_is_ours(connection)? {
        report.find("database", "its tables are not the ones that were made");
    }
    let mut statement = connection.prepare("PRAGMA integrity_check(16)")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let said: String = row.get(0)?;
        if said != "ok" {
            report.find("database", said);
        }
    }
    Ok(())
}

fn books(
    connection: &Connection,
    relay_key: Option<&PublicKey>,
    report: &mut Report,
) -> Result<(), Fault> {
    let mut statement = connection
        .prepare("SELECT number, id, genesis, position, tip FROM book ORDER BY number")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        report.books += 1;
        let (number, id) = (row.get::<_, i64>(0)?, BookId(bytes32(row, 1)?));
        let place = format!("book {id}");
        let genesis = match Genesis::decode(&row.get::<_, Vec<u8>>(2)?) {
            Ok(genesis) if genesis.book_id() == id => genesis,
            _ => {
                report.find(&place, "its genesis does not give its id");
                continue;
            }
        };
        if relay_key.is_some_and(|key| *key != genesis.relay_key) {
            report.find(key::FILE, format!("not the key that {place} names"));
        }
        let done = chunks(connection, number, report);
        report.part(&place, done);
        match entries(connection, number, &genesis, report) {
            Ok(Some((log, tree))) => {
                let done = heads(connection, number, &genesis, (&log, &tree));
                report.part(&place, done);
                if (unsigned(row.get(3)?)?, bytes32(row, 4)?) != (log.position().0, log.tip().0) {
                    report.find(&place, "its row names another head than its entries give");
                }
            }
            Ok(None) => {}
            Err(fault) => report.find(&place, fault),
        }
    }
    Ok(())
}

/// Walks one book's order to its end or to the first damage; behind that nothing can be said.
fn entries(
    connection: &Connection,
    number: i64,
    genesis: &Genesis,
    report: &mut Report,
) -> Result<Option<(BookLog, Frontier)>, Fault> {
    let mut log = BookLog::found(genesis).map_err(Fault::damaged)?;
    let mut tips = Tips::new(log.book());
    let mut tree = Frontier::new();
    let mut statement = connection.prepare(
        "SELECT entry.position, author.id, entry.seq, entry.id, entry.record, entry.bytes \
         FROM entry LEFT JOIN author ON author.number=entry.author AND author.book=entry.book WHERE entry.book=? ORDER BY entry.position",
    )?;
    let mut rows = statement.query([number])?;
    while let Some(row) = rows.next()? {
        let place = format!(
            "book {} position {}",
            log.book(),
            Position(log.position().0 + 1)
        );
        match next(&mut log, &tips, connection, row) {
            Ok(record) => {
                tips.push(log.tip());
                tree.append(TreeHash::leaf(&record));
            }
            Err(Fault::Damaged(what)) => {
                report.find(place, what);
                return Ok(None);
            }
            Err(other) => {
                report.find(place, other);
                return Ok(None);
            }
        }
        report.entries += 1;
    }
    Ok(Some((log, tree)))
}

fn next(
    log: &mut BookLog,
    tips: &Tips,
    connection: &Connection,
    row: &rusqlite::Row<'_>,
) -> Result<Vec<u8>, Fault> {
    let bytes: Vec<u8> = row.get(4)?;
    let record =
        OrderRecord::decode(&bytes).map_err(|why| Fault::damaged(format!("record {why}")))?;
    let entry =
        Entry::from_vec(row.get(5)?).map_err(|why| Fault::damaged(format!("entry {why}")))?;
    let columns = (
        unsigned(row.get(0)?)?,
        bytes32(row, 1)?,
        unsigned(row.get(2)?)?,
        bytes32(row, 3)?,
    );
    let header = *entry.header();
    if columns
        != (
            record.position.0,
            header.author.0,
            header.seq.0,
            entry.id().0,
        )
    {
        return Err(Fault::damaged("its columns are not what its bytes say"));
    }
    let tip_at = |at| tips.at(at);
    let key = log.check(&entry, &tip_at).map_err(Fault::damaged)?;
    let entry = entry.verify(&key).map_err(Fault::damaged)?;
    if let Body::Manifest(adoption) = entry.body() {
        let number: i64 = connection.query_row(
            "SELECT number FROM book WHERE id=?",
            [&header.book.0],
            |row| row.get(0),
        )?;
        let mut find =
            connection.prepare_cached("SELECT bytes FROM chunk WHERE book=? AND id=?")?;
        let chunks = adoption
            .chunks
            .iter()
            .map(|id| find.query_row((number, &id.0), |row| row.get(0)));
        let chunks = chunks.collect::<Result<Vec<Vec<u8>>, _>>()?;
        adoption.assemble(&chunks).map_err(Fault::damaged)?;
    }
    log.place(&record, entry, &tip_at).map_err(Fault::damaged)?;
    Ok(bytes)
}

/// What is signed and what is stored of the tree is what the records give.
fn heads(
    connection: &Connection,
    number: i64,
    genesis: &Genesis,
    (log, tree): (&BookLog, &Frontier),
) -> Result<(), Fault> {
    proofs::check_frontier(connection, number, &log.book(), tree)?;
    proofs::check_nodes(connection, number, log.position().0)?;
    let relay = RelayKey::first(genesis).map_err(Fault::damaged)?;
    let note = proofs::stored_checkpoint(connection, number)?;
    let signed = SignedCheckpoint::open(&note, &relay)
        .map_err(|why| Fault::damaged(format!("checkpoint: {why}")))?;
    let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
    // What was signed must be the note's only form, or a changed byte in a line nobody reads would stay unseen.
    if (size, root) == (tree.size(), tree.root()) && signed.bytes() == note {
        Ok(())
    } else {
        Err(Fault::damaged("the checkpoint is not of these records"))
    }
}

fn chunks(connection: &Connection, number: i64, report: &mut Report) -> Result<(), Fault> {
    let mut statement = connection.prepare("SELECT id, bytes FROM chunk WHERE book=?")?;
    let mut rows = statement.query([number])?;
    while let Some(row) = rows.next()? {
        report.chunks += 1;
        let id = ChunkId(bytes32(row, 0)?);
        if chunk_id(row.get_ref(1)?.as_blob().unwrap_or_default()) != id {
            report.find(format!("chunk {id}"), "its bytes do not give its id");
        }
    }
    Ok(())
}

/// Rows that belong to no book would be seen by nobody.
fn strays(connection: &Connection, report: &mut Report) -> Result<(), Fault> {
    for table in ["author", "entry", "node", "chunk", "join_request"] {
        let sql =
            format!("SELECT count(*) FROM {table} WHERE book NOT IN (SELECT number FROM book)");
        let strays: i64 = connection.query_row(&sql, [], |row| row.get(0))?;
        if strays > 0 {
            report.find(table, format!("{strays} rows of no book"));
        }
    }
    let idle: i64 = connection.query_row(
        "SELECT count(*) FROM author WHERE number NOT IN (SELECT author FROM entry)",
        [],
        |row| row.get(0),
    )?;
    if idle > 0 {
        report.find("author", format!("{idle} rows without an entry"));
    }
    Ok(())
}

fn codes(connection: &Connection, report: &mut Report) -> Result<(), Fault> {
    let mut statement =
        connection.prepare("SELECT hash, made_at_ms, book, seal FROM setup_code")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let book = row.get::<_, Option<[u8; 32]>>(2)?.map(BookId);
        if bytes32(row, 3)? != code_seal(&bytes32(row, 0)?, row.get(1)?, book.as_ref()) {
            report.find("setup_code", "a row's seal is broken");
        }
    }
    Ok(())
}

fn joins(connection: &Connection, report: &mut Report) -> Result<(), Fault> {
    let mut statement =
        connection.prepare("SELECT j.book, j.id, request_key, bytes, asked_at_ms, admitted, seal, book.id FROM join_request j JOIN book ON book.number=j.book")?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        let (number, id, bytes) = (
            row.get::<_, i64>(0)?,
            bytes32(row, 1)?,
            row.get::<_, Vec<u8>>(3)?,
        );
        let book = BookId(bytes32(row, 7)?);
        let request = JoinRequest::from_wire(&bytes);
        let sound = request.is_ok_and(|request| {
            request.id(&book).0 == id && Ok(request.request_key.0) == bytes32(row, 2)
        }) && row
            .get::<_, i64>(5)
            .is_ok_and(|admitted| matches!(admitted, 0 | 1))
            && bytes32(row, 6)? == join_seal(number, &bytes, row.get(4)?, row.get(5)?);
        if !sound {
            report.find(
                format!("join_request of book {book}"),
                "a row's seal or id is broken",
            );
        }
    }
    Ok(())
}
