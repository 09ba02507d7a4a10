//! What is read at the edge and recorded in ops.

/// What the device's clock says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    /// Milliseconds since 1970-01-01T00:00Z.
    pub now_ms: i64,
    /// What to subtract from it to have the local time, minutes: as `Date.getTimezoneOffset`.
    pub offset_min: i32,
}

const DAY_MS: i64 = 86_400_000;

/// The local calendar day, days since 1970-01-01.
#[must_use]
pub fn local_day(clock: Clock) -> i32 {
    let local = clock
        .now_ms
        .saturating_sub(i64::from(clock.offset_min).saturating_mul(60_000));
    i32::try_from(local.div_euclid(DAY_MS)).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: a sale shortly after local midnight is of the new day, wherever the device is.
    #[test]
    fn the_day_is_the_local_one() {
        let midnight = 20_778 * DAY_MS;
        for (now_ms, offset_min, day) in [
            (midnight, 0, 20_778),
            (midnight - 1, 0, 20_777),
            (midnight - 1, -60, 20_778),
            (midnight, 300, 20_777),
            (-1, 0, -1),
        ] {
            assert_eq!(local_day(Clock { now_ms, offset_min }), day);
        }
    }
}
