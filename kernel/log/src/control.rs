//! Control payloads: what changes the registry of keys and the set of adopted manifests.

use crate::codec::Malformed;
use crate::hash::{Thing, derive};
use crate::id::{AuthorId, BookId, ChunkId, ManifestId};
use crate::keys::{PublicKey, SealingPublic, SecretKey, Signature, Tag};
use crate::limits::{CHUNK_BYTES_MAX, LABEL_CHARS_MAX, MANIFEST_BYTES_MAX, ROOT_KEYS_MAX};
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// What the registry lets an author do in the log itself. What it may do in the books is the manifest's matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum MemberRole {
    /// May write ops.
    Member,
    /// May also let others in and adopt manifests.
    Manager,
}

impl MemberRole {
    /// The number on the wire.
    pub fn number(self) -> u8 {
        match self {
            MemberRole::Member => 0,
            MemberRole::Manager => 1,
        }
    }
}

/// The author id that a first key gives in a book.
pub fn author_id(book: &BookId, first_key: &PublicKey) -> AuthorId {
    AuthorId(derive(Thing::AuthorId, &[&book.0, &first_key.0]))
}

/// Checks a device code: 1..=12 of `A-Z`, `0-9` and `-`. It is printed on documents and names no person.
pub fn check_label(label: &str) -> Result<(), Malformed> {
    let fits = u32::try_from(label.len()).is_ok_and(|len| (1..=LABEL_CHARS_MAX).contains(&len));
    if fits
        && label
            .bytes()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == b'-')
    {
        Ok(())
    } else {
        Err(Malformed::Label)
    }
}

/// The three public keys and the device code of an installation that asks to join.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceKeys {
    /// Signs entries.
    pub author_key: PublicKey,
    /// Signs requests.
    pub request_key: PublicKey,
    /// Receives what is sealed for this device.
    pub sealing_key: SealingPublic,
    /// Device code.
    pub label: String,
}

impl DeviceKeys {
    /// What the author key and the request key sign to show that their owner asks: everything but the role, which
    /// is for the approver to give.
    pub fn possession(&self, book: &BookId) -> [u8; 32] {
        derive(
            Thing::KeyPossession,
            &[
                &book.0,
                &self.author_key.0,
                &self.request_key.0,
                &self.sealing_key.0,
                &[u8::try_from(self.label.len()).unwrap_or(u8::MAX)],
                self.label.as_bytes(),
            ],
        )
    }

    /// What a root key signs to let this device in with a role.
    pub fn approval(&self, book: &BookId, role: MemberRole) -> [u8; 32] {
        derive(
            Thing::KeyApproval,
            &[&self.possession(book), &[role.number()]],
        )
    }
}

/// Kind 1: lets a device in.
///
/// Either seq 0 of its own author with approvals by at least `threshold` root keys, or an entry of a manager, which is
/// itself the approval and carries none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyAdd {
    /// Signs entries.
    pub author_key: PublicKey,
    /// Signs requests.
    pub request_key: PublicKey,
    /// Receives what is sealed for this device.
    pub sealing_key: SealingPublic,
    /// What it may do in the log.
    pub role: MemberRole,
    /// Device code: 1..=12 of `A-Z`, `0-9`, `-`.
    pub label: String,
    /// By the author key, over [`DeviceKeys::possession`].
    pub pop_author: Signature,
    /// By the request key, over [`DeviceKeys::possession`].
    pub pop_request: Signature,
    /// By root keys, over [`DeviceKeys::approval`].
    pub approvals: Vec<Approval>,
}

/// A root key's signature that lets a device in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Approval {
    /// Which root key of the genesis, from 0.
    pub root: u8,
    /// Over [`DeviceKeys::approval`].
    pub signature: Signature,
}

impl KeyAdd {
    /// Makes a payload without approvals, with both proofs of possession.
    pub fn prove(
        book: &BookId,
        author: &SecretKey,
        request: &SecretKey,
        sealing_key: SealingPublic,
        asked: (MemberRole, &str),
    ) -> KeyAdd {
        let (role, label) = asked;
        let keys = DeviceKeys {
            author_key: author.public(),
            request_key: request.public(),
            sealing_key,
            label: String::from(label),
        };
        let possession = keys.possession(book);
        let pop_author = author.sign(Tag::PopAuthor, &possession);
        let pop_request = request.sign(Tag::PopRequest, &possession);
        KeyAdd::of(keys, role, pop_author, pop_request)
    }

