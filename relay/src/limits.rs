//! Every limit of the relay in one table; what the log limits is in `daybook_log::limits`.

use daybook_log::limits::{BATCH_BYTES_MAX, CHUNK_BYTES_MAX, WIRE_BYTES_MAX};
use std::time::Duration;

/// Connections served at once; one more waits in the kernel's queue.
pub(crate) const CONNECTIONS_MAX: u32 = 4096;
/// Bytes of one request's headers, with its first line.
pub(crate) const HEADER_BYTES_MAX: u32 = 16 * 1024;
/// Headers of one request.
pub(crate) const HEADERS_MAX: u32 = 64;
/// A request's headers must be there within this, unless configured otherwise.
pub(crate) const HEADER_PATIENCE: Duration = Duration::from_secs(15);
/// A request's body must be there within this, unless configured otherwise.
pub(crate) const BODY_PATIENCE: Duration = Duration::from_secs(60);
/// What is left of a body that is not wanted may take this long.
pub(crate) const DRAIN_PATIENCE: Duration = Duration::from_secs(5);
/// A peer that reads nothing of a pending answer for this long is cut off.
pub(crate) const WRITE_PATIENCE: Duration = Duration::from_secs(30);
/// How long open requests may go on after a stop was asked for.
pub(crate) const STOP_PATIENCE: Duration = Duration::from_secs(10);
/// Bytes of strangers' request bodies in memory at once: room of its own, so that they take none of the members'.
pub(crate) const STRANGER_BODIES_BYTES_MAX: u32 = 32 * 1024 * 1024;
/// Bytes of members' request bodies in memory at once, over all connections.
pub(crate) const BODIES_BYTES_MAX: u32 = 128 * 1024 * 1024;
/// Requests that wait for the writer.
pub(crate) const QUEUE_MAX: u32 = 4096;
/// Requests in one commit.
pub(crate) const COMMIT_JOBS_MAX: u32 = 2048;
/// Bytes of entries and chunks in one commit.
pub(crate) const COMMIT_BYTES_MAX: u32 = 16 * 1024 * 1024;
/// The write-ahead log is copied into the database from this length on, bytes.
pub(crate) const CHECKPOINT_BYTES: u64 = 32 * 1024 * 1024;
/// From this length on the writer itself waits for that copy, bytes.
pub(crate) const WAL_BYTES_MAX: u64 = 512 * 1024 * 1024;
/// Connections that read.
pub(crate) const READERS: u32 = 4;
/// Books whose state is kept in memory while nobody uses it.
pub(crate) const BOOKS_IDLE_MAX: u32 = 4096;
/// Devices that wait to be let into one book.
pub(crate) const JOIN_WAITING_MAX: u32 = 64;
/// How long a device may wait to be let in.
pub(crate) const JOIN_PATIENCE_MS: i64 = 7 * 24 * 3600 * 1000;
/// Chunk bytes of one book.
pub(crate) const BOOK_CHUNK_BYTES_MAX: i64 = 64 * 1024 * 1024;
/// Requests of strangers (new books, joins) per second over all, unless the operator says otherwise.
pub(crate) const STRANGERS_PER_S: u32 = 20;
/// How many seconds' worth of them may come at once.
pub(crate) const STRANGERS_BURST_S: u32 = 5;
/// Live tails of one book.
pub(crate) const TAILS_MAX: u32 = 4096;
/// A quiet tail carries a comment this often.
pub(crate) const TAIL_HEARTBEAT: Duration = Duration::from_secs(15);
/// Tips that come faster than this are told as one.
pub(crate) const TAIL_GAP: Duration = Duration::from_millis(20);
/// Entries verified on the connection's own task; more go to a thread of their own.
pub(crate) const VERIFY_INLINE_MAX: u32 = 8;
/// A set-up code's characters, at least.
pub(crate) const SETUP_CODE_CHARS_MIN: u32 = 8;
/// The app's files, bytes in all.
pub(crate) const APP_BYTES_MAX: u64 = 128 * 1024 * 1024;
/// The app's files.
pub(crate) const APP_FILES_MAX: u32 = 2048;
/// The wall clock may leave the process's own clock by this much; beyond that it jumped.
pub(crate) const CLOCK_DRIFT_MS_MAX: i64 = 10 * 60 * 1000;

const _: () = assert!(
    WIRE_BYTES_MAX <= COMMIT_BYTES_MAX,
    "one request always fits a commit"
);
const _: () = assert!(
    WIRE_BYTES_MAX <= STRANGER_BODIES_BYTES_MAX
        && WIRE_BYTES_MAX <= BODIES_BYTES_MAX
        && CHUNK_BYTES_MAX <= WIRE_BYTES_MAX
);
const _: () = assert!(BATCH_BYTES_MAX <= WIRE_BYTES_MAX);
const _: () = assert!(COMMIT_JOBS_MAX <= QUEUE_MAX && CHECKPOINT_BYTES < WAL_BYTES_MAX);
