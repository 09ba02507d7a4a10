//! Kind 2: an author goes on under new keys. The last entry of the old author key.

use crate::hash::{Thing, derive};
use crate::id::{AuthorId, BookId, KeyEpoch};
use crate::keys::{PublicKey, SealingPublic, SecretKey, Signature, Tag};
use serde::{Deserialize, Serialize};

/// What an author's keys will be. Request and sealing key may stay what they are; the author key may not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NewKeys {
    /// Signs entries.
    pub author_key: PublicKey,
    /// Signs requests.
    pub request_key: PublicKey,
    /// Receives what is sealed for the device.
    pub sealing_key: SealingPublic,
}

impl NewKeys {
    /// What the new author key and the request key sign to show that they are held.
    pub fn possession(&self, book: &BookId, author: &AuthorId, epoch: KeyEpoch) -> [u8; 32] {
        derive(
            Thing::KeyRotation,
            &[
                &book.0,
                &author.0,
                &epoch.0.to_le_bytes(),
                &self.author_key.0,
                &self.request_key.0,
                &self.sealing_key.0,
            ],
        )
    }
}

/// The payload. The new key epoch is the header's plus one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRotate {
    /// Signs entries from here on.
    pub author_key: PublicKey,
    /// Signs requests from here on.
    pub request_key: PublicKey,
    /// Receives what is sealed for the device from here on.
    pub sealing_key: SealingPublic,
    /// By the new author key, over [`NewKeys::possession`].
    pub pop_author: Signature,
    /// By the request key, over [`NewKeys::possession`].
    pub pop_request: Signature,
}

impl KeyRotate {
    /// Makes a payload that leads to `epoch`, with both proofs of possession.
    pub fn prove(
        (book, author, epoch): (&BookId, &AuthorId, KeyEpoch),
        author_key: &SecretKey,
        request_key: &SecretKey,
        sealing_key: SealingPublic,
    ) -> KeyRotate {
        let keys = NewKeys {
            author_key: author_key.public(),
            request_key: request_key.public(),
            sealing_key,
        };
        let possession = keys.possession(book, author, epoch);
        KeyRotate {
            author_key: keys.author_key,
            request_key: keys.request_key,
            sealing_key,
            pop_author: author_key.sign(Tag::PopAuthor, &possession),
            pop_request: request_key.sign(Tag::PopRequest, &possession),
        }
    }

    /// The keys alone.
    pub fn keys(&self) -> NewKeys {
        NewKeys {
            author_key: self.author_key,
            request_key: self.request_key,
            sealing_key: self.sealing_key,
        }
    }
}
