//! A token bucket, for what strangers may ask.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

#[derive(Debug)]
pub(crate) struct Bucket {
    per_s: f64,
    burst: f64,
    level: Mutex<(f64, Instant)>,
}

impl Bucket {
    pub(crate) fn new(per_s: u32, burst: u32) -> Bucket {
        let (per_s, burst) = (f64::from(per_s), f64::from(burst));
        Bucket {
            per_s,
            burst,
            level: Mutex::new((burst, Instant::now())),
        }
    }

    /// Whether one more may pass now.
    pub(crate) fn take(&self) -> bool {
        self.take_at(Instant::now())
    }

    fn take_at(&self, now: Instant) -> bool {
        let mut level = self.level.lock().unwrap_or_else(PoisonError::into_inner);
        let (tokens, since) = *level;
        let gained = now.saturating_duration_since(since).as_secs_f64() * self.per_s;
        let tokens = (tokens + gained).min(self.burst);
        let passes = tokens >= 1.0;
        *level = (if passes { tokens - 1.0 } else { tokens }, now);
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn a_burst_passes_then_only_the_rate() {
        let bucket = Bucket::new(10, 3);
        let now = Instant::now();
        let passed = (0..5).filter(|_| bucket.take_at(now)).count();
        assert_eq!(passed, 3);
        assert!(bucket.take_at(now + Duration::from_millis(150)));
        assert!(!bucket.take_at(now + Duration::from_millis(150)));
    }
}
