//! Days and dates of the proleptic Gregorian calendar.

/// A date by its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// 1..=9999.
    pub year: i64,
    /// 1..=12.
    pub month: i64,
    /// 1..=31.
    pub day: i64,
}

/// Days from 0000-03-01, where this calendar's arithmetic starts, to 1970-01-01.
const SHIFT: i64 = 719_468;
/// Days of 400 years.
const CYCLE: i64 = 146_097;

impl Civil {
    /// The date that lies so many days after 1970-01-01. Years outside 1..=9999 come out as they are; see
    /// [`crate::limits::DATE_MIN`].
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "divisors are constants; the input is clamped first"
    )]
    pub fn from_days(days: i64) -> Civil {
        // http://howardhinnant.github.io/date_algorithms.html, civil_from_days
        let days = days.clamp(-1_000_000_000, 1_000_000_000) + SHIFT;
        let cycle = days.div_euclid(CYCLE);
        let of_cycle = days.rem_euclid(CYCLE);
        let of_era = (of_cycle - of_cycle / 1_460 + of_cycle / 36_524 - of_cycle / 146_096) / 365;
        let of_year = of_cycle - (365 * of_era + of_era / 4 - of_era / 100);
        let from_march = (5 * of_year + 2) / 153;
        let day = of_year - (153 * from_march + 2) / 5 + 1;
        let month = if from_march < 10 {
            from_march + 3
        } else {
            from_march - 9
        };
        let year = of_era + cycle * 400 + i64::from(month <= 2);
        Civil { year, month, day }
    }

    /// Days since 1970-01-01; `None` unless the date exists and its year is 1..=9999.
    #[allow(
        clippy::arithmetic_side_effects,
        reason = "divisors are constants; the parts are bounded before use"
    )]
    pub fn to_days(self) -> Option<i64> {
        let Civil { year, month, day } = self;
        let exists = (1..=9_999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=days_of_month(year, month)).contains(&day);
        if !exists {
            return None;
        }
        let year = if month <= 2 { year - 1 } else { year };
        let of_era = year.rem_euclid(400);
        let from_march = if month > 2 { month - 3 } else { month + 9 };
        let of_year = (153 * from_march + 2) / 5 + day - 1;
        let of_cycle = of_era * 365 + of_era / 4 - of_era / 100 + of_year;
        Some(year.div_euclid(400) * CYCLE + of_cycle - SHIFT)
    }
}

/// How many days a month has; 31 for a month that does not exist.
pub fn days_of_month(year: i64, month: i64) -> i64 {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The date so many days later; `None` outside the years 1..=9999.
pub fn add_days(date: i64, days: i64) -> Option<i64> {
    let moved = date.checked_add(days)?;
    (crate::limits::DATE_MIN..=crate::limits::DATE_MAX)
        .contains(&moved)
        .then_some(moved)
}

/// The same day so many months later, or the last day of that month if it is shorter; `None` outside the years 1..=9999.
pub fn add_months(date: i64, months: i64) -> Option<i64> {
    let Civil { year, month, day } = Civil::from_days(date);
    let count = year
        .checked_mul(12)?
        .checked_add(month)?
        .checked_sub(1)?
        .checked_add(months)?;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12).checked_add(1)?);
    Civil {
        year,
        month,
        day: day.min(days_of_month(year, month)),
    }
    .to_days()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::limits::{DATE_MAX, DATE_MIN};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn the_bounds_are_the_years_one_and_9999() {
        assert_eq!(
            Civil {
                year: 1,
                month: 1,
                day: 1
            }
            .to_days(),
            Some(DATE_MIN)
        );
        assert_eq!(
            Civil {
                year: 9_999,
                month: 12,
                day: 31
            }
            .to_days(),
            Some(DATE_MAX)
        );
        assert_eq!(
            Civil {
                year: 1970,
                month: 1,
                day: 1
            }
            .to_days(),
            Some(0)
        );
        assert_eq!(
            Civil {
                year: 2_000,
                month: 2,
                day: 29
            }
            .to_days(),
            Some(11_016)
        );
    }

    #[test]
    fn a_day_is_one_date_and_follows_the_day_before() {
        let mut before = Civil::from_days(DATE_MIN - 1);
        for days in (DATE_MIN..=DATE_MAX).step_by(13).chain(-800..800) {
            let date = Civil::from_days(days);
            assert_eq!(date.to_days(), Some(days));
            before = before.max(date);
        }
        for days in -800..80_000 {
            assert!(Civil::from_days(days) < Civil::from_days(days + 1));
        }
        assert_eq!(
            before,
            Civil::from_days(DATE_MIN + (DATE_MAX - DATE_MIN) / 13 * 13)
        );
    }

    #[test]
    fn dates_that_do_not_exist_have_no_day() {
        for (year, month, day) in [
            (2023, 2, 29),
            (1900, 2, 29),
            (2024, 4, 31),
            (2024, 13, 1),
            (0, 1, 1),
            (10_000, 1, 1),
        ] {
            assert_eq!(Civil { year, month, day }.to_days(), None);
        }
    }

    #[test]
    fn months_end_where_they_end() {
        let day = |year, month, day| Civil { year, month, day }.to_days().unwrap();
        assert_eq!(add_months(day(2024, 1, 31), 1), Some(day(2024, 2, 29)));
        assert_eq!(add_months(day(2024, 3, 31), -13), Some(day(2023, 2, 28)));
        assert_eq!(add_months(DATE_MAX, 1), None);
        assert_eq!(add_days(DATE_MAX, 1), None);
        assert_eq!(add_days(0, i64::MAX), None);
    }
}
