//! Making entries. What comes out has gone through the same decoding that every reader uses.

use crate::body::{Body, OpsBody};
use crate::codec::{Malformed, Unreadable, encode};
use crate::content::{AAD_BYTES, SealedBody};
use crate::control::{Adoption, KeyAdd};
use crate::entry::{Entry, FLAG_ENCRYPTED, Header, Kind, Seen};
use crate::hash::{Thing, derive};
use crate::id::{AuthorId, BodyHash, BookId, ContentEpoch, EntryId, KeyEpoch, SealedHash, Seq};
use crate::keys::{SecretKey, Signature, Tag};
use alloc::vec::Vec;

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
        self.clear(Kind::Ops, body.encode()?)
    }

    /// What an encrypted body of this entry is bound to: the header as it will be, less what the ciphertext decides.
    pub fn content_aad(&self, epoch: ContentEpoch) -> [u8; AAD_BYTES] {
        self.encrypted(epoch).content_aad()
    }

    /// An entry of ops whose body is encrypted under [`Draft::content_aad`] of the same epoch.
    pub fn sealed(&self, epoch: ContentEpoch, body: &SealedBody) -> Result<Unsigned, Unreadable> {
        let bytes = body.encode();
        let hash = BodyHash(derive(Thing::BodySealed, &[&bytes]));
        write(self.encrypted(epoch), hash, &bytes)
    }

    /// An entry that lets a device in.
    pub fn key_add(&self, payload: &KeyAdd) -> Result<Unsigned, Unreadable> {
        self.clear(Kind::KeyAdd, encode(payload))
    }

    /// An entry that adopts a manifest.
    pub fn adopt(&self, payload: &Adoption) -> Result<Unsigned, Unreadable> {
        self.clear(Kind::Manifest, encode(payload))
    }

    /// An entry of any kind, its body in clear.
    pub fn write(&self, body: Body) -> Result<Unsigned, Unreadable> {
        self.clear(body.kind(), body.encode()?)
    }

    fn clear(&self, kind: Kind, bytes: Vec<u8>) -> Result<Unsigned, Unreadable> {
        let hash = Body::decode(kind, &bytes, 0)?.1;
        write(self.header(kind), hash, &bytes)
    }

    fn encrypted(&self, epoch: ContentEpoch) -> Header {
        Header {
            flags: self.flags | FLAG_ENCRYPTED,
            content_epoch: epoch,
            ..self.header(Kind::Ops)
        }
    }

    /// The header but for what the body decides.
    fn header(&self, kind: Kind) -> Header {
        Header {
            kind,
            flags: self.flags,
            key_epoch: self.key_epoch,
            body_len: 0,
            sealed_len: 0,
            content_epoch: ContentEpoch::ZERO,
            seq: self.seq,
            seen: self.seen,
            book: self.book,
            author: self.author,
            prev: self.prev,
            body_hash: BodyHash::ZERO,
            sealed_hash: SealedHash::ZERO,
        }
    }
}

fn write(header: Header, body_hash: BodyHash, bytes: &[u8]) -> Result<Unsigned, Unreadable> {
    let header = Header {
        body_len: u32::try_from(bytes.len()).map_err(|_| Malformed::Lengths)?,
        body_hash,
        ..header
    };
    let mut entry = header.encode();
    entry.extend_from_slice(&Signature::ZERO.0);
    entry.extend_from_slice(bytes);
    Entry::from_vec(entry).map(Unsigned)
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
