//! The one judge of what may stand where, for relay and client alike: order head, author heads, registry of keys.
//!
//! **Invariant:** nothing here looks at a clock or at what ops mean; two devices that placed the same records hold
//! equal `BookLog`s.

mod controls;
mod fault;
mod judge;
mod member;
mod record;
mod registry;
mod rules;

pub use controls::{Cut, DeclaredKey, Shredded};
pub use fault::Reject;
pub use member::{Attested, KeyRole, Member, PastKey, Standing};
pub use record::Invalid;

use crate::Malformed;
use crate::content::BodyFault;
use crate::control::{DeviceKeys, MemberRole};
use crate::entry::{Entry, Seen, VerifiedEntry};
use crate::genesis::Genesis;
use crate::id::{
    AuthorId, BookId, ContentEpoch, EntryId, KeyEpoch, ManifestId, Position, RelayEpoch, Seq,
    SubjectId, Tip,
};
use crate::keys::{AdmittedKey, PublicKey, Signature};
use crate::order::OrderRecord;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use controls::Controls;
use registry::Registry;
use rules::{Change, Verdict};

/// Answers with the tip at a position of this book, for positions that are placed; `None` if it is not held.
pub type TipAt<'a> = &'a dyn Fn(Position) -> Option<Tip>;

/// The newest placed entry of an author.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// Its place in the author's chain.
    pub seq: Seq,
    /// Its id: the `prev` of the next one.
    pub entry_id: EntryId,
    /// The key that signed it.
    pub key_epoch: KeyEpoch,
    /// What it had seen: the next one has seen no less.
    pub seen: Seen,
    /// Where it stands.
    pub position: Position,
}

/// An entry with its place: what the fold takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrderedEntry {
    /// Its position.
    pub position: Position,
    /// The order chain's value there.
    pub tip: Tip,
    /// The record that placed it.
    pub record: OrderRecord,
    /// The entry.
    pub entry: VerifiedEntry,
    /// The author's role in the registry at this position.
    pub role: MemberRole,
    /// What the author had seen, cut at every later relay change: all checks use this.
    pub effective_seen: Position,
    /// A readmission earlier in the order gave this entry its effect: it has none here.
    pub already: bool,
    /// What a readmission gives its effect to; none where that has a place or an effect already.
    pub readmitted: Option<Box<Readmitted>>,
}

/// An entry that a readmission carries, with what the fold takes of an author.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readmitted {
    /// The original, with its own author, seq and op ids.
    pub entry: VerifiedEntry,
    /// Its author's role in the registry at the readmission's position.
    pub role: MemberRole,
    /// What its author had seen, below the readmission's position and cut at every relay change.
    pub effective_seen: Position,
    /// The author key that a rotation leads to, for originals that come after it.
    pub(crate) aside: Option<(KeyEpoch, AdmittedKey)>,
    /// It is on a recorded branch, and so is what goes on from it.
    pub(crate) branch: bool,
}

impl OrderedEntry {
    /// [`Entry::opened`] in its place, with the same for what a readmission gives its effect to.
    pub fn opened(self, plaintext: Result<&[u8], BodyFault>) -> OrderedEntry {
        let readmitted = self.readmitted.map(|original| {
            let entry = original.entry.opened(plaintext);
            Box::new(Readmitted { entry, ..*original })
        });
        OrderedEntry {
            entry: self.entry.opened(plaintext),
            readmitted,
            ..self
        }
    }
}

/// A book's log, as far as it is placed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookLog {
    book: BookId,
    genesis: Genesis,
    epoch: RelayEpoch,
    position: Position,
    tip: Tip,
    relay_time_ms: i64,
    registry: Registry,
    controls: Controls,
    /// Manifests by the position that first adopted them; 0 is the genesis.
    adopted: BTreeMap<ManifestId, Position>,
}

