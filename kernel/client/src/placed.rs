//! The order as far as this device has checked it, and how safe each entry is.

use alloc::collections::BTreeMap;
use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;

use crate::signed::Signed;
use daybook_log::entry::{FLAG_HOLDS_ALL, FLAG_HOLDS_BODIES};
use daybook_log::{
    AuthorId, BookLog, Entry, EntryId, Genesis, Malformed, OrderRecord, OrderedEntry, Position,
    Seen, Tip, Tips, Unreadable,
};

/// Why a record and an entry were not placed. Nothing changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TakeFault {
    /// A newer build may know what this is.
    Unsupported(String),
    /// They cannot stand there.
    Invalid(String),
}

/// Whether an entry's signature is checked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// It comes from outside, or it is to be proved: check it.
    Nobody,
    /// This device checked it before it stored it: hashes, chain and order are checked, the signature is not.
    OwnStore,
}

/// The order so far.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    log: BookLog,
    tips: Tips,
    at: Vec<EntryId>,
    places: BTreeMap<EntryId, u64>,
    /// What the relay signed of it.
    pub(crate) signed: Signed,
    /// Up to here the entries are on this device's disk.
    saved: u64,
    /// Up to here the relay's signature is on this device's disk, too.
    saved_signed: u64,
    /// By author: up to here it has declared that it holds all entries.
    holds: BTreeMap<AuthorId, u64>,
}

impl Placed {
    pub(crate) fn found(genesis: &Genesis) -> Result<Self, Malformed> {
        let log = BookLog::found(genesis)?;
        let tips = Tips::new(log.book());
        Ok(Self {
            log,
            tips,
            at: Vec::new(),
            places: BTreeMap::new(),
            signed: Signed::found(genesis)?,
            saved: 0,
            saved_signed: 0,
            holds: BTreeMap::new(),
        })
    }

    pub(crate) fn log(&self) -> &BookLog {
        &self.log
    }

    pub(crate) fn position(&self) -> u64 {
        self.log.position().0
    }

    pub(crate) fn tip(&self) -> Tip {
        self.log.tip()
    }

    /// The tip at a position that is placed.
    pub(crate) fn tip_at(&self, position: u64) -> Option<Tip> {
        self.tips.at(Position(position))
    }

    /// The entry at a position.
    pub(crate) fn entry_at(&self, position: u64) -> Option<EntryId> {
        let index = usize::try_from(position.checked_sub(1)?).ok()?;
        self.at.get(index).copied()
    }

    /// The position of an entry.
    pub(crate) fn place_of(&self, entry: &EntryId) -> Option<u64> {
        self.places.get(entry).copied()
    }

    pub(crate) fn set_saved(&mut self, position: u64, signed: u64) {
        self.saved = position.min(self.position()).max(self.saved);
        self.saved_signed = signed.min(self.saved).max(self.saved_signed);
    }

    /// What an entry written now declares as seen: only what this device would still hold after a crash.
    pub(crate) fn seen(&self) -> Seen {
        let position = Position(self.saved);
        let tip = self.tips.at(position).unwrap_or(Tip(self.log.book().0));
        Seen {
            epoch: self.log.epoch(),
            position,
            tip,
        }
    }

    /// Checks a record with its entry and puts them next. The one way into the order, for what the relay sends, for
    /// what is stored, and for what is proved.
    pub(crate) fn take(
        &mut self,
        record: &[u8],
        bytes: Vec<u8>,
        trust: Trust,
    ) -> Result<OrderedEntry, TakeFault> {
        let record = OrderRecord::decode(record).map_err(|why| unreadable(why, "record"))?;
        let entry = Entry::from_vec(bytes).map_err(|why| unreadable(why, "entry"))?;
        let tips = &self.tips;
        let tip_at = |position: Position| tips.at(position);
        let verified = match trust {
            Trust::OwnStore => entry.trust_stored(),
            Trust::Nobody => {
                let key = self.log.check(&entry, &tip_at).map_err(invalid)?;
                entry.verify(&key).map_err(invalid)?
            }
        };
        let ordered = self
            .log
            .place(&record, verified, &tip_at)
            .map_err(invalid)?;
        self.note(&ordered);
        Ok(ordered)
    }

    fn note(&mut self, ordered: &OrderedEntry) {
        let header = ordered.entry.header();
        self.tips.push(ordered.tip);
        self.signed.push(&ordered.record);
        self.at.push(ordered.entry.id());
        self.places.insert(ordered.entry.id(), ordered.position.0);
        if header.flags & (FLAG_HOLDS_BODIES | FLAG_HOLDS_ALL) != 0 {
            let held = self.holds.entry(header.author).or_default();
            *held = (*held).max(ordered.effective_seen.0);
        }
    }

    /// How many parties besides this device hold a placed entry that is on this device's disk, too, with the relay's
    /// signature over its place; none before that.
    pub(crate) fn holders(&self, entry: &EntryId, own: &AuthorId) -> Option<u32> {
        let position = self
            .place_of(entry)
            .filter(|position| *position <= self.saved_signed)?;
        let devices = self
            .holds
            .iter()
            .filter(|(author, held)| *author != own && **held >= position)
            .count();
        Some(u32::try_from(devices).unwrap_or(u32::MAX).saturating_add(1))
    }
}

fn unreadable(why: Unreadable, what: &str) -> TakeFault {
    match why {
        Unreadable::Malformed(why) => TakeFault::Invalid(format!("{what}: {why}")),
        Unreadable::Unsupported(why) => TakeFault::Unsupported(format!("{what}: {why}")),
    }
}

fn invalid(why: impl core::fmt::Display) -> TakeFault {
    TakeFault::Invalid(format!("{why}"))
}
