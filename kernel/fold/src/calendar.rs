//! Dates within the calendar: days since 1970-01-01, years 1..=9999. The arithmetic is the manifest language's own.

pub use daybook_manifest::calendar::{Civil, add_days, add_months};
use daybook_manifest::limits::{DATE_MAX, DATE_MIN};

/// The parts of a day number; none outside the years 1..=9999.
pub fn civil(days: i64) -> Option<Civil> {
    (DATE_MIN..=DATE_MAX)
        .contains(&days)
        .then(|| Civil::from_days(days))
}

/// Period of a date: year * 100 + month, which sorts as it reads; none outside the years 1..=9999.
pub fn period(days: i64) -> Option<u32> {
    let Civil { year, month, .. } = civil(days)?;
    u32::try_from(year.checked_mul(100)?.checked_add(month)?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: known dates have known periods, and nothing leaves the calendar.
    #[test]
    fn periods() {
        assert_eq!(period(9_681), Some(199_607));
        assert_eq!(period(DATE_MIN), Some(101));
        assert_eq!(period(DATE_MAX), Some(999_912));
        for beyond in [DATE_MIN - 1, DATE_MAX + 1, i64::MIN, i64::MAX] {
            assert_eq!((civil(beyond), period(beyond)), (None, None));
        }
    }
}
