//! What shows to a stranger whose a key is: from an author id or a book id, by signatures alone.

use super::NoProof;
use crate::control::{Approval, Handover, RootRotate, author_id, handover_author};
use crate::entry::{Entry, Seen};
use crate::genesis::Genesis;
use crate::id::{AuthorId, BookId, KeyEpoch, Seq};
use crate::keys::{AdmittedKey, PublicKey, Tag};
use crate::limits::EVIDENCE_CHAIN_MAX;
use crate::{Body, codec};
use alloc::vec::Vec;

/// First keys, which hash to author ids, and the rotations that lead to later ones.
///
/// An author's own signatures lead from key to key, so nobody else can be blamed by a trail. It does not show that the
/// rotations have a place: what counts in a book, its registry says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeyTrail {
    /// One for each author, rising.
    pub firsts: Vec<PublicKey>,
    /// By author id and key epoch, rising.
    pub rotations: Vec<Entry>,
}

impl KeyTrail {
    /// Of one author who never rotated.
    pub fn first(key: PublicKey) -> KeyTrail {
        KeyTrail {
            firsts: [key].into(),
            rotations: Vec::new(),
        }
    }

    /// The parts: the first keys as one, then each rotation's entry.
    pub(super) fn parts(&self) -> impl Iterator<Item = Vec<u8>> {
        let firsts: Vec<u8> = self.firsts.iter().flat_map(|key| key.0).collect();
        let rotations = self.rotations.iter().map(|one| one.bytes().to_vec());
        core::iter::once(firsts).chain(rotations)
    }

    pub(super) fn read(firsts: &[u8], rotations: &[Vec<u8>]) -> Result<KeyTrail, NoProof> {
        let (keys, rest) = firsts.as_chunks::<32>();
        if !rest.is_empty() || !keys.is_sorted_by(|a, b| a < b) || too_long(rotations) {
            return Err(NoProof::NotCanonical);
        }
        let read = |bytes: &Vec<u8>| Entry::decode(bytes).map_err(NoProof::Unreadable);
        let rotations: Vec<Entry> = rotations.iter().map(read).collect::<Result<_, _>>()?;
        let place = |one: &Entry| (one.header().author, one.header().key_epoch);
        if !rotations.is_sorted_by(|a, b| place(a) < place(b)) {
            return Err(NoProof::NotCanonical);
        }
        let firsts = keys.iter().copied().map(PublicKey).collect();
        Ok(KeyTrail { firsts, rotations })
    }

    /// Nothing in it is needless: one first key for each author, and one rotation below the epoch that is asked for.
    pub(super) fn check_exact(&self, asked: &[(AuthorId, KeyEpoch)]) -> Result<(), NoProof> {
        let mut authors: Vec<AuthorId> = asked.iter().map(|(author, _)| *author).collect();
        authors.sort();
        authors.dedup();
        let needed = |author: &AuthorId| {
            let epochs = asked.iter().filter(|(one, _)| one == author);
            epochs.map(|(_, epoch)| epoch.0).max().unwrap_or(0)
        };
        let count = authors.iter().map(|author| u64::from(needed(author))).sum();
        if u64::try_from(self.rotations.len()) == Ok(count) && self.firsts.len() == authors.len() {
            Ok(())
        } else {
            Err(NoProof::NotCanonical)
        }
    }

    /// The author's key of an epoch, each step of the way checked.
    pub(super) fn key_of(
        &self,
        book: &BookId,
        author: &AuthorId,
        epoch: KeyEpoch,
    ) -> Result<AdmittedKey, NoProof> {
        let mut firsts = self.firsts.iter();
        let first = firsts.find(|key| author_id(book, key) == *author);
        let mut key = admit(*first.ok_or(NoProof::KeyTrail)?)?;
        let mut at = KeyEpoch::ZERO;
        while at < epoch {
            key = self.step(book, author, at, &key)?;
            at = at.next().ok_or(NoProof::KeyTrail)?;
        }
        Ok(key)
    }

    fn step(
        &self,
        book: &BookId,
        author: &AuthorId,
        at: KeyEpoch,
        key: &AdmittedKey,
    ) -> Result<AdmittedKey, NoProof> {
        let is_here = |one: &&Entry| {
            let header = one.header();
            header.book == *book && header.author == *author && header.key_epoch == at
        };
        let rotation = self.rotations.iter().find(is_here);
        let rotation = rotation.ok_or(NoProof::KeyTrail)?;
        let Body::KeyRotate(payload) = rotation.body() else {
            return Err(NoProof::KeyTrail);
        };
        key.verify(Tag::Entry, &rotation.id().0, rotation.signature())
            .map_err(|_| NoProof::KeyTrail)?;
        let next = admit(payload.author_key)?;
        let epoch = at.next().ok_or(NoProof::KeyTrail)?;
        let possession = payload.keys().possession(book, author, epoch);
        next.verify(Tag::PopAuthor, &possession, &payload.pop_author)
            .map_err(|_| NoProof::KeyTrail)?;
        Ok(next)
    }
}

