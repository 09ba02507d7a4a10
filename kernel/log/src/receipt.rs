//! Receipts (c2sp.org/tlog-proof): one text in which a stranger finds an order record, the way from it to a root, and
//! the relay's signature over that root. See `docs/spec/checkpoint.md`.

use crate::checkpoint::{CheckpointFault, RelayKey, SignedCheckpoint};
use crate::codec::Unreadable;
use crate::id::{Position, Tip};
use crate::limits::{PROOF_HASHES_MAX, RECEIPT_BYTES_MAX};
use crate::order::OrderRecord;
use crate::text::{base64, base64_array, decimal};
use crate::tree::{LeafIndex, ProofFault, TreeHash, verify_inclusion};
use alloc::string::String;
use alloc::vec::Vec;
use base64ct::{Base64, Encoding};
use core::fmt;

const FIRST_LINE: &str = "c2sp.org/tlog-proof@v1\n";

/// Why a text is no receipt, or does not hold.
///
/// The last three accuse: the relay signed a tree with a leaf that its own rules forbid. But a record that is
/// `Unsupported` accuses nobody: it may be right under a newer format, and asks for an update.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ReceiptFault {
    /// More bytes than the limit, which is checked before any other work.
    TooLong,
    /// Not UTF-8, or it does not begin as a tlog-proof, or no empty line stands before the checkpoint.
    Form,
    /// The record's line is missing or not in its one form.
    Extra,
    /// The index's line is missing or not in its one form.
    Index,
    /// A line of the proof is not the base64 of 32 bytes in its one form.
    Hash,
    /// More hashes than the limit.
    TooMany,
    /// The checkpoint is not this relay's for this book and epoch.
    Checkpoint(CheckpointFault),
    /// The record is not the leaf at that index under the checkpoint's root.
    Proof(ProofFault),
    /// It holds, for another record than the one asked for.
    OtherRecord,
    /// It holds, for bytes that are no order record.
    Record(Unreadable),
    /// It holds, for a record of another position than its leaf's.
    Position,
    /// It holds, for a record of a later relay epoch than the checkpoint's.
    Epoch,
}

impl From<CheckpointFault> for ReceiptFault {
    fn from(fault: CheckpointFault) -> Self {
        ReceiptFault::Checkpoint(fault)
    }
}

impl fmt::Display for ReceiptFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            ReceiptFault::Checkpoint(fault) => return write!(f, "checkpoint: {fault}"),
            ReceiptFault::Proof(fault) => return write!(f, "proof: {fault}"),
            ReceiptFault::Record(why) => return write!(f, "the relay signed a leaf: {why}"),
            ReceiptFault::TooLong => "longer than receipts may be",
            ReceiptFault::Form => "not a tlog-proof",
            ReceiptFault::Extra => "the record's line is not in its one form",
            ReceiptFault::Index => "the index's line is not in its one form",
            ReceiptFault::Hash => "a hash is not in its one form",
            ReceiptFault::TooMany => "too many hashes",
            ReceiptFault::OtherRecord => "for another record",
            ReceiptFault::Position => "the relay signed a leaf of another position",
            ReceiptFault::Epoch => "the relay signed a leaf of a later epoch",
        };
        f.write_str(text)
    }
}

impl core::error::Error for ReceiptFault {}

/// A tlog-proof that has its form; nothing of it is verified. `Display` gives the text that was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlogProof {
    /// What stands in the `extra` line: the leaf's bytes.
    pub record: Vec<u8>,
    /// Which leaf.
    pub index: LeafIndex,
    /// From the leaf's sibling up to the root's child.
    pub hashes: Vec<TreeHash>,
    /// The checkpoint as the relay gave it, with all its signature lines.
    pub note: String,
}

impl TlogProof {
    /// Reads all of `bytes`. The `extra` line, which the format leaves to its users, must be there: it holds the record.
    pub fn parse(bytes: &[u8]) -> Result<TlogProof, ReceiptFault> {
        if !u32::try_from(bytes.len()).is_ok_and(|len| len <= RECEIPT_BYTES_MAX) {
            return Err(ReceiptFault::TooLong);
        }
        let text = core::str::from_utf8(bytes).map_err(|_| ReceiptFault::Form)?;
        let (head, note) = text
            .strip_prefix(FIRST_LINE)
            .and_then(|rest| rest.split_once("\n\n"))
            .ok_or(ReceiptFault::Form)?;
        let mut lines = head.split('\n');
        let mut field = |name: &str| lines.next()?.strip_prefix(name)?.strip_prefix(' ');
        let record = field("extra")
            .and_then(base64)
            .filter(|record| !record.is_empty())
            .ok_or(ReceiptFault::Extra)?;
        let index = field("index")
            .and_then(decimal)
            .ok_or(ReceiptFault::Index)?;
        let mut hashes = Vec::new();
        for line in lines {
            if !u32::try_from(hashes.len()).is_ok_and(|len| len < PROOF_HASHES_MAX) {
                return Err(ReceiptFault::TooMany);
            }
            hashes.push(TreeHash(base64_array(line).ok_or(ReceiptFault::Hash)?));
        }
        Ok(TlogProof {
            record,
            index: LeafIndex(index),
            hashes,
            note: String::from(note),
        })
    }
}

