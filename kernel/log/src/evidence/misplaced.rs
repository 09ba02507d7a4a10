//! R4: a relay put into its order what may not stand there. One rule at a time, each shown by receipts and by what a
//! record's hash fixes: the entry's header, and through that a control payload.
//!
//! Not shown here: an ops body that does not split into frames (its hash is over the frames, so there is no hash of bytes
//! that do not split), and whatever the registry decides.

use super::verify::Court;
use super::{Accused, Case, NoProof, Place, Verdict};
use crate::codec::{Malformed, Unreadable, Unsupported};
use crate::control::author_id;
use crate::entry::{Header, Kind};
use crate::hash::{Thing, derive};
use crate::id::{BodyHash, EntryId, KeyEpoch, Position, RelayEpoch, Tip};
use crate::keys::{AdmittedKey, PublicKey, Tag};
use crate::reader::Reader;
use crate::receipt::Receipt;
use crate::{Body, LeafIndex};
use core::fmt;

/// Which rule the order breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Misplaced {
    /// A leaf is no order record, or one of another position or a later epoch.
    Leaf,
    /// A record does not hash the one before it; the first hashes the book.
    PrevTip,
    /// Relay time fell within an epoch.
    Time,
    /// The relay epoch fell.
    Epoch,
    /// An author's seq stands twice.
    Twice,
    /// The entry is of another book.
    Book,
    /// The record names another kind than the entry.
    Kind,
    /// The header contradicts itself, or its body is longer than its kind allows.
    Header,
    /// The author says that it had seen its own place or a later one, or a later epoch.
    Seen,
    /// The author says that it had seen another tip than the one that stands there.
    SeenTip,
    /// The signature in the record is not by the author's first key.
    Signature,
    /// The control payload is malformed.
    Payload,
}

impl Misplaced {
    /// Every rule; its place is its number on the wire.
    pub const ALL: [Misplaced; 12] = [
        Misplaced::Leaf,
        Misplaced::PrevTip,
        Misplaced::Time,
        Misplaced::Epoch,
        Misplaced::Twice,
        Misplaced::Book,
        Misplaced::Kind,
        Misplaced::Header,
        Misplaced::Seen,
        Misplaced::SeenTip,
        Misplaced::Signature,
        Misplaced::Payload,
    ];

    /// The number on the wire.
    pub fn number(self) -> u8 {
        let before = Misplaced::ALL.iter().take_while(|rule| **rule != self);
        u8::try_from(before.count()).unwrap_or(u8::MAX)
    }

    fn read(bytes: &[u8]) -> Result<Misplaced, Unreadable> {
        let mut reader = Reader(bytes);
        let number = reader.u8()?;
        reader.end()?;
        let known = Misplaced::ALL.get(usize::from(number)).copied();
        known.ok_or(Unsupported::Evidence(number).into())
    }
}

impl fmt::Display for Misplaced {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Misplaced::Leaf => "a leaf that is no order record of its place",
            Misplaced::PrevTip => "a record that does not continue the one before it",
            Misplaced::Time => "relay time that fell",
            Misplaced::Epoch => "a relay epoch that fell",
            Misplaced::Twice => "one place of an author's chain placed twice",
            Misplaced::Book => "an entry of another book",
            Misplaced::Kind => "a record that names another kind than its entry",
            Misplaced::Header => "an entry whose header contradicts itself",
            Misplaced::Seen => "an entry that says it had seen what comes after it",
            Misplaced::SeenTip => "an entry that says it had seen another order",
            Misplaced::Signature => "an entry that its author did not sign",
            Misplaced::Payload => "a control entry whose payload is malformed",
        })
    }
}

/// Part 0 is the rule's number; the rest is as `docs/spec/evidence.md` says for each rule.
pub(super) fn judge(court: &Court<'_>, case: &Case) -> Result<Verdict, NoProof> {
    let ([rule], _) = case.at_least()?;
    let rule = Misplaced::read(rule).map_err(NoProof::Unreadable)?;
    let (accused, place) = match rule {
        Misplaced::Leaf => {
            let [_, leaf] = case.exactly()?;
            let (index, key, epoch) = court.bad_leaf(leaf)?;
            let at = place_of(index, epoch);
            return Ok(verdict(case, rule, (Accused::Relay { epoch, key }, at)));
        }
        Misplaced::PrevTip => prev_tip(court, case)?,
        Misplaced::Time | Misplaced::Epoch => {
            let [_, first, second] = case.exactly()?;
            let (first, second) = court.in_order(first, second)?;
            fell(rule, &first, &second)?;
            blame(&second)
        }
        Misplaced::Twice => {
            let [_, first, second, one, other] = case.exactly()?;
            let (first, second) = court.in_order(first, second)?;
            let (one, other) = (placed(&first, one)?, placed(&second, other)?);
            let same = (one.book, one.author, one.seq) == (other.book, other.author, other.seq);
            broken(same)?;
            blame(&second)
        }
        Misplaced::SeenTip => {
            let [_, seen, receipt, header] = case.exactly()?;
            let (seen, receipt) = court.in_order(seen, receipt)?;
            let header = placed(&receipt, header)?;
            let (position, tip) = seen.tip();
            if header.seen.epoch != receipt.record().epoch || header.seen.position != position {
                return Err(NoProof::OtherPosition);
            }
            broken(header.seen.tip != tip)?;
            blame(&receipt)
        }
        Misplaced::Signature => {
            let [_, receipt, header, key] = case.exactly()?;
            let receipt = court.receipt(receipt)?;
            signature(court, &receipt, &placed(&receipt, header)?, key)?;
            blame(&receipt)
        }
        Misplaced::Payload => {
            let [_, receipt, header, body] = case.exactly()?;
            let receipt = court.receipt(receipt)?;
            payload(&placed(&receipt, header)?, body)?;
            blame(&receipt)
        }
        Misplaced::Book | Misplaced::Kind | Misplaced::Header | Misplaced::Seen => {
            let [_, receipt, header] = case.exactly()?;
            let receipt = court.receipt(receipt)?;
            alone(court, rule, &receipt, &placed(&receipt, header)?)?;
            blame(&receipt)
        }
    };
    Ok(verdict(case, rule, (accused, place)))
}