fn admit(key: PublicKey) -> Result<AdmittedKey, NoProof> {
    AdmittedKey::admit(key).map_err(|_| NoProof::KeyTrail)
}

fn too_long(list: &[Vec<u8>]) -> bool {
    !u32::try_from(list.len()).is_ok_and(|len| len <= EVIDENCE_CHAIN_MAX)
}

/// A genesis, which hashes to the book, and the changes of root keys after it, as payloads: their approvals show them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootTrail {
    /// Where the book starts.
    pub genesis: Genesis,
    /// By number, from 1.
    pub changes: Vec<RootRotate>,
}

/// Root keys of one number with their threshold.
struct Roots {
    keys: Vec<AdmittedKey>,
    threshold: u8,
}

impl Roots {
    fn admit(keys: &[PublicKey], threshold: u8) -> Result<Roots, NoProof> {
        let keys = keys.iter().map(|key| AdmittedKey::admit(*key));
        let keys = keys.collect::<Result<_, _>>();
        let keys = keys.map_err(|_| NoProof::RootTrail)?;
        Ok(Roots { keys, threshold })
    }

    /// Whether enough of them signed, and nobody else did. The payload's own form keeps each index once.
    fn approve(&self, digest: &[u8; 32], approvals: &[Approval]) -> bool {
        let signed = |one: &Approval| {
            let key = self.keys.get(usize::from(one.root));
            key.is_some_and(|key| key.verify(Tag::Approval, digest, &one.signature).is_ok())
        };
        approvals.iter().all(signed) && approvals.len() >= usize::from(self.threshold)
    }
}

impl RootTrail {
    pub(super) fn parts(&self) -> impl Iterator<Item = Vec<u8>> {
        core::iter::once(self.genesis.encode()).chain(self.changes.iter().map(codec::encode))
    }

    pub(super) fn read(
        book: &BookId,
        genesis: &[u8],
        changes: &[Vec<u8>],
    ) -> Result<RootTrail, NoProof> {
        let genesis = Genesis::decode(genesis).map_err(NoProof::Unreadable)?;
        if genesis.book_id() != *book {
            return Err(NoProof::RootTrail);
        }
        if too_long(changes) {
            return Err(NoProof::NotCanonical);
        }
        let read = |bytes: &Vec<u8>| {
            let (body, _) = Body::decode(crate::Kind::RootRotate, bytes, 0)?;
            match body {
                Body::RootRotate(payload) => Ok(*payload),
                _ => Err(codec::Malformed::Undecodable.into()),
            }
        };
        let changes = changes.iter().map(read).collect::<Result<_, _>>();
        let changes = changes.map_err(NoProof::Unreadable)?;
        Ok(RootTrail { genesis, changes })
    }

    /// Every set that counted at some time, each approved by the one before it and by itself.
    fn sets(&self, book: &BookId) -> Result<Vec<Roots>, NoProof> {
        let mut newest = Roots::admit(&self.genesis.root_keys, self.genesis.threshold)?;
        let (mut sets, mut number) = (Vec::new(), 0_u32);
        for change in &self.changes {
            let next = Roots::admit(&change.root_keys, change.threshold)?;
            let digest = change.approval(book);
            number = number.saturating_add(1);
            let holds = change.root_epoch == number
                && newest.approve(&digest, &change.by_old)
                && next.approve(&digest, &change.by_new);
            if !holds {
                return Err(NoProof::RootTrail);
            }
            sets.push(core::mem::replace(&mut newest, next));
        }
        sets.push(newest);
        Ok(sets)
    }

    /// A handover that its relay key signed and that one of the sets approved, with the header that follows from it.
    pub(super) fn handover(&self, book: &BookId, entry: &Entry) -> Result<Handover, NoProof> {
        let Body::Handover(payload) = entry.body() else {
            return Err(NoProof::Handover);
        };
        let (header, epoch) = (entry.header(), payload.epoch());
        let seen = Seen {
            epoch: payload.old_epoch,
            position: payload.cut,
            tip: payload.tip,
        };
        let fits = epoch.is_ok_and(|epoch| header.author == handover_author(book, epoch))
            && header.book == *book
            && (header.seq, header.key_epoch, header.flags) == (Seq::ZERO, KeyEpoch::ZERO, 0)
            && header.seen == seen;
        let key = AdmittedKey::admit(payload.relay_key).map_err(|_| NoProof::Handover)?;
        let signed = key.verify(Tag::Entry, &entry.id().0, entry.signature());
        let digest = payload.approval(book);
        let mut sets = self.sets(book)?.into_iter();
        if fits && signed.is_ok() && sets.any(|set| set.approve(&digest, &payload.approvals)) {
            Ok((**payload).clone())
        } else {
            Err(NoProof::Handover)
        }
    }
}
