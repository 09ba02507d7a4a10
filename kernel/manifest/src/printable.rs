//! Values as people read and type them: dates as `2026-01-31`, money with two places, enums by name.
//!
//! [`text_to_value`] reads back what [`value_to_text`] writes, for every type but lists.

use crate::{
    ast::{Manifest, Type},
    calendar::Civil,
    shape,
    value::Value,
};
use alloc::{borrow::ToOwned, boxed::Box, format, string::String};
use core::fmt;

/// Why a text is not a value of a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadText {
    /// What would have been one.
    pub wanted: String,
}

impl fmt::Display for BadText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "not {}", self.wanted)
    }
}

impl core::error::Error for BadText {}

/// Decimal places of a type's numbers, and how many of them are always written.
fn places(ty: &Type) -> (u32, u32) {
    match ty {
        Type::Money => (2, 2),
        Type::Price => (5, 2),
        Type::Qty => (3, 0),
        Type::Ppm => (4, 0),
        _ => (0, 0),
    }
}

/// A value as text. A value that is not of the type is written as it is held, so that nothing is hidden.
pub fn value_to_text(manifest: &Manifest, ty: &Type, value: &Value) -> String {
    match (ty, value) {
        (_, Value::None) => String::new(),
        (Type::Option(inner), value) => value_to_text(manifest, inner, value),
        (Type::Date, Value::Int(days)) => {
            let Civil { year, month, day } = Civil::from_days(*days);
            format!("{year:04}-{month:02}-{day:02}")
        }
        (Type::Time, Value::Int(millis)) => time_to_text(*millis),
        (Type::Enum(index), Value::Int(number)) => match enum_name(manifest, *index, *number) {
            Some(name) => name.to_owned(),
            None => format!("{number}"),
        },
        (Type::Sealed(_), Value::Int(slot)) => format!("sealed #{slot}"),
        (Type::Ppm, Value::Int(number)) => format!("{}%", decimal(*number, places(ty))),
        (_, Value::Int(number)) => decimal(*number, places(ty)),
        (_, Value::Bool(truth)) => (if *truth { "yes" } else { "no" }).to_owned(),
        (_, Value::Id(id)) => hex(id),
        (_, Value::Author(author)) => hex(author),
        (_, Value::Text(text)) => text.as_ref().to_owned(),
        (_, Value::List(records)) => format!("{} elements", records.len()),
    }
}

/// The value that a text stands for.
///
/// Numbers take a point and no separators of thousands; a share is `25%` or `250000 ppm`; ids are hex with or without
/// hyphens; an empty text is no value of an optional type, and the empty code or text.
///
/// # Errors
/// A text that is no value of the type, or that has more places than the type keeps.
pub fn text_to_value(manifest: &Manifest, ty: &Type, text: &str) -> Result<Value, BadText> {
    let trimmed = text.trim();
    let value = match ty {
        Type::Option(_) | Type::Sealed(_) if trimmed.is_empty() => Some(Value::None),
        Type::Option(inner) => return text_to_value(manifest, inner, text),
        Type::Bool => match trimmed {
            "yes" | "true" | "1" => Some(Value::Bool(true)),
            "no" | "false" | "0" => Some(Value::Bool(false)),
            _ => None,
        },
        Type::Date => date_from_text(trimmed).map(Value::Int),
        Type::Time => time_from_text(trimmed).map(Value::Int),
        Type::Ppm => ppm_from_text(trimmed).map(Value::Int),
        Type::Code(max) => Some(trimmed)
            .filter(|text| shape::is_code(text) && text.len() <= usize::from(*max))
            .map(|text| Value::Text(text.into())),
        Type::Text(max) => Some(text)
            .filter(|text| text.len() <= usize::from(*max))
            .map(|text| Value::Text(Box::from(text))),
        Type::Enum(index) => enum_value(manifest, *index, trimmed).map(Value::Int),
        Type::Id | Type::Ref(_) => unhex::<16>(trimmed).map(Value::Id),
        Type::Author => unhex::<32>(trimmed).map(Value::Author),
        Type::Sealed(_) | Type::List(..) => None,
        _ => from_decimal(trimmed, places(ty).0).map(Value::Int),
    };
    value
        .filter(|value| match (shape::bounds(ty), value) {
            (Some(bounds), Value::Int(number)) => bounds.contains(number),
            _ => true,
        })
        .ok_or_else(|| BadText {
            wanted: wanted(manifest, ty),
        })
}

/// What a type is, in a phrase for people.
pub fn wanted(manifest: &Manifest, ty: &Type) -> String {
    match ty {
        Type::Bool => "yes or no".into(),
        Type::Int { min, max } => format!("a whole number from {min} to {max}"),
        Type::Money => "an amount like 12.34".into(),
        Type::Price => "a price like 12.34 with at most five places".into(),
        Type::Qty => "a quantity like 1.5 with at most three places".into(),
        Type::Ppm => "a share from 0% to 100% with at most four places".into(),
        Type::Date => "a date like 2026-01-31".into(),
        Type::Time => "a time like 2026-01-31T12:00:00.000Z".into(),
        Type::Code(max) => format!("a code of at most {max} characters A-Z 0-9 . _ / -"),
        Type::Text(max) => format!("a text of at most {max} bytes"),
        Type::Enum(index) => match manifest.enums.get(usize::from(*index)) {
            Some(known) => format!("one of {}", known.values.join(", ")),
            None => "a named value".into(),
        },
        Type::Id => "an id of 32 hex digits".into(),
        Type::Ref(entity) => match manifest.entities.get(usize::from(*entity)) {
            Some(known) => format!("the id of a row of {}, 32 hex digits", known.name),
            None => "the id of a row".into(),
        },
        Type::Author => "an author of 64 hex digits".into(),
        Type::Sealed(_) => "personal data, which cannot be typed here".into(),
        Type::Option(inner) => format!("nothing or {}", wanted(manifest, inner)),
        Type::List(..) => "a list, which has no text form".into(),
    }
}

