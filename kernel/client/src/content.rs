//! Content keys and what is encrypted under them: bodies of ops ([`ContentKey::seal`], [`ContentKeys::open`]) and the
//! keys themselves, wrapped to members ([`wrap`]). Layouts and rules: `docs/spec/content.md`.
//!
//! The AEAD alone does not commit to its key: one ciphertext can open under two keys to two plaintexts. So each body says
//! first which key and header it is of. **Invariant:** nothing is decrypted before that commitment was compared, in
//! constant time; and a key is in the ring only if it is the one that the log declared.

mod key;
#[cfg(test)]
#[allow(
    clippy::arithmetic_side_effects,
    clippy::std_instead_of_core,
    reason = "tests may overflow and may read the environment: both end in a red test"
)]
mod tests;
pub mod wrap;

pub use key::ContentKey;

use alloc::collections::BTreeMap;
use alloc::vec::Vec;
use core::fmt;
use daybook_log::limits::LIST_MAX;
use daybook_log::{BodyFault, ContentEpoch, Entry, KeyCommitment, OrderedEntry, VerifiedEntry};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// Why a key is not taken into the ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingFault {
    /// Epoch 0 is "in clear" and has no key.
    EpochZero,
    /// The key is not the one that the log declared for this epoch.
    NotDeclared,
    /// More epochs than a list may have.
    Full,
}

impl fmt::Display for RingFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            RingFault::EpochZero => "content epoch 0 has no key",
            RingFault::NotDeclared => "not the content key that the log declares",
            RingFault::Full => "too many content epochs",
        })
    }
}

impl core::error::Error for RingFault {}

/// A body cannot be read by this device yet, or for ever: stop before it, loudly. Nothing is skipped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyMissing {
    /// Whose key is not in the ring.
    pub epoch: ContentEpoch,
}

impl fmt::Display for KeyMissing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the content key of epoch {} is not here", self.epoch)
    }
}

impl core::error::Error for KeyMissing {}

/// What a key that is in the ring says to a body.
type Plaintext = Result<Zeroizing<Vec<u8>>, BodyFault>;

fn borrowed(plaintext: &Plaintext) -> Result<&[u8], BodyFault> {
    match plaintext {
        Ok(bytes) => Ok(bytes),
        Err(why) => Err(*why),
    }
}

/// The content keys that this device holds, by epoch.
///
/// ```
/// use daybook_client::content::{ContentKey, ContentKeys, KeyMissing};
/// use daybook_log::{
///     AuthorId, Body, BookId, ContentEpoch, Draft, ManifestId, Op, OpsBody, Signature,
/// };
/// let op = Op { verb: 1, input: vec![2], slots: vec![] };
/// let body = OpsBody { manifest: ManifestId::ZERO, authored_at_ms: 0, ops: vec![op] };
/// let draft = Draft::first(BookId::ZERO, AuthorId::ZERO);
/// let (epoch, key) = (ContentEpoch(1), ContentKey::from_seed([7; 32]));
/// let entry = key.seal(&draft, epoch, &body, [8; 24])?.finish(Signature::ZERO);
///
/// let mut ring = ContentKeys::default();
/// assert_eq!(ring.open_own(entry.clone()), Err(KeyMissing { epoch }));
/// let declared = key.commitment();
/// ring.insert(epoch, key, &declared)?;
/// assert_eq!(*ring.open_own(entry)?.body(), Body::Ops(body));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct ContentKeys(BTreeMap<ContentEpoch, ContentKey>);

impl ContentKeys {
    /// Takes a key, if it is the one that the log declared for the epoch. A non-matching key stays outside, and the epoch
    /// missing: so what fails under a key of this ring fails for everybody who can read at all.
    ///
    /// # Errors
    /// [`RingFault`]; the ring is as it was.
    pub fn insert(
        &mut self,
        epoch: ContentEpoch,
        key: ContentKey,
        declared: &KeyCommitment,
    ) -> Result<(), RingFault> {
        if epoch == ContentEpoch::ZERO {
            return Err(RingFault::EpochZero);
        }
        if bool::from(key.commitment().0.ct_ne(&declared.0)) {
            return Err(RingFault::NotDeclared);
        }
        let is_full = u32::try_from(self.0.len()).is_ok_and(|held| held >= LIST_MAX);
        if is_full && !self.0.contains_key(&epoch) {
            return Err(RingFault::Full);
        }
        self.0.insert(epoch, key);
        Ok(())
    }

    /// The key of an epoch.
    #[must_use]
    pub fn get(&self, epoch: ContentEpoch) -> Option<&ContentKey> {
        self.0.get(&epoch)
    }

    /// Every epoch and key, rising: what a member who joins receives.
    pub fn iter(&self) -> impl Iterator<Item = (ContentEpoch, &ContentKey)> {
        self.0.iter().map(|(epoch, key)| (*epoch, key))
    }

    /// The same entry with its body opened, or that of the original which it readmits: ops, or the reason why the whole
    /// entry is refused. A body in clear stays.
    ///
    /// # Errors
    /// [`KeyMissing`]: halt. The entry is good as far as anybody without the key can see.
    pub fn open(&self, entry: VerifiedEntry) -> Result<VerifiedEntry, KeyMissing> {
        Ok(match self.plaintext(&entry)? {
            None => entry,
            Some(plaintext) => entry.opened(borrowed(&plaintext)),
        })
    }

    /// [`ContentKeys::open`] for an entry in its place: what the fold takes.
    ///
    /// # Errors
    /// [`KeyMissing`].
    pub fn open_placed(&self, entry: &mut OrderedEntry) -> Result<(), KeyMissing> {
        if let Some(plaintext) = self.plaintext(&entry.entry)? {
            *entry = entry.clone().opened(borrowed(&plaintext));
        }
        Ok(())
    }

    /// [`ContentKeys::open`] for an own entry that has no position yet.
    ///
    /// # Errors
    /// [`KeyMissing`].
    pub fn open_own(&self, entry: Entry) -> Result<Entry, KeyMissing> {
        Ok(match self.plaintext(&entry)? {
            None => entry,
            Some(plaintext) => entry.opened(borrowed(&plaintext)),
        })
    }

    /// What an entry's body says to the cipher; none if it is in clear.
    fn plaintext(&self, entry: &Entry) -> Result<Option<Plaintext>, KeyMissing> {
        let Some((header, sealed)) = entry.sealed_body() else {
            return Ok(None);
        };
        let epoch = header.content_epoch;
        let key = self.get(epoch).ok_or(KeyMissing { epoch })?;
        Ok(Some(key.decrypt(&header.content_aad(), sealed)))
    }
}
