//! The one judge of evidence that stands alone. No network, no log, no clock: bytes, a book, and the relay keys that the
//! reader holds to be that book's.

use super::misplaced::{self, blame, placed};
use super::{Accused, Case, Class, Evidence, KeyTrail, NoProof, Place, Proof, RootTrail};
use super::{SignedHeader, Verdict};
use crate::checkpoint::{Checkpoint, CheckpointFault, RelayKey, SignedCheckpoint};
use crate::codec::{Malformed, Unreadable};
use crate::entry::Entry;
use crate::id::{BookId, RelayEpoch};
use crate::keys::{AdmittedKey, PublicKey, Tag};
use crate::limits::EVIDENCE_RELAY_KEYS_MAX;
use crate::merge::{Consistency, Fork, Merged, merge_checkpoint};
use crate::note::{Note, NoteFault};
use crate::reader::Reader;
use crate::receipt::{Receipt, ReceiptFault, TlogProof};
use crate::tree::TreeHash;
use crate::{Attest, Body, Handover, LeafIndex};
use alloc::string::ToString;
use alloc::vec::Vec;

/// Says what a piece of evidence shows, or why it shows nothing.
///
/// `book` is the one that the reader asks about; `relay_keys` are those that the reader holds to be its relays', and only
/// classes R1 to R5 look at them. What the bytes do not fix, such as who is a member, no verdict says.
pub fn verify_evidence(
    bytes: &[u8],
    book: &BookId,
    relay_keys: &[AdmittedKey],
) -> Result<Verdict, NoProof> {
    let case = Case::decode(bytes).map_err(NoProof::Unreadable)?;
    if case.book != *book {
        return Err(NoProof::OtherBook);
    }
    if !u32::try_from(relay_keys.len()).is_ok_and(|len| len <= EVIDENCE_RELAY_KEYS_MAX) {
        return Err(Malformed::ListLength.into());
    }
    let court = Court {
        book: *book,
        relays: relay_keys,
    };
    let (accused, place) = match case.class {
        Class::AuthorFork => court.author(&case, Proof::Fork)?,
        Class::BackLink => court.author(&case, Proof::BackLink)?,
        Class::Superseded => court.author(&case, Proof::Superseded)?,
        Class::TwoRoots => court.two_roots(&case)?,
        Class::Inconsistent => court.inconsistent(&case)?,
        Class::TwoRecords => court.two_records(&case)?,
        Class::Misplaced => return misplaced::judge(&court, &case),
        Class::AfterHandover => court.after_handover(&case)?,
        Class::TwoHandovers => court.two_handovers(&case)?,
        Class::TwoStates => court.two_states(&case)?,
    };
    Ok(Verdict {
        class: case.class,
        book: case.book,
        accused,
        place,
        rule: None,
    })
}

type Found = Result<(Accused, Place), NoProof>;

/// What a case is judged under.
pub(super) struct Court<'a> {
    pub(super) book: BookId,
    relays: &'a [AdmittedKey],
}

