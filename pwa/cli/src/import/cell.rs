//! From the text of a cell to a number, a date or an id. No floating point is involved.

/// Most characters of a number.
const NUMBER_MAX: usize = 40;
/// A single-precision number is printed with an error below one part in 2^23: so much may be rounded away, and no more.
const ARTEFACT: i128 = 1 << 23;

/// A decimal, cleaned to `places`: `9.80000019` at 2 places is `9.80`.
///
/// What is rounded away must be an artefact of a binary fraction; a number that really has more places is an error, so
/// that a wrong declaration never loses money.
pub fn decimal(text: &str, places: u32) -> Result<String, String> {
    let cleaned = clean(text, places)?;
    let digits = format!(
        "{:0width$}",
        cleaned.unsigned_abs(),
        width = places as usize + 1
    );
    let (whole, frac) = digits.split_at(digits.len() - places as usize);
    let sign = if cleaned < 0 { "-" } else { "" };
    let point = if frac.is_empty() { "" } else { "." };
    Ok(format!("{sign}{whole}{point}{frac}"))
}

/// A ratio (`0.15`), cleaned to `places`, in parts per million: `150000 ppm`.
pub fn ppm(text: &str, places: u32) -> Result<String, String> {
    let scaled = match places {
        0..=6 => clean(text, places)?.checked_mul(10_i128.pow(6 - places)),
        _ => return Err("a ratio has at most 6 places".into()),
    };
    scaled
        .map(|scaled| format!("{scaled} ppm"))
        .ok_or_else(|| format!("`{}` is too large", shorten(text)))
}

/// The number of units of the last of `places`.
fn clean(text: &str, places: u32) -> Result<i128, String> {
    let (mantissa, frac) = parse(text)?;
    let Some(excess) = frac.checked_sub(places).filter(|excess| *excess > 0) else {
        let raised = 10_i128
            .checked_pow(places - frac)
            .and_then(|unit| mantissa.checked_mul(unit));
        return raised.ok_or_else(|| format!("`{}` is too large", shorten(text)));
    };
    let unit = 10_i128.pow(excess);
    let cleaned = (mantissa.abs() + unit / 2) / unit * mantissa.signum();
    let lost = (mantissa - cleaned * unit).abs();
    match lost
        .checked_mul(ARTEFACT)
        .is_some_and(|lost| lost <= mantissa.abs())
    {
        true => Ok(cleaned),
        false => Err(format!(
            "`{}` has more than {places} decimal places",
            shorten(text)
        )),
    }
}

/// Digits as one number, and how many of them stand behind the point.
fn parse(text: &str) -> Result<(i128, u32), String> {
    let wrong = || format!("`{}` is not a decimal number", shorten(text));
    let trimmed = text.trim();
    let (negative, digits) = match trimmed.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, trimmed),
    };
    let (whole, frac) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty()
        || digits.ends_with('.')
        || digits.len() > NUMBER_MAX
        || !all_digits(whole)
        || !all_digits(frac)
    {
        return Err(wrong());
    }
    let frac = frac.trim_end_matches('0');
    if frac.len() > 18 {
        return Err(wrong());
    }
    let mantissa: i128 = format!("{whole}{frac}").parse().map_err(|_| wrong())?;
    let places = u32::try_from(frac.len()).map_err(|_| wrong())?;
    Ok((if negative { -mantissa } else { mantissa }, places))
}

/// A date in a form made of `YYYY`, `MM`, `DD` and other characters, as `YYYY-MM-DD`.
pub fn iso_date(text: &str, form: &str) -> Result<String, String> {
    let wrong = || format!("`{}` is not a date of the form {form}", shorten(text));
    let mut rest = text.trim();
    let (mut year, mut month, mut day) = ("", "", "");
    let mut wanted = form;
    while let Some(next) = wanted.chars().next() {
        let (len, part) = match next {
            'Y' => (4, Some(&mut year)),
            'M' => (2, Some(&mut month)),
            'D' => (2, Some(&mut day)),
            other => (other.len_utf8(), None),
        };
        let (found, behind) = rest.split_at_checked(len).ok_or_else(wrong)?;
        match part {
            Some(part) if found.bytes().all(|byte| byte.is_ascii_digit()) => *part = found,
            None if wanted.starts_with(found) => {}
            _ => return Err(wrong()),
        }
        (rest, wanted) = (behind, wanted.get(len..).unwrap_or_default());
    }
    match rest.is_empty() {
        true => Ok(format!("{year}-{month}-{day}")),
        false => Err(wrong()),
    }
}

