//! Counting: what test runners say of themselves, and what tests that could not run wrote down.

use std::fmt;
use std::ops::AddAssign;

/// Checks that passed, failed, and could not be made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: u64,
    pub(crate) failed: u64,
    pub(crate) skipped: u64,
}

impl Tally {
    /// One check.
    pub(crate) fn one(passed: bool) -> Self {
        Tally {
            passed: u64::from(passed),
            failed: u64::from(!passed),
            skipped: 0,
        }
    }

    /// Reads a closing line of libtest or of the wasm runner: `test result: ok. 3 passed; 0 failed; 1 ignored; …`.
    pub(crate) fn from_line(line: &str) -> Option<Self> {
        let counts = line
            .trim_start()
            .strip_prefix("test result: ")?
            .split_once(". ")?
            .1;
        let count = |word: &str| {
            counts
                .split("; ")
                .find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
        };
        Some(Tally {
            passed: count(" passed")?,
            failed: count(" failed")?,
            skipped: count(" ignored").unwrap_or(0),
        })
    }

    /// A run that ended badly has failed, also when it died before it could count.
    pub(crate) fn ended(mut self, well: bool) -> Self {
        if !well && self.failed == 0 {
            self.failed = 1;
        }
        self
    }

    /// Moves tests that returned early, and so counted themselves as passed, to the skipped ones.
    pub(crate) fn with_skips(mut self, skips: u64) -> Self {
        self.passed = self.passed.saturating_sub(skips);
        self.skipped += skips;
        self
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            out,
            "{} passed, {} failed, {} skipped",
            self.passed, self.failed, self.skipped
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn closing_lines_of_both_runners_are_read_and_nothing_else_is() {
        let libtest = "test result: FAILED. 12 passed; 2 failed; 1 ignored; 0 measured; 3 filtered out; finished in 0.50s";
        assert_eq!(
            Tally::from_line(libtest),
            Some(Tally {
                passed: 12,
                failed: 2,
                skipped: 1
            })
        );
        let wasm =
            "    test result: ok. 5 passed; 0 failed; 0 ignored; 0 filtered out; finished in 0.01s";
        assert_eq!(
            Tally::from_line(wasm),
            Some(Tally {
                passed: 5,
                failed: 0,
                skipped: 0
            })
        );
        assert_eq!(Tally::from_line("test result_is_read ... ok"), None);
    }

    #[test]
    fn a_run_that_dies_before_it_counts_has_failed() {
        assert_eq!(Tally::default().ended(false).failed, 1);
        assert_eq!(
            Tally {
                passed: 3,
                failed: 2,
                skipped: 0
            }
            .ended(false)
            .failed,
            2
        );
        assert_eq!(Tally::default().ended(true), Tally::default());
    }

    #[test]
    fn a_test_that_skipped_itself_is_not_counted_as_passed() {
        assert_eq!(
            Tally {
                passed: 3,
                failed: 0,
                skipped: 0
            }
            .with_skips(2)
            .to_string(),
            "1 passed, 0 failed, 2 skipped"
        );
    }
}
