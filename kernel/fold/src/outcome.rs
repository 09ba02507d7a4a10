//! What became of an op: applied, perhaps with flags, or refused with a number.
//!
//! Refusals and flags are data: they are rows, the hash covers them, and every replay gives the same ones.

use alloc::{boxed::Box, vec::Vec};
use core::fmt;
use daybook_manifest::value::Value;

/// What became of an op.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Its effects are in the rows.
    Applied {
        /// What needs attention all the same, in the order in which it was raised.
        flags: Vec<RaisedFlag>,
    },
    /// Nothing of it is in the rows but this outcome.
    Refused(Refusal),
}

impl Outcome {
    /// The refusal, if it is one.
    pub fn refusal(&self) -> Option<Refusal> {
        match self {
            Self::Applied { .. } => None,
            Self::Refused(refusal) => Some(*refusal),
        }
    }
}

/// Why an op was refused. Below 1,000: the kernel's; from 1,000: 1,000 + index into the manifest's refusals.
///
/// Before the body runs the first check that fails decides, in the order [`Refusal::UNKNOWN_MANIFEST`],
/// [`Refusal::UNKNOWN_VERB`], [`Refusal::BAD_SHAPE`], [`Refusal::NOT_PERMITTED`], [`Refusal::MISSING_REF`], [`Refusal::SEALED`].
/// In the body the first step that fails decides; `docs/spec/fold.md` §3 lists what each step checks, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Refusal(pub u16);

impl Refusal {
    /// The manifest was not adopted at an earlier position.
    pub const UNKNOWN_MANIFEST: Self = Self(1);
    /// The manifest has no verb of this number.
    pub const UNKNOWN_VERB: Self = Self(2);
    /// The input is not the canonical bytes of the verb's parameters.
    pub const BAD_SHAPE: Self = Self(3);
    /// The author may not do this.
    pub const NOT_PERMITTED: Self = Self(4);
    /// A row that is referred to does not exist.
    pub const MISSING_REF: Self = Self(5);
    /// The status of a row does not allow this change.
    pub const WRONG_STATE: Self = Self(6);
    /// The row belongs to another author, or to nobody any more.
    pub const NOT_OWNER: Self = Self(7);
    /// A row of this id, or of these unique values, exists.
    pub const DUPLICATE: Self = Self(8);
    /// The lines of an entry do not sum to zero.
    pub const UNBALANCED: Self = Self(9);
    /// A number does not fit, or something was divided by zero.
    pub const ARITH: Self = Self(10);
    /// A value is outside the bounds of the place that it is put in.
    pub const RANGE: Self = Self(11);
    /// More steps, elements, lines or flags than allowed.
    pub const LIMIT: Self = Self(12);
    /// The op refers to sealed slots that its entry does not have.
    pub const SEALED: Self = Self(13);
    /// The bytes that an adoption names are no manifest.
    pub const BAD_MANIFEST: Self = Self(14);
    /// The manifest takes something away that the adopted one has.
    pub const NOT_ADDITIVE: Self = Self(15);
    /// The manifest asks for something that has no meaning, such as the sum of a code and a date. Its checker should have said so.
    pub const UNSOUND: Self = Self(16);
    /// The entry has an effect elsewhere: at its own place, or by a readmission before this.
    pub const ALREADY: Self = Self(17);
    /// The body was opened with the content key of its epoch and holds no ops. Of the whole entry.
    pub const UNREADABLE: Self = Self(18);
    /// First number of a manifest's own refusals.
    pub const OF_MANIFEST: u16 = 1000;

    /// The manifest's refusal of this index.
    pub fn of_manifest(index: u16) -> Self {
        Self(Self::OF_MANIFEST.saturating_add(index))
    }

    /// Index into the manifest's refusals, if it is one of those.
    pub fn manifest_index(self) -> Option<u16> {
        self.0.checked_sub(Self::OF_MANIFEST)
    }

    /// The kernel's word for it, in capitals; none for a manifest's own.
    pub fn code(self) -> Option<&'static str> {
        Some(match self {
            Self::UNKNOWN_MANIFEST => "UNKNOWN_MANIFEST",
            Self::UNKNOWN_VERB => "UNKNOWN_VERB",
            Self::BAD_SHAPE => "BAD_SHAPE",
            Self::NOT_PERMITTED => "NOT_PERMITTED",
            Self::MISSING_REF => "MISSING_REF",
            Self::WRONG_STATE => "WRONG_STATE",
            Self::NOT_OWNER => "NOT_OWNER",
            Self::DUPLICATE => "DUPLICATE",
            Self::UNBALANCED => "UNBALANCED",
            Self::ARITH => "ARITH",
            Self::RANGE => "RANGE",
            Self::LIMIT => "LIMIT",
            Self::SEALED => "SEALED",
            Self::BAD_MANIFEST => "BAD_MANIFEST",
            Self::NOT_ADDITIVE => "NOT_ADDITIVE",
            Self::UNSOUND => "UNSOUND",
            Self::ALREADY => "ALREADY",
            Self::UNREADABLE => "UNREADABLE",
            _ => return None,
        })
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.code(), self.manifest_index()) {
            (Some(code), _) => write!(f, "refused {} {code}", self.0),
            (None, Some(index)) => write!(f, "refused {} (the manifest's refusal {index})", self.0),
            (None, None) => write!(f, "refused {}", self.0),
        }
    }
}

/// Which flag. Below 1,000: the kernel's; from 1,000: 1,000 + index into the manifest's flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Flag(pub u16);

impl Flag {
    /// The number is above the next one of its counter.
    pub const GAP: Self = Self(1);
    /// The number was already taken.
    pub const REPETITION: Self = Self(2);

