//! The rules of each kind, and what an entry changes. What two honest authors may do at once changes nothing the second
//! time; it never blocks a chain.

use super::controls::{Cut, DeclaredKey};
use super::member::Attested;
use super::registry::{ProvedKeys, RootSet};
use super::{BookLog, Member, OrderedEntry, Readmitted, Reject, TipAt, VerifiedEntry};
use crate::body::Body;
use crate::control::{
    Attest, ContentNotice, Handover, KeyAdd, KeyRevoke, MemberRole, RootRotate, Shred, ShredAck,
    handover_author,
};
use crate::entry::{Entry, Header, Seen};
use crate::evidence::Evidence;
use crate::id::{AuthorId, ContentEpoch, EntryId, KeyEpoch, ManifestId, Seq, SubjectId};
use crate::keys::{AdmittedKey, Tag};
use crate::readmit::Readmit;
use alloc::boxed::Box;

/// What placing an entry will change besides the heads.
pub(super) enum Change {
    Nothing,
    Join(Box<Member>),
    Rotate(Box<ProvedKeys>),
    Revoke(AuthorId),
    Roots(Box<RootSet>),
    Adopt(ManifestId),
    Shred(SubjectId, u32),
    Ack(SubjectId, u32),
    /// Whose key epoch is frozen, and which entry is a branch.
    Freeze(Option<AuthorId>, Option<EntryId>),
    Attest(Attested),
    Readmit(Box<Readmitted>),
    Declare(ContentEpoch, DeclaredKey),
    Confirm(ContentEpoch),
    Handover(Cut, AdmittedKey),
}

/// What the judge found: which key must have signed, and what follows.
pub(super) struct Verdict {
    pub(super) key: AdmittedKey,
    pub(super) role: MemberRole,
    pub(super) change: Change,
}

fn manager(member: &Member) -> Result<(), Reject> {
    match member.role {
        MemberRole::Manager => Ok(()),
        MemberRole::Member => Err(Reject::NotManager {
            author: member.author,
        }),
    }
}

impl BookLog {
    /// The rules of the kind, for an author in the registry.
    pub(super) fn judge_member(
        &self,
        entry: &Entry,
        member: &Member,
        tip_at: TipAt<'_>,
    ) -> Result<Verdict, Reject> {
        let header = entry.header();
        let change = match entry.body() {
            Body::Ops(_) | Body::Sealed(_) | Body::Refused(_) => Change::Nothing,
            Body::KeyRotate(payload) => {
                let epoch = KeyEpoch(header.key_epoch.0.saturating_add(1));
                let keys = self.registry.rotation(&self.book, member, epoch, payload)?;
                Change::Rotate(Box::new(keys))
            }
            Body::KeyRevoke(payload) => self.judge_revoke(member, payload)?,
            Body::RootRotate(payload) => self.judge_roots(payload)?,
            Body::Manifest(payload) => {
                manager(member)?;
                Change::Adopt(payload.manifest)
            }
            Body::Shred(Shred {
                subject,
                generation,
            }) => {
                manager(member)?;
                Change::Shred(*subject, *generation)
            }
            Body::ShredAck(payload) => self.judge_ack(payload)?,
            Body::Evidence(payload) => self.judge_evidence(payload, tip_at)?,
            Body::Attest(payload) => self.judge_attest(header, payload, tip_at)?,
            Body::Readmit(payload) => {
                manager(member)?;
                self.judge_readmit(payload)?
            }
            Body::ContentEpoch(payload) => self.judge_content(member, payload)?,
            Body::KeyAdd(payload) => return self.judge_key_add(header, payload, Some(member)),
            Body::Handover(payload) => return self.judge_handover(entry, payload),
        };
        Ok(Verdict {
            key: member.author_key.clone(),
            role: member.role,
            change,
        })
    }

