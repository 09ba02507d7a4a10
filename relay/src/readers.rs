//! Connections that read, on threads where waiting for the disk holds up nobody else.

use crate::Fault;
use crate::limits::READERS;
use crate::storage::Storage;
use rusqlite::Connection;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

#[derive(Clone, Debug)]
pub(crate) struct Readers {
    storage: Arc<Storage>,
    idle: Arc<Mutex<Vec<Connection>>>,
    turn: Arc<Semaphore>,
}

impl Readers {
    pub(crate) fn new(storage: Arc<Storage>) -> Readers {
        let idle = Arc::new(Mutex::new(Vec::new()));
        Readers {
            storage,
            idle,
            turn: Arc::new(Semaphore::new(READERS as usize)),
        }
    }

    /// Reads in one snapshot: what is committed at its start, and nothing later.
    pub(crate) async fn read<T, F>(&self, what: F) -> Result<T, Fault>
    where
        T: Send + 'static,
        F: FnOnce(&Connection) -> Result<T, Fault> + Send + 'static,
    {
        let turn = self
            .turn
            .clone()
            .acquire_owned()
            .await
            .map_err(|_| Fault::Stopped)?;
        let (storage, idle) = (self.storage.clone(), self.idle.clone());
        let task = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            let waiting = idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match waiting {
                Some(connection) => connection,
                None => storage.reader()?,
            };
            // After a fault the connection is not used again: it may stand in the middle of its snapshot.
            connection.execute_batch("BEGIN")?;
            let value = what(&connection)?;
            connection.execute_batch("COMMIT")?;
            idle.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .push(connection);
            Ok(value)
        });
        task.await.map_err(|_| Fault::Stopped)?
    }
}
