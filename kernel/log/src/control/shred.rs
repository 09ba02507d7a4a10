//! Kinds 5 and 11: the keys of a subject end up to a generation, and who has dropped what they opened.

use crate::id::SubjectId;
use serde::{Deserialize, Serialize};

/// Kind 5. Signed by a manager.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shred {
    /// Whose keys end.
    pub subject: SubjectId,
    /// The newest generation that ends; all before it end too.
    pub generation: u32,
}

/// Kind 11. Signed by the device that has dropped them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShredAck {
    /// Whose keys are dropped.
    pub subject: SubjectId,
    /// Up to which generation.
    pub generation: u32,
}