impl Court<'_> {
    /// Part 0 and 1: header and signature. Then the key trail.
    fn author(&self, case: &Case, proof: Proof) -> Found {
        let ([first, second, firsts], rotations) = case.at_least()?;
        let (first, second) = (signed(first)?, signed(second)?);
        let header = second.header();
        let (author, epoch) = (header.author, header.key_epoch);
        let shown = Evidence {
            proof,
            first,
            second,
            placed: None,
        };
        shown.check(&self.book)?;
        let trail = KeyTrail::read(firsts, rotations)?;
        trail.check_exact(&[(author, epoch)])?;
        shown.prove(&self.book, &trail.key_of(&self.book, &author, epoch)?)?;
        if proof == Proof::Fork && first.id() > second.id() {
            return Err(NoProof::NotCanonical);
        }
        let place = Place::Chain(header.key_epoch, header.seq);
        Ok((Accused::Author(author), place))
    }

    fn two_roots(&self, case: &Case) -> Found {
        let [first, second] = case.exactly()?;
        let (own, other) = (self.checkpoint(first)?, self.checkpoint(second)?);
        let merged = merge_checkpoint(Some(&own), &other, None).map_err(NoProof::Merge)?;
        let Merged::Fork(fork) = merged else {
            return Err(NoProof::OneOrder);
        };
        if first > second {
            return Err(NoProof::NotCanonical);
        }
        Ok(blame_fork(&fork))
    }

    /// Part 2: the older size's root as the newer tree has it, then the hashes of RFC 6962's proof.
    fn inconsistent(&self, case: &Case) -> Found {
        let [older, newer, proof] = case.exactly()?;
        let (older, newer) = (self.checkpoint(older)?, self.checkpoint(newer)?);
        let (hashes, rest) = proof.as_chunks::<32>();
        let (old_root, hashes) = hashes.split_first().ok_or(Malformed::TooShort)?;
        if !rest.is_empty() {
            return Err(Malformed::LeftOver.into());
        }
        let proof = Consistency {
            old_root: TreeHash(*old_root),
            hashes: hashes.iter().copied().map(TreeHash).collect(),
        };
        if older.checkpoint().size >= newer.checkpoint().size {
            return Err(NoProof::OtherPosition);
        }
        match merge_checkpoint(Some(&older), &newer, Some(&proof)).map_err(NoProof::Merge)? {
            Merged::Fork(fork) => Ok(blame_fork(&fork)),
            _ => Err(NoProof::OneOrder),
        }
    }

    fn two_records(&self, case: &Case) -> Found {
        let [first, second] = case.exactly()?;
        let (one, other) = self.in_one_tree(first, second)?;
        if one.record().position != other.record().position {
            return Err(NoProof::OtherPosition);
        }
        if one.record() == other.record() {
            return Err(NoProof::SameRecord);
        }
        if first > second {
            return Err(NoProof::NotCanonical);
        }
        Ok(blame(&other))
    }

    /// A longer checkpoint alone may be older than the handover: a relay that lost what it had honestly signed is what
    /// handovers are for. So it takes an entry that had seen the new epoch when the old relay placed it.
    fn after_handover(&self, case: &Case) -> Found {
        let ([genesis, entry, receipt, header], changes) = case.at_least()?;
        let roots = RootTrail::read(&self.book, genesis, changes)?;
        let handover = roots.handover(&self.book, &read(entry)?)?;
        let receipt = self.receipt(receipt)?;
        let header = placed(&receipt, header)?;
        let epoch = receipt.signed().checkpoint().origin.epoch;
        let after = epoch == handover.old_epoch
            && receipt.record().position > handover.cut
            && header.seen.epoch > epoch;
        if after {
            Ok(blame(&receipt))
        } else {
            Err(NoProof::BeforeHandover)
        }
    }

    fn two_handovers(&self, case: &Case) -> Found {
        let ([genesis, first, second], changes) = case.at_least()?;
        let roots = RootTrail::read(&self.book, genesis, changes)?;
        let (first, second) = (read(first)?, read(second)?);
        let one = roots.handover(&self.book, &first)?;
        let other = roots.handover(&self.book, &second)?;
        let said = |handover: &Handover| handover.approval(&self.book);
        if one.old_epoch != other.old_epoch || said(&one) == said(&other) {
            return Err(NoProof::OneHandover);
        }
        if first.id() > second.id() {
            return Err(NoProof::NotCanonical);
        }
        Ok((Accused::Roots(self.book), Place::End(one.old_epoch)))
    }

    fn two_states(&self, case: &Case) -> Found {
        let ([first, second, firsts], rotations) = case.at_least()?;
        let (first, second) = (read(first)?, read(second)?);
        let (one, other) = (attest(&first)?, attest(&second)?);
        let of = |it: &Attest| (it.position, it.tip, it.manifest);
        if of(one) != of(other) {
            return Err(NoProof::OtherState);
        }
        if one.state_hash == other.state_hash {
            return Err(NoProof::SameState);
        }
        let trail = KeyTrail::read(firsts, rotations)?;
        let asked = [&first, &second].map(|one| (one.header().author, one.header().key_epoch));
        trail.check_exact(&asked)?;
        for (entry, (author, epoch)) in [&first, &second].into_iter().zip(&asked) {
            if entry.header().book != self.book {
                return Err(NoProof::OtherBook);
            }
            let key = trail.key_of(&self.book, author, *epoch)?;
            key.verify(Tag::Entry, &entry.id().0, entry.signature())
                .map_err(|_| NoProof::NotSigned)?;
        }
        if first.id() > second.id() {
            return Err(NoProof::NotCanonical);
        }
        let accused = Accused::OneOf {
            first: (first.header().author, one.state_hash),
            second: (second.header().author, other.state_hash),
        };
        Ok((accused, Place::At(one.position)))
    }

    /// A checkpoint of this book by one of the relay keys, in its one form: with that key's line alone.
    fn checkpoint(&self, bytes: &[u8]) -> Result<SignedCheckpoint, NoProof> {
        let note = Note::parse(bytes).map_err(|why| NoProof::Checkpoint(why.into()))?;
        let tried = self.relays_of(&note)?;
        let tried = tried.map(|relay| SignedCheckpoint::of(&note, &relay));
        let opened = best(tried, CheckpointFault::Note(NoteFault::Unsigned));
        let signed = opened.map_err(NoProof::Checkpoint)?;
        if signed.bytes() == bytes {
            Ok(signed)
        } else {
            Err(NoProof::NotCanonical)
        }
    }

    /// Each relay key that was given, for the book and epoch that a note names.
    fn relays_of(&self, note: &Note) -> Result<impl Iterator<Item = RelayKey>, NoProof> {
        let named = Checkpoint::parse(note.text());
        let origin = named.map_err(NoProof::Checkpoint)?.origin;
        if origin.book != self.book {
            return Err(NoProof::OtherBook);
        }
        let keys = self.relays.iter().cloned();
        Ok(keys.map(move |key| RelayKey::new(origin, key)))
    }

    fn open(&self, bytes: &[u8]) -> Result<Result<Receipt, (ReceiptFault, PublicKey)>, NoProof> {
        let proof = TlogProof::parse(bytes).map_err(NoProof::Receipt)?;
        let fault = |why: NoteFault| NoProof::Receipt(CheckpointFault::Note(why).into());
        let note = Note::parse(proof.note.as_bytes()).map_err(fault)?;
        let relays = self.relays_of(&note)?;
        let unsigned = ReceiptFault::Checkpoint(NoteFault::Unsigned.into());
        let mut worst = (unsigned, PublicKey::ZERO);
        for relay in relays {
            match Receipt::open(bytes, &relay) {
                Ok(receipt) => return Ok(Ok(receipt)),
                Err(why) if why == unsigned => {}
                Err(why) => worst = (why, relay.note_key().public()),
            }
        }
        Ok(Err(worst))
    }

    /// A receipt of this book under one of the relay keys, in its one form.
    pub(super) fn receipt(&self, bytes: &[u8]) -> Result<Receipt, NoProof> {
        let opened = self.open(bytes)?;
        let receipt = opened.map_err(|(why, _)| NoProof::Receipt(why))?;
        if receipt.proof().to_string().as_bytes() == bytes {
            Ok(receipt)
        } else {
            Err(NoProof::NotCanonical)
        }
    }

    /// A leaf that the relay signed and that its own rules forbid: which, by which key, in which epoch. A leaf of a newer
    /// format accuses nobody.
    pub(super) fn bad_leaf(
        &self,
        bytes: &[u8],
    ) -> Result<(LeafIndex, PublicKey, RelayEpoch), NoProof> {
        let Err((why, key)) = self.open(bytes)? else {
            return Err(NoProof::WellPlaced);
        };
        let accuses = matches!(
            why,
            ReceiptFault::Record(Unreadable::Malformed(_))
                | ReceiptFault::Position
                | ReceiptFault::Epoch
        );
        let proof = TlogProof::parse(bytes).map_err(NoProof::Receipt)?;
        let note = Note::parse(proof.note.as_bytes());
        let named = note.map(|note| Checkpoint::parse(note.text()).map(|one| (one, note)));
        let (true, Ok(Ok((checkpoint, note)))) = (accuses, named) else {
            return Err(NoProof::Receipt(why));
        };
        if note.lines().len() != 1 || proof.to_string().as_bytes() != bytes {
            return Err(NoProof::NotCanonical);
        }
        Ok((proof.index, key, checkpoint.origin.epoch))
    }

    /// Two receipts under one key, book and epoch.
    fn in_one_tree(&self, first: &[u8], second: &[u8]) -> Result<(Receipt, Receipt), NoProof> {
        let (one, other) = (self.receipt(first)?, self.receipt(second)?);
        let tree = |it: &Receipt| (it.signed().checkpoint().origin, it.signed().key());
        if tree(&one) == tree(&other) {
            Ok((one, other))
        } else {
            Err(NoProof::TwoTrees)
        }
    }

    /// The same, the first at an earlier position.
    pub(super) fn in_order(
        &self,
        first: &[u8],
        second: &[u8],
    ) -> Result<(Receipt, Receipt), NoProof> {
        let (one, other) = self.in_one_tree(first, second)?;
        if one.record().position < other.record().position {
            Ok((one, other))
        } else {
            Err(NoProof::OtherPosition)
        }
    }
}

