//! The content keys that this installation holds, and which of them counts: a key is used only for the epoch under which
//! the log declares that very key, for opening and for writing alike.

use alloc::vec::Vec;

use daybook_log::{Body, BookLog, ContentEpoch, ContentNotice, Entry, OrderedEntry};

use crate::content::{ContentKey, ContentKeys, KeyMissing, RingFault};
use crate::identity::Keys;

/// The keys at hand.
#[derive(Debug, Default)]
pub(crate) struct Keyring {
    /// Those that the log declares, as far as it is placed.
    ring: ContentKeys,
    /// Those that are stored; they count from where the log declares them.
    stored: Vec<(ContentEpoch, ContentKey)>,
}

impl Keyring {
    /// What an installation has stored, before the first entry is placed.
    pub(crate) fn of(keys: &Keys) -> Self {
        Self {
            ring: ContentKeys::default(),
            stored: keys.content(),
        }
    }

    /// Takes a key that came beside the log.
    pub(crate) fn hold(
        &mut self,
        epoch: ContentEpoch,
        key: ContentKey,
        log: &BookLog,
    ) -> Result<(), RingFault> {
        let declared = log.content_key(epoch).ok_or(RingFault::NotDeclared)?;
        self.ring.insert(epoch, key, &declared.commitment)
    }

    /// An entry is placed: what it declares may make a stored key count.
    pub(crate) fn placed(&mut self, ordered: &OrderedEntry, log: &BookLog) {
        if let Body::ContentEpoch(ContentNotice::Declare { number, .. }) = ordered.entry.body() {
            let of_epoch = |(epoch, _): &mut (ContentEpoch, ContentKey)| epoch == number;
            let found: Vec<_> = self.stored.extract_if(.., of_epoch).collect();
            for (epoch, key) in found {
                // another key than the declared one opens nothing
                let _other: Result<_, _> = self.hold(epoch, key, log);
            }
        }
    }

    /// Opens a placed entry if its key is here. Without the key it stays closed, and the fold stops before it.
    pub(crate) fn open(&self, ordered: &mut OrderedEntry) {
        // the fold tells whoever waits which key is missing
        let _missing: Result<(), KeyMissing> = self.ring.open_placed(ordered);
    }

    /// Opens an entry without a place if its key is here.
    pub(crate) fn open_own(&self, entry: Entry) -> Entry {
        self.ring.open_own(entry.clone()).unwrap_or(entry)
    }

    /// Under which key an own body is written now: the newest usable one that is here. None while the log has no usable
    /// one; once it has, nothing goes out in clear.
    pub(crate) fn writes(&self, log: &BookLog) -> Result<Option<Content<'_>>, KeyMissing> {
        let usable = log
            .content_keys()
            .filter_map(|(epoch, key)| Some((key.confirmed?, epoch)));
        let held = usable.clone().filter_map(|(at, epoch)| {
            let key = self.ring.get(epoch)?;
            Some((at, epoch, Content { epoch, key }))
        });
        match (
            held.max_by_key(|(at, epoch, _)| (*at, *epoch)),
            usable.max(),
        ) {
            (Some((_, _, content)), _) => Ok(Some(content)),
            (None, Some((_, epoch))) => Err(KeyMissing { epoch }),
            (None, None) => Ok(None),
        }
    }
}

/// What own bodies are encrypted under.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Content<'a> {
    pub(crate) epoch: ContentEpoch,
    pub(crate) key: &'a ContentKey,
}
