//! Who may sign, with which key, from which position; and which key stands in which role.

use super::member::{Attested, PastKey};
use super::{Head, KeyRole, Member, Reject, Standing};
use crate::Malformed;
use crate::control::{
    Approval, DeviceKeys, KeyAdd, KeyRotate, MemberRole, NewKeys, RootRotate, author_id,
};
use crate::genesis::Genesis;
use crate::id::{AuthorId, BookId, KeyEpoch, Position};
use crate::keys::{AdmittedKey, PublicKey, SealingPublic, Signature, Tag};
use alloc::collections::{BTreeMap, BTreeSet};
use alloc::vec::Vec;

/// Keys of a device that may be let in, or that an author may go on under: admitted, free, and shown to be held.
#[derive(Clone)]
pub(super) struct ProvedKeys {
    author_key: AdmittedKey,
    request_key: AdmittedKey,
    sealing_key: SealingPublic,
}

impl ProvedKeys {
    pub(super) fn member(self, book: &BookId, payload: &KeyAdd, from: Position) -> Member {
        Member {
            author: payload.author(book),
            role: payload.role,
            label: payload.label.clone(),
            key_epoch: KeyEpoch::ZERO,
            joined_with: NewKeys {
                author_key: payload.author_key,
                request_key: payload.request_key,
                sealing_key: payload.sealing_key,
            },
            author_key: self.author_key,
            request_key: self.request_key,
            sealing_key: self.sealing_key,
            from,
            head: None,
            standing: Standing::Active,
            past: Vec::new(),
            attested: None,
            aside: BTreeMap::new(),
        }
    }
}

/// Root keys that counted from some position on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RootSet {
    keys: Vec<AdmittedKey>,
    threshold: u8,
}

impl RootSet {
    /// Every approval is by a root key of the set, and there are enough of them.
    pub(super) fn check(&self, digest: &[u8; 32], approvals: &[Approval]) -> Result<(), Reject> {
        let mut by = BTreeSet::new();
        for Approval { root, signature } in approvals {
            let key = self
                .keys
                .get(usize::from(*root))
                .ok_or(Reject::Approval { root: *root })?;
            key.verify(Tag::Approval, digest, signature)
                .map_err(|_| Reject::Approval { root: *root })?;
            by.insert(*root);
        }
        let have = u8::try_from(by.len()).unwrap_or(u8::MAX);
        if have < self.threshold {
            let need = self.threshold;
            return Err(Reject::TooFewApprovals { have, need });
        }
        Ok(())
    }
}

/// The registry as of a position.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Registry {
    roots: RootSet,
    /// How often the root keys changed.
    root_epoch: u32,
    members: BTreeMap<AuthorId, Member>,
    by_request_key: BTreeMap<PublicKey, AuthorId>,
    /// By X25519 form, so that a key is known again in whatever role it comes.
    roles: BTreeMap<[u8; 32], KeyRole>,
}

fn admit(role: KeyRole, key: PublicKey) -> Result<AdmittedKey, Reject> {
    AdmittedKey::admit(key).map_err(|fault| Reject::Key { role, fault })
}