    /// The manifest's flag of this index.
    pub fn of_manifest(index: u16) -> Self {
        Self(Refusal::OF_MANIFEST.saturating_add(index))
    }

    /// Index into the manifest's flags, if it is one of those.
    pub fn manifest_index(self) -> Option<u16> {
        self.0.checked_sub(Refusal::OF_MANIFEST)
    }

    /// The kernel's word for it, in capitals; none for a manifest's own.
    pub fn code(self) -> Option<&'static str> {
        match self {
            Self::GAP => Some("GAP"),
            Self::REPETITION => Some("REPETITION"),
            _ => None,
        }
    }
}

/// A flag and what it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct RaisedFlag {
    /// Which.
    pub flag: Flag,
    /// About what: a number of a counter, or what the verb said; [`Value::None`] if nothing.
    pub about: Value,
}

/// Row bytes of an outcome: refusal `u16` (0 = applied) ‖ `u16` flags ‖ per flag `u16` and a tagged value; little-endian.
pub(crate) fn encode(outcome: &Outcome) -> Vec<u8> {
    let mut bytes = Vec::new();
    match outcome {
        Outcome::Refused(refusal) => {
            bytes.extend_from_slice(&refusal.0.to_le_bytes());
            bytes.extend_from_slice(&[0, 0]);
        }
        Outcome::Applied { flags } => {
            bytes.extend_from_slice(&[0, 0]);
            bytes.extend_from_slice(&u16::try_from(flags.len()).unwrap_or(u16::MAX).to_le_bytes());
            for raised in flags {
                bytes.extend_from_slice(&raised.flag.0.to_le_bytes());
                encode_value(&mut bytes, &raised.about);
            }
        }
    }
    bytes
}

pub(crate) fn decode(bytes: &[u8]) -> Option<Outcome> {
    let (refusal, rest) = take_u16(bytes)?;
    let (count, mut rest) = take_u16(rest)?;
    if refusal != 0 {
        return (count == 0 && rest.is_empty()).then_some(Outcome::Refused(Refusal(refusal)));
    }
    let mut flags = Vec::new();
    for _ in 0..count {
        let (flag, tail) = take_u16(rest)?;
        let (about, tail) = decode_value(tail)?;
        flags.push(RaisedFlag {
            flag: Flag(flag),
            about,
        });
        rest = tail;
    }
    rest.is_empty().then_some(Outcome::Applied { flags })
}

/// Tag 0 none, 1 truth value (1 byte), 2 number (8), 3 id (16), 4 author (32), 5 text (`u16` length, bytes).
fn encode_value(bytes: &mut Vec<u8>, value: &Value) {
    match value {
        Value::None | Value::List(_) => bytes.push(0),
        Value::Bool(b) => bytes.extend_from_slice(&[1, u8::from(*b)]),
        Value::Int(n) => {
            bytes.push(2);
            bytes.extend_from_slice(&n.to_le_bytes());
        }
        Value::Id(id) => {
            bytes.push(3);
            bytes.extend_from_slice(id);
        }
        Value::Author(author) => {
            bytes.push(4);
            bytes.extend_from_slice(author);
        }
        Value::Text(text) => {
            bytes.push(5);
            bytes.extend_from_slice(&u16::try_from(text.len()).unwrap_or(u16::MAX).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
        }
    }
}

fn decode_value(bytes: &[u8]) -> Option<(Value, &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    Some(match tag {
        0 => (Value::None, rest),
        1 => rest
            .split_first()
            .map(|(b, rest)| (Value::Bool(*b == 1), rest))?,
        2 => rest
            .split_first_chunk()
            .map(|(n, rest)| (Value::Int(i64::from_le_bytes(*n)), rest))?,
        3 => rest
            .split_first_chunk()
            .map(|(id, rest)| (Value::Id(*id), rest))?,
        4 => rest
            .split_first_chunk()
            .map(|(author, rest)| (Value::Author(*author), rest))?,
        5 => {
            let (len, rest) = take_u16(rest)?;
            let (text, rest) = rest.split_at_checked(usize::from(len))?;
            (
                Value::Text(Box::from(core::str::from_utf8(text).ok()?)),
                rest,
            )
        }
        _ => return None,
    })
}

fn take_u16(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (le, rest) = bytes.split_first_chunk::<2>()?;
    Some((u16::from_le_bytes(*le), rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    /// Claim: an outcome is what its bytes say, and cut bytes say nothing.
    #[test]
    fn there_and_back() {
        let about = [
            Value::None,
            Value::Bool(true),
            Value::Int(-7),
            Value::Id([1; 16]),
            Value::Author([2; 32]),
            Value::Text("JAR".into()),
        ];
        let flags = about
            .into_iter()
            .map(|about| RaisedFlag {
                flag: Flag::of_manifest(2),
                about,
            })
            .collect();
        for outcome in [
            Outcome::Applied { flags: vec![] },
            Outcome::Applied { flags },
            Outcome::Refused(Refusal::LIMIT),
        ] {
            let bytes = encode(&outcome);
            assert_eq!(decode(&bytes), Some(outcome));
            for len in 0..bytes.len() {
                assert_eq!(decode(&bytes[..len]), None);
            }
        }
    }

    /// Claim: the kernel's numbers and the manifest's do not meet.
    #[test]
    fn numbers() {
        assert_eq!(Refusal::of_manifest(0).0, 1000);
        assert_eq!(Refusal::UNSOUND.manifest_index(), None);
        assert_eq!(Refusal::of_manifest(7).manifest_index(), Some(7));
        assert_eq!(Refusal::of_manifest(7).code(), None);
        assert_eq!(
            (1..=17).filter(|n| Refusal(*n).code().is_some()).count(),
            17
        );
    }
}
