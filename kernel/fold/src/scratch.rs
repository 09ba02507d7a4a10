//! What one op has read and wants to write. Applied whole at the end, or dropped.

use crate::{
    exec::Cell,
    key::{self, RowId},
    outcome::{RaisedFlag, Refusal},
    posting::{self, Line},
    rows::{Layers, Rows},
    small::Small,
};
use alloc::{collections::BTreeMap, vec::Vec};
use daybook_manifest::{
    ast::{Entity, Manifest, Owner},
    shape,
    value::Value,
};

/// A row that the op has met, decoded once.
#[derive(Debug)]
pub(crate) struct Touched {
    pub(crate) values: Vec<Value>,
    pub(crate) owner: Option<[u8; 32]>,
    pub(crate) new: bool,
    pub(crate) changed: bool,
}

/// Reused from op to op.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    pub(crate) rows: BTreeMap<RowId, Touched>,
    /// (child entity, parent): how many children there are, those of this op included.
    children: BTreeMap<(u16, [u8; 16]), u16>,
    pub(crate) lines: Vec<Line>,
    /// Last number of each counter that the op took from.
    pub(crate) counters: BTreeMap<Small, i64>,
    /// Uniqueness rows: taken by a row, or given back.
    pub(crate) unique: BTreeMap<Small, Option<Small>>,
    pub(crate) flags: Vec<RaisedFlag>,
    /// Value cells, kept between ops for their memory only.
    pub(crate) slots: Vec<Cell>,
}

/// Whether the kernel keeps the author in front of this entity's row bytes.
pub(crate) fn has_owner(entity: &Entity) -> bool {
    entity.owner == Owner::Device && entity.parent.is_none()
}

/// Author and values of stored row bytes. Optional fields that were added later are none.
pub(crate) fn decode_row(
    schema: &Manifest,
    entity: &Entity,
    bytes: &[u8],
) -> Option<(Option<[u8; 32]>, Vec<Value>)> {
    let (owner, bytes) = if has_owner(entity) {
        let (owner, rest) = bytes.split_first_chunk::<32>()?;
        (Some(*owner), rest)
    } else {
        (None, bytes)
    };
    if let Ok(values) = shape::decode_values(schema, &entity.fields, bytes, u16::MAX) {
        return Some((owner, values));
    }
    // None is one zero byte: a row from before k optional fields were added is complete with k zeros behind it.
    let mut padded = bytes.to_vec();
    let complete = entity.fields.iter().find_map(|_| {
        padded.push(0);
        shape::decode_values(schema, &entity.fields, &padded, u16::MAX).ok()
    });
    complete.map(|values| (owner, values))
}

fn encode_row(schema: &Manifest, entity: &Entity, row: &Touched) -> Result<Small, Refusal> {
    let values =
        shape::encode_values(schema, &entity.fields, &row.values).map_err(|_| Refusal::RANGE)?;
    let Some(owner) = row.owner else {
        return Ok(values.into());
    };
    let mut bytes = Vec::with_capacity(values.len().saturating_add(32));
    bytes.extend_from_slice(&owner);
    bytes.extend_from_slice(&values);
    Ok(bytes.into())
}

/// What an applied op writes; everything that could fail is behind it.
#[derive(Debug, Default)]
pub(crate) struct Writes {
    rows: Vec<(u16, Small, Small)>,
}

impl Scratch {
    pub(crate) fn clear(&mut self) {
        self.rows.clear();
        self.children.clear();
        self.lines.clear();
        self.counters.clear();
        self.unique.clear();
        self.flags.clear();
    }

    /// The row, decoded; none when it does not exist.
    pub(crate) fn load(
        &mut self,
        layers: Layers<'_>,
        schema: &Manifest,
        id: RowId,
    ) -> Result<Option<&mut Touched>, Refusal> {
        use alloc::collections::btree_map::Entry;
        match self.rows.entry(id) {
            Entry::Occupied(row) => Ok(Some(row.into_mut())),
            Entry::Vacant(place) => {
                let Some(bytes) = layers.get(id.entity, &id.local()) else {
                    return Ok(None);
                };
                let entity = schema
                    .entities
                    .get(usize::from(id.entity))
                    .ok_or(Refusal::UNSOUND)?;
                let (owner, values) = decode_row(schema, entity, bytes).ok_or(Refusal::UNSOUND)?;
                Ok(Some(place.insert(Touched {
                    values,
                    owner,
                    new: false,
                    changed: false,
                })))
            }
        }
    }

    /// Whether the row exists, without decoding it.
    pub(crate) fn exists(&self, layers: Layers<'_>, id: RowId) -> bool {
        self.rows.contains_key(&id) || layers.get(id.entity, &id.local()).is_some()
    }

    /// How many children of an entity a row has.
    pub(crate) fn children(
        &mut self,
        layers: Layers<'_>,
        entity: u16,
        parent: [u8; 16],
    ) -> &mut u16 {
        self.children.entry((entity, parent)).or_insert_with(|| {
            let stored = layers.scan_count(entity, &parent);
            u16::try_from(stored).unwrap_or(u16::MAX)
        })
    }

    /// A parent that this op inserted has no stored children to count.
    pub(crate) fn no_children_yet(&mut self, entity: u16, parent: [u8; 16]) {
        self.children.entry((entity, parent)).or_insert(0);
    }

    /// Encodes what changed. Nothing is applied if one value does not fit.
    pub(crate) fn writes(&self, schema: &Manifest) -> Result<Writes, Refusal> {
        let mut rows = Vec::with_capacity(self.rows.len());
        for (id, row) in self.rows.iter().filter(|(_, row)| row.changed) {
            let entity = schema
                .entities
                .get(usize::from(id.entity))
                .ok_or(Refusal::UNSOUND)?;
            rows.push((id.entity, id.local(), encode_row(schema, entity, row)?));
        }
        Ok(Writes { rows })
    }

    /// Puts everything into the upper rows. `below` holds what they do not have yet.
    pub(crate) fn apply(
        &self,
        writes: Writes,
        (position, op): (u64, u16),
        top: &mut Rows,
        below: Option<&Rows>,
    ) {
        for (table, local, bytes) in writes.rows {
            top.put(table, local, bytes);
        }
        for (local, row) in &self.unique {
            match (row, below) {
                (Some(row), _) => top.put(key::UNIQUE, local.clone(), row.clone()),
                (None, None) => top.remove(key::UNIQUE, local),
                // an upper layer cannot take a lower row away: an empty value says that it is gone
                (None, Some(_)) => top.put(key::UNIQUE, local.clone(), Small::new(&[])),
            }
        }
        for (local, last) in &self.counters {
            top.put(key::COUNTER, local.clone(), Small::new(&last.to_le_bytes()));
        }
        for (line, index) in self.lines.iter().zip(0_u16..) {
            let at = key::PostingKey {
                doc: line.doc,
                position,
                op,
                line: index,
            };
            top.put(key::POSTING, at.local(), posting::encode(line));
            let cell = posting::total_key(line);
            let sum = top
                .get(key::TOTAL, &cell)
                .or_else(|| below.and_then(|rows| rows.get(key::TOTAL, &cell)));
            let sum = sum
                .and_then(posting::decode_sum)
                .unwrap_or(0)
                .saturating_add(i128::from(line.amount));
            top.put(key::TOTAL, cell, Small::new(&sum.to_le_bytes()));
        }
    }
}
