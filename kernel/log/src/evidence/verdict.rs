//! What a piece of evidence shows: who, what, where, and what follows.

use super::{Class, Misplaced};
use crate::id::{AuthorId, BookId, KeyEpoch, Position, RelayEpoch, Seq, StateHash};
use crate::keys::PublicKey;
use crate::tree::TreeSize;
use core::fmt;

/// Who signed what nobody honest signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accused {
    /// Whoever held the author's key: mostly one installation that ran twice.
    Author(AuthorId),
    /// The relay of one epoch.
    Relay {
        /// Of which epoch.
        epoch: RelayEpoch,
        /// Its key.
        key: PublicKey,
    },
    /// Enough of the book's root keys.
    Roots(BookId),
    /// One of two devices, or the build of one; which of them, only folding again shows.
    OneOf {
        /// Who says one thing, and what.
        first: (AuthorId, StateHash),
        /// Who says the other.
        second: (AuthorId, StateHash),
    },
}

/// Where it was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In an author's chain.
    Chain(KeyEpoch, Seq),
    /// In the order of a relay epoch.
    Order(RelayEpoch, Position),
    /// At a position of the order that the accused had read.
    At(Position),
    /// In the tree of a relay epoch.
    Tree(RelayEpoch, TreeSize),
    /// The end of a relay epoch.
    End(RelayEpoch),
}

/// What follows for who reads it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Mostly an accident: that key epoch ends, both branches stay, everybody goes on.
    Fork,
    /// Sign nothing more in this relay epoch, go on reading, and ask people.
    Stop,
    /// The books themselves differ between devices. Tell everybody now.
    Alarm,
}

/// What a piece of evidence shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// What was done.
    pub class: Class,
    /// In which book.
    pub book: BookId,
    /// By whom.
    pub accused: Accused,
    /// Where.
    pub place: Place,
    /// Which rule the placed entry breaks, for R4 alone.
    pub rule: Option<Misplaced>,
}

impl Verdict {
    /// What follows; a matter of the class alone.
    pub fn severity(&self) -> Severity {
        match self.class {
            Class::AuthorFork | Class::BackLink | Class::Superseded => Severity::Fork,
            Class::TwoStates => Severity::Alarm,
            _ => Severity::Stop,
        }
    }
}

impl fmt::Display for Accused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Accused::Author(author) => write!(f, "author {author}"),
            Accused::Relay { epoch, key } => write!(f, "relay of epoch {epoch}, key {key}"),
            Accused::Roots(book) => write!(f, "root keys of book {book}"),
            Accused::OneOf { first, second } => write!(
                f,
                "one of two: author {} with state {}, author {} with state {}",
                first.0, first.1, second.0, second.1
            ),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Chain(epoch, seq) => write!(f, "seq {seq} of the author, key epoch {epoch}"),
            Place::Order(epoch, at) => write!(f, "position {at}, relay epoch {epoch}"),
            Place::At(at) => write!(f, "position {at}"),
            Place::Tree(epoch, size) => write!(f, "size {size}, relay epoch {epoch}"),
            Place::End(epoch) => write!(f, "end of relay epoch {epoch}"),
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Severity::Fork => "fork: mostly an accident; that key ends, nothing is lost",
            Severity::Stop => "stop: sign nothing more in this relay epoch, and ask people",
            Severity::Alarm => "alarm: devices hold different books; tell everybody now",
        })
    }
}

/// Five lines: what, who, where, in which book, and what follows.
impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "proved: {}", self.class)?;
        if let Some(rule) = self.rule {
            write!(f, ": {rule}")?;
        }
        write!(f, "\nsigned by: {}\nat: {}", self.accused, self.place)?;
        write!(f, "\nbook: {}\nverdict: {}", self.book, self.severity())
    }
}
