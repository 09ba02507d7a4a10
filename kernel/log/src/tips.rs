//! The order chain's values of one epoch, by position: what the checks of `seen` ask for.

use crate::id::{BookId, Position, Tip};
use alloc::vec::Vec;

/// Tips 1, 2, 3… of a book, append-only; position 0 answers with the book id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tips {
    book: BookId,
    tips: Vec<Tip>,
}

impl Tips {
    /// None placed yet.
    pub fn new(book: BookId) -> Self {
        Tips {
            book,
            tips: Vec::new(),
        }
    }

    /// The tip of the next position.
    pub fn push(&mut self, tip: Tip) {
        self.tips.push(tip);
    }

    /// The tip at a position, if that is held.
    pub fn at(&self, position: Position) -> Option<Tip> {
        let Some(before) = position.0.checked_sub(1) else {
            return Some(Tip(self.book.0));
        };
        self.tips.get(usize::try_from(before).ok()?).copied()
    }

    /// The newest position held.
    pub fn position(&self) -> Position {
        Position(u64::try_from(self.tips.len()).unwrap_or(u64::MAX))
    }
}
