//! One author in the registry: its keys, past and present, and how it stands.

use super::Head;
use crate::control::{DeviceKeys, MemberRole, NewKeys};
use crate::id::{AuthorId, KeyEpoch, Position, Seq, StateHash};
use crate::keys::{AdmittedKey, SealingPublic};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

/// What a key is for. One key, one role, for ever.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyRole {
    /// Approves devices.
    Root,
    /// Signs for the relay.
    Relay,
    /// Signs entries.
    Author,
    /// Signs requests.
    Request,
    /// Receives sealed things.
    Sealing,
}

impl fmt::Display for KeyRole {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyRole::Root => "root",
            KeyRole::Relay => "relay",
            KeyRole::Author => "author",
            KeyRole::Request => "request",
            KeyRole::Sealing => "sealing",
        })
    }
}

/// Whether an author may still write.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It may.
    Active,
    /// Evidence froze its current key epoch.
    Frozen {
        /// Where the evidence stands.
        at: Position,
    },
    /// Its keys have ended.
    Revoked {
        /// Where the revocation stands.
        at: Position,
    },
}

/// An author key that was rotated away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PastKey {
    /// The key.
    pub key: AdmittedKey,
    /// The rotation, its last entry.
    pub last: Seq,
    /// Where that stands.
    pub ended: Position,
}

/// What an author said last about itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Attested {
    /// Up to where it had folded.
    pub position: Position,
    /// What that gave.
    pub state_hash: StateHash,
    /// The oldest position whose body it holds with all after it.
    pub floor: Position,
}

/// One author in the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The author.
    pub author: AuthorId,
    /// What it may do in the log.
    pub role: MemberRole,
    /// Device code.
    pub label: String,
    /// Its current key epoch.
    pub key_epoch: KeyEpoch,
    /// Signs its entries.
    pub author_key: AdmittedKey,
    /// Signs its requests.
    pub request_key: AdmittedKey,
    /// Receives what is sealed for it.
    pub sealing_key: SealingPublic,
    /// The position that let it in; its key is good for entries after it, and for that entry itself if it is its own.
    pub from: Position,
    /// Its newest placed entry.
    pub head: Option<Head>,
    /// Whether it may still write.
    pub standing: Standing,
    /// Its keys of the key epochs before the current one, in order.
    pub past: Vec<PastKey>,
    /// What it attested last.
    pub attested: Option<Attested>,
    /// The keys it joined with.
    pub(super) joined_with: NewKeys,
    /// Keys of readmitted rotations: they verify what is readmitted and nothing else.
    pub(super) aside: BTreeMap<KeyEpoch, Vec<AdmittedKey>>,
}

impl Member {
    /// Whether it may write now.
    pub fn is_active(&self) -> bool {
        self.standing == Standing::Active
    }

    /// Its author key of a key epoch.
    pub fn key_of(&self, epoch: KeyEpoch) -> Option<&AdmittedKey> {
        if epoch == self.key_epoch {
            return Some(&self.author_key);
        }
        let past = usize::try_from(epoch.0).ok()?;
        self.past.get(past).map(|past| &past.key)
    }

    /// The newest placed entry that `key` can have signed in its epoch; none for a key that has placed nothing.
    pub(super) fn placed_up_to(&self, epoch: KeyEpoch, key: &AdmittedKey) -> Option<Seq> {
        if self.key_of(epoch) != Some(key) {
            return None;
        }
        match usize::try_from(epoch.0).map(|past| self.past.get(past)) {
            Ok(Some(past)) => Some(past.last),
            _ => self.head.map(|head| head.seq),
        }
    }

    /// Every key that may have signed an original of a key epoch.
    pub(super) fn keys_aside(&self, epoch: KeyEpoch) -> impl Iterator<Item = &AdmittedKey> {
        let aside = self.aside.get(&epoch).into_iter().flatten();
        self.key_of(epoch).into_iter().chain(aside)
    }

    /// The three keys it joined with. The label and the role are those of the first position.
    pub(super) fn joined_as(&self, keys: &DeviceKeys) -> bool {
        self.joined_with
            == NewKeys {
                author_key: keys.author_key,
                request_key: keys.request_key,
                sealing_key: keys.sealing_key,
            }
    }
}
