//! What the page wants.

use serde::{Deserialize, Serialize};

use crate::{OpName, Val};

/// One frame from the page to the worker.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ToWorker {
    /// Comes back with the answer.
    pub ticket: u64,
    /// What is wanted.
    pub ask: Ask,
}

/// A command or a query; each is answered once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Ask {
    /// Make a book on the relay that served this page.
    Create {
        /// The set-up code that the relay printed.
        setup_code: String,
        /// This device's code on its documents, `[A-Z0-9-]{1,12}`.
        label: String,
    },
    /// Ask to be let into a book on the relay that served this page.
    Join {
        /// The book.
        book: [u8; 32],
        /// This device's code on its documents.
        label: String,
    },
    /// Who asks to be let in.
    Askers,
    /// Let one of them in.
    Approve {
        /// Of [`crate::AskerView::id`].
        id: [u8; 32],
    },
    /// Sign ops as one entry; each applies or is refused by itself.
    Append {
        /// 1..=256 ops.
        ops: Vec<NewOp>,
    },
    /// Exchange everything with the relay now.
    Sync,
    /// Derive the books again from zero and compare.
    Prove,
    /// The browser says that there is, or is not, a network.
    Network(bool),
    /// How this installation stands.
    Status,
    /// The two hashes of the books as they stand.
    Hashes,
    /// All rows of an entity.
    Rows {
        /// The entity's name.
        entity: String,
    },
    /// The newest documents.
    Documents {
        /// At most so many.
        limit: u32,
    },
    /// One document with everything that belongs to it.
    Document {
        /// Its id.
        id: [u8; 16],
    },
    /// The trial balance.
    Balance,
    /// Booked lines.
    Lines {
        /// Which.
        filter: LineFilter,
        /// At most so many, the newest.
        limit: u32,
    },
    /// Refused and flagged ops.
    Attention {
        /// At most so many, the newest.
        limit: u32,
    },
    /// What stands behind one op.
    Op(OpName),
    /// The installations that the book admits.
    Devices,
    /// Add one minor unit to a stored posting behind the kernel's back (build for a falsifier only).
    #[cfg(feature = "falsify")]
    Tamper,
}

/// One op to be signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewOp {
    /// The verb's name.
    pub verb: String,
    /// Inputs by name; what is missing is filled at the edge or left out.
    pub inputs: Vec<(String, Val)>,
}

/// Which lines are wanted. Everything that is given must match.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFilter {
    /// The row that they belong to.
    pub doc: Option<[u8; 16]>,
    /// The role's name.
    pub role: Option<String>,
    /// Dimensions from the first on.
    pub dims: Vec<Val>,
    /// Three letters.
    pub currency: Option<String>,
}