    /// Makes a payload without approvals from what a device asked with.
    pub fn of(
        keys: DeviceKeys,
        role: MemberRole,
        pop_author: Signature,
        pop_request: Signature,
    ) -> KeyAdd {
        let DeviceKeys {
            author_key,
            request_key,
            sealing_key,
            label,
        } = keys;
        KeyAdd {
            author_key,
            request_key,
            sealing_key,
            role,
            label,
            pop_author,
            pop_request,
            approvals: Vec::new(),
        }
    }

    /// Adds a root key's approval; keep them in rising order of `root`.
    pub fn approve(&mut self, book: &BookId, root: u8, key: &SecretKey) {
        let digest = self.keys().approval(book, self.role);
        self.approvals.push(Approval {
            root,
            signature: key.sign(Tag::Approval, &digest),
        });
    }

    /// The keys and the device code.
    pub fn keys(&self) -> DeviceKeys {
        DeviceKeys {
            author_key: self.author_key,
            request_key: self.request_key,
            sealing_key: self.sealing_key,
            label: self.label.clone(),
        }
    }

    /// The author that this makes.
    pub fn author(&self, book: &BookId) -> AuthorId {
        author_id(book, &self.author_key)
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        check_label(&self.label)?;
        if !u32::try_from(self.approvals.len()).is_ok_and(|len| len <= ROOT_KEYS_MAX) {
            return Err(Malformed::ListLength);
        }
        if !self.approvals.is_sorted_by(|a, b| a.root < b.root) {
            return Err(Malformed::ApprovalOrder);
        }
        Ok(())
    }
}

/// Kind 4: adopts a manifest, whose AST bytes are the joined chunks. Signed by a manager.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adoption {
    /// The manifest.
    pub manifest: ManifestId,
    /// Its chunks: all full but the last.
    pub chunks: Vec<ChunkId>,
    /// The AST's length, bytes.
    pub bytes_len: u32,
}

/// The id of a chunk in clear.
pub fn chunk_id(bytes: &[u8]) -> ChunkId {
    ChunkId(derive(Thing::Chunk, &[bytes]))
}

/// The id of a manifest.
pub fn manifest_id(ast: &[u8]) -> ManifestId {
    ManifestId(derive(Thing::Manifest, &[ast]))
}

/// Cuts an AST into chunks: all of [`CHUNK_BYTES_MAX`] bytes but the last, which has what is left.
pub fn chunks_of(ast: &[u8]) -> impl Iterator<Item = &[u8]> {
    ast.chunks(usize::try_from(CHUNK_BYTES_MAX).unwrap_or(usize::MAX))
}

impl Adoption {
    /// The payload that adopts an AST of 1..=1 MiB. Its chunks are [`chunks_of`] the same bytes.
    pub fn of(ast: &[u8]) -> Result<Adoption, Malformed> {
        let got = u64::try_from(ast.len()).unwrap_or(u64::MAX);
        let too_long = Malformed::TooLong {
            max: MANIFEST_BYTES_MAX,
            got,
        };
        let bytes_len = u32::try_from(ast.len()).map_err(|_| too_long)?;
        if bytes_len > MANIFEST_BYTES_MAX {
            return Err(too_long);
        }
        let adoption = Adoption {
            manifest: manifest_id(ast),
            chunks: chunks_of(ast).map(chunk_id).collect(),
            bytes_len,
        };
        adoption.check()?;
        Ok(adoption)
    }

    /// Joins chunks in order and checks each chunk's id, the length and the manifest id.
    pub fn assemble(&self, chunks: &[Vec<u8>]) -> Result<Vec<u8>, Malformed> {
        if chunks.len() != self.chunks.len() {
            return Err(Malformed::ChunkCount);
        }
        let mut ast = Vec::new();
        for (id, bytes) in self.chunks.iter().zip(chunks) {
            if chunk_id(bytes) != *id {
                return Err(Malformed::ChunkId);
            }
            ast.extend_from_slice(bytes);
        }
        if u32::try_from(ast.len()) != Ok(self.bytes_len) {
            return Err(Malformed::ChunkCount);
        }
        if manifest_id(&ast) != self.manifest {
            return Err(Malformed::ManifestId);
        }
        Ok(ast)
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        let fits = self.bytes_len > 0
            && self.bytes_len <= MANIFEST_BYTES_MAX
            && u32::try_from(self.chunks.len()) == Ok(self.bytes_len.div_ceil(CHUNK_BYTES_MAX));
        if fits {
            Ok(())
        } else {
            Err(Malformed::ChunkCount)
        }
    }
}
