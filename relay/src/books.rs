//! The books in use. At any time a book has one cell at most, so the writer and every reader mean the same one.

use crate::No;
use crate::book::BookCell;
use crate::limits::BOOKS_IDLE_MAX;
use crate::readers::Readers;
use daybook_log::BookId;
use daybook_log::wire::Problem;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::OnceCell;

type Slot = Arc<OnceCell<Arc<BookCell>>>;

#[derive(Debug)]
pub(crate) struct Books {
    slots: Mutex<BTreeMap<BookId, Slot>>,
    readers: Readers,
}

impl Books {
    pub(crate) fn new(readers: Readers) -> Books {
        Books {
            slots: Mutex::new(BTreeMap::new()),
            readers,
        }
    }

    /// A book, read from the database if it is not in memory. Whoever asks meanwhile waits for the same reading; other
    /// books do not.
    pub(crate) async fn get(&self, id: &BookId) -> Result<Arc<BookCell>, Box<Problem>> {
        let slot = self.slot(id);
        let (readers, book) = (&self.readers, *id);
        let load = || async move {
            let cell = readers
                .read(move |connection| BookCell::load(connection, &book))
                .await?;
            cell.map(Arc::new)
                .ok_or_else(|| No::BookUnknown.because(""))
        };
        let found = slot.get_or_try_init(load).await.cloned();
        drop(slot);
        if found.is_err() {
            self.forget_unused(id);
        }
        found
    }

    fn slots(&self) -> MutexGuard<'_, BTreeMap<BookId, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self, id: &BookId) -> Slot {
        let mut slots = self.slots();
        if let Some(slot) = slots.get(id) {
            return slot.clone();
        }
        if slots.len() >= BOOKS_IDLE_MAX as usize {
            slots.retain(|_, slot| in_use(slot));
        }
        let slot = Slot::default();
        slots.insert(*id, slot.clone());
        slot
    }

    /// Takes a slot away only while nobody can hold it or wait on it, so that no second one can come to be.
    fn forget_unused(&self, id: &BookId) {
        let mut slots = self.slots();
        if slots
            .get(id)
            .is_some_and(|slot| !in_use(slot) && slot.get().is_none())
        {
            slots.remove(id);
        }
    }
}

/// Somebody waits for the slot, or holds its cell. Both are handed out under the map's lock alone.
fn in_use(slot: &Slot) -> bool {
    Arc::strong_count(slot) > 1 || slot.get().is_some_and(|cell| Arc::strong_count(cell) > 1)
}
