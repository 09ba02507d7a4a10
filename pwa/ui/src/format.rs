//! Figures, dates and ids as people read and type them. Integers in, text out: nothing here decides an amount.

/// Minor units as a decimal with two places: `-8640` is `-86.40`.
#[must_use]
pub fn decimal(minor: i128) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let abs = minor.unsigned_abs();
    format!("{sign}{}.{:02}", abs / 100, abs % 100)
}

/// A decimal with its thousands apart, for places where the browser cannot do it: `1265793.29` is `1,265,793.29`.
#[must_use]
pub fn grouped(decimal: &str) -> String {
    let (sign, rest) = decimal
        .strip_prefix('-')
        .map_or(("", decimal), |rest| ("\u{2212}", rest));
    let (whole, places) = rest
        .split_once('.')
        .map_or((rest, None), |(whole, places)| (whole, Some(places)));
    let mut out = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(places) = places {
        out.push('.');
        out.push_str(places);
    }
    out
}

/// What somebody typed as an amount, in minor units. One `.` or `,` before at most two last digits parts the places;
/// spaces and apostrophes group. Nothing else is guessed.
#[must_use]
pub fn typed_money(typed: &str) -> Option<i64> {
    scaled(typed, 2)
}

/// What somebody typed as a quantity, in thousandths.
#[must_use]
pub fn typed_quantity(typed: &str) -> Option<i64> {
    scaled(typed, 3)
}

fn scaled(typed: &str, places: usize) -> Option<i64> {
    let text: String = typed
        .chars()
        .filter(|c| !matches!(c, ' ' | '\'' | '\u{a0}' | '\u{202f}'))
        .collect();
    let (whole, rest) = text.split_once(['.', ',']).unwrap_or((&text, ""));
    let digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
    if whole.len() + rest.len() == 0
        || rest.len() > places
        || whole.len() > 13
        || !digits(whole)
        || !digits(rest)
    {
        return None;
    }
    let mut number = String::from(whole);
    number.push_str(rest);
    number.extend(core::iter::repeat_n('0', places - rest.len()));
    number.parse().ok()
}

/// A quantity at scale 3 without useless zeros: `2500` is `2.5`.
#[must_use]
pub fn quantity(thousandths: i64) -> String {
    let sign = if thousandths < 0 { "-" } else { "" };
    let abs = thousandths.unsigned_abs();
    let places = format!("{:03}", abs % 1000);
    let places = places.trim_end_matches('0');
    if places.is_empty() {
        format!("{sign}{}", abs / 1000)
    } else {
        format!("{sign}{}.{places}", abs / 1000)
    }
}

/// A price (three places below the minor unit) in minor units, if it has no such places.
#[must_use]
pub fn price_minor(price: i64) -> Option<i64> {
    (price % 1000 == 0).then_some(price / 1000)
}

/// A price as people read it: two places, or up to five where it has them.
#[must_use]
pub fn price(price: i64) -> String {
    match price_minor(price) {
        Some(minor) => decimal(i128::from(minor)),
        None => {
            let sign = if price < 0 { "-" } else { "" };
            let abs = price.unsigned_abs();
            let places = format!("{:05}", abs % 100_000);
            format!("{sign}{}.{}", abs / 100_000, places.trim_end_matches('0'))
        }
    }
}

/// A day as `2026-11-21`, from days since 1970-01-01 (Hinnant's `civil_from_days`).
#[must_use]
pub fn date(days: i32) -> String {
    let z = i64::from(days) + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z.rem_euclid(146_097);
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let day = doy - (153 * mp + 2) / 5 + 1;
    let month = if mp < 10 { mp + 3 } else { mp - 9 };
    let year = yoe + era * 400 + i64::from(month <= 2);
    format!("{year:04}-{month:02}-{day:02}")
}

/// A moment as `2026-11-21 12:45:03 UTC`, from milliseconds since 1970-01-01T00:00Z.
#[must_use]
pub fn moment(ms: i64) -> String {
    let seconds = ms.div_euclid(1000);
    let days = i32::try_from(seconds.div_euclid(86_400)).unwrap_or(0);
    let of_day = seconds.rem_euclid(86_400);
    format!(
        "{} {:02}:{:02}:{:02} UTC",
        date(days),
        of_day / 3600,
        of_day / 60 % 60,
        of_day % 60
    )
}

