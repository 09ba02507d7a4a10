//! How things look on a terminal, and as JSON.

use daybook_client::view::{FieldView, TrialBalance};
use serde_json::{Map, Value as Json, json};

/// Minor units as a decimal with two places: exact, whatever the size.
pub(crate) fn amount(minor: i128) -> String {
    let sign = if minor < 0 { "-" } else { "" };
    let minor = minor.unsigned_abs();
    format!("{sign}{}.{:02}", minor / 100, minor % 100)
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write;
    bytes
        .iter()
        .fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}

/// Hexadecimal digits, with or without hyphens, as so many bytes.
pub(crate) fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits: Vec<u8> = text.bytes().filter(|byte| *byte != b'-').collect();
    if digits.len() != N * 2 || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(bytes)
}

/// Milliseconds since 1970 as people read them, in UTC.
pub(crate) fn time(millis: i64) -> String {
    let days = millis.div_euclid(86_400_000);
    let rest = millis.rem_euclid(86_400_000) / 1_000;
    format!(
        "{} {:02}:{:02}:{:02}Z",
        date(days),
        rest / 3_600,
        rest / 60 % 60,
        rest % 60
    )
}

/// Days since 1970 as `YYYY-MM-DD`.
pub(crate) fn date(days: i64) -> String {
    let civil = daybook_manifest::calendar::Civil::from_days(days);
    format!("{:04}-{:02}-{:02}", civil.year, civil.month, civil.day)
}

/// `YYYY-MM-DD` as days since 1970.
pub(crate) fn days(text: &str) -> Option<i64> {
    let mut parts = text.splitn(3, '-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let digits = |part: &str, len: usize| {
        part.len() == len && part.bytes().all(|byte| byte.is_ascii_digit())
    };
    if !(digits(year, 4) && digits(month, 2) && digits(day, 2)) {
        return None;
    }
    let (year, month, day) = (year.parse().ok()?, month.parse().ok()?, day.parse().ok()?);
    daybook_manifest::calendar::Civil { year, month, day }.to_days()
}

/// Columns, aligned; numbers to the right. Column names that begin with `>` are numbers.
pub(crate) fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let width = |nth: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(nth))
            .map(|cell| cell.chars().count());
        cells
            .chain([head[nth].trim_start_matches('>').chars().count()])
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    let line = |cells: &[&str]| {
        let mut line = String::new();
        for ((cell, width), name) in cells.iter().zip(&widths).zip(head) {
            let pad = " ".repeat(width.saturating_sub(cell.chars().count()));
            let parts = if name.starts_with('>') {
                [pad.as_str(), cell]
            } else {
                [cell, pad.as_str()]
            };
            line.push_str(parts[0]);
            line.push_str(parts[1]);
            line.push_str("  ");
        }
        line.trim_end().to_owned() + "\n"
    };
    let names: Vec<&str> = head
        .iter()
        .map(|name| name.trim_start_matches('>'))
        .collect();
    let mut text = line(&names);
    for row in rows {
        text.push_str(&line(&row.iter().map(String::as_str).collect::<Vec<_>>()));
    }
    text
}

/// Fields as `name=value name=value`.
pub(crate) fn fields(fields: &[FieldView]) -> String {
    fields
        .iter()
        .map(|field| format!("{}={}", field.name, field.text))
        .collect::<Vec<_>>()
        .join(" ")
}

/// Fields as a JSON object of texts.
pub(crate) fn fields_json(fields: &[FieldView]) -> Json {
    Json::Object(
        fields
            .iter()
            .map(|field| (field.name.clone(), Json::String(field.text.clone())))
            .collect::<Map<_, _>>(),
    )
}

/// A trial balance for people.
pub(crate) fn balance(balance: &TrialBalance) -> String {
    let rows: Vec<Vec<String>> = balance
        .lines
        .iter()
        .map(|line| {
            let side = |debit: bool| {
                if (line.amount > 0) == debit {
                    amount(line.amount.abs())
                } else {
                    String::new()
                }
            };
            vec![
                line.code.clone(),
                line.label.clone(),
                fields(&line.dims),
                line.currency.clone(),
                side(true),
                side(false),
            ]
        })
        .chain(balance.totals.iter().map(|(currency, debit, credit)| {
            vec![
                String::new(),
                "Total".into(),
                String::new(),
                currency.clone(),
                amount(*debit),
                amount(*credit),
            ]
        }))
        .collect();
    table(
        &["Code", "Account", "Of", "Cur", ">Debit", ">Credit"],
        &rows,
    )
}

/// A trial balance as JSON.
pub(crate) fn balance_json(balance: &TrialBalance) -> Json {
    let line = |line: &daybook_client::view::BalanceLine| {
        json!({
            "role": line.role, "code": line.code, "label": line.label, "kind": format!("{:?}", line.kind).to_lowercase(),
            "dims": fields_json(&line.dims), "currency": line.currency, "amount": amount(line.amount),
        })
    };
    let total = |(currency, debit, credit): &(String, i128, i128)| json!({ "currency": currency, "debit": amount(*debit), "credit": amount(*credit), "difference": amount(debit - credit.abs()) });
    json!({
        "lines": balance.lines.iter().map(line).collect::<Vec<_>>(),
        "totals": balance.totals.iter().map(total).collect::<Vec<_>>(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: amounts are exact decimal strings on both sides of zero.
    #[test]
    fn amounts() {
        for (minor, text) in [
            (0, "0.00"),
            (5, "0.05"),
            (-5, "-0.05"),
            (126_579_329, "1265793.29"),
            (-100, "-1.00"),
        ] {
            assert_eq!(amount(minor), text);
        }
        assert_eq!(amount(i128::from(i64::MIN)), "-92233720368547758.08");
    }

    /// Claim: dates and times go there and back; what is not a date is not taken for one.
    #[test]
    fn dates() {
        assert_eq!(days("1996-07-04"), Some(9_681));
        assert_eq!(date(9_681), "1996-07-04");
        assert_eq!(time(836_438_400_000 + 3_723_000), "1996-07-04 01:02:03Z");
        for text in [
            "",
            "1996",
            "1996-7-4",
            "1996-13-01",
            "1996-02-30",
            "abcd-ef-gh",
            "1996-07-04x",
        ] {
            assert_eq!(days(text), None, "{text}");
        }
    }

    /// Claim: ids are read with and without hyphens, and only with the right length.
    #[test]
    fn ids() {
        assert_eq!(unhex::<2>("a0-0F"), Some([0xa0, 0x0f]));
        assert_eq!(unhex::<2>("a00"), None);
        assert_eq!(unhex::<2>("g000"), None);
    }

    /// Claim: columns are aligned by characters, numbers to the right.
    #[test]
    fn columns() {
        let text = table(
            &["Name", ">Sum"],
            &[
                vec!["Ä".into(), "1.00".into()],
                vec!["long name".into(), "10.00".into()],
            ],
        );
        assert_eq!(
            text,
            "Name         Sum\nÄ           1.00\nlong name  10.00\n"
        );
    }
}
