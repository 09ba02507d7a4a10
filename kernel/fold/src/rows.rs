//! Rows in memory: the truth that is hashed. A book has one set; an overlay lays another on top.

use crate::{key, small::Small};
use alloc::{collections::BTreeMap, vec::Vec};

/// A stored value and whether it was changed since the changes were last taken.
#[derive(Clone, Debug)]
struct Stored {
    bytes: Small,
    dirty: bool,
}

type Table = BTreeMap<Small, Stored>;

/// Rows by table, and which of them changed.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    tables: BTreeMap<u16, Table>,
    changed: Vec<(u16, Small)>,
    /// A replay that nobody stores need not remember what changed.
    untracked: bool,
}

/// A whole key and its new value; none when the row is gone.
pub(crate) type Change = (Vec<u8>, Option<Vec<u8>>);

impl Rows {
    pub(crate) fn get(&self, table: u16, local: &Small) -> Option<&[u8]> {
        self.tables
            .get(&table)?
            .get(local)
            .map(|stored| stored.bytes.as_slice())
    }

    pub(crate) fn put(&mut self, table: u16, local: Small, bytes: Small) {
        let rows = self.tables.entry(table).or_default();
        match rows.entry(local) {
            alloc::collections::btree_map::Entry::Occupied(mut old) => {
                let dirty = core::mem::replace(&mut old.get_mut().dirty, true);
                old.get_mut().bytes = bytes;
                if !dirty && !self.untracked {
                    self.changed.push((table, old.key().clone()));
                }
            }
            alloc::collections::btree_map::Entry::Vacant(place) => {
                if !self.untracked {
                    self.changed.push((table, place.key().clone()));
                }
                place.insert(Stored { bytes, dirty: true });
            }
        }
    }

    pub(crate) fn remove(&mut self, table: u16, local: &Small) {
        let removed = self
            .tables
            .get_mut(&table)
            .and_then(|rows| rows.remove(local));
        if removed.is_some_and(|old| !old.dirty) && !self.untracked {
            self.changed.push((table, local.clone()));
        }
    }

    /// Whether changes are remembered for [`Rows::take_changes`].
    pub(crate) fn set_tracking(&mut self, on: bool) {
        self.untracked = !on;
        if !on {
            self.changed = Vec::new();
        }
    }

    /// A row as it was stored; it is no change.
    pub(crate) fn restore(&mut self, table: u16, local: &[u8], bytes: Small) -> bool {
        self.tables
            .entry(table)
            .or_default()
            .insert(
                Small::new(local),
                Stored {
                    bytes,
                    dirty: false,
                },
            )
            .is_none()
    }

    /// Whole keys and values of the rows that changed since the last call, in key order.
    pub(crate) fn take_changes(&mut self) -> Vec<Change> {
        let mut changed = core::mem::take(&mut self.changed);
        changed.sort_unstable();
        // a row that was removed and put again is listed twice
        changed.dedup();
        let mut out = Vec::with_capacity(changed.len());
        for (table, local) in changed {
            let stored = self
                .tables
                .get_mut(&table)
                .and_then(|rows| rows.get_mut(&local));
            let value = stored.map(|stored| {
                stored.dirty = false;
                stored.bytes.as_slice().to_vec()
            });
            out.push((key::join(table, local.as_slice()), value));
        }
        out
    }

    /// Rows of a table whose keys begin with the prefix, in key order.
    pub(crate) fn scan<'a>(
        &'a self,
        table: u16,
        prefix: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8])> {
        self.range(table, prefix)
    }

    fn range<'a, 'p>(
        &'a self,
        table: u16,
        prefix: &'p [u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a, 'p> {
        use core::ops::Bound::{Included, Unbounded};
        self.tables
            .get(&table)
            .into_iter()
            .flat_map(move |rows| rows.range((Included(Small::new(prefix)), Unbounded)))
            .map(|(local, stored)| (local.as_slice(), stored.bytes.as_slice()))
            .take_while(move |(local, _)| local.starts_with(prefix))
    }

    /// All rows in key order: table, key below it, value.
    pub(crate) fn all(&self) -> impl Iterator<Item = (u16, &[u8], &[u8])> {
        self.tables.iter().flat_map(|(table, rows)| {
            rows.iter()
                .map(|(local, stored)| (*table, local.as_slice(), stored.bytes.as_slice()))
        })
    }

    /// How many rows.
    pub(crate) fn len(&self) -> usize {
        self.tables
            .values()
            .fold(0, |sum, rows| sum.saturating_add(rows.len()))
    }

    /// Whether there is none.
    pub(crate) fn is_empty(&self) -> bool {
        self.tables.values().all(BTreeMap::is_empty)
    }
}

