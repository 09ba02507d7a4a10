//! The sentences of the frame: sync pill, badges, storage.

use daybook_proto::{DocumentLine, Durability, Phase, Rung, StatusView};

use crate::format;

/// How the sync pill looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mood {
    /// Everything is where it should be.
    Safe,
    /// Something is under way or waits.
    Waiting,
    /// Somebody must look.
    Alarm,
}

/// The sync pill: mood and words.
#[must_use]
pub fn pill(status: &StatusView) -> (Mood, String) {
    if status.phase == Phase::Damaged || stop(status).is_some() {
        return (Mood::Alarm, "look here".into());
    }
    if status.outbox > 0 {
        let place = if status.rung == Rung::Memory {
            "in memory only"
        } else {
            "on this phone"
        };
        return (Mood::Waiting, format!("{} {place}", status.outbox));
    }
    if status.head > status.position {
        return (
            Mood::Waiting,
            format!("{} to fetch", status.head - status.position),
        );
    }
    (Mood::Safe, "all safe".into())
}

/// Why the books, or own entries, stand still. What is just being fetched is no reason.
#[must_use]
pub fn stop(status: &StatusView) -> Option<&str> {
    let halted = status.halted.as_deref().filter(|_| !status.syncing);
    halted.or(status.held.as_deref())
}

/// A document's badge: a word for tests and styles, and words for people.
#[must_use]
pub fn badge(durability: Durability) -> (&'static str, String) {
    match durability {
        Durability::Unwritten => ("unwritten", "not written yet".into()),
        Durability::Local => ("local", "local".into()),
        Durability::Syncing => ("syncing", "syncing".into()),
        Durability::Durable(n) => ("durable", format!("durable@{n}")),
    }
}

/// What a badge means, in one sentence.
#[must_use]
pub fn badge_meaning(durability: Durability) -> String {
    match durability {
        Durability::Unwritten => "Shown, but not yet written down anywhere.".into(),
        Durability::Local => {
            "On this device only. It goes out as soon as there is a network.".into()
        }
        Durability::Syncing => "On this device, and on its way to the relay.".into(),
        Durability::Durable(1) => {
            "On this device and at the relay, with a place in the order that was checked here."
                .into()
        }
        Durability::Durable(n) => {
            format!("On this device and held by {n} others, in an order that was checked here.")
        }
    }
}

/// Where the data is kept: a short name and a sentence.
#[must_use]
pub fn rung(rung: Rung) -> (&'static str, &'static str) {
    match rung {
        Rung::Unknown => ("not known yet", "The storage is being looked at."),
        Rung::Disk => (
            "R1: on this device",
            "A database in the browser's private file system, flushed to disk before anything counts as written.",
        ),
        Rung::Memory => (
            "R3: memory only",
            "Nothing is stored on this device. What is not at the relay is lost when this page closes.",
        ),
    }
}

/// A document's kind and what stands for it.
#[must_use]
pub fn title(line: &DocumentLine) -> String {
    without_date(&format!("{} {}", line.label, line.title), line.date)
}

/// A title without the date that stands beside it anyway.
#[must_use]
pub fn without_date(title: &str, days: i32) -> String {
    title
        .strip_suffix(&format::date(days))
        .unwrap_or(title)
        .trim_end()
        .to_owned()
}

/// A device code to begin with, from two random bytes: `PHONE-7K`.
#[must_use]
pub fn device_code(random: &[u8]) -> String {
    // No letter or digit that is mistaken for another.
    const SIGNS: &[u8] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    let sign =
        |at: usize| SIGNS[usize::from(random.get(at).copied().unwrap_or(0)) % SIGNS.len()] as char;
    format!("PHONE-{}{}", sign(0), sign(1))
}

/// What somebody typed as a device code: capitals, digits and `-`, twelve at most.
#[must_use]
pub fn as_code(typed: &str) -> String {
    let sign = |c: char| c.is_ascii_alphanumeric() || c == '-';
    typed
        .to_ascii_uppercase()
        .chars()
        .map(|c| if c == ' ' { '-' } else { c })
        .filter(|c| sign(*c))
        .take(12)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Claim: unsynced work is always visible, and an alarm is never hidden behind it.
    #[test]
    fn the_pill_says_what_is_not_safe() {
        let mut status = StatusView {
            phase: Phase::Open,
            rung: Rung::Disk,
            ..StatusView::default()
        };
        assert_eq!(pill(&status), (Mood::Safe, "all safe".into()));
        status.head = 3;
        assert_eq!(pill(&status), (Mood::Waiting, "3 to fetch".into()));
        status.outbox = 12;
        assert_eq!(pill(&status), (Mood::Waiting, "12 on this phone".into()));
        status.rung = Rung::Memory;
        assert_eq!(pill(&status), (Mood::Waiting, "12 in memory only".into()));
        status.held = Some("forked".into());
        assert_eq!(pill(&status).0, Mood::Alarm);
    }

    /// Claim: a manifest that is still being fetched is no alarm; one that does not come is.
    #[test]
    fn what_is_being_fetched_is_no_alarm() {
        let mut status = StatusView {
            halted: Some("missing".into()),
            syncing: true,
            ..StatusView::default()
        };
        assert_eq!(stop(&status), None);
        status.syncing = false;
        assert_eq!(stop(&status), Some("missing"));
    }

    /// Claim: each step of the ladder has its own word.
    #[test]
    fn badges() {
        let words = [
            Durability::Unwritten,
            Durability::Local,
            Durability::Syncing,
            Durability::Durable(2),
        ]
        .map(|step| badge(step).1);
        assert_eq!(words, ["not written yet", "local", "syncing", "durable@2"]);
    }

    /// Claim: a device code is always one that the book takes.
    #[test]
    fn device_codes() {
        assert_eq!(device_code(&[0, 255]), "PHONE-2Z");
        assert_eq!(device_code(&[]), "PHONE-22");
        assert_eq!(as_code("till 1_é-zzzzzzzz"), "TILL-1-ZZZZZ");
    }

    /// Claim: a date is not said twice, and nothing else is cut.
    #[test]
    fn titles_without_their_date() {
        assert_eq!(without_date("Receipt 7 2026-11-21", 20_778), "Receipt 7");
        assert_eq!(
            without_date("Receipt 7 2026-11-20", 20_778),
            "Receipt 7 2026-11-20"
        );
    }
}
