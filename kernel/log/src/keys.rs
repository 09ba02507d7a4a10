//! Ed25519 keys and signatures with one verifier, and X25519 public keys of the sealing role.
//!
//! A key is admitted once (canonical, not weak, torsion-free); after that, `verify_strict` and every other correct
//! verifier give one verdict. **Invariant:** nothing here verifies in batches.

use crate::id::id;
use core::fmt;
use curve25519_dalek::{edwards::CompressedEdwardsY, montgomery::MontgomeryPoint};
use ed25519_dalek::{Signer, SigningKey, VerifyingKey};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

id! {
    /// The 32 bytes of an Ed25519 public key, not yet admitted.
    PublicKey
}
id! {
    /// The 32 bytes of an X25519 public key, not yet admitted.
    SealingPublic
}

/// The 64 bytes of an Ed25519 signature. They enter no id.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "[[u8; 32]; 2]", into = "[[u8; 32]; 2]")]
pub struct Signature(pub [u8; 64]);

impl Signature {
    /// 64 zero bytes: stands where a signature will come, and verifies nothing.
    pub const ZERO: Self = Self([0; 64]);
}

impl From<[[u8; 32]; 2]> for Signature {
    fn from(halves: [[u8; 32]; 2]) -> Self {
        let mut out = [0; 64];
        for (to, from) in out.iter_mut().zip(halves.as_flattened()) {
            *to = *from;
        }
        Signature(out)
    }
}

impl From<Signature> for [[u8; 32]; 2] {
    fn from(signature: Signature) -> Self {
        let mut out = [[0; 32]; 2];
        for (to, from) in out.as_flattened_mut().iter_mut().zip(signature.0) {
            *to = from;
        }
        out
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        crate::id::write_hex(f, &self.0)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(")?;
        crate::id::write_hex(f, self.0.first_chunk::<4>().unwrap_or(&[0; 4]))?;
        f.write_str("…)")
    }
}

/// What a signature is for: the first 32 of the 64 signed bytes, so that no signature can be passed off as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tag {
    /// An entry, over its id.
    Entry,
    /// An author key's proof that its owner asks to join.
    PopAuthor,
    /// A request key's proof that its owner asks to join.
    PopRequest,
    /// A root key's approval of a device.
    Approval,
}

impl Tag {
    /// The tag's text, padded with zeros.
    pub fn bytes(self) -> [u8; 32] {
        let text: &[u8] = match self {
            Tag::Entry => b"daybook/v1/entry",
            Tag::PopAuthor => b"daybook/v1/pop-author",
            Tag::PopRequest => b"daybook/v1/pop-request",
            Tag::Approval => b"daybook/v1/approval",
        };
        let mut out = [0; 32];
        for (to, from) in out.iter_mut().zip(text) {
            *to = *from;
        }
        out
    }

    /// The 64 bytes that are signed.
    fn message(self, digest: &[u8; 32]) -> [u8; 64] {
        Signature::from([self.bytes(), *digest]).0
    }
}

/// Why a public key is not admitted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// Not a point of the curve.
    NotAPoint,
    /// Another encoding of the point is the canonical one.
    NotCanonical,
    /// A point of small order: its owner could sign everything at once.
    Weak,
    /// A point outside the prime-order group: correct verifiers would disagree.
    Torsion,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyFault::NotAPoint => "not a point of the curve",
            KeyFault::NotCanonical => "not the canonical encoding",
            KeyFault::Weak => "of small order",
            KeyFault::Torsion => "not torsion-free",
        })
    }
}

impl core::error::Error for KeyFault {}

/// The signature is not by this key over these bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unauthentic;

impl fmt::Display for Unauthentic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the signature does not verify")
    }
}

impl core::error::Error for Unauthentic {}

/// A public key that passed admission; only such a key verifies.
#[derive(Clone, PartialEq, Eq)]
pub struct AdmittedKey(VerifyingKey);

impl fmt::Debug for AdmittedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.public(), f)
    }
}