impl fmt::Display for TlogProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let record = Base64::encode_string(&self.record);
        write!(f, "{FIRST_LINE}extra {record}\nindex {}\n", self.index)?;
        for hash in &self.hashes {
            writeln!(f, "{}", Base64::encode_string(&hash.0))?;
        }
        write!(f, "\n{}", self.note)
    }
}

/// An order record that is under a root which the relay signed: verified, all of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Receipt {
    record: OrderRecord,
    signed: SignedCheckpoint,
    hashes: Vec<TreeHash>,
}

impl Receipt {
    /// Reads and checks a receipt whose record the reader does not have: a stranger's way.
    pub fn open(bytes: &[u8], relay: &RelayKey) -> Result<Receipt, ReceiptFault> {
        let proof = TlogProof::parse(bytes)?;
        let signed = SignedCheckpoint::open(proof.note.as_bytes(), relay)?;
        let top = (signed.checkpoint().size, &signed.checkpoint().root);
        let leaf = TreeHash::leaf(&proof.record);
        verify_inclusion(proof.index, &leaf, top, &proof.hashes).map_err(ReceiptFault::Proof)?;
        let record = OrderRecord::decode(&proof.record).map_err(ReceiptFault::Record)?;
        if LeafIndex::of(record.position) != Some(proof.index) {
            return Err(ReceiptFault::Position);
        }
        if record.epoch > relay.origin().epoch {
            return Err(ReceiptFault::Epoch);
        }
        Ok(Receipt {
            record,
            signed,
            hashes: proof.hashes,
        })
    }

    /// The record.
    pub fn record(&self) -> &OrderRecord {
        &self.record
    }

    /// The checkpoint that covers it.
    pub fn signed(&self) -> &SignedCheckpoint {
        &self.signed
    }

    /// The order chain's value that the relay stands by, and where: the record fixes it, and the root fixes the record.
    pub fn tip(&self) -> (Position, Tip) {
        (self.record.position, self.record.tip())
    }

    /// The receipt as a text, with the relay's signature line alone.
    pub fn proof(&self) -> TlogProof {
        TlogProof {
            record: self.record.encode().to_vec(),
            index: LeafIndex(self.record.position.0.saturating_sub(1)),
            hashes: self.hashes.clone(),
            note: alloc::format!("{}", self.signed.note()),
        }
    }
}

/// Checks a receipt for a record that the reader has: the one way to believe that the relay put it in its order.
///
/// ```
/// use daybook_log::checkpoint::*;
/// use daybook_log::receipt::{ReceiptFault, TlogProof, verify_receipt};
/// use daybook_log::tree::{LeafIndex, TreeHash, TreeSize};
/// use daybook_log::*;
/// let secret = SecretKey::from_seed([7; 32]);
/// let origin = Origin { book: BookId([1; 32]), epoch: RelayEpoch(0) };
/// let record = OrderRecord {
///     epoch: origin.epoch, position: Position(1), relay_time_ms: 0, prev_tip: Tip([1; 32]),
///     entry_id: EntryId([2; 32]), kind: Kind::Ops, signature: Signature([3; 64]),
/// };
/// // A tree of one leaf: its root is the leaf's hash, and the proof has no hashes.
/// let root = TreeHash::leaf(&record.encode());
/// let signed = SignedCheckpoint::sign(Checkpoint { origin, size: TreeSize(1), root }, &secret)?;
/// let note = signed.note().to_string();
/// let text = TlogProof { record: record.encode().to_vec(), index: LeafIndex(0), hashes: vec![], note }.to_string();
/// let relay = RelayKey::new(origin, AdmittedKey::admit(secret.public()).expect("a good key"));
/// assert_eq!(verify_receipt(text.as_bytes(), &record, &relay)?.tip(), (Position(1), record.tip()));
/// # Ok::<(), ReceiptFault>(())
/// ```
pub fn verify_receipt(
    bytes: &[u8],
    record: &OrderRecord,
    relay: &RelayKey,
) -> Result<Receipt, ReceiptFault> {
    let receipt = Receipt::open(bytes, relay)?;
    if receipt.record == *record {
        Ok(receipt)
    } else {
        Err(ReceiptFault::OtherRecord)
    }
}
