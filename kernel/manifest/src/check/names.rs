//! How names look.

use super::Why;
use crate::limits;
use alloc::format;

pub(super) fn few(count: usize, max: usize, what: &str) -> Result<(), Why> {
    if count <= max {
        return Ok(());
    }
    Err(Why::new(
        "limit",
        format!("{count} {what} are more than {max}"),
        "have fewer",
    ))
}

pub(super) fn name(called: &str) -> Result<(), Why> {
    let shaped = called.starts_with(|first: char| first.is_ascii_lowercase())
        && called
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_'))
        && called.len() <= limits::NAME_MAX;
    if shaped {
        return Ok(());
    }
    let cause = format!("{called:?} is no name");
    Err(Why::new(
        "name",
        cause,
        "use a-z, 0-9 and underscores, at most 48, a letter first",
    ))
}

pub(super) fn verb_name(called: &str) -> Result<(), Why> {
    let (base, version) = called
        .split_once('/')
        .map_or((called, None), |(base, version)| (base, Some(version)));
    let versioned = version.is_none_or(|version| {
        let plain = version.bytes().all(|byte| byte.is_ascii_digit()) && !version.starts_with('0');
        plain && version.parse::<u16>().is_ok_and(|number| number >= 2)
    });
    match base.split_once('.') {
        Some((noun, action)) if versioned && called.len() <= limits::NAME_MAX => {
            name(noun)?;
            name(action)
        }
        _ => {
            let cause = format!("{called:?} is no name of a verb");
            Err(Why::new(
                "name",
                cause,
                "write noun.verb, and /2 behind its second version",
            ))
        }
    }
}

pub(super) fn label(text: &str) -> Result<(), Why> {
    if text.len() > limits::LABEL_MAX || text.chars().any(char::is_control) {
        let cause = "a label is too long or has control characters";
        return Err(Why::new(
            "name",
            cause,
            "write one line of at most 240 bytes",
        ));
    }
    Ok(())
}

pub(super) fn reason_code(code: &str) -> Result<(), Why> {
    let shaped = code.starts_with(|first: char| first.is_ascii_uppercase())
        && code
            .bytes()
            .all(|byte| matches!(byte, b'A'..=b'Z' | b'0'..=b'9' | b'_'))
        && code.len() <= limits::NAME_MAX;
    if shaped {
        return Ok(());
    }
    let cause = format!("{code:?} is no name of a reason");
    Err(Why::new(
        "name",
        cause,
        "use capitals, digits and underscores",
    ))
}
