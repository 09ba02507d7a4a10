//! Lines that were booked, and their sums.

use crate::{calendar, key::PostingKey, small::Small};
use alloc::vec::Vec;
use daybook_manifest::{
    ast::{Manifest, RoleId},
    shape,
    value::Value,
};

/// Three capital letters.
pub type Currency = [u8; 3];

/// Most that one line can amount to, in minor units, either way.
pub const AMOUNT_MAX: i64 = 1_000_000_000_000_000;

/// A line that an op books.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) doc: [u8; 16],
    pub(crate) date: i32,
    pub(crate) period: u32,
    pub(crate) role: RoleId,
    pub(crate) currency: Currency,
    pub(crate) dims: Small,
    pub(crate) amount: i64,
}

/// A stored line.
#[derive(Clone, Debug, PartialEq)]
pub struct Posting {
    /// The row that it belongs to.
    pub doc: [u8; 16],
    /// Position of the entry that booked it; above the book's position while provisional.
    pub position: u64,
    /// Index of the op in that entry.
    pub op: u16,
    /// Index of the line in that op.
    pub line: u16,
    /// Days since 1970-01-01.
    pub date: i32,
    /// Index of the role in the manifest.
    pub role: RoleId,
    /// What the role's dimensions are here.
    pub dims: Vec<Value>,
    /// Three capital letters.
    pub currency: Currency,
    /// Minor units; debit above zero, credit below.
    pub amount: i64,
}

/// The sum of all lines of one month, role, currency and set of dimensions.
#[derive(Clone, Debug, PartialEq)]
pub struct Total {
    /// Year * 100 + month.
    pub period: u32,
    /// Index of the role in the manifest.
    pub role: RoleId,
    /// Three capital letters.
    pub currency: Currency,
    /// What the role's dimensions are here.
    pub dims: Vec<Value>,
    /// Minor units.
    pub sum: i128,
}

/// date `i32` ‖ amount `i64` ‖ role `u16` ‖ currency (3) ‖ dimensions; little-endian.
pub(crate) fn encode(line: &Line) -> Small {
    let mut bytes = Vec::with_capacity(64);
    bytes.extend_from_slice(&line.date.to_le_bytes());
    bytes.extend_from_slice(&line.amount.to_le_bytes());
    bytes.extend_from_slice(&line.role.to_le_bytes());
    bytes.extend_from_slice(&line.currency);
    bytes.extend_from_slice(line.dims.as_slice());
    bytes.into()
}

/// A stored line without looking at its dimensions.
pub(crate) fn decode_line(doc: [u8; 16], value: &[u8]) -> Option<Line> {
    let (date, rest) = value.split_first_chunk()?;
    let (amount, rest) = rest.split_first_chunk()?;
    let (role, rest) = rest.split_first_chunk()?;
    let (currency, dims) = rest.split_first_chunk::<3>()?;
    let date = i32::from_le_bytes(*date);
    Some(Line {
        doc,
        date,
        period: calendar::period(i64::from(date))?,
        role: u16::from_le_bytes(*role),
        currency: *currency,
        dims: Small::new(dims),
        amount: i64::from_le_bytes(*amount),
    })
}

/// A stored line from its key below the table and its value.
pub(crate) fn decode(manifest: &Manifest, local: &[u8], value: &[u8]) -> Option<Posting> {
    let PostingKey {
        doc,
        position,
        op,
        line,
    } = PostingKey::parse(local)?;
    let stored = decode_line(doc, value)?;
    let dims = dims(manifest, stored.role, stored.dims.as_slice())?;
    let Line {
        date,
        role,
        currency,
        amount,
        ..
    } = stored;
    Some(Posting {
        doc,
        position,
        op,
        line,
        date,
        role,
        dims,
        currency,
        amount,
    })
}

/// period `u32` ‖ role `u16` ‖ currency (3) ‖ dimensions, big-endian.
pub(crate) fn total_key(line: &Line) -> Small {
    let mut bytes = Vec::with_capacity(64);
    bytes.extend_from_slice(&line.period.to_be_bytes());
    bytes.extend_from_slice(&line.role.to_be_bytes());
    bytes.extend_from_slice(&line.currency);
    bytes.extend_from_slice(line.dims.as_slice());
    bytes.into()
}

pub(crate) fn decode_sum(value: &[u8]) -> Option<i128> {
    value.try_into().ok().map(i128::from_le_bytes)
}

pub(crate) fn decode_total(manifest: &Manifest, local: &[u8], value: &[u8]) -> Option<Total> {
    let (period, rest) = local.split_first_chunk()?;
    let (role, rest) = rest.split_first_chunk()?;
    let (currency, rest) = rest.split_first_chunk::<3>()?;
    let role = u16::from_be_bytes(*role);
    let dims = dims(manifest, role, rest)?;
    Some(Total {
        period: u32::from_be_bytes(*period),
        role,
        currency: *currency,
        dims,
        sum: decode_sum(value)?,
    })
}

fn dims(manifest: &Manifest, role: RoleId, bytes: &[u8]) -> Option<Vec<Value>> {
    let role = manifest.roles.get(usize::from(role))?;
    shape::decode_values(manifest, &role.dims, bytes, 0).ok()
}
