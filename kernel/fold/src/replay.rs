//! A whole book in one file, folded from zero: what a stranger, another engine or an old release can be asked to check.

use crate::{
    book::Book,
    fault::Halt,
    hashes::{BooksHash, StateHash},
    outcome::Outcome,
};
use alloc::{collections::BTreeMap, vec::Vec};
use core::fmt;
use daybook_log::{
    BookLog, Entry, Genesis, OrderRecord, OrderedEntry, Position, Tip, Tips, Unauthentic,
    Unreadable, book_log::Invalid, book_log::Reject,
};
use serde::{Deserialize, Serialize};

/// Everything that the fold of a book needs, in postcard.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bundle<'a> {
    /// Genesis bytes.
    #[serde(borrow)]
    pub genesis: &'a [u8],
    /// Syntax trees of the adopted manifests.
    #[serde(borrow)]
    pub asts: Vec<&'a [u8]>,
    /// Order record and entry, from position 1.
    #[serde(borrow)]
    pub items: Vec<(&'a [u8], &'a [u8])>,
}

impl<'a> Bundle<'a> {
    /// The bundle's bytes.
    pub fn encode(&self) -> Vec<u8> {
        daybook_log::codec::encode(self)
    }

    /// Reads a bundle without copying what it carries.
    ///
    /// # Errors
    /// [`ReplayFault::Bundle`] when the bytes are not one bundle.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, ReplayFault> {
        match postcard::take_from_bytes(bytes) {
            Ok((bundle, [])) => Ok(bundle),
            _ => Err(ReplayFault::Bundle),
        }
    }
}

/// What came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hashes {
    /// Where the book stands.
    pub position: Position,
    /// The order's chain value there.
    pub tip: Tip,
    /// Hash of everything.
    pub state_hash: StateHash,
    /// Hash of what is booked.
    pub books_hash: BooksHash,
    /// Ops in all, adoptions included.
    pub ops: u64,
    /// How many were applied.
    pub applied: u64,
    /// How many were refused.
    pub refused: u64,
}

/// Why a bundle gives no hashes. Everything before the position is good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReplayFault {
    /// The bytes are not one bundle.
    Bundle,
    /// The genesis is unreadable.
    Genesis(Unreadable),
    /// An order record or entry is unreadable.
    Unreadable(Position, Unreadable),
    /// The entry cannot stand there.
    Rejected(Position, Reject),
    /// The signature is not the author's.
    Unauthentic(Position, Unauthentic),
    /// The record does not place the entry there.
    Invalid(Position, Invalid),
    /// This build cannot go on.
    Halt(Position, Halt),
    /// Rows that were stored batch by batch are not the rows in memory: a bug of this build.
    Diverged(Position),
}

impl fmt::Display for ReplayFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bundle => f.write_str("the bytes are not one bundle"),
            Self::Genesis(why) => write!(f, "genesis: {why}"),
            Self::Unreadable(at, why) => write!(f, "position {}: {why}", at.0),
            Self::Rejected(at, why) => write!(f, "position {}: {why}", at.0),
            Self::Unauthentic(at, why) => write!(f, "position {}: {why}", at.0),
            Self::Invalid(at, why) => write!(f, "position {}: {why}", at.0),
            Self::Halt(at, why) => write!(f, "position {}: {why}", at.0),
            Self::Diverged(at) => write!(
                f,
                "position {}: stored rows differ from the rows in memory",
                at.0
            ),
        }
    }
}

impl core::error::Error for ReplayFault {}

/// Verifies, places and folds a bundle from zero, signatures included.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn replay(bytes: &[u8]) -> Result<Hashes, ReplayFault> {
    let bundle = Bundle::decode(bytes)?;
    let mut replay = Replay::new(&bundle)?;
    replay.book.set_tracking(false);
    for (record, entry) in bundle.items {
        let ordered = replay.place(record, entry)?;
        replay.fold(&ordered)?;
    }
    Ok(replay.hashes())
}

