//! What this layer bounds. The log's own bounds are in `daybook_log::limits`.

/// Most entries in one upload, download or stored page.
pub const BATCH_MAX: u16 = 1_000;
/// Most bytes of one upload: the relay takes 4 MiB, less what surrounds the entries.
pub const UPLOAD_BYTES_MAX: usize = 4 * 1024 * 1024 - 64 * 1024;
/// Most bytes of an answer that the client looks at.
pub const ANSWER_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Most rows in one stored page.
pub const ROWS_PAGE: u16 = 2_000;
/// Most commands that wait.
pub const COMMANDS_MAX: usize = 10_000;
/// Most own entries without a position. Above it, work is refused before it is signed.
pub const OUTBOX_MAX: usize = 100_000;
/// Most ops of one command.
pub const OPS_MAX: usize = 10_000;
/// Most own entries written in one transaction.
pub const GROUP_MAX: usize = 1_000;
/// First pause after a failure.
pub const BACKOFF_FIRST_MS: i64 = 1_000;
/// Longest pause after a failure.
pub const BACKOFF_MAX_MS: i64 = 30_000;
/// An answer that takes longer does not come.
pub const REQUEST_MS_MAX: u32 = 60_000;
/// Pause between two looks at an own join request.
pub const JOIN_POLL_MS: i64 = 2_000;
/// Pause between two looks at the relay's head while no tail is open.
pub const IDLE_POLL_MS: i64 = 20_000;
/// Pause before a tail that ended is opened again.
pub const TAIL_PAUSE_MS: i64 = 2_000;
/// The same while a tail is open: a tail that hangs is not noticed otherwise.
pub const TAIL_POLL_MS: i64 = 60_000;
/// Longest pause that is asked for.
pub const WAKE_MS_MAX: i64 = 60_000;
/// Most rows that a screen asks for at once.
pub const SCREEN_ROWS_MAX: usize = 10_000;

const _: () = assert!(BACKOFF_FIRST_MS < BACKOFF_MAX_MS, "a pause grows");
const _: () = assert!(
    UPLOAD_BYTES_MAX < ANSWER_BYTES_MAX,
    "what may be sent may come back"
);
/// Least language level on which this build makes a book. Level 0 is not frozen: a release, which is built with
/// `DAYBOOK_RELEASE` set, makes none on it.
pub const FOUNDING_LEVEL_MIN: u16 = match option_env!("DAYBOOK_RELEASE") {
    Some(_) => 1,
    None => 0,
};
