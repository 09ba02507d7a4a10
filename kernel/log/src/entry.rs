//! One entry: a header of 232 bytes, a signature of 64, a body, and sealed slots.

use crate::body::Body;
use crate::codec::{Malformed, Unreadable, Unsupported, within};
use crate::content::{BodyFault, SealedBody, opened};
use crate::hash::{Thing, derive};
use crate::id::{
    AuthorId, BodyHash, BookId, ContentEpoch, EntryId, KeyEpoch, Position, RelayEpoch, SealedHash,
    Seq, Tip,
};
use crate::keys::{AdmittedKey, PublicKey, Signature, Tag, Unauthentic};
use crate::limits::{BODY_BYTES_MAX, ENTRY_BYTES_MAX, HEADER_BYTES, READMIT_BYTES_MAX};
use crate::reader::Reader;
use crate::readmit;
use alloc::boxed::Box;
use alloc::vec::Vec;

/// The entry format of this build.
pub const FORMAT: u8 = 1;
/// Flag bit 0: the body is encrypted.
pub const FLAG_ENCRYPTED: u16 = 1;
/// Flag bit 1: "this device holds every body 1..=seen position".
pub const FLAG_HOLDS_BODIES: u16 = 2;
/// Flag bit 2: "and every slot and chunk".
pub const FLAG_HOLDS_ALL: u16 = 4;
const FLAGS_KNOWN: u16 = FLAG_ENCRYPTED | FLAG_HOLDS_BODIES | FLAG_HOLDS_ALL;

/// What an entry carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// 0: ops.
    Ops,
    /// 1: a device is let in.
    KeyAdd,
    /// 2: an author goes on under new keys.
    KeyRotate,
    /// 3: an author's keys end.
    KeyRevoke,
    /// 4: a manifest is adopted.
    Manifest,
    /// 5: a subject's keys end.
    Shred,
    /// 6: an author signed what nobody honest signs.
    Evidence,
    /// 7: an author says what it computed and what it holds.
    Attest,
    /// 8: another author's entry that has no place of its own.
    Readmit,
    /// 9: another relay goes on.
    Handover,
    /// 10: a key for encrypted bodies is declared or confirmed.
    ContentEpoch,
    /// 11: an author has dropped what a shred ended.
    ShredAck,
    /// 12: other root keys.
    RootRotate,
}

impl Kind {
    /// Every kind; its place is its number on the wire.
    pub const ALL: [Kind; 13] = [
        Kind::Ops,
        Kind::KeyAdd,
        Kind::KeyRotate,
        Kind::KeyRevoke,
        Kind::Manifest,
        Kind::Shred,
        Kind::Evidence,
        Kind::Attest,
        Kind::Readmit,
        Kind::Handover,
        Kind::ContentEpoch,
        Kind::ShredAck,
        Kind::RootRotate,
    ];

    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            Kind::Ops => 0,
            Kind::KeyAdd => 1,
            Kind::KeyRotate => 2,
            Kind::KeyRevoke => 3,
            Kind::Manifest => 4,
            Kind::Shred => 5,
            Kind::Evidence => 6,
            Kind::Attest => 7,
            Kind::Readmit => 8,
            Kind::Handover => 9,
            Kind::ContentEpoch => 10,
            Kind::ShredAck => 11,
            Kind::RootRotate => 12,
        }
    }

    /// The kind of a number, if this build knows it.
    pub fn from_number(number: u8) -> Result<Kind, Unsupported> {
        let known = Kind::ALL.get(usize::from(number)).copied();
        known.ok_or(Unsupported::Kind(number))
    }

    /// The most bytes that a body of this kind may have.
    pub fn body_bytes_max(self) -> u32 {
        match self {
            Kind::Readmit => READMIT_BYTES_MAX,
            _ => BODY_BYTES_MAX,
        }
    }
}

/// The place in the order that an author had verified when it wrote.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Of which relay.
    pub epoch: RelayEpoch,
    /// 0 before anything was seen.
    pub position: Position,
    /// The order chain's value there; the book id at position 0.
    pub tip: Tip,
}

impl Seen {
    /// Nothing seen yet.
    pub fn nothing(book: &BookId) -> Seen {
        Seen {
            epoch: RelayEpoch::ZERO,
            position: Position::ZERO,
            tip: Tip(book.0),
        }
    }
}

/// The header's fields, in the order of `docs/spec/entry.md`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// What the entry carries.
    pub kind: Kind,
    /// Flag bits.
    pub flags: u16,
    /// Which key of the author signs.
    pub key_epoch: KeyEpoch,
    /// Bytes of the body.
    pub body_len: u32,
    /// Bytes of the sealed slots with their framing.
    pub sealed_len: u32,
    /// Which content key the body is encrypted under; 0: the body is in clear.
    pub content_epoch: ContentEpoch,
    /// Place in the author's chain.
    pub seq: Seq,
    /// What the author had verified.
    pub seen: Seen,
    /// The book.
    pub book: BookId,
    /// The author.
    pub author: AuthorId,
    /// The author's entry at seq - 1; zeros at 0.
    pub prev: EntryId,
    /// Hash of the body.
    pub body_hash: BodyHash,
    /// Hash of the sealed slots; zeros where there is none.
    pub sealed_hash: SealedHash,
}

