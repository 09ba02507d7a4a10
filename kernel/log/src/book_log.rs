//! The one judge of what may stand where, for relay and client alike: order head, author heads, registry of keys.
//!
//! **Invariant:** nothing here looks at a clock or at what ops mean; two devices that placed the same records hold
//! equal `BookLog`s.

mod fault;
mod registry;

pub use fault::{Invalid, Reject};
pub use registry::{KeyRole, Member};

use crate::body::Body;
use crate::control::{DeviceKeys, KeyAdd, MemberRole};
use crate::entry::{Entry, Header, Kind, Seen, VerifiedEntry};
use crate::genesis::Genesis;
use crate::id::{
    AuthorId, BookId, ContentEpoch, EntryId, KeyEpoch, ManifestId, Position, RelayEpoch, Seq, Tip,
};
use crate::keys::{AdmittedKey, PublicKey, Signature};
use crate::order::OrderRecord;
use crate::{Malformed, book_log::registry::Registry};
use alloc::boxed::Box;
use alloc::collections::BTreeMap;

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
    /// Manifests by the position that first adopted them; 0 is the genesis.
    adopted: BTreeMap<ManifestId, Position>,
}

/// What placing an entry will change besides the heads.
enum Change {
    Nothing,
    Join(Box<Member>),
    Adopt(ManifestId),
}

/// What the judge found: which key must have signed, and what follows.
struct Verdict {
    key: AdmittedKey,
    role: MemberRole,
    change: Change,
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

    /// The record that places an entry next. A time before the newest record's is raised to it.
    pub fn next_record(&self, entry: &Entry, relay_time_ms: i64) -> OrderRecord {
        OrderRecord {
            epoch: self.epoch,
            position: self.next_position(),
            relay_time_ms: relay_time_ms.max(self.relay_time_ms),
            prev_tip: self.tip,
            entry_id: entry.id(),
            kind: entry.header().kind,
            signature: *entry.signature(),
        }
    }

    /// Puts an entry at the next position, or says why the log is invalid there and changes nothing.
    pub fn place(
        &mut self,
        record: &OrderRecord,
        entry: VerifiedEntry,
        tip_at: TipAt<'_>,
    ) -> Result<OrderedEntry, Invalid> {
        self.check_record(record, &entry)?;
        let verdict = self.judge(&entry, tip_at).map_err(Invalid::Entry)?;
        if entry.key().is_some_and(|key| key != verdict.key.public()) {
            return Err(Invalid::Key);
        }
        let header = *entry.header();
        self.apply(record, &header, verdict.change);
        Ok(OrderedEntry {
            position: self.position,
            tip: self.tip,
            record: *record,
            role: verdict.role,
            effective_seen: header.seen.position,
            entry,
        })
    }

    fn next_position(&self) -> Position {
        Position(self.position.0.saturating_add(1))
    }

    fn check_record(&self, record: &OrderRecord, entry: &Entry) -> Result<(), Invalid> {
        let expected = self.next_position();
        if record.epoch != self.epoch {
            return Err(Invalid::Epoch {
                expected: self.epoch,
                got: record.epoch,
            });
        }
        if record.position != expected {
            return Err(Invalid::Gap {
                expected,
                got: record.position,
            });
        }
        if record.prev_tip != self.tip {
            return Err(Invalid::PrevTip {
                ours: self.tip,
                got: record.prev_tip,
            });
        }
        if record.relay_time_ms < self.relay_time_ms {
            return Err(Invalid::TimeFell {
                last: self.relay_time_ms,
                got: record.relay_time_ms,
            });
        }
        if record.entry_id != entry.id() {
            return Err(Invalid::EntryId {
                record: record.entry_id,
                entry: entry.id(),
            });
        }
        if record.kind != entry.header().kind {
            return Err(Invalid::Kind);
        }
        if record.signature != *entry.signature() {
            return Err(Invalid::Signature);
        }
        Ok(())
    }

    fn judge(&self, entry: &Entry, tip_at: TipAt<'_>) -> Result<Verdict, Reject> {
        let header = entry.header();
        if header.book != self.book {
            return Err(Reject::WrongBook { got: header.book });
        }
        let member = self.registry.member(&header.author);
        // Only a key-add can come from an author who is not in the registry: it makes that author.
        if member.is_none() && header.kind != Kind::KeyAdd {
            return Err(Reject::NotAdmitted {
                author: header.author,
            });
        }
        let head = member.and_then(|member| member.head);
        let epoch = member.map_or(KeyEpoch::ZERO, |member| member.key_epoch);
        if header.key_epoch != epoch {
            return Err(Reject::KeyEpoch {
                expected: epoch,
                got: header.key_epoch,
            });
        }
        self.check_chain(header, head)?;
        self.check_seen(header, head, tip_at)?;
        match entry.body() {
            Body::KeyAdd(payload) => self.judge_key_add(header, payload, member),
            Body::Ops(_) | Body::Sealed(_) | Body::Refused(_) => {
                self.check_content_epoch(header)?;
                let member = member.ok_or(Reject::NotAdmitted {
                    author: header.author,
                })?;
                Ok(Verdict {
                    key: member.author_key.clone(),
                    role: member.role,
                    change: Change::Nothing,
                })
            }
            Body::Manifest(payload) => {
                let member = member.ok_or(Reject::NotAdmitted {
                    author: header.author,
                })?;
                if member.role != MemberRole::Manager {
                    return Err(Reject::NotManager {
                        author: header.author,
                    });
                }
                let change = Change::Adopt(payload.manifest);
                Ok(Verdict {
                    key: member.author_key.clone(),
                    role: member.role,
                    change,
                })
            }
        }
    }

