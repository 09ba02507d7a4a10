//! Checkpoints (c2sp.org/tlog-checkpoint): the relay's signature over how far a book's order reaches and what stands
//! there, in one short note. See `docs/spec/checkpoint.md`.

use crate::genesis::Genesis;
use crate::id::{BookId, RelayEpoch};
use crate::keys::{AdmittedKey, KeyFault, PublicKey, SecretKey};
use crate::limits::TREE_SIZE_MAX;
use crate::note::{KeyName, Note, NoteFault, NoteKey};
use crate::text::{base64_array, decimal};
use crate::tree::{Frontier, TreeHash, TreeSize};
use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use base64ct::{Base64, Encoding};
use core::fmt;
use core::str::FromStr;

const ORIGIN: &str = "daybook/v1/";

/// Why a note is no checkpoint of this book and relay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointFault {
    /// Not a note that the relay's key signed.
    Note(NoteFault),
    /// Not three lines: origin, size, root.
    Lines,
    /// The first line is not `daybook/v1/BOOK/eEPOCH` in its one form.
    Origin,
    /// The second line is not a decimal in its one form, or more leaves than a tree may have.
    Size,
    /// The third line is not the base64 of 32 bytes in its one form.
    Root,
    /// A tree without leaves has one root, and this is another.
    EmptyRoot,
    /// Of another book or relay epoch.
    OtherOrigin,
}

impl From<NoteFault> for CheckpointFault {
    fn from(fault: NoteFault) -> Self {
        CheckpointFault::Note(fault)
    }
}

impl fmt::Display for CheckpointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = match self {
            CheckpointFault::Note(fault) => return write!(f, "note: {fault}"),
            CheckpointFault::Lines => "not three lines of origin, size and root",
            CheckpointFault::Origin => "the origin is not in its one form",
            CheckpointFault::Size => "the size is not in its one form, or too large",
            CheckpointFault::Root => "the root is not in its one form",
            CheckpointFault::EmptyRoot => "not the root of a tree without leaves",
            CheckpointFault::OtherOrigin => "of another book or relay epoch",
        };
        f.write_str(text)
    }
}

impl core::error::Error for CheckpointFault {}

/// Whose order: a book under one relay key. Its text names no host, so a book can move and its proofs stay.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Origin {
    /// The book.
    pub book: BookId,
    /// Which of its relays.
    pub epoch: RelayEpoch,
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{ORIGIN}{}/e{}", self.book, self.epoch)
    }
}

impl FromStr for Origin {
    type Err = CheckpointFault;
    fn from_str(text: &str) -> Result<Self, CheckpointFault> {
        let (book, epoch) = text
            .strip_prefix(ORIGIN)
            .and_then(|rest| rest.split_once("/e"))
            .ok_or(CheckpointFault::Origin)?;
        let epoch = decimal(epoch).and_then(|epoch| u32::try_from(epoch).ok());
        Ok(Origin {
            book: book.parse().map_err(|_| CheckpointFault::Origin)?,
            epoch: RelayEpoch(epoch.ok_or(CheckpointFault::Origin)?),
        })
    }
}

/// The key of a relay for one epoch of one book; its lines bear the origin as their name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RelayKey {
    origin: Origin,
    key: NoteKey,
}

impl RelayKey {
    /// The key that the registry names in the role of the relay.
    pub fn new(origin: Origin, key: AdmittedKey) -> RelayKey {
        RelayKey {
            key: NoteKey::new(KeyName(origin.to_string()), key),
            origin,
        }
    }

    /// The key that a genesis names: of the book's first relay.
    pub fn first(genesis: &Genesis) -> Result<RelayKey, KeyFault> {
        let origin = Origin {
            book: genesis.book_id(),
            epoch: RelayEpoch::ZERO,
        };
        Ok(RelayKey::new(
            origin,
            AdmittedKey::admit(genesis.relay_key)?,
        ))
    }

    /// The book and epoch.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// As a note's key, for tools that know notes and nothing of books.
    pub fn note_key(&self) -> &NoteKey {
        &self.key
    }
}

/// How far an order reaches and what stands there. The tip at `size` is `derive("order", record)` of the last leaf, so
/// the root fixes it; a receipt of that leaf shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// Whose order.
    pub origin: Origin,
    /// How many records: the position of the newest.
    pub size: TreeSize,
    /// The root of their tree.
    pub root: TreeHash,
}