impl Header {
    /// The 232 bytes.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(usize::try_from(HEADER_BYTES).unwrap_or_default());
        out.extend_from_slice(&[FORMAT, self.kind.number()]);
        out.extend_from_slice(&self.flags.to_le_bytes());
        let short = [
            self.key_epoch.0,
            self.body_len,
            self.sealed_len,
            self.content_epoch.0,
            self.seen.epoch.0,
        ];
        short
            .iter()
            .for_each(|field| out.extend_from_slice(&field.to_le_bytes()));
        out.extend_from_slice(&self.seq.0.to_le_bytes());
        out.extend_from_slice(&self.seen.position.0.to_le_bytes());
        let long = [
            &self.book.0,
            &self.author.0,
            &self.prev.0,
            &self.seen.tip.0,
            &self.body_hash.0,
            &self.sealed_hash.0,
        ];
        long.iter().for_each(|field| out.extend_from_slice(*field));
        out
    }

    /// Flag bit 0.
    pub fn is_encrypted(&self) -> bool {
        self.flags & FLAG_ENCRYPTED != 0
    }

    /// Reads 232 bytes; what the fields say about each other is checked with the whole entry.
    pub(crate) fn decode(reader: &mut Reader<'_>) -> Result<Header, Unreadable> {
        match reader.u8()? {
            FORMAT => {}
            other => return Err(Unsupported::Format(other).into()),
        }
        let kind = Kind::from_number(reader.u8()?)?;
        let flags = reader.u16()?;
        if flags & !FLAGS_KNOWN != 0 {
            return Err(Unsupported::Flags(flags).into());
        }
        let (key_epoch, body_len, sealed_len) = (reader.u32()?, reader.u32()?, reader.u32()?);
        let (content_epoch, seen_epoch) = (reader.u32()?, reader.u32()?);
        let (seq, seen_position) = (reader.u64()?, reader.u64()?);
        let (book, author, prev) = (reader.array()?, reader.array()?, reader.array()?);
        let (seen_tip, body_hash, sealed_hash) =
            (reader.array()?, reader.array()?, reader.array()?);
        let seen = Seen {
            epoch: RelayEpoch(seen_epoch),
            position: Position(seen_position),
            tip: Tip(seen_tip),
        };
        Ok(Header {
            kind,
            flags,
            key_epoch: KeyEpoch(key_epoch),
            body_len,
            sealed_len,
            content_epoch: ContentEpoch(content_epoch),
            seq: Seq(seq),
            seen,
            book: BookId(book),
            author: AuthorId(author),
            prev: EntryId(prev),
            body_hash: BodyHash(body_hash),
            sealed_hash: SealedHash(sealed_hash),
        })
    }

    /// What fields must say about each other.
    pub(crate) fn check(&self) -> Result<(), Unreadable> {
        if (self.seq == Seq::ZERO) != (self.prev == EntryId::ZERO) {
            return Err(Malformed::FirstPrev.into());
        }
        let encrypted = self.is_encrypted();
        if encrypted != (self.content_epoch != ContentEpoch::ZERO)
            || (encrypted && self.kind != Kind::Ops)
        {
            return Err(Malformed::ContentEpoch.into());
        }
        if (self.sealed_len == 0) != (self.sealed_hash == SealedHash::ZERO) {
            return Err(Malformed::SealedHash.into());
        }
        if self.sealed_len != 0 {
            return Err(Unsupported::Sealed.into());
        }
        Ok(())
    }
}

/// Well-formed bytes of an entry. Says nothing yet about who signed it or where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    bytes: Vec<u8>,
    id: EntryId,
    header: Header,
    signature: Signature,
    body: Body,
}

impl Entry {
    /// Reads an entry. Everything that the bytes alone can show is checked here: lengths, hashes, frames, canonical
    /// payloads. Hashes go over `bytes` as received.
    pub fn decode(bytes: &[u8]) -> Result<Entry, Unreadable> {
        admit_length(bytes)?;
        Entry::from_vec(bytes.to_vec())
    }

