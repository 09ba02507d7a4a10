//! One content key, and the key of one body that is derived from it.

use alloc::vec::Vec;
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use core::fmt;
use daybook_log::content::{AAD_BYTES, pad};
use daybook_log::hash::{Thing, derive, derive_pair};
use daybook_log::{
    BodyFault, ContentEpoch, Draft, KeyCommitment, Malformed, OpsBody, SealedBody, Unreadable,
    Unsigned,
};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// The key of one content epoch. Its bytes are wiped when it is dropped, never printed, and not copied.
pub struct ContentKey(pub(super) Zeroizing<[u8; 32]>);

impl fmt::Debug for ContentKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContentKey(of {:?})", self.commitment())
    }
}

impl ContentKey {
    /// The key of 32 bytes, which the caller took from a source of chance.
    #[must_use]
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Self(Zeroizing::new(seed))
    }

    /// What is stored of it.
    pub(crate) fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// What the log declares of it: `derive("content-key-commitment", key)`.
    #[must_use]
    pub fn commitment(&self) -> KeyCommitment {
        KeyCommitment(derive(Thing::ContentKeyCommitment, &[self.0.as_slice()]))
    }

    /// An entry of ops, encrypted. The nonce is fresh chance for each call.
    ///
    /// # Errors
    /// [`Malformed::TooLong`] for a body above [`daybook_log::limits::CONTENT_BYTES_MAX`];
    /// [`Malformed::ContentEpoch`] for epoch 0.
    pub fn seal(
        &self,
        draft: &Draft,
        epoch: ContentEpoch,
        body: &OpsBody,
        nonce: [u8; 24],
    ) -> Result<Unsigned, Unreadable> {
        let padded = Zeroizing::new(pad(&Zeroizing::new(body.encode()?))?);
        let aad = draft.content_aad(epoch);
        let body_key = BodyKey::of(self, &aad);
        let ciphertext = body_key.encrypt(&nonce, &aad, &padded)?;
        let sealed = SealedBody::new(nonce, body_key.commitment, ciphertext)?;
        draft.sealed(epoch, &sealed)
    }

    /// The padded plaintext of an encrypted body.
    pub(super) fn decrypt(
        &self,
        aad: &[u8; AAD_BYTES],
        sealed: &SealedBody,
    ) -> Result<Zeroizing<Vec<u8>>, BodyFault> {
        let body_key = BodyKey::of(self, aad);
        body_key.open(
            sealed.commitment(),
            sealed.nonce(),
            aad,
            sealed.ciphertext(),
        )
    }
}

/// What is derived from a content key for one body: the key that encrypts it, and what the body says of that.
pub(super) struct BodyKey {
    pub(super) key: Zeroizing<[u8; 32]>,
    pub(super) commitment: [u8; 32],
}

impl BodyKey {
    /// 64 bytes of `derive("content-body", content key ‖ associated data)`: key, then commitment.
    pub(super) fn of(key: &ContentKey, aad: &[u8; AAD_BYTES]) -> BodyKey {
        let pair = derive_pair(Thing::ContentBody, &[key.0.as_slice(), aad]);
        let [key, commitment] = &*pair;
        BodyKey {
            key: Zeroizing::new(*key),
            commitment: *commitment,
        }
    }

    fn cipher(&self) -> XChaCha20Poly1305 {
        XChaCha20Poly1305::new(<&Key>::from(&*self.key))
    }

    pub(super) fn encrypt(
        &self,
        nonce: &[u8; 24],
        aad: &[u8],
        padded: &[u8],
    ) -> Result<Vec<u8>, Malformed> {
        let payload = Payload { msg: padded, aad };
        self.cipher()
            .encrypt(&XNonce::from(*nonce), payload)
            .map_err(|_| Malformed::SealedBody)
    }

    /// The commitment first, in constant time; only then the cipher.
    pub(super) fn open(
        &self,
        commitment: &[u8; 32],
        nonce: &[u8; 24],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BodyFault> {
        if bool::from(self.commitment.ct_ne(commitment)) {
            return Err(BodyFault::Commitment);
        }
        self.decrypt(nonce, aad, ciphertext)
    }

    /// What the cipher alone says. It does not commit to the key: [`BodyKey::open`] is the only caller.
    pub(super) fn decrypt(
        &self,
        nonce: &[u8; 24],
        aad: &[u8],
        ciphertext: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, BodyFault> {
        let payload = Payload {
            msg: ciphertext,
            aad,
        };
        self.cipher()
            .decrypt(&XNonce::from(*nonce), payload)
            .map(Zeroizing::new)
            .map_err(|_| BodyFault::Decryption)
    }
}
