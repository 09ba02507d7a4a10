//! What control entries have settled besides keys: content keys, ended subject keys, readmitted entries, cuts.

use super::Reject;
use crate::entry::Seen;
use crate::id::{AuthorId, ContentEpoch, EntryId, KeyCommitment, Position, RelayEpoch, SubjectId};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// A key for encrypted bodies as the log declares it: what it must be, not what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclaredKey {
    /// A hash of the key that commits to it.
    pub commitment: KeyCommitment,
    /// Who declared it.
    pub by: AuthorId,
    /// Where.
    pub declared: Position,
    /// Where it became usable: where a second member confirmed it, or where it was declared if there was none.
    pub confirmed: Option<Position>,
}

/// How far a subject's keys have ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shredded {
    /// The newest generation that has ended.
    pub generation: u32,
    /// Where its shred stands.
    pub at: Position,
    /// Up to which generation each device has dropped them.
    pub acks: BTreeMap<AuthorId, u32>,
}

/// A handover: what the old relay had ordered above the cut has no place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cut {
    /// The epoch that ended.
    pub old_epoch: RelayEpoch,
    /// The newest position that stayed.
    pub cut: Position,
    /// The handover.
    pub entry: EntryId,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Controls {
    pub(super) content: BTreeMap<ContentEpoch, DeclaredKey>,
    pub(super) shredded: BTreeMap<SubjectId, Shredded>,
    /// Entries whose effect a readmission gave.
    pub(super) readmitted: BTreeSet<EntryId>,
    /// Entries that are known to have no place at a seq that another one has.
    pub(super) branches: BTreeSet<EntryId>,
    pub(super) cuts: Vec<Cut>,
}

impl Controls {
    /// A content key counts for entries after the position that made it usable.
    pub(super) fn usable(&self, number: ContentEpoch) -> Result<(), Reject> {
        let known = self.content.get(&number);
        if number == ContentEpoch::ZERO || known.is_some_and(|key| key.confirmed.is_some()) {
            Ok(())
        } else {
            Err(Reject::ContentEpoch { number })
        }
    }

    /// What was seen, cut at every later relay change.
    pub(super) fn effective(&self, seen: &Seen) -> Position {
        let later = self.cuts.iter().filter(|cut| cut.old_epoch >= seen.epoch);
        later.fold(seen.position, |least, cut| least.min(cut.cut))
    }

    pub(super) fn shred(&mut self, subject: SubjectId, generation: u32, at: Position) {
        let entry = self.shredded.entry(subject).or_insert(Shredded {
            generation,
            at,
            acks: BTreeMap::new(),
        });
        if generation > entry.generation {
            (entry.generation, entry.at) = (generation, at);
        }
    }

    pub(super) fn ack(&mut self, subject: &SubjectId, author: AuthorId, generation: u32) {
        if let Some(shredded) = self.shredded.get_mut(subject) {
            let acked = shredded.acks.entry(author).or_default();
            *acked = generation.max(*acked);
        }
    }
}
