//! Kind 10: a key for encrypted bodies is declared by its commitment, and confirmed by a second member who holds it.

use crate::codec::Malformed;
use serde::{Deserialize, Serialize};

/// The payload. The key itself travels wrapped, outside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentEpoch {
    /// There is such a key. Signed by a manager.
    Declare {
        /// What headers will name, from 1.
        number: u32,
        /// A hash of the key that commits to it.
        commitment: [u8; 32],
    },
    /// The author of this entry, who is not the one that declared it, holds the key.
    Confirm {
        /// Which one.
        number: u32,
        /// The same as declared.
        commitment: [u8; 32],
    },
}

impl ContentEpoch {
    /// What headers name.
    pub fn number(&self) -> u32 {
        match self {
            ContentEpoch::Declare { number, .. } | ContentEpoch::Confirm { number, .. } => *number,
        }
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        if self.number() == 0 {
            return Err(Malformed::ContentNumber);
        }
        Ok(())
    }
}