impl BookLog {
    /// The empty log of a book.
    pub fn found(genesis: &Genesis) -> Result<BookLog, Malformed> {
        genesis.check()?;
        let book = genesis.book_id();
        Ok(BookLog {
            book,
            epoch: RelayEpoch::ZERO,
            position: Position::ZERO,
            tip: Tip(book.0),
            relay_time_ms: i64::MIN,
            registry: Registry::found(genesis)?,
            controls: Controls::default(),
            adopted: BTreeMap::from([(genesis.manifest, Position::ZERO)]),
            genesis: genesis.clone(),
        })
    }

    /// The book.
    pub fn book(&self) -> BookId {
        self.book
    }

    /// What it started from.
    pub fn genesis(&self) -> &Genesis {
        &self.genesis
    }

    /// The newest placed position; 0 before the first.
    pub fn position(&self) -> Position {
        self.position
    }

    /// The order chain's value there.
    pub fn tip(&self) -> Tip {
        self.tip
    }

    /// The relay epoch.
    pub fn epoch(&self) -> RelayEpoch {
        self.epoch
    }

    /// What an entry written now would declare as seen.
    pub fn seen(&self) -> Seen {
        Seen {
            epoch: self.epoch,
            position: self.position,
            tip: self.tip,
        }
    }

    /// The newest relay time, milliseconds since 1970; `i64::MIN` before the first record of an epoch.
    pub fn relay_time_ms(&self) -> i64 {
        self.relay_time_ms
    }

    /// An author's newest placed entry.
    pub fn head(&self, author: &AuthorId) -> Option<Head> {
        self.registry.member(author).and_then(|member| member.head)
    }

    /// Everybody in the registry, by author id.
    pub fn members(&self) -> impl Iterator<Item = &Member> {
        self.registry.members()
    }

    /// One member.
    pub fn member(&self, author: &AuthorId) -> Option<&Member> {
        self.registry.member(author)
    }

    /// Whose request key this is.
    pub fn member_by_request_key(&self, key: &PublicKey) -> Option<&Member> {
        self.registry.member_by_request_key(key)
    }

    /// The position that first adopted a manifest; 0 for the genesis manifest.
    pub fn adopted(&self, manifest: &ManifestId) -> Option<Position> {
        self.adopted.get(manifest).copied()
    }

    /// A key for encrypted bodies, if one was declared under that number.
    pub fn content_key(&self, epoch: ContentEpoch) -> Option<&DeclaredKey> {
        self.controls.content.get(&epoch)
    }

    /// Every declared key for encrypted bodies, by number.
    pub fn content_keys(&self) -> impl Iterator<Item = (ContentEpoch, &DeclaredKey)> + Clone {
        let keys = self.controls.content.iter();
        keys.map(|(epoch, key)| (*epoch, key))
    }

    /// Whether an entry placed next may have its body under this content key; 0 is "in clear".
    pub fn check_content_epoch(&self, epoch: ContentEpoch) -> Result<(), Reject> {
        self.controls.usable(epoch)
    }

    /// How far a subject's keys have ended, if any have.
    pub fn shredded(&self, subject: &SubjectId) -> Option<&Shredded> {
        self.controls.shredded.get(subject)
    }

    /// Every handover in the order, oldest first.
    pub fn cuts(&self) -> &[Cut] {
        &self.controls.cuts
    }

    /// Which set of root keys counts: 0 is the genesis's.
    pub fn root_epoch(&self) -> u32 {
        self.registry.root_epoch()
    }

    /// Whether a device could be let in now: its keys are admissible and free, and both proofs hold.
    /// `Ok(Some(author))` if this very device is in already.
    pub fn check_join(
        &self,
        keys: &DeviceKeys,
        pop_author: &Signature,
        pop_request: &Signature,
    ) -> Result<Option<AuthorId>, Reject> {
        let joining = self
            .registry
            .joining(&self.book, keys, pop_author, pop_request)?;
        Ok(if joining.is_some() {
            None
        } else {
            Some(crate::control::author_id(&self.book, &keys.author_key))
        })
    }