impl Registry {
    pub(super) fn found(genesis: &Genesis) -> Result<Registry, Malformed> {
        let admit = |key: &PublicKey| AdmittedKey::admit(*key).map_err(Malformed::Key);
        let keys = genesis
            .root_keys
            .iter()
            .map(admit)
            .collect::<Result<Vec<_>, _>>()?;
        let mut roles: BTreeMap<_, _> = keys
            .iter()
            .map(|key| (key.montgomery(), KeyRole::Root))
            .collect();
        roles.insert(admit(&genesis.relay_key)?.montgomery(), KeyRole::Relay);
        let (members, by_request_key) = (BTreeMap::new(), BTreeMap::new());
        let threshold = genesis.threshold;
        Ok(Registry {
            roots: RootSet { keys, threshold },
            root_epoch: 0,
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

    /// The root keys that count now.
    pub(super) fn roots(&self) -> &RootSet {
        &self.roots
    }

    pub(super) fn root_epoch(&self) -> u32 {
        self.root_epoch
    }

    /// Admits three keys and checks both proofs.
    fn proved(
        keys: &NewKeys,
        digest: &[u8; 32],
        [pop_author, pop_request]: [&Signature; 2],
    ) -> Result<ProvedKeys, Reject> {
        let author_key = admit(KeyRole::Author, keys.author_key)?;
        let request_key = admit(KeyRole::Request, keys.request_key)?;
        let role = KeyRole::Sealing;
        keys.sealing_key
            .admit()
            .map_err(|fault| Reject::Key { role, fault })?;
        let unproved = |role| Reject::Possession { role };
        author_key
            .verify(Tag::PopAuthor, digest, pop_author)
            .map_err(|_| unproved(KeyRole::Author))?;
        request_key
            .verify(Tag::PopRequest, digest, pop_request)
            .map_err(|_| unproved(KeyRole::Request))?;
        Ok(ProvedKeys {
            author_key,
            request_key,
            sealing_key: keys.sealing_key,
        })
    }

    /// None of the keys stands in any role, or twice here; those in `kept` stand where they should already.
    fn check_free(&self, keys: &ProvedKeys, kept: &[[u8; 32]]) -> Result<(), Reject> {
        let mut offered = BTreeMap::new();
        let forms = [
            (keys.author_key.montgomery(), KeyRole::Author),
            (keys.request_key.montgomery(), KeyRole::Request),
            (keys.sealing_key.0, KeyRole::Sealing),
        ];
        for (form, role) in forms {
            let taken = match self.roles.get(&form) {
                Some(taken) if *taken != role || !kept.contains(&form) => Some(*taken),
                _ => offered.insert(form, role),
            };
            if let Some(taken) = taken {
                return Err(Reject::KeyTaken { role, taken });
            }
        }
        Ok(())
    }

    /// The admitted keys of a device that may be let in; `None` if this very device is in already, which two managers
    /// who approve at once bring about: the first position wins and the second changes nothing.
    pub(super) fn joining(
        &self,
        book: &BookId,
        keys: &DeviceKeys,
        pop_author: &Signature,
        pop_request: &Signature,
    ) -> Result<Option<ProvedKeys>, Reject> {
        let new = NewKeys {
            author_key: keys.author_key,
            request_key: keys.request_key,
            sealing_key: keys.sealing_key,
        };
        let digest = keys.possession(book);
        let proved = Self::proved(&new, &digest, [pop_author, pop_request])?;
        if self
            .member(&author_id(book, &keys.author_key))
            .is_some_and(|member| member.joined_as(keys))
        {
            return Ok(None);
        }
        self.check_free(&proved, &[])?;
        Ok(Some(proved))
    }

    /// The admitted keys that a member may go on under in `epoch`.
    pub(super) fn rotation(
        &self,
        book: &BookId,
        member: &Member,
        epoch: KeyEpoch,
        payload: &KeyRotate,
    ) -> Result<ProvedKeys, Reject> {
        let keys = payload.keys();
        let digest = keys.possession(book, &member.author, epoch);
        let proved = Self::proved(&keys, &digest, [&payload.pop_author, &payload.pop_request])?;
        let mut kept: Vec<[u8; 32]> = member
            .aside
            .get(&epoch)
            .into_iter()
            .flatten()
            .map(AdmittedKey::montgomery)
            .collect();
        kept.extend([member.request_key.montgomery(), member.sealing_key.0]);
        self.check_free(&proved, &kept)?;
        Ok(proved)
    }

    /// The author key that a rotation without a place shows. Its other keys count for nothing.
    pub(super) fn rotation_aside(
        &self,
        book: &BookId,
        member: &Member,
        epoch: KeyEpoch,
        payload: &KeyRotate,
    ) -> Option<AdmittedKey> {
        let key = AdmittedKey::admit(payload.author_key).ok()?;
        let digest = payload.keys().possession(book, &member.author, epoch);
        key.verify(Tag::PopAuthor, &digest, &payload.pop_author)
            .ok()?;
        (!self.roles.contains_key(&key.montgomery())).then_some(key)
    }

    /// The set that a change of root keys leads to, approved by the old ones and the new ones.
    pub(super) fn next_roots(
        &self,
        book: &BookId,
        payload: &RootRotate,
    ) -> Result<RootSet, Reject> {
        let role = KeyRole::Root;
        let (mut keys, mut offered) = (Vec::new(), BTreeSet::new());
        for key in &payload.root_keys {
            let key = admit(role, *key)?;
            let form = key.montgomery();
            let taken = self.roles.get(&form).copied().filter(|it| *it != role);
            let twice = (!offered.insert(form)).then_some(role);
            if let Some(taken) = taken.or(twice) {
                return Err(Reject::KeyTaken { role, taken });
            }
            keys.push(key);
        }
        let (next, digest) = (
            RootSet {
                keys,
                threshold: payload.threshold,
            },
            payload.approval(book),
        );
        self.roots.check(&digest, &payload.by_old)?;
        next.check(&digest, &payload.by_new)?;
        Ok(next)
    }

    /// The key of a relay that may take over.
    pub(super) fn next_relay(&self, key: PublicKey) -> Result<AdmittedKey, Reject> {
        let role = KeyRole::Relay;
        let key = admit(role, key)?;
        match self.roles.get(&key.montgomery()) {
            Some(taken) => Err(Reject::KeyTaken {
                role,
                taken: *taken,
            }),
            None => Ok(key),
        }
    }

    /// Takes a member whose keys [`Registry::joining`] found free.
    pub(super) fn insert(&mut self, member: Member) {
        self.note(&member.author_key, &member.request_key, member.sealing_key);
        self.by_request_key
            .insert(member.request_key.public(), member.author);
        self.members.insert(member.author, member);
    }

    fn note(&mut self, author: &AdmittedKey, request: &AdmittedKey, sealing: SealingPublic) {
        self.roles.insert(author.montgomery(), KeyRole::Author);
        self.roles.insert(request.montgomery(), KeyRole::Request);
        self.roles.insert(sealing.0, KeyRole::Sealing);
    }

    /// The author goes on under keys that [`Registry::rotation`] found free; its head is the rotation.
    pub(super) fn rotate(&mut self, author: &AuthorId, keys: ProvedKeys, last: Head) {
        self.note(&keys.author_key, &keys.request_key, keys.sealing_key);
        let Some(member) = self.members.get_mut(author) else {
            return;
        };
        self.by_request_key.remove(&member.request_key.public());
        self.by_request_key
            .insert(keys.request_key.public(), *author);
        let old = core::mem::replace(&mut member.author_key, keys.author_key);
        member.past.push(PastKey {
            key: old,
            last: last.seq,
            ended: last.position,
        });
        member.request_key = keys.request_key;
        member.sealing_key = keys.sealing_key;
        member.key_epoch = KeyEpoch(member.key_epoch.0.saturating_add(1));
    }

    /// Keys of a rotation that has no place: they verify originals. Nobody else may have them.
    pub(super) fn put_aside(&mut self, author: &AuthorId, epoch: KeyEpoch, key: AdmittedKey) {
        self.roles.insert(key.montgomery(), KeyRole::Author);
        if let Some(member) = self.members.get_mut(author) {
            member.aside.entry(epoch).or_default().push(key);
        }
    }

    pub(super) fn set_roots(&mut self, roots: RootSet) {
        for key in &roots.keys {
            self.roles.insert(key.montgomery(), KeyRole::Root);
        }
        self.roots = roots;
        self.root_epoch = self.root_epoch.saturating_add(1);
    }

    pub(super) fn set_relay(&mut self, key: &AdmittedKey) {
        self.roles.insert(key.montgomery(), KeyRole::Relay);
    }

    /// What has ended stays as it ended first, but a frozen author can still be revoked.
    pub(super) fn set_standing(&mut self, author: &AuthorId, standing: Standing) {
        if let Some(member) = self.members.get_mut(author) {
            member.standing = match (member.standing, standing) {
                (Standing::Active, next)
                | (Standing::Frozen { .. }, next @ Standing::Revoked { .. }) => next,
                (ended, _) => ended,
            };
        }
    }

    pub(super) fn set_attested(&mut self, author: &AuthorId, attested: Attested) {
        if let Some(member) = self.members.get_mut(author) {
            member.attested = Some(attested);
        }
    }

    pub(super) fn set_head(&mut self, author: &AuthorId, head: Head) {
        if let Some(member) = self.members.get_mut(author) {
            member.head = Some(head);
        }
    }

    /// Whether anybody but this author may write.
    pub(super) fn has_another_active(&self, author: &AuthorId) -> bool {
        self.members()
            .any(|member| member.author != *author && member.is_active())
    }

    /// The role of a member; who is not one may do least.
    pub(super) fn role(&self, author: &AuthorId) -> MemberRole {
        self.member(author)
            .map_or(MemberRole::Member, |member| member.role)
    }
}