/// The first that is taken, or else the fault that says more than "by another key".
fn best<T>(
    tried: impl Iterator<Item = Result<T, CheckpointFault>>,
    unsigned: CheckpointFault,
) -> Result<T, CheckpointFault> {
    let mut worst = unsigned;
    for one in tried {
        match one {
            Ok(taken) => return Ok(taken),
            Err(why) if why == unsigned => {}
            Err(why) => worst = why,
        }
    }
    Err(worst)
}

fn blame_fork(fork: &Fork) -> (Accused, Place) {
    let signed = match fork {
        Fork::SameSize { other, .. } => other,
        Fork::Inconsistent { older, .. } => older,
    };
    let at = signed.checkpoint();
    let (epoch, key) = (at.origin.epoch, signed.key());
    (Accused::Relay { epoch, key }, Place::Tree(epoch, at.size))
}

fn signed(bytes: &[u8]) -> Result<SignedHeader, NoProof> {
    let mut reader = Reader(bytes);
    let signed = SignedHeader::read(&mut reader).map_err(NoProof::Unreadable)?;
    reader.end()?;
    Ok(signed)
}

fn read(bytes: &[u8]) -> Result<Entry, NoProof> {
    Entry::decode(bytes).map_err(NoProof::Unreadable)
}

fn attest(entry: &Entry) -> Result<&Attest, NoProof> {
    match entry.body() {
        Body::Attest(payload) => Ok(payload),
        _ => Err(NoProof::NoAttest),
    }
}

/// Gives the parts as they are written: what a builder makes is judged before it is given out.
pub(super) fn proved(
    (class, book): (Class, BookId),
    parts: Vec<Vec<u8>>,
    relay_keys: &[AdmittedKey],
) -> Result<Vec<u8>, NoProof> {
    let bytes = Case { class, book, parts }.encode();
    verify_evidence(&bytes, &book, relay_keys)?;
    Ok(bytes)
}