fn enum_name(manifest: &Manifest, index: u16, number: i64) -> Option<&str> {
    let values = &manifest.enums.get(usize::from(index))?.values;
    values
        .get(usize::try_from(number).ok()?)
        .map(String::as_str)
}

fn enum_value(manifest: &Manifest, index: u16, name: &str) -> Option<i64> {
    let values = &manifest.enums.get(usize::from(index))?.values;
    i64::try_from(values.iter().position(|value| value == name)?).ok()
}

/// A scaled number with a point; places behind the kept ones only where they are not zero.
fn decimal(number: i64, (scale, kept): (u32, u32)) -> String {
    let sign = if number < 0 { "-" } else { "" };
    let digits = format!(
        "{:0>1$}",
        number.unsigned_abs(),
        usize_of(scale).saturating_add(1)
    );
    let (whole, part) = digits.split_at(digits.len().saturating_sub(usize_of(scale)));
    let mut shown = part.trim_end_matches('0').len().max(usize_of(kept));
    shown = shown.min(part.len());
    match part.get(..shown) {
        Some("") | None => format!("{sign}{whole}"),
        Some(part) => format!("{sign}{whole}.{part}"),
    }
}

fn usize_of(small: u32) -> usize {
    usize::try_from(small).unwrap_or(usize::MAX)
}

/// A scaled number from digits with at most `scale` places behind the point.
fn from_decimal(text: &str, scale: u32) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let numeric = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let dangling = digits.ends_with('.') || whole.is_empty();
    if dangling || !numeric(whole) || !numeric(part) || part.len() > usize_of(scale) {
        return None;
    }
    let number: i128 = format!("{whole}{part:0<0$}", usize_of(scale))
        .parse()
        .ok()?;
    let signed = if negative {
        number.checked_neg()?
    } else {
        number
    };
    signed.try_into().ok()
}

fn ppm_from_text(text: &str) -> Option<i64> {
    if let Some(percent) = text.strip_suffix('%') {
        return from_decimal(percent.trim_end(), 4);
    }
    from_decimal(text.strip_suffix("ppm")?.trim_end(), 0)
}

fn date_from_text(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut part = |width: usize| {
        let digits = parts.next()?;
        let plain = digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit());
        if plain {
            digits.parse::<i64>().ok()
        } else {
            None
        }
    };
    let civil = Civil {
        year: part(4)?,
        month: part(2)?,
        day: part(2)?,
    };
    if parts.next().is_some() {
        None
    } else {
        civil.to_days()
    }
}

const DAY_MS: i64 = 86_400_000;

fn time_to_text(millis: i64) -> String {
    let Civil { year, month, day } = Civil::from_days(millis.div_euclid(DAY_MS));
    let rest = millis.rem_euclid(DAY_MS);
    let unit = |size: i64, count: i64| rest.div_euclid(size).rem_euclid(count);
    let (hour, minute) = (unit(3_600_000, 24), unit(60_000, 60));
    let (second, milli) = (unit(1_000, 60), unit(1, 1_000));
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milli:03}Z")
}

/// Only the form that [`time_to_text`] writes, with or without the milliseconds.
fn time_from_text(text: &str) -> Option<i64> {
    let (date, clock) = text.strip_suffix('Z')?.split_once('T')?;
    let (clock, milli) = clock.split_once('.').unwrap_or((clock, "000"));
    let mut parts = clock.split(':');
    let two = |digits: &str, width: usize, count: i64| {
        let plain = digits.len() == width && digits.bytes().all(|byte| byte.is_ascii_digit());
        digits
            .parse::<i64>()
            .ok()
            .filter(|number| plain && *number < count)
    };
    let hour = two(parts.next()?, 2, 24)?.checked_mul(3_600_000)?;
    let minute = two(parts.next()?, 2, 60)?.checked_mul(60_000)?;
    let second = two(parts.next()?, 2, 60)?.checked_mul(1_000)?;
    let milli = two(milli, 3, 1_000)?;
    if parts.next().is_some() {
        return None;
    }
    let days = date_from_text(date)?.checked_mul(DAY_MS)?;
    days.checked_add(hour)?
        .checked_add(minute)?
        .checked_add(second)?
        .checked_add(milli)
}

fn hex(bytes: &[u8]) -> String {
    use fmt::Write;
    bytes.iter().fold(
        String::with_capacity(bytes.len().saturating_mul(2)),
        |mut out, byte| {
            // Writing to a string does not fail.
            let _ = write!(out, "{byte:02x}");
            out
        },
    )
}

fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut digits = text.chars().filter(|char| *char != '-');
    let mut out = [0u8; N];
    for byte in &mut out {
        let (high, low) = (digits.next()?.to_digit(16)?, digits.next()?.to_digit(16)?);
        *byte = u8::try_from(high.checked_mul(16)?.checked_add(low)?).ok()?;
    }
    if digits.next().is_some() {
        None
    } else {
        Some(out)
    }
}

#[cfg(test)]
mod tests;
