//! Proofs that an author signed what nobody honest signs. Entries alone make them, so a stranger with a key can check one.
//!
//! Fixed layout, so that what is signed stands here byte for byte: `docs/spec/readmit.md`. What accuses relays, root keys
//! and folds too stands in files of its own, which the same rules judge: `docs/spec/evidence.md`.

mod build;
mod case;
mod misplaced;
mod trail;
mod verdict;
mod verify;

pub use build::{
    after_handover, of_attests, of_entries, of_entry, of_fork, of_handovers, of_leaf, of_receipts,
};
pub use case::{Case, Class};
pub use misplaced::Misplaced;
pub use trail::{KeyTrail, RootTrail};
pub use verdict::{Accused, Place, Severity, Verdict};
pub use verify::verify_evidence;

use crate::codec::{Malformed, Unreadable, Unsupported};
use crate::entry::{Entry, Header, Kind};
use crate::hash::{Thing, derive};
use crate::id::{BookId, EntryId};
use crate::keys::{AdmittedKey, Signature, Tag};
use crate::order::{BYTES as RECORD_BYTES, OrderRecord};
use crate::reader::Reader;
use crate::receipt::ReceiptFault;
use crate::{CheckpointFault, MergeFault};
use alloc::vec::Vec;
use core::fmt;

/// What two signed headers show.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Proof {
    /// A1: two entries at one seq.
    Fork,
    /// A2: an entry that does not hash the one before it.
    BackLink,
    /// A3: the first gave the key up, and the second used it later in the chain.
    Superseded,
}

impl Proof {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Proof::Fork => 1,
            Proof::BackLink => 2,
            Proof::Superseded => 3,
        }
    }

    fn from_number(number: u8) -> Result<Proof, Unsupported> {
        match number {
            1 => Ok(Proof::Fork),
            2 => Ok(Proof::BackLink),
            3 => Ok(Proof::Superseded),
            other => Err(Unsupported::Evidence(other)),
        }
    }
}

/// A header with its signature: what an author is held to. The body is not needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SignedHeader {
    id: EntryId,
    header: Header,
    signature: Signature,
}

impl SignedHeader {
    /// The signed header of an entry.
    pub fn of(entry: &Entry) -> SignedHeader {
        SignedHeader {
            id: entry.id(),
            header: *entry.header(),
            signature: *entry.signature(),
        }
    }

    /// The entry's id.
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// The header's fields.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The 296 bytes: header and signature.
    pub fn encode(&self) -> Vec<u8> {
        [self.header.encode().as_slice(), &self.signature.0].concat()
    }

    fn read(reader: &mut Reader<'_>) -> Result<SignedHeader, Unreadable> {
        let start = *reader;
        let header = Header::decode(reader)?;
        Ok(SignedHeader {
            id: EntryId(derive(Thing::EntryId, &[reader.since(start)])),
            header,
            signature: Signature(reader.array()?),
        })
    }
}

/// Why what was signed shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum NoProof {
    /// One of them is of another book.
    OtherBook,
    /// They are of two authors.
    TwoAuthors,
    /// They are of two key epochs.
    TwoEpochs,
    /// They are one entry.
    SameEntry,
    /// Their seqs do not stand as the proof says.
    OtherSeq,
    /// The second hashes the first.
    Linked,
    /// The first gives no key up.
    NoRotation,
    /// A signature is not by this key.
    NotSigned,
    /// Not a piece of evidence, or of a newer build.
    Unreadable(Unreadable),
    /// It says the same in another way: parts in another order, signature lines or rotations that nothing needs.
    NotCanonical,
    /// Nothing shows that the key is the author's: no first key hashes to it, or a rotation is missing or not the key's.
    KeyTrail,
    /// Nothing shows that the root keys are the book's.
    RootTrail,
    /// A checkpoint is not by a relay key that was given.
    Checkpoint(CheckpointFault),
    /// A receipt is not by a relay key that was given, or does not hold.
    Receipt(ReceiptFault),
    /// Two checkpoints contradict nothing: the reason why they cannot be compared.
    Merge(MergeFault),
    /// Two checkpoints are of one order.
    OneOrder,
    /// Two receipts are of two trees, or by two keys: they cannot contradict each other.
    TwoTrees,
    /// The positions do not stand as claimed.
    OtherPosition,
    /// Two receipts of one record.
    SameRecord,
    /// The header or payload is not the one that was placed.
    NotPlaced,
    /// What was placed may stand there, as far as this shows.
    WellPlaced,
    /// A handover is not signed by its relay key, or not approved by enough root keys.
    Handover,
    /// One handover, or two of two epochs.
    OneHandover,
    /// What the old relay signed may be older than the handover.
    BeforeHandover,
    /// The entry is no attest.
    NoAttest,
    /// Two attests of two places, or under two manifests.
    OtherState,
    /// Two attests say the same.
    SameState,
}

