//! A fold that goes entry by entry, as a device that is online does.

use crate::workload::MadeBook;
use anyhow::anyhow;
use daybook_fold::Book;
use daybook_log::{BookLog, Entry, Genesis, OrderRecord, OrderedEntry, Tips};

/// A book, its log and its tips, one entry after the other.
#[derive(Debug)]
pub struct Live {
    /// The log so far.
    pub log: BookLog,
    tips: Tips,
    /// The books so far.
    pub book: Book,
}

impl Live {
    /// Nothing folded yet, all manifests at hand.
    ///
    /// # Errors
    /// The genesis or a manifest is none.
    pub fn open(bundle: &MadeBook) -> anyhow::Result<Live> {
        let genesis = Genesis::decode(&bundle.genesis).map_err(|bad| anyhow!("{bad}"))?;
        let log = BookLog::found(&genesis).map_err(|bad| anyhow!("{bad}"))?;
        let mut book = Book::new(log.book(), genesis.manifest);
        Self::provide(&mut book, bundle)?;
        Ok(Live {
            tips: Tips::new(log.book()),
            log,
            book,
        })
    }

    /// Verifies and places, and folds nothing.
    ///
    /// # Errors
    /// The entry may not stand there.
    pub fn place(&mut self, record: &[u8], entry: &[u8]) -> anyhow::Result<OrderedEntry> {
        let record = OrderRecord::decode(record).map_err(|bad| anyhow!("{bad}"))?;
        let entry = Entry::decode(entry).map_err(|bad| anyhow!("{bad}"))?;
        let tips = &self.tips;
        let tip_at = |position| tips.at(position);
        let key = self
            .log
            .check(&entry, &tip_at)
            .map_err(|bad| anyhow!("{bad}"))?;
        let entry = entry.verify(&key).map_err(|bad| anyhow!("{bad}"))?;
        let ordered = self
            .log
            .place(&record, entry, &tip_at)
            .map_err(|bad| anyhow!("{bad}"))?;
        self.tips.push(record.tip());
        Ok(ordered)
    }

    /// Verifies, places and folds.
    ///
    /// # Errors
    /// The entry may not stand there, or the fold halts.
    pub fn fold(&mut self, record: &[u8], entry: &[u8]) -> anyhow::Result<()> {
        let ordered = self.place(record, entry)?;
        self.book.fold(&ordered).map_err(|halt| anyhow!("{halt}"))?;
        Ok(())
    }

    /// Hands a book all manifests.
    ///
    /// # Errors
    /// One is none.
    pub fn provide(book: &mut Book, bundle: &MadeBook) -> anyhow::Result<()> {
        for ast in &bundle.asts {
            book.provide(ast).map_err(|bad| anyhow!("{bad}"))?;
        }
        Ok(())
    }
}
