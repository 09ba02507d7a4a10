//! The canonical coding of inputs and rows: one value has one coding, and what does not fit its type has none.
//!
//! Fields follow each other without names or tags; the manifest says what they are. `docs/spec/manifest.md` §Encoding
//! has the table.

use crate::{
    ast::{Field, Manifest, Type},
    bytes::{BadBytes, Reader, put_varint, put_zigzag},
    limits,
    value::Value,
};
use alloc::{boxed::Box, vec::Vec};
use core::{fmt, ops::RangeInclusive};

/// Why bytes or values do not have the shape that a list of fields asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadShape {
    /// The bytes end before the last field.
    Short,
    /// Bytes are left over.
    Long,
    /// A number is not coded in as few bytes as it needs, or exceeds its width.
    NotMinimal,
    /// A truth value or an option is neither 0 nor 1.
    NotABit,
    /// A number lies outside the bounds of its type.
    OutOfBounds,
    /// A code or text is longer than its type allows.
    TooLong,
    /// A text is not UTF-8.
    NotUtf8,
    /// A code has a byte other than `A-Z 0-9 . _ / -`.
    NotACode,
    /// An enum has no value of that index.
    NoSuchValue,
    /// An envelope slot that the op does not have.
    NoSuchSlot,
    /// A list has more elements than its type allows.
    TooMany,
    /// A value is of another kind than its type, or there are more or fewer values than fields.
    WrongKind,
}

impl fmt::Display for BadShape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            BadShape::Short => "the bytes end too early",
            BadShape::Long => "bytes are left over",
            BadShape::NotMinimal => "a number is not coded minimally",
            BadShape::NotABit => "a byte that must be 0 or 1 is neither",
            BadShape::OutOfBounds => "a number is out of the bounds of its type",
            BadShape::TooLong => "a code or text is too long",
            BadShape::NotUtf8 => "a text is not UTF-8",
            BadShape::NotACode => "a code has a character other than A-Z 0-9 . _ / -",
            BadShape::NoSuchValue => "an enum has no such value",
            BadShape::NoSuchSlot => "there is no such envelope",
            BadShape::TooMany => "a list is too long",
            BadShape::WrongKind => "a value is of the wrong kind",
        })
    }
}

impl core::error::Error for BadShape {}

impl From<BadBytes> for BadShape {
    fn from(bad: BadBytes) -> Self {
        match bad {
            BadBytes::Short => BadShape::Short,
            BadBytes::Varint => BadShape::NotMinimal,
        }
    }
}

/// Reads the values of `fields` from their canonical bytes. `slots` is how many envelopes the op has.
///
/// # Errors
/// Anything but the one canonical coding of values within their types.
pub fn decode_values(
    manifest: &Manifest,
    fields: &[Field],
    bytes: &[u8],
    slots: u16,
) -> Result<Vec<Value>, BadShape> {
    let mut decoder = Decoder {
        manifest,
        slots,
        reader: Reader::new(bytes),
    };
    let values = decoder.record(fields)?;
    if decoder.reader.left() == 0 {
        Ok(values)
    } else {
        Err(BadShape::Long)
    }
}

/// Writes values in the canonical coding. A sealed value may name any slot here; whether the op has it, the reader judges.
///
/// # Errors
/// A value that is not of its field's type or not within its bounds, or another number of values than fields.
pub fn encode_values(
    manifest: &Manifest,
    fields: &[Field],
    values: &[Value],
) -> Result<Vec<u8>, BadShape> {
    let mut out = Vec::with_capacity(values.len().saturating_mul(8));
    put_record(manifest, fields, values, &mut out)?;
    Ok(out)
}

/// The bounds of a type whose values are numbers, both included; `None` for the others and for enums.
pub fn bounds(ty: &Type) -> Option<RangeInclusive<i64>> {
    match ty {
        Type::Int { min, max } => Some(*min..=*max),
        Type::Money => Some(-limits::MONEY_MAX..=limits::MONEY_MAX),
        Type::Price => Some(-limits::PRICE_MAX..=limits::PRICE_MAX),
        Type::Qty => Some(-limits::QTY_MAX..=limits::QTY_MAX),
        Type::Ppm => Some(0..=limits::PPM_ONE),
        Type::Date => Some(limits::DATE_MIN..=limits::DATE_MAX),
        Type::Time => Some(limits::TIME_MIN..=limits::TIME_MAX),
        _ => None,
    }
}

/// What a field holds that an insert does not name: none, false, zero, empty or the first value of an enum. `None` if
/// the type has nothing of that sort (ids, references, authors, bounds without zero).
pub fn default_of(ty: &Type) -> Option<Value> {
    match ty {
        Type::Bool => Some(Value::Bool(false)),
        Type::Enum(_) => Some(Value::Int(0)),
        Type::Code(_) | Type::Text(_) => Some(Value::Text(Box::from(""))),
        Type::Sealed(_) | Type::Option(_) => Some(Value::None),
        Type::List(..) => Some(Value::List(Vec::new())),
        Type::Id | Type::Ref(_) | Type::Author => None,
        _ => bounds(ty)?.contains(&0).then_some(Value::Int(0)),
    }
}

/// Whether a text can be a code: only `A-Z 0-9 . _ / -`.
pub fn is_code(text: &str) -> bool {
    text.bytes()
        .all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'_' | b'/' | b'-'))
}

struct Decoder<'a> {
    manifest: &'a Manifest,
    slots: u16,
    reader: Reader<'a>,
}

