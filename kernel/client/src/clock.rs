//! Time as the client counts it: the shell's clock may jump, waits must not.

/// Milliseconds that passed, from a wall clock that may be set back.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    wall_ms: Option<i64>,
    passed_ms: i64,
}

impl Clock {
    /// Takes the shell's time. A step back counts as no time; a step forward ends waits early, which does no harm.
    pub(crate) fn set(&mut self, wall_ms: i64) {
        let before = self.wall_ms.replace(wall_ms).unwrap_or(wall_ms);
        self.passed_ms = self
            .passed_ms
            .saturating_add(wall_ms.saturating_sub(before).max(0));
    }

    /// Milliseconds passed since the first input; never falls.
    pub(crate) fn passed_ms(&self) -> i64 {
        self.passed_ms
    }

    /// The shell's time, milliseconds since 1970.
    pub(crate) fn wall_ms(&self) -> i64 {
        self.wall_ms.unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: a clock that is set back stops no wait: passed time goes on from there.
    #[test]
    fn set_back() {
        let mut clock = Clock::default();
        for (wall, passed) in [
            (1_000, 0),
            (1_500, 500),
            (200, 500),
            (300, 600),
            (i64::MAX, i64::MAX),
        ] {
            clock.set(wall);
            assert_eq!(clock.passed_ms(), passed);
        }
    }
}