/// Bytes as lower hex.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    use core::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The first eight digits, for screens; the whole one is always one tap away.
#[must_use]
pub fn short(bytes: &[u8]) -> String {
    hex(bytes.get(..4).unwrap_or(bytes))
}

/// Hex as bytes of a known length.
#[must_use]
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    unhex_all(text)?.try_into().ok()
}

/// Hex as bytes.
#[must_use]
pub fn unhex_all(text: &str) -> Option<Vec<u8>> {
    if !text.is_ascii() || !text.len().is_multiple_of(2) {
        return None;
    }
    (0..text.len())
        .step_by(2)
        .map(|at| u8::from_str_radix(&text[at..at + 2], 16).ok())
        .collect()
}

/// A byte count for people.
#[must_use]
pub fn bytes(count: u64) -> String {
    if count < 10_000 {
        format!("{count} B")
    } else {
        format!("{} kB", count / 1000)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: amounts show exactly, cents included, beyond what a float holds.
    #[test]
    fn amounts_show_exactly() {
        for (minor, plain, shown) in [
            (0, "0.00", "0.00"),
            (5, "0.05", "0.05"),
            (-8640, "-86.40", "\u{2212}86.40"),
            (126_579_329, "1265793.29", "1,265,793.29"),
            (99_999_900, "999999.00", "999,999.00"),
            (
                123_456_789_012_345_678_901,
                "1234567890123456789.01",
                "1,234,567,890,123,456,789.01",
            ),
        ] {
            assert_eq!(decimal(minor), plain);
            assert_eq!(grouped(plain), shown);
        }
    }

    /// Claim: what is typed is taken exactly or not at all.
    #[test]
    fn typed_amounts() {
        for (typed, minor) in [
            ("86.40", Some(8640)),
            ("86,4", Some(8640)),
            ("86", Some(8600)),
            (".5", Some(50)),
            ("1 000.00", Some(100_000)),
            ("1'000", Some(100_000)),
            ("", None),
            (".", None),
            ("-5", None),
            ("1.234", None),
            ("1,234.00", None),
            ("1e3", None),
            ("99999999999999", None),
        ] {
            assert_eq!(typed_money(typed), minor, "{typed}");
        }
        assert_eq!(typed_quantity("2.5"), Some(2500));
        assert_eq!(typed_quantity("0.0005"), None);
    }

    /// Claim: quantities and prices drop zeros, never digits.
    #[test]
    fn quantities_and_prices() {
        assert_eq!(
            (
                quantity(1000),
                quantity(2500),
                quantity(-1),
                quantity(10_000)
            ),
            ("1".into(), "2.5".into(), "-0.001".into(), "10".into())
        );
        assert_eq!(
            (price(450_000), price(1), price(123_450)),
            ("4.50".into(), "0.00001".into(), "1.2345".into())
        );
    }

    /// Claim: days and moments agree with the calendar, leap days and the time before 1970 included.
    #[test]
    fn days_are_calendar_days() {
        for (days, shown) in [
            (0, "1970-01-01"),
            (-1, "1969-12-31"),
            (11_016, "2000-02-29"),
            (20_778, "2026-11-21"),
        ] {
            assert_eq!(date(days), shown);
        }
        assert_eq!(moment(951_782_400_000), "2000-02-29 00:00:00 UTC");
        assert_eq!(moment(-1), "1969-12-31 23:59:59 UTC");
    }

    /// Claim: hex comes back, and what is not hex is refused.
    #[test]
    fn hex_comes_back() {
        assert_eq!(unhex::<4>(&hex(&[0, 255, 16, 9])), Some([0, 255, 16, 9]));
        assert_eq!(unhex::<4>("00ff10"), None);
        assert_eq!(unhex::<1>("zz"), None);
        assert_eq!(unhex_all("abc"), None);
        assert_eq!(short(&[0xab; 32]), "abababab");
    }
}