impl Decoder<'_> {
    fn record(&mut self, fields: &[Field]) -> Result<Vec<Value>, BadShape> {
        fields.iter().map(|field| self.value(&field.ty)).collect()
    }

    /// Recursion is as deep as types nest, which `check` bounds.
    fn value(&mut self, ty: &Type) -> Result<Value, BadShape> {
        Ok(match ty {
            Type::Bool => Value::Bool(self.bit()?),
            Type::Code(max) => Value::Text(code(self.text(*max)?)?.into()),
            Type::Text(max) => Value::Text(self.text(*max)?.into()),
            Type::Enum(index) => Value::Int(enum_value(self.manifest, *index, self.small()?)?),
            Type::Id | Type::Ref(_) => Value::Id(self.reader.array()?),
            Type::Author => Value::Author(self.reader.array()?),
            Type::Sealed(_) => self.sealed()?,
            Type::Option(_) if !self.bit()? => Value::None,
            Type::Option(inner) => self.value(inner)?,
            Type::List(fields, max) => self.list(fields, *max)?,
            _ => Value::Int(bounded(ty, self.reader.zigzag()?)?),
        })
    }

    fn bit(&mut self) -> Result<bool, BadShape> {
        match self.reader.byte()? {
            0 => Ok(false),
            1 => Ok(true),
            _ => Err(BadShape::NotABit),
        }
    }

    fn small(&mut self) -> Result<u16, BadShape> {
        u16::try_from(self.reader.varint()?).map_err(|_| BadShape::NotMinimal)
    }

    fn text(&mut self, max: u16) -> Result<&str, BadShape> {
        let length = self.reader.length()?;
        if length > usize::from(max) {
            return Err(BadShape::TooLong);
        }
        core::str::from_utf8(self.reader.take(length)?).map_err(|_| BadShape::NotUtf8)
    }

    fn sealed(&mut self) -> Result<Value, BadShape> {
        if !self.bit()? {
            return Ok(Value::None);
        }
        let slot = self.small()?;
        if slot < self.slots {
            Ok(Value::Int(slot.into()))
        } else {
            Err(BadShape::NoSuchSlot)
        }
    }

    fn list(&mut self, fields: &[Field], max: u16) -> Result<Value, BadShape> {
        let count = self.reader.length()?;
        if count > usize::from(max) {
            return Err(BadShape::TooMany);
        }
        let records: Result<Vec<_>, _> = (0..count).map(|_| self.record(fields)).collect();
        records.map(Value::List)
    }
}

fn put_record(
    manifest: &Manifest,
    fields: &[Field],
    values: &[Value],
    out: &mut Vec<u8>,
) -> Result<(), BadShape> {
    if fields.len() != values.len() {
        return Err(BadShape::WrongKind);
    }
    fields
        .iter()
        .zip(values)
        .try_for_each(|(field, value)| put_value(manifest, &field.ty, value, out))
}

fn put_value(
    manifest: &Manifest,
    ty: &Type,
    value: &Value,
    out: &mut Vec<u8>,
) -> Result<(), BadShape> {
    match (ty, value) {
        (Type::Option(_) | Type::Sealed(_), Value::None) => out.push(0),
        (Type::Option(inner), value) => {
            out.push(1);
            put_value(manifest, inner, value, out)?;
        }
        (Type::Sealed(_), Value::Int(slot)) => {
            out.push(1);
            put_varint(
                out,
                u16::try_from(*slot)
                    .map_err(|_| BadShape::NoSuchSlot)?
                    .into(),
            );
        }
        (Type::Bool, Value::Bool(truth)) => out.push(u8::from(*truth)),
        (Type::Code(max), Value::Text(text)) => put_text(code(text)?, *max, out)?,
        (Type::Text(max), Value::Text(text)) => put_text(text, *max, out)?,
        (Type::Enum(index), Value::Int(number)) => {
            let small = u16::try_from(*number).map_err(|_| BadShape::NoSuchValue)?;
            enum_value(manifest, *index, small)?;
            put_varint(out, small.into());
        }
        (Type::Id | Type::Ref(_), Value::Id(id)) => out.extend_from_slice(id),
        (Type::Author, Value::Author(author)) => out.extend_from_slice(author),
        (Type::List(fields, max), Value::List(records)) => {
            if records.len() > usize::from(*max) {
                return Err(BadShape::TooMany);
            }
            put_length(out, records.len())?;
            records
                .iter()
                .try_for_each(|record| put_record(manifest, fields, record, out))?;
        }
        (_, Value::Int(number)) => put_zigzag(out, bounded(ty, *number)?),
        _ => return Err(BadShape::WrongKind),
    }
    Ok(())
}

fn put_text(text: &str, max: u16, out: &mut Vec<u8>) -> Result<(), BadShape> {
    if text.len() > usize::from(max) {
        return Err(BadShape::TooLong);
    }
    put_length(out, text.len())?;
    out.extend_from_slice(text.as_bytes());
    Ok(())
}

fn put_length(out: &mut Vec<u8>, length: usize) -> Result<(), BadShape> {
    put_varint(out, u64::try_from(length).map_err(|_| BadShape::TooLong)?);
    Ok(())
}

fn code(text: &str) -> Result<&str, BadShape> {
    if is_code(text) {
        Ok(text)
    } else {
        Err(BadShape::NotACode)
    }
}

fn enum_value(manifest: &Manifest, index: u16, value: u16) -> Result<i64, BadShape> {
    let known = manifest
        .enums
        .get(usize::from(index))
        .ok_or(BadShape::NoSuchValue)?;
    if usize::from(value) < known.values.len() {
        Ok(value.into())
    } else {
        Err(BadShape::NoSuchValue)
    }
}

fn bounded(ty: &Type, number: i64) -> Result<i64, BadShape> {
    let bounds = bounds(ty).ok_or(BadShape::WrongKind)?;
    if bounds.contains(&number) {
        Ok(number)
    } else {
        Err(BadShape::OutOfBounds)
    }
}

#[cfg(test)]
mod tests;