    /// A body may be encrypted only under a content key that the log has declared. No payload of this build declares
    /// one, so none may be yet: an entry that nobody can open would stop every reader for ever.
    fn check_content_epoch(&self, header: &Header) -> Result<(), Reject> {
        match header.content_epoch {
            ContentEpoch::ZERO => Ok(()),
            got => Err(Reject::ContentEpoch { got }),
        }
    }

    /// The author's chain goes on without gap or fork.
    fn check_chain(&self, header: &Header, head: Option<Head>) -> Result<(), Reject> {
        let Some(head) = head else {
            return if header.seq == Seq::ZERO {
                Ok(())
            } else {
                Err(Reject::Gap { head: None })
            };
        };
        match head.seq.next() {
            Some(expected) if header.seq > expected => Err(Reject::Gap { head: Some(head) }),
            Some(expected) if header.seq == expected && header.prev == head.entry_id => Ok(()),
            _ => Err(Reject::Fork { head }),
        }
    }

    /// What the author says it has seen is below its own place, is what stands there, and does not decrease.
    fn check_seen(
        &self,
        header: &Header,
        head: Option<Head>,
        tip_at: TipAt<'_>,
    ) -> Result<(), Reject> {
        let seen = header.seen;
        if seen.epoch != self.epoch || seen.position > self.position {
            return Err(Reject::SeenUnknown {
                have: self.position,
            });
        }
        if let Some(head) = head {
            if seen == head.seen {
                return Ok(());
            }
            if seen.position < head.seen.position {
                return Err(Reject::SeenFell {
                    before: head.seen.position,
                    got: seen.position,
                });
            }
        }
        let ours = if seen.position == self.position {
            self.tip
        } else if seen.position == Position::ZERO {
            Tip(self.book.0)
        } else {
            tip_at(seen.position).ok_or(Reject::TipNotHeld {
                position: seen.position,
            })?
        };
        if seen.tip == ours {
            Ok(())
        } else {
            Err(Reject::SeenTip {
                position: seen.position,
                ours,
            })
        }
    }

    /// A manager's word, or enough root keys for the device's own first entry.
    fn judge_key_add(
        &self,
        header: &Header,
        payload: &KeyAdd,
        member: Option<&Member>,
    ) -> Result<Verdict, Reject> {
        let keys = payload.keys();
        let own = crate::control::author_id(&self.book, &keys.author_key) == header.author;
        let manager = member.filter(|member| member.role == MemberRole::Manager);
        if manager.is_some() && !payload.approvals.is_empty() {
            return Err(Reject::NeedlessApprovals);
        }
        if manager.is_none() {
            if !own || header.seq != Seq::ZERO {
                return Err(match member {
                    Some(_) => Reject::NotManager {
                        author: header.author,
                    },
                    None => Reject::NotAdmitted {
                        author: header.author,
                    },
                });
            }
            self.registry
                .check_approvals(&keys.approval(&self.book, payload.role), &payload.approvals)?;
        }
        let joining =
            self.registry
                .joining(&self.book, &keys, &payload.pop_author, &payload.pop_request)?;
        let joining =
            joining.map(|keys| Box::new(keys.member(&self.book, payload, self.next_position())));
        let signer = member.or(joining.as_deref()).ok_or(Reject::NotAdmitted {
            author: header.author,
        })?;
        let (key, role) = (signer.author_key.clone(), signer.role);
        Ok(Verdict {
            key,
            role,
            change: joining.map_or(Change::Nothing, Change::Join),
        })
    }

    /// The only place where a log changes.
    fn apply(&mut self, record: &OrderRecord, header: &Header, change: Change) {
        self.position = record.position;
        self.tip = record.tip();
        self.relay_time_ms = record.relay_time_ms;
        match change {
            Change::Nothing => {}
            Change::Join(member) => self.registry.insert(*member),
            Change::Adopt(manifest) => {
                self.adopted.entry(manifest).or_insert(record.position);
            }
        }
        let head = Head {
            seq: header.seq,
            entry_id: record.entry_id,
            key_epoch: header.key_epoch,
            seen: header.seen,
            position: record.position,
        };
        self.registry.set_head(&header.author, head);
    }
}
