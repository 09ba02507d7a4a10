//! Who may sign, with which key, from which position; and which key stands in which role.

use super::{Head, Reject};
use crate::Malformed;
use crate::control::{Approval, DeviceKeys, KeyAdd, MemberRole, author_id};
use crate::genesis::Genesis;
use crate::id::{AuthorId, BookId, KeyEpoch, Position};
use crate::keys::{AdmittedKey, PublicKey, SealingPublic, Signature, Tag};
use alloc::collections::{BTreeMap, BTreeSet};
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
}

/// Keys of a device that may be let in: admitted, free, and shown to be held.
pub(super) struct Joining {
    author_key: AdmittedKey,
    request_key: AdmittedKey,
}

impl Joining {
    pub(super) fn member(self, book: &BookId, payload: &KeyAdd, from: Position) -> Member {
        Member {
            author: payload.author(book),
            role: payload.role,
            label: payload.label.clone(),
            key_epoch: KeyEpoch::ZERO,
            author_key: self.author_key,
            request_key: self.request_key,
            sealing_key: payload.sealing_key,
            from,
            head: None,
        }
    }
}

/// The registry as of a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registry {
    roots: Vec<AdmittedKey>,
    threshold: u8,
    members: BTreeMap<AuthorId, Member>,
    by_request_key: BTreeMap<PublicKey, AuthorId>,
    /// By X25519 form, so that a key is known again in whatever role it comes.
    roles: BTreeMap<[u8; 32], KeyRole>,
}

impl Registry {
    pub(super) fn found(genesis: &Genesis) -> Result<Registry, Malformed> {
        let admit = |key: &PublicKey| AdmittedKey::admit(*key).map_err(Malformed::Key);
        let roots = genesis
            .root_keys
            .iter()
            .map(admit)
            .collect::<Result<Vec<_>, _>>()?;
        let mut roles: BTreeMap<_, _> = roots
            .iter()
            .map(|key| (key.montgomery(), KeyRole::Root))
            .collect();
        roles.insert(admit(&genesis.relay_key)?.montgomery(), KeyRole::Relay);
        let (members, by_request_key) = (BTreeMap::new(), BTreeMap::new());
        Ok(Registry {
            roots,
            threshold: genesis.threshold,
            members,
            by_request_key,
            roles,
        })
    }

    pub(super) fn member(&self, author: &AuthorId) -> Option<&Member> {
        self.members.get(author)
    }

    pub(super) fn members(&self) -> impl Iterator<Item = &Member> {
        self.members.values()
    }

    pub(super) fn member_by_request_key(&self, key: &PublicKey) -> Option<&Member> {
        self.by_request_key
            .get(key)
            .and_then(|author| self.members.get(author))
    }

    /// The admitted keys of a device that may be let in; `None` if this very device is in already, which two managers
    /// who approve at once bring about: the first position wins and the second changes nothing.
    pub(super) fn joining(
        &self,
        book: &BookId,
        keys: &DeviceKeys,
        pop_author: &Signature,
        pop_request: &Signature,
    ) -> Result<Option<Joining>, Reject> {
        let admit =
            |role, key| AdmittedKey::admit(key).map_err(|fault| Reject::Key { role, fault });
        let author_key = admit(KeyRole::Author, keys.author_key)?;
        let request_key = admit(KeyRole::Request, keys.request_key)?;
        keys.sealing_key.admit().map_err(|fault| Reject::Key {
            role: KeyRole::Sealing,
            fault,
        })?;
        let digest = keys.possession(book);
        author_key
            .verify(Tag::PopAuthor, &digest, pop_author)
            .map_err(|_| Reject::Possession {
                role: KeyRole::Author,
            })?;
        request_key
            .verify(Tag::PopRequest, &digest, pop_request)
            .map_err(|_| Reject::Possession {
                role: KeyRole::Request,
            })?;
        if self
            .member(&author_id(book, &keys.author_key))
            .is_some_and(|member| member.is(keys))
        {
            return Ok(None);
        }
        let mut offered = BTreeMap::new();
        let forms = [
            author_key.montgomery(),
            request_key.montgomery(),
            keys.sealing_key.0,
        ];
        for (form, role) in
            forms
                .into_iter()
                .zip([KeyRole::Author, KeyRole::Request, KeyRole::Sealing])
        {
            let taken = self
                .roles
                .get(&form)
                .copied()
                .or(offered.insert(form, role));
            if let Some(taken) = taken {
                return Err(Reject::KeyTaken { role, taken });
            }
        }
        Ok(Some(Joining {
            author_key,
            request_key,
        }))
    }

    /// Every approval is by a root key of the genesis, and there are enough of them.
    pub(super) fn check_approvals(
        &self,
        digest: &[u8; 32],
        approvals: &[Approval],
    ) -> Result<(), Reject> {
        let mut by = BTreeSet::new();
        for Approval { root, signature } in approvals {
            let key = self
                .roots
                .get(usize::from(*root))
                .ok_or(Reject::Approval { root: *root })?;
            key.verify(Tag::Approval, digest, signature)
                .map_err(|_| Reject::Approval { root: *root })?;
            by.insert(*root);
        }
        let have = u8::try_from(by.len()).unwrap_or(u8::MAX);
        if have < self.threshold {
            return Err(Reject::TooFewApprovals {
                have,
                need: self.threshold,
            });
        }
        Ok(())
    }

    /// Takes a member whose keys [`Registry::joining`] found free.
    pub(super) fn insert(&mut self, member: Member) {
        self.roles
            .insert(member.author_key.montgomery(), KeyRole::Author);
        self.roles
            .insert(member.request_key.montgomery(), KeyRole::Request);
        self.roles.insert(member.sealing_key.0, KeyRole::Sealing);
        self.by_request_key
            .insert(member.request_key.public(), member.author);
        self.members.insert(member.author, member);
    }

    pub(super) fn set_head(&mut self, author: &AuthorId, head: Head) {
        if let Some(member) = self.members.get_mut(author) {
            member.head = Some(head);
        }
    }
}

impl Member {
    /// The same three keys. The label and the role are those of the first position.
    fn is(&self, keys: &DeviceKeys) -> bool {
        self.author_key.public() == keys.author_key
            && self.request_key.public() == keys.request_key
            && self.sealing_key == keys.sealing_key
    }
}