impl Checkpoint {
    /// Of a tree as it stands.
    pub fn of(origin: Origin, tree: &Frontier) -> Checkpoint {
        Checkpoint {
            origin,
            size: tree.size(),
            root: tree.root(),
        }
    }

    /// The note's text: three lines. `Checkpoint::parse` reads this and nothing else.
    pub fn text(&self) -> String {
        let root = Base64::encode_string(&self.root.0);
        format!("{}\n{}\n{root}\n", self.origin, self.size)
    }

    /// Reads a note's text, which somebody must have verified.
    pub fn parse(text: &str) -> Result<Checkpoint, CheckpointFault> {
        let lines = text.strip_suffix('\n').ok_or(CheckpointFault::Lines)?;
        let mut lines = lines.split('\n');
        let three = [lines.next(), lines.next(), lines.next(), lines.next()];
        let [Some(origin), Some(size), Some(root), None] = three else {
            return Err(CheckpointFault::Lines);
        };
        let origin = origin.parse()?;
        let size = decimal(size)
            .filter(|size| *size <= TREE_SIZE_MAX)
            .ok_or(CheckpointFault::Size)?;
        let root = TreeHash(base64_array(root).ok_or(CheckpointFault::Root)?);
        if size == 0 && root != TreeHash::empty() {
            return Err(CheckpointFault::EmptyRoot);
        }
        Ok(Checkpoint {
            origin,
            size: TreeSize(size),
            root,
        })
    }
}

/// A checkpoint with the relay's signature, verified; no other line is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedCheckpoint {
    checkpoint: Checkpoint,
    key: PublicKey,
    note: Note,
}

impl SignedCheckpoint {
    /// Reads a note and checks that it is a checkpoint by this relay key for its book and epoch.
    ///
    /// ```
    /// use daybook_log::checkpoint::*;
    /// use daybook_log::tree::{TreeHash, TreeSize};
    /// use daybook_log::{AdmittedKey, BookId, RelayEpoch, SecretKey};
    /// let secret = SecretKey::from_seed([7; 32]);
    /// let origin = Origin { book: BookId([1; 32]), epoch: RelayEpoch(0) };
    /// let made = Checkpoint { origin, size: TreeSize(1), root: TreeHash::leaf(b"a record") };
    /// let bytes = SignedCheckpoint::sign(made, &secret)?.bytes();
    /// let relay = RelayKey::new(origin, AdmittedKey::admit(secret.public()).expect("a good key"));
    /// assert_eq!(*SignedCheckpoint::open(&bytes, &relay)?.checkpoint(), made);
    /// # Ok::<(), CheckpointFault>(())
    /// ```
    pub fn open(bytes: &[u8], relay: &RelayKey) -> Result<SignedCheckpoint, CheckpointFault> {
        SignedCheckpoint::of(&Note::parse(bytes)?, relay)
    }

    /// The same for a note that is read already.
    pub fn of(note: &Note, relay: &RelayKey) -> Result<SignedCheckpoint, CheckpointFault> {
        let note = note.verified(&relay.key)?;
        let checkpoint = Checkpoint::parse(note.text())?;
        if checkpoint.origin != relay.origin {
            return Err(CheckpointFault::OtherOrigin);
        }
        Ok(SignedCheckpoint {
            checkpoint,
            key: relay.key.public(),
            note,
        })
    }

    /// Signs with a relay's key what a reader would take. The signer must have recorded, durably and under its lock,
    /// that it signs this and no other root at this size.
    pub fn sign(
        checkpoint: Checkpoint,
        key: &SecretKey,
    ) -> Result<SignedCheckpoint, CheckpointFault> {
        let checkpoint = Checkpoint::parse(&checkpoint.text())?;
        let name = KeyName(checkpoint.origin.to_string());
        Ok(SignedCheckpoint {
            checkpoint,
            key: key.public(),
            note: Note::sign(&checkpoint.text(), &name, key)?,
        })
    }

    /// What was signed.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// By which key.
    pub fn key(&self) -> PublicKey {
        self.key
    }

    /// The note with the relay's line alone.
    pub fn note(&self) -> &Note {
        &self.note
    }

    /// The note's bytes: what is stored, sent, and shown as evidence.
    pub fn bytes(&self) -> Vec<u8> {
        self.note.to_string().into_bytes()
    }
}
