//! Kind 7: an author says what it computed at a position, by which build, and which bodies it holds.

use crate::codec::Malformed;
use crate::id::{ManifestId, Position, StateHash, Tip};
use crate::limits::BUILD_CHARS_MAX;
use alloc::string::String;
use serde::{Deserialize, Serialize};

/// The payload. Two of one position and tip with different state hashes under one manifest are the loudest alarm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attest {
    /// Up to where the author had folded.
    pub position: Position,
    /// The order chain's value there.
    pub tip: Tip,
    /// What the fold gave.
    pub state_hash: StateHash,
    /// The manifest adopted last at that position.
    pub manifest: ManifestId,
    /// The build that computed it: 1..=64 of `A-Z a-z 0-9 . + - _`.
    pub build: String,
    /// The oldest position whose body the author holds with all after it, from 1; position + 1 where it holds none.
    pub floor: Position,
}

impl Attest {
    pub(crate) fn check(&self) -> Result<(), Malformed> {
        let plain = |c: u8| c.is_ascii_alphanumeric() || b".+-_".contains(&c);
        let fits =
            u32::try_from(self.build.len()).is_ok_and(|len| (1..=BUILD_CHARS_MAX).contains(&len));
        if !fits || !self.build.bytes().all(plain) {
            return Err(Malformed::BuildId);
        }
        if self.floor == Position::ZERO || self.floor.0 > self.position.0.saturating_add(1) {
            return Err(Malformed::Floor);
        }
        Ok(())
    }
}
