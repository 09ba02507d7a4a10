//! Kind 10: a key for encrypted bodies is declared by its commitment, and confirmed by a second member who holds it.

use crate::codec::Malformed;
use crate::id::{ContentEpoch, KeyCommitment};
use serde::{Deserialize, Serialize};

/// The payload. The key itself travels wrapped, outside the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ContentNotice {
    /// There is such a key. Signed by a manager.
    Declare {
        /// What headers will name, from 1.
        number: ContentEpoch,
        /// A hash of the key that commits to it.
        commitment: KeyCommitment,
    },
    /// The author of this entry, who is not the one that declared it, holds the key.
    Confirm {
        /// Which one.
        number: ContentEpoch,
        /// The same as declared.
        commitment: KeyCommitment,
    },
}

impl ContentNotice {
    /// What headers name.
    pub fn number(&self) -> ContentEpoch {
        match self {
            ContentNotice::Declare { number, .. } | ContentNotice::Confirm { number, .. } => {
                *number
            }
        }
    }

    pub(crate) fn check(&self) -> Result<(), Malformed> {
        if self.number() == ContentEpoch::ZERO {
            return Err(Malformed::ContentNumber);
        }
        Ok(())
    }
}
