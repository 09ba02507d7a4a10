//! A store in memory: what is in it survives a crash of its client.

use std::collections::{BTreeMap, BTreeSet};

use daybook_client::{Batch, LoadRequest, OutboxItem, Secret, Stored, StoredEntry};
use daybook_log::EntryId;

#[derive(Clone, Default)]
pub(crate) struct Store {
    pub(crate) identity: Option<Secret>,
    pub(crate) meta: BTreeMap<String, Vec<u8>>,
    pub(crate) asts: BTreeSet<Vec<u8>>,
    pub(crate) outbox: BTreeMap<EntryId, OutboxItem>,
    pub(crate) entries: BTreeMap<u64, StoredEntry>,
    pub(crate) rows: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(crate) ids: BTreeSet<EntryId>,
}

impl Store {
    /// One transaction.
    pub(crate) fn apply(&mut self, batch: &Batch) {
        if let Some(identity) = &batch.identity {
            self.identity = Some(identity.clone());
        }
        self.meta.extend(batch.meta.iter().cloned());
        self.asts.extend(batch.asts.iter().cloned());
        self.outbox
            .extend(batch.outbox_in.iter().map(|item| (item.id, item.clone())));
        for id in &batch.outbox_out {
            self.outbox.remove(id);
        }
        for entry in &batch.entries {
            let next = self.entries.last_key_value().map_or(0, |(last, _)| *last) + 1;
            assert!(entry.position <= next, "stored entries have no gap");
            self.ids.insert(entry.id);
            self.entries.insert(entry.position, entry.clone());
        }
        if batch.clear_rows {
            self.rows.clear();
        }
        for (key, value) in &batch.rows {
            match value {
                Some(value) => drop(self.rows.insert(key.clone(), value.clone())),
                None => drop(self.rows.remove(key)),
            }
        }
    }

    pub(crate) fn load(&self, request: &LoadRequest) -> Stored {
        match request {
            LoadRequest::Start => {
                let mut outbox: Vec<_> = self.outbox.values().cloned().collect();
                outbox.sort_by_key(|item| item.seq);
                let meta = self
                    .meta
                    .iter()
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                Stored::Start {
                    identity: self.identity.clone(),
                    meta,
                    asts: self.asts.iter().cloned().collect(),
                    outbox,
                }
            }
            LoadRequest::Entries { after, limit } => {
                let rest = self.entries.range(after + 1..);
                let items: Vec<_> = rest
                    .clone()
                    .take(usize::from(*limit))
                    .map(|(_, entry)| entry.clone())
                    .collect();
                Stored::Entries {
                    after: *after,
                    end: items.len() == rest.count(),
                    items,
                }
            }
            LoadRequest::Entry { id } => {
                let placed = self.entries.values().find(|entry| entry.id == *id).cloned();
                let pending = || {
                    let item = self.outbox.get(id)?;
                    Some(StoredEntry {
                        position: 0,
                        id: *id,
                        record: Vec::new(),
                        bytes: item.bytes.clone(),
                    })
                };
                Stored::Entry {
                    id: *id,
                    item: placed.or_else(pending),
                }
            }
            LoadRequest::Rows { after, limit } => {
                let rest = self
                    .rows
                    .iter()
                    .filter(|(key, _)| after.as_ref().is_none_or(|after| *key > after));
                let rows: Vec<_> = rest
                    .clone()
                    .take(usize::from(*limit))
                    .map(|(key, value)| (key.clone(), value.clone()))
                    .collect();
                Stored::Rows {
                    after: after.clone(),
                    end: rows.len() == rest.count(),
                    rows,
                }
            }
        }
    }

    /// Whether the entry would survive a crash.
    pub(crate) fn holds(&self, id: &EntryId) -> bool {
        self.outbox.contains_key(id) || self.ids.contains(id)
    }
}
