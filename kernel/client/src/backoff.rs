//! How long to wait after a failure: longer each time, and not all devices at once.

use crate::limits::{BACKOFF_FIRST_MS, BACKOFF_MAX_MS};

/// Numbers that look random, from a seed (splitmix64). For spreading only, never for secrets.
#[derive(Clone, Debug)]
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    /// The next number.
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }
}

/// Milliseconds to wait after the n-th failure in a row (from 0): min(1 s * 2^n, 30 s), ±20 %.
pub(crate) fn pause_ms(failures: u32, chance: &mut Chance) -> i64 {
    let factor = 1_i64.checked_shl(failures.min(20)).unwrap_or(i64::MAX);
    let base = BACKOFF_FIRST_MS.saturating_mul(factor).min(BACKOFF_MAX_MS);
    let per_mille =
        i64::try_from(chance.next().checked_rem(401).unwrap_or_default()).unwrap_or_default();
    base.saturating_mul(per_mille.saturating_add(800))
        .checked_div(1_000)
        .unwrap_or(base)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: each pause lies within 20 % of min(1 s * 2^n, 30 s), and pauses of one length differ.
    #[test]
    fn pauses() {
        let mut chance = Chance(7);
        for (failures, base) in [
            (0, 1_000),
            (1, 2_000),
            (4, 16_000),
            (5, 30_000),
            (u32::MAX, 30_000),
        ] {
            let pauses: alloc::collections::BTreeSet<i64> =
                (0..100).map(|_| pause_ms(failures, &mut chance)).collect();
            assert!(
                pauses
                    .iter()
                    .all(|ms| *ms >= base * 8 / 10 && *ms <= base * 12 / 10),
                "{failures}: {pauses:?}"
            );
            assert!(pauses.len() > 10, "{failures}: no spread");
        }
    }
}
