//! Canonical or nothing: one decode function for every postcard body, and the types that say why bytes were not read.

use crate::keys::KeyFault;
use alloc::vec::Vec;
use core::fmt;
use serde::{Serialize, de::DeserializeOwned};

/// The bytes are not what this format allows. Whoever sent them made a mistake; nothing about them can be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Malformed {
    /// More bytes than the limit, which is checked before any other work.
    TooLong {
        /// Bytes allowed.
        max: u32,
        /// Bytes received.
        got: u64,
    },
    /// The bytes end inside a field.
    TooShort,
    /// Bytes are left over after the last field.
    LeftOver,
    /// postcard cannot read the bytes as this type.
    Undecodable,
    /// The bytes are one of several ways to say the same; only the shortest counts.
    NotCanonical,
    /// The header's lengths and the number of bytes differ.
    Lengths,
    /// The header's body hash and the body differ.
    BodyHash,
    /// The header's sealed hash and the sealed slots differ.
    SealedHash,
    /// `prev` must be zeros at seq 0 and nowhere else.
    FirstPrev,
    /// A content epoch without an encrypted body, or an encrypted control payload.
    ContentEpoch,
    /// An encrypted body has a length that no padding gives.
    SealedBody,
    /// An entry carries 1..=256 ops.
    OpCount,
    /// An op names more than 16 slots, or a slot that the entry does not have.
    SlotRef,
    /// A list is longer than its limit.
    ListLength,
    /// A device code is 1..=12 of `A-Z`, `0-9` and `-`.
    Label,
    /// Approvals must name root keys in rising order, each once.
    ApprovalOrder,
    /// A manifest's byte length and its number of chunks do not fit.
    ChunkCount,
    /// A chunk is not the one that its id names.
    ChunkId,
    /// The joined chunks are not the manifest that its id names.
    ManifestId,
    /// The threshold is 0 or above the number of root keys.
    Threshold,
    /// A key cannot be admitted.
    Key(KeyFault),
    /// One key in two places.
    KeyTwice,
    /// Positions start at 1.
    PositionZero,
    /// The genesis's root keys are set 0: nothing rotates to it, and no number stands without approvals.
    RootEpoch,
    /// There is no relay epoch after this one.
    EpochEnd,
    /// The name of a build is 1..=64 of `A-Z`, `a-z`, `0-9`, `.`, `+`, `-` and `_`.
    BuildId,
    /// The oldest body held lies within 1..=position + 1.
    Floor,
    /// Content epochs start at 1.
    ContentNumber,
    /// Only ops and rotations are readmitted.
    ReadmitKind,
    /// A readmission's slots are not the original's.
    ReadmitSlots,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            Malformed::TooLong { max, got } => {
                return write!(f, "{got} bytes, at most {max} allowed");
            }
            Malformed::Key(fault) => return write!(f, "key: {fault}"),
            Malformed::TooShort => "ends inside a field",
            Malformed::LeftOver => "bytes left over",
            Malformed::Undecodable => "cannot be decoded",
            Malformed::NotCanonical => "not the canonical encoding",
            Malformed::Lengths => "lengths in the header do not add up",
            Malformed::BodyHash => "body hash differs",
            Malformed::SealedHash => "sealed hash differs",
            Malformed::FirstPrev => "prev is zero at seq 0 and only there",
            Malformed::ContentEpoch => "content epoch does not fit the flags or the kind",
            Malformed::SealedBody => "no encrypted body has this length",
            Malformed::OpCount => "an entry carries 1 to 256 ops",
            Malformed::SlotRef => "an op names a slot that is not there",
            Malformed::ListLength => "a list is too long",
            Malformed::Label => "a device code is 1 to 12 of A-Z, 0-9 and -",
            Malformed::ApprovalOrder => "approvals not in rising order of root key",
            Malformed::ChunkCount => "manifest length and number of chunks do not fit",
            Malformed::ChunkId => "chunk differs from its id",
            Malformed::ManifestId => "manifest differs from its id",
            Malformed::Threshold => "threshold does not fit the number of root keys",
            Malformed::KeyTwice => "one key in two places",
            Malformed::PositionZero => "positions start at 1",
            Malformed::RootEpoch => "a set of root keys that cannot be named here",
            Malformed::EpochEnd => "no relay epoch after this one",
            Malformed::BuildId => "a build's name is 1 to 64 of A-Z, a-z, 0-9, . + - and _",
            Malformed::Floor => "the oldest body held lies within 1 and the position after",
            Malformed::ContentNumber => "content epochs start at 1",
            Malformed::ReadmitKind => "only ops and rotations are readmitted",
            Malformed::ReadmitSlots => "the slots are not the original's",
        };
        f.write_str(text)
    }
}