    /// A manager's word, or enough root keys for the device's own first entry.
    pub(super) fn judge_key_add(
        &self,
        header: &Header,
        payload: &KeyAdd,
        member: Option<&Member>,
    ) -> Result<Verdict, Reject> {
        let keys = payload.keys();
        let own = crate::control::author_id(&self.book, &keys.author_key) == header.author;
        let by_manager = member.is_some_and(|member| member.role == MemberRole::Manager);
        if by_manager && !payload.approvals.is_empty() {
            return Err(Reject::NeedlessApprovals);
        }
        if !by_manager {
            if !own || header.seq != Seq::ZERO {
                let author = header.author;
                return Err(match member {
                    Some(_) => Reject::NotManager { author },
                    None => Reject::NotAdmitted { author },
                });
            }
            let digest = keys.approval(&self.book, payload.role);
            self.registry.roots().check(&digest, &payload.approvals)?;
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

    /// Root keys over managers over members; equals may, nobody may upward, everybody may for itself.
    fn judge_revoke(&self, member: &Member, payload: &KeyRevoke) -> Result<Change, Reject> {
        let target = self
            .registry
            .member(&payload.author)
            .ok_or(Reject::NoSuchMember {
                author: payload.author,
            })?;
        if payload.approvals.is_empty() {
            if target.author != member.author {
                manager(member)?;
            }
        } else {
            let current = self.registry.root_epoch();
            if payload.root_epoch > current {
                return Err(Reject::RootEpoch { current });
            }
            if payload.root_epoch < current {
                return Ok(Change::Nothing);
            }
            let digest = payload.approval(&self.book);
            self.registry.roots().check(&digest, &payload.approvals)?;
        }
        Ok(Change::Revoke(payload.author))
    }

    fn judge_roots(&self, payload: &RootRotate) -> Result<Change, Reject> {
        let current = self.registry.root_epoch();
        let next = current.saturating_add(1);
        if payload.root_epoch > next {
            return Err(Reject::RootEpoch { current });
        }
        if payload.root_epoch < next {
            return Ok(Change::Nothing);
        }
        let roots = self.registry.next_roots(&self.book, payload)?;
        Ok(Change::Roots(Box::new(roots)))
    }

    fn judge_ack(&self, payload: &ShredAck) -> Result<Change, Reject> {
        let ended = self.controls.shredded.get(&payload.subject);
        if ended.is_some_and(|ended| ended.generation >= payload.generation) {
            Ok(Change::Ack(payload.subject, payload.generation))
        } else {
            Err(Reject::NotShredded)
        }
    }

    fn judge_evidence(&self, proof: &Evidence, tip_at: TipAt<'_>) -> Result<Change, Reject> {
        let header = proof.first.header();
        let author = header.author;
        let accused = self
            .registry
            .member(&author)
            .ok_or(Reject::NoSuchMember { author })?;
        let key = accused.key_of(header.key_epoch).ok_or(Reject::KeyEpoch {
            expected: accused.key_epoch,
            got: header.key_epoch,
        })?;
        proof.prove(&self.book, key).map_err(Reject::NoProof)?;
        let branch = match &proof.placed {
            None => None,
            Some(record) => {
                let position = record.position;
                let wrong = Reject::ProofRecord { position };
                if position > self.position || self.tip_of(position, tip_at)? != record.tip() {
                    return Err(wrong);
                }
                Some(proof.branch().ok_or(wrong)?)
            }
        };
        let frozen = (accused.key_epoch == header.key_epoch).then_some(author);
        Ok(Change::Freeze(frozen, branch))
    }

    fn judge_attest(
        &self,
        header: &Header,
        payload: &Attest,
        tip_at: TipAt<'_>,
    ) -> Result<Change, Reject> {
        if payload.position > header.seen.position {
            return Err(Reject::AttestUnseen {
                seen: header.seen.position,
            });
        }
        // Above the cut of its epoch it is about what is gone: placed, and counted for nothing.
        if payload.position > self.effective_seen(&header.seen) {
            return Ok(Change::Nothing);
        }
        let ours = self.tip_of(payload.position, tip_at)?;
        if payload.tip != ours {
            return Err(Reject::AttestTip { ours });
        }
        Ok(Change::Attest(Attested {
            position: payload.position,
            state_hash: payload.state_hash,
            floor: payload.floor,
        }))
    }

    /// The original is its author's. It has an effect if it has no place and no readmission yet: its seq is above what
    /// its key has placed, or it is on a recorded branch.
    fn judge_readmit(&self, payload: &Readmit) -> Result<Change, Reject> {
        let original = payload.original();
        let (header, id) = (original.header(), original.id());
        if header.book != self.book {
            return Err(Reject::WrongBook { got: header.book });
        }
        let author = header.author;
        let member = self
            .registry
            .member(&author)
            .ok_or(Reject::NoSuchMember { author })?;
        let mut keys = member.keys_aside(header.key_epoch).peekable();
        if keys.peek().is_none() {
            return Err(Reject::KeyEpoch {
                expected: member.key_epoch,
                got: header.key_epoch,
            });
        }
        let key = keys
            .find(|key| key.verify(Tag::Entry, &id.0, original.signature()).is_ok())
            .ok_or(Reject::Original { author })?;
        self.controls.usable(header.content_epoch)?;
        let above = member.placed_up_to(header.key_epoch, key) < Some(header.seq);
        let branches = &self.controls.branches;
        let branch = branches.contains(&id) || branches.contains(&header.prev);
        if self.controls.readmitted.contains(&id) || !(above || branch) {
            return Ok(Change::Nothing);
        }
        let aside = match original.body() {
            Body::KeyRotate(payload) => {
                let epoch = KeyEpoch(header.key_epoch.0.saturating_add(1));
                let registry = &self.registry;
                match registry.rotation_aside(&self.book, member, epoch, payload) {
                    Some(key) => Some((epoch, key)),
                    None => return Ok(Change::Nothing),
                }
            }
            _ => None,
        };
        Ok(Change::Readmit(Box::new(Readmitted {
            role: member.role,
            effective_seen: self.effective_seen(&header.seen).min(self.position),
            aside,
            branch,
            entry: VerifiedEntry::readmitted(original.clone(), key),
        })))
    }

    fn judge_content(&self, member: &Member, payload: &ContentNotice) -> Result<Change, Reject> {
        match *payload {
            ContentNotice::Declare { number, commitment } => {
                manager(member)?;
                if self.controls.content.contains_key(&number) {
                    return Ok(Change::Nothing);
                }
                let (here, by) = (self.next_position(), member.author);
                let alone = !self.registry.has_another_active(&by);
                let key = DeclaredKey {
                    commitment,
                    by,
                    declared: here,
                    confirmed: alone.then_some(here),
                };
                Ok(Change::Declare(number, key))
            }
            ContentNotice::Confirm { number, commitment } => {
                let known = self.controls.content.get(&number);
                let known = known.ok_or(Reject::Undeclared { number })?;
                if known.commitment != commitment || known.confirmed.is_some() {
                    return Ok(Change::Nothing);
                }
                if known.by == member.author {
                    return Err(Reject::OwnConfirm);
                }
                Ok(Change::Confirm(number))
            }
        }
    }

    /// Whether this log ends where a handover cuts, in the epoch that it ends. Asked before its record is looked at.
    pub(super) fn check_cut(&self, entry: &Entry) -> Result<(), Reject> {
        let Body::Handover(payload) = entry.body() else {
            return Ok(());
        };
        let (current, epoch) = (self.epoch, payload.old_epoch);
        let mut cuts = self.controls.cuts.iter();
        if cuts.any(|cut| cut.old_epoch == epoch && cut.entry != entry.id()) {
            return Err(Reject::TwoHandovers { epoch });
        }
        if epoch < current {
            return Err(Reject::HandoverEpoch { current });
        }
        if payload.cut != self.position || payload.tip != self.tip {
            return Err(Reject::Cut {
                have: self.position,
                cut: payload.cut,
            });
        }
        Ok(())
    }

    /// The one entry that opens a relay epoch: approved by root keys as of the cut, signed by the new relay key.
    pub(super) fn judge_handover(
        &self,
        entry: &Entry,
        payload: &Handover,
    ) -> Result<Verdict, Reject> {
        self.check_cut(entry)?;
        let header = entry.header();
        let current = self.epoch;
        let epoch = payload
            .epoch()
            .map_err(|_| Reject::HandoverEpoch { current })?;
        let seen = Seen {
            epoch: payload.old_epoch,
            position: payload.cut,
            tip: payload.tip,
        };
        let fits = header.author == handover_author(&self.book, epoch)
            && header.seq == Seq::ZERO
            && header.key_epoch == KeyEpoch::ZERO
            && header.flags == 0
            && header.seen == seen;
        if !fits {
            return Err(Reject::HandoverHeader);
        }
        let key = self.registry.next_relay(payload.relay_key)?;
        let digest = payload.approval(&self.book);
        self.registry.roots().check(&digest, &payload.approvals)?;
        let cut = Cut {
            old_epoch: payload.old_epoch,
            cut: payload.cut,
            entry: entry.id(),
        };
        Ok(Verdict {
            key: key.clone(),
            role: self.registry.role(&header.author),
            change: Change::Handover(cut, key),
        })
    }
}

impl OrderedEntry {
    /// Whose ops these are: the author of what is readmitted, or of the entry.
    pub fn author(&self) -> AuthorId {
        self.readmitted.as_ref().map_or_else(
            || self.entry.header().author,
            |original| original.entry.header().author,
        )
    }
}
