//! The smallest pieces of the canonical coding: bytes, minimal varints, zigzag.

use alloc::vec::Vec;

/// What is wrong with a piece.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadBytes {
    /// The bytes end too early.
    Short,
    /// A varint is longer than its value needs, or larger than its type.
    Varint,
}

/// What is left to read.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(crate) fn take(&mut self, count: usize) -> Result<&'a [u8], BadBytes> {
        let (head, rest) = self.rest.split_at_checked(count).ok_or(BadBytes::Short)?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(&mut self) -> Result<[u8; N], BadBytes> {
        let (head, rest) = self.rest.split_first_chunk::<N>().ok_or(BadBytes::Short)?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn byte(&mut self) -> Result<u8, BadBytes> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    /// An unsigned number in groups of seven bits, least first, in as few bytes as it needs.
    pub(crate) fn varint(&mut self) -> Result<u64, BadBytes> {
        let mut value = 0u64;
        for shift in (0u32..64).step_by(7) {
            let byte = self.byte()?;
            let group = u64::from(byte & 0x7f);
            let placed = group.checked_shl(shift).ok_or(BadBytes::Varint)?;
            if placed.checked_shr(shift) != Some(group) {
                return Err(BadBytes::Varint);
            }
            value |= placed;
            if byte & 0x80 == 0 {
                let padded = byte == 0 && shift > 0;
                return if padded {
                    Err(BadBytes::Varint)
                } else {
                    Ok(value)
                };
            }
        }
        Err(BadBytes::Varint)
    }

    pub(crate) fn zigzag(&mut self) -> Result<i64, BadBytes> {
        let coded = self.varint()?;
        let sign = if coded & 1 == 1 { u64::MAX } else { 0 };
        Ok(((coded >> 1) ^ sign).cast_signed())
    }

    /// A length that the rest can still hold, at one byte each.
    pub(crate) fn length(&mut self) -> Result<usize, BadBytes> {
        let length = usize::try_from(self.varint()?).map_err(|_| BadBytes::Varint)?;
        if length > self.left() {
            Err(BadBytes::Short)
        } else {
            Ok(length)
        }
    }
}

pub(crate) fn put_varint(out: &mut Vec<u8>, mut value: u64) {
    loop {
        let [low, ..] = (value & 0x7f).to_le_bytes();
        value >>= 7;
        if value == 0 {
            return out.push(low);
        }
        out.push(low | 0x80);
    }
}

pub(crate) fn put_zigzag(out: &mut Vec<u8>, value: i64) {
    let sign = if value < 0 { u64::MAX } else { 0 };
    put_varint(out, (value.cast_unsigned() << 1) ^ sign);
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_number_has_one_coding() {
        for value in [0, 1, -1, 63, -64, 64, 127, 128, i64::MAX, i64::MIN] {
            let mut out = Vec::new();
            put_zigzag(&mut out, value);
            let mut reader = Reader::new(&out);
            assert_eq!(reader.zigzag(), Ok(value));
            assert_eq!(reader.left(), 0);
        }
        for bad in [&[0x80, 0x00][..], &[0xff; 10], &[0xff; 11], &[0x80], &[]] {
            assert!(Reader::new(bad).varint().is_err(), "{bad:?}");
        }
    }
}
