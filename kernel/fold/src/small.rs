//! Short byte strings without an allocation of their own.
//!
//! Most keys and many values are short. Held inside the tree's nodes they are compared without following a pointer, which
//! is what a lookup in a large book costs.

use alloc::{boxed::Box, vec::Vec};
use core::cmp::Ordering;

const INLINE: usize = 38;

/// Bytes, ordered as bytes.
#[derive(Clone)]
pub(crate) enum Small {
    Inline(u8, [u8; INLINE]),
    Heap(Box<[u8]>),
}

impl Small {
    pub(crate) fn new(bytes: &[u8]) -> Self {
        match (u8::try_from(bytes.len()), bytes.len() <= INLINE) {
            (Ok(len), true) => {
                let mut inline = [0; INLINE];
                for (to, from) in inline.iter_mut().zip(bytes) {
                    *to = *from;
                }
                Self::Inline(len, inline)
            }
            _ => Self::Heap(bytes.into()),
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        match self {
            Self::Inline(len, bytes) => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Heap(bytes) => bytes,
        }
    }
}

impl From<Vec<u8>> for Small {
    fn from(bytes: Vec<u8>) -> Self {
        if bytes.len() <= INLINE {
            Self::new(&bytes)
        } else {
            Self::Heap(bytes.into_boxed_slice())
        }
    }
}

impl core::fmt::Debug for Small {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_slice().fmt(f)
    }
}

impl PartialEq for Small {
    fn eq(&self, other: &Self) -> bool {
        self.as_slice() == other.as_slice()
    }
}

impl Eq for Small {}

impl PartialOrd for Small {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Small {
    fn cmp(&self, other: &Self) -> Ordering {
        let (left, right) = (self.as_slice(), other.as_slice());
        // ids differ in their first bytes, nearly always: one comparison of numbers instead of a call
        let heads = left.first_chunk::<8>().zip(right.first_chunk::<8>());
        match heads.map(|(left, right)| u64::from_be_bytes(*left).cmp(&u64::from_be_bytes(*right)))
        {
            Some(decided @ (Ordering::Less | Ordering::Greater)) => decided,
            _ => left.cmp(right),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: length decides nothing but where the bytes lie.
    #[test]
    fn any_length() {
        for len in 0..100_u8 {
            let bytes: Vec<u8> = (0..len).collect();
            assert_eq!(Small::new(&bytes).as_slice(), bytes);
            assert_eq!(Small::from(bytes.clone()), Small::new(&bytes));
            let mut longer = bytes.clone();
            longer.push(0);
            assert!(Small::new(&bytes) < Small::new(&longer));
            for at in 0..bytes.len() {
                let mut other = bytes.clone();
                other[at] ^= 0x81;
                assert_eq!(
                    Small::new(&bytes).cmp(&Small::new(&other)),
                    bytes.cmp(&other),
                    "byte {at} of {len}"
                );
            }
        }
    }
}
