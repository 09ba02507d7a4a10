//! Encrypted bodies as far as they go without a cipher: the layout that the relay checks, the bytes that an encrypted
//! body is bound to, the padding. Keys and ciphers are the client's. `docs/spec/content.md`.
//!
//! **Invariant:** nothing here can open a body; a crate that links only this one cannot either.

use crate::body::{OpsBody, decode_ops};
use crate::codec::{Malformed, within};
use crate::entry::Header;
use crate::limits::{BODY_BUCKETS, BODY_BYTES_MAX, CONTENT_BYTES_MAX, SEALED_BODY_OVERHEAD_BYTES};
use crate::reader::Reader;
use alloc::vec::Vec;
use core::fmt;

/// What an encrypted body is bound to, bytes: a header less body_len (4) and body_hash (32).
pub const AAD_BYTES: usize = 196;

/// Why a body, opened with the book's own key of its epoch, holds no ops. Everybody with that key finds the same, so the
/// whole entry is refused and nothing stops. In the order in which they are checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum BodyFault {
    /// The body commits to another key, or to another header.
    Commitment,
    /// The ciphertext, its tag or its nonce was changed.
    Decryption,
    /// The length in the plaintext is above what its bucket holds, or fits a smaller one.
    Length,
    /// The padding is not all zeros.
    Padding,
    /// The plaintext does not split into frames.
    Frames(Malformed),
}

impl fmt::Display for BodyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BodyFault::Commitment => "the body commits to another key or header",
            BodyFault::Decryption => "the body cannot be decrypted",
            BodyFault::Length => "the plaintext's length does not fit its bucket",
            BodyFault::Padding => "the padding is not all zeros",
            BodyFault::Frames(why) => return write!(f, "the plaintext: {why}"),
        })
    }
}

impl core::error::Error for BodyFault {}

/// An encrypted body: nonce ‖ commitment ‖ ciphertext with its tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SealedBody {
    nonce: [u8; 24],
    commitment: [u8; 32],
    ciphertext: Vec<u8>,
}

impl SealedBody {
    /// Puts together what a cipher gave. The ciphertext is a bucket and 16 bytes of tag.
    pub fn new(
        nonce: [u8; 24],
        commitment: [u8; 32],
        ciphertext: Vec<u8>,
    ) -> Result<SealedBody, Malformed> {
        let sealed = SealedBody {
            nonce,
            commitment,
            ciphertext,
        };
        SealedBody::decode(&sealed.encode())
    }

    /// Reads an encrypted body of one of the six lengths that there are.
    pub fn decode(bytes: &[u8]) -> Result<SealedBody, Malformed> {
        within(bytes, BODY_BYTES_MAX)?;
        let padded = u32::try_from(bytes.len())
            .ok()
            .and_then(|len| len.checked_sub(SEALED_BODY_OVERHEAD_BYTES));
        if !padded.is_some_and(|padded| BODY_BUCKETS.contains(&padded)) {
            return Err(Malformed::SealedBody);
        }
        let mut reader = Reader(bytes);
        Ok(SealedBody {
            nonce: reader.array()?,
            commitment: reader.array()?,
            ciphertext: reader.0.to_vec(),
        })
    }

    /// The body's bytes.
    pub fn encode(&self) -> Vec<u8> {
        let parts = [
            self.nonce.as_slice(),
            self.commitment.as_slice(),
            self.ciphertext.as_slice(),
        ];
        parts.concat()
    }

    /// 24 bytes of chance.
    pub fn nonce(&self) -> &[u8; 24] {
        &self.nonce
    }

    /// What says, before anything is decrypted, which key and header this body is of.
    pub fn commitment(&self) -> &[u8; 32] {
        &self.commitment
    }

    /// The encrypted bucket and its tag.
    pub fn ciphertext(&self) -> &[u8] {
        &self.ciphertext
    }
}

impl Header {
    /// What an encrypted body is bound to: bytes 0..8, 12..168 and 200..232 of the header. The rest is what the
    /// ciphertext decides: body_len and body_hash.
    pub fn content_aad(&self) -> [u8; AAD_BYTES] {
        let bytes = self.encode();
        let bound = [0..8, 12..168, 200..232]
            .into_iter()
            .filter_map(|range| bytes.get(range))
            .flatten();
        let mut aad = [0; AAD_BYTES];
        aad.iter_mut().zip(bound).for_each(|(to, from)| *to = *from);
        aad
    }
}

/// The smallest bucket that holds a length prefix and `len` bytes.
fn bucket(len: u32) -> Option<u32> {
    let needed = len.checked_add(4)?;
    BODY_BUCKETS.into_iter().find(|bucket| *bucket >= needed)
}

/// A plaintext as it is encrypted: u32 length ‖ bytes ‖ zeros up to the smallest bucket that fits.
///
/// ```
/// use daybook_log::content::pad;
/// assert_eq!(pad(&[7; 60]).map(|padded| padded.len()), Ok(64));
/// assert_eq!(pad(&[7; 61]).map(|padded| padded.len()), Ok(256));
/// assert!(pad(&[7; 65_461]).is_err());
/// ```
pub fn pad(plaintext: &[u8]) -> Result<Vec<u8>, Malformed> {
    within(plaintext, CONTENT_BYTES_MAX)?;
    let len = u32::try_from(plaintext.len()).map_err(|_| Malformed::Lengths)?;
    let bucket = bucket(len).ok_or(Malformed::SealedBody)?;
    let size = usize::try_from(bucket).map_err(|_| Malformed::Lengths)?;
    let mut padded = Vec::with_capacity(size);
    padded.extend_from_slice(&len.to_le_bytes());
    padded.extend_from_slice(plaintext);
    padded.resize(size, 0);
    Ok(padded)
}

/// What [`pad`] padded; only from the one padding that it gives.
pub fn unpad(padded: &[u8]) -> Result<&[u8], BodyFault> {
    let mut reader = Reader(padded);
    let len = reader.u32().map_err(|_| BodyFault::Length)?;
    if bucket(len).and_then(|bucket| usize::try_from(bucket).ok()) != Some(padded.len()) {
        return Err(BodyFault::Length);
    }
    let plaintext = reader.bytes(len).map_err(|_| BodyFault::Length)?;
    if reader.0.iter().any(|byte| *byte != 0) {
        return Err(BodyFault::Padding);
    }
    Ok(plaintext)
}

/// The ops of a decrypted bucket.
pub(crate) fn opened(padded: &[u8]) -> Result<OpsBody, BodyFault> {
    decode_ops(unpad(padded)?, 0)
        .map(|(ops, _)| ops)
        .map_err(BodyFault::Frames)
}
