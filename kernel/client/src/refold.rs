//! Folding stored entries again onto a fresh book: for proofs, for reading the books as of a position, for histories.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use daybook_fold::{Book, Outcome, RowChange, View};
use daybook_log::{Body, Genesis, ManifestId, OrderedEntry};

use crate::effect::StoredEntry;
use crate::identity::Keys;
use crate::keyring::Keyring;
use crate::placed::{Placed, TakeFault, Trust};

/// A stored entry that cannot be folded. Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefoldFault {
    /// Its position; 0 for the genesis.
    pub position: u64,
    /// For people.
    pub why: String,
}

impl fmt::Display for RefoldFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "stored entry {}: {}", self.position, self.why)
    }
}

impl core::error::Error for RefoldFault {}

/// What one stored entry did.
#[derive(Clone, Debug)]
pub struct Refolded {
    /// The entry in its place.
    pub entry: OrderedEntry,
    /// One per op.
    pub outcomes: Vec<Outcome>,
    /// Rows that it changed, if they are wanted.
    pub changes: Vec<RowChange>,
}

impl Refolded {
    /// The new value of a row, if the entry changed it: none inside when it was removed.
    #[must_use]
    pub fn change_of(&self, key: &[u8]) -> Option<Option<&[u8]>> {
        self.changes
            .iter()
            .find(|change| change.key == key)
            .map(|change| change.value.as_deref())
    }
}

/// A second book beside the one that is open, fed from stored entries.
#[derive(Debug)]
pub struct Refold {
    placed: Placed,
    book: Book,
    trust: Trust,
    keyring: Keyring,
    ops: u64,
}

impl Refold {
    /// Starts before the first entry. `asts` are all manifests' bytes that this device holds; `check_signatures` as
    /// for what comes from outside, or trust what this device checked when it stored it.
    ///
    /// # Errors
    /// A genesis that does not decode.
    pub fn new<'a>(
        genesis: &[u8],
        asts: impl Iterator<Item = &'a [u8]>,
        check_signatures: bool,
    ) -> Result<Self, RefoldFault> {
        let bad = |why: &dyn fmt::Display| RefoldFault {
            position: 0,
            why: format!("{why}"),
        };
        let genesis = Genesis::decode(genesis).map_err(|why| bad(&why))?;
        let placed = Placed::found(&genesis).map_err(|why| bad(&why))?;
        let mut book = Book::new(genesis.book_id(), genesis.manifest);
        for ast in asts {
            // bytes that are no manifest are remembered as such: the fold refuses their adoption
            let _known: Result<ManifestId, _> = book.provide(ast);
        }
        book.set_tracking(false);
        let trust = if check_signatures {
            Trust::Nobody
        } else {
            Trust::OwnStore
        };
        Ok(Self {
            placed,
            book,
            trust,
            keyring: Keyring::default(),
            ops: 0,
        })
    }

    /// With the content keys of an installation. Without them it ends at the first encrypted entry.
    pub(crate) fn with_keys(mut self, keys: &Keys) -> Self {
        self.keyring = Keyring::of(keys);
        self
    }

    /// Also tells which rows each entry changes.
    #[must_use]
    pub fn with_changes(mut self) -> Self {
        self.book.set_tracking(true);
        self
    }

    /// Checks the next stored entry, places it and folds it.
    ///
    /// # Errors
    /// Bytes, hashes, order, signature or manifest that do not check out.
    pub fn push(&mut self, stored: &StoredEntry) -> Result<Refolded, RefoldFault> {
        let fault = |why: String| RefoldFault {
            position: stored.position,
            why,
        };
        let expected = self.placed.position().saturating_add(1);
        if stored.position != expected {
            return Err(fault(format!("position {expected} comes next")));
        }
        let taken = self
            .placed
            .take(&stored.record, stored.bytes.clone(), self.trust);
        let mut ordered = taken.map_err(|why| match why {
            TakeFault::Unsupported(why) | TakeFault::Invalid(why) => fault(why),
        })?;
        self.keyring.placed(&ordered, self.placed.log());
        self.keyring.open(&mut ordered);
        let outcomes = self
            .book
            .fold(&ordered)
            .map_err(|halt| fault(format!("{halt}")))?;
        if let Body::Ops(body) = ordered.entry.body() {
            self.ops = self
                .ops
                .saturating_add(u64::try_from(body.ops.len()).unwrap_or(u64::MAX));
        }
        Ok(Refolded {
            entry: ordered,
            outcomes,
            changes: self.book.take_changes(),
        })
    }

    /// Entries folded.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.book.position().0
    }

    /// Ops folded.
    #[must_use]
    pub fn ops(&self) -> u64 {
        self.ops
    }

    /// The book so far.
    #[must_use]
    pub fn book(&self) -> &Book {
        &self.book
    }

    /// Its rows, for screens.
    #[must_use]
    pub fn view(&self) -> View<'_> {
        self.book.view()
    }
}
