//! Row keys: `u16` big-endian table, then the table's own key, big-endian so that order of bytes is order of meaning.
//!
//! Tables 0.. are the entities of the manifest, by index. The kernel's own begin at [`SYSTEM`].

use crate::small::Small;
use alloc::vec::Vec;
use daybook_manifest::ast::EntityId;

/// First table that is not an entity's.
pub const SYSTEM: u16 = 0xFF00;
/// doc id (16) ‖ position `u64` ‖ op `u16` ‖ line `u16`.
pub const POSTING: u16 = 0xFF00;
/// period `u32` ‖ role `u16` ‖ currency (3) ‖ dimensions.
pub const TOTAL: u16 = 0xFF01;
/// series `u16` ‖ author (32) ‖ year `u16`.
pub const COUNTER: u16 = 0xFF02;
/// position `u64` ‖ op `u16`. Every refusal and every flag has its row.
pub const OUTCOME: u16 = 0xFF03;
/// entity `u16` ‖ index of the set `u16` ‖ values.
pub const UNIQUE: u16 = 0xFF04;
/// manifest id (32).
pub const ADOPTED: u16 = 0xFF05;

/// A row of an entity: its id and, for a child, its index below the parent's id.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowId {
    /// Index of the entity in the manifest.
    pub entity: EntityId,
    /// The row's id; for a child its parent's.
    pub id: [u8; 16],
    /// Index of a child below its parent, from 0.
    pub index: Option<u16>,
}

impl RowId {
    /// The whole key, table first.
    pub fn bytes(&self) -> Vec<u8> {
        join(self.entity, self.local().as_slice())
    }

    /// The key below its table.
    pub(crate) fn local(&self) -> Small {
        let mut bytes = [0; 18];
        let index = self.index.map(u16::to_be_bytes);
        let tail = index.as_ref().map_or::<&[u8], _>(&[], |be| be);
        let len = fill(&mut bytes, &[&self.id, tail]);
        Small::new(bytes.get(..len).unwrap_or_default())
    }

    pub(crate) fn parse(entity: EntityId, local: &[u8]) -> Option<Self> {
        let (id, tail) = local.split_first_chunk::<16>()?;
        let index = match tail {
            [] => None,
            tail => Some(u16::from_be_bytes(tail.try_into().ok()?)),
        };
        Some(Self {
            entity,
            id: *id,
            index,
        })
    }
}

/// Key of a posting, below its table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PostingKey {
    /// The row that the line belongs to.
    pub doc: [u8; 16],
    /// Position of the entry that booked it.
    pub position: u64,
    /// Index of the op in that entry.
    pub op: u16,
    /// Index of the line in that op.
    pub line: u16,
}

impl PostingKey {
    pub(crate) fn local(&self) -> Small {
        let mut bytes = [0; 28];
        let (position, op, line) = (
            self.position.to_be_bytes(),
            self.op.to_be_bytes(),
            self.line.to_be_bytes(),
        );
        fill(&mut bytes, &[&self.doc, &position, &op, &line]);
        Small::new(&bytes)
    }

    pub(crate) fn parse(local: &[u8]) -> Option<Self> {
        let (doc, rest) = local.split_first_chunk::<16>()?;
        let (position, rest) = rest.split_first_chunk::<8>()?;
        let (op, line) = rest.split_first_chunk::<2>()?;
        Some(Self {
            doc: *doc,
            position: u64::from_be_bytes(*position),
            op: u16::from_be_bytes(*op),
            line: u16::from_be_bytes(line.try_into().ok()?),
        })
    }
}

/// Key of an outcome: position and index of the op.
pub(crate) fn outcome(position: u64, op: u16) -> Small {
    let mut bytes = [0; 10];
    fill(&mut bytes, &[&position.to_be_bytes(), &op.to_be_bytes()]);
    Small::new(&bytes)
}

pub(crate) fn parse_outcome(local: &[u8]) -> Option<(u64, u16)> {
    let (position, op) = local.split_first_chunk::<8>()?;
    Some((
        u64::from_be_bytes(*position),
        u16::from_be_bytes(op.try_into().ok()?),
    ))
}

/// Key of a counter: series, author, year.
pub(crate) fn counter(series: u16, author: &[u8; 32], year: u16) -> Small {
    let mut bytes = [0; 36];
    fill(
        &mut bytes,
        &[&series.to_be_bytes(), author, &year.to_be_bytes()],
    );
    Small::new(&bytes)
}

pub(crate) fn parse_counter(local: &[u8]) -> Option<(u16, [u8; 32], u16)> {
    let (series, rest) = local.split_first_chunk::<2>()?;
    let (author, year) = rest.split_first_chunk::<32>()?;
    Some((
        u16::from_be_bytes(*series),
        *author,
        u16::from_be_bytes(year.try_into().ok()?),
    ))
}

/// Key of a uniqueness row: entity, set, canonical values.
pub(crate) fn unique(entity: u16, set: u16, values: &[u8]) -> Small {
    let mut bytes = Vec::with_capacity(values.len().saturating_add(4));
    bytes.extend_from_slice(&entity.to_be_bytes());
    bytes.extend_from_slice(&set.to_be_bytes());
    bytes.extend_from_slice(values);
    bytes.into()
}

/// A whole key: table, then the key below it.
pub fn join(table: u16, local: &[u8]) -> Vec<u8> {
    let mut key = Vec::with_capacity(local.len().saturating_add(2));
    key.extend_from_slice(&table.to_be_bytes());
    key.extend_from_slice(local);
    key
}

/// Table and the key below it; none when there is no table.
pub fn split(key: &[u8]) -> Option<(u16, &[u8])> {
    let (table, local) = key.split_first_chunk::<2>()?;
    Some((u16::from_be_bytes(*table), local))
}

/// Writes the parts one behind the other; how many bytes.
fn fill(to: &mut [u8], parts: &[&[u8]]) -> usize {
    let bytes = parts.iter().flat_map(|part| part.iter());
    to.iter_mut()
        .zip(bytes)
        .map(|(to, from)| *to = *from)
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: keys go there and back, and their bytes sort as their fields do.
    #[test]
    fn there_and_back() {
        let row = RowId {
            entity: 3,
            id: [7; 16],
            index: Some(258),
        };
        assert_eq!(
            split(&row.bytes()).and_then(|(t, l)| RowId::parse(t, l)),
            Some(row)
        );
        let row = RowId { index: None, ..row };
        assert_eq!(
            split(&row.bytes()).and_then(|(t, l)| RowId::parse(t, l)),
            Some(row)
        );
        let posting = PostingKey {
            doc: [1; 16],
            position: 300,
            op: 2,
            line: 1,
        };
        assert_eq!(PostingKey::parse(posting.local().as_slice()), Some(posting));
        assert!(
            posting.local()
                < PostingKey {
                    position: 301,
                    op: 0,
                    ..posting
                }
                .local()
        );
        assert_eq!(parse_outcome(outcome(9, 4).as_slice()), Some((9, 4)));
        assert_eq!(
            parse_counter(counter(1, &[9; 32], 2026).as_slice()),
            Some((1, [9; 32], 2026))
        );
        assert_eq!(RowId::parse(1, &[0; 17]), None);
        assert_eq!(PostingKey::parse(&[0; 27]), None);
        assert_eq!(split(&[1]), None);
    }
}
