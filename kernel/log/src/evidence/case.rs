//! A piece of evidence as bytes: one class, one book, and the parts that its class asks for.

use super::NoProof;
use crate::codec::{Malformed, Unreadable, Unsupported, within};
use crate::id::BookId;
use crate::limits::{EVIDENCE_BYTES_MAX, EVIDENCE_PARTS_MAX};
use crate::reader::Reader;
use alloc::vec::Vec;
use core::fmt;

/// The format of this build.
const FORMAT: u8 = 1;

/// What a piece of evidence shows. The numbers of the first three are those of a kind 6 entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A1: an author signed two entries at one seq.
    AuthorFork,
    /// A2: an author signed an entry that does not hash the one before it.
    BackLink,
    /// A3: an author used a key after giving it up.
    Superseded,
    /// R1: a relay signed two roots of one size.
    TwoRoots,
    /// R2: a relay signed a tree that does not continue an older one.
    Inconsistent,
    /// R3: a relay put two records at one position.
    TwoRecords,
    /// R4: a relay put into its order what may not stand there.
    Misplaced,
    /// R5: a relay went on after its epoch had been handed over.
    AfterHandover,
    /// H1: root keys handed one epoch over twice.
    TwoHandovers,
    /// D1: two devices computed different states of one place.
    TwoStates,
}

impl Class {
    /// Every class; its place is its number on the wire less one.
    pub const ALL: [Class; 10] = [
        Class::AuthorFork,
        Class::BackLink,
        Class::Superseded,
        Class::TwoRoots,
        Class::Inconsistent,
        Class::TwoRecords,
        Class::Misplaced,
        Class::AfterHandover,
        Class::TwoHandovers,
        Class::TwoStates,
    ];

    /// The number on the wire.
    pub fn number(self) -> u8 {
        let before = Class::ALL.iter().take_while(|class| **class != self);
        u8::try_from(before.count()).map_or(0, |before| before.saturating_add(1))
    }

    /// The class of a number, if this build knows it.
    pub fn from_number(number: u8) -> Result<Class, Unsupported> {
        let index = usize::from(number).checked_sub(1);
        let known = index.and_then(|index| Class::ALL.get(index).copied());
        known.ok_or(Unsupported::Evidence(number))
    }

    /// The short name that papers use: A1 to D1.
    pub fn code(self) -> &'static str {
        match self {
            Class::AuthorFork => "A1",
            Class::BackLink => "A2",
            Class::Superseded => "A3",
            Class::TwoRoots => "R1",
            Class::Inconsistent => "R2",
            Class::TwoRecords => "R3",
            Class::Misplaced => "R4",
            Class::AfterHandover => "R5",
            Class::TwoHandovers => "H1",
            Class::TwoStates => "D1",
        }
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Class::AuthorFork => "two entries at one place of an author's chain",
            Class::BackLink => "an entry that does not continue its author's chain",
            Class::Superseded => "a key used after it was given up",
            Class::TwoRoots => "two orders of one length",
            Class::Inconsistent => "an order that does not continue an older one",
            Class::TwoRecords => "two records at one position",
            Class::Misplaced => "an order that holds what may not stand there",
            Class::AfterHandover => "an order that went on after its handover",
            Class::TwoHandovers => "two handovers of one relay epoch",
            Class::TwoStates => "two different states of one place in the order",
        };
        write!(f, "{} {text}", self.code())
    }
}

/// The first parts, and those after them.
type Parts<'a, const N: usize> = ([&'a [u8]; N], &'a [Vec<u8>]);

/// A piece of evidence that has its form. Says nothing yet about what it shows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Case {
    /// What it is said to show.
    pub class: Class,
    /// The book that it is about.
    pub book: BookId,
    /// What its class asks for, in the order of `docs/spec/evidence.md`.
    pub parts: Vec<Vec<u8>>,
}

impl Case {
    /// `u8 format ‖ u8 class ‖ u16 0 ‖ [32] book ‖ u16 n ‖ n x (u32 len ‖ bytes)`.
    ///
    /// A part or a list beyond what the numbers hold gives bytes that nobody reads.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.extend_from_slice(&[FORMAT, self.class.number(), 0, 0]);
        out.extend_from_slice(&self.book.0);
        let count = u16::try_from(self.parts.len()).unwrap_or(u16::MAX);
        out.extend_from_slice(&count.to_le_bytes());
        for part in &self.parts {
            let len = u32::try_from(part.len()).unwrap_or(u32::MAX);
            out.extend_from_slice(&len.to_le_bytes());
            out.extend_from_slice(part);
        }
        out
    }

    /// Reads all of `bytes`.
    pub fn decode(bytes: &[u8]) -> Result<Case, Unreadable> {
        match bytes.first() {
            None => return Err(Malformed::TooShort.into()),
            Some(&FORMAT) => within(bytes, EVIDENCE_BYTES_MAX)?,
            Some(&other) => return Err(Unsupported::Format(other).into()),
        }
        let mut reader = Reader(bytes);
        let (_, class, reserved) = (reader.u8()?, reader.u8()?, reader.u16()?);
        let class = Class::from_number(class)?;
        if reserved != 0 {
            return Err(Unsupported::Reserved(reserved).into());
        }
        let (book, count) = (BookId(reader.array()?), reader.u16()?);
        if u32::from(count) > EVIDENCE_PARTS_MAX {
            return Err(Malformed::ListLength.into());
        }
        let mut parts = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let len = reader.u32()?;
            parts.push(reader.bytes(len)?.to_vec());
        }
        reader.end()?;
        Ok(Case { class, book, parts })
    }

    /// The parts, if there are exactly this many.
    pub(super) fn exactly<const N: usize>(&self) -> Result<[&[u8]; N], NoProof> {
        let (parts, rest) = self.at_least()?;
        if rest.is_empty() {
            Ok(parts)
        } else {
            Err(NoProof::Unreadable(Malformed::LeftOver.into()))
        }
    }

    /// The first parts, and those after them.
    pub(super) fn at_least<const N: usize>(&self) -> Result<Parts<'_, N>, NoProof> {
        let short = NoProof::Unreadable(Malformed::TooShort.into());
        let (head, rest) = self.parts.split_first_chunk::<N>().ok_or(short)?;
        Ok((head.each_ref().map(Vec::as_slice), rest))
    }
}
