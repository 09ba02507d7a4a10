//! Kind 8: another author's entry that has no place of its own, carried by a manager. The exit of every blocked chain.

use crate::codec::{Malformed, Unreadable, within};
use crate::content::BodyFault;
use crate::entry::{Entry, Header, Kind};
use crate::limits::{HEADER_BYTES, READMIT_BYTES_MAX, SIGNATURE_BYTES};
use crate::reader::Reader;

/// The payload: the original's header, signature and body as they are. Its sealed slots are the carrier's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Readmit {
    original: Entry,
}

impl Readmit {
    /// Carries an entry of ops, or one that rotates keys.
    pub fn of(original: Entry) -> Result<Readmit, Malformed> {
        check_kind(original.header())?;
        Ok(Readmit { original })
    }

    /// What is carried.
    pub fn original(&self) -> &Entry {
        &self.original
    }

    /// The original with its body opened: it is bound to its own header, not to the carrier's.
    pub(crate) fn opened(self, plaintext: Result<&[u8], BodyFault>) -> Readmit {
        Readmit {
            original: self.original.opened(plaintext),
        }
    }

    pub(crate) fn encode(&self) -> &[u8] {
        let bytes = self.original.bytes();
        let front = HEADER_BYTES
            .saturating_add(SIGNATURE_BYTES)
            .saturating_add(self.original.header().body_len);
        usize::try_from(front)
            .ok()
            .and_then(|front| bytes.get(..front))
            .unwrap_or(bytes)
    }

    /// The kind is looked at before the rest is read, so that what is carried carries nothing itself.
    pub(crate) fn decode(payload: &[u8]) -> Result<Readmit, Unreadable> {
        within(payload, READMIT_BYTES_MAX)?;
        check_kind(&Header::decode(&mut Reader(payload))?)?;
        let original = Entry::decode(payload)?;
        Ok(Readmit { original })
    }
}

fn check_kind(header: &Header) -> Result<(), Malformed> {
    match header.kind {
        Kind::Ops | Kind::KeyRotate => Ok(()),
        _ => Err(Malformed::ReadmitKind),
    }
}

/// The carrier's slots are the original's.
pub(crate) fn check_slots(carrier: &Header, payload: &[u8]) -> Result<(), Unreadable> {
    let original = Header::decode(&mut Reader(payload))?;
    let slots = |header: &Header| (header.sealed_len, header.sealed_hash);
    if slots(carrier) == slots(&original) {
        Ok(())
    } else {
        Err(Malformed::ReadmitSlots.into())
    }
}
