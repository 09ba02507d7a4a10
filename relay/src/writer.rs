//! The one thread that writes. Many requests share a commit; every answer waits for it.
//!
//! Crash points: **W1** requests taken, nothing written: nobody was answered. **W2** inside the commit: SQLite keeps all
//! of it or nothing. **W3** committed, nobody told: a repeat finds its entry by id. **W4** shown to tails, not answered:
//! as W3. After a commit of unknown outcome the process ends, so that the next start decides by what is stored.

mod append;
mod found;
mod lesser;

pub(crate) use append::AppendTask;
pub(crate) use found::{FoundTask, add_code, has_codes};
pub(crate) use lesser::{ChunkTask, JoinTask};

use crate::book::{BookCell, Ordered, rebuild, stored_head};
use crate::clock::Clock;
use crate::limits::{
    CHECKPOINT_BYTES, COMMIT_BYTES_MAX, COMMIT_JOBS_MAX, QUEUE_MAX, WAL_BYTES_MAX,
};
use crate::storage::Storage;
use crate::{Fault, No, journal, proofs};
use daybook_log::SecretKey;
use daybook_log::wire::{Answer, Created, Problem};
use rusqlite::Connection;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::{mpsc, oneshot};

/// What the writer is asked for; everything that needs no lock was checked before.
#[derive(Debug)]
pub(crate) enum Task {
    Append(AppendTask),
    Found(Box<FoundTask>),
    Join(Box<JoinTask>),
    Chunk(ChunkTask),
}

impl Task {
    fn bytes(&self) -> usize {
        match self {
            Task::Append(task) => task.bytes(),
            Task::Found(task) => task.bytes(),
            Task::Join(_) => 512,
            Task::Chunk(task) => task.bytes.len(),
        }
    }
}

/// What the writer answers.
#[derive(Debug)]
pub(crate) enum Done {
    Appended(Vec<Answer>),
    Founded(Created),
    Asked,
    Stored,
}

pub(crate) type Outcome = Result<Done, Box<Problem>>;

#[derive(Debug)]
struct Job {
    task: Task,
    reply: oneshot::Sender<Outcome>,
}

/// The queue to the writer.
#[derive(Clone, Debug)]
pub(crate) struct Queue(mpsc::Sender<Job>);

impl Queue {
    /// Waits for the commit that holds the task's work. A full queue says so at once.
    pub(crate) async fn carry_out(&self, task: Task) -> Outcome {
        let (reply, outcome) = oneshot::channel();
        self.0
            .try_send(Job { task, reply })
            .map_err(|why| match why {
                mpsc::error::TrySendError::Full(_) => {
                    No::Overloaded.because("the writer's queue is full")
                }
                mpsc::error::TrySendError::Closed(_) => No::Draining.because(""),
            })?;
        outcome
            .await
            .unwrap_or_else(|_| Err(No::Draining.because("")))
    }
}

/// The writer's thread and that of its checkpoints. They end when every [`Queue`] is gone.
#[derive(Debug)]
pub(crate) struct Threads {
    writer: JoinHandle<()>,
    checkpoints: JoinHandle<()>,
}

impl Threads {
    pub(crate) fn join(self) {
        let _ = self.writer.join();
        let _ = self.checkpoints.join();
    }
}

/// Starts the writer on a connection that [`Storage::writer`] gave.
pub(crate) fn start(
    storage: Arc<Storage>,
    connection: Connection,
    clock: Arc<Clock>,
    key: SecretKey,
) -> Result<(Queue, Threads), Fault> {
    let (queue, jobs) = mpsc::channel(QUEUE_MAX as usize);
    let (due, wake) = std::sync::mpsc::sync_channel(1);
    let copier = storage.checkpointer()?;
    let named = |name: &str| std::thread::Builder::new().name(name.into());
    let checkpoints = named("checkpoints")
        .spawn(move || copy_when_due(&copier, &wake))
        .map_err(Fault::io("checkpoints".as_ref()))?;
    let writer = Writer {
        storage,
        connection,
        clock,
        key,
        due,
        written: 0,
    };
    let writer = named("writer")
        .spawn(move || writer.run(jobs))
        .map_err(Fault::io("writer".as_ref()))?;
    Ok((
        Queue(queue),
        Threads {
            writer,
            checkpoints,
        },
    ))
}

/// Copies the write-ahead log into the database without holding up the writer; it starts over from the beginning once
/// all of it is copied.
fn copy_when_due(connection: &Connection, wake: &std::sync::mpsc::Receiver<()>) {
    while wake.recv().is_ok() {
        // Busy is no fault: the next commit asks again.
        let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
    }
}

struct Writer {
    storage: Arc<Storage>,
    connection: Connection,
    clock: Arc<Clock>,
    key: SecretKey,
    due: std::sync::mpsc::SyncSender<()>,
    written: u64,
}

type Touched = BTreeMap<i64, Arc<BookCell>>;

