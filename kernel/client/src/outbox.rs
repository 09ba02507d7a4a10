//! Own entries that have no position yet, in the order of the author's chain.

use alloc::collections::{BTreeMap, VecDeque};
use alloc::vec::Vec;

use daybook_log::{Entry, EntryId, Head, Seq};

use crate::effect::OutboxItem;
use crate::keyring::Keyring;
use crate::limits::UPLOAD_BYTES_MAX;

/// An own entry without a position.
#[derive(Clone, Debug)]
pub(crate) struct Pending {
    pub(crate) entry: Entry,
    /// It is on this device's disk.
    pub(crate) saved: bool,
    /// It was sent, and no answer came yet that says what became of it.
    pub(crate) sent: bool,
}

/// The outbox.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outbox {
    items: VecDeque<Pending>,
    seqs: BTreeMap<EntryId, u64>,
}

impl Outbox {
    pub(crate) fn len(&self) -> usize {
        self.items.len()
    }

    pub(crate) fn items(&self) -> impl Iterator<Item = &Pending> {
        self.items.iter()
    }

    pub(crate) fn push(&mut self, entry: Entry, saved: bool) {
        self.seqs.insert(entry.id(), entry.header().seq.0);
        self.items.push_back(Pending {
            entry,
            saved,
            sent: false,
        });
    }

    pub(crate) fn get(&self, id: &EntryId) -> Option<&Pending> {
        self.seqs.get(id)?;
        self.items.iter().find(|item| item.entry.id() == *id)
    }

    /// Takes an entry out that has a position now.
    pub(crate) fn remove(&mut self, id: &EntryId) -> Option<Pending> {
        self.seqs.remove(id)?;
        let index = self.items.iter().position(|item| item.entry.id() == *id)?;
        self.items.remove(index)
    }

    /// A content key came: own bodies under it can be shown again.
    pub(crate) fn open(&mut self, keyring: &Keyring) {
        for item in &mut self.items {
            item.entry = keyring.open_own(item.entry.clone());
        }
    }

    /// Everything up to a seq is on the disk.
    pub(crate) fn set_saved(&mut self, seq: u64) {
        self.items
            .iter_mut()
            .filter(|item| item.entry.header().seq.0 <= seq)
            .for_each(|item| item.saved = true);
    }

    /// No answer will come for what was sent.
    pub(crate) fn set_unsent(&mut self) {
        self.items.iter_mut().for_each(|item| item.sent = false);
    }

    /// The next entries to send, marked as sent: only such as are on the disk.
    pub(crate) fn next_upload(&mut self, entries_max: u16) -> Vec<(EntryId, Vec<u8>)> {
        let (mut out, mut total) = (Vec::new(), 0_usize);
        for item in self.items.iter_mut().take(usize::from(entries_max)) {
            total = total.saturating_add(item.entry.bytes().len());
            if !item.saved || (total > UPLOAD_BYTES_MAX && !out.is_empty()) {
                break;
            }
            item.sent = true;
            out.push((item.entry.id(), item.entry.bytes().to_vec()));
        }
        out
    }

    /// Whether there is something to send.
    pub(crate) fn ready(&self) -> bool {
        self.items.front().is_some_and(|item| item.saved)
    }

    /// Where the author's chain goes on: after the newest pending entry, else after the newest placed one.
    pub(crate) fn chain_end(&self, head: Option<Head>) -> (Seq, EntryId) {
        let last = self
            .items
            .back()
            .map(|item| (item.entry.header().seq, item.entry.id()));
        match last.or(head.map(|head| (head.seq, head.entry_id))) {
            Some((seq, id)) => (seq.next().unwrap_or(seq), id),
            None => (Seq::ZERO, EntryId::ZERO),
        }
    }

    /// The first pending entry's seq, if it does not continue the placed chain.
    pub(crate) fn fork(&self, head: Option<Head>) -> Option<u64> {
        let header = self.items.front()?.entry.header();
        let expected = head.map_or((Seq::ZERO, EntryId::ZERO), |head| {
            (head.seq.next().unwrap_or(head.seq), head.entry_id)
        });
        (expected != (header.seq, header.prev)).then_some(header.seq.0)
    }
}

/// For the store.
pub(crate) fn item_of(entry: &Entry) -> OutboxItem {
    OutboxItem {
        seq: entry.header().seq.0,
        id: entry.id(),
        bytes: entry.bytes().to_vec(),
    }
}
