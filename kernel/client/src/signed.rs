//! What the relay has signed of the order, compared with what this device recomputed from the records it holds.
//!
//! The tree is made from the records themselves, so a signature that fits it says that the relay stands by exactly this
//! order. Only then is an entry called durable.

use alloc::vec::Vec;

use daybook_log::checkpoint::{RelayKey, SignedCheckpoint};
use daybook_log::codec::{decode_canonical, encode};
use daybook_log::limits::NOTE_BYTES_MAX;
use daybook_log::tree::{Frontier, TreeHash, TreeSize};
use daybook_log::{Genesis, Malformed, OrderRecord};
use serde::{Deserialize, Serialize};

/// Name of the stored value [`Kept`].
pub(crate) const META_SIGNED: &str = "signed";
/// Bytes of [`Kept`], at most: a note, and 63 hashes with their size.
const KEPT_BYTES_MAX: u32 = NOTE_BYTES_MAX.saturating_add(4 * 1024);

/// The stored value `signed`. Both parts are derived: without them, or where they do not fit, the records give the tree
/// again and the relay gives the note again.
#[derive(Serialize, Deserialize)]
struct Kept {
    frontier: Vec<u8>,
    note: Vec<u8>,
}

/// The tree over the records so far, and the newest checkpoint that fits it.
#[derive(Clone, Debug)]
pub(crate) struct Signed {
    relay: RelayKey,
    tree: Frontier,
    newest: Option<SignedCheckpoint>,
}

impl Signed {
    pub(crate) fn found(genesis: &Genesis) -> Result<Self, Malformed> {
        Ok(Self {
            relay: RelayKey::first(genesis).map_err(Malformed::Key)?,
            tree: Frontier::new(),
            newest: None,
        })
    }

    /// Takes what was stored, if it can be of the first `records` records; else the tree is made again as they come.
    pub(crate) fn resume(&mut self, bytes: &[u8], records: u64) {
        let Ok(kept) = decode_canonical::<Kept>(bytes, KEPT_BYTES_MAX) else {
            return;
        };
        let Ok(tree) = Frontier::decode(&kept.frontier) else {
            return;
        };
        let newest = SignedCheckpoint::open(&kept.note, &self.relay).ok();
        let fits = newest.as_ref().is_none_or(|newest| {
            let (size, root) = (newest.checkpoint().size, newest.checkpoint().root);
            size < tree.size() || (size == tree.size() && root == tree.root())
        });
        if fits && tree.size() == TreeSize(records) {
            (self.tree, self.newest) = (tree, newest);
        }
    }

    /// What is stored.
    pub(crate) fn keep(&self) -> Vec<u8> {
        let note = self.newest.as_ref().map(SignedCheckpoint::bytes);
        encode(&Kept {
            frontier: self.tree.encode(),
            note: note.unwrap_or_default(),
        })
    }

    /// Adds the next record. One that a resumed tree holds already changes nothing.
    pub(crate) fn push(&mut self, record: &OrderRecord) {
        if TreeSize(record.position.0) > self.tree.size() {
            self.tree.append(TreeHash::leaf(&record.encode()));
        }
    }

    /// Up to which position the relay's signature reaches.
    pub(crate) fn to(&self) -> u64 {
        self.newest
            .as_ref()
            .map_or(0, |newest| newest.checkpoint().size.0)
    }

    /// The checkpoint in a note, if it is the relay's, of this book, and of the records so far with `next` behind them.
    pub(crate) fn judge<'a>(
        &self,
        note: &[u8],
        next: impl Iterator<Item = &'a [u8]>,
    ) -> Option<SignedCheckpoint> {
        let signed = SignedCheckpoint::open(note, &self.relay).ok()?;
        let mut tree = self.tree.clone();
        for record in next {
            tree.append(TreeHash::leaf(record));
        }
        let (size, root) = (signed.checkpoint().size, signed.checkpoint().root);
        (size == tree.size() && root == tree.root()).then_some(signed)
    }

    /// Keeps a judged checkpoint, once its records are placed. True if it reaches further than the one before.
    pub(crate) fn advance(&mut self, signed: SignedCheckpoint) -> bool {
        let further = signed.checkpoint().size.0 > self.to();
        if further {
            self.newest = Some(signed);
        }
        further
    }
}