/// [`replay`] in batches: `batch` entries are placed, then folded, then their row changes are stored; in the end a book is
/// restored from the stored rows and compared. The hashes must not depend on the size of a batch.
///
/// # Errors
/// The first thing that is wrong, and where.
pub fn replay_batched(bytes: &[u8], batch: u32) -> Result<Hashes, ReplayFault> {
    let bundle = Bundle::decode(bytes)?;
    let mut replay = Replay::new(&bundle)?;
    let mut stored: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let size = usize::try_from(batch.max(1)).unwrap_or(usize::MAX);
    store(&mut stored, &mut replay.book);
    for items in bundle.items.chunks(size) {
        let placed: Result<Vec<_>, _> = items
            .iter()
            .map(|(record, entry)| replay.place(record, entry))
            .collect();
        for ordered in placed? {
            replay.fold(&ordered)?;
        }
        store(&mut stored, &mut replay.book);
    }
    let hashes = replay.hashes();
    let at = (hashes.position, hashes.tip);
    let restored = Book::restore(
        replay.book.id(),
        replay.log.genesis().manifest,
        at,
        stored.into_iter(),
    );
    match restored {
        Ok(book)
            if book.state_hash() == hashes.state_hash && book.books_hash() == hashes.books_hash =>
        {
            Ok(hashes)
        }
        _ => Err(ReplayFault::Diverged(hashes.position)),
    }
}

fn store(stored: &mut BTreeMap<Vec<u8>, Vec<u8>>, book: &mut Book) {
    for change in book.take_changes() {
        match change.value {
            Some(value) => stored.insert(change.key, value),
            None => stored.remove(&change.key),
        };
    }
}

struct Replay {
    log: BookLog,
    tips: Tips,
    book: Book,
    applied: u64,
    refused: u64,
}

impl Replay {
    fn new(bundle: &Bundle<'_>) -> Result<Self, ReplayFault> {
        let genesis = Genesis::decode(bundle.genesis).map_err(ReplayFault::Genesis)?;
        let log = BookLog::found(&genesis).map_err(|why| ReplayFault::Genesis(why.into()))?;
        let mut book = Book::new(genesis.book_id(), genesis.manifest);
        for ast in &bundle.asts {
            // bytes that are no manifest make their adoption a refusal, or the fold halts: the book remembers
            let _ = book.provide(ast);
        }
        Ok(Self {
            tips: Tips::new(log.book()),
            log,
            book,
            applied: 0,
            refused: 0,
        })
    }

    fn place(&mut self, record: &[u8], entry: &[u8]) -> Result<OrderedEntry, ReplayFault> {
        let at = Position(self.log.position().0.saturating_add(1));
        let record = OrderRecord::decode(record).map_err(|why| ReplayFault::Unreadable(at, why))?;
        let entry = Entry::decode(entry).map_err(|why| ReplayFault::Unreadable(at, why))?;
        let Self { log, tips, .. } = self;
        let tip_at = |position| tips.at(position);
        let key = log
            .check(&entry, &tip_at)
            .map_err(|why| ReplayFault::Rejected(at, why))?;
        let entry = entry
            .verify(&key)
            .map_err(|why| ReplayFault::Unauthentic(at, why))?;
        let ordered = log
            .place(&record, entry, &tip_at)
            .map_err(|why| ReplayFault::Invalid(at, why))?;
        tips.push(ordered.tip);
        Ok(ordered)
    }

    fn fold(&mut self, ordered: &OrderedEntry) -> Result<(), ReplayFault> {
        let outcomes = self
            .book
            .fold(ordered)
            .map_err(|why| ReplayFault::Halt(ordered.position, why))?;
        for outcome in outcomes {
            let count = match outcome {
                Outcome::Applied { .. } => &mut self.applied,
                Outcome::Refused(_) => &mut self.refused,
            };
            *count = count.saturating_add(1);
        }
        Ok(())
    }

    fn hashes(&self) -> Hashes {
        Hashes {
            position: self.book.position(),
            tip: self.book.tip(),
            state_hash: self.book.state_hash(),
            books_hash: self.book.books_hash(),
            ops: self.applied.saturating_add(self.refused),
            applied: self.applied,
            refused: self.refused,
        }
    }
}
