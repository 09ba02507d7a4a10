//! What a book's order can be proved with: the tree over its records, and the relay's signature over how far it reaches.
//!
//! The frontier and the newest checkpoint stand in the book's row and change with it in one commit; of the tree, only
//! subtrees of 256 records and more are stored, the rest is a few records to hash.

use crate::Fault;
use crate::storage::unsigned;
use daybook_log::checkpoint::{Checkpoint, Origin, SignedCheckpoint};
use daybook_log::tree::{Frontier, Node, TreeHash, TreeSize};
use daybook_log::{BookId, BookLog, SecretKey};
use rusqlite::{Connection, OptionalExtension};

/// Complete subtrees are stored from this level on: 2^8 records.
const STORED_LEVEL: u8 = 8;

/// Signs how far an order reaches. It leaves this process only after the commit that holds all of it, so that no root is
/// ever shown at a size that could come to hold another one.
pub(crate) fn sign(
    key: &SecretKey,
    log: &BookLog,
    tree: &Frontier,
) -> Result<SignedCheckpoint, Fault> {
    if tree.size() != TreeSize(log.position().0) {
        return Err(Fault::damaged(format!(
            "book {}: {} leaves for {} positions",
            log.book(),
            tree.size(),
            log.position()
        )));
    }
    SignedCheckpoint::sign(Checkpoint::of(origin(log), tree), key).map_err(Fault::damaged)
}

fn origin(log: &BookLog) -> Origin {
    Origin {
        book: log.book(),
        epoch: log.epoch(),
    }
}

/// Puts the next record under the tree, and its new large subtrees into the database.
pub(crate) fn append(
    connection: &Connection,
    book: i64,
    tree: &mut Frontier,
    record: &[u8],
) -> Result<(), Fault> {
    for (node, hash) in tree.append(TreeHash::leaf(record)) {
        if node.level >= STORED_LEVEL {
            connection
                .prepare_cached("INSERT INTO node(book, level, nth, hash) VALUES(?, ?, ?, ?)")?
                .execute((book, node.level, signed(node.index)?, &hash.0))?;
        }
    }
    Ok(())
}

/// Writes a book's head: position, tip, frontier and checkpoint.
pub(crate) fn store_head(
    connection: &Connection,
    book: i64,
    log: &BookLog,
    tree: &Frontier,
    key: &SecretKey,
) -> Result<(), Fault> {
    let note = sign(key, log, tree)?.bytes();
    connection
        .prepare_cached(
            "UPDATE book SET position=?, tip=?, frontier=?, checkpoint=? WHERE number=?",
        )?
        .execute((
            signed(log.position().0)?,
            &log.tip().0,
            tree.encode(),
            note,
            book,
        ))?;
    Ok(())
}

/// The newest signed checkpoint, as a note.
pub(crate) fn stored_checkpoint(connection: &Connection, book: i64) -> Result<Vec<u8>, Fault> {
    Ok(connection
        .prepare_cached("SELECT checkpoint FROM book WHERE number=?")?
        .query_row([book], |row| row.get(0))?)
}

/// A book's row is there for the tree that its records give.
pub(crate) fn check_frontier(
    connection: &Connection,
    book: i64,
    id: &BookId,
    tree: &Frontier,
) -> Result<(), Fault> {
    let stored: Vec<u8> = connection
        .prepare_cached("SELECT frontier FROM book WHERE number=?")?
        .query_row([book], |row| row.get(0))?;
    if stored == tree.encode() {
        Ok(())
    } else {
        Err(Fault::damaged(format!(
            "book {id}: its row holds another tree than its records give"
        )))
    }
}

/// The hash of a complete subtree: stored, or from the records below it.
pub(crate) fn node(connection: &Connection, book: i64, node: Node) -> Result<TreeHash, Fault> {
    if node.level < STORED_LEVEL {
        return hashed(connection, book, node);
    }
    let found = connection
        .prepare_cached("SELECT hash FROM node WHERE book=? AND level=? AND nth=?")?
        .query_row((book, node.level, signed(node.index)?), |row| row.get(0))
        .optional()?;
    found
        .map(TreeHash)
        .ok_or_else(|| Fault::damaged(format!("node {} of level {}", node.index, node.level)))
}

fn hashed(connection: &Connection, book: i64, node: Node) -> Result<TreeHash, Fault> {
    let (first, count) = (node.index << node.level, 1_u64 << node.level);
    let mut statement = connection.prepare_cached(
        "SELECT record FROM entry WHERE book=? AND position>? AND position<=? ORDER BY position",
    )?;
    let mut rows = statement.query((book, signed(first)?, signed(first + count)?))?;
    let mut tree = Frontier::new();
    while let Some(row) = rows.next()? {
        tree.append(TreeHash::leaf(
            row.get_ref(0)?.as_blob().unwrap_or_default(),
        ));
    }
    if tree.size() == TreeSize(count) {
        Ok(tree.root())
    } else {
        Err(Fault::damaged(format!("records behind position {first}")))
    }
}

/// How many large subtrees a tree of this size has.
fn large(size: u64) -> u64 {
    let mut full = size >> STORED_LEVEL;
    let mut all = 0;
    while full > 0 {
        all += full;
        full >>= 1;
    }
    all
}

/// Every stored subtree is the one that the records give, and none is missing or too many.
pub(crate) fn check_nodes(connection: &Connection, book: i64, size: u64) -> Result<(), Fault> {
    let mut statement =
        connection.prepare("SELECT level, nth, hash FROM node WHERE book=? ORDER BY level, nth")?;
    let mut rows = statement.query([book])?;
    let mut count = 0;
    while let Some(row) = rows.next()? {
        let (level, index) = (row.get::<_, u8>(0)?, unsigned(row.get(1)?)?);
        let below = |index| {
            let level = level.wrapping_sub(1);
            match level {
                0..STORED_LEVEL => hashed(connection, book, Node { level, index }),
                _ => node(connection, book, Node { level, index }),
            }
        };
        let right = TreeHash::node(&below(index * 2)?, &below(index * 2 + 1)?);
        if row.get::<_, [u8; 32]>(2)? != right.0 {
            return Err(Fault::damaged(format!("node {index} of level {level}")));
        }
        count += 1;
    }
    if count == large(size) {
        Ok(())
    } else {
        Err(Fault::damaged(format!(
            "{count} stored subtrees for {size} records"
        )))
    }
}

fn signed(number: u64) -> Result<i64, Fault> {
    i64::try_from(number).map_err(|_| Fault::damaged(format!("number {number}")))
}
