//! What a book starts from. Its hash is the book's id.

use crate::codec::{Malformed, Unreadable, Unsupported, decode_canonical, encode};
use crate::hash::{Thing, derive};
use crate::id::{BookId, ManifestId};
use crate::keys::{AdmittedKey, PublicKey};
use crate::limits::{GENESIS_BYTES_MAX, ROOT_KEYS_MAX};
use alloc::collections::BTreeSet;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// The genesis format of this build.
pub const GENESIS_FORMAT: u8 = 1;

/// Root keys, first relay key and first manifest of a book, with 32 bytes of chance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Genesis {
    /// 1.
    pub format: u8,
    /// Chance, so that two books never share an id.
    pub nonce: [u8; 32],
    /// 1..=16 keys that approve devices and never author.
    pub root_keys: Vec<PublicKey>,
    /// How many of them must approve.
    pub threshold: u8,
    /// The relay's key of epoch 0.
    pub relay_key: PublicKey,
    /// Counts as adopted before position 1.
    pub manifest: ManifestId,
}

impl Genesis {
    /// Reads and checks a genesis, every key included.
    pub fn decode(bytes: &[u8]) -> Result<Genesis, Unreadable> {
        match bytes.first() {
            None => return Err(Malformed::TooShort.into()),
            Some(&GENESIS_FORMAT) => {}
            Some(&other) => return Err(Unsupported::Format(other).into()),
        }
        let genesis: Genesis = decode_canonical(bytes, GENESIS_BYTES_MAX)?;
        genesis.check()?;
        Ok(genesis)
    }

    /// The canonical bytes.
    pub fn encode(&self) -> Vec<u8> {
        encode(self)
    }

    /// The id of the book that starts from here.
    pub fn book_id(&self) -> BookId {
        BookId(derive(Thing::BookId, &[&self.encode()]))
    }

    /// Admits every key, and checks that no key stands in two places and that the threshold can be met.
    pub fn check(&self) -> Result<(), Malformed> {
        let roots = u32::try_from(self.root_keys.len()).map_err(|_| Malformed::ListLength)?;
        if roots > ROOT_KEYS_MAX {
            return Err(Malformed::ListLength);
        }
        if self.threshold == 0 || u32::from(self.threshold) > roots {
            return Err(Malformed::Threshold);
        }
        let mut known = BTreeSet::new();
        for key in self.root_keys.iter().chain([&self.relay_key]) {
            let key = AdmittedKey::admit(*key).map_err(Malformed::Key)?;
            if !known.insert(key.montgomery()) {
                return Err(Malformed::KeyTwice);
            }
        }
        Ok(())
    }
}
