//! One order record: which entry stands at which position, chained to the record before it.

use crate::codec::{Malformed, Unreadable, Unsupported};
use crate::entry::Kind;
use crate::hash::{Thing, derive};
use crate::id::{EntryId, Position, RelayEpoch, Tip};
use crate::keys::Signature;
use crate::reader::Reader;
use alloc::vec::Vec;

/// The record format of this build.
pub const FORMAT: u8 = 1;
/// The record's length as an array length.
pub const BYTES: usize = 152;

/// 152 bytes that the relay makes; their hash is the tip at their position.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct OrderRecord {
    /// Which relay.
    pub epoch: RelayEpoch,
    /// From 1, without gaps.
    pub position: Position,
    /// The relay's clock, milliseconds since 1970. Never falls within an epoch; decides nothing.
    pub relay_time_ms: i64,
    /// The tip at the position before; the book id at position 1.
    pub prev_tip: Tip,
    /// The entry that stands here.
    pub entry_id: EntryId,
    /// Its kind.
    pub kind: Kind,
    /// The author's signature as first stored.
    pub signature: Signature,
}

impl OrderRecord {
    /// The 152 bytes.
    pub fn encode(&self) -> [u8; BYTES] {
        let mut bytes = Vec::with_capacity(BYTES);
        bytes.extend_from_slice(&[FORMAT, self.kind.number(), 0, 0]);
        bytes.extend_from_slice(&self.epoch.0.to_le_bytes());
        bytes.extend_from_slice(&self.position.0.to_le_bytes());
        bytes.extend_from_slice(&self.relay_time_ms.to_le_bytes());
        bytes.extend_from_slice(&self.prev_tip.0);
        bytes.extend_from_slice(&self.entry_id.0);
        bytes.extend_from_slice(&self.signature.0);
        assert!(
            bytes.len() == BYTES,
            "the fields of a record add up to its length"
        );
        let mut out = [0; BYTES];
        out.copy_from_slice(&bytes);
        out
    }

    /// Reads a record from exactly 152 bytes.
    pub fn decode(bytes: &[u8]) -> Result<OrderRecord, Unreadable> {
        let mut reader = Reader(bytes);
        match reader.u8()? {
            FORMAT => {}
            other => return Err(Unsupported::Format(other).into()),
        }
        let kind = Kind::from_number(reader.u8()?)?;
        match reader.u16()? {
            0 => {}
            other => return Err(Unsupported::Reserved(other).into()),
        }
        let record = OrderRecord {
            kind,
            epoch: RelayEpoch(reader.u32()?),
            position: Position(reader.u64()?),
            relay_time_ms: reader.i64()?,
            prev_tip: Tip(reader.array()?),
            entry_id: EntryId(reader.array()?),
            signature: Signature(reader.array()?),
        };
        reader.end()?;
        if record.position == Position::ZERO {
            return Err(Malformed::PositionZero.into());
        }
        Ok(record)
    }

    /// The order chain's value at this position.
    pub fn tip(&self) -> Tip {
        Tip(derive(Thing::Order, &[&self.encode()]))
    }
}
