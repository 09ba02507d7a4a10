//! Kind 4: a manifest is adopted.

use crate::codec::Malformed;
use crate::hash::{Thing, derive};
use crate::id::{ChunkId, ManifestId};
use crate::limits::{CHUNK_BYTES_MAX, MANIFEST_BYTES_MAX};
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

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