impl fmt::Display for NoProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            NoProof::Unreadable(why) => return write!(f, "not readable as evidence: {why}"),
            NoProof::Checkpoint(why) => return write!(f, "a checkpoint: {why}"),
            NoProof::Receipt(why) => return write!(f, "a receipt: {why}"),
            NoProof::Merge(why) => return write!(f, "two checkpoints: {why}"),
            NoProof::NotCanonical => "not in its one form",
            NoProof::KeyTrail => "nothing shows that the key is the author's",
            NoProof::RootTrail => "nothing shows that the root keys are the book's",
            NoProof::OneOrder => "two checkpoints of one order",
            NoProof::TwoTrees => "receipts of two trees or by two keys",
            NoProof::OtherPosition => "the positions do not stand as claimed",
            NoProof::SameRecord => "one and the same record",
            NoProof::NotPlaced => "not what the receipt places",
            NoProof::WellPlaced => "what was placed may stand there",
            NoProof::Handover => "a handover that its relay key or the root keys did not sign",
            NoProof::OneHandover => "one handover, or two of two epochs",
            NoProof::BeforeHandover => "may have been signed before the handover",
            NoProof::NoAttest => "not an attest",
            NoProof::OtherState => "attests of two places or manifests",
            NoProof::SameState => "two attests say the same",
            NoProof::OtherBook => "of another book",
            NoProof::TwoAuthors => "of two authors",
            NoProof::TwoEpochs => "of two key epochs",
            NoProof::SameEntry => "one and the same entry",
            NoProof::OtherSeq => "the seqs do not stand as claimed",
            NoProof::Linked => "the second hashes the first",
            NoProof::NoRotation => "the first gives no key up",
            NoProof::NotSigned => "not signed by this key",
        })
    }
}

impl core::error::Error for NoProof {}

/// Kind 6: two signed headers of one author and key epoch, and what they show. Any member may sign it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// What they show.
    pub proof: Proof,
    /// One of them; the earlier one where the proof has an order.
    pub first: SignedHeader,
    /// The other.
    pub second: SignedHeader,
    /// The record that placed one of them: it makes the other a branch, whose entries may be readmitted.
    pub placed: Option<OrderRecord>,
}

impl Evidence {
    /// What two entries show, without looking whether they do.
    pub fn of(proof: Proof, first: &Entry, second: &Entry) -> Evidence {
        Evidence {
            proof,
            first: SignedHeader::of(first),
            second: SignedHeader::of(second),
            placed: None,
        }
    }

    /// The payload: `u8 proof ‖ header ‖ signature ‖ header ‖ signature ‖ u8 n ‖ n x record`, n being 0 or 1.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        out.push(self.proof.number());
        for signed in [&self.first, &self.second] {
            out.extend_from_slice(&signed.header.encode());
            out.extend_from_slice(&signed.signature.0);
        }
        out.push(u8::from(self.placed.is_some()));
        if let Some(record) = &self.placed {
            out.extend_from_slice(&record.encode());
        }
        out
    }

    /// Reads a payload. Says nothing yet about what it shows.
    pub(crate) fn decode(bytes: &[u8]) -> Result<Evidence, Unreadable> {
        let mut reader = Reader(bytes);
        let proof = Proof::from_number(reader.u8()?)?;
        let first = SignedHeader::read(&mut reader)?;
        let second = SignedHeader::read(&mut reader)?;
        let placed = match reader.u8()? {
            0 => None,
            1 => Some(OrderRecord::decode(&reader.array::<RECORD_BYTES>()?)?),
            _ => return Err(Malformed::NotCanonical.into()),
        };
        reader.end()?;
        Ok(Evidence {
            proof,
            first,
            second,
            placed,
        })
    }

    /// Whether the two headers show what is claimed, `key` being the author's of that key epoch.
    pub fn prove(&self, book: &BookId, key: &AdmittedKey) -> Result<(), NoProof> {
        self.check(book)?;
        [&self.first, &self.second].into_iter().try_for_each(|it| {
            key.verify(Tag::Entry, &it.id.0, &it.signature)
                .map_err(|_| NoProof::NotSigned)
        })
    }

    /// Everything but the signatures: what most pairs of entries fail at, before any curve is touched.
    fn check(&self, book: &BookId) -> Result<(), NoProof> {
        let (a, b) = (&self.first.header, &self.second.header);
        if a.book != *book || b.book != *book {
            return Err(NoProof::OtherBook);
        }
        if a.author != b.author {
            return Err(NoProof::TwoAuthors);
        }
        if a.key_epoch != b.key_epoch {
            return Err(NoProof::TwoEpochs);
        }
        if self.first.id == self.second.id {
            return Err(NoProof::SameEntry);
        }
        let stands = match self.proof {
            Proof::Fork => a.seq == b.seq,
            Proof::BackLink => a.seq.next() == Some(b.seq),
            Proof::Superseded => a.seq < b.seq,
        };
        if !stands {
            return Err(NoProof::OtherSeq);
        }
        if self.proof == Proof::BackLink && b.prev == self.first.id {
            return Err(NoProof::Linked);
        }
        if self.proof == Proof::Superseded && a.kind != Kind::KeyRotate {
            return Err(NoProof::NoRotation);
        }
        Ok(())
    }

    /// The one of the two that has no place, if the record places the other.
    pub(crate) fn branch(&self) -> Option<EntryId> {
        let placed = self.placed?.entry_id;
        match (placed == self.first.id, placed == self.second.id) {
            (true, _) => Some(self.second.id),
            (_, true) => Some(self.first.id),
            _ => None,
        }
    }
}