impl Writer {
    fn run(mut self, mut jobs: mpsc::Receiver<Job>) {
        while let Some(first) = jobs.blocking_recv() {
            let mut bytes = first.task.bytes();
            let mut batch = vec![first];
            // What came while the last commit waited for the disk shares the next one.
            while batch.len() < COMMIT_JOBS_MAX as usize && bytes < COMMIT_BYTES_MAX as usize {
                let Ok(job) = jobs.try_recv() else { break };
                bytes = bytes.saturating_add(job.task.bytes());
                batch.push(job);
            }
            self.commit(batch);
            self.checkpoint(bytes as u64);
        }
        let _ = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
    }

    fn commit(&mut self, batch: Vec<Job>) {
        let mut touched = Touched::new();
        let (tasks, replies): (Vec<_>, Vec<_>) =
            batch.into_iter().map(|job| (job.task, job.reply)).unzip();
        match self.write(tasks, &mut touched) {
            Ok(outcomes) => {
                // W3
                for cell in touched.values() {
                    cell.show(&mut ordered(cell));
                }
                // W4
                for (reply, outcome) in replies.into_iter().zip(outcomes) {
                    let _ = reply.send(outcome);
                }
            }
            Err(fault) if fault.is_full() => {
                self.undo(&touched);
                for reply in replies {
                    let _ = reply.send(Err(No::Full.because("nothing of the request was stored")));
                }
            }
            Err(fault) => self.end(&fault),
        }
    }

    /// Carries tasks out in one commit, in the order in which they came.
    fn write(&mut self, tasks: Vec<Task>, touched: &mut Touched) -> Result<Vec<Outcome>, Fault> {
        // W1
        self.connection.execute_batch("BEGIN IMMEDIATE")?;
        let now_ms = self.clock.now_ms();
        let mut outcomes = Vec::with_capacity(tasks.len());
        for task in tasks {
            let outcome = match task {
                Task::Append(task) => {
                    touch(&self.connection, &task.cell, touched)?;
                    append::run(&self.connection, task, now_ms)?
                }
                Task::Found(task) => found::run(&self.connection, *task, now_ms, &self.key)?,
                Task::Join(task) => lesser::join(&self.connection, &task, now_ms)?,
                Task::Chunk(task) => lesser::chunk(&self.connection, &task)?,
            };
            outcomes.push(outcome);
        }
        for cell in touched.values() {
            let Ordered { log, tree, .. } = &*ordered(cell);
            if stored_head(&self.connection, cell.number)?.0 == log.position() {
                continue;
            }
            proofs::store_head(&self.connection, cell.number, log, tree, &self.key)?;
        }
        // W2
        self.connection.execute_batch("COMMIT")?;
        Ok(outcomes)
    }

    /// Nothing was stored: takes the uncommitted entries off the logs in memory.
    fn undo(&self, touched: &Touched) {
        if !self.connection.is_autocommit()
            && let Err(source) = self.connection.execute_batch("ROLLBACK")
        {
            self.end(&source.into());
        }
        journal::line(&self.clock, "full", json!({ "books": touched.len() }));
        for cell in touched.values() {
            let mut ordered = ordered(cell);
            match rebuild(&self.connection, cell.number, &cell.id, &cell.genesis) {
                Ok((log, tree)) => (ordered.log, ordered.tree) = (log, tree),
                Err(fault) => self.end(&fault),
            }
            ordered.authors.clear();
            ordered.registry_changed = false;
        }
    }

    fn checkpoint(&mut self, bytes: u64) {
        self.written = self.written.saturating_add(bytes);
        if self.written < CHECKPOINT_BYTES {
            return;
        }
        self.written = 0;
        let _ = self.due.try_send(());
        if self.storage.wal_bytes() > WAL_BYTES_MAX {
            let _ = self
                .connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()));
        }
    }

    /// The outcome of a commit is not known, or what is stored contradicts itself: going on could answer for entries that
    /// are not there.
    fn end(&self, fault: &Fault) -> ! {
        journal::line(&self.clock, "fatal", json!({ "fault": fault.to_string() }));
        std::process::abort()
    }
}

/// A bug in the writer must not leave a relay that looks alive and takes nothing: it ends like a commit of unknown outcome.
impl Drop for Writer {
    fn drop(&mut self) {
        if std::thread::panicking() {
            std::process::abort();
        }
    }
}

/// The first time in a commit that a book is written to: its log in memory must stand where the stored one does.
fn touch(
    connection: &Connection,
    cell: &Arc<BookCell>,
    touched: &mut Touched,
) -> Result<(), Fault> {
    if touched.contains_key(&cell.number) {
        return Ok(());
    }
    let log = &ordered(cell).log;
    if stored_head(connection, cell.number)? != (log.position(), log.tip()) {
        return Err(Fault::damaged(format!(
            "book {} moved without its writer",
            cell.id
        )));
    }
    touched.insert(cell.number, cell.clone());
    Ok(())
}

fn ordered(cell: &BookCell) -> MutexGuard<'_, Ordered> {
    // A panic of the writer ends the process: nobody can see a half-changed log.
    Mutex::lock(&cell.ordered).unwrap_or_else(PoisonError::into_inner)
}