    /// Reads an entry whose bytes the caller gives away, without copying them.
    pub fn from_vec(bytes: Vec<u8>) -> Result<Entry, Unreadable> {
        admit_length(&bytes)?;
        let mut reader = Reader(&bytes);
        let start = reader;
        let header = Header::decode(&mut reader)?;
        header.check()?;
        let id = EntryId(derive(Thing::EntryId, &[reader.since(start)]));
        let signature = Signature(reader.array()?);
        let max = header.kind.body_bytes_max();
        if header.body_len > max {
            let got = u64::from(header.body_len);
            return Err(Malformed::TooLong { max, got }.into());
        }
        let body = reader
            .bytes(header.body_len)
            .map_err(|_| Malformed::Lengths)?;
        reader.end().map_err(|_| Malformed::Lengths)?;
        if header.kind == Kind::Readmit {
            readmit::check_slots(&header, body)?;
        }
        let (body, body_hash) = if header.is_encrypted() {
            let sealed = SealedBody::decode(body)?;
            (
                Body::Sealed(sealed),
                BodyHash(derive(Thing::BodySealed, &[body])),
            )
        } else {
            Body::decode(header.kind, body, 0)?
        };
        if body_hash != header.body_hash {
            return Err(Malformed::BodyHash.into());
        }
        Ok(Entry {
            id,
            header,
            signature,
            body,
            bytes,
        })
    }

    /// The entry's id: a hash of its header, and through that of everything but the signature.
    pub fn id(&self) -> EntryId {
        self.id
    }

    /// The header's fields.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// The author's signature as received.
    pub fn signature(&self) -> &Signature {
        &self.signature
    }

    /// What it carries.
    pub fn body(&self) -> &Body {
        &self.body
    }

    /// All bytes as received.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// All bytes as received, given away.
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// What is encrypted in it and not opened yet, with the header that it is bound to: its own body, or that of the
    /// original which it readmits.
    pub fn sealed_body(&self) -> Option<(&Header, &SealedBody)> {
        match &self.body {
            Body::Sealed(sealed) => Some((&self.header, sealed)),
            Body::Readmit(carried) => carried.original().sealed_body(),
            _ => None,
        }
    }

    /// The same entry with [`Entry::sealed_body`] opened: with ops, or with the reason why it has none. `plaintext` is
    /// what decryption gave under the content key of that header's epoch; a body in clear stays as it is.
    pub fn opened(mut self, plaintext: Result<&[u8], BodyFault>) -> Entry {
        self.body = match self.body {
            Body::Readmit(carried) => Body::Readmit(Box::new(carried.opened(plaintext))),
            _ if self.header.is_encrypted() => match plaintext.and_then(opened) {
                Ok(ops) => Body::Ops(ops),
                Err(why) => Body::Refused(why),
            },
            body => body,
        };
        self
    }

    /// The same entry under another signature, such as the one that the order record holds. Same id.
    pub fn with_signature(mut self, signature: Signature) -> Entry {
        let at = usize::try_from(HEADER_BYTES).unwrap_or_default();
        let target = self.bytes.iter_mut().skip(at);
        target.zip(signature.0).for_each(|(to, from)| *to = from);
        self.signature = signature;
        self
    }

    /// Checks the signature with the key that [`crate::BookLog::check`] gave for this entry.
    pub fn verify(self, key: &AdmittedKey) -> Result<VerifiedEntry, Unauthentic> {
        key.verify(Tag::Entry, &self.id.0, &self.signature)?;
        Ok(VerifiedEntry {
            entry: self,
            key: Some(key.public()),
        })
    }

    /// Takes an entry that this device has verified before and reads from its own storage, without checking the
    /// signature again. Only for opening one's own book; a background run verifies for real.
    pub fn trust_stored(self) -> VerifiedEntry {
        VerifiedEntry {
            entry: self,
            key: None,
        }
    }
}

/// Refuses more bytes than an entry may have, before anything is copied or read. An unknown format comes first: a later
/// one may have other limits, and must not be called wrong.
fn admit_length(bytes: &[u8]) -> Result<(), Unreadable> {
    match bytes.first() {
        None => Err(Malformed::TooShort.into()),
        Some(&FORMAT) => Ok(within(bytes, ENTRY_BYTES_MAX)?),
        Some(&other) => Err(Unsupported::Format(other).into()),
    }
}

/// An entry that its author has signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct VerifiedEntry {
    entry: Entry,
    key: Option<PublicKey>,
}

impl VerifiedEntry {
    /// The entry.
    pub fn entry(&self) -> &Entry {
        &self.entry
    }

    /// The entry, given away.
    pub fn into_entry(self) -> Entry {
        self.entry
    }

    /// What a readmission carries, whose signature its judge checked with this key.
    pub(crate) fn readmitted(entry: Entry, key: &AdmittedKey) -> VerifiedEntry {
        VerifiedEntry {
            entry,
            key: Some(key.public()),
        }
    }

    /// [`Entry::opened`], verified as before: what is signed is the ciphertext's hash.
    pub fn opened(self, plaintext: Result<&[u8], BodyFault>) -> VerifiedEntry {
        VerifiedEntry {
            entry: self.entry.opened(plaintext),
            ..self
        }
    }

    /// The key it was verified with; `None` for one that was trusted from own storage.
    pub(crate) fn key(&self) -> Option<PublicKey> {
        self.key
    }
}

impl core::ops::Deref for VerifiedEntry {
    type Target = Entry;
    fn deref(&self) -> &Entry {
        &self.entry
    }
}
