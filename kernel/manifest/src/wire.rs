//! Reads a syntax tree from postcard bytes that nobody is trusted to have made well.
//!
//! Postcard itself recurses as deep as the bytes tell it to. This reader is the same format for the types that a tree
//! is made of, with a bound on nesting and on the number of nodes, and it takes only the minimal coding of a number.

use crate::{
    bytes::{BadBytes, Reader},
    limits,
};
use core::fmt;
use serde::de::{self, DeserializeSeed, IntoDeserializer, Visitor};

/// Why bytes are not a tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadTree {
    /// Not the coding of a tree at all.
    Malformed,
    /// Nested too deep.
    TooDeep,
    /// Too many nodes.
    TooBig,
}

impl fmt::Display for BadTree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{self:?}")
    }
}

impl de::StdError for BadTree {}

impl de::Error for BadTree {
    fn custom<T: fmt::Display>(_: T) -> Self {
        BadTree::Malformed
    }
}

impl From<BadBytes> for BadTree {
    fn from(_: BadBytes) -> Self {
        BadTree::Malformed
    }
}

/// Reads one value from all of `bytes`.
pub(crate) fn read<'de, T: de::Deserialize<'de>>(bytes: &'de [u8]) -> Result<T, BadTree> {
    let mut wire = Wire {
        reader: Reader::new(bytes),
        room: limits::NESTING_MAX,
        nodes: limits::NODES_MAX,
    };
    let value = T::deserialize(&mut wire)?;
    if wire.reader.left() == 0 {
        Ok(value)
    } else {
        Err(BadTree::Malformed)
    }
}

struct Wire<'de> {
    reader: Reader<'de>,
    /// How many more levels may be entered.
    room: u32,
    /// How many more nodes may be read.
    nodes: u32,
}

impl<'de> Wire<'de> {
    /// Runs `work` one level deeper.
    fn deeper<T>(
        &mut self,
        work: impl FnOnce(&mut Self) -> Result<T, BadTree>,
    ) -> Result<T, BadTree> {
        self.nodes = self.nodes.checked_sub(1).ok_or(BadTree::TooBig)?;
        self.room = self.room.checked_sub(1).ok_or(BadTree::TooDeep)?;
        let done = work(self);
        self.room = self.room.saturating_add(1);
        done
    }

    fn several<V: Visitor<'de>>(&mut self, left: usize, visitor: V) -> Result<V::Value, BadTree> {
        self.deeper(|wire| visitor.visit_seq(Several { wire, left }))
    }

    fn narrow<T: TryFrom<u64>>(&mut self) -> Result<T, BadTree> {
        T::try_from(self.reader.varint()?).map_err(|_| BadTree::Malformed)
    }

    fn str(&mut self) -> Result<&'de str, BadTree> {
        let length = self.reader.length()?;
        core::str::from_utf8(self.reader.take(length)?).map_err(|_| BadTree::Malformed)
    }
}

/// The elements of a list, or the fields of a structure.
struct Several<'a, 'de> {
    wire: &'a mut Wire<'de>,
    left: usize,
}

impl<'de> de::SeqAccess<'de> for Several<'_, 'de> {
    type Error = BadTree;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, BadTree> {
        let Some(left) = self.left.checked_sub(1) else {
            return Ok(None);
        };
        self.left = left;
        self.wire.nodes = self.wire.nodes.checked_sub(1).ok_or(BadTree::TooBig)?;
        seed.deserialize(&mut *self.wire).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.left.min(64))
    }
}

impl<'de> de::EnumAccess<'de> for &mut Wire<'de> {
    type Error = BadTree;
    type Variant = Self;

    fn variant_seed<V: DeserializeSeed<'de>>(self, seed: V) -> Result<(V::Value, Self), BadTree> {
        let index: u32 = self.narrow()?;
        let name = seed.deserialize(IntoDeserializer::<BadTree>::into_deserializer(index))?;
        Ok((name, self))
    }
}

impl<'de> de::VariantAccess<'de> for &mut Wire<'de> {
    type Error = BadTree;

    fn unit_variant(self) -> Result<(), BadTree> {
        Ok(())
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, BadTree> {
        seed.deserialize(self)
    }

    fn tuple_variant<V: Visitor<'de>>(self, len: usize, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_seq(Several {
            wire: self,
            left: len,
        })
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadTree> {
        visitor.visit_seq(Several {
            wire: self,
            left: fields.len(),
        })
    }
}

/// Kinds of values that no tree holds.
macro_rules! absent {
    ($($name:ident)*) => {$(
        fn $name<V: Visitor<'de>>(self, _: V) -> Result<V::Value, BadTree> {
            Err(BadTree::Malformed)
        }
    )*};
}

impl<'de> de::Deserializer<'de> for &mut Wire<'de> {
    type Error = BadTree;

    absent! {
        deserialize_any deserialize_i8 deserialize_i16 deserialize_i32 deserialize_f32 deserialize_f64
        deserialize_char deserialize_bytes deserialize_byte_buf deserialize_unit deserialize_map
        deserialize_identifier deserialize_ignored_any
    }

    fn is_human_readable(&self) -> bool {
        false
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        match self.reader.byte()? {
            0 => visitor.visit_bool(false),
            1 => visitor.visit_bool(true),
            _ => Err(BadTree::Malformed),
        }
    }

    fn deserialize_u8<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_u8(self.reader.byte()?)
    }

    fn deserialize_u16<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_u16(self.narrow()?)
    }

    fn deserialize_u32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_u32(self.narrow()?)
    }

    fn deserialize_u64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_u64(self.reader.varint()?)
    }

    fn deserialize_i64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_i64(self.reader.zigzag()?)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_borrowed_str(self.str()?)
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        visitor.visit_borrowed_str(self.str()?)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        match self.reader.byte()? {
            0 => visitor.visit_none(),
            1 => self.deeper(|wire| visitor.visit_some(wire)),
            _ => Err(BadTree::Malformed),
        }
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, BadTree> {
        let length = self.reader.length()?;
        self.several(length, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(
        self,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, BadTree> {
        self.several(len, visitor)
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        len: usize,
        visitor: V,
    ) -> Result<V::Value, BadTree> {
        self.several(len, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadTree> {
        self.several(fields.len(), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, BadTree> {
        self.deeper(|wire| visitor.visit_enum(wire))
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, BadTree> {
        self.deeper(|wire| visitor.visit_newtype_struct(wire))
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: V,
    ) -> Result<V::Value, BadTree> {
        Err(BadTree::Malformed)
    }
}
