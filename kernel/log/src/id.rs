//! Names of things: 32-byte hashes, and numbers that count one thing each.
//!
//! Ids are full length wherever they are stored or sent; `Debug` alone is short.

use core::fmt;
use serde::{Deserialize, Serialize};

/// A text was not exactly 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadHex;

impl fmt::Display for BadHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not 64 lower-case hexadecimal digits")
    }
}

impl core::error::Error for BadHex {}

/// Writes bytes as lower-case hexadecimal digits.
pub(crate) fn write_hex(f: &mut fmt::Formatter<'_>, bytes: &[u8]) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

fn digit(c: u8) -> Result<u8, BadHex> {
    match c {
        b'0'..=b'9' => Ok(c.wrapping_sub(b'0')),
        b'a'..=b'f' => Ok(c.wrapping_sub(b'a').wrapping_add(10)),
        _ => Err(BadHex),
    }
}

/// Reads exactly `2 * N` lower-case hexadecimal digits; one text per value, so upper case is refused.
pub(crate) fn read_hex<const N: usize>(text: &str) -> Result<[u8; N], BadHex> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    if pairs.len() != N || !rest.is_empty() {
        return Err(BadHex);
    }
    let mut out = [0_u8; N];
    for (slot, [high, low]) in out.iter_mut().zip(pairs) {
        *slot = digit(*high)?.wrapping_shl(4) | digit(*low)?;
    }
    Ok(out)
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub [u8; 32]);

        impl $name {
            /// 32 zero bytes: what stands where there is none.
            pub const ZERO: Self = Self([0; 32]);

            /// The 32 bytes.
            pub fn as_bytes(&self) -> &[u8; 32] {
                &self.0
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                $crate::id::write_hex(f, &self.0)
            }
        }

        impl core::fmt::Debug for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                f.write_str(concat!(stringify!($name), "("))?;
                $crate::id::write_hex(f, self.0.first_chunk::<4>().unwrap_or(&[0; 4]))?;
                f.write_str("…)")
            }
        }

        impl core::str::FromStr for $name {
            type Err = $crate::id::BadHex;
            fn from_str(text: &str) -> Result<Self, $crate::id::BadHex> {
                $crate::id::read_hex(text).map(Self)
            }
        }

        impl AsRef<[u8]> for $name {
            fn as_ref(&self) -> &[u8] {
                &self.0
            }
        }
    };
}
pub(crate) use id;

id! {
    /// One company's log: `derive("book-id", genesis bytes)`.
    BookId
}
id! {
    /// One installation: `derive("author-id", book ‖ its first author key)`.
    AuthorId
}
id! {
    /// One entry: `derive("entry-id", header)`. Holds no signature byte.
    EntryId
}
id! {
    /// A frozen manifest: `derive("manifest", AST bytes)`.
    ManifestId
}
id! {
    /// Bytes that live beside the log: `derive("chunk", bytes)`.
    ChunkId
}
id! {
    /// The value of the order chain after a position: `derive("order", record)`; at position 0 the book id.
    Tip
}
id! {
    /// One op's frame: `derive("op", frame)`.
    OpHash
}
id! {
    /// What a header says about its body.
    BodyHash
}
id! {
    /// What a header says about its sealed slots; zeros where there is none.
    SealedHash
}
id! {
    /// A person or firm whose data is sealed: 32 bytes of chance, which name nobody.
    SubjectId
}
id! {
    /// What a fold gives for a whole book at a position; opaque to the log.
    StateHash
}

id! {
    /// A content key, named without saying it: `derive("content-key-commitment", key)`.
    KeyCommitment
}

macro_rules! number {
    ($(#[$doc:meta])* $name:ident($inner:ty)) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub $inner);

        impl $name {
            /// The first one.
            pub const ZERO: Self = Self(0);

            /// The one after this, or `None` where the number ends.
            pub fn next(self) -> Option<Self> {
                self.0.checked_add(1).map(Self)
            }
        }

        impl core::fmt::Display for $name {
            fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
                core::fmt::Display::fmt(&self.0, f)
            }
        }

        impl core::str::FromStr for $name {
            type Err = core::num::ParseIntError;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                text.parse().map(Self)
            }
        }
    };
}
pub(crate) use number;

number! {
    /// A place in the order of a book: 1 for its first entry, no gaps; 0 is "before the first".
    Position(u64)
}
number! {
    /// A place in one author's chain, from 0; goes on across key epochs.
    Seq(u64)
}
number! {
    /// How many keys an author has had before this one.
    KeyEpoch(u32)
}
number! {
    /// How many relays have ordered this book before this one.
    RelayEpoch(u32)
}
number! {
    /// Which content key a body is encrypted under, from 1; 0: the body is in clear.
    ContentEpoch(u32)
}

/// One op: its entry and its index there, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct OpId {
    /// The entry that carries it.
    pub entry: EntryId,
    /// 0..256.
    pub index: u16,
}

impl fmt::Display for OpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.entry, self.index)
    }
}
