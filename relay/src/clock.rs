//! The relay's time: the wall clock, held against the process's own clock so that a jump of one is not believed.

use crate::limits::CLOCK_DRIFT_MS_MAX;
use std::time::{Instant, SystemTime, UNIX_EPOCH};

#[derive(Debug)]
pub(crate) struct Clock {
    started: Instant,
    started_ms: i64,
}

impl Clock {
    pub(crate) fn start() -> Clock {
        Clock {
            started: Instant::now(),
            started_ms: wall_ms(),
        }
    }

    /// Milliseconds since 1970. A record's time never falls (`BookLog::next_record` sees to that), so one jump ahead
    /// would spoil a book's times for ever: a wall clock that left the process's own is not followed.
    pub(crate) fn now_ms(&self) -> i64 {
        let elapsed = i64::try_from(self.started.elapsed().as_millis()).unwrap_or(i64::MAX);
        believed(wall_ms(), self.started_ms.saturating_add(elapsed))
    }
}

fn believed(wall_ms: i64, own_ms: i64) -> i64 {
    if wall_ms.abs_diff(own_ms) <= CLOCK_DRIFT_MS_MAX.unsigned_abs() {
        wall_ms
    } else {
        own_ms
    }
}

fn wall_ms() -> i64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| {
            i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_jump_of_the_wall_clock_is_not_believed_and_a_drift_is() {
        let hour = 3_600_000;
        assert_eq!(believed(100 * hour + 5_000, 100 * hour), 100 * hour + 5_000);
        assert_eq!(believed(900 * hour, 100 * hour), 100 * hour);
        assert_eq!(believed(0, 100 * hour), 100 * hour);
    }
}