    /// Everything that placing checks about an entry at the next position except its signature, and the key that must
    /// have made that. The relay asks this under its lock; that an entry is already placed is for the caller to see.
    pub fn check(&self, entry: &Entry, tip_at: TipAt<'_>) -> Result<AdmittedKey, Reject> {
        self.judge(entry, tip_at).map(|verdict| verdict.key)
    }

    /// Puts an entry at the next position, or says why the log is invalid there and changes nothing.
    pub fn place(
        &mut self,
        record: &OrderRecord,
        entry: VerifiedEntry,
        tip_at: TipAt<'_>,
    ) -> Result<OrderedEntry, Invalid> {
        self.check_cut(&entry).map_err(Invalid::Entry)?;
        self.check_record(record, &entry)?;
        let verdict = self.judge(&entry, tip_at).map_err(Invalid::Entry)?;
        if entry.key().is_some_and(|key| key != verdict.key.public()) {
            return Err(Invalid::Key);
        }
        let Verdict { role, change, .. } = verdict;
        let effective_seen = self.effective_seen(&entry.header().seen);
        let already = self.controls.readmitted.contains(&entry.id());
        let readmitted = match &change {
            Change::Readmit(original) => Some(original.clone()),
            _ => None,
        };
        self.apply(record, &entry, change);
        Ok(OrderedEntry {
            position: self.position,
            tip: self.tip,
            record: *record,
            entry,
            role,
            effective_seen,
            already,
            readmitted,
        })
    }

    fn next_position(&self) -> Position {
        Position(self.position.0.saturating_add(1))
    }

    /// The only place where a log changes.
    fn apply(&mut self, record: &OrderRecord, entry: &Entry, change: Change) {
        let (at, header) = (record.position, entry.header());
        self.position = at;
        self.tip = record.tip();
        self.epoch = record.epoch;
        self.relay_time_ms = record.relay_time_ms;
        let head = Head {
            seq: header.seq,
            entry_id: record.entry_id,
            key_epoch: header.key_epoch,
            seen: header.seen,
            position: at,
        };
        self.change(&header.author, head, change);
        self.registry.set_head(&header.author, head);
    }

    fn change(&mut self, author: &AuthorId, head: Head, change: Change) {
        let (at, registry, controls) = (head.position, &mut self.registry, &mut self.controls);
        match change {
            Change::Nothing => {}
            Change::Join(member) => registry.insert(*member),
            Change::Rotate(keys) => registry.rotate(author, *keys, head),
            Change::Revoke(whom) => registry.set_standing(&whom, Standing::Revoked { at }),
            Change::Roots(roots) => registry.set_roots(*roots),
            Change::Adopt(manifest) => {
                self.adopted.entry(manifest).or_insert(at);
            }
            Change::Shred(subject, generation) => controls.shred(subject, generation, at),
            Change::Ack(subject, generation) => controls.ack(&subject, *author, generation),
            Change::Freeze(whom, branch) => {
                if let Some(whom) = whom {
                    registry.set_standing(&whom, Standing::Frozen { at });
                }
                controls.branches.extend(branch);
            }
            Change::Attest(attested) => registry.set_attested(author, attested),
            Change::Readmit(original) => {
                let id = original.entry.id();
                controls.readmitted.insert(id);
                controls.branches.extend(original.branch.then_some(id));
                if let Some((epoch, key)) = original.aside {
                    registry.put_aside(&original.entry.header().author, epoch, key);
                }
            }
            Change::Declare(number, key) => {
                controls.content.insert(number, key);
            }
            Change::Confirm(number) => {
                if let Some(key) = controls.content.get_mut(&number) {
                    key.confirmed = Some(at);
                }
            }
            Change::Handover(cut, key) => {
                controls.cuts.push(cut);
                registry.set_relay(&key);
            }
        }
    }
}