/// Rows to read: confirmed ones below, provisional ones on top where there are any.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layers<'a> {
    pub(crate) below: &'a Rows,
    pub(crate) above: Option<&'a Rows>,
}

impl<'a> Layers<'a> {
    pub(crate) fn get(&self, table: u16, local: &Small) -> Option<&'a [u8]> {
        self.above
            .and_then(|rows| rows.get(table, local))
            .or_else(|| self.below.get(table, local))
    }

    /// How many rows of a table begin with the prefix.
    pub(crate) fn scan_count(&self, table: u16, prefix: &[u8]) -> usize {
        let below = self.below;
        let above = self.above.map_or(0, |rows| {
            rows.scan(table, prefix)
                .filter(|(local, _)| below.get(table, &Small::new(local)).is_none())
                .count()
        });
        below.scan(table, prefix).count().saturating_add(above)
    }

    /// As [`Layers::scan`], gathered, for a prefix that does not live as long as the rows.
    pub(crate) fn scan_owned(&self, table: u16, prefix: &[u8]) -> Vec<(&'a [u8], &'a [u8])> {
        let below = self.below.range(table, prefix);
        let above = self
            .above
            .into_iter()
            .flat_map(|rows| rows.range(table, prefix));
        let merged: BTreeMap<_, _> = below.chain(above).collect();
        merged.into_iter().collect()
    }

    /// As [`Rows::scan`], each key once, the upper row winning.
    pub(crate) fn scan(
        &self,
        table: u16,
        prefix: &'a [u8],
    ) -> impl Iterator<Item = (&'a [u8], &'a [u8])> + use<'a> {
        let mut below = self.below.scan(table, prefix).peekable();
        let mut above = self
            .above
            .into_iter()
            .flat_map(move |rows| rows.scan(table, prefix))
            .peekable();
        core::iter::from_fn(move || match (below.peek(), above.peek()) {
            (Some((low, _)), Some((up, _))) if low < up => below.next(),
            (Some((low, _)), Some((up, _))) => {
                if low == up {
                    below.next();
                }
                above.next()
            }
            (Some(_), None) => below.next(),
            (None, _) => above.next(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    fn put(rows: &mut Rows, table: u16, local: &[u8], value: &[u8]) {
        rows.put(table, Small::new(local), Small::new(value));
    }

    /// Claim: changes are given once, with the last value, in key order.
    #[test]
    fn changes_once() {
        let mut rows = Rows::default();
        put(&mut rows, 2, b"b", b"1");
        put(&mut rows, 1, b"z", b"2");
        put(&mut rows, 2, b"b", b"3");
        let expected = vec![
            (b"\0\x01z".to_vec(), Some(b"2".to_vec())),
            (b"\0\x02b".to_vec(), Some(b"3".to_vec())),
        ];
        assert_eq!(rows.take_changes(), expected);
        assert_eq!(rows.take_changes(), vec![]);
        put(&mut rows, 1, b"z", b"4");
        assert_eq!(rows.take_changes().len(), 1);
        assert_eq!((rows.len(), rows.is_empty()), (2, false));
        rows.remove(1, &Small::new(b"z"));
        assert_eq!(rows.take_changes(), vec![(b"\0\x01z".to_vec(), None)]);
        rows.remove(2, &Small::new(b"b"));
        put(&mut rows, 2, b"b", b"5");
        assert_eq!(
            rows.take_changes(),
            vec![(b"\0\x02b".to_vec(), Some(b"5".to_vec()))]
        );
    }

    /// Claim: a scan over layers gives each key once and the upper value.
    #[test]
    fn layers() {
        let (mut low, mut up) = (Rows::default(), Rows::default());
        for k in [b"a1", b"a3", b"a4", b"b1"] {
            put(&mut low, 1, k, b"low");
        }
        for k in [b"a2", b"a3", b"a5"] {
            put(&mut up, 1, k, b"up");
        }
        let layers = Layers {
            below: &low,
            above: Some(&up),
        };
        let got: Vec<_> = layers.scan(1, b"a").collect();
        let expected: [(&[u8], &[u8]); 5] = [
            (b"a1", b"low"),
            (b"a2", b"up"),
            (b"a3", b"up"),
            (b"a4", b"low"),
            (b"a5", b"up"),
        ];
        assert_eq!(got, expected);
        assert_eq!(layers.get(1, &Small::new(b"b1")), Some(&b"low"[..]));
        assert_eq!(
            Layers {
                below: &low,
                above: None
            }
            .scan(1, b"b")
            .count(),
            1
        );
    }
}
