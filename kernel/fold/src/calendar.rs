//! Dates: days since 1970-01-01, proleptic Gregorian, years 1..=9999. After H. Hinnant, "chrono-compatible low-level date algorithms".

/// Day number of 0001-01-01.
pub const FIRST_DAY: i64 = -719_162;
/// Day number of 9999-12-31.
pub const LAST_DAY: i64 = 2_932_896;

/// A date in its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Civil {
    /// 1..=9999.
    pub year: i64,
    /// 1..=12.
    pub month: i64,
    /// 1..=31.
    pub day: i64,
}

/// The parts of a day number; none outside the years 1..=9999.
pub fn civil(days: i64) -> Option<Civil> {
    if !(FIRST_DAY..=LAST_DAY).contains(&days) {
        return None;
    }
    let z = days.checked_add(719_468)?;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let leap_days = sub(doe.checked_div(1460)?, doe.checked_div(36_524)?)?;
    let yoe = sub(sub(doe, leap_days)?, doe.checked_div(146_096)?)?.checked_div(365)?;
    let before = add(
        mul(365, yoe)?,
        sub(yoe.checked_div(4)?, yoe.checked_div(100)?)?,
    )?;
    let doy = sub(doe, before)?;
    let mp = add(mul(5, doy)?, 2)?.checked_div(153)?;
    let day = add(sub(doy, add(mul(153, mp)?, 2)?.checked_div(5)?)?, 1)?;
    let month = if mp < 10 { add(mp, 3)? } else { sub(mp, 9)? };
    let year = add(add(yoe, mul(era, 400)?)?, i64::from(month <= 2))?;
    Some(Civil { year, month, day })
}

/// The day number of a date; none when there is no such day or the year is not within 1..=9999.
pub fn day_number(date: Civil) -> Option<i64> {
    let Civil { year, month, day } = date;
    if !(1..=9999).contains(&year)
        || !(1..=12).contains(&month)
        || day < 1
        || day > month_length(year, month)
    {
        return None;
    }
    let y = sub(year, i64::from(month <= 2))?;
    let era = y.div_euclid(400);
    let yoe = y.rem_euclid(400);
    let mp = if month > 2 {
        sub(month, 3)?
    } else {
        add(month, 9)?
    };
    let doy = sub(add(add(mul(153, mp)?, 2)?.checked_div(5)?, day)?, 1)?;
    let doe = add(
        add(
            mul(yoe, 365)?,
            sub(yoe.checked_div(4)?, yoe.checked_div(100)?)?,
        )?,
        doy,
    )?;
    sub(add(mul(era, 146_097)?, doe)?, 719_468)
}

/// Days of a month, 28..=31.
pub fn month_length(year: i64, month: i64) -> i64 {
    let leap = year.rem_euclid(4) == 0 && (year.rem_euclid(100) != 0 || year.rem_euclid(400) == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// The date `by` days later; none outside the calendar.
pub fn add_days(days: i64, by: i64) -> Option<i64> {
    days.checked_add(by)
        .filter(|moved| (FIRST_DAY..=LAST_DAY).contains(moved))
}

/// The same day `by` months later, or the last day of that month where it is shorter; none outside the calendar.
pub fn add_months(days: i64, by: i64) -> Option<i64> {
    let from = civil(days)?;
    let months = add(add(mul(from.year, 12)?, sub(from.month, 1)?)?, by)?;
    let (year, month) = (months.div_euclid(12), add(months.rem_euclid(12), 1)?);
    day_number(Civil {
        year,
        month,
        day: from.day.min(month_length(year, month)),
    })
}

/// Period of a date: year * 100 + month, which sorts as it reads.
pub fn period(days: i64) -> Option<u32> {
    let date = civil(days)?;
    u32::try_from(add(mul(date.year, 100)?, date.month)?).ok()
}

fn add(a: i64, b: i64) -> Option<i64> {
    a.checked_add(b)
}

fn sub(a: i64, b: i64) -> Option<i64> {
    a.checked_sub(b)
}

fn mul(a: i64, b: i64) -> Option<i64> {
    a.checked_mul(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: every day of the calendar goes there and back, and days follow each other.
    #[test]
    fn all_days() {
        let mut expected = Civil {
            year: 1,
            month: 1,
            day: 1,
        };
        for days in FIRST_DAY..=LAST_DAY {
            assert_eq!(civil(days), Some(expected));
            assert_eq!(day_number(expected), Some(days));
            expected.day += 1;
            if expected.day > month_length(expected.year, expected.month) {
                expected = Civil {
                    year: expected.year,
                    month: expected.month + 1,
                    day: 1,
                };
            }
            if expected.month > 12 {
                expected = Civil {
                    year: expected.year + 1,
                    month: 1,
                    day: 1,
                };
            }
        }
        assert_eq!(civil(FIRST_DAY - 1), None);
        assert_eq!(civil(LAST_DAY + 1), None);
    }

    /// Claim: known dates; months are clamped; nothing leaves the calendar.
    #[test]
    fn known() {
        let at = |year, month, day| day_number(Civil { year, month, day });
        assert_eq!(at(1970, 1, 1), Some(0));
        assert_eq!(at(2000, 3, 1), Some(11_017));
        assert_eq!(at(1996, 7, 4), Some(9_681));
        assert_eq!(at(2023, 2, 29), None);
        assert_eq!(at(2024, 13, 1), None);
        assert_eq!(add_months(at(2024, 1, 31).unwrap(), 1), at(2024, 2, 29));
        assert_eq!(add_months(at(2024, 1, 31).unwrap(), -2), at(2023, 11, 30));
        assert_eq!(add_months(at(2024, 12, 15).unwrap(), 1), at(2025, 1, 15));
        assert_eq!(add_months(at(9999, 12, 15).unwrap(), 1), None);
        assert_eq!(add_months(0, i64::MAX), None);
        assert_eq!(add_days(LAST_DAY, 1), None);
        assert_eq!(add_days(0, i64::MIN), None);
        assert_eq!(period(at(1996, 7, 4).unwrap()), Some(199_607));
    }
}
