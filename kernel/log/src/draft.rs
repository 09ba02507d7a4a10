//! Making entries. What comes out has gone through the same decoding that every reader uses.

use crate::body::{Body, OpsBody};
use crate::codec::{Malformed, Unreadable};
use crate::control::{Adoption, KeyAdd};
use crate::entry::{Entry, Header, Seen};
use crate::id::{AuthorId, BookId, EntryId, KeyEpoch, SealedHash, Seq};
use crate::keys::{SecretKey, Signature, Tag};
use alloc::boxed::Box;

/// Where an author stands: what its next entry's header will say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draft {
    /// The book.
    pub book: BookId,
    /// The author.
    pub author: AuthorId,
    /// Which of its keys signs.
    pub key_epoch: KeyEpoch,
    /// The next free place in its chain.
    pub seq: Seq,
    /// Its entry before that; zeros at seq 0.
    pub prev: EntryId,
    /// What it has verified.
    pub seen: Seen,
    /// Flag bits.
    pub flags: u16,
}

impl Draft {
    /// The first entry of an author that has seen nothing.
    pub fn first(book: BookId, author: AuthorId) -> Draft {
        Draft {
            book,
            author,
            key_epoch: KeyEpoch::ZERO,
            seq: Seq::ZERO,
            prev: EntryId::ZERO,
            seen: Seen::nothing(&book),
            flags: 0,
        }
    }

    /// An entry of ops.
    pub fn ops(&self, body: &OpsBody) -> Result<Unsigned, Unreadable> {
        self.write(Body::Ops(body.clone()))
    }

    /// An entry that lets a device in.
    pub fn key_add(&self, payload: &KeyAdd) -> Result<Unsigned, Unreadable> {
        self.write(Body::KeyAdd(Box::new(payload.clone())))
    }

    /// An entry that adopts a manifest.
    pub fn adopt(&self, payload: &Adoption) -> Result<Unsigned, Unreadable> {
        self.write(Body::Manifest(payload.clone()))
    }

    /// An entry of any kind.
    pub fn write(&self, body: Body) -> Result<Unsigned, Unreadable> {
        let bytes = body.encode()?;
        let body_hash = Body::decode(body.kind(), &bytes, 0)?.1;
        let header = Header {
            kind: body.kind(),
            flags: self.flags,
            key_epoch: self.key_epoch,
            body_len: u32::try_from(bytes.len()).map_err(|_| Malformed::Lengths)?,
            sealed_len: 0,
            content_epoch: 0,
            seq: self.seq,
            seen: self.seen,
            book: self.book,
            author: self.author,
            prev: self.prev,
            body_hash,
            sealed_hash: SealedHash::ZERO,
        };
        let mut entry = header.encode();
        entry.extend_from_slice(&Signature::ZERO.0);
        entry.extend_from_slice(&bytes);
        Entry::from_vec(entry).map(Unsigned)
    }
}

/// A finished entry that lacks its signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsigned(Entry);

impl Unsigned {
    /// The entry's id, which is also what is signed, under [`Tag::Entry`].
    pub fn digest(&self) -> [u8; 32] {
        self.0.id().0
    }

    /// Signs with a key at hand.
    pub fn sign(self, key: &SecretKey) -> Entry {
        let signature = key.sign(Tag::Entry, &self.digest());
        self.finish(signature)
    }

    /// Takes a signature made elsewhere over [`Unsigned::digest`]. Not verified here.
    pub fn finish(self, signature: Signature) -> Entry {
        self.0.with_signature(signature)
    }
}