impl core::error::Error for Malformed {}

/// A newer build may understand this; this one must not go on, and must accuse nobody.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Unsupported {
    /// A format number other than 1.
    Format(u8),
    /// A kind that is reserved or unknown.
    Kind(u8),
    /// Flag bits that are not known.
    Flags(u16),
    /// Sealed slots.
    Sealed,
    /// A reserved field is not zero.
    Reserved(u16),
    /// A proof of a number that is not known.
    Evidence(u8),
}

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unsupported::Format(n) => write!(f, "format {n} is not supported by this build"),
            Unsupported::Kind(n) => write!(f, "kind {n} is not supported by this build"),
            Unsupported::Flags(bits) => {
                write!(f, "flags {bits:#06x} are not supported by this build")
            }
            Unsupported::Sealed => f.write_str("sealed slots are not supported by this build"),
            Unsupported::Reserved(n) => write!(f, "reserved field is {n}"),
            Unsupported::Evidence(n) => write!(f, "proof {n} is not supported by this build"),
        }
    }
}

impl core::error::Error for Unsupported {}

/// Why bytes gave no entry or record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unreadable {
    /// Wrong under format 1.
    Malformed(Malformed),
    /// Perhaps right under something newer.
    Unsupported(Unsupported),
}

impl From<Malformed> for Unreadable {
    fn from(source: Malformed) -> Self {
        Unreadable::Malformed(source)
    }
}

impl From<Unsupported> for Unreadable {
    fn from(source: Unsupported) -> Self {
        Unreadable::Unsupported(source)
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Unreadable::Malformed(why) => write!(f, "malformed: {why}"),
            Unreadable::Unsupported(why) => write!(f, "unsupported: {why}"),
        }
    }
}

impl core::error::Error for Unreadable {}

/// Refuses more than `max` bytes.
pub(crate) fn within(bytes: &[u8], max: u32) -> Result<(), Malformed> {
    match u32::try_from(bytes.len()) {
        Ok(len) if len <= max => Ok(()),
        _ => Err(Malformed::TooLong {
            max,
            got: u64::try_from(bytes.len()).unwrap_or(u64::MAX),
        }),
    }
}

/// Reads exactly one `T` from all of `bytes`, and only from its canonical encoding.
///
/// postcard alone accepts padded varints (differently on 32 and 64 bits), unsorted maps and trailing bytes; encoding
/// again and comparing closes all of that with one rule. `limit` is in bytes and is checked first.
///
/// ```
/// use daybook_log::codec::{Malformed, decode_canonical};
/// assert_eq!(decode_canonical::<u32>(&[5], 8), Ok(5));
/// assert_eq!(decode_canonical::<u32>(&[0x85, 0], 8), Err(Malformed::NotCanonical));
/// ```
pub fn decode_canonical<T: Serialize + DeserializeOwned>(
    bytes: &[u8],
    limit: u32,
) -> Result<T, Malformed> {
    within(bytes, limit)?;
    let (value, rest) =
        postcard::take_from_bytes::<T>(bytes).map_err(|_| Malformed::Undecodable)?;
    if !rest.is_empty() {
        return Err(Malformed::LeftOver);
    }
    if encode(&value) != bytes {
        return Err(Malformed::NotCanonical);
    }
    Ok(value)
}

/// The canonical postcard bytes of a wire type.
///
/// # Panics
/// If `T` cannot be written by postcard at all (a sequence of unknown length): a bug of this build, not of its input.
pub fn encode<T: Serialize>(value: &T) -> Vec<u8> {
    let Ok(bytes) = postcard::to_allocvec(value) else {
        unreachable!("a wire type that postcard cannot write")
    };
    bytes
}
