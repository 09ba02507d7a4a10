//! A record beside its entry: what the relay makes of one, and why it cannot stand.

use super::{BookLog, Reject};
use crate::body::Body;
use crate::entry::Entry;
use crate::id::{EntryId, Position, RelayEpoch, Tip};
use crate::order::OrderRecord;
use core::fmt;

/// The epoch that an entry opens, if it is a handover.
fn handed_over(entry: &Entry) -> Option<RelayEpoch> {
    match entry.body() {
        Body::Handover(payload) => payload.epoch().ok(),
        _ => None,
    }
}

impl BookLog {
    /// The record that places an entry next. A time before the newest record's is raised to
    /// it; a handover opens its own epoch, where time starts anew.
    pub fn next_record(&self, entry: &Entry, relay_time_ms: i64) -> OrderRecord {
        let (epoch, time_ms) = match handed_over(entry) {
            Some(epoch) => (epoch, relay_time_ms),
            None => (self.epoch, relay_time_ms.max(self.relay_time_ms)),
        };
        OrderRecord {
            epoch,
            position: self.next_position(),
            relay_time_ms: time_ms,
            prev_tip: self.tip,
            entry_id: entry.id(),
            kind: entry.header().kind,
            signature: *entry.signature(),
        }
    }

    pub(super) fn check_record(&self, record: &OrderRecord, entry: &Entry) -> Result<(), Invalid> {
        let expected = self.next_position();
        let opens = handed_over(entry);
        let epoch = opens.unwrap_or(self.epoch);
        if record.epoch != epoch {
            return Err(Invalid::Epoch {
                expected: epoch,
                got: record.epoch,
            });
        }
        if record.position != expected {
            return Err(Invalid::Gap {
                expected,
                got: record.position,
            });
        }
        if record.prev_tip != self.tip {
            return Err(Invalid::PrevTip {
                ours: self.tip,
                got: record.prev_tip,
            });
        }
        if opens.is_none() && record.relay_time_ms < self.relay_time_ms {
            return Err(Invalid::TimeFell {
                last: self.relay_time_ms,
                got: record.relay_time_ms,
            });
        }
        if record.entry_id != entry.id() {
            return Err(Invalid::EntryId {
                record: record.entry_id,
                entry: entry.id(),
            });
        }
        if record.kind != entry.header().kind {
            return Err(Invalid::Kind);
        }
        if record.signature != *entry.signature() {
            return Err(Invalid::Signature);
        }
        Ok(())
    }
}

/// Why a record and its entry cannot stand at the next position: the log is invalid there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Invalid {
    /// The record is of another relay epoch.
    Epoch {
        /// The current one.
        expected: RelayEpoch,
        /// The record's.
        got: RelayEpoch,
    },
    /// The record is not the next one.
    Gap {
        /// The next position.
        expected: Position,
        /// The record's.
        got: Position,
    },
    /// The record continues another chain.
    PrevTip {
        /// The tip that is placed.
        ours: Tip,
        /// The record's.
        got: Tip,
    },
    /// The relay's time fell within an epoch.
    TimeFell {
        /// Of the record before.
        last: i64,
        /// The record's.
        got: i64,
    },
    /// The record is of another entry.
    EntryId {
        /// In the record.
        record: EntryId,
        /// Of the entry.
        entry: EntryId,
    },
    /// The record and the entry name different kinds.
    Kind,
    /// The record holds another signature than the entry: see [`crate::Entry::with_signature`].
    Signature,
    /// The entry was verified with a key that is not its author's.
    Key,
    /// The entry may not stand here.
    Entry(Reject),
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Invalid::Epoch { expected, got } => {
                write!(f, "record of relay epoch {got} in epoch {expected}")
            }
            Invalid::Gap { expected, got } => {
                write!(f, "record of position {got} where {expected} is next")
            }
            Invalid::PrevTip { ours, got } => {
                write!(f, "record continues {got}, the tip is {ours}")
            }
            Invalid::TimeFell { last, got } => write!(f, "relay time fell from {last} to {got}"),
            Invalid::EntryId { record, entry } => {
                write!(f, "record of entry {record} beside entry {entry}")
            }
            Invalid::Kind => f.write_str("record and entry name different kinds"),
            Invalid::Signature => f.write_str("record and entry hold different signatures"),
            Invalid::Key => f.write_str("verified with a key that is not the author's"),
            Invalid::Entry(why) => write!(f, "entry {why}"),
        }
    }
}

impl core::error::Error for Invalid {}
