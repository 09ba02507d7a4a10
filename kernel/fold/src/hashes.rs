//! The two hashes of a book, level 0: good for comparing builds of today, frozen by none.

use crate::{book::Book, key};
use core::fmt;

/// Hash over position, tip and all rows in key order. Level 0: not frozen, and no release makes such a book.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StateHash(pub [u8; 32]);

/// Hash over the totals that are not zero. Two books in which the same facts are booked have the same one, in whatever order.
/// Level 0: not frozen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct BooksHash(pub [u8; 32]);

impl Book {
    /// Hash of everything: equal on every device that folded the same entries.
    pub fn state_hash(&self) -> StateHash {
        let mut hasher = blake3::Hasher::new_derive_key("daybook 2026 v1 state-level-0");
        hasher.update(&self.position().0.to_le_bytes());
        hasher.update(&self.tip().0);
        for (table, local, value) in self.confirmed().all() {
            hash_row(&mut hasher, table, local, value);
        }
        StateHash(*hasher.finalize().as_bytes())
    }

    /// Hash of what is booked, whatever the order.
    pub fn books_hash(&self) -> BooksHash {
        let mut hasher = blake3::Hasher::new_derive_key("daybook 2026 v1 books-level-0");
        for (local, value) in self.confirmed().scan(key::TOTAL, &[]) {
            if value.iter().any(|byte| *byte != 0) {
                hash_row(&mut hasher, key::TOTAL, local, value);
            }
        }
        BooksHash(*hasher.finalize().as_bytes())
    }
}

/// Lengths first, so that no two lists of rows give the same bytes.
fn hash_row(hasher: &mut blake3::Hasher, table: u16, local: &[u8], value: &[u8]) {
    let length = |bytes: &[u8]| u32::try_from(bytes.len()).unwrap_or(u32::MAX).to_le_bytes();
    hasher.update(&table.to_be_bytes());
    hasher.update(&length(local));
    hasher.update(local);
    hasher.update(&length(value));
    hasher.update(value);
}

impl fmt::Display for StateHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for StateHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StateHash({self})")
    }
}

impl fmt::Display for BooksHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BooksHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BooksHash({self})")
    }
}
