//! Where an entry may stand: its author's standing, its chain and what it had seen. Then the rules of its kind.

use super::{BookLog, Head, Member, Reject, Standing, TipAt, Verdict};
use crate::body::Body;
use crate::entry::{Entry, Header, Kind, Seen};
use crate::id::{KeyEpoch, Position, Seq, Tip};

impl BookLog {
    pub(super) fn judge(&self, entry: &Entry, tip_at: TipAt<'_>) -> Result<Verdict, Reject> {
        let header = entry.header();
        if header.book != self.book {
            return Err(Reject::WrongBook { got: header.book });
        }
        if let Body::Handover(payload) = entry.body() {
            return self.judge_handover(entry, payload);
        }
        let member = self.registry.member(&header.author);
        // Only a key-add can come from an author who is not in the registry: it makes that author.
        if member.is_none() && header.kind != Kind::KeyAdd {
            return Err(Reject::NotAdmitted {
                author: header.author,
            });
        }
        check_standing(header, member)?;
        let head = member.and_then(|member| member.head);
        check_chain(header, head)?;
        self.check_seen(header, head, tip_at)?;
        self.controls.usable(header.content_epoch)?;
        match (member, entry.body()) {
            (Some(member), _) => self.judge_member(entry, member, tip_at),
            (None, Body::KeyAdd(payload)) => self.judge_key_add(header, payload, None),
            (None, _) => Err(Reject::NotAdmitted {
                author: header.author,
            }),
        }
    }

    /// What was seen, cut at every later relay change.
    pub fn effective_seen(&self, seen: &Seen) -> Position {
        self.controls.effective(seen)
    }

    /// What the author says it has seen is below its own place, is what stands there, and does not decrease. What lies
    /// above the cut of its epoch is gone: it is not checked and proves nothing.
    fn check_seen(
        &self,
        header: &Header,
        head: Option<Head>,
        tip_at: TipAt<'_>,
    ) -> Result<(), Reject> {
        let seen = header.seen;
        let effective = self.effective_seen(&seen);
        if seen.epoch > self.epoch || effective > self.position {
            return Err(Reject::SeenUnknown {
                have: self.position,
            });
        }
        if let Some(head) = head {
            if seen == head.seen {
                return Ok(());
            }
            let before = self.effective_seen(&head.seen);
            if effective < before {
                return Err(Reject::SeenFell {
                    before,
                    got: effective,
                });
            }
        }
        if effective < seen.position {
            return Ok(());
        }
        let ours = self.tip_of(seen.position, tip_at)?;
        if seen.tip == ours {
            Ok(())
        } else {
            Err(Reject::SeenTip {
                position: seen.position,
                ours,
            })
        }
    }

    /// The tip at a placed position.
    pub(super) fn tip_of(&self, position: Position, tip_at: TipAt<'_>) -> Result<Tip, Reject> {
        if position == self.position {
            Ok(self.tip)
        } else if position == Position::ZERO {
            Ok(Tip(self.book.0))
        } else {
            tip_at(position).ok_or(Reject::TipNotHeld { position })
        }
    }
}

/// The author may write, under the key that it names. No clock: what counts is what stands before.
fn check_standing(header: &Header, member: Option<&Member>) -> Result<(), Reject> {
    if let Some(Standing::Revoked { at }) = member.map(|member| member.standing) {
        return Err(Reject::Revoked { at });
    }
    let (current, got) = (
        member.map_or(KeyEpoch::ZERO, |member| member.key_epoch),
        header.key_epoch,
    );
    if got < current {
        return Err(Reject::Superseded { current, got });
    }
    if got > current {
        let expected = current;
        return Err(Reject::KeyEpoch { expected, got });
    }
    if let Some(Standing::Frozen { at }) = member.map(|member| member.standing) {
        return Err(Reject::Frozen { at });
    }
    Ok(())
}

/// The author's chain goes on without gap or fork.
fn check_chain(header: &Header, head: Option<Head>) -> Result<(), Reject> {
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