/// An id derived from the map's name, a name and cells: the same on every device and in every run.
pub fn derived_id(map: &str, name: &str, key: &[&str]) -> [u8; 16] {
    let mut hasher = blake3::Hasher::new_derive_key("daybook 2026 v1 import-id");
    for part in [map, name].into_iter().chain(key.iter().copied()) {
        hasher.update(&(part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    let mut id = [0; 16];
    hasher.finalize_xof().fill(&mut id);
    daybook_client::document_id(id)
}

/// A cell as it is shown in a complaint.
pub fn shorten(text: &str) -> String {
    let mut short: String = text
        .chars()
        .take(60)
        .map(|it| if it.is_control() { '·' } else { it })
        .collect();
    if short.len() < text.len() {
        short.push('…');
    }
    short
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: artefacts of binary fractions go, and nothing else does.
    #[test]
    fn decimals() {
        let good = [
            ("9.80000019", 2, "9.80"),
            ("34.7999992", 2, "34.80"),
            ("14", 2, "14.00"),
            ("-12.5", 2, "-12.50"),
            ("-0.05", 2, "-0.05"),
            ("007.10", 2, "7.10"),
            ("12", 0, "12"),
            ("0", 2, "0.00"),
            ("263.5", 5, "263.50000"),
            ("0.000", 0, "0"),
            (" 5 ", 0, "5"),
        ];
        for (text, places, expected) in good {
            assert_eq!(decimal(text, places).as_deref(), Ok(expected), "{text}");
        }
        for (text, expected) in [
            ("0.150000006", "150000 ppm"),
            ("0.0500000007", "50000 ppm"),
            ("0", "0 ppm"),
            ("1", "1000000 ppm"),
        ] {
            assert_eq!(ppm(text, 2).as_deref(), Ok(expected), "{text}");
        }
        let bad = [
            "",
            " ",
            "-",
            ".5",
            "5.",
            "1,5",
            "1e3",
            "9.805",
            "9.8001",
            "0.004",
            "--1",
            "+1",
            "1.2.3",
            "NaN",
            "٣",
            "99999999999999999999999999999999999999",
            "0.0000000000000000001",
            "1_000",
            "12 3",
        ];
        for text in bad {
            assert!(decimal(text, 2).is_err(), "{text}");
        }
    }

    /// Claim: a date is read by its form and by no other.
    #[test]
    fn dates() {
        assert_eq!(
            iso_date("1996-07-04", "YYYY-MM-DD"),
            Ok("1996-07-04".into())
        );
        assert_eq!(
            iso_date("04.07.1996", "DD.MM.YYYY"),
            Ok("1996-07-04".into())
        );
        assert_eq!(
            iso_date("07/04/1996", "MM/DD/YYYY"),
            Ok("1996-07-04".into())
        );
        assert_eq!(iso_date("19960704", "YYYYMMDD"), Ok("1996-07-04".into()));
        for text in [
            "",
            "1996-07-4",
            "1996/07/04",
            "1996-07-04T00:00",
            "19x6-07-04",
            "１９９６-07-04",
            "1996-07-0٤",
        ] {
            assert!(iso_date(text, "YYYY-MM-DD").is_err(), "{text}");
        }
    }

    /// Claim: ids are version 8 UUIDs, equal for equal parts, and parts do not run into each other.
    #[test]
    fn ids() {
        let id = derived_id("m", "order", &["1", "2"]);
        assert_eq!(id, derived_id("m", "order", &["1", "2"]));
        assert_eq!(id[6] >> 4, 8);
        for other in [
            derived_id("m", "order", &["12"]),
            derived_id("m", "orde", &["r1", "2"]),
            derived_id("n", "order", &["1", "2"]),
        ] {
            assert_ne!(id, other);
        }
    }
}