impl AdmittedKey {
    /// Admits a key once: a canonical encoding of a torsion-free point that is not weak.
    ///
    /// ```
    /// use daybook_log::keys::{AdmittedKey, KeyFault, PublicKey, SecretKey};
    /// assert!(AdmittedKey::admit(SecretKey::from_seed([7; 32]).public()).is_ok());
    /// assert_eq!(AdmittedKey::admit(PublicKey([0; 32])), Err(KeyFault::Weak));
    /// ```
    pub fn admit(key: PublicKey) -> Result<Self, KeyFault> {
        let point = CompressedEdwardsY(key.0)
            .decompress()
            .ok_or(KeyFault::NotAPoint)?;
        if point.compress().0 != key.0 {
            return Err(KeyFault::NotCanonical);
        }
        if point.is_small_order() {
            return Err(KeyFault::Weak);
        }
        if !point.is_torsion_free() {
            return Err(KeyFault::Torsion);
        }
        VerifyingKey::from_bytes(&key.0)
            .map(AdmittedKey)
            .map_err(|_| KeyFault::NotAPoint)
    }

    /// The key's 32 bytes.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.to_bytes())
    }

    /// Checks a signature over a tag and a digest, strictly.
    pub fn verify(
        &self,
        tag: Tag,
        digest: &[u8; 32],
        signature: &Signature,
    ) -> Result<(), Unauthentic> {
        self.verify_text(&tag.message(digest), signature)
    }

    /// Checks a signature over a text, strictly. Only keys of a role that signs texts are asked so: request
    /// keys, relay keys, cosigners' keys.
    pub fn verify_text(&self, text: &[u8], signature: &Signature) -> Result<(), Unauthentic> {
        let signature = ed25519_dalek::Signature::from_bytes(&signature.0);
        self.0
            .verify_strict(text, &signature)
            .map_err(|_| Unauthentic)
    }

    /// The X25519 form, by which a key is recognised in whatever role it turns up.
    pub(crate) fn montgomery(&self) -> [u8; 32] {
        self.0.to_montgomery().to_bytes()
    }
}

/// A key that signs. Its bytes are wiped when it is dropped and never printed.
pub struct SecretKey(SigningKey);

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretKey(of {:?})", self.public())
    }
}

impl SecretKey {
    /// The key of a 32-byte seed, which the caller took from a source of chance.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        let seed = Zeroizing::new(seed);
        SecretKey(SigningKey::from_bytes(&seed))
    }

    /// The public half.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    /// Signs a tag and a digest.
    pub fn sign(&self, tag: Tag, digest: &[u8; 32]) -> Signature {
        self.sign_text(&tag.message(digest))
    }

    /// Signs a text. Only for keys of a role that signs texts: request keys, relay keys, cosigners' keys.
    pub fn sign_text(&self, text: &[u8]) -> Signature {
        Signature(self.0.sign(text).to_bytes())
    }
}

/// A key that opens what was sealed for its owner. Its bytes are wiped when it is dropped and never printed.
pub struct SealingKey(Zeroizing<[u8; 32]>);

impl fmt::Debug for SealingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealingKey(of {:?})", self.public())
    }
}

impl SealingKey {
    /// The key of a 32-byte seed, which the caller took from a source of chance.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        SealingKey(Zeroizing::new(seed))
    }

    /// The 32 bytes, for the one cipher that agrees on a key with them. They are not to be copied.
    pub fn secret(&self) -> &[u8; 32] {
        &self.0
    }

    /// The X25519 public key.
    pub fn public(&self) -> SealingPublic {
        SealingPublic(MontgomeryPoint::mul_base_clamped(*self.0).to_bytes())
    }
}

impl SealingPublic {
    /// Checks that this is what an honest owner publishes: the canonical encoding of a torsion-free point of the curve
    /// itself (not of its twist) that is not weak.
    pub fn admit(&self) -> Result<(), KeyFault> {
        let point = MontgomeryPoint(self.0)
            .to_edwards(0)
            .ok_or(KeyFault::NotAPoint)?;
        if point.to_montgomery().to_bytes() != self.0 {
            return Err(KeyFault::NotCanonical);
        }
        if point.is_small_order() {
            return Err(KeyFault::Weak);
        }
        if !point.is_torsion_free() {
            return Err(KeyFault::Torsion);
        }
        Ok(())
    }
}
