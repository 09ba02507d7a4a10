//! Everything that two clients could compare, and what comes of it.

use super::{Author, World};
use daybook_log::evidence::*;
use daybook_log::merge::{Merged, merge_checkpoint};
use daybook_log::*;

fn trail(of: &[&Author], epochs: &[KeyEpoch]) -> KeyTrail {
    let mut firsts: Vec<PublicKey> = of.iter().map(|author| author.first).collect();
    firsts.sort();
    firsts.dedup();
    let mut rotations: Vec<Entry> = Vec::new();
    for (author, epoch) in of.iter().zip(epochs) {
        let needed = usize::try_from(epoch.0).expect("few");
        for rotation in author.rotations.iter().take(needed) {
            if !rotations.contains(rotation) {
                rotations.push(rotation.clone());
            }
        }
    }
    rotations.sort_by_key(|one| (one.header().author, one.header().key_epoch));
    KeyTrail { firsts, rotations }
}

impl World {
    /// Every verdict out of every pair of entries of an author, of attests, of checkpoints and of handovers that exist.
    /// Returns how many comparisons that were, and the verdicts.
    pub(crate) fn pairs(&self) -> (usize, Vec<Verdict>) {
        let (book, mut tried, mut made) = (self.book(), 0, Vec::new());
        for author in &self.authors {
            for (n, one) in author.signed.iter().enumerate() {
                for other in &author.signed[n..] {
                    let epochs = [other.header().key_epoch];
                    tried += 1;
                    made.extend(of_entries(&book, one, other, &trail(&[author], &epochs)));
                }
            }
        }
        let attests: Vec<(&Author, &Entry)> = self
            .authors
            .iter()
            .flat_map(|author| {
                let attests = author
                    .signed
                    .iter()
                    .filter(|entry| entry.header().kind == Kind::Attest);
                attests.map(move |entry| (author, entry))
            })
            .collect();
        for (n, (a, one)) in attests.iter().enumerate() {
            for (b, other) in &attests[n..] {
                let epochs = [one, other].map(|entry| entry.header().key_epoch);
                tried += 1;
                made.extend(of_attests(&book, one, other, &trail(&[a, b], &epochs)));
            }
        }
        let roots = RootTrail {
            genesis: self.genesis.clone(),
            changes: Vec::new(),
        };
        for one in &self.handovers {
            for other in &self.handovers {
                tried += 1;
                made.extend(of_handovers(&roots, one, other));
            }
        }
        for (n, (by, one)) in self.checkpoints.iter().enumerate() {
            for (by_other, other) in &self.checkpoints[n..] {
                let (old, new) = (one.checkpoint().size, other.checkpoint().size);
                let proof = self.relays[*by.max(by_other)].consistency(old.min(new), old.max(new));
                tried += 1;
                if let Ok(Merged::Fork(fork)) = merge_checkpoint(Some(one), other, proof.as_ref()) {
                    made.push(of_fork(&fork, &self.relays[*by].public()).expect("a fork"));
                }
            }
        }
        (tried, self.judged(made))
    }

    /// Every verdict out of receipts of a relay's newest order, for every `stride`-th position: with the one before it,
    /// with itself under two checkpoints, with its entry, and with a handover.
    pub(crate) fn receipts(&self, which: usize, stride: usize) -> (usize, Vec<Verdict>) {
        let (relay, mut tried, mut made) = (&self.relays[which], 0, Vec::new());
        let (key, signed) = (relay.public(), relay.checkpoint());
        let roots = RootTrail {
            genesis: self.genesis.clone(),
            changes: Vec::new(),
        };
        let start = (relay.placed.len() - 1) % stride;
        for other in self.relays[which + 1..]
            .iter()
            .filter(|one| one.seed == relay.seed)
        {
            let (at, last) = (
                relay.placed.len() - 1,
                relay.receipt(relay.placed.len() - 1, &signed),
            );
            let theirs = other.receipt(at, &other.checkpoint());
            made.extend(of_receipts(&last, &theirs, &key));
            tried += 1;
        }
        for at in (start..relay.placed.len()).step_by(stride) {
            let receipt = relay.receipt(at, &signed);
            let entry = &relay.placed[at].1;
            if at > 0 {
                let before = relay.receipt(at - 1, &signed);
                made.extend(of_receipts(&before, &receipt, &key));
            }
            made.extend(of_receipts(&receipt, &receipt, &key));
            let author = self
                .authors
                .iter()
                .find(|one| one.id == entry.header().author);
            let first = author.map_or(PublicKey::ZERO, |author| author.first);
            let seen = usize::try_from(entry.header().seen.position.0).expect("few");
            let seen = seen.checked_sub(1).filter(|seen| *seen < at);
            let seen =
                seen.map(|seen| (relay.receipt(seen, &signed), relay.placed[seen].1.bytes()));
            let others: Vec<_> = seen
                .iter()
                .map(|(receipt, bytes)| (receipt, *bytes))
                .collect();
            made.extend(of_entry((&receipt, entry.bytes()), &first, &others, &key));
            for handover in &self.handovers {
                made.extend(after_handover(&roots, handover, (&receipt, entry), &key));
                tried += 1;
            }
            tried += 3;
        }
        (tried, self.judged(made))
    }

    /// As a stranger: the bytes, the book and the relays' keys.
    pub(crate) fn judged(&self, made: Vec<Vec<u8>>) -> Vec<Verdict> {
        let keys: Vec<AdmittedKey> = self.relays.iter().map(super::Relay::public).collect();
        let book = self.book();
        let judge =
            |bytes: &Vec<u8>| verify_evidence(bytes, &book, &keys).expect("judged when made");
        made.iter().map(judge).collect()
    }
}