fn verdict(case: &Case, rule: Misplaced, (accused, place): (Accused, Place)) -> Verdict {
    Verdict {
        class: case.class,
        book: case.book,
        accused,
        place,
        rule: Some(rule),
    }
}

fn place_of(index: LeafIndex, epoch: RelayEpoch) -> Place {
    Place::Order(epoch, Position(index.0.saturating_add(1)))
}

/// The relay of the tree, at the receipt's position.
pub(super) fn blame(receipt: &Receipt) -> (Accused, Place) {
    let epoch = receipt.signed().checkpoint().origin.epoch;
    let accused = Accused::Relay {
        epoch,
        key: receipt.signed().key(),
    };
    (accused, Place::Order(epoch, receipt.record().position))
}

fn broken(is_broken: bool) -> Result<(), NoProof> {
    if is_broken {
        Ok(())
    } else {
        Err(NoProof::WellPlaced)
    }
}

/// The header whose hash the record holds.
pub(super) fn placed(receipt: &Receipt, bytes: &[u8]) -> Result<Header, NoProof> {
    if EntryId(derive(Thing::EntryId, &[bytes])) != receipt.record().entry_id {
        return Err(NoProof::NotPlaced);
    }
    let mut reader = Reader(bytes);
    let header = Header::decode(&mut reader).map_err(NoProof::Unreadable)?;
    reader.end().map_err(|_| NoProof::NotPlaced)?;
    Ok(header)
}

/// Two neighbours, or the first record alone.
fn prev_tip(court: &Court<'_>, case: &Case) -> Result<(Accused, Place), NoProof> {
    if let Ok([_, only]) = case.exactly() {
        let only = court.receipt(only)?;
        if only.record().position != Position(1) {
            return Err(NoProof::OtherPosition);
        }
        broken(only.record().prev_tip != Tip(case.book.0))?;
        return Ok(blame(&only));
    }
    let [_, first, second] = case.exactly()?;
    let (first, second) = court.in_order(first, second)?;
    if first.record().position.next() != Some(second.record().position) {
        return Err(NoProof::OtherPosition);
    }
    broken(second.record().prev_tip != first.record().tip())?;
    Ok(blame(&second))
}

fn fell(rule: Misplaced, first: &Receipt, second: &Receipt) -> Result<(), NoProof> {
    let (first, second) = (first.record(), second.record());
    broken(match rule {
        Misplaced::Epoch => second.epoch < first.epoch,
        _ => second.epoch == first.epoch && second.relay_time_ms < first.relay_time_ms,
    })
}

fn alone(
    court: &Court<'_>,
    rule: Misplaced,
    receipt: &Receipt,
    header: &Header,
) -> Result<(), NoProof> {
    let (record, seen) = (receipt.record(), header.seen);
    match rule {
        Misplaced::Book => broken(header.book != court.book),
        Misplaced::Kind => broken(header.kind != record.kind),
        Misplaced::Seen => broken(
            seen.epoch > record.epoch
                || (seen.epoch == record.epoch && seen.position >= record.position),
        ),
        _ if header.body_len > header.kind.body_bytes_max() => Ok(()),
        _ => match header.check() {
            Ok(()) => Err(NoProof::WellPlaced),
            Err(Unreadable::Malformed(_)) => Ok(()),
            Err(unsupported) => Err(NoProof::Unreadable(unsupported)),
        },
    }
}

/// The first key alone: it hashes to the author. Which key an author has later, its registry says: an author who signed
/// two rotations could show the other one and blame the relay.
fn signature(
    court: &Court<'_>,
    receipt: &Receipt,
    header: &Header,
    key: &[u8],
) -> Result<(), NoProof> {
    let key = PublicKey(key.try_into().map_err(|_| NoProof::KeyTrail)?);
    let is_first = author_id(&court.book, &key) == header.author;
    if !is_first || header.key_epoch != KeyEpoch::ZERO || header.book != court.book {
        return Err(NoProof::KeyTrail);
    }
    let record = receipt.record();
    // A key that cannot be admitted verifies nothing, and an honest relay lets nobody in with it.
    let signed = AdmittedKey::admit(key).is_ok_and(|key| {
        key.verify(Tag::Entry, &record.entry_id.0, &record.signature)
            .is_ok()
    });
    broken(!signed)
}

fn payload(header: &Header, body: &[u8]) -> Result<(), NoProof> {
    let hash = BodyHash(derive(Thing::Control, &[body]));
    let is_placed = header.kind != Kind::Ops
        && header.body_hash == hash
        && u32::try_from(body.len()) == Ok(header.body_len);
    if !is_placed {
        return Err(NoProof::NotPlaced);
    }
    match Body::decode(header.kind, body, 0) {
        Ok(_) => Err(NoProof::WellPlaced),
        Err(Unreadable::Malformed(_)) => Ok(()),
        Err(unsupported) => Err(NoProof::Unreadable(unsupported)),
    }
}

impl From<Malformed> for NoProof {
    fn from(why: Malformed) -> Self {
        NoProof::Unreadable(why.into())
    }
}
