//! Progress for the person who waits: one line per step on standard error, with the seconds since the start.

use std::io::Write as _;
use std::sync::OnceLock;
use std::time::Instant;

static START: OnceLock<Instant> = OnceLock::new();

/// Starts the clock; the first call wins.
pub(crate) fn start() {
    START.get_or_init(Instant::now);
}

/// Seconds since [`start`].
pub(crate) fn seconds() -> f64 {
    START.get_or_init(Instant::now).elapsed().as_secs_f64()
}

/// Says what happens now.
pub(crate) fn step(what: &str) {
    let _ = writeln!(std::io::stderr().lock(), "[{:6.1} s] {what}", seconds());
}
